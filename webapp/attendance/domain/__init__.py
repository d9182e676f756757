"""Outcomes of a scan, grades, metrics, what counts. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from webapp.core.errors import Conflict, N_, NotAllowed, RuleBroken
from webapp.events.domain import DOORS_CLOSE
from webapp.organisations.domain import Permission
from webapp.signups.domain.standing import STATE_SENTENCES, Promise, State, state_of

# Raised when the meaning of a ledger row changes; stored on each row.
RULE_VERSION = 1
EARLY = timedelta(hours=2)  # doors: how long before the start a check-in is taken
LATE = DOORS_CLOSE  # and how long after the end
TRUSTED_DELAY = timedelta(hours=12)  # how old a phone's own time may be when a scan waited for the network
CLOCK_TOLERANCE = timedelta(minutes=2)
ANNUL_WINDOW = timedelta(minutes=15)
NONCE_LIMIT = 80
DEVICE_LIMIT = 80
CODE_LIMIT = 300
BATCH_LIMIT = 500
HEADCOUNT_MAX = 100_000
NOTE_LIMIT = 300


# Who may check people in.
SCANNERS = (Permission.SCAN, Permission.MANAGE_EVENTS, Permission.GOVERN)
# Who may look at the photos of a session.
PHOTO_VIEWERS = (*SCANNERS, Permission.REPORT, Permission.INSPECT)


class Direction(StrEnum):
    """Coming or going."""

    IN = "in"
    OUT = "out"


class Outcome(StrEnum):
    """Every answer a scan can get (design.md 6)."""

    ACCEPTED = "accepted"
    ALREADY_IN = "already_in"
    ALREADY_OUT = "already_out"
    NOT_IN = "not_in"
    WRONG_SESSION = "wrong_session"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    CANCELLED = "cancelled"
    WAITLISTED = "waitlisted"
    PENDING = "pending"
    EVENT_CANCELLED = "event_cancelled"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


# What speaks for someone's presence, whoever was first.
VALID = frozenset({Outcome.ACCEPTED, Outcome.ALREADY_IN, Outcome.ALREADY_OUT})

OUTCOME_SENTENCES = {
    Outcome.ACCEPTED: N_("签到成功"),
    Outcome.ALREADY_IN: N_("已经签到过了"),
    Outcome.ALREADY_OUT: N_("已经签退过了"),
    Outcome.NOT_IN: N_("还没有签到，不能签退"),
    Outcome.WRONG_SESSION: N_("这张码是另一个场次的"),
    Outcome.TOO_EARLY: N_("还没到签到时间"),
    Outcome.TOO_LATE: N_("签到时间已过"),
    Outcome.CANCELLED: N_("这个报名已经取消"),
    Outcome.WAITLISTED: N_("还在候补，没有名额"),
    Outcome.PENDING: N_("报名还没有通过审核"),
    Outcome.EVENT_CANCELLED: N_("这个场次已经取消"),
    Outcome.REVOKED: N_("这张码已作废，请出示新码"),
    Outcome.UNKNOWN: N_("不是本系统的报名码"),
}


# `lacks` in an answer of `pending` where that is what is lacking.
NO_GUARDIAN = "guardian"

# Why a code is unknown, where that can be told.
UNKNOWN_SENTENCES = {
    "foreign": N_("这是别的城市的报名码，本系统不能核对"),
    "damaged": N_("这张码不完整或被改动过，请出示原码，或输入短码"),
}


# How a refusal by what the sign-up is, and not by the hour or the code, is called in the API: its names are few and
# stay (docs/scanning.md); `state` beside them says which of these it is.
OUTCOME_OF_STATE = {
    State.PENDING: Outcome.PENDING,
    State.NO_CONSENT: Outcome.PENDING,
    State.WAITLISTED: Outcome.WAITLISTED,
    State.OFFERED: Outcome.WAITLISTED,
    State.OFFER_OVER: Outcome.CANCELLED,
    State.DECLINED: Outcome.CANCELLED,
    State.CANCELLED: Outcome.CANCELLED,
    State.POSTPONED: Outcome.EVENT_CANCELLED,
    State.EVENT_CANCELLED: Outcome.EVENT_CANCELLED,
    State.SESSION_CANCELLED: Outcome.EVENT_CANCELLED,
    State.NOT_PUBLISHED: Outcome.EVENT_CANCELLED,
    State.OVER: Outcome.TOO_LATE,
}


def sentence_for(outcome: Outcome, lacks: str | None = None, state: str | None = None) -> str:
    """The marked sentence of an answer: that of the sign-up's state where this is what kept the person out.

    `lacks` says what is missing, or why a code is unknown; answers kept from before there were states have only that.
    """
    if lacks == NO_GUARDIAN:
        return STATE_SENTENCES[State.NO_CONSENT]
    if state in set(State) and OUTCOME_OF_STATE.get(State(state)) == outcome != Outcome.TOO_LATE:
        return STATE_SENTENCES[State(state)]
    return UNKNOWN_SENTENCES.get(lacks or "", OUTCOME_SENTENCES[outcome])


def sentence_of(body: Mapping[str, Any]) -> str:
    """The marked sentence of an answer as it was kept."""
    return sentence_for(Outcome(body["outcome"]), body.get("lacks") or body.get("reason"), body.get("state"))


def status_of(outcome: Outcome) -> int:
    """HTTP status of an outcome given for the first time."""
    return {Outcome.ACCEPTED: 201, Outcome.UNKNOWN: 404}.get(outcome, 409)


class Grade(StrEnum):
    """How an attendance is known. Three grades, never added together silently (promise 4)."""

    SCAN = "scan"  # a named pass was read, by camera, by hand or by link
    ROSTER = "roster"  # a worker ticked the name
    HEADCOUNT = "headcount"  # people were counted
    HELD = "held"  # for 场次 alone: the session has at least one attendance or head-count that stands


class Metric(StrEnum):
    """What is counted. 场次 and 人次 are separate."""

    SESSIONS = "sessions"
    VISITS = "visits"  # audience, 人次
    VOLUNTEERS = "volunteers"  # volunteers' turns, 人次


METRIC_LABELS = {
    Metric.SESSIONS: N_("场次"),
    Metric.VISITS: N_("公众人次"),
    Metric.VOLUNTEERS: N_("志愿者人次"),
}


class Method(StrEnum):
    """How a pass reached us."""

    CAMERA = "camera"
    TYPED = "typed"
    LINK = "link"  # /p/<code> opened by a scanner, e.g. with WeChat's own scanner
    ROSTER = "roster"
    API = "api"
    WALL = "wall"  # the person's own phone read the code on the wall
    KIOSK = "kiosk"  # the person's code was read by a tablet nobody attends
    PAPER = "paper"  # entered later from a signed sheet
    SWEEP = "sweep"  # everyone still in was checked out with one tap


def grade_of(method: Method) -> Grade:
    """A tick on the roster is weaker evidence than a pass that was shown."""
    return Grade.ROSTER if method in {Method.ROSTER, Method.PAPER} else Grade.SCAN


class CountMethod(StrEnum):
    """How a head-count was made."""

    COUNTED = "counted"
    SHEET = "sheet"
    ESTIMATED = "estimated"


COUNT_METHOD_LABELS = {
    CountMethod.COUNTED: N_("现场点数"),
    CountMethod.SHEET: N_("按签到表清点"),
    CountMethod.ESTIMATED: N_("估计"),
}


class AnnulTooLate(NotAllowed):
    """Only staff with a reason may undo it now."""

    sentence = N_("签到超过 15 分钟，或不是这台设备扫的，只能由组织者写明原因后撤销。")
    code = "annul_too_late"


class AlreadyAnnulled(Conflict):
    """It was undone before."""

    sentence = N_("这条签到已经撤销。")
    code = "already_annulled"


class CountTooEarly(RuleBroken):
    """Nobody can be counted before the doors open."""

    sentence = N_("这个场次还没有开始，不能登记人数。")
    code = "too_early"


class CountCancelled(Conflict):
    """Nobody came to what did not happen."""

    sentence = N_("这个场次没有举办（未发布或已取消），不能登记人数。")
    code = "event_cancelled"


@dataclass(frozen=True)
class ScanRequest:
    """One attempt, as it reached us. Either `code` (pass code, pass URL or short code) or `signup_id` is given."""

    session_id: str
    direction: Direction
    nonce: str
    device: str
    by: str  # person id of the scanner
    method: Method
    code: str = ""
    signup_id: str = ""
    scanned_at: datetime | None = None
    offline: bool = False  # made without network: recorded even where it would have been refused
    more: Mapping[str, Any] = field(
        default_factory=dict
    )  # what else the scan's row keeps: its link in a chain


@dataclass(frozen=True)
class Answer:
    """What the scanner is told; `body` is stored and given again for the same nonce.

    The body names nobody but by a mask, so that a scan kept for ever holds no name that is to be forgotten one day.
    Whoever works with people is told the whole name beside it (`queries.spoken`).
    """

    status: int
    body: dict[str, Any]
    flagged: bool = False
    name: str = ""  # whole; empty where nobody is known, or nobody is to be told


def trusted_time(scanned_at: datetime | None, now: datetime) -> datetime:
    """The moment a scan counts at: the phone's own time if it is plausible, else ours."""
    if scanned_at is None or not now - TRUSTED_DELAY <= scanned_at <= now:
        return now
    return scanned_at


@dataclass(frozen=True)
class Facts:
    """All a decision about one scan needs to know."""

    promise: Promise
    revoked: bool
    right_session: bool
    in_at: datetime | None
    out_at: datetime | None


def decide(facts: Facts, direction: Direction, at: datetime) -> Outcome:
    """The outcome of a scan made at `at`. First hit wins; leaving is never refused for the hour."""
    if facts.revoked:
        return Outcome.REVOKED
    if not facts.right_session:
        return Outcome.WRONG_SESSION
    state, has_place = state_of(facts.promise, at), facts.promise.has_place
    is_by_the_hour = state == State.OVER and has_place  # what follows knows more
    if state not in {State.CONFIRMED, State.NO_CONSENT} and not is_by_the_hour:
        return OUTCOME_OF_STATE[state]
    if direction == Direction.OUT:
        if facts.in_at is None:
            return Outcome.NOT_IN
        return Outcome.ALREADY_OUT if facts.out_at else Outcome.ACCEPTED
    if facts.in_at is not None:
        return Outcome.ALREADY_IN
    if state == State.NO_CONSENT:
        return Outcome.PENDING
    period = facts.promise.dates.period
    if at < period.start - EARLY:
        return Outcome.TOO_EARLY
    return Outcome.TOO_LATE if at >= period.end + LATE else Outcome.ACCEPTED


def may_annul(
    *, scanned_at: datetime, scan_device: str, device: str, now: datetime, is_staff: bool, reason: str
) -> bool:
    """Same device within 15 minutes, or staff with a reason."""
    if is_staff and reason.strip():
        return True
    return bool(device) and device == scan_device and now - scanned_at <= ANNUL_WINDOW
