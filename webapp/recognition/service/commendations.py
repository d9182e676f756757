"""Lists for commendation: begun by rules on figures, decided name by name, closed for good."""

from sqlalchemy import func, select

from webapp.core import audit, clock
from webapp.core.db import lock_row, session
from webapp.core.errors import NotFound
from webapp.recognition.domain import commendations as rules
from webapp.recognition.domain.commendations import Decision, ListDraft, ListKind
from webapp.recognition.models import Commendation, CommendationList
from webapp.recognition.queries import commendations as queries


def begin_list(draft: ListDraft, *, by: str) -> CommendationList:
    """A new list with everyone who meets its thresholds; raises BadList."""
    rules.check_list(draft)
    held = CommendationList(
        title=draft.title.strip(),
        kind=draft.kind.value,
        from_on=draft.from_on,
        until_on=draft.until_on,
        thresholds=dict(draft.thresholds),
        made_by=by,
    )
    session().add(held)
    session().flush()
    audit.record("commendation.begin", "commendation_list", held.id, by=by, thresholds=held.thresholds)
    _count(held)
    return held


def refresh_list(list_id: str, *, by: str) -> CommendationList:
    """Count again: names without a decision come, go and get today's figures; the decided stay as they were."""
    held = _open(list_id)
    audit.record("commendation.refresh", "commendation_list", held.id, by=by)
    _count(held)
    return held


def decide(list_id: str, commendation_id: str, *, decision: Decision, reason: str, by: str) -> None:
    """Chosen, or passed over with a reason; raises ListClosed, PassedOverWithoutReason."""
    held = _open(list_id)
    found = session().get(Commendation, commendation_id)
    if found is None or found.list_id != held.id:
        raise NotFound
    if decision == Decision.PASSED_OVER and not reason.strip():
        raise rules.PassedOverWithoutReason
    audit.record(
        "commendation.decide", "commendation", found.id, by=by, before=found.decision, after=decision.value
    )
    found.decision, found.reason = decision.value, reason.strip()
    found.decided_by, found.decided_at = by, clock.now()


def close_list(list_id: str, *, by: str) -> None:
    """Fix the list; raises Undecided while a name has no decision."""
    held = _open(list_id)
    open_names = select(func.count()).where(Commendation.list_id == held.id, Commendation.decision.is_(None))
    count = session().scalar(open_names) or 0
    if count:
        raise rules.Undecided(count=count)
    held.closed_at, held.closed_by = clock.now(), by
    audit.record("commendation.close", "commendation_list", held.id, by=by)


def _open(list_id: str) -> CommendationList:
    held = lock_row(CommendationList, list_id)
    if held.closed_at is not None:
        raise rules.ListClosed
    return held


def _count(held: CommendationList) -> None:
    meets = queries.candidates(held)
    is_person = held.kind == ListKind.VOLUNTEER
    on_list = session().scalars(select(Commendation).where(Commendation.list_id == held.id)).all()
    known = {}
    for one in on_list:
        key = (one.person_id if is_person else one.team_id) or ""
        known[key] = one
        if one.decision is None and key not in meets:
            session().delete(one)
        elif one.decision is None:
            one.evidence = meets[key].as_json()
    for key, evidence in meets.items():
        if key not in known:
            who = {"person_id": key} if is_person else {"team_id": key}
            session().add(Commendation(list_id=held.id, evidence=evidence.as_json(), **who))
