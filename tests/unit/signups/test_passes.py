"""The server reads passes as tests/vectors/passes.json says; the phone does in tests/browser."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vectors import passes
from webapp.core import signing
from webapp.core.clock import Period
from webapp.signups import domain, queries

VECTORS = json.loads(passes.FILE.read_text("utf-8"))
KEYS = [passes.OURS, passes.NEWER, passes.RETIRED]
ids = st.text(signing.LETTERS, min_size=18, max_size=18)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_a_pass_is_read_as_both_sides_agreed(case: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "all_keys", lambda: KEYS)
    read = queries.read_code(case["text"])
    assert read.state == case["state"]
    if case["reading"] is None:
        assert read == queries.PassReading(read.state)
        return
    assert read.valid_from and read.valid_until
    assert case["reading"] == {
        "signup": read.signup_id,
        "serial": read.serial,
        "from": int(read.valid_from.timestamp()) // 60,
        "until": int(read.valid_until.timestamp()) // 60,
        "sessions": list(read.sessions),
    }


def test_the_file_is_what_the_command_writes() -> None:
    assert passes.made() == VECTORS
    assert [len(key["kid"]) for key in VECTORS["keys"]] == [signing.KEY_LENGTH] * 2


@given(ids, st.integers(0, domain.HIGHEST_SERIAL), st.lists(ids, min_size=1, max_size=4), st.booleans())
def test_a_pass_is_taken_apart_as_it_was_put_together(
    signup_id: str, serial: int, sessions: list[str], upper: bool
) -> None:
    body = domain.pass_body(passes.OURS.kid, signup_id, serial=serial, valid=passes.VALID, sessions=sessions)
    code = f"{body}.{'0' * signing.SIGNATURE_LENGTH}"
    found = domain.split_pass(code.upper() if upper else code)
    assert found is not None
    assert (found.body, found.key, found.signup_id) == (body, passes.OURS.kid, signup_id)
    assert (found.serial, found.sessions) == (serial, tuple(sessions))
    assert Period(found.valid_from, found.valid_until) == passes.VALID


def test_no_letter_of_a_pass_may_be_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "all_keys", lambda: KEYS)
    code = VECTORS["cases"][0]["text"]
    for place, letter in enumerate(code):
        others = [one for one in signing.LETTERS + "." if one != letter]
        for other in others[:: 1 if place % 20 == 0 else 8]:
            assert queries.read_pass(code[:place] + other + code[place + 1 :]) is None, (place, other)


def test_a_serial_has_limits() -> None:
    for serial in (-1, domain.HIGHEST_SERIAL + 1):
        with pytest.raises(ValueError):
            domain.pass_body("0" * 8, "0" * 18, serial=serial, valid=passes.VALID, sessions=["0" * 18])


@given(st.text(max_size=60), st.sampled_from(["", "es256.", "https://x/p/", "https://x/p/es256."]))
def test_any_text_may_be_read_as_a_code(text: str, before: str) -> None:
    code = domain.code_in(before + text)
    assert not (domain.looks_like_pass(code) and domain.split_pass(code))
