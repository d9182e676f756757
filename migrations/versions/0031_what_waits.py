"""the few sign-ups that wait for somebody are found without reading all"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_FEW = {
    "ix_signup_pending": (["position_id"], "status = 'pending'"),
    "ix_signup_minor": (["session_id", "age_band"], "age_band IS NOT NULL AND age_band <> 'adult'"),
    "ix_signup_cancelled_at": (["cancelled_at"], "cancelled_at IS NOT NULL"),
}


def upgrade() -> None:
    for name, (columns, which) in _FEW.items():
        some = sa.text(which)
        op.create_index(name, "signup", columns, sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    for name in _FEW:
        op.drop_index(name, table_name="signup")
