"""Age bands as people write them in lists. Plain Python."""

import re

from webapp.volunteers.domain import AgeBand

_GROWN = {"老年人", "老年", "老人", "中年", "中老年", "中老年人", "成年人"}


def band_of(text: str) -> str | None:
    """An age band as people write it: 不满14岁, 14-15, 9, 60岁以上, 成人; none for nothing. Raises ValueError."""
    text = re.sub(r"[岁周\s]", "", text)
    if not text:
        return None
    from_to = re.fullmatch(r"(\d{1,3})[-~至到–—_](\d{1,3})", text)
    if from_to and _band_of_age(int(from_to[1])) == _band_of_age(int(from_to[2])):
        return _band_of_age(int(from_to[1])).value
    over = re.fullmatch(r"(?:满|超过)?(\d{2,3})(?:以上|及以上|\+|多)", text)
    if over and int(over[1]) >= 18:
        return AgeBand.ADULT.value
    if text in _GROWN | {"成人", "成年", "18岁及以上", "18及以上", "18以上", "18+", "满18", "adult"}:
        return AgeBand.ADULT.value
    under = re.fullmatch(r"(?:(?:不满|未满|<|小于)(1[04])|(1[04])以下|under_(1[04]))", text)
    if under:
        ten = (under[1] or under[2] or under[3]) == "10"
        return (AgeBand.UNDER_10 if ten else AgeBand.UNDER_14).value
    if re.fullmatch(r"[0-9]{1,3}", text):
        return _band_of_age(int(text)).value
    raise ValueError(text)


def _band_of_age(age: int) -> AgeBand:
    if age < 10:
        return AgeBand.UNDER_10
    if age < 14:
        return AgeBand.FROM_10
    if age < 16:
        return AgeBand.FROM_14
    return AgeBand.FROM_16 if age < 18 else AgeBand.ADULT
