"""the worker's beat keeps the agreed time"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ADDED: tuple[sa.Column[object], ...] = (
    sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("verdict", sa.String(length=8), nullable=False, server_default="agrees"),
    sa.Column("boot", sa.String(length=120), nullable=True),
    sa.Column("ran", sa.Double(), nullable=True),
    sa.Column("stood_still", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("apart", sa.Double(), nullable=False, server_default="0"),
    sa.Column("confirmed", sa.DateTime(timezone=True), nullable=True),
    sa.Column("confirmed_by", sa.String(length=18), nullable=True),
)


def upgrade() -> None:
    for column in _ADDED:
        op.add_column("worker_beat", column)


def downgrade() -> None:
    for column in reversed(_ADDED):
        op.drop_column("worker_beat", column.name)
