"""Truth tables: names, masks, passwords, the pauses of sign-in."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.people.domain import (
    FREE_ATTEMPTS,
    BadName,
    Channels,
    Way,
    WeakPassword,
    check_password,
    contact_for,
    is_forgotten,
    mask_name,
    mask_phone,
    minutes_left,
    normal_name,
    pause_after,
    show_phone,
    way_to,
)

NOW = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王小明", "王小明"),
        ("  王小明\u3000", "王小明"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("𠮷田太郎", "𠮷田太郎"),
        ("Anna  Maria O'Neill", "Anna Maria O'Neill"),
        ("王" * 50, "王" * 50),
    ],
)
def test_a_name_in_one_spelling(typed: str, kept: str) -> None:
    assert normal_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", " ", "王" * 51, "13800000001", "<b>王</b>", "王\x00", "·王", "王①", "王（大）", "=1+1", "王_"],
)
def test_not_a_name(typed: str) -> None:
    with pytest.raises(BadName):
        normal_name(typed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("王①", "“①”不能用在姓名里"),
        ("王小明（大）", "“（”不能用在姓名里"),
        ("王\x00", "“U+0000”不能用在姓名里"),
        ("1号", "不能以“1”开头"),
        ("·王", "不能以“·”开头"),
        ("", "请填写真实姓名"),
    ],
)
def test_the_sentence_names_what_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(BadName) as refused:
        normal_name(typed)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("王小明", "王**"),
        ("欧阳修文", "欧阳**"),
        ("欧阳", "欧*"),
        ("司马光", "司马*"),
        ("阿依古丽·买买提", "阿**"),
        ("Anna Maria", "A**"),
        ("王", "王*"),
        ("", "*"),
    ],
)
def test_a_masked_name_keeps_the_family_name(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "masked", "shown"),
    [
        ("+8613812345678", "138****5678", "13812345678"),
        ("+864548888888", "454****8888", "04548888888"),
        (None, "", ""),
        ("+864008123123", "400****3123", "4008123123"),
        ("+86123", "***", "0123"),
        ("+85212345678", "+85****5678", "+85212345678"),
    ],
)
def test_a_telephone_as_staff_and_as_its_owner_see_it(phone: str | None, masked: str, shown: str) -> None:
    assert mask_phone(phone) == masked
    assert show_phone(phone) == shown


@pytest.mark.parametrize(
    "password", ["", "1234567", "12345678", "Password", "aaaaaaaa", "abababab", "PASSWORD1", "x" * 201]
)
def test_a_weak_password(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_password(password, field="new")
    assert refused.value.at_field == "new"


@pytest.mark.parametrize(
    "password", ["kepu-demo-2026", "长江黄河松花江乌苏里", " spaces ", "é" * 3 + "abcde"]
)
def test_a_good_password(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    ("failures", "pause"),
    [
        (0, None),
        (FREE_ATTEMPTS - 1, None),
        (FREE_ATTEMPTS, minutes(1)),
        (FREE_ATTEMPTS + 1, minutes(2)),
        (FREE_ATTEMPTS + 2, minutes(4)),
        (FREE_ATTEMPTS + 4, minutes(16)),
        (FREE_ATTEMPTS + 5, minutes(30)),
        (FREE_ATTEMPTS + 5000, minutes(30)),
    ],
)
def test_pauses_double_and_end(failures: int, pause: timedelta | None) -> None:
    assert pause_after(failures, FREE_ATTEMPTS) == pause


@pytest.mark.parametrize(
    ("first", "blocked", "forgotten"),
    [
        (minutes(-29), None, False),
        (minutes(-30), None, True),
        (minutes(-300), minutes(-29), False),
        (minutes(-300), minutes(-30), True),
        (minutes(-300), minutes(5), False),
    ],
)
def test_failures_are_forgotten_half_an_hour_later(
    first: timedelta, blocked: timedelta | None, forgotten: bool
) -> None:
    assert is_forgotten(NOW + first, NOW + blocked if blocked else None, NOW) is forgotten


@pytest.mark.parametrize(("left", "said"), [(1, 1), (60, 1), (61, 2), (1800, 30)])
def test_minutes_are_rounded_up(left: int, said: int) -> None:
    assert minutes_left(NOW + timedelta(seconds=left), NOW) == said


MOBILE, LANDLINE, SERVICE = "+8613812345678", "+864548888888", "+864008123123"


@pytest.mark.parametrize(
    ("email", "phone", "way", "contact"),
    [
        (None, MOBILE, Way.SMS, ("sms", MOBILE)),
        (None, LANDLINE, Way.PHONE, ("sms", LANDLINE)),  # kept to be read on the site, and never sent
        (
            None,
            "+861088888888",
            Way.PHONE,
            ("sms", "+861088888888"),
        ),  # Beijing's area code begins with 1 as well
        (None, SERVICE, Way.PHONE, ("sms", SERVICE)),
        ("a@example.cn", LANDLINE, Way.MAIL, ("mail", "a@example.cn")),
        (None, None, Way.NOBODY, None),
    ],
)
def test_a_fixed_line_is_rung_up(
    email: str | None, phone: str | None, way: Way, contact: tuple[str, str] | None
) -> None:
    ours = Channels(mail=True, sms=True)
    assert way_to(email, phone, ours, has_account=False) == way
    assert contact_for(email, phone, ours) == contact


def test_where_mail_is_not_sent_it_is_still_better_than_a_short_message_to_a_fixed_line() -> None:
    ours = Channels(sms=True)
    assert contact_for("a@example.cn", LANDLINE, ours) == ("mail", "a@example.cn")
    assert contact_for("a@example.cn", MOBILE, ours) == ("sms", MOBILE)
