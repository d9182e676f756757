"""What people are found by is kept with them: made, changed, forgotten; and SQL finds whom Python finds."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.factories.people import make_account, make_person
from webapp.core.db import session, transaction
from webapp.core.indexed import hold, stands
from webapp.core.matching import Sought, words_of
from webapp.people.models import Person, PersonWords
from webapp.people.service import anonymise, anonymise_guests, find_or_make_person
from webapp.people.service.own import correct_details

NAMES = {
    "单丽": "+8613800005678",
    "仇英": "+8613900001234",
    "王小明": None,
    "长孙无忌": "+8613900001235",
    "阿依古丽·买买提": "+864548881234",
    "Anna-Maria O’Neil": "+8613700009999",
    "李 Emma": None,
    "吕布": "+8613700000078",
}
TYPED = (
    "单", "shan", "dan", "sl", "xm", "xiaom",
    "lv", "lu", "lü", "5678", "78", "678", "13900005678", "单 5678", "l", "李emma",
    "oneil", "o'neil", "anna m", "mmt",
    "古丽•买", "zhangsun", "zs 1235", "qy", "张", "'", '"', "%", "a & b", "x:*", "(", "-", "0",
)  # fmt: skip


def kept() -> dict[str, str]:
    rows = session().execute(
        select(Person.name, PersonWords.words).join(PersonWords, PersonWords.person_id == Person.id)
    )
    return {row.name: row.words for row in rows}


def found(typed: str) -> set[str]:
    node = Sought(typed).node
    if node is None:
        return set()
    wanted = select(Person.name).join(PersonWords, PersonWords.person_id == Person.id)
    return set(session().scalars(wanted.where(stands(PersonWords, node))))


@pytest.fixture
def people(app: Flask) -> dict[str, Person]:
    return {name: make_person(name, phone=phone) for name, phone in NAMES.items()}


@pytest.mark.parametrize("typed", TYPED)
def test_the_database_finds_whom_the_list_finds(people: dict[str, Any], typed: str) -> None:
    sought = Sought(typed)
    wanted = {one for one, phone in NAMES.items() if sought.finds(name=one, phone=phone)}
    assert {one.replace("O’", "O'") for one in found(typed)} == {one.replace("O’", "O'") for one in wanted}


@pytest.mark.parametrize("typed", TYPED)
def test_some_rows_asked_by_themselves_are_those_the_index_finds(people: dict[str, Any], typed: str) -> None:
    if (node := Sought(typed).node) is not None:
        wanted = select(Person.name).join(PersonWords, PersonWords.person_id == Person.id)
        assert set(session().scalars(wanted.where(hold(PersonWords.words, node)))) == found(typed)


def test_words_follow_name_and_phone(app: Flask) -> None:
    account = make_account("王伟", phone="+8613800000001")
    assert found("wangwei") == {"王伟"}
    with transaction():
        correct_details(account.id, name="单伟", phone="+8613800004321", email=None)
    assert (found("wangwei"), found("shanwei"), found("4321"), found("0001")) == (
        set(),
        {"单伟"},
        {"单伟"},
        set(),
    )


def test_words_go_when_the_person_is_forgotten(app: Flask) -> None:
    one, two = make_person("单丽", phone="+8613800005678"), make_person("单立")
    with transaction():
        anonymise(one.id)
        anonymise_guests([two.id])
    assert session().scalar(text("SELECT count(*) FROM person_words")) == 0
    assert (found("sl"), found("5678")) == (set(), set())


def test_who_is_found_again_has_words_once(app: Flask) -> None:
    for _ in range(2):
        with transaction():
            find_or_make_person(name="单丽", phone="+8613800005678")
    assert kept().keys() == {"单丽"}
    assert set(words_of("单丽", "+8613800005678").split()) == set(_plain(kept()["单丽"]))


def _plain(words: str) -> list[str]:
    return [one.strip("'") for one in words.split()]
