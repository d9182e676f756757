"""A plan is followed by another: the events that lie in the new one's days serve its tasks from then on."""

from sqlalchemy import delete, select

from webapp.core import audit
from webapp.core.db import get_row, lock_row, session
from webapp.events.models import Event, EventTask
from webapp.events.queries.carrying import Going, going_along
from webapp.events.service import editing
from webapp.plan.models import Plan, PlanTask


def take_along(old_id: str, new_id: str, by: str | None) -> list[Going]:
    """Let events bound to the old plan serve the tasks of the same codes in the new one, and recount them.

    An event that has sessions in the old plan's days goes on serving it too. Doing it again changes nothing. A
    follower of plans' `rolled_over`.
    """
    old, new = get_row(Plan, old_id), get_row(Plan, new_id)
    tasks = {
        one.code: one.id for one in session().scalars(select(PlanTask).where(PlanTask.plan_id == new.id))
    }
    found = going_along(old, (new.starts_on, new.ends_on), codes=tasks, new_id=new.id)
    going = [one for one in found if not one.is_done and one.codes]
    for one in sorted(
        going, key=lambda one: one.event_id
    ):  # one order everywhere: no two wait for each other
        _bind(one, old, tasks, by=by)
    if going:
        audit.record("plan.take_along", "plan", new.id, by=by, events=len(going), predecessor=old.id)
    return going


def _bind(one: Going, old: Plan, tasks: dict[str, str], *, by: str | None) -> None:
    """Bind one event to the new tasks."""
    event = lock_row(Event, one.event_id)
    served = set(session().scalars(select(EventTask.task_id).where(EventTask.event_id == event.id)))
    wanted = {tasks[code] for code in one.codes}
    of_old = select(PlanTask.id).where(PlanTask.plan_id == old.id)
    gone = set() if one.stays else served & set(session().scalars(of_old))
    session().add_all(EventTask(event_id=event.id, task_id=task) for task in sorted(wanted - served))
    session().execute(delete(EventTask).where(EventTask.event_id == event.id, EventTask.task_id.in_(gone)))
    session().flush()
    session().expire(event, ["tasks"])
    audit.record("event.take_along", "event", event.id, by=by, tasks=sorted(wanted), before=sorted(served))
    editing.mark_changed(event, shown=False, counts=True)
