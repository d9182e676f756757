"""Persons and accounts, made through the services, each in a transaction of its own."""

from itertools import count

from webapp.core.db import transaction
from webapp.people import service
from webapp.people.models import Account, Person

PASSWORD = "a long quiet river"
_numbers = count(1)


def a_phone() -> str:
    """A mobile number nobody else in this run has, E.164."""
    return f"+86138{next(_numbers):08d}"


def make_person(name: str = "王小明", *, phone: str | None = None) -> Person:
    """Someone without an account."""
    with transaction():
        return service.find_or_make_person(name=name, phone=phone or a_phone())


def make_account(
    name: str = "李秀英", *, email: str | None = None, phone: str | None = None, password: str = PASSWORD
) -> Account:
    """Someone with an account; by e-mail unless told otherwise."""
    if email is None and phone is None:
        email = f"person{next(_numbers)}@example.cn"
    with transaction():
        return service.make_account(name=name, email=email, phone=phone, password=password)


def make_token(account: Account, name: str = "测试程序") -> str:
    """A key for a program that acts as this account's owner."""
    person_id = account.person_id
    with transaction():
        return service.create_token(person_id, name)
