"""Accounts through the services: who someone is, told apart and told something."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests.factories.people import PASSWORD, a_phone, make_account, make_person, make_token
from tests.support.messages import fact
from tests.support.time import TestClock
from webapp.core import direct, passwords, tokens
from webapp.core.audit import AuditEntry
from webapp.core.db import db, transaction
from webapp.core.errors import NotFound
from webapp.core.outbox import OutboxMessage
from webapp.organisations.queries import owner_of_token
from webapp.people import queries, service
from webapp.people.domain import AccountTaken, BadLogin, WeakPassword, WrongPassword
from webapp.people.models import Account, ApiToken, Consent, Person


def test_the_same_name_on_the_same_telephone_is_the_same_person(app: Flask) -> None:
    phone = a_phone()
    first, again = make_person("王小明", phone=phone), make_person(" 王小明 ", phone=phone)
    other = make_person("王小红", phone=phone)
    assert first.id == again.id != other.id
    assert make_person("王小明").id != first.id


def test_without_a_telephone_everyone_is_someone_new(app: Flask) -> None:
    with transaction():
        first = service.find_or_make_person(name="王小明", phone=None)
        second = service.find_or_make_person(name="王小明", phone=None)
        assert first.id != second.id


def test_two_at_once_make_one_person(app: Flask) -> None:
    phone, found, start = a_phone(), [], threading.Barrier(4)

    def make() -> None:
        with app.app_context():
            start.wait()
            with transaction():
                found.append(service.find_or_make_person(name="王小明", phone=phone).id)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_registering_keeps_consent_with_the_version_of_the_text(app: Flask) -> None:
    with transaction():
        account = service.register(name="李秀英", login="138 0000 0001", password=PASSWORD)
    consent = db.session.scalars(select(Consent)).one()
    assert (consent.person_id, consent.policy_version, consent.method) == (
        account.person_id,
        "2026-12",
        "web",
    )
    assert account.phone == account.person.phone == "+8613800000001"
    assert account.email is None
    assert PASSWORD not in account.password_hash
    assert account.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Li.XiuYing@Example.CN", "li.xiuying@example.cn"),
        ("　office@demo.test ", "office@demo.test"),
        ("１３８００００００２２", "+8613800000022"),
        ("+86 138-0000-0022", "+8613800000022"),
        ("0454-8888888", "+864548888888"),
    ],
)
def test_a_login_in_one_spelling(typed: str, kept: str) -> None:
    found = queries.as_login(typed)
    assert found is not None
    assert found.text == kept


@pytest.mark.parametrize(
    "typed",
    ["", "@", "a@", "@b.cn", "a b@c.cn", "138", "王小明", "a@b\x00.cn", "1" * 500, "a@" + "b" * 300 + ".cn"],
)
def test_not_a_login(typed: str) -> None:
    assert queries.as_login(typed) is None


def test_a_login_belongs_to_one_account(app: Flask) -> None:
    make_account(email="li@example.cn")
    with pytest.raises(AccountTaken), transaction():
        service.register(name="李小英", login="LI@example.cn", password=PASSWORD)
    with pytest.raises(BadLogin), transaction():
        service.register(name="李小英", login="nobody", password=PASSWORD)
    with pytest.raises(WeakPassword), transaction():
        service.register(name="李小英", login="xiaoying@example.cn", password="12345678")
    assert db.session.scalar(select(func.count(Account.id))) == 1


def test_two_registering_at_once_get_one_account(app: Flask) -> None:
    answers: list[str] = []
    start = threading.Barrier(3)
    hashed = service.prepare_password(PASSWORD)

    def go(name: str) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    service.register(name=name, login="li@example.cn", password=hashed)
                answers.append("made")
            except AccountTaken:
                answers.append("taken")

    threads = [threading.Thread(target=go, args=(name,)) for name in ("李一", "李二", "李三")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["made", "taken", "taken"]


def test_nobody_registers_into_what_a_guest_signed_up_for(app: Flask) -> None:
    """The telephone is not proven: knowing a name and a number must not open that person's sign-ups."""
    guest = make_person("李秀英", phone="+8613800000001")
    account = make_account("李秀英", phone="+8613800000001")
    assert account.person_id != guest.id
    assert queries.contact_of(account.person_id) == ("sms", "+8613800000001")


def test_where_to_reach_someone(app: Flask) -> None:
    with_mail = make_account(email="li@example.cn", phone="+8613800000001")
    with_phone, guest = make_account(phone="+8613800000002"), make_person(phone="+8613800000003")
    assert queries.contact_of(with_mail.person_id) == ("mail", "li@example.cn")
    assert queries.contact_of(with_phone.person_id) == ("sms", "+8613800000002")
    assert queries.contact_of(guest.id) == ("sms", "+8613800000003")
    assert queries.contact_of("0" * 18) is None
    with transaction():
        unreachable = service.find_or_make_person(name="王大爷", phone=None)
        for _ in range(2):
            for person_id in (with_mail.person_id, guest.id, unreachable.id):
                told = fact(f"moved:{person_id}")
                service.notify(person_id, subject="改期", body="改到下午。", fact=told)
    queued = db.session.execute(select(OutboxMessage.channel, OutboxMessage.recipient)).all()
    assert sorted(tuple(row) for row in queued) == [("mail", "li@example.cn"), ("sms", "+8613800000003")]


def test_the_wrong_password_and_the_unknown_name_are_told_the_same(app: Flask) -> None:
    account = make_account(email="li@example.cn")
    assert service.authenticate(" LI@example.cn", PASSWORD).id == account.id
    for login, password in (
        ("li@example.cn", PASSWORD + " "),
        ("li@example.cn", ""),
        ("nobody@example.cn", PASSWORD),
        ("no login at all", PASSWORD),
        ("\ud800@example.cn", "\ud800"),
    ):
        with pytest.raises(WrongPassword):
            service.authenticate(login, password)


def test_an_unknown_name_costs_a_hash_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str | None] = []
    original = passwords.matches

    def counted(stored: str | None, password: str) -> bool:
        made.append(stored)
        return original(stored, password)

    monkeypatch.setattr(passwords, "matches", counted)
    for login in ("nobody@example.cn", "nonsense"):
        with pytest.raises(WrongPassword):
            service.authenticate(login, PASSWORD)
    assert made == [None, None]


def test_a_closed_account_opens_nothing(app: Flask) -> None:
    account = make_account(email="li@example.cn")
    token, cookie = make_token(account), account.get_id()
    assert queries.account_of_cookie(cookie) is not None
    with transaction() as session:
        session.get_one(Account, account.id).disabled_at = account.created_at
    assert queries.account_of_cookie(cookie) is None
    assert owner_of_token(token) is None
    with pytest.raises(WrongPassword):
        service.authenticate("li@example.cn", PASSWORD)


@pytest.mark.parametrize("cookie", ["", ".", "x.y", "\x00.", "王.李", "a" * 5000, "0" * 18 + "."])
def test_a_cookie_that_means_nothing(app: Flask, cookie: str) -> None:
    assert queries.account_of_cookie(cookie) is None


def test_a_new_password_ends_every_session(app: Flask) -> None:
    account = make_account(email="li@example.cn")
    cookie = account.get_id()
    new = service.prepare_password_change(account.id, old=PASSWORD, new="another quiet river")
    with transaction():
        service.change_password(account.id, new)
    assert queries.account_of_cookie(cookie) is None
    assert service.authenticate("li@example.cn", "another quiet river").id == account.id
    with pytest.raises(WrongPassword) as refused:
        service.prepare_password_change(account.id, old=PASSWORD, new="a third quiet river")
    assert refused.value.at_field == "old"


def test_signing_out_ends_that_sign_in_and_no_other(app: Flask, clock: TestClock) -> None:
    clock.set(datetime.now(UTC))  # ids are born by the real clock
    account = make_account(email="li@example.cn")
    signed = queries.signed_in(account)
    here, there = signed.anew(), signed.anew()
    assert queries.account_of_cookie(here.get_id()) == here
    with transaction():
        service.end_sign_in(here)
        service.end_sign_in(here)  # two taps
    assert queries.account_of_cookie(here.get_id()) is None
    assert queries.account_of_cookie(there.get_id()) == there
    for wrong in (".", ".x", "." + "u" * 18, "." + "0" * 17, there.get_id()[-19:] + ".x"):
        assert queries.account_of_cookie(account.get_id() + wrong) is None, wrong
    clock.advance(days=399)
    with transaction():
        assert service.forget_ended_sign_ins() == 0
    assert queries.account_of_cookie(there.get_id()) is not None
    clock.advance(days=2)
    with transaction():
        assert service.forget_ended_sign_ins() == 1
    for cookie in (here, there):  # however often it was renewed
        assert queries.account_of_cookie(cookie.get_id()) is None


def test_a_cookie_of_before_sign_ins_had_ids_ends_with_all_others(app: Flask) -> None:
    account = make_account(email="li@example.cn")
    old, other = queries.signed_in(account), queries.signed_in(account).anew()
    assert queries.account_of_cookie(old.get_id()) == old
    with transaction():
        service.end_sign_in(old)
    assert queries.account_of_cookie(old.get_id()) is None
    assert queries.account_of_cookie(other.get_id()) is None


def test_a_token_works_until_it_is_revoked_and_is_not_stored(app: Flask) -> None:
    account, other = make_account("李秀英"), make_account("王小明")
    plain = make_token(account)
    row = db.session.scalars(select(ApiToken)).one()
    assert plain not in (row.fingerprint, row.name)
    found = owner_of_token(plain)
    assert found is not None
    known, may, held = found
    assert held == []
    assert (known.id, known.name, may) == (account.person_id, "李秀英", frozenset())
    for wrong in ("", plain[:-1], plain + " ", plain.swapcase(), "\x00", "\ud800", tokens.new_token()):
        assert owner_of_token(wrong) is None
    with pytest.raises(NotFound), transaction():
        service.revoke_token(other.person_id, row.id)
    assert owner_of_token(plain) is not None
    db.session.rollback()
    with transaction():
        service.revoke_token(account.person_id, row.id)
    assert owner_of_token(plain) is None


def test_a_token_costs_one_query(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, seen = make_token(make_account()), []
    send = direct.Prepared.send

    def note(prepared: direct.Prepared, *given: Any) -> None:
        seen.append("by the driver")
        send(prepared, *given)

    def listen(*given: Any) -> None:
        seen.append(given[2])

    monkeypatch.setattr(direct.Prepared, "send", note)
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        assert owner_of_token(plain)
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert len([one for one in seen if not one.startswith("BEGIN")]) == 1


def test_acts_on_accounts_are_recorded(app: Flask) -> None:
    with transaction():
        account = service.register(name="李秀英", login="li@example.cn", password=PASSWORD)
    make_token(account)
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["account.register", "token.create"]
    assert db.session.scalar(select(func.count(Person.id))) == 1
