"""志愿服务证明: its steps, its number, its figures, refusals. Plain Python.

Contents after 民发〔2015〕149号, who may issue one after 民政部令 67号 (谁组织谁记录，谁记录谁证明).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from webapp.core import spelling
from webapp.core.errors import Conflict, Expired, N_, RuleBroken, Words
from webapp.recognition.domain import CERTIFICATE_STATUS_LABELS, CertificateStatus

SIGNER_LIMIT = 60
FIRST_PAGE_LINES = 12  # at most so many lines of service on the paper's first page; the others go on an annex
# How the paper's table is set (static/css/paper.css): millimetres and characters, so that all of it fits page one.
_TABLE_MM, _LINE_MM, _ROW_MM, _TEXT_MM = 102, 4, 2, 6
_TITLE_SIGNS, _VENUE_SIGNS, _TEXT_SIGNS = 22, 13, 42
CHECK_LETTERS = 4
_PREFIX, _COUNTER = "KPX", 6


Line = dict[str, Any]  # on, title, role, venue, minutes, added_minutes: as printed


class Step(StrEnum):
    """What staff do with an application."""

    ACCEPT = "accept"
    REJECT = "reject"
    ISSUE = "issue"
    REVOKE = "revoke"


_STEPS = {
    (CertificateStatus.APPLIED, Step.ACCEPT): CertificateStatus.ACCEPTED,
    (CertificateStatus.APPLIED, Step.REJECT): CertificateStatus.REJECTED,
    (CertificateStatus.ACCEPTED, Step.ISSUE): CertificateStatus.ISSUED,
    (CertificateStatus.ACCEPTED, Step.REJECT): CertificateStatus.REJECTED,
    (CertificateStatus.ISSUED, Step.REVOKE): CertificateStatus.REVOKED,
}


class WrongStep(Conflict):
    """The certificate is not where this step begins."""

    sentence = N_("这份证明现在是“%(status)s”，不能这样办。请刷新页面看看。")
    code = "certificate_wrong_step"


def after(status: str, step: Step) -> CertificateStatus:
    """The state a step leads to; raises WrongStep where it does not begin there."""
    now = CertificateStatus(status)
    if (now, step) not in _STEPS:
        raise WrongStep(status=Words(CERTIFICATE_STATUS_LABELS[now]))
    return _STEPS[now, step]


def steps_from(status: str) -> frozenset[Step]:
    """What can be done next."""
    return frozenset(step for begin, step in _STEPS if begin == status)


# --- what is asked for -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Application:
    """What a volunteer asks for; both days count."""

    organisation_id: str
    from_on: date
    until_on: date
    purpose: str = ""


class WrongPeriod(RuleBroken):
    """Ends before it begins."""

    sentence = N_("结束日期不能早于开始日期。")
    code = "certificate_wrong_period"
    field = "until_on"


class NotOver(RuleBroken):
    """Nobody certifies the future."""

    sentence = N_("结束日期不能晚于今天。")
    code = "certificate_period_not_over"
    field = "until_on"


def check_period(asked: Application, today: date) -> None:
    """Raise unless the days are in order and past."""
    if asked.until_on < asked.from_on:
        raise WrongPeriod
    if asked.until_on > today:
        raise NotOver


class NothingToCertify(RuleBroken):
    """No final record with this organisation in this period."""

    sentence = N_("这段时间里，您在这个单位还没有公示期满、已经入账的服务记录，不能开具证明。")
    code = "nothing_to_certify"
    field = "from_on"


class AlreadyApplied(Conflict):
    """One application at a time for the same organisation and days."""

    sentence = N_("您已经申请过同一单位、同一时段的证明，正在办理。")
    code = "certificate_already_applied"
    field = "organisation"


class OwnCertificate(RuleBroken):
    """Nobody certifies their own service."""

    sentence = N_("自己的证明要由另一位工作人员来办。")
    code = "own_certificate"


class ReasonMissing(RuleBroken):
    """The volunteer is told why."""

    sentence = N_("请写明原因，本人会看到。")
    code = "certificate_reason_missing"
    field = "reason"


class CertificateRevoked(Expired):
    """It is no paper any more."""

    sentence = N_("这份证明已经撤销，不能再下载。")
    code = "certificate_revoked"


# --- what is issued ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Issuing:
    """What the issuer adds to the records."""

    head: str  # 负责人
    handler: str  # 经办人
    contact: str
    remarks: str = ""


@dataclass(frozen=True)
class Sums:
    """Lines of service put together: times of service, and minutes of each kind."""

    times: int
    minutes: int
    added_minutes: int

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "Sums":
        """Of frozen lines."""
        lines = list(lines)
        return cls(
            len(lines),
            sum(int(line["minutes"]) for line in lines),
            sum(int(line["added_minutes"]) for line in lines),
        )


def hours_text(minutes: int) -> str:
    """Minutes as hours with one decimal, half up: 90 → 1.5, 15 → 0.3."""
    return str((Decimal(minutes) / 60).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def exact_text(minutes: int) -> str:
    """Minutes as they are, so that lines add up to their sum whatever rounding does to it: 125 → 2:05."""
    return f"{minutes // 60}:{minutes % 60:02}"


def split_lines(lines: Sequence[Line], *, remarks: str = "") -> tuple[list[Line], list[Line]]:
    """Lines of the first page, as many as fit beside the remarks (the text under the table), and those of the annex."""
    free = _TABLE_MM - _TEXT_MM * max(0, _rows_of(remarks, _TEXT_SIGNS) - 1)
    count = 0
    for line in lines[:FIRST_PAGE_LINES]:
        title = line["title"] + (f"（{line['role']}）" if line["role"] else "") + "【补录】"
        free -= _ROW_MM + _LINE_MM * max(_rows_of(title, _TITLE_SIGNS), _rows_of(line["venue"], _VENUE_SIGNS))
        if free < 0:
            break
        count += 1
    return list(lines[:count]), list(lines[count:])


def _rows_of(text: str, signs: int) -> int:
    return -(-len(text) // signs) or 1


# --- the number --------------------------------------------------------------------------------------------------


def number_base(year: int, counter: int) -> str:
    """KPX-2026-000123, the part that is counted."""
    return f"{_PREFIX}-{year}-{counter:0{_COUNTER}d}"


def year_prefix(year: int) -> str:
    """What every number of a year begins with."""
    return f"{_PREFIX}-{year}-"


def next_counter(last_number: str | None) -> int:
    """The counter after the last number of the year, 1 for the first."""
    return 1 if last_number is None else int(last_number.split("-")[2]) + 1


_NUMBER = re.compile(rf"{_PREFIX}(\d{{4}})(\d{{{_COUNTER}}})([A-Z2-7]{{{CHECK_LETTERS}}})")
_BETWEEN = re.compile(r"[\s\-‐-―－_.·]+")


def read_number(text: str) -> str | None:
    """A number as typed, in its one spelling; None when it cannot be one."""
    plain = _BETWEEN.sub("", spelling.compact(text)).upper()
    found = _NUMBER.fullmatch(plain)
    return f"{_PREFIX}-{found[1]}-{found[2]}-{found[3]}" if found and plain.isascii() else None
