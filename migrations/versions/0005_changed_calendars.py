"""what a calendar address shows can be changed"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chosen_at", moment, nullable=True))
    op.execute("UPDATE subscription SET chosen_at = created_at")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.alter_column("chosen_at", existing_type=moment, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_column("chosen_at")
