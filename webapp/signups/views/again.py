"""For a centre: sign the same people up for another event, by ticks among those it signed up before."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.idempotency import Attempt, claim, store_answer
from webapp.core.terms import term
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.people.domain import mask_phone
from webapp.signups.domain.rows import Named
from webapp.signups.forms.centres import AgainForm
from webapp.signups.queries import centres as queries
from webapp.signups.queries.centres import AT_MOST, Elder, Room, Standing
from webapp.signups.service.many import sign_up_many as make_many
from webapp.signups.views import blueprint
from webapp.signups.views.manage import session_for
from webapp.signups.views.many import audience_places, caller


@dataclass(frozen=True)
class Look:
    """What will become of those ticked, said before anything is done."""

    elders: Sequence[Elder]
    standing: dict[str, Standing]
    room: Room

    @property
    def new(self) -> list[Elder]:
        """Those not signed up yet."""
        return [one for one in self.elders if not self.standing[one.person_id].is_in]

    @property
    def without_guardian(self) -> list[Elder]:
        """Minors for whom nobody agreed: they are signed up singly, with a guardian."""
        return [one for one in self.new if self.standing[one.person_id].needs_guardian]

    @property
    def asks_both(self) -> bool:
        """Whether somebody has something else at that hour."""
        return any(self.standing[one.person_id].is_busy for one in self.new)

    @property
    def waiting(self) -> int:
        """How many will wait."""
        return self.room.waiting(len(self.new))


@blueprint.route("/manage/sessions/<session_id>/sign-up-again", methods=["GET", "POST"])
@allowed(Permission.SIGN_UP_OTHERS)
def sign_up_again(session_id: str) -> Any:
    """Tick, look at what will become of it, send. Ticks stay while one looks for others by name."""
    by, form, status = the_person().id, AgainForm(), 200
    places = audience_places(session_id, by)
    form.position.choices = [(one.id, term(one.name)) for one in places]
    if len(places) == 1:
        form.position.data = places[0].id
    ticked = queries.elders_by_id(_centres(by), request.form.getlist("people")[:AT_MOST])
    step = request.form.get("step", "find")
    look = _look(form, places, ticked, by) if step != "find" and ticked else None
    if form.is_submitted() and step != "find":
        key, status = _work(form, look, by, is_sent=step == "send")
        if key is not None:
            return redirect(url_for("signups.show_many", session_id=session_id, key=key), 303)
    return _page(session_id, form, ticked, look), status


def _centres(by: str) -> list[str]:
    return [one.id for one in queries.centres_of(by)]


def _page(session_id: str, form: AgainForm, ticked: Sequence[Elder], look: Look | None) -> str:
    by, chosen = the_person().id, {one.person_id for one in ticked}
    found, count = queries.list_elders(_centres(by), q=(form.q.data or "").strip(), size=AT_MOST)
    return render_template(
        "signups/sign_up_again.html",
        form=form,
        event_session=session_for(session_id),
        positions=audience_places(session_id, by),
        ticked=ticked,
        others=[one for one in found if one.person_id not in chosen],
        count=count,
        most=AT_MOST,
        look=look,
        mask_phone=mask_phone,
    )


def _look(form: AgainForm, places: Sequence[Position], ticked: Sequence[Elder], by: str) -> Look | None:
    position = next((one for one in places if one.id == form.position.data), None)
    if position is None:
        return None
    return Look(ticked, queries.standings(position, ticked, _centres(by)), queries.room_at(position))


def _work(form: AgainForm, look: Look | None, by: str, *, is_sent: bool) -> tuple[str | None, int]:
    """The key of the result once people are signed up, and the status of the page until then."""
    if not form.validate():
        return None, 422
    if look is None:
        form.q.errors = [_("还没有勾选人。")]
        return None, 422
    if not is_sent:
        return None, 200
    if not form.consent.data:
        form.consent.errors = [_("请先征得每个人同意，再打勾。")]
        return None, 422
    if look.without_guardian:
        names = "、".join(one.name for one in look.without_guardian)
        form.q.errors = [
            _("%(names)s不满 18 岁，还没有监护人同意，请去掉这几位，用“代报名”单独报。", names=names)
        ]
        return None, 422
    try:
        return _make(form, look, by), 303
    except Refusal as refusal:
        show_on_form(form, refusal)
        return None, status_of(refusal)


def _make(form: AgainForm, look: Look, by: str) -> str:
    """Sign them up; the same form sent again gets the first result. Returns the result's key."""
    position_id, people = (
        str(form.position.data),
        [_named(one, look.standing[one.person_id]) for one in look.elders],
    )
    given = [form.nonce.data or "", position_id, *(str(one.person_id) for one in people)]
    key = hashlib.sha256("\n".join(given).encode()).hexdigest()
    attempt = Attempt(caller(by), key, key)
    with transaction():
        if claim(attempt) is None:
            made = make_many(position_id, people, by=by, both=bool(form.both.data))
            store_answer(attempt, 201, asdict(made))
    return key


def _named(one: Elder, standing: Standing) -> Named:
    """As for a list: with the guardian who agreed before, asked again by word of mouth; the age is known."""
    guardian, number = standing.guardian or ("", None)
    return Named(one.name, one.phone, guardian_name=guardian, guardian_phone=number, person_id=one.person_id)
