"""Reads of hand-overs: whom one may ask, how one stands, which wait for an answer."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from webapp.core import clock
from webapp.core.db import get_row, session
from webapp.core.errors import NotFound
from webapp.core.listing import Named, named
from webapp.core.spelling import name_key
from webapp.events.models import EventSession
from webapp.people.domain import BadName, mask_phone, normal_name
from webapp.people.models import Account, Person
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.models import HandOver, Signup
from webapp.signups.queries import get_with_session
from webapp.volunteers.domain import MemberState
from webapp.volunteers.models import Team, TeamMembership


@dataclass(frozen=True)
class Teammate:
    """Someone in a team of one's own; one who asks them to take a shift must know which 张 it is."""

    person_id: str
    name: str
    phone: str | None
    team: str

    @property
    def label(self) -> str:
        """张小明 138****5678（示例服务队）."""
        return f"{self.name} {mask_phone(self.phone)}（{self.team}）"

    @property
    def words(self) -> Named:
        """All they are found by among the members of large teams."""
        return named(self.name, self.team, phone=self.phone)


def teammates(person_id: str) -> list[Teammate]:
    """Members, with an account, of the teams the person is in or leads; each once. One statement."""
    own, other = aliased(TeamMembership), aliased(TeamMembership)
    mine = select(own.team_id).where(own.person_id == person_id, own.state == MemberState.MEMBER)
    rows = session().execute(
        select(Person.id, Person.name, Person.phone, Account.phone.label("account_phone"), Team.name)
        .join(other, other.person_id == Person.id)
        .join(Team, Team.id == other.team_id)
        .join(Account, Account.person_id == Person.id)
        .where(
            other.state == MemberState.MEMBER,
            Team.closed_at.is_(None),
            or_(Team.id.in_(mine), Team.leader_id == person_id),
            Person.id != person_id,
            Person.closed_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .order_by(Team.name, Person.id)
    )
    found: dict[str, Teammate] = {}
    for one_id, name, phone, account_phone, team in rows:
        found.setdefault(one_id, Teammate(one_id, name, phone or account_phone, team))
    return list(found.values())


def find_volunteer(*, name: str, phone: str | None) -> str | None:
    """Id of the person with an account whose name and telephone (E.164) are both these, else None."""
    try:
        wanted = name_key(normal_name(name))
    except BadName:
        return None
    if phone is None:
        return None
    return session().scalar(
        select(Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(
            Person.name_key == wanted,
            or_(Person.phone == phone, Account.phone == phone),
            Person.closed_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .order_by(Person.id)
        .limit(1)
    )


def last_hand_over(signup_id: str) -> HandOver | None:
    """The newest hand-over of a shift, whatever became of it."""
    wanted = select(HandOver).where(HandOver.signup_id == signup_id)
    return session().scalar(wanted.order_by(HandOver.asked_at.desc(), HandOver.id.desc()).limit(1))


@dataclass(frozen=True)
class Asked:
    """A hand-over with its shift and both names."""

    hand_over: HandOver
    signup: Signup  # as the first one has it
    giver: str
    taker: str

    @property
    def is_open(self) -> bool:
        """Whether an answer still counts."""
        starts_at = self.signup.position.session.starts_at
        return self.hand_over.state == HandOverState.ASKED and clock.now() < starts_at


def get_hand_over(person_id: str, hand_over_id: str) -> Asked:
    """A hand-over this person asked for or is asked to take; raises NotFound."""
    found = get_row(HandOver, hand_over_id)
    if person_id not in {found.from_person_id, found.to_person_id}:
        raise NotFound
    giver, taker = get_row(Person, found.from_person_id).name, get_row(Person, found.to_person_id).name
    return Asked(found, get_with_session(found.signup_id), giver, taker)


def hand_overs_to(person_id: str) -> list[str]:
    """Ids of open hand-overs of coming shifts that wait for this person's answer, the soonest first."""
    return list(
        session().scalars(
            select(HandOver.id)
            .join(Signup, Signup.id == HandOver.signup_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .where(
                HandOver.to_person_id == person_id,
                HandOver.state == HandOverState.ASKED,
                EventSession.starts_at > clock.now(),
            )
            .order_by(EventSession.starts_at, HandOver.id)
        )
    )
