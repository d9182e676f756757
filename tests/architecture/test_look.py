"""The look keeps its promises: contrast of every colour pair, icons and classes that exist."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = sorted((ROOT / "static/css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
BASE = (ROOT / "static/css/base.css").read_text("utf-8")

# Of Bootstrap only the reset, buttons and form controls are used (docs/look.md).
FROM_BOOTSTRAP = {"visually-hidden"}
# Kinds whose look is the plain one, and names for scripts.
NOT_STYLED = {"notice-info", "door-trouble", "door-way-in", "rows"}

TEXT = 7.0
SHAPE = 3.0
PAIRS = [
    ("ink", "ground", TEXT), ("ink", "tint", TEXT), ("ink", "accent-tint", TEXT), ("ink", "ok-tint", TEXT),
    ("ink", "warm-tint", TEXT), ("ink", "bad-tint", TEXT), ("ink-soft", "ground", TEXT), ("ink-soft", "tint", TEXT),
    ("ink-soft", "off-tint", TEXT), ("accent", "ground", TEXT), ("accent", "tint", TEXT),
    ("accent", "accent-tint", TEXT), ("accent-deep", "accent-tint", TEXT), ("on-accent", "accent", TEXT),
    ("on-accent", "accent-deep", TEXT), ("warm", "warm-tint", TEXT), ("ok", "ok-tint", TEXT),
    ("wait", "wait-tint", TEXT), ("bad", "bad-tint", TEXT), ("bad", "ground", TEXT), ("line-strong", "ground", SHAPE),
    ("accent", "tint-strong", SHAPE), ("focus", "ground", SHAPE), ("focus", "tint", SHAPE),
    ("warm-line", "ground", SHAPE),
]  # fmt: skip


def colours(start: str) -> dict[str, str]:
    block = BASE[BASE.index(start) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block[: block.index("}")]))


THEMES = {
    "light": colours(":root {"),
    "dark": colours(":root {") | colours("prefers-color-scheme: dark"),
    "contrast": colours(":root {") | colours(':root[data-view~="contrast"] {'),
}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[a:b], 16) / 255 for a, b in pairwise((0, 2, 4, 6))]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_can_be_read(theme: str, front: str, back: str, least: float) -> None:
    named = THEMES[theme]
    assert contrast(named[front], named[back]) >= least


def test_icons_exist() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/img/icons.svg").read_text("utf-8")))
    used = {
        (name, path.name)
        for path in TEMPLATES
        for name in re.findall(r"\bicon\('([\w-]+)'", path.read_text("utf-8"))
    }
    assert {pair for pair in used if pair[0] not in drawn} == set()


def styled_classes() -> set[str]:
    return {name for path in CSS for name in re.findall(r"\.([a-z][\w-]*)", path.read_text("utf-8"))}


def test_classes_exist() -> None:
    known = styled_classes() | FROM_BOOTSTRAP | NOT_STYLED
    unknown = set()
    for path in TEMPLATES:
        for value in re.findall(r'\bclass="([^"]*)"', path.read_text("utf-8")):
            words = re.sub(r"\{[{%].*?[}%]\}", " ", value).split()
            unknown |= {(path.name, word) for word in words if word not in known and not word.endswith("-")}
    assert unknown == set()


def test_headers_keep_one_edge() -> None:
    """Acts do not jump from tab to tab: a workspace's header is never inside the narrow column of a form."""
    narrow = []
    for path in TEMPLATES:
        before = re.split(r"\b(?:desk\.top|work\.header)\(", path.read_text("utf-8"))[:-1]
        depth = sum(len(re.findall(r"<div\b", part)) - part.count("</div>") for part in before)
        if depth and 'class="measure"' in "".join(before):
            narrow.append(path.name)
    assert narrow == []
