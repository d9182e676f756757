"""who wants the day's 待办 by mail in the morning"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "todo_mail",
        sa.Column("person_id", sa.String(length=18), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_for", sa.String(length=64), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_todo_mail_known_language")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_todo_mail_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_todo_mail")),
    )


def downgrade() -> None:
    op.drop_table("todo_mail")
