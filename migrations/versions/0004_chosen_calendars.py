"""calendar addresses whose owner chose what they show"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wanted", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("alarm_minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("language", sa.String(length=2), server_default="zh", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_column("language")
        batch_op.drop_column("alarm_minutes")
        batch_op.drop_column("wanted")
