"""What came of several sessions, each in one line: who came by which proof, heads counted, photos taken."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, func, select

from webapp.attendance.domain import Grade
from webapp.attendance.domain.counting import ADDING
from webapp.attendance.models import Attendance, EvidencePhoto, HeadCount
from webapp.core.db import session
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup


@dataclass(frozen=True)
class Outcome:
    """What is known of who was there."""

    expected: int = 0  # confirmed
    missing: int = 0  # confirmed and not come
    scanned: int = 0
    ticked: int = 0
    heads: int = 0
    photos: int = 0

    @property
    def came(self) -> int:
        """Named people who came, by the rule that adds them."""
        return ADDING.total({Grade.SCAN: self.scanned, Grade.ROSTER: self.ticked})

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            *(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__),
        )


def outcomes(session_ids: Collection[str]) -> dict[str, Outcome]:
    """By session; three statements, however many."""
    confirmed = (Signup.status == SignupStatus.CONFIRMED) & Signup.counts_with_id.is_(None)
    people = session().execute(
        select(
            Signup.session_id,
            func.count(case((confirmed, 1))),
            func.count(case((confirmed & Attendance.id.is_(None), 1))),
            func.count(case((Attendance.grade == Grade.SCAN, 1))),
            func.count(case((Attendance.grade == Grade.ROSTER, 1))),
        )
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(Signup.session_id.in_(session_ids))
        .group_by(Signup.session_id)
    )
    counted = {
        one: (expected, missing, scanned, ticked) for one, expected, missing, scanned, ticked in people
    }
    heads = session().execute(
        select(HeadCount.session_id, func.sum(HeadCount.count))
        .where(HeadCount.session_id.in_(session_ids), HeadCount.annulled_at.is_(None))
        .group_by(HeadCount.session_id)
    )
    headed = {one: int(number) for one, number in heads}
    photos = session().execute(
        select(EvidencePhoto.session_id, func.count())
        .where(EvidencePhoto.session_id.in_(session_ids), EvidencePhoto.removed_at.is_(None))
        .group_by(EvidencePhoto.session_id)
    )
    pictured = {one: int(number) for one, number in photos}
    return {
        one: Outcome(*counted.get(one, (0, 0, 0, 0)), headed.get(one, 0), pictured.get(one, 0))
        for one in session_ids
    }
