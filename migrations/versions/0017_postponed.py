"""since when an event has no date: what lay before took place, what fell due since did not"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("postponed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("event_session", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE event SET postponed_at = updated_at WHERE status = 'postponed'")


def downgrade() -> None:
    op.drop_column("event_session", "moved_at")
    op.drop_column("event", "postponed_at")
