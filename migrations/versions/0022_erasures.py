"""what will be erased is announced; how large the tables are"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("before", _TIME, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("announced_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("reached", sa.String(length=40), nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False),
        sa.Column("seen_at", _TIME, nullable=True),
        sa.Column("seen_by", sa.String(length=18), nullable=True),
        sa.Column("held_at", _TIME, nullable=True),
        sa.Column("held_by", sa.String(length=18), nullable=True),
        sa.Column("held_why", sa.String(length=200), nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.CheckConstraint("(held_at IS NULL) = (held_why IS NULL)", name=op.f("ck_erasure_held_why")),
        sa.CheckConstraint("count >= 0 AND erased >= 0", name=op.f("ck_erasure_numbers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(
        "uq_erasure_open", "erasure", ["kind"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "table_size",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("measured_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_table_size")),
    )


def downgrade() -> None:
    op.drop_table("table_size")
    op.drop_index("uq_erasure_open", table_name="erasure")
    op.drop_table("erasure")
