"""What a stored telephone number can do. Plain Python."""


def takes_sms(phone: str) -> bool:
    """Whether a short message arrives there: here on mobiles alone, never on a fixed line or a service number."""
    national = phone.removeprefix("+86")
    return not phone.startswith("+86") or (len(national) == 11 and national.startswith("1"))


def is_service(national: str) -> bool:
    """Whether it is one of the numbers that belong to no town and are dialled without a 0 (400, 800)."""
    return len(national) == 10 and national.startswith(("400", "800"))
