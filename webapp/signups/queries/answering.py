"""What a message asks, as its page shows it: signed link in, question out."""

from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from webapp.core import clock
from webapp.core.db import get_row, session
from webapp.core.errors import NotFound
from webapp.core.i18n import format_range
from webapp.events.models import Position
from webapp.people.models import Person
from webapp.people.queries import account_of
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.domain.standing import STATE_SENTENCES, State
from webapp.signups.domain.telling import Ask
from webapp.signups.models import Called, CallOut, Signup
from webapp.signups.queries import get_with_session, guest_token, is_open, living_signup
from webapp.signups.queries.asking import clashes_of, read_answer_token, seen_of
from webapp.signups.queries.handing import get_hand_over
from webapp.signups.queries.standing import standing_of


@dataclass(frozen=True)
class Question:
    """One question to one person."""

    ask: Ask
    subject_id: str
    person: Person
    position: Position
    heading: str
    said: str  # what it is about, or what became of it
    choices: list[tuple[str, str]] = field(default_factory=list)  # none: there is nothing to answer any more
    others: list[Signup] = field(default_factory=list)  # shifts that overlap this one
    has_risk: bool = False
    page: tuple[str, str] | None = None  # of the person's sign-up: endpoint and its argument

    @property
    def seen(self) -> str:
        """What the page shows of the other shifts."""
        return seen_of(self.others)


def question_of(token: str) -> Question:
    """What the link asks now; raises NotFound for a link we did not write, and for who closed their account."""
    ask, subject_id, person_id = read_answer_token(token)
    person = session().get(Person, person_id)
    if person is None or person.closed_at is not None:
        raise NotFound
    return _READERS[ask](subject_id, person)


def _own(signup_id: str, person: Person) -> Signup:
    found = get_with_session(signup_id)
    if found.person_id != person.id:
        raise NotFound
    return found


def _page_of(signup: Signup) -> tuple[str, str]:
    if account_of(signup.person_id) is not None:
        return "pages.show_pass", signup.id
    return "signups.show_signup", guest_token(signup.id)


def _offer(signup_id: str, person: Person) -> Question:
    signup = _own(signup_id, person)
    state = standing_of(signup).state
    stands = state == State.OFFERED
    said = {
        State.CONFIRMED: _("您已确认参加，名额是您的了。"),
        State.CANCELLED: _("名额已经让给了后面的人。"),
        State.WAITLISTED: _("您还在候补里。"),
        State.OFFER_OVER: _("确认的时间已经过了，名额让出去了。还想参加，可以再报一次名。"),
    }.get(state) or _(STATE_SENTENCES[state])
    return Question(
        Ask.OFFER,
        signup_id,
        person,
        signup.position,
        _("有空位了，请您确认") if stands else _("您的答复"),
        "" if stands else said,
        [("yes", _("我参加，名额给我")), ("no", _("我不去了，让给后面的人"))] if stands else [],
        page=_page_of(signup),
    )


def _hand_over(hand_over_id: str, person: Person) -> Question:
    found = get_hand_over(person.id, hand_over_id)
    one, held = found.hand_over, found.signup.position.session
    if one.to_person_id != person.id:
        raise NotFound
    said = {
        HandOverState.ACCEPTED: _("您接手了这个岗位，请按时到场。"),
        HandOverState.DECLINED: _("您说了来不了，谢谢答复。"),
        HandOverState.WITHDRAWN: _("对方已经收回，或岗位已经取消，不用答复了。"),
    }.get(HandOverState(one.state), _("这个岗位已经开始，不能再转交。"))
    asks = _("%(name)s去不了这个岗位，想请您接手。您答应之前，岗位仍是对方的。", name=found.giver)
    note = _("附言：%(note)s", note=one.note) if one.note else ""
    return Question(
        Ask.HAND_OVER,
        hand_over_id,
        person,
        found.signup.position,
        _("请您接手"),
        f"{asks}{note}" if found.is_open else said,
        [("yes", _("我来接手")), ("no", _("我来不了"))] if found.is_open else [],
        has_risk=bool(held.event.risk_statement),
        page=("pages.show_pass", one.new_signup_id) if one.new_signup_id else None,
    )


def _choose(signup_id: str, person: Person) -> Question:
    signup = _own(signup_id, person)
    others = clashes_of(signup_id)
    held = signup.position.session
    names = _("、").join(_("“%(title)s”", title=one.position.session.event.title) for one in others)
    when = format_range(held.starts_at, held.ends_at)
    choices = [
        ("this", _("留下“%(title)s”（%(when)s），另一个给别人", title=held.event.title, when=when)),
        ("others", _("留下%(names)s，这一班给别人", names=names)),
    ]
    kept = _("这一班是您的，时间不重叠了，不用再选。")
    gone = _("这一班已经不是您的了，不用再选。")
    return Question(
        Ask.CHOOSE,
        signup_id,
        person,
        signup.position,
        _("两个岗位时间重叠，请选一个") if others else _("您的答复"),
        _("时间改了以后，和您另一个岗位重叠了。两个都给您留着，等您来选。")
        if others
        else (kept if signup.holds_place else gone),
        choices if others else [],
        others,
        page=_page_of(signup),
    )


def _call(call_out_id: str, person: Person) -> Question:
    call = get_row(CallOut, call_out_id)
    called = session().scalar(
        select(Called).where(Called.call_out_id == call_out_id, Called.person_id == person.id)
    )
    if called is None:
        raise NotFound
    position = get_row(Position, call.position_id)
    own = living_signup(position.id, person.id)
    is_on = own is None and called.declined_at is None and is_open(position, clock.now())
    if own is not None:
        said = _("您已经报上名了，谢谢！")
    elif called.declined_at is not None:
        said = _("您说了来不了，谢谢答复。")
    else:
        said = _("这个岗位的报名已经结束，谢谢您。")
    note = _("组织者说：%(note)s", note=call.note) if call.note else ""
    return Question(
        Ask.CALL,
        call_out_id,
        person,
        position,
        _("缺人手，请您来帮忙"),
        note if is_on else said,
        [("yes", _("我来")), ("no", _("我来不了"))] if is_on else [],
        has_risk=bool(position.session.event.risk_statement),
        page=_page_of(own) if own is not None else None,
    )


_READERS = {Ask.OFFER: _offer, Ask.HAND_OVER: _hand_over, Ask.CHOOSE: _choose, Ask.CALL: _call}
