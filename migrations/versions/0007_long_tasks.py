"""long tasks: what the worker does in a request's stead, with progress and result"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "long_task",
        sa.Column("id", sa.String(length=18), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.String(length=18), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=True),
        sa.Column("content_type", sa.String(length=80), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_long_task_state")
        ),
        sa.CheckConstraint("done >= 0 AND total >= 0", name=op.f("ck_long_task_progress")),
        sa.CheckConstraint(
            "state <> 'done' OR result IS NOT NULL", name=op.f("ck_long_task_done_has_result")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_long_task")),
    )
    op.create_index("ix_long_task_state_created_at", "long_task", ["state", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("long_task")
