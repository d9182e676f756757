"""Every act that is written down has one sentence in the history, and every sentence an act that is written down."""

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from flask import Flask

from tests.architecture.source import ROOT, modules, name_of, tree
from webapp.core.deeds import all_deeds
from webapp.events.domain import EventStatus
from webapp.pages.domain.history import KIND_LABELS
from webapp.people.domain import PHONES_REVEALED
from webapp.recognition.domain.certificates import Step
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.domain.unmet import UnmetState

# Names made at run time, by what they begin with.
BUILT = {
    "event.": EventStatus,
    "certificate.": Step,
    "star.": ("granted", "declined"),
    "hand_over.": HandOverState,
    "signup.unmet_": UnmetState,
}
NAMED = {"PHONES_REVEALED": PHONES_REVEALED}
KNOWN = {"who", "it", "event", "action", "what"}  # core/deeds.py knows these of every entry
# Acts whose details are put together elsewhere: keys that come by `**`.
ELSEWHERE = {
    "membership.set": {"person", "before", "after"},
    "hours_rule.change": {
        *("version", "early_minutes", "late_minutes", "min_share", "confirm_days", "notice_days"),
    },
    "exchange.export": {"count"},
    "signup.cancel_all": {"count"},
    "survey_result.record": {"area", "year", "value"},
}


def _records() -> Iterator[tuple[Path, ast.Call]]:
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"audit.record", "audit.record_many"}:
                yield path, node


def _actions(path: Path, said: ast.expr) -> set[str]:
    """Every name an expression may be."""
    if isinstance(said, ast.Constant):
        return {str(said.value)}
    if isinstance(said, ast.IfExp):
        return _actions(path, said.body) | _actions(path, said.orelse)
    if isinstance(said, ast.JoinedStr):
        first = said.values[0]
        assert isinstance(first, ast.Constant), f"{name_of(path)}: {ast.unparse(said)}"
        return {str(first.value) + str(one) for one in BUILT[str(first.value)]}
    assert isinstance(said, ast.Name), f"{name_of(path)}: {ast.unparse(said)} is no name this test can read"
    if said.id in NAMED:
        return {NAMED[said.id]}
    return _handed_in(path, said.id)


def _handed_in(path: Path, argument: str) -> set[str]:
    """What the module's own calls give a function for that argument."""
    takers = {
        node.name: [one.arg for one in node.args.args].index(argument)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and argument in [one.arg for one in node.args.args]
    }
    given = {
        str(found.value)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in takers
        and isinstance(found := node.args[takers[node.func.id]], ast.Constant)
    }  # fmt: skip
    assert given, f"{name_of(path)}: nobody says what {argument} is"
    return given


def test_every_act_has_one_sentence_and_every_sentence_an_act(app: Flask) -> None:
    written = set(chain.from_iterable(_actions(path, call.args[0]) for path, call in _records()))
    assert len(written) > 150
    assert written - set(all_deeds()) == set(), "written down, and nobody tells of it: an area's DEEDS"
    assert set(all_deeds()) - written == set(), "told, and never written down"


def test_no_act_is_told_by_two_areas(app: Flask) -> None:
    lines = [
        line.strip()
        for path in [*ROOT.glob("webapp/*/domain.py"), *ROOT.glob("webapp/*/domain/*.py")]
        for line in path.read_text().splitlines()
        if ": Deed(" in line and line.strip().startswith('"')
    ]
    names = [line.split('"')[1] for line in lines]
    assert len(names) == len(set(names))


def test_a_sentence_names_only_what_is_noted(app: Flask) -> None:
    """Of the last one, which is told in any case, nothing may be left open."""
    for path, call in _records():
        keys = {one.arg for one in call.keywords if one.arg}
        for action in _actions(path, call.args[0]):
            _kind, deed = all_deeds()[action]
            named = {part.split(")s")[0] for part in deed.sentences[-1].split("%(")[1:]}
            assert named <= keys | KNOWN | ELSEWHERE.get(action, set()), (
                f"{action}: {named} in {name_of(path)}"
            )


def test_every_kind_of_act_has_a_label(app: Flask) -> None:
    assert {kind for kind, _deed in all_deeds().values()} <= set(KIND_LABELS)
