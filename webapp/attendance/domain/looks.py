"""What forms show of the rows this area decides about (core/looks.py)."""

from webapp.attendance.domain.phones import SETTLEMENT_LABELS, Settlement
from webapp.core.errors import N_
from webapp.core.looks import Looks

DEVICE = Looks(
    ("paired_at", "revoked_at"),
    says=lambda row: N_("配对已取消") if row.revoked_at else None,
    decided=(("revoked_by", "revoked_at"),),
)
SCAN = Looks(
    ("settlement", "annulled_at"),
    says=lambda row: SETTLEMENT_LABELS[Settlement(row.settlement)] if row.settlement else None,
    decided=(("settled_by", "settled_at"),),
    audited="scan",
)
ATTENDANCE = Looks(
    ("in_at", "out_at", "annulled_at"),
    says=lambda row: (
        N_("签到已撤销") if row.annulled_at else N_("在场") if row.out_at is None else N_("已签退")
    ),
    decided=(("annulled_by", "annulled_at"),),
    audited="attendance",
)
HEAD_COUNT = Looks(
    ("annulled_at",),
    says=lambda row: N_("人数登记已撤销") if row.annulled_at else None,
    decided=(("annulled_by", "annulled_at"),),
)
PHOTO = Looks(
    ("removed_at",),
    says=lambda row: N_("照片已移除") if row.removed_at else None,
    decided=(("removed_by", "removed_at"),),
)
WALL = Looks(
    ("mode", "serial", "closed_at"),
    says=lambda row: N_("墙码已关闭") if row.closed_at else N_("墙码开着"),
    audited="session",
    subject_id="session_id",
)
