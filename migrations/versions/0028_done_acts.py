"""what somebody did and can take back for a quarter of an hour"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "done_act",
        sa.Column("id", sa.String(length=18), nullable=False),
        sa.Column("person_id", sa.String(length=18), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("about_type", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.String(length=40), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.String(length=18), nullable=True),
        sa.Column("own_way", sa.String(length=20), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("undone_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_done_act")),
    )
    op.create_index("ix_done_act_person_id", "done_act", ["person_id", "until"])
    op.create_index("ix_done_act_until", "done_act", ["until"])
    op.create_index("ix_done_act_about_id", "done_act", ["about_id"])


def downgrade() -> None:
    op.drop_table("done_act")
