"""Organisers at the door without a phone: names ticked at once, a signed sheet entered later, everyone out."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.attendance import queries
from webapp.attendance.domain import LATE, SCANNERS, Outcome, sentence_for
from webapp.attendance.domain.arrivals import Arrival, SomeoneSoNamed
from webapp.attendance.domain.doors import LeftBeforeComing, NotTaken, Taken, Ticks
from webapp.attendance.domain.phones import WALK_IN_NAME_LIMIT
from webapp.attendance.forms import TicksForm, WalkInForm
from webapp.attendance.queries import RosterRow
from webapp.attendance.queries.board import inside, last_sweep
from webapp.attendance.queries.devices import check_may_scan, the_scanner
from webapp.attendance.queries.namesakes import Namesake, namesakes
from webapp.attendance.service import leaving
from webapp.attendance.service import ticks as ticking
from webapp.attendance.service.arriving import Arrived, admit
from webapp.attendance.views import blueprint
from webapp.core import clock
from webapp.core.auth import allowed, scanner, the_person
from webapp.core.db import new_id, transaction
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.pinyin import initials
from webapp.events import queries as events
from webapp.events.domain import PositionKind
from webapp.events.models import EventSession
from webapp.people.domain import PHONE_TAIL
from webapp.signups.domain import AlreadySignedUp, SignupStatus
from webapp.signups.domain.passes import show_short_code
from webapp.signups.queries import RosterLine
from webapp.signups.queries import roster as signed_up
from webapp.signups.queries.finding import Sought, folded

SHEET = "sheet"
NAMES_SHOWN = 200  # on one page


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


@blueprint.route("/manage/sessions/<session_id>/ticks", methods=["GET", "POST"])
@allowed(*SCANNERS)
def tick_names(session_id: str) -> Any:
    """Tick several names, in or out; `?from=sheet` enters what people signed on paper."""
    person = the_person()
    session = events.get_session_for(person.id, session_id, *SCANNERS)
    form, from_sheet = TicksForm(), request.args.get("from") == SHEET
    if request.method == "GET":
        _begin(form, session, from_sheet=from_sheet)
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            with transaction():
                taken = ticking.tick(session_id, _ticks(form, from_sheet=from_sheet), by=person.id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            _tell(taken)
            return redirect(_address(session_id)(), 303)
    return _names_page(form, session_id, from_sheet=from_sheet), status


def _begin(form: TicksForm, session: EventSession, *, from_sheet: bool) -> None:
    """A page to fill in: of a sheet without times it is known when the session was."""
    form.nonce.data = new_id()
    if from_sheet:
        form.came_at.process_data(session.starts_at)
        form.left_at.process_data(session.ends_at)


def _ticks(form: TicksForm, *, from_sheet: bool) -> Ticks:
    return Ticks(
        came=form.ticked("came"),
        left=form.ticked("left"),
        came_at=form.came_at.moment,
        left_at=form.left_at.moment,
        nonce=form.nonce.data or new_id(),
        from_sheet=from_sheet,
    )


def _names_page(form: TicksForm, session_id: str, *, from_sheet: bool) -> str:
    session = events.get_session(session_id)
    names = _names(session_id)
    positions = {one.line.position_id: one.line.position for one in names}
    chosen, sought = request.args.get("position", ""), Sought(request.args.get("q", ""))
    if chosen in positions:
        names = [one for one in names if one.line.position_id == chosen]
    names = [one for one in names if one.is_sought(sought)]
    last = max(1, -(-len(names) // NAMES_SHOWN))
    number = min(max(1, request.args.get("page", 1, int)), last)
    return render_template(
        "attendance/tick_names.html",
        form=form,
        session=session,
        names=names[(number - 1) * NAMES_SHOWN : number * NAMES_SHOWN],
        number=number,
        last=last,
        address=_address(session_id),
        q=sought.text,
        positions=positions,
        chosen=chosen if chosen in positions else "",
        from_sheet=from_sheet,
        is_over=clock.now() >= session.ends_at,
        doors_closed=clock.now() >= session.ends_at + LATE,
    )


def _address(session_id: str) -> Callable[..., str]:
    """Addresses of this page with something changed."""
    kept = {name: request.args[name] for name in ("from", "position", "page", "q") if name in request.args}

    def address(**changed: Any) -> str:
        values = {name: value for name, value in (kept | changed).items() if value}
        return url_for("attendance.tick_names", session_id=session_id, **values)

    return address


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


@blueprint.route("/manage/sessions/<session_id>/walk-in", methods=["GET", "POST"])
@allowed(*SCANNERS)
def add_walk_in(session_id: str) -> Any:
    """Someone came who had not signed up: with a name a free place, without one head."""
    person = the_person()
    session = events.get_session_for(person.id, session_id, *SCANNERS)
    form, status, alike = WalkInForm(), 422 if request.method == "POST" else 200, list[Namesake]()
    if request.method == "GET":
        form.name.data = request.args.get("name", "")[:WALK_IN_NAME_LIMIT]  # whom one looked for in vain
    seats = [one for one in session.positions if one.kind == PositionKind.AUDIENCE]
    form.offer(seats)
    if form.validate_on_submit():
        try:
            with transaction():
                arrived = admit(session_id, _arrival(form), by=person.id)
        except Refusal as refusal:
            form.refused(refusal)
            show_on_form(form, refusal)
            status, alike = status_of(refusal), _alike(session_id, form, refusal)
        else:
            _welcome(arrived)
            return redirect(url_for("attendance.add_walk_in", session_id=session_id), 303)
    form.nonce.data = form.nonce.data or new_id()
    is_closed = clock.now() >= session.ends_at + LATE
    shown = {"form": form, "session": session, "is_closed": is_closed, "positions": bool(seats)}
    return render_template("attendance/add_walk_in.html", alike=alike, **shown), status


def _alike(session_id: str, form: WalkInForm, refusal: Refusal) -> list[Namesake]:
    """Those of the list who are called like that, where that is what is asked."""
    is_asked = isinstance(refusal, SomeoneSoNamed | AlreadySignedUp)
    return namesakes(session_id, form.name.data or "") if is_asked else []


def _arrival(form: WalkInForm) -> Arrival:
    return Arrival(
        name=(form.name.data or "").strip(),
        phone=form.phone.normal,
        position_id=form.position.data or "",
        nonce=form.nonce.data or new_id(),
        given=form.given(),
        sure=request.form.get("sure") == "1",  # the button beside those of that name
    )


def _welcome(arrived: Arrived) -> None:
    if not arrived.is_new:
        flash(_("这一页刚才已经登记过了，没有重复登记。"), "info")
    elif arrived.signup_id is None:
        flash(_("已记一个人头。"), "success")
    elif arrived.outcome == Outcome.ACCEPTED:
        code = show_short_code(arrived.short_code)
        flash(_("已报名并签到，报名码 %(code)s。", code=code), "success")
    else:
        flash(
            _("已报名，没有签到：%(why)s", why=_(sentence_for(arrived.outcome, state=arrived.state))),
            "warning",
        )


@blueprint.route("/manage/sessions/<session_id>/check-out", methods=["GET", "POST"])
@allowed(*SCANNERS)
def check_out_everyone(session_id: str) -> Any:
    """Say who has not been checked out, and check them all out with one button."""
    person = the_person()
    session = events.get_session_for(person.id, session_id, *SCANNERS)
    if request.method == "POST":
        with transaction():
            count = leaving.check_out_all(session_id, by=person.id)
        if count:
            flash(_("%(n)s 人已全部签退。", n=count), "success")
        else:
            flash(_("没有人要签退。"), "info")
        return redirect(url_for("pages.session_sheet", session_id=session_id), 303)
    shown = {"people": inside(session_id), "sweep": last_sweep(session_id)}
    return render_template("attendance/check_out_everyone.html", session=session, **shown)


@blueprint.post("/manage/sessions/<session_id>/check-out/undo")
@allowed(*SCANNERS)
def undo_check_out(session_id: str) -> Any:
    """The button was pressed too early: those it checked out are inside again."""
    person = the_person()
    events.check_session_access(person.id, session_id, *SCANNERS)
    with transaction():
        count = leaving.take_back_sweep(session_id, by=person.id)
    if count:
        flash(_("已撤回，%(n)s 人又算在场。", n=count), "success")
    else:
        flash(_("没有可以撤回的：已经撤回过，或者超过了 15 分钟。"), "info")
    return redirect(url_for("attendance.check_out_everyone", session_id=session_id), 303)


@blueprint.post("/scan/<session_id>/check-out")
@scanner(*SCANNERS)
def scan_check_out_everyone(session_id: str) -> Any:
    """The same for the scanner, as JSON: how many left, and how the session stands now."""
    who = the_scanner()
    check_may_scan(who, session_id)
    with transaction():
        count = leaving.check_out_all(session_id, by=who.person_id)
    return jsonify(left=count, counts=asdict(queries.session_counts(session_id)))
