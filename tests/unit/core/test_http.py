"""Redirects stay on the site; refusals have statuses and sentences."""

import pytest

from webapp.core import errors
from webapp.core.http import safe_next, status_of


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://evil.example/",
        "//evil.example/",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/ok//evil.example",
        "/\tevil",
        "me",
    ],
)
def test_no_other_site_is_redirected_to(target: str | None) -> None:
    assert safe_next(target, "/me") == "/me"


@pytest.mark.parametrize("target", ["/", "/me", "/events/?q=%E7%A7%91%E6%99%AE&page=2"])
def test_own_paths_are_kept(target: str) -> None:
    assert safe_next(target, "/me") == target


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (errors.NotFound(), 404),
        (errors.NotAllowed(), 403),
        (errors.RuleBroken(), 422),
        (errors.Conflict(), 409),
        (errors.Expired(), 410),
    ],
)
def test_each_kind_of_refusal_has_a_status(refusal: errors.Refusal, status: int) -> None:
    assert status_of(refusal) == status


def test_every_refusal_has_its_own_sentence_and_code() -> None:
    import webapp  # noqa: F401  (imports every area's refusals)

    def below(kind: type[errors.Refusal]) -> list[type[errors.Refusal]]:
        return [*kind.__subclasses__(), *(low for sub in kind.__subclasses__() for low in below(sub))]

    for kind in below(errors.Refusal):
        assert kind.sentence.endswith(("。", "！", "？")), kind
        assert kind.code.replace("_", "").isalnum(), kind
        assert kind.code == kind.code.lower(), kind
