"""One person's sign-up in every state, and what each page, list, message and program says of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select, update

from tests.factories.events import an_event, an_organisation, positions_of, session_draft, sessions_of, staff
from tests.factories.signups import an_account, join
from tests.support.client import CheckedClient
from webapp.api.queries import signup_body
from webapp.attendance import queries as attendance
from webapp.attendance import service as door
from webapp.attendance.domain import Direction, Method, ScanRequest
from webapp.attendance.domain.doors import DoorsClosed, OutsideDoors, Ticks
from webapp.attendance.queries.pack import pack
from webapp.attendance.queries.wall import places_of
from webapp.attendance.service.by_hand import NotHeld
from webapp.attendance.service.ticks import tick
from webapp.calendars.queries.feeds import entry_of_signup
from webapp.core import clock
from webapp.core.db import get_row, new_id, session, transaction
from webapp.events.domain import PositionDraft
from webapp.events.models import Event, EventSession
from webapp.people.models import Account
from webapp.signups.domain.standing import STATE_LABELS, STATE_SENTENCES, State
from webapp.signups.models import Signup
from webapp.signups.queries import get_with_session, guest_token, pass_code, roster
from webapp.signups.queries.gone import gone_from

__all__ = ["COLUMNS", "DOOR", "Case", "Visitors", "a_case", "set_row"]
_names = count(1)


@dataclass
class Case:
    """One sign-up of one person with an account, at an event of a unit whose member may do everything."""

    event: str
    session: str
    position: str
    signup: str
    holder: Account
    staff: Account

    def row(self) -> Signup:
        """As it is now."""
        session().rollback()
        return get_with_session(self.signup)


@dataclass
class Visitors:
    """Browsers: who holds the sign-up, who works for the unit, and anybody."""

    holder: CheckedClient
    staff: CheckedClient
    anybody: CheckedClient


def a_case(**values: Any) -> Case:
    """It begins in half an hour, so the doors are open; the sign-up is confirmed."""
    organisation = an_organisation(phone="+864546666666")
    start = clock.now() + timedelta(minutes=30)
    drafts = [session_draft(start, positions=[PositionDraft("观众", "audience", 1, True)], **values)]
    event = an_event(organisation, sessions=drafts)
    position = positions_of(event)[0].id
    holder = an_account(f"持证人{next(_names)}")
    made = join(position, holder.person_id)
    works = staff(organisation, "manage_events", "scan")
    return Case(event.id, sessions_of(event)[0].id, position, made, holder, works)


def set_row(case: Case, **values: Any) -> None:
    """Put the sign-up into a state the way it lies in the table."""
    with transaction() as current:
        current.execute(update(Signup).where(Signup.id == case.signup).values(**values))


# --- what is said --------------------------------------------------------------------------------------------------


def _states(page: str) -> set[str]:
    return set(re.findall(r'data-state="(\w+)"', page))


def _pass(page: str, case: Case, expected: State) -> str:
    """A page with the pass on it: one state, its word, and a code where it opens the door."""
    shown = _states(page)
    if shown != {expected.value}:
        return f"shows {sorted(shown)}"
    if ("qr.svg" in page) != (expected == State.CONFIRMED):
        return "shows a code" if "qr.svg" in page else "shows no code"
    if expected == State.POSTPONED and "原定" not in page:
        return "shows the old time as if it stood"
    words = "候补第" if expected == State.WAITLISTED else STATE_LABELS[expected]
    return "" if expected == State.CONFIRMED or words in page else "does not say the word"


def own_pass(case: Case, by: Visitors, expected: State) -> str:
    """/me/passes/…"""
    answer = by.holder.get(f"/me/passes/{case.signup}")
    return "" if answer.status_code == 302 else _pass(answer.text, case, expected)  # who closed their account


def guest_page(case: Case, by: Visitors, expected: State) -> str:
    """The page behind a guest's link."""
    return _pass(by.anybody.get(f"/signups/{guest_token(case.signup)}").text, case, expected)


def pass_link(case: Case, by: Visitors, expected: State) -> str:
    """/p/<code> opened by anybody."""
    return _pass(by.anybody.get(f"/p/{pass_code(case.row())}").text, case, expected)


def made_page(case: Case, by: Visitors, expected: State) -> str:
    """The page of a sign-up for staff."""
    return _pass(by.staff.get(f"/manage/signups/{case.signup}").text, case, expected)


def me(case: Case, by: Visitors, expected: State) -> str:
    """/me: what is coming with its state; the code of the next only where it opens the door."""
    page = by.holder.get("/me").text
    if ("qr.svg" in page) != (expected == State.CONFIRMED):
        return "shows a code" if "qr.svg" in page else "shows no code"
    shown = _states(page)
    return f"shows {sorted(shown)}" if shown - {expected.value} else ""


def event_page(case: Case, by: Visitors, expected: State) -> str:
    """The public page, which knows its visitor."""
    page = by.holder.get(f"/events/{case.event}").text
    shown = _states(page)
    if shown - {expected.value}:
        return f"shows {sorted(shown)}"
    return "says 您已报名" if expected != State.CONFIRMED and "您已报名" in page else ""


def offer_page(case: Case, by: Visitors, expected: State) -> str:
    """The page that asks for a yes asks only while there is something to ask."""
    answer = by.holder.get(f"/signups/{case.signup}/offer")
    asks = answer.status_code == 200 and 'name="answer"' in answer.text
    return "" if asks == (expected == State.OFFERED) else f"asks: {asks}"


def day_sheet(case: Case, by: Visitors, expected: State) -> str:
    """The organiser's list, and those who are no more on it."""
    shown = _states(by.staff.get(f"/manage/sessions/{case.session}").text)
    return f"shows {sorted(shown)}" if shown - {expected.value} else ""


def board(case: Case, by: Visitors, expected: State) -> str:
    """The board of the day."""
    shown = _states(by.staff.get(f"/manage/sessions/{case.session}/board").text)
    return f"shows {sorted(shown)}" if shown - {expected.value} else ""


def plain_list(case: Case, by: Visitors, expected: State) -> str:
    """The scanner's list without script."""
    shown = _states(by.staff.get(f"/scan/{case.session}/list").text)
    return f"shows {sorted(shown)}" if shown - {expected.value} else ""


def rosters(case: Case, by: Visitors, expected: State) -> str:
    """Lists that programs, files and scanners read."""
    found = {some[case.signup] for some in lists_of(case).values() if case.signup in some}
    return f"says {sorted(found)}" if found - {expected.value} else ""


def lists_of(case: Case) -> dict[str, dict[str, str]]:
    """What each list says of each sign-up on it."""
    return {
        "door": {row.signup: row.state for row in attendance.roster(case.session)},
        "organiser": {row.signup_id: row.state for row in roster(case.session)},
        "gone": {row.signup_id: row.state for row in gone_from(case.session)},
    }


def api(case: Case, by: Visitors, expected: State) -> str:
    """The sign-up as programs read it."""
    with by.anybody.application.test_request_context():
        body = signup_body(case.row())
    said = (body["state"], body["detail"], body["pass"]["valid"])
    wanted = (expected.value, STATE_SENTENCES[expected], expected == State.CONFIRMED)
    return "" if said == wanted else f"says {said}"


def wall(case: Case, by: Visitors, expected: State) -> str:
    """The page behind the code on the wall, of who still stands on the list."""
    found = {one.state for one in places_of(case.holder.person_id, case.session)}
    return f"says {sorted(found)}" if found - {expected.value} else ""


def phone_list(case: Case, by: Visitors, expected: State) -> str:
    """What a phone without network would say: static/js/scan/judge.js, whose cases tests/vectors/judge.json holds."""
    found = pack(case.session)
    state = _as_a_phone(found, case.signup)
    by_the_hour = {State.OVER.value, State.OFFER_OVER.value}
    return "" if state == expected.value or expected.value in by_the_hour else f"says {state}"


def _as_a_phone(found: dict[str, Any], signup: str) -> str:
    why = found["session"]["state"]
    row = next((one for one in found["roster"] if one[0] == signup), None)
    if why != "on" and (why != "postponed" or row is not None):
        return str(why)
    if row is None:
        return str(found["gone_as"].get(signup, "cancelled"))
    return "no_consent" if row[4] == "confirmed" and row[8] else str(row[4])


def diary(case: Case, by: Visitors, expected: State) -> str:
    """The holder's own calendar: a time that is taken only where somebody is to come."""
    entry = entry_of_signup(case.signup)
    assert entry is not None
    comes = {State.CONFIRMED, State.OVER, State.NO_CONSENT}
    stale = expected in {State.OVER, State.OFFER_OVER}  # feeds stand still between changes
    return "" if stale or entry.opaque == (expected in comes) else f"{entry.status}, opaque: {entry.opaque}"


COLUMNS: tuple[Callable[[Case, Visitors, State], str], ...] = (
    own_pass, guest_page, pass_link, made_page, me, event_page, offer_page, day_sheet, board, plain_list, rosters,
    api, wall, phone_list, diary,
)  # fmt: skip


# --- at the door: afterwards, since whoever is let in is in ---------------------------------------------------------


def _answer(body: dict[str, Any], expected: State) -> str:
    # Moved far away, the doors are not open yet: that is the hour's word, and none on the sign-up.
    let_in = body["outcome"] in {"accepted", "already_in", "too_early"}
    if let_in != (expected == State.CONFIRMED):
        return f"answers {body['outcome']}"
    if body.get("state") != expected.value:
        return f"answers {body['outcome']}, {body.get('state')}"
    said = body.get("detail", "")
    is_by_the_hour = expected in {State.CONFIRMED, State.OVER}
    return "" if is_by_the_hour or said == STATE_SENTENCES[expected] else f"says {said}"


def _scan(case: Case, **values: Any) -> dict[str, Any]:
    request = ScanRequest(
        session_id=case.session,
        direction=Direction.IN,
        nonce=new_id(),
        device="door",
        by=case.staff.person_id,
        **values,
    )
    with transaction():
        return dict(door.check_in(request).body)


def camera(case: Case, by: Visitors, expected: State) -> str:
    """The pass is read."""
    return _answer(_scan(case, method=Method.CAMERA, code=pass_code(case.row())), expected)


def by_list(case: Case, by: Visitors, expected: State) -> str:
    """The name is picked."""
    return _answer(_scan(case, method=Method.ROSTER, signup_id=case.signup), expected)


def wall_code(case: Case, by: Visitors, expected: State) -> str:
    """The short code is typed behind the wall's code."""
    return _answer(_scan(case, method=Method.WALL, code=case.row().short_code), expected)


def link(case: Case, by: Visitors, expected: State) -> str:
    """/p/<code> opened by somebody who scans, as with WeChat."""
    page = by.staff.get(f"/p/{pass_code(case.row())}").text
    if expected in {State.CONFIRMED, State.OVER}:
        return ""
    return "" if STATE_SENTENCES[expected] in page else "does not say the sentence"


def ticks(case: Case, by: Visitors, expected: State) -> str:
    """The name is ticked on the organiser's list."""
    page = by.staff.get(f"/manage/sessions/{case.session}/ticks").text
    ticked = Ticks([case.signup], [], None, None, new_id())
    try:
        with transaction():
            taken = tick(case.session, ticked, by=case.staff.person_id)
    except NotHeld:
        off = re.findall(r'data-session="(\w+)"', page)
        return "" if expected.value in off or (case.row().session_id and off) else "does not say why"
    except (DoorsClosed, OutsideDoors):  # of the hour; no tick is looked at
        return ""
    found = {one.state for one in taken.not_taken}
    return f"says {found}" if found - {expected.value} else ""


DOOR: tuple[Callable[[Case, Visitors, State], str], ...] = (camera, by_list, wall_code, link, ticks)


def event_of(case: Case) -> Event:
    """The event, read anew."""
    session().rollback()
    return get_row(Event, case.event)


def session_of(case: Case) -> EventSession:
    """The session, read anew."""
    session().rollback()
    return session().scalars(select(EventSession).where(EventSession.id == case.session)).one()
