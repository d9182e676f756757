"""The office changes the rule of hours, and the days that are worked."""

from dataclasses import asdict, replace
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.db import broken_constraint, savepoint, session
from webapp.core.errors import ChangedMeanwhile
from webapp.recognition import queries
from webapp.recognition.domain import RecordStatus
from webapp.recognition.domain.counting import Rule
from webapp.recognition.domain.workdays import (
    WORK_NOTICE_LIMIT,
    NothingSaid,
    SaidOfYear,
    check_year,
    end_of_notice,
)
from webapp.recognition.models import HoursRule, ServiceRecord, WorkYear


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


def set_workdays(year: int, said: SaidOfYear, *, by: str) -> int:
    """Say what is known of a year's working days; how many running notices end on another day by it.

    Raises NotOfTheYear, BothOffAndWorked, NothingSaid, ChangedMeanwhile.
    """
    check_year(year, said.off, said.worked)
    if said.is_announced and not (said.off or said.worked or queries.is_known(year)):
        raise NothingSaid
    values = {
        "off": [day.isoformat() for day in said.off],
        "worked": [day.isoformat() for day in said.worked],
        "is_announced": said.is_announced,
        "notice": " ".join(said.notice.split())[:WORK_NOTICE_LIMIT],
    }
    _begin(year)
    row = session().scalars(select(WorkYear).where(WorkYear.year == year)).one()
    before = {name: getattr(row, name) for name in values}
    if before == values:
        return 0
    changed = session().scalar(  # one statement: of two people at once the second is told
        update(WorkYear)
        .where(WorkYear.year == year, WorkYear.revision == said.revision)
        .values(**values, revision=WorkYear.revision + 1, changed_by=by, changed_at=clock.now())
        .returning(WorkYear.year)
        .execution_options(synchronize_session=False)
    )
    session().expire(row)
    if changed is None:
        raise ChangedMeanwhile
    audit.record("work_year.set", "work_year", str(year), by=by, before=before, **values)
    return recount_notices()


def _begin(year: int) -> None:
    """The first one to say something of a year makes its row."""
    if session().get(WorkYear, year) is not None:
        return
    try:
        with savepoint():
            session().add(WorkYear(year=year, off=[], worked=[], is_announced=False, notice="", revision=0))
    except IntegrityError as error:
        if "work_year" not in broken_constraint(error):
            raise


def recount_notices() -> int:
    """Let every notice that runs end on the day the calendar now says; how many do otherwise than before.

    Doing it again changes nothing. What is over stays over, and what is final stays final.
    """
    today, calendar = clock.today(), queries.work_calendar()
    running = select(ServiceRecord.notice_from, ServiceRecord.notice_until, ServiceRecord.rule_version).where(
        ServiceRecord.status == RecordStatus.NOTICED, ServiceRecord.notice_until >= today
    )
    moved = 0
    for first, last, version in session().execute(running.distinct()).all():
        if first is None or last is None:
            continue  # a record in notice has both
        counted = calendar.after(first, queries.rule_of(version).notice_days)
        until = end_of_notice(counted, was=last, today=today)
        if until != last:
            moved += _move(first, last, version, until=until)
    if moved:
        audit.record("hours_notice.recount", "service_record", "", by=None, count=moved)
    return moved


def _move(first: date, last: date, version: int, *, until: date) -> int:
    done = session().execute(
        update(ServiceRecord)
        .where(
            ServiceRecord.status == RecordStatus.NOTICED,
            ServiceRecord.notice_from == first,
            ServiceRecord.notice_until == last,
            ServiceRecord.rule_version == version,
        )
        .values(notice_until=until)
        .returning(ServiceRecord.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())
