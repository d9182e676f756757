"""who comes to a session of several days counts on the day they came; a work calendar of each year"""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_CITY = timezone(timedelta(hours=8))  # as its clocks have shown since 1991
_SESSION = sa.table(
    "event_session",
    sa.column("id", sa.String),
    sa.column("starts_at", sa.DateTime(timezone=True)),
    sa.column("ends_at", sa.DateTime(timezone=True)),
)
_COUNT = sa.table(
    "head_count",
    sa.column("id", sa.String),
    sa.column("session_id", sa.String),
    sa.column("scan_id", sa.String),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("counted_on", sa.Date),
)
_SCAN = sa.table("scan", sa.column("id", sa.String), sa.column("at", sa.DateTime(timezone=True)))
_RECORD = sa.table(
    "service_record",
    sa.column("id", sa.String),
    sa.column("session_id", sa.String),
    sa.column("in_at", sa.DateTime(timezone=True)),
    sa.column("served_on", sa.Date),
)
_OPTION = sa.table("option", sa.column("key", sa.String), sa.column("value", sa.JSON))
_YEAR = sa.table(
    "work_year",
    sa.column("year", sa.Integer),
    sa.column("off", sa.JSON),
    sa.column("worked", sa.JSON),
    sa.column("is_announced", sa.Boolean),
    sa.column("notice", sa.String),
    sa.column("revision", sa.Integer),
    sa.column("changed_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.create_table(
        "work_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("off", sa.JSON(), nullable=False),
        sa.Column("worked", sa.JSON(), nullable=False),
        sa.Column("is_announced", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=18), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name=op.f("ck_work_year_possible")),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_work_year_changed_by")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_work_year")),
    )
    op.add_column("head_count", sa.Column("counted_on", sa.Date(), nullable=True))
    _fill()
    with op.batch_alter_table("head_count") as batch:
        batch.alter_column("counted_on", existing_type=sa.Date(), nullable=False)


def downgrade() -> None:
    op.drop_column("head_count", "counted_on")
    op.drop_table("work_year")


def _fill() -> None:
    """Who was counted or served on which day; only a session of several days leaves a choice."""
    connection = op.get_bind()
    sessions = {row.id: row for row in connection.execute(sa.select(_SESSION))}
    counts = sa.select(
        _COUNT.c.id, _COUNT.c.session_id, sa.func.coalesce(_SCAN.c.at, _COUNT.c.created_at).label("at")
    ).select_from(_COUNT.outerjoin(_SCAN, _SCAN.c.id == _COUNT.c.scan_id))
    for row in connection.execute(counts).all():
        day = _nearest(row.at, sessions[row.session_id])
        connection.execute(sa.update(_COUNT).where(_COUNT.c.id == row.id).values(counted_on=day))
    for held in sessions.values():
        if _day(held.starts_at) == _day(held.ends_at):
            continue
        records = sa.select(_RECORD).where(_RECORD.c.session_id == held.id, _RECORD.c.in_at.is_not(None))
        for row in connection.execute(records).all():
            day = _nearest(row.in_at, held)
            connection.execute(sa.update(_RECORD).where(_RECORD.c.id == row.id).values(served_on=day))
    _fill_years(connection)


def _fill_years(connection: sa.Connection) -> None:
    """The office's own days, listed without an end so far, go to their years."""
    found = connection.scalar(sa.select(_OPTION.c.value).where(_OPTION.c.key == "workdays"))
    years: dict[int, dict[str, list[str]]] = {}
    for kind in ("off", "worked"):
        for day in (found or {}).get(kind, []):
            years.setdefault(int(day[:4]), {"off": [], "worked": []})[kind].append(day)
    for year, days in sorted(years.items()):
        row = {
            "year": year,
            "is_announced": False,
            "notice": "",
            "revision": 1,
            "changed_at": datetime.now(UTC),
        }
        connection.execute(sa.insert(_YEAR).values(**row, **days))
    connection.execute(sa.delete(_OPTION).where(_OPTION.c.key == "workdays"))


def _nearest(at: datetime, held: sa.Row[Any]) -> date:
    first, last = _day(held.starts_at), _day(held.ends_at - timedelta(microseconds=1))
    return min(max(_day(at), first), last)


def _day(moment: datetime) -> date:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(_CITY).date()
