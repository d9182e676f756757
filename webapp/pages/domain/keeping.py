"""What becomes of every table in the long run: how long it is kept and why. A test wants each in one line here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from webapp.core.errors import N_


@dataclass(frozen=True)
class Kept:
    """Tables of one kind under one rule; both sentences are marked. `days`: the option that fills the rule."""

    what: str
    rule: str
    tables: tuple[str, ...]
    days: str = ""


KEPT = (
    Kept(
        N_("报名和名额"),
        N_("人次的依据，长期保存。没有账号的报名人，最后一次活动 %(days)s 天后删去姓名、电话和回答。"),
        (
            "answer", "call_out", "called", "course_signup", "hand_over", "signup", "team_request", "unmet",
        ),
        "keep_guest_days",
    ),
    Kept(
        N_("扫码和签到"),
        N_("签到的证据，长期保存。没有通过的扫码，%(days)s 天后删去读到的内容。"),
        ("attendance", "device", "device_session", "head_count", "scan", "scan_chain", "wall"),
        "keep_guest_days",
    ),
    Kept(
        N_("服务记录、培训和证明"),
        N_("国家标准要求保存不少于十年，长期保存。"),
        (
            "certificate", "commendation", "commendation_list", "hours_rule", "objection", "service_record", "star",
            "training",
        ),
    ),
    Kept(N_("统计台账"), N_("公布过的数字的依据，没有姓名，长期保存。"), ("ledger_entry", "ledger_total")),
    Kept(
        N_("人员、账号和同意"),
        N_("用到本人注销为止。注销以后只留编号和同意的凭据，没有姓名和电话；有服务记录的保存十年以上。"),
        (
            "account", "api_token", "consent", "guardianship", "membership", "person", "person_words", "settled_age",
            "team", "team_membership", "todo_mail", "volunteer", "volunteer_skill",
        ),
    ),
    Kept(
        N_("活动、场次和岗位"),
        N_("办过什么活动的记录，长期保存。草稿可以删除。"),
        (
            "booking", "cancellation", "event", "event_session", "event_task", "event_words", "position",
            "position_requirement", "question",
        ),
    ),
    Kept(N_("现场照片的登记"), N_("办过活动的证据，长期保存。撤下的照片，文件已经删除。"), ("evidence_photo",)),
    Kept(
        N_("计划、指标和调查"),
        N_("长期保存，很少增加。"),
        (
            "plan", "plan_section", "plan_task", "section_lead", "survey_result", "target", "task_unit", "work_year",
        ),
    ),
    Kept(
        N_("单位、场所、器材和日历订阅"),
        N_("长期保存，很少增加。"),
        ("course", "district", "event_type", "organisation", "resource", "skill", "subscription", "venue"),
    ),
    Kept(N_("发出的消息"), N_("%(days)s 天后删除。"), ("outbox_message",), "keep_message_days"),
    Kept(
        N_("改期、取消时谁通知了谁的记录"),
        N_("和消息一样，%(days)s 天后删除。"),
        ("notice", "telling"),
        "keep_message_days",
    ),
    Kept(N_("操作记录"), N_("%(days)s 天后删除。"), ("audit_entry",), "keep_audit_days"),
    Kept(N_("删除的预告和结果"), N_("没有姓名，长期保存，用来说明按时删除了。"), ("erasure",)),
    Kept(
        N_("程序自己用的记录"),
        N_(
            "做过的定时任务、给程序的答复 31 天，做好的文件、可以撤回的操作 1 天，登录试错半天；退出登录的记号 400 天。"
        ),
        ("done_act", "ended_sign_in", "job_run", "long_task", "sign_in_failure", "stored_answer"),
    ),
    Kept(N_("表单的草稿"), N_("只有本人看得到；交了或丢掉就删，没有再写的，30 天后删除。"), ("form_draft",)),
    Kept(
        N_("设置和运行状态"),
        N_("只有最新的一份，不会变多。"),
        ("known_secret", "option", "table_size", "worker_beat"),
    ),
)  # fmt: skip


class Size(Protocol):
    """How large one table is."""

    rows: int
    bytes: int | None


@dataclass(frozen=True)
class Line:
    """One kind with what its tables take together; `bytes` is None where the database does not say."""

    kept: Kept
    rows: int
    bytes: int | None

    @property
    def megabytes(self) -> float | None:
        """In MB, to one place."""
        return None if self.bytes is None else round(self.bytes / 1_000_000, 1)


def lines_of(sizes: Mapping[str, Size]) -> list[Line]:
    """Every kind, the largest first."""
    made = []
    for kept in KEPT:
        own = [sizes[name] for name in kept.tables if name in sizes]
        room = [one.bytes for one in own if one.bytes is not None]
        made.append(Line(kept, sum(one.rows for one in own), sum(room) if room else None))
    return sorted(made, key=lambda one: (-(one.bytes or 0), -one.rows))
