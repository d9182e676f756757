"""who comes along with somebody is found by an index"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_NAME = "ix_signup_with_signup_id"


def upgrade() -> None:
    some = sa.text("with_signup_id IS NOT NULL")
    op.create_index(_NAME, "signup", ["with_signup_id"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    op.drop_index(_NAME, table_name="signup")
