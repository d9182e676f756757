"""A database put back without the files beside it says so, instead of making new ones without a word."""

from dataclasses import replace

import pytest
from flask import Flask

from tests.factories.attendance import make_scene, sign_up
from tests.support.time import TestClock
from webapp import areas
from webapp.core import installation, signing
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.signing import BadKeys
from webapp.signups import queries


def _used(app: Flask) -> str:
    """An installation that has started once and shown a pass; returns its code."""
    with transaction():
        installation.remember()
    installation.require_same()
    return queries.pass_code(sign_up(make_scene().seats))


def _run(app: Flask, *words: str) -> tuple[int, str]:
    answer = app.test_cli_runner().invoke(args=list(words))
    return answer.exit_code, answer.output


def test_a_restore_without_the_keys_is_refused_with_a_way_out(app: Flask, clock: TestClock) -> None:
    code = _used(app)
    path = current_settings().data_dir / signing.FILE
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(BadKeys, match=r"is missing.*keys renew --yes"):
        areas.prepare(app)
    with pytest.raises(BadKeys, match="put it back from the backup"):
        signing.current_key()
    assert not path.exists()
    assert _run(app, "keys", "list")[0] == 1
    assert _run(app, "doctor")[0] == 1
    assert _run(app, "keys", "renew")[0] == 1 and not path.exists()

    path.write_bytes(kept)
    areas.prepare(app)
    assert queries.read_pass(code) is not None
    assert "Nothing was changed" in _run(app, "keys", "renew", "--yes")[1]

    path.unlink()
    status, said = _run(app, "keys", "renew", "--yes")
    assert status == 0 and "becomes void" in said
    areas.prepare(app)
    assert queries.read_pass(code) is None


def test_another_installation_s_keys_are_refused(app: Flask, clock: TestClock) -> None:
    _used(app)
    path = current_settings().data_dir / signing.FILE
    path.unlink()
    signing.make_missing()
    with pytest.raises(BadKeys, match="is not the file of this database"):
        areas.prepare(app)


def test_an_old_file_does_not_bring_a_retired_key_back(app: Flask, clock: TestClock) -> None:
    _used(app)
    path, kid = current_settings().data_dir / signing.FILE, signing.current_key().kid
    assert _run(app, "keys", "rotate")[0] == 0
    leaked = path.read_bytes()
    assert _run(app, "keys", "retire", kid)[0] == 0
    installation.require_same()
    path.write_bytes(leaked)
    with pytest.raises(BadKeys, match=f"keys retire {kid}"):
        areas.prepare(app)
    assert _run(app, "keys", "retire", kid)[0] == 0
    areas.prepare(app)


def test_another_secret_is_refused(app: Flask, clock: TestClock) -> None:
    _used(app)
    app.config["SECRET_KEY"] = "another secret of more than thirty-two characters"
    app.extensions["kepu_settings"] = replace(current_settings(), secret_key=app.config["SECRET_KEY"])
    with pytest.raises(BadKeys, match="SECRET_KEY"):
        areas.prepare(app)
    assert "signed out" in _run(app, "keys", "renew", "--yes")[1]
    areas.prepare(app)
