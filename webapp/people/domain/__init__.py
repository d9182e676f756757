"""Names, masks, password rule and throttle of sign-in. Plain Python."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.core import spelling
from webapp.core.errors import Conflict, N_, RuleBroken
from webapp.core.phones import is_service, takes_sms

NAME_LIMIT = 50
KEY_LIMIT = 200  # a letter may fold into three, and some into more
EMAIL_LIMIT = 254
CLOSED_NAME = "已注销"  # stands where the name of someone who left was
PASSWORD_MIN, PASSWORD_MAX = 8, 200
TOKEN_NAME_LIMIT = 60
SIGN_IN_LASTS = timedelta(days=400)  # however often its cookie was renewed
PHONES_REVEALED = "phones.reveal"  # somebody looked at the numbers of a list
PHONES_SHOWN = timedelta(minutes=30)  # how long they stand there after one press
PHONE_TAIL = 4  # digits by which people are told apart without their number being shown
TOKENS_MAX = 20  # a person's programs; more is a script gone wrong

# Two-character family names common enough to be masked whole (欧阳** and not 欧**).
_DOUBLE_SURNAMES = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "司徒",
        "夏侯",
        "长孙",
        "宇文",
        "端木",
        "南宫",
    ]
)


class BadName(RuleBroken):
    """Not a name a person can have."""

    sentence = N_("请填写真实姓名，最多 50 个字，只用文字，可以有间隔号“·”。")
    code = "bad_name"
    field = "name"


class BadNameCharacter(BadName):
    """A character that is no part of any name; it is named, since it may look like one that is."""

    sentence = N_("“%(character)s”不能用在姓名里，请删去或改正。")


class BadNameStart(BadName):
    """What may stand in a name and cannot begin one."""

    sentence = N_("姓名不能以“%(character)s”开头，请从第一个字写起。")


class WeakPassword(RuleBroken):
    """Too short, too long or too common."""

    sentence = N_("密码至少 8 个字，不能只用一种重复的字，也不能是常见密码。")
    code = "weak_password"
    field = "password"


class WrongPassword(RuleBroken):
    """Account or password does not match; which of them is never said."""

    sentence = N_("账号或密码不对。请检查大小写，或联系组织者重设密码。")
    code = "wrong_password"
    field = "password"


class TooManyAttempts(RuleBroken):
    """Sign-in is paused for this name or address."""

    sentence = N_("试错次数太多，为保护账号，请 %(minutes)s 分钟后再试。")
    code = "too_many_attempts"
    http_status = 429


class BadLogin(RuleBroken):
    """Neither a telephone number nor an e-mail address."""

    sentence = N_("请填写 11 位手机号，或完整的邮箱，如 wang@example.cn。")
    code = "bad_login"
    field = "login"


class AccountTaken(Conflict):
    """Another account has this e-mail or phone."""

    sentence = N_("这个手机号或邮箱已经注册过，请直接登录。")
    code = "account_taken"
    field = "login"


class BadTokenName(RuleBroken):
    """A token without a name cannot be told from the others later."""

    sentence = N_("请写清这个密钥给什么程序用，1 至 60 个字。")
    code = "bad_token_name"
    field = "name"


class TokenNameTaken(Conflict):
    """Two keys of one name cannot be told apart; a form sent twice ends here, too."""

    sentence = N_("已有同名的密钥在使用，请换一个名字，或先停用原来的。")
    code = "token_name_taken"
    field = "name"


class TooManyTokens(RuleBroken):
    """More keys than anyone looks after."""

    sentence = N_("最多保留 %(limit)s 个密钥，请先停用不再使用的。")
    code = "too_many_tokens"
    field = "name"


def normal_name(text: str) -> str:
    """A person's name in its one spelling (core.spelling); raises BadName. Every script and rare characters are
    allowed.
    """
    name = spelling.name_form(text)
    wrong = spelling.wrong_in_name(name)
    if wrong is not None:
        may_follow = name.startswith(wrong) and spelling.wrong_in_name("x" + wrong) is None
        raise (BadNameStart if may_follow else BadNameCharacter)(character=_as_typed(wrong, text))
    if not 1 <= len(name) <= NAME_LIMIT:
        raise BadName
    return name


def _as_typed(wrong: str, text: str) -> str:
    """The character for the sentence, in the width in which it was entered."""
    return spelling.shown(next((one for one in text if spelling.plain(one) == wrong), wrong))


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name."""
    return spelling.name_key(one) == spelling.name_key(other)


class Withdrawn(StrEnum):
    """How a guardian took the consent back."""

    LINK = "link"  # by the guardian's own link
    STAFF = "staff"  # they told staff, who wrote it down
    SELF = "self"  # from the young person's own account


class GuardianIsChild(RuleBroken):
    """Nobody is their own guardian. A shared telephone is usual in families; a shared name is no second person."""

    sentence = N_("监护人不能是参加者自己，请写父母或其他监护人的姓名。")
    code = "guardian_is_child"
    field = "guardian_name"


def guardian_key(person_id: str) -> str:
    """How the keys of messages to a child's guardian begin."""
    return f"guardian:{person_id}:"


def check_guardian_name(child: str, guardian: str) -> None:
    """Raise GuardianIsChild where both spellings are one name."""
    if same_name(child, guardian):
        raise GuardianIsChild


def mask_name(name: str) -> str:
    """张*, 王**, 欧阳**: the family name and a star for each other character (domain.md 5)."""
    if not name:
        return "*"
    if " " in name or name[0].isascii():
        return name[0] + "**"
    keep = 2 if name[:2] in _DOUBLE_SURNAMES and len(name) > 2 else 1
    return name[:keep] + "*" * max(1, min(len(name) - keep, 2))


def mask_phone(phone: str | None) -> str:
    """138****5678; empty when there is none."""
    digits = (phone or "").removeprefix("+86")
    if len(digits) < 7:
        return "*" * len(digits)
    return f"{digits[:3]}****{digits[-4:]}"


def mask_contact(recipient: str) -> str:
    """A phone as 138****5678, an e-mail address as z***@example.cn."""
    local, mark, host = recipient.partition("@")
    return f"{local[:1]}***@{host}" if mark else mask_phone(recipient)


def show_phone(phone: str | None) -> str:
    """A stored number as people here dial it: 13800000001, 4008123123, and 04548888888 for a fixed line."""
    if not phone or not phone.startswith("+86"):
        return phone or ""
    national = phone.removeprefix("+86")
    return national if takes_sms(phone) or is_service(national) else "0" + national


_COMMON_TEXT = (
    "12345678 123456789 1234567890 password 11111111 88888888 00000000 87654321 qwertyui a1234567 abc12345 "
    "iloveyou 66668888 12341234 5201314520 woaini520 qwer1234 1qaz2wsx password1 11223344"
)
_COMMON = frozenset(_COMMON_TEXT.split())


def check_password(password: str, *, field: str = "password") -> None:
    """Length as NIST SP 800-63B 3.1.1 asks (8 or more, no composition rules), common ones refused.

    Raises WeakPassword, for the form's field of this name.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise WeakPassword(field=field)
    if password.lower() in _COMMON or len(set(password)) < 3:
        raise WeakPassword(field=field)


FREE_ATTEMPTS = 5  # for one account name
FREE_ATTEMPTS_ADDRESS = 100  # a hall or an office shares one address
FORGET_AFTER = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(minutes=30)


def pause_after(failures: int, free: int) -> timedelta | None:
    """How long to wait after this many failures: none at first, then 1, 2, 4 … minutes, at most 30."""
    if failures < free:
        return None
    return min(timedelta(minutes=2 ** min(failures - free, 10)), LONGEST_PAUSE)


def is_forgotten(first_at: datetime, blocked_until: datetime | None, now: datetime) -> bool:
    """Whether old failures no longer count: half an hour after the first one, or after the pause they earned."""
    return now >= max(first_at, blocked_until or first_at) + FORGET_AFTER


def minutes_left(until: datetime, now: datetime) -> int:
    """Whole minutes to wait, at least one."""
    return max(1, -(-int((until - now).total_seconds()) // 60))


# --- by what someone can be told -----------------------------------------------------------------------------------


class Way(StrEnum):
    """By what a person hears of a change."""

    MAIL = "mail"
    SMS = "sms"
    PHONE = "phone"  # nothing we send arrives: somebody has to ring them up
    SITE = "site"  # only where they read it themselves, signed in
    NOBODY = "nobody"  # no number either: whoever signed them up has to tell them


@dataclass(frozen=True)
class Channels:
    """What the installation can send."""

    mail: bool = False
    sms: bool = False


def way_to(email: str | None, phone: str | None, ours: Channels, *, has_account: bool) -> Way:
    """The first of mail, SMS, telephone and site that is there; a fixed line is rung up."""
    if email and ours.mail:
        return Way.MAIL
    if phone and ours.sms and takes_sms(phone):
        return Way.SMS
    if phone:
        return Way.PHONE
    return Way.SITE if has_account else Way.NOBODY


def contact_for(email: str | None, phone: str | None, ours: Channels) -> tuple[str, str] | None:
    """Channel and recipient of a message; one whose channel leads nowhere is still kept to be read on the site."""
    if email and (ours.mail or not (phone and ours.sms and takes_sms(phone))):
        return "mail", email
    return ("sms", phone) if phone else None
