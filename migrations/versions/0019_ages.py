"""a minor's age, company and guardian are known wherever they stand"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settled_age",
        sa.Column("person_id", sa.String(length=18), nullable=False),
        sa.Column("band", sa.String(length=10), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.String(length=18), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_settled_age_person_id_person")),
        sa.ForeignKeyConstraint(["said_by"], ["person.id"], name=op.f("fk_settled_age_said_by_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_settled_age")),
    )
    op.add_column("guardianship", sa.Column("withdrawn_how", sa.String(length=10), nullable=True))
    op.add_column("signup", sa.Column("age_said", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("signup", sa.Column("company", sa.String(length=50), nullable=True))


def downgrade() -> None:
    op.drop_column("signup", "company")
    op.drop_column("signup", "age_said")
    op.drop_column("guardianship", "withdrawn_how")
    op.drop_table("settled_age")
