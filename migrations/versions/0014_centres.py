"""a centre sees whom it signed up, whoever of its staff did it"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SIGNUP = sa.table(
    "signup",
    sa.column("person_id", sa.String),
    sa.column("created_by", sa.String),
    sa.column("centre_id", sa.String),
)
_MEMBERSHIP = sa.table(
    "membership",
    sa.column("person_id", sa.String),
    sa.column("organisation_id", sa.String),
    sa.column("permissions", sa.JSON),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # as part of the column, so that the table is not made anew
        op.execute(
            "ALTER TABLE signup ADD COLUMN centre_id VARCHAR(18) "
            "CONSTRAINT fk_signup_centre_id REFERENCES organisation (id)"
        )
    else:
        op.add_column("signup", sa.Column("centre_id", sa.String(length=18), nullable=True))
        op.create_foreign_key("fk_signup_centre_id", "signup", "organisation", ["centre_id"], ["id"])
    op.create_index("ix_signup_centre_id", "signup", ["centre_id"])
    connection = op.get_bind()
    centres: dict[str, list[str]] = {}
    for row in connection.execute(sa.select(_MEMBERSHIP)):
        if "sign_up_others" in row.permissions:
            centres.setdefault(row.person_id, []).append(row.organisation_id)
    for person_id, ids in centres.items():
        if len(ids) == 1:  # of several nobody knows any more which it was
            made = sa.update(_SIGNUP).where(
                _SIGNUP.c.created_by == person_id, _SIGNUP.c.person_id != person_id
            )
            connection.execute(made.values(centre_id=ids[0]))


def downgrade() -> None:
    op.drop_index("ix_signup_centre_id", "signup")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_signup_centre_id", "signup", type_="foreignkey")
    op.drop_column("signup", "centre_id")
