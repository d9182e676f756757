"""vehicles and exhibits, and which session has them"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.String(length=18), nullable=False),
        sa.Column("organisation_id", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("feed_serial", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_resource_has_name")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_resource_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_resource_organisation_id_name")),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.String(length=18), nullable=False),
        sa.Column("resource_id", sa.String(length=18), nullable=False),
        sa.Column("session_id", sa.String(length=18), nullable=False),
        sa.Column("created_by", sa.String(length=18), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("released_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_booking_created_by")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_booking_resource_id")),
        sa.ForeignKeyConstraint(["session_id"], ["event_session.id"], name=op.f("fk_booking_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_session_id"), ["session_id"], unique=False)
        batch_op.create_index(
            "uq_booking_resource_id_session_id",
            ["resource_id", "session_id"],
            unique=True,
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )


def downgrade() -> None:
    op.drop_table("booking")
    op.drop_table("resource")
