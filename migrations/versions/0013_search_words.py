"""events are found by words in any order, by an index of each database's own"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

# On purpose not copies: rows must be cut as the running code cuts what is looked for.
from webapp.core.spelling import folded
from webapp.core.words import tokens

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_EVENT = sa.table(
    "event",
    sa.column("id", sa.String),
    sa.column("title", sa.String),
    sa.column("summary", sa.Text),
    sa.column("search_text", sa.Text),
)
_WORDS = sa.table(
    "event_words",
    sa.column("event_id", sa.String),
    sa.column("title", sa.Text),
    sa.column("summary", sa.Text),
    sa.column("more", sa.Text),
    sa.column("words", sa.Text().with_variant(TSVECTOR(), "postgresql")),
)
# SQLite's index holds no text of its own: triggers tell it what rows come, change and go, within the same statement.
_ADD = "INSERT INTO event_words_index(rowid, words) VALUES (new.number, new.words);"
_TAKE = (
    "INSERT INTO event_words_index(event_words_index, rowid, words) VALUES ('delete', old.number, old.words);"
)
_INDEX = (
    "CREATE VIRTUAL TABLE event_words_index USING fts5(words, content='event_words', content_rowid='number', "
    "tokenize='ascii', detail='none', columnsize=0)"
)
_SQLITE = (
    _INDEX,
    f"CREATE TRIGGER event_words_added AFTER INSERT ON event_words BEGIN {_ADD} END",
    f"CREATE TRIGGER event_words_removed AFTER DELETE ON event_words BEGIN {_TAKE} END",
    f"CREATE TRIGGER event_words_changed AFTER UPDATE ON event_words BEGIN {_TAKE} {_ADD} END",
)
_AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "event_words",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=18), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("more", sa.Text(), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_words_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event_words")),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_words_event_id")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_event_words_words", "event_words", ["words"], postgresql_using="gin")
    else:
        for statement in _SQLITE:
            op.execute(statement)
    _fill()
    op.drop_column("event", "search_text")


def _fill() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(_EVENT)).all()
    for first in range(0, len(rows), _AT_ONCE):
        made = [_words(row) for row in rows[first : first + _AT_ONCE]]
        connection.execute(sa.insert(_WORDS), made)


def _words(row: sa.Row[*tuple[str, ...]]) -> dict[str, str]:
    title, summary = folded(row.title), folded(row.summary)
    more = "\n".join(line for line in row.search_text.split("\n") if line not in {title, summary})
    words = " ".join(tokens(title, summary, more))
    return {"event_id": row.id, "title": title, "summary": summary, "more": more, "words": words}


def downgrade() -> None:
    connection = op.get_bind()
    op.add_column("event", sa.Column("search_text", sa.Text(), nullable=False, server_default=sa.text("''")))
    words = sa.select(_WORDS.c.title + "\n" + _WORDS.c.more + "\n" + _WORDS.c.summary).where(
        _WORDS.c.event_id == _EVENT.c.id
    )
    connection.execute(sa.update(_EVENT).values(search_text=sa.func.coalesce(words.scalar_subquery(), "")))
    if connection.dialect.name == "sqlite":
        for name in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER event_words_{name}")
        op.execute("DROP TABLE event_words_index")
    op.drop_table("event_words")
