"""People who come along: signed up together, each with their own pass, and taken back together or alone."""

from collections.abc import Sequence

from webapp.core import audit
from webapp.people import service as people
from webapp.people.queries import get_person
from webapp.signups.domain import (
    LIVING,
    AlreadySignedUp,
    PositionFull,
    SignupExtra,
)
from webapp.signups.domain.giving import (
    Companion,
    CompanionSignedUp,
    Given,
    NobodyComesAlong,
    NotEnoughPlaces,
    NotWithYou,
    adult_of,
    check_party,
)
from webapp.signups.domain.presence import HasPlaceHere, SameHour, SameHourForNamed
from webapp.signups.models import Signup
from webapp.signups.queries import get_with_session
from webapp.signups.queries.companions import living_companions_of, may_bring, party_ids
from webapp.signups.service.leaving import cancel_signup
from webapp.signups.service.minors import vouched_by
from webapp.signups.service.places import lock_positions
from webapp.signups.service.taking import sign_up_seeing
from webapp.volunteers.domain import needs_guardian


def find_party(names: Sequence[str], phone: str | None) -> dict[str, str]:
    """Name → person id on this telephone, made where not yet known.

    In the order of the names, so that two who make the same family at once do not wait for each other; and before
    any place is locked.
    """
    return {name: people.find_or_make_person(name=name, phone=phone).id for name in sorted(set(names))}


def bring_along(
    main: Signup, companions: Sequence[Companion], known: dict[str, str], *, given: Given
) -> None:
    """Sign these up beside `main`, as guests of its person; `known` is what find_party() gave.

    All of them get a place or a place on the waitlist; where none is kept, NotEnoughPlaces undoes the whole.
    Raises CompanionSignedUp, SameHourForNamed, and of minors ABOUT_MINORS; after any of them the transaction must end.
    """
    grown = given.company or adult_of(get_person(main.person_id).name, main.age_band, companions)
    vouched = vouched_by(given)
    for one in companions:
        person_id = known[one.name]
        company = grown if needs_guardian(one.age_band) else None
        extra = SignupExtra(age_band=one.age_band, company=company, with_signup_id=main.id)
        try:
            # by=None: it is nobody's act on behalf of a stranger, and no message of staff goes out
            sign_up_seeing(
                main.position_id, person_id, by=None, source=main.source, extra=extra, vouched=vouched
            )
        except SameHour:
            raise SameHourForNamed(names=one.name) from None
        except PositionFull:
            raise NotEnoughPlaces(count=len(companions) + 1) from None
        except (AlreadySignedUp, HasPlaceHere):
            raise CompanionSignedUp(name=one.name) from None
        people.record_consent(person_id, "sign_up", method="web", recorded_by=main.person_id)


def add_companions(main: Signup, companions: Sequence[Companion], *, phone: str | None, given: Given) -> None:
    """Sign these up beside a sign-up made before, on its telephone; those who came along before count.

    Raises NobodyComesAlong, NotWithYou, TooManyCompanions, SameNameTwice and what bring_along() raises; after any of
    them the transaction must end.
    """
    if not companions:
        raise NobodyComesAlong
    known = find_party([one.name for one in companions], phone)
    lock_positions([main.position_id])  # so that two who add at once count each other
    main = get_with_session(main.id)
    if not may_bring(main):
        raise NotWithYou
    before = [Companion(one.person.name) for one in living_companions_of(main)]
    check_party(main.person.name, [*before, *companions])
    bring_along(main, companions, known, given=given)
    audit.record("signup.bring_along", "signup", main.id, by=main.person_id, count=len(companions))


def cancel_together(signup_id: str, *, reason: str = "") -> int:
    """Take back a sign-up and all that came along with it; how many were cancelled.

    The caller has made sure that whoever asks leads the party. Raises what cancel_signup() raises for the first.
    """
    party = [get_with_session(one) for one in party_ids(signup_id)]
    # Those without a place first: otherwise a place given back would go to one of the party.
    ids = [one.id for one in sorted(party, key=lambda one: one.holds_place) if one.status in LIVING]
    for one in ids:
        cancel_signup(one, by=None, reason=reason)
    return len(ids)
