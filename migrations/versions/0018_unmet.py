"""a shift whose holder lost what it asks for waits for the organiser's word"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unmet",
        sa.Column("id", sa.String(length=18), nullable=False),
        sa.Column("signup_id", sa.String(length=18), nullable=False),
        sa.Column("lack", sa.String(length=10), nullable=False),
        sa.Column("names", sa.String(length=300), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=18), nullable=True),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name=op.f("ck_unmet_settled_when")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_unmet_settled_by")),
        sa.ForeignKeyConstraint(["signup_id"], ["signup.id"], name=op.f("fk_unmet_signup_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmet")),
    )
    open_only = sa.text("state = 'open'")
    op.create_index(
        "uq_unmet_open",
        "unmet",
        ["signup_id"],
        unique=True,
        sqlite_where=open_only,
        postgresql_where=open_only,
    )
    op.create_index("ix_unmet_state", "unmet", ["state"])
    op.create_index("ix_unmet_signup_id", "unmet", ["signup_id"])


def downgrade() -> None:
    op.drop_table("unmet")
