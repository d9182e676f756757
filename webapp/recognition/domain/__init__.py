"""States and words of service records, stars, certificates, commendations. Plain Python."""

from enum import StrEnum

from webapp.core.errors import N_

NOTE_LIMIT = 300
NUMBER_LIMIT = 24
TITLE_LIMIT = 80


class Turnout(StrEnum):
    """How someone kept their promise to serve."""

    AS_PLANNED = "as_planned"
    PART = "part"
    LONGER = "longer"
    EXCUSED = "excused"
    NO_SHOW = "no_show"
    UNKNOWN = "unknown"


TURNOUT_LABELS = {
    Turnout.AS_PLANNED: N_("按计划"),
    Turnout.PART: N_("部分到场"),
    Turnout.LONGER: N_("超出计划"),
    Turnout.EXCUSED: N_("请过假"),
    Turnout.NO_SHOW: N_("未到"),
    Turnout.UNKNOWN: N_("情况不明"),
}


class RecordStatus(StrEnum):
    """How far a service record has come: to_confirm | proposed → noticed → final; any → void."""

    TO_CONFIRM = "to_confirm"  # the sign-out is missing: waits for the leader, counts nothing
    PROPOSED = "proposed"  # added by hand: waits for a second person
    NOTICED = "noticed"  # in its public notice
    FINAL = "final"
    VOID = "void"


RECORD_STATUS_LABELS = {
    RecordStatus.TO_CONFIRM: N_("待确认"),
    RecordStatus.PROPOSED: N_("待复核"),
    RecordStatus.NOTICED: N_("公示中"),
    RecordStatus.FINAL: N_("已入账"),
    RecordStatus.VOID: N_("已作废"),
}


class RecordSource(StrEnum):
    """Where the minutes come from."""

    SCAN = "scan"  # in and out by pass
    ROSTER = "roster"  # in and out ticked by staff
    CLOSED = "closed"  # in by pass, out confirmed by the leader
    ADDED = "added"  # by hand, with a reason and a second person
    ABSENT = "absent"  # no check-in: no minutes


RECORD_SOURCE_LABELS = {
    RecordSource.SCAN: N_("扫码签到签退"),
    RecordSource.ROSTER: N_("工作人员登记"),
    RecordSource.CLOSED: N_("签到，负责人确认签退"),
    RecordSource.ADDED: N_("人工补录"),
    RecordSource.ABSENT: N_("没有签到"),
}


class CertificateStatus(StrEnum):
    """申请 → 受理 → 开具; an issued one may be revoked."""

    APPLIED = "applied"
    ACCEPTED = "accepted"
    ISSUED = "issued"
    REJECTED = "rejected"
    REVOKED = "revoked"


STAR_STATE_LABELS = {"applied": N_("等审核"), "granted": N_("已评定"), "declined": N_("未评定")}
CERTIFICATE_STATUS_LABELS = {
    CertificateStatus.APPLIED: N_("已申请"),
    CertificateStatus.ACCEPTED: N_("已受理"),
    CertificateStatus.ISSUED: N_("已开具"),
    CertificateStatus.REJECTED: N_("未受理"),
    CertificateStatus.REVOKED: N_("已撤销"),
}
