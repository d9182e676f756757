"""until when a message is of use, why it did not leave, and since when somebody knows of an offer"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_OPTION = sa.table("option", sa.column("key", sa.String), sa.column("value", sa.JSON))
WAKING = 15 / 24  # of a day's hours those in which the time of an offer runs


def upgrade() -> None:
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("about_id", sa.String(length=18), nullable=True))
        batch_op.add_column(sa.Column("begins_at", _MOMENT, nullable=True))
        batch_op.add_column(sa.Column("use_by", _MOMENT, nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=12), nullable=True))
        batch_op.create_index("ix_outbox_message_about_id", ["about_id"], unique=False)
        batch_op.create_check_constraint("lapsed_says_why", "state <> 'lapsed' OR reason IS NOT NULL")
    op.add_column("signup", sa.Column("offer_told_at", _MOMENT, nullable=True))
    # Whoever has an offer now was told until when, and that stands.
    op.execute("UPDATE signup SET offer_told_at = offered_at WHERE offered_at IS NOT NULL")
    _change_hours("offer_hours", "offer_waking_hours", WAKING)


def downgrade() -> None:
    _change_hours("offer_waking_hours", "offer_hours", 1 / WAKING)
    op.drop_column("signup", "offer_told_at")
    op.execute("UPDATE outbox_message SET state = 'failed', error = reason WHERE state = 'lapsed'")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_outbox_message_lapsed_says_why"), type_="check")
        batch_op.drop_index("ix_outbox_message_about_id")
        for name in ("reason", "use_by", "begins_at", "about_id", "kind"):
            batch_op.drop_column(name)


def _change_hours(old: str, new: str, factor: float) -> None:
    """What the office set in hours of a whole day stands as the hours of it in which people are awake."""
    connection = op.get_bind()
    value = connection.scalar(sa.select(_OPTION.c.value).where(_OPTION.c.key == old))
    if value is not None:
        changed = sa.update(_OPTION).where(_OPTION.c.key == old)
        connection.execute(changed.values(key=new, value=max(1, round(value * factor))))
