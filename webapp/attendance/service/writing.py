"""The rows of a check-in: the scan, the attendance and what it counts for, in one statement where the database can."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from webapp.attendance.domain import RULE_VERSION, Grade, Metric
from webapp.attendance.models import Attendance, LedgerEntry, Scan
from webapp.attendance.service import ledger
from webapp.attendance.service.ledger import PLACE, Fact
from webapp.core.db import ID_LENGTH, TIME_LENGTH, new_id, on_conflict_do_nothing, session

Values = dict[str, Any]


def keep_scan(row: Values) -> bool:
    """Write an attempt; False when this device has sent this nonce before, now or a moment ago."""
    return _added(session().connection(), Scan, row)


def keep_arrival(scan: Values, came: Values, *, fact: Fact, day: date, audience: str) -> tuple[bool, bool]:
    """Write an accepted attempt, the attendance it makes, and what that counts for.

    Gives whether the attempt is new, as `keep_scan`, and whether the attendance is: else nothing is counted, for
    someone else was faster. The session is on this day and for this audience; the caller holds at least a shared lock
    on it and on its event, so that nothing is being reversed meanwhile.
    """
    connection = session().connection()
    if connection.dialect.name == "postgresql":
        given = {
            "scan": _as_json(scan),
            "came": _as_json(came),
            "grade": came["grade"],
            "created_at": came["created_at"],
            "session_id": came["session_id"],
            "day": day,
            "metric": fact.metric,
            "audience": fact.audience,
            "place_audience": audience,
            "stem": new_id()[:TIME_LENGTH],
        }
        is_new, stands = connection.execute(_at_once(tuple(scan), tuple(came)), given).one()
        return is_new, stands
    if not _added(connection, Scan, scan):
        return False, False
    if not _added(connection, Attendance, came):
        return True, False
    ledger.count_new_fact(came["session_id"], fact)
    return True, True


def _added(connection: Connection, model: Any, row: Values) -> bool:
    statement = on_conflict_do_nothing(model).returning(model.id)
    return connection.execute(statement, row).scalar_one_or_none() is not None


@cache
def _at_once(scan: tuple[str, ...], came: tuple[str, ...]) -> Any:
    """Three INSERTs, each of which writes only if the one before did; foreign keys are looked at after all of them."""
    kept = _insert(Scan, scan, _given("scan", Scan, scan)).returning(Scan.id).cte("kept")
    stay = _given("came", Attendance, came).where(select(kept.c.id).exists())
    stands = _insert(Attendance, came, stay).returning(Attendance.id).cte("stands")
    counted = _insert(LedgerEntry, _ENTRY, _entries(stands)).cte("counted")
    return select(*(select(part.c.id).exists() for part in (kept, stands))).add_cte(counted)


def _insert(model: Any, names: Sequence[str], rows: Any) -> Any:
    made = postgresql_insert(model.__table__).from_select(names, rows, include_defaults=False)
    return made.on_conflict_do_nothing()


def _given(name: str, model: Any, names: Sequence[str]) -> Any:
    """Columns of a row given whole: thirty values one by one would cost more than all else about the statement."""
    record = func.json_populate_record(
        literal_column(f"NULL::{model.__table__.name}"), bindparam(name, type_=JSON)
    )
    return select(*(literal_column(f"v.{one}") for one in names)).select_from(record.alias("v"))


def _as_json(row: Values) -> Values:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


_ENTRY = (
    "id", "task_id", "session_id", "source_id", "metric", "grade", "quantity", "occurred_on", "district_code",
    "organisation_id", "audience", "rule_version", "step", "created_at",
)  # fmt: skip


def _entries(stands: Any) -> Any:
    """What `ledger.count_new_fact` does, in SQL: the rows of the attendance, and 场次 if it is the first to stand."""
    columns = LedgerEntry.__table__.c
    place = PLACE.order_by(None).cte("place")

    def given(name: str, column: str) -> Any:
        return bindparam(name, type_=columns[column].type)

    def rows(*, source: Any, metric: Any, grade: Any, audience: Any, step: Any) -> Select[Any]:
        number = given("stem", "id") + func.left(
            cast(func.gen_random_uuid(), String), ID_LENGTH - TIME_LENGTH
        )
        where = (place.c.session_id, source, metric, grade, literal(1), given("day", "occurred_on"))
        whose = (place.c.district_code, place.c.organisation_id, audience)
        found = select(
            number,
            place.c.task_id,
            *where,
            *whose,
            literal(RULE_VERSION),
            step,
            given("created_at", "created_at"),
        )
        in_period = given("day", "occurred_on").between(place.c.starts_on, place.c.ends_on)
        return found.select_from(place.join(stands, true())).where(in_period)

    fact = rows(
        source=stands.c.id,
        metric=given("metric", "metric"),
        grade=given("grade", "grade"),
        audience=given("audience", "audience"),
        step=literal(0),
    )
    held = rows(
        source=place.c.session_id,
        metric=literal(Metric.SESSIONS.value),
        grade=literal(Grade.HELD.value),
        audience=given("place_audience", "audience"),
        step=place.c.steps,
    )
    return union_all(fact, held.where(place.c.steps % 2 == 0))
