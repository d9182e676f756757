"""Truth table: what permissions come to."""

import pytest

from webapp.organisations.domain import (
    KIND_LABELS,
    PERMISSION_HINTS,
    PERMISSION_LABELS,
    OrganisationKind,
    Permission,
    grants,
    with_implied,
)

EVERY = frozenset(Permission)


@pytest.mark.parametrize(
    ("held", "comes_to"),
    [
        ((), frozenset()),
        ((Permission.SCAN,), {Permission.SCAN}),
        ((Permission.MANAGE_EVENTS, Permission.REPORT), {Permission.MANAGE_EVENTS, Permission.REPORT}),
        ((Permission.INSPECT,), {Permission.INSPECT}),
        ((Permission.GOVERN,), EVERY),
    ],
)
def test_govern_includes_every_other(held: tuple[Permission, ...], comes_to: frozenset[Permission]) -> None:
    assert with_implied(held) == comes_to
    for permission in Permission:
        assert grants(frozenset(held), permission) is (permission in comes_to)


def test_every_kind_and_permission_has_words() -> None:
    assert set(KIND_LABELS) == set(OrganisationKind)
    assert set(PERMISSION_LABELS) == set(PERMISSION_HINTS) == set(Permission)
