"""Phones that scan: what they are, what they send, what people are asked to look at. Plain Python."""

from datetime import datetime, timedelta
from enum import StrEnum

from webapp.core.errors import Expired, N_, RuleBroken

DEVICE_NAME_LIMIT = 60
PAIRING_CODE_LIFE = timedelta(minutes=10)
LONGEST_PAIRING = timedelta(days=14)
# How old a scan may be that a phone kept while there was no network; its chain vouches for it.
OFFLINE_TRUST = timedelta(days=30)
WALK_IN_NAME_LIMIT = 40
CLOCK_RIGHT = timedelta(seconds=30)  # nobody calls a clock wrong that is wrong by less


class DeviceKind(StrEnum):
    """What scans, and as whom."""

    BROWSER = "browser"  # of a scanner who is signed in
    PHONE = "phone"  # paired for named sessions
    KIOSK = "kiosk"  # paired, and shown to the public


DEVICE_KIND_LABELS = {
    DeviceKind.BROWSER: N_("登录的浏览器"),
    DeviceKind.PHONE: N_("签到手机"),
    DeviceKind.KIOSK: N_("自助签到平板"),
}


class ScanKind(StrEnum):
    """What one link of a phone's chain says."""

    PASS = "pass"  # noqa: S105  (a code was read or typed)
    ROSTER = "roster"  # a name was ticked
    WALK_IN = "walk_in"  # someone came who had not signed up
    HEADS = "heads"  # people were counted
    UNDO = "undo"  # an earlier link is taken back


class Verdict(StrEnum):
    """What a phone without network answered by itself."""

    VERIFIED = "verified"  # genuine and on the list
    UNLISTED = "unlisted"  # genuine, but the phone's list does not have it
    REFUSED = "refused"


class Flag(StrEnum):
    """Why people are asked to look at a scan that was made without network."""

    REFUSED = "refused"  # let in, but the rules say no
    CLOCK = "clock"  # the phone's time cannot be right
    TAMPERED = "tampered"  # the chain's proof does not fit
    DEVICE = "device"  # the phone was not, or no longer, allowed
    TURNED_AWAY = "turned_away"  # the phone refused whom we would have let in
    FULL = "full"  # someone came unannounced and there was no place
    NAMESAKE = "namesake"  # someone came unannounced who is called like somebody on the list
    FAULT = "fault"  # we could not make sense of it


FLAG_SENTENCES = {
    Flag.REFUSED: N_("没有网络时放行了，按规则不该放行"),
    Flag.CLOCK: N_("手机的时间不对，到场时间不可信"),
    Flag.TAMPERED: N_("记录的校验对不上，可能被改动过"),
    Flag.DEVICE: N_("这台手机当时没有这一场的签到权限"),
    Flag.TURNED_AWAY: N_("手机没有放行，按最新名单本可以放行"),
    Flag.FULL: N_("没有报名的人到场，名额已满"),
    Flag.NAMESAKE: N_("没有报名的人到场，和名单上的人同名，可能是同一个人"),
    Flag.FAULT: N_("这条记录系统读不懂"),
}


class Settlement(StrEnum):
    """What people decided about a flagged scan."""

    COUNTED = "counted"  # the person came
    HEADCOUNT = "headcount"  # somebody came: one head
    DISMISSED = "dismissed"  # nobody came


SETTLEMENT_LABELS = {
    Settlement.COUNTED: N_("本人到场，算签到"),
    Settlement.HEADCOUNT: N_("有人到场，只算一个人数"),
    Settlement.DISMISSED: N_("不算"),
}


class WallMode(StrEnum):
    """How the code on the wall is shown."""

    ROTATING = "rotating"  # on a screen, another one every half minute
    PRINTED = "printed"  # on paper, with a number spoken in the room


class PairingExpired(Expired):
    """The code was mistyped or used, or ten minutes went by."""

    sentence = N_("配对码不对，或者已经用过、过期了。请和组织者的屏幕再对一遍，还不行就请组织者再出一个。")
    code = "pairing_expired"
    field = "code"


class DeviceExpired(Expired):
    """The pairing lasted until a moment that is past."""

    sentence = N_("这台手机的配对已到期。已经扫的会照常上传；要接着扫，请组织者再出一个配对码。")
    code = "device_expired"


class DeviceRevoked(Expired):
    """Someone took the pairing back."""

    sentence = N_("这台手机的配对已被组织者取消。要接着扫，请组织者再出一个配对码。")
    code = "device_revoked"


class PairingTooLong(RuleBroken):
    """A pairing ends within two weeks, and not before it begins."""

    sentence = N_("请填写今后 14 天之内的时间。")
    code = "pairing_too_long"
    field = "until"


class NoSession(RuleBroken):
    """A phone is paired for something."""

    sentence = N_("请至少选一个场次。")
    code = "no_session"
    field = "sessions"


def check_pairing(until: datetime, session_ids: frozenset[str], now: datetime) -> None:
    """Raise PairingTooLong or NoSession."""
    if not now < until <= now + LONGEST_PAIRING:
        raise PairingTooLong
    if not session_ids:
        raise NoSession


def clock_words(offset_ms: int | None) -> tuple[str, int]:
    """How wrong a phone's clock is: ("right" | "slow" | "fast" | "unknown", whole minutes)."""
    if offset_ms is None:
        return "unknown", 0
    if abs(offset_ms) <= CLOCK_RIGHT / timedelta(milliseconds=1):
        return "right", 0
    return ("slow" if offset_ms > 0 else "fast"), max(1, round(abs(offset_ms) / 60_000))


class CannotCount(RuleBroken):
    """Nobody is known who could be checked in."""

    sentence = N_("有的记录不知道是谁，不能算签到。请只勾有姓名的，或者算一个人数。")
    code = "cannot_count"
    field = "settlement"


class PlaceElsewhere(RuleBroken):
    """The person is known, with a place in another session."""

    sentence = N_("有的记录是另一个场次的报名，不能算这一场的签到。人确实来了的，请算一个人数。")
    code = "place_elsewhere"
    field = "settlement"


def check_settlement(
    settlement: Settlement, *, has_signup: bool, is_arrival: bool, is_here: bool = True
) -> None:
    """Raise CannotCount or PlaceElsewhere where a decision makes no sense.

    A sign-up of this session counts, an arrival may be a head.
    """
    if settlement == Settlement.COUNTED and not has_signup:
        raise CannotCount
    if settlement == Settlement.COUNTED and not is_here:
        raise PlaceElsewhere
    if settlement == Settlement.HEADCOUNT and not is_arrival:
        raise CannotCount
