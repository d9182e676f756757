"""one person once: one place and one presence for each person in a session"""

import secrets
import string
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ONE_PLACE = "status = 'confirmed' AND counts_with_id IS NULL"
_STANDS = "annulled_at IS NULL"
_REASON = "同一个人在这一场已有一次到场，只算一次"
_ALPHABET = string.ascii_lowercase + string.digits
# Both places of one person in one session, the one that stands for both first: the shift, else the earlier one.
_DOUBLE_PLACES = """
SELECT signup.id, signup.session_id, signup.person_id
FROM signup JOIN position ON position.id = signup.position_id
WHERE signup.status = 'confirmed' AND EXISTS (
    SELECT 1 FROM signup other WHERE other.session_id = signup.session_id
    AND other.person_id = signup.person_id AND other.status = 'confirmed' AND other.id <> signup.id)
ORDER BY signup.session_id, signup.person_id, CASE WHEN position.kind = 'volunteer' THEN 0 ELSE 1 END,
         signup.created_at, signup.id
"""
# A date of somebody's course, taken again by itself after they had left it, belongs to the course.
_LATER_DATES = """
UPDATE signup SET course_id = (
    SELECT course.id FROM course_signup course JOIN event_session ON event_session.event_id = course.event_id
    JOIN position ON position.name = course.position_name AND position.kind = course.kind
    WHERE course.cancelled_at IS NULL AND course.person_id = signup.person_id
    AND event_session.id = signup.session_id AND position.id = signup.position_id)
WHERE course_id IS NULL AND status IN ('pending', 'confirmed', 'waitlisted', 'offered')
"""
_DOUBLE_PRESENCES = """
SELECT attendance.id, attendance.session_id, attendance.person_id
FROM attendance JOIN signup ON signup.id = attendance.signup_id JOIN position ON position.id = signup.position_id
WHERE attendance.annulled_at IS NULL AND EXISTS (
    SELECT 1 FROM attendance other WHERE other.session_id = attendance.session_id
    AND other.person_id = attendance.person_id AND other.annulled_at IS NULL AND other.id <> attendance.id)
ORDER BY attendance.session_id, attendance.person_id, CASE WHEN position.kind = 'volunteer' THEN 0 ELSE 1 END,
         attendance.in_at, attendance.id
"""


def upgrade() -> None:
    _add_columns()
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE attendance SET person_id ="
            " (SELECT signup.person_id FROM signup WHERE signup.id = attendance.signup_id)"
        )
    )
    connection.execute(sa.text(_LATER_DATES))
    for first, second in _pairs(connection.execute(sa.text(_DOUBLE_PLACES)).all()):
        connection.execute(
            sa.text("UPDATE signup SET counts_with_id = :first WHERE id = :second"),
            {"first": first, "second": second},
        )
    for _first, second in _pairs(connection.execute(sa.text(_DOUBLE_PRESENCES)).all()):
        _take_back(connection, second)
    with op.batch_alter_table("attendance") as batch:
        batch.alter_column("person_id", existing_type=sa.String(length=18), nullable=False)
    op.create_index(
        "uq_attendance_person_id_session_id",
        "attendance",
        ["person_id", "session_id"],
        unique=True,
        sqlite_where=sa.text(_STANDS),
        postgresql_where=sa.text(_STANDS),
    )
    op.create_index(
        "uq_signup_session_id_person_id",
        "signup",
        ["session_id", "person_id"],
        unique=True,
        sqlite_where=sa.text(_ONE_PLACE),
        postgresql_where=sa.text(_ONE_PLACE),
    )


def _add_columns() -> None:
    for table, column, parent in (
        ("attendance", "person_id", "person"),
        ("signup", "counts_with_id", "signup"),
    ):
        if (
            op.get_bind().dialect.name == "sqlite"
        ):  # as part of the column, so that the table is not made anew
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(18) "
                f"CONSTRAINT fk_{table}_{column} REFERENCES {parent} (id)"
            )
        else:
            op.add_column(table, sa.Column(column, sa.String(length=18), nullable=True))
            op.create_foreign_key(f"fk_{table}_{column}", table, parent, [column], ["id"])
    op.create_index("ix_signup_counts_with_id", "signup", ["counts_with_id"])


def _pairs(rows: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """The first of each person and session with each further one."""
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        key = row.session_id, row.person_id
        if key in first:
            yield first[key], row.id
        else:
            first[key] = row.id


def _take_back(connection: sa.Connection, attendance_id: str) -> None:
    """Annul a second presence, and reverse what it counted."""
    now = datetime.now(UTC)
    attendance = sa.table(
        "attendance",
        sa.column("id", sa.String),
        sa.column("annulled_at", sa.DateTime(timezone=True)),
        sa.column("annul_reason", sa.String),
    )
    made = sa.update(attendance).where(attendance.c.id == attendance_id)
    connection.execute(made.values(annulled_at=now, annul_reason=_REASON))
    ledger = sa.Table("ledger_entry", sa.MetaData(), autoload_with=connection)
    kept = [
        column
        for column in ledger.columns
        if column.name not in {"id", "quantity", "step", "created_at", "folded_at"}
    ]
    standing = connection.execute(
        sa.select(*kept, sa.func.sum(ledger.c.quantity).label("quantity"))
        .where(ledger.c.source_id == attendance_id)
        .group_by(*kept)
        .having(sa.func.sum(ledger.c.quantity) != 0)
    ).mappings()
    for row in standing.all():
        steps = sa.select(sa.func.max(ledger.c.step)).where(
            ledger.c.source_id == attendance_id,
            ledger.c.task_id == row["task_id"],
            ledger.c.metric == row["metric"],
        )
        values = dict(row) | {
            "id": "".join(secrets.choice(_ALPHABET) for _ in range(18)),
            "quantity": -int(row["quantity"]),
            "step": int(connection.scalar(steps) or 0) + 1,
            "created_at": now,
        }
        connection.execute(sa.insert(ledger).values(**values))


def downgrade() -> None:
    op.drop_index("uq_signup_session_id_person_id", "signup")
    op.drop_index("uq_attendance_person_id_session_id", "attendance")
    op.drop_index("ix_signup_counts_with_id", "signup")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_signup_counts_with_id", "signup", type_="foreignkey")
        op.drop_constraint("fk_attendance_person_id", "attendance", type_="foreignkey")
        op.drop_column("attendance", "person_id")
    else:
        with op.batch_alter_table("attendance") as batch:
            batch.drop_column("person_id")
    op.drop_column("signup", "counts_with_id")
