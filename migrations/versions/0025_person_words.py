"""people are found by name, pinyin and the end of their phone, by an index of each database's own"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

# On purpose not copies: rows must be cut as the running code cuts what is looked for.
from webapp.core.matching import words_of
from webapp.people.domain import CLOSED_NAME

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_PERSON = sa.table(
    "person", sa.column("id", sa.String), sa.column("name", sa.String), sa.column("phone", sa.String)
)
_WORDS = sa.table(
    "person_words",
    sa.column("person_id", sa.String),
    sa.column("words", sa.Text().with_variant(TSVECTOR(), "postgresql")),
)
# As for events (0013): SQLite's index holds no text of its own, triggers tell it what rows come, change and go.
_ADD = "INSERT INTO person_words_index(rowid, words) VALUES (new.number, new.words);"
_TAKE = (
    "INSERT INTO person_words_index(person_words_index, rowid, words) "
    "VALUES ('delete', old.number, old.words);"
)
_INDEX = (
    "CREATE VIRTUAL TABLE person_words_index USING fts5(words, content='person_words', content_rowid='number', "
    "tokenize='ascii', detail='none', columnsize=0)"
)
_TRIGGERS = (
    f"CREATE TRIGGER person_words_added AFTER INSERT ON person_words BEGIN {_ADD} END",
    f"CREATE TRIGGER person_words_removed AFTER DELETE ON person_words BEGIN {_TAKE} END",
    f"CREATE TRIGGER person_words_changed AFTER UPDATE ON person_words BEGIN {_TAKE} {_ADD} END",
)
_AT_ONCE = 2_000


def upgrade() -> None:
    op.create_table(
        "person_words",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=18), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_words_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_person_words")),
        sa.UniqueConstraint("person_id", name=op.f("uq_person_words_person_id")),
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if not is_postgresql:
        op.execute(_INDEX)
    _fill()
    if is_postgresql:  # built once over all rows, where each row by itself takes far longer
        op.create_index("ix_person_words_words", "person_words", ["words"], postgresql_using="gin")
    else:
        op.execute("INSERT INTO person_words_index(person_words_index) VALUES ('rebuild')")
        for statement in _TRIGGERS:
            op.execute(statement)


def _fill() -> None:
    connection, after = op.get_bind(), ""
    wanted = sa.select(_PERSON).where(_PERSON.c.name != CLOSED_NAME).order_by(_PERSON.c.id).limit(_AT_ONCE)
    while rows := connection.execute(wanted.where(_PERSON.c.id > after)).all():
        made = [{"person_id": row.id, "words": words_of(row.name, row.phone)} for row in rows]
        connection.execute(sa.insert(_WORDS), made)
        after = rows[-1].id


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER person_words_{name}")
        op.execute("DROP TABLE person_words_index")
    op.drop_table("person_words")
