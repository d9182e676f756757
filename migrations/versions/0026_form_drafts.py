"""drafts of long forms, saved by themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_draft",
        sa.Column("person_id", sa.String(length=18), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("page", sa.String(length=18), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("writer", sa.String(length=18), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "address", "page", name="pk_form_draft"),
    )
    op.create_index("ix_form_draft_saved_at", "form_draft", ["saved_at"])


def downgrade() -> None:
    op.drop_index("ix_form_draft_saved_at", table_name="form_draft")
    op.drop_table("form_draft")
