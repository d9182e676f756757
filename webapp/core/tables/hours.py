"""An hour with the word before it: 下午2点, 中午12点, 晚上12点. Plain Python."""

from dataclasses import dataclass

from webapp.core.errors import N_

WHICH_HALF = N_("“%(text)s”是上午还是下午？请写成“上午”“下午”或 24 小时制，如 14:00。")
AGAINST_HALF = N_("“%(text)s”前后不一致，请写成 24 小时制，如 14:00。")

_EARLY = {"凌晨", "清晨", "早上", "早晨", "早", "上午", "am", "a.m."}
_LATE = {"下午", "午后", "傍晚", "晚上", "晚间", "晚", "pm", "p.m."}
_NOON, _NIGHT = {"中午", "正午", "午间"}, {"夜里", "夜间", "半夜", "深夜"}
HALVES = {*_EARLY, *_LATE, *_NOON, *_NIGHT}


class Unclear(Exception):
    """What was written cannot be used: a marked sentence with its parameters."""

    def __init__(self, sentence: str, **params: str) -> None:
        super().__init__(sentence)
        self.sentence, self.params = sentence, params


@dataclass(frozen=True)
class Clock:
    """A time of day in minutes from midnight, up to 24:00, as far as it is known."""

    minutes: int
    half: str = ""  # the word before it
    is_sure: bool = True  # False: may be one of two
    text: str = ""


def clock_of(minutes: int, half: str, *, text: str, spoken: bool = False) -> Clock:
    """A time of day with the word before it. Raises Unclear where they contradict each other."""
    hour = minutes // 60
    if not half:
        sure = not 1 <= hour <= (7 if spoken else 6)
        return Clock(minutes, "", sure, text)
    if half in _EARLY:
        if half == "凌晨" and hour in {12, 24}:
            return Clock(minutes % 60, half, text=text)
        if hour > 12 or (hour == 12 and half not in {"上午", "am"}) or (half == "凌晨" and hour > 6):
            raise Unclear(AGAINST_HALF, text=text)
        return Clock(minutes % 60 if half == "am" and hour == 12 else minutes, half, text=text)
    if half in _NOON:
        if hour not in {11, 12, 13, 1, 2, 14}:
            raise Unclear(AGAINST_HALF, text=text)
        return Clock(minutes + 720 if hour <= 2 else minutes, half, text=text)
    if half in _NIGHT and hour <= 5:
        return Clock(minutes, half, text=text)
    return _late(minutes, half, text)


def _late(minutes: int, half: str, text: str) -> Clock:
    hour = minutes // 60
    if half in {"下午", "午后", "傍晚", "pm"}:
        if hour in {0, 24} or (half == "傍晚" and hour == 12):
            raise Unclear(AGAINST_HALF, text=text)
        return Clock(minutes if hour >= 12 else minutes + 720, half, text=text)
    if hour == 12:  # 晚上12点: the end of the day
        return Clock(minutes + 720, half, is_sure=minutes == 720, text=text)
    if hour in range(1, 5) or hour in range(13, 17):
        raise Unclear(WHICH_HALF, text=text)
    return Clock(minutes + 720 if hour < 12 and hour else minutes, half, text=text)
