"""Organisers at the door without a phone: names ticked at once, or later from the sheet that was signed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.attendance import queries
from webapp.attendance.domain import LATE, SCANNERS, sentence_for
from webapp.attendance.domain.doors import LeftBeforeComing, NotTaken, Taken, Ticks
from webapp.attendance.forms import TicksForm
from webapp.attendance.queries import RosterRow
from webapp.attendance.service import ticks as ticking
from webapp.attendance.views import blueprint
from webapp.core import choosing, clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import new_id, transaction
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.pinyin import initials
from webapp.events import queries as events
from webapp.events.models import EventSession
from webapp.people.domain import PHONE_TAIL
from webapp.signups.domain import SignupStatus
from webapp.signups.queries import RosterLine
from webapp.signups.queries import roster as signed_up
from webapp.signups.queries.finding import SOUGHT_LIMIT, Sought, folded

SHEET = "sheet"
NAMES_SHOWN = 50  # on one page
COLUMNS = ("came", "left")


@dataclass(frozen=True)
class Name:
    """A line of the page, numbered as on the printed sheet."""

    number: int
    line: RosterLine
    at_door: RosterRow | None

    def is_sought(self, sought: Sought) -> bool:
        """Whether this is whom somebody looks for."""
        line = self.line
        return sought.finds(name=line.name, phone=line.phone, short_code=line.short_code, number=self.number)

    @property
    def by_what(self) -> str:
        """All by which the page's script finds them."""
        line, tail = self.line, (self.line.phone or "")[-PHONE_TAIL:]
        return " ".join(
            [str(self.number), line.name, folded(line.name), *initials(line.name), line.short_code, tail]
        )

    @property
    def has_come(self) -> bool:
        """Whether they are in, or were."""
        return self.at_door is not None and self.at_door.in_at is not None

    def may_be(self, column: str) -> bool:
        """Whether there is a box for them in the column."""
        if column == "came":
            return not self.has_come
        return self.at_door is None or self.at_door.out_at is None


@blueprint.route("/manage/sessions/<session_id>/ticks", methods=["GET", "POST"])
@allowed(*SCANNERS)
def tick_names(session_id: str) -> Any:
    """Tick several names, in or out; `?from=sheet` enters what people signed on paper."""
    person = the_person()
    session = events.get_session_for(person.id, session_id, *SCANNERS)
    form, from_sheet = TicksForm(), request.args.get("from") == SHEET
    if request.method == "GET":
        _begin(form, session, from_sheet=from_sheet)
        return _names_page(form, session_id, from_sheet=from_sheet)
    if choosing.only_looks():
        return _names_page(form, session_id, from_sheet=from_sheet)
    status = 422
    if form.validate_on_submit():
        try:
            with transaction():
                taken = ticking.tick(session_id, _ticks(form, from_sheet=from_sheet), by=person.id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            _tell(taken)
            return _go_on(form, session_id, from_sheet=from_sheet)
    return _names_page(form, session_id, from_sheet=from_sheet), status


def _begin(form: TicksForm, session: EventSession, *, from_sheet: bool) -> None:
    """A page to fill in: of a sheet without times it is known when the session was."""
    form.nonce.data = new_id()
    if from_sheet:
        form.came_at.process_data(session.starts_at)
        form.left_at.process_data(session.ends_at)


def _at_once() -> tuple[str, str]:
    """The column and the id of the one person whose own button was pressed; empty where it was that for all ticked."""
    column, _colon, signup = request.form.get("now", "").partition(":")
    return (column, signup) if column in COLUMNS else ("", "")


def _ticks(form: TicksForm, *, from_sheet: bool) -> Ticks:
    column, one = _at_once()
    if column:
        form[column].data = [one]
        form["left" if column == "came" else "came"].data = []
    return Ticks(
        came=form.ticked("came"),
        left=form.ticked("left"),
        came_at=form.came_at.moment,
        left_at=form.left_at.moment,
        nonce=form.nonce.data or new_id(),
        from_sheet=from_sheet,
    )


def _go_on(form: TicksForm, session_id: str, *, from_sheet: bool) -> Any:
    """To the next person, with an empty search; where others are still ticked, with their ticks."""
    column, one = _at_once()
    for name in COLUMNS:
        sent = request.form.getlist(name) if column else []
        form[name].data = [other for other in sent if (name, other) != (column, one)]
    if not any(form.ticked(name) for name in COLUMNS):
        page = None if choosing.asked("q") else choosing.asked("page") or None
        here: dict[str, Any] = {
            "position": choosing.asked("position") or None,
            "page": page,
            **_from(from_sheet),
        }
        return redirect(url_for("attendance.tick_names", session_id=session_id, **here), 303)
    form.nonce.data = new_id()
    return _names_page(form, session_id, q="", from_sheet=from_sheet)


def _names_page(form: TicksForm, session_id: str, *, from_sheet: bool, q: str | None = None) -> str:
    session = events.get_session(session_id)
    everybody = _names(session_id)
    positions = {one.line.position_id: one.line.position for one in everybody}
    chosen, sought = choosing.asked("position"), Sought(choosing.wanted(SOUGHT_LIMIT) if q is None else q)
    found = [one for one in everybody if one.is_sought(sought)]
    if chosen in positions:
        found = [one for one in found if one.line.position_id == chosen]
    _tick_everybody(form, found)
    return render_template(
        "attendance/tick_names.html",
        form=form,
        session=session,
        part=choosing.part_of(found, everybody, ticked=_is_ticked(form), q=sought.text, size=NAMES_SHOWN),
        ticked={name: set(form.ticked(name)) for name in COLUMNS},
        action=url_for("attendance.tick_names", session_id=session_id, **_from(from_sheet)),
        positions=positions,
        chosen=chosen if chosen in positions else "",
        from_sheet=from_sheet,
        is_over=clock.now() >= session.ends_at,
        doors_closed=clock.now() >= session.ends_at + LATE,
    )


def _is_ticked(form: TicksForm) -> Callable[[Name], bool]:
    ticked = {name: set(form.ticked(name)) for name in COLUMNS}
    return lambda one: any(one.may_be(name) and one.line.signup_id in ticked[name] for name in COLUMNS)


def _tick_everybody(form: TicksForm, found: Sequence[Name]) -> None:
    """Where that was asked for: everybody found, who is not in yet."""
    if choosing.ticks_everybody():
        came = [one.line.signup_id for one in found if one.may_be("came")]
        form.came.data = list(dict.fromkeys([*form.ticked("came"), *came]))


def _from(from_sheet: bool) -> dict[str, Any]:
    return {"from": SHEET} if from_sheet else {}


def _names(session_id: str) -> list[Name]:
    """Those with a place, in the order of the printed sheet."""
    at_door = {row.signup: row for row in queries.roster(session_id)}
    lines = [line for line in signed_up(session_id) if line.status == SignupStatus.CONFIRMED]
    return [Name(number, line, at_door.get(line.signup_id)) for number, line in enumerate(lines, 1)]


def _tell(taken: Taken) -> None:
    if taken.came or taken.left:
        flash(_("已登记：签到 %(came)s 人，签退 %(left)s 人。", came=taken.came, left=taken.left), "success")
    if taken.not_taken:
        who = _("；").join(_why(taken.not_taken))
        flash(_("有 %(n)s 人没有登记：%(who)s。", n=len(taken.not_taken), who=who), "warning")
    if not (taken.came or taken.left or taken.not_taken):
        flash(_("这一页刚才已经登记过了，没有重复登记。"), "info")


def _why(not_taken: Sequence[NotTaken]) -> list[str]:
    def sentence(one: NotTaken) -> str:
        marked = sentence_for(one.outcome, one.lacks, one.state) if one.outcome else LeftBeforeComing.sentence
        return _(marked).rstrip("。.")

    return [_("%(name)s（%(why)s）", name=one.display_name, why=sentence(one)) for one in not_taken]
