"""What entries say in words, in the language an address was made for. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.calendars.domain import State, shorten
from webapp.signups.domain import SignupStatus


@dataclass(frozen=True)
class Words:
    """One language."""

    prefixes: Mapping[State, str]
    waiting: Mapping[SignupStatus, str]  # instead of the prefix of a shift that is not (yet) the person's
    states: Mapping[State, str]
    signups: Mapping[SignupStatus, str]
    part: str  # between event and session
    bring: str
    organiser: str
    position: str
    follows: str
    reason: str


ZH = Words(
    prefixes={State.POSTPONED: "【延期】", State.CANCELLED: "【已取消】", State.WAITING: "【候补】"},
    waiting={SignupStatus.PENDING: "【待审核】", SignupStatus.OFFERED: "【待确认】"},
    states={
        State.CANCELLED: "本场已取消，请不要前往。",
        State.POSTPONED: "本场延期，新的时间定下后会在这里更新。",
    },
    signups={
        SignupStatus.PENDING: "报名还在审核，结果看您的报名页。",
        SignupStatus.WAITLISTED: "您在候补名单上，轮到时看您的报名页。",
        SignupStatus.OFFERED: "有了空位，请尽快到网站上确认。",
        SignupStatus.CANCELLED: "您的报名已取消。",
        SignupStatus.DECLINED: "报名没有通过。",
        SignupStatus.EXPIRED: "没有及时确认，名额已让给别人。",
    },
    part="：",
    bring="请带：",
    organiser="主办：",
    position="（{}）",
    follows="活动有变动时，这里会自动更新。",
    reason="原因：",
)
EN = Words(
    prefixes={
        State.POSTPONED: "[Postponed] ",
        State.CANCELLED: "[Cancelled] ",
        State.WAITING: "[Waiting list] ",
    },
    waiting={SignupStatus.PENDING: "[To be approved] ", SignupStatus.OFFERED: "[To be confirmed] "},
    states={
        State.CANCELLED: "This session is cancelled. Please do not come.",
        State.POSTPONED: "This session is postponed. The new time will appear here.",
    },
    signups={
        SignupStatus.PENDING: "Your sign-up is being looked at; you will be told.",
        SignupStatus.WAITLISTED: "You are on the waiting list; you will be told when a place is free.",
        SignupStatus.OFFERED: "A place is free. Please confirm on the site soon.",
        SignupStatus.CANCELLED: "Your sign-up was cancelled.",
        SignupStatus.DECLINED: "Your sign-up was not accepted.",
        SignupStatus.EXPIRED: "The place was not confirmed in time and went to someone else.",
    },
    part=": ",
    bring="Bring: ",
    organiser="Organiser: ",
    position=" ({})",
    follows="Changes appear here by themselves.",
    reason="Reason: ",
)
LANGUAGES = {"zh": ZH, "en": EN}


def title_of(event: str, session: str, *, state: State, signup_status: str = "", words: Words = ZH) -> str:
    """【已取消】科学实验课：第二课."""
    prefix = words.prefixes.get(state, "")
    if state is State.WAITING:
        prefix = words.waiting.get(SignupStatus(signup_status), prefix)
    return prefix + event + (words.part + session if session else "")


def sentences_of(
    state: State, signup_status: str = "", *, reason: str | None = None, words: Words = ZH
) -> list[str]:
    """What has to be said first, and of what is cancelled why."""
    found = [words.signups.get(SignupStatus(signup_status), "")] if signup_status else []
    said = [sentence for sentence in [words.states.get(state, ""), *found] if sentence][:1]
    if said and state is State.CANCELLED and reason:
        said.append(words.reason + reason)
    return said


def describe(lines: list[str], *, summary: str, bring: str, organiser: str, words: Words = ZH) -> str:
    """Text of an entry: what happens, what to bring, whose it is. No names, no phones, no codes."""
    parts = [*lines, shorten(summary)]
    if bring.strip():
        parts.append(words.bring + bring.strip())
    parts.append(words.organiser + organiser)
    return "\n".join(part for part in parts if part)
