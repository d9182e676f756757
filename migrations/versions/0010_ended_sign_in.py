"""sign-ins that were ended by signing out; mails found by the calendar entry they carry"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ended_sign_in",
        sa.Column("id", sa.String(length=18), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_sign_in")),
    )
    op.create_index("ix_outbox_message_calendar_of", "outbox_message", ["calendar_of"])


def downgrade() -> None:
    op.drop_index("ix_outbox_message_calendar_of", "outbox_message")
    op.drop_table("ended_sign_in")
