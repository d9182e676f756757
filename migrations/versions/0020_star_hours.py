"""an application for stars is decided on by the hours that level took when it was made"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("star", sa.Column("hours_needed", sa.Integer(), nullable=True))
    # Of those that wait the hours of today are the nearest to what they were asked.
    option = sa.table("option", sa.column("key", sa.String), sa.column("value", sa.JSON))
    star = sa.table("star", *(sa.column(name) for name in ("level", "state", "hours_needed")))
    connection = op.get_bind()
    kept = connection.scalar(sa.select(option.c.value).where(option.c.key == "star_hours"))
    for level, hours in enumerate(kept or [100, 300, 600, 1000, 1500], start=1):
        waits = sa.update(star).where(star.c.state == "applied", star.c.level == level)
        connection.execute(waits.values(hours_needed=hours))


def downgrade() -> None:
    op.drop_column("star", "hours_needed")
