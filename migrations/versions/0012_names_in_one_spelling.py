"""two spellings of one name on one telephone are one person"""

import sqlalchemy as sa
from alembic import op

# On purpose not a copy: rows must have the key the running code looks for.
from webapp.core.spelling import name_key

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_PERSON = sa.table(
    "person",
    sa.column("id", sa.String),
    sa.column("name", sa.String),
    sa.column("phone", sa.String),
    sa.column("name_key", sa.String),
)
_ACCOUNT = sa.table("account", sa.column("person_id", sa.String))


def upgrade() -> None:
    op.add_column(
        "person", sa.Column("name_key", sa.String(length=200), nullable=False, server_default=sa.text("''"))
    )
    _fill()
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_index("uq_person_phone_name")
        batch_op.create_index("uq_person_phone_name_key", ["phone", "name_key"], unique=True)


def _fill() -> None:
    """Nobody is merged in silence: of those who prove to be one, the one with an account, else the eldest, is found
    from now on; the others keep a key of their own (`doctor` counts them).
    """
    connection = op.get_bind()
    has_account = set(connection.execute(sa.select(_ACCOUNT.c.person_id)).scalars())
    rows = connection.execute(sa.select(_PERSON.c.id, _PERSON.c.name, _PERSON.c.phone)).all()
    taken: set[tuple[str, str]] = set()
    keys = []
    for row in sorted(rows, key=lambda row: (row.id not in has_account, row.id)):
        key = name_key(row.name)
        if row.phone and (row.phone, key) in taken:
            key = f"{key}#{row.id}"
        taken.add((row.phone, key))
        keys.append({"person": row.id, "key": key})
    if keys:
        wanted = sa.update(_PERSON).where(_PERSON.c.id == sa.bindparam("person"))
        connection.execute(wanted.values(name_key=sa.bindparam("key")), keys)


def downgrade() -> None:
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_index("uq_person_phone_name_key")
        batch_op.create_index("uq_person_phone_name", ["phone", "name"], unique=True)
    op.drop_column("person", "name_key")
