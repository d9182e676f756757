"""cancellations that can be undone, notices and who was told, where a message is answered"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ID = sa.String(length=18)


def upgrade() -> None:
    _make_cancellations()
    _make_notices()
    _make_tellings()
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_path", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("held_for", _ID, nullable=True))
        batch_op.create_index("ix_outbox_message_held_for", ["held_for"], unique=False)
    with op.batch_alter_table("called", schema=None) as batch_op:
        batch_op.add_column(sa.Column("declined_at", _MOMENT, nullable=True))


def _make_cancellations() -> None:
    op.create_table(
        "cancellation",
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("session_id", _ID, nullable=True),
        sa.Column("status_before", sa.String(length=12), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("made_by", _ID, nullable=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("undo_until", _MOMENT, nullable=False),
        sa.Column("leaves_at", _MOMENT, nullable=False),
        sa.Column("undone_at", _MOMENT, nullable=True),
        sa.Column("undone_by", _ID, nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_cancellation_event_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["event_session.id"], name=op.f("fk_cancellation_session_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_cancellation_made_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_cancellation_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation")),
    )
    with op.batch_alter_table("cancellation", schema=None) as batch_op:
        batch_op.create_index("ix_cancellation_event_id_made_at", ["event_id", "made_at"], unique=False)
        batch_op.create_index(
            "uq_cancellation_event_id",
            ["event_id"],
            unique=True,
            sqlite_where=sa.text("session_id IS NULL AND undone_at IS NULL"),
            postgresql_where=sa.text("session_id IS NULL AND undone_at IS NULL"),
        )
        batch_op.create_index(
            "uq_cancellation_session_id",
            ["session_id"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )


def _make_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("session_id", _ID, nullable=True),
        sa.Column("cancellation_id", _ID, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("made_by", _ID, nullable=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("undone_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_notice_event_id")),
        sa.ForeignKeyConstraint(["session_id"], ["event_session.id"], name=op.f("fk_notice_session_id")),
        sa.ForeignKeyConstraint(
            ["cancellation_id"], ["cancellation.id"], name=op.f("fk_notice_cancellation_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_notice_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_event_id_made_at", ["event_id", "made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_cancellation_id"), ["cancellation_id"], unique=False)


def _make_tellings() -> None:
    op.create_table(
        "telling",
        sa.Column("id", _ID, nullable=False),
        sa.Column("notice_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("signup_id", _ID, nullable=True),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("message_key", sa.String(length=200), nullable=True),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.Column("told_by", _ID, nullable=True),
        sa.CheckConstraint(
            "told_at IS NOT NULL OR told_by IS NULL", name=op.f("ck_telling_told_by_whom_and_when")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_telling_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_telling_person_id")),
        sa.ForeignKeyConstraint(["signup_id"], ["signup.id"], name=op.f("fk_telling_signup_id")),
        sa.ForeignKeyConstraint(["told_by"], ["person.id"], name=op.f("fk_telling_told_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling")),
        sa.UniqueConstraint("notice_id", "person_id", name=op.f("uq_telling_notice_id_person_id")),
    )
    with op.batch_alter_table("telling", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_telling_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_telling_signup_id"), ["signup_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_telling_message_key"), ["message_key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("called", schema=None) as batch_op:
        batch_op.drop_column("declined_at")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_message_held_for")
        batch_op.drop_column("held_for")
        batch_op.drop_column("answer_path")
    op.drop_table("telling")
    op.drop_table("notice")
    op.drop_table("cancellation")
