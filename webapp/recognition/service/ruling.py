"""The office changes the rule of hours, and the days that are worked."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date

from sqlalchemy.exc import IntegrityError

from webapp.core import audit
from webapp.core.db import broken_constraint, savepoint, session
from webapp.core.errors import ChangedMeanwhile
from webapp.recognition import queries
from webapp.recognition.domain.counting import Rule
from webapp.recognition.domain.workdays import BothOffAndWorked
from webapp.recognition.models import HoursRule


def change_rule(rule: Rule, *, by: str) -> int:
    """A new version that counts for records made from now on; the version that is valid then.

    `rule.version` is the version the change starts from: raises ChangedMeanwhile when another is valid by now.
    Nothing changed makes no new version.
    """
    current = queries.current_rule()
    if rule == replace(current, version=rule.version) and rule.version in {
        current.version,
        current.version - 1,
    }:
        return current.version
    if rule.version != current.version:
        raise ChangedMeanwhile
    made = replace(rule, version=current.version + 1)
    try:
        with savepoint():
            session().add(HoursRule(**asdict(made), made_by=by))
    except IntegrityError as error:
        if "hours_rule" in broken_constraint(error):
            raise ChangedMeanwhile from None
        raise
    audit.record("hours_rule.change", "hours_rule", str(made.version), by=by, **asdict(made))
    return made.version


def set_workdays(off: Sequence[date], worked: Sequence[date], *, by: str) -> None:
    """List days off and days worked that the calendar does not know; raises BothOffAndWorked."""
    both = set(off) & set(worked)
    if both:
        raise BothOffAndWorked(day=min(both).isoformat())
    listed = {"off": [day.isoformat() for day in off], "worked": [day.isoformat() for day in worked]}
    if listed != queries.own_days.get():
        queries.own_days.set(listed, by=by)
