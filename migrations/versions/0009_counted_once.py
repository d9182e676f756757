"""a fact is counted once in the figures of a section, a plan, the city"""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NAMES = ("metric", "grade", "month", "district_code", "organisation_id", "audience")


def _make_totals(*, reach: bool) -> None:
    """The table of sums anew; it is made of the rows that were folded."""
    op.drop_table("ledger_total")
    op.create_table(
        "ledger_total",
        sa.Column("task_id", sa.String(length=18), nullable=False),
        *([sa.Column("reach", sa.Integer(), nullable=False, autoincrement=False)] if reach else []),
        sa.Column("metric", sa.String(length=12), nullable=False),
        sa.Column("grade", sa.String(length=10), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("district_code", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.String(length=18), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["plan_task.id"], name=op.f("fk_ledger_total_task_id")),
        sa.PrimaryKeyConstraint(
            "task_id", *(["reach"] if reach else []), *_NAMES, name=op.f("pk_ledger_total")
        ),
    )
    names = ["task_id", *(["reach"] if reach else []), *_NAMES]
    postgresql = op.get_bind().dialect.name == "postgresql"
    month = "to_char(occurred_on, 'YYYY-MM')" if postgresql else "strftime('%Y-%m', occurred_on)"
    taken = [f"{month} AS month" if name == "month" else name for name in names]
    parts = [month if name == "month" else name for name in names]
    op.execute(
        f"INSERT INTO ledger_total ({', '.join(names)}, quantity) SELECT {', '.join(taken)}, sum(quantity)"  # noqa: S608  (our own names)
        f" FROM ledger_entry WHERE folded_at IS NOT NULL GROUP BY {', '.join(parts)}"
    )


def _say_what_counts() -> None:
    """All rows of a session for a task reach as far as that task does among those the session counts for now."""
    standing = op.get_bind().execute(
        sa.text(
            "SELECT entry.session_id, entry.task_id, task.section_id, task.plan_id FROM ledger_entry entry"
            " JOIN plan_task task ON task.id = entry.task_id WHERE entry.metric = 'sessions'"
            " GROUP BY entry.session_id, entry.task_id, task.section_id, task.plan_id HAVING sum(entry.quantity) > 0"
        )
    )
    seen: dict[str, set[str]] = defaultdict(set)
    rows = []
    for session_id, task_id, section_id, plan_id in sorted(tuple(row) for row in standing):
        before = seen[session_id]
        reach = 3 if not before else 2 if plan_id not in before else 0 if section_id in before else 1
        before |= {section_id, plan_id}
        rows.append({"session_id": session_id, "task_id": task_id, "reach": reach})
    if rows:
        op.get_bind().execute(
            sa.text(
                "UPDATE ledger_entry SET reach = :reach WHERE session_id = :session_id AND task_id = :task_id"
            ),
            rows,
        )


def upgrade() -> None:
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reach", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_check_constraint("reach_known", "reach >= 0 AND reach <= 3")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.alter_column("reach", server_default=None)
    _say_what_counts()
    _make_totals(reach=True)


def downgrade() -> None:
    _make_totals(reach=False)
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_ledger_entry_reach_known"), type_="check")
        batch_op.drop_column("reach")
