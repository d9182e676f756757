"""Public pages are whole on phones people have: WebView 87 (Chrome 87) and iOS 14.5 (Safari 14.1), see docs/phones.md.

What is younger may stand in our style sheets only where something older stands before it; what only adorns is listed
in docs/phones.md.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tinycss2

ROOT = Path(__file__).parents[2]
PUBLIC_CSS = [
    ROOT / "static/css" / name
    for name in (
        "base.css",
        "components.css",
        "events.css",
        "month.css",
        "print.css",
        "wall.css",
        "evidence.css",
    )
]
PUBLIC_JS = [
    ROOT / "static/js" / name
    for name in ("page.js", "forms.js", "events.js", "questions.js", "live.js", "ticks.js", "wall.js")
]

# Properties younger than Chrome 87 or Safari 14.1, or so close to them that the older word costs nothing.
YOUNG_PROPERTIES = {
    "aspect-ratio": "Chrome 88, Safari 15: height or width",
    "inset": "Chrome 87, Safari 14.1: top, right, bottom, left",
    "margin-inline": "Chrome 87, Safari 14.1: margin-left, margin-right",
    "margin-block": "Chrome 87, Safari 14.1: margin-top, margin-bottom",
    "padding-inline": "Chrome 87, Safari 14.1: padding-left, padding-right",
    "padding-block": "Chrome 87, Safari 14.1: padding-top, padding-bottom",
    "inset-inline": "Chrome 87, Safari 14.1: left, right",
    "inset-block": "Chrome 87, Safari 14.1: top, bottom",
    "translate": "Chrome 104, Safari 14.1: transform",
    "rotate": "Chrome 104, Safari 14.1: transform",
    "scale": "Chrome 104, Safari 14.1: transform",
    "container": "Chrome 105, Safari 16: media queries",
    "container-type": "Chrome 105, Safari 16: media queries",
    "text-autospace": "WebKit 2.50 paints digits after Chinese over each other: 7:20 reads 720",
    "animation-timeline": "Chrome 115, Safari 26",
    "field-sizing": "Chrome 123, Safari 26",
}
# Younger ones that stand after their prefixed form. (What is missed without a word is in docs/phones.md.)
PREFIXED = ("appearance", "print-color-adjust", "text-size-adjust")
# Values, by property: what must stand before them in the same rule, or why nothing has to.
YOUNG_VALUES = [
    (re.compile(r"\d[dsl]v(?:h|w|min|max)\b"), "a length in vh or vw"),
    (re.compile(r"\banywhere\b"), "break-word"),
    (re.compile(r"\b(?:color-mix|light-dark|oklch|oklab|lch|lab|color)\("), "a plain colour"),
    (re.compile(r"\boverflow:\s*clip\b"), "hidden"),
    (re.compile(r"\b(?:round|mod|rem|sin|cos|sqrt|pow)\("), "a length"),
]
YOUNG_SELECTORS = re.compile(
    r":(?:has|is|where|focus-visible|user-valid|user-invalid|modal|popover-open|open|state)\b|:not\([^()]*,|::(?:marker|backdrop)|&"
)
YOUNG_AT_RULES = {"layer", "container", "property", "scope", "starting-style", "view-transition"}

# Scripts of public pages, with what is written instead.
YOUNG_SCRIPT = {
    r"AbortSignal\.(?:timeout|any)": "Chrome 103, Safari 16: AbortController and setTimeout",
    r"\.at\(": "Chrome 92, Safari 15.4: [length - 1]",
    r"\bstructuredClone\(": "Chrome 98, Safari 15.4",
    r"Object\.(?:hasOwn|groupBy)\b": "Chrome 93, Safari 15.4",
    r"\bfindLast(?:Index)?\(": "Chrome 97, Safari 15.4",
    r"\.to(?:Sorted|Reversed|Spliced)\(|\.with\(": "Chrome 110, Safari 16",
    r"crypto\.randomUUID": "Chrome 92, Safari 15.4",
    r"\bshowModal\(|\bshowPopover\(|\.inert\b": "Safari 15.4 and later",
    r"\brequestSubmit\(": "Safari 16",
    r"(?m)^(?:const .* = )?await ": "a module that waits at its top: Chrome 89, Safari 15",
    r"\(\?<[=!]": "a look-behind is a fault of syntax below Safari 16.4",
    r"(?m)\bstatic \{|^\s+#\w+\(": "Chrome 84 to 94, Safari 15 to 16.4",
    r"/[dgimsuy]*v[dgimsuy]*[.;,)]": "Chrome 112, Safari 17",
    r"Promise\.(?:withResolvers|try)|\bArray\.fromAsync": "Chrome 119 and later",
    r":has\(|:is\(|:where\(": "a selector older phones refuse with an error",
    r"\bcause:": "Chrome 93, Safari 15",
}

Rule = tuple[Path, str, list[Any], str]


def rules(path: Path) -> Iterator[Rule]:
    """Every rule with declarations: file, selector, declarations, the @supports it stands in."""

    def walk(nodes: list[Any], where: str) -> Iterator[Rule]:
        for node in nodes:
            if node.type == "at-rule" and node.content is not None:
                prelude = tinycss2.serialize(node.prelude).strip()
                assert node.lower_at_keyword not in YOUNG_AT_RULES, (
                    f"{path.name}: @{node.at_keyword} {prelude}"
                )
                if node.lower_at_keyword in ("page", "font-face", "keyframes"):
                    continue
                inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                yield from walk(inner, prelude if node.lower_at_keyword == "supports" else where)
            elif node.type == "qualified-rule":
                declared = tinycss2.parse_declaration_list(
                    node.content, skip_comments=True, skip_whitespace=True
                )
                yield path, tinycss2.serialize(node.prelude).strip(), declared, where

    yield from walk(tinycss2.parse_stylesheet(path.read_text("utf-8"), True, True), "")


def faults_of(path: Path) -> Iterator[str]:
    for file, selector, declared, where in rules(path):
        at = f"{file.name}: {selector}"
        if YOUNG_SELECTORS.search(selector) and "," in re.sub(r"\([^()]*\)", "", selector):
            yield f"{at}: a browser that does not know one selector of a list drops the whole rule"
        before: list[str] = []
        for one in declared:
            assert one.type == "declaration", f"{at}: {one}"
            value = tinycss2.serialize(one.value).strip()
            if one.lower_name in YOUNG_PROPERTIES and not where:
                yield f"{at}: {one.name} ({YOUNG_PROPERTIES[one.lower_name]})"
            for young, older in YOUNG_VALUES:
                if young.search(value) and one.lower_name not in before:
                    yield f"{at}: {one.name}: {value} without {older} before it"
            if one.lower_name in PREFIXED and f"-webkit-{one.lower_name}" not in before:
                yield f"{at}: {one.name} without its prefix before it"
            before.append(one.lower_name)


def test_public_style_is_older_than_the_phones() -> None:
    assert [fault for path in PUBLIC_CSS for fault in faults_of(path)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("*.css")), ids=lambda path: path.name)
def test_layouts_for_phones_are_not_for_paper(path: Path) -> None:
    """A4 upright is narrower than many phone layouts begin: Firefox printed cards where tables belong."""
    asked = re.findall(r"@media ([^{]*)\{", path.read_text("utf-8"))
    assert [one.strip() for one in asked if "max-width" in one and "screen" not in one] == []
    assert [one.strip() for one in asked if re.search(r"[<>]=?", one)] == []  # (width < 60rem): Chrome 104


@pytest.mark.parametrize("path", PUBLIC_JS, ids=lambda path: path.name)
def test_public_scripts_are_older_than_the_phones(path: Path) -> None:
    text = re.sub(r"(?m)//.*$", "", path.read_text("utf-8"))
    assert [f"{word}: {why}" for word, why in YOUNG_SCRIPT.items() if re.search(word, text)] == []


def test_the_ground_under_ours_is_old_enough() -> None:
    """Bootstrap's own style: what it brings that phones do not know stands in rules of its own."""
    text = (ROOT / "static/vendor/bootstrap.min.css").read_text("utf-8")
    for young in (":has(", ":is(", ":where(", "@layer", "@container", "color-mix(", "dvh"):
        assert young not in text, young


def test_chinese_and_figures_keep_apart_by_themselves() -> None:
    for path in (ROOT / "static/css").glob("*.css"):
        assert "text-autospace" not in path.read_text("utf-8"), path.name


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("*.css")), ids=lambda path: path.name)
def test_everything_is_seen_in_the_order_it_is_read(path: Path) -> None:
    """What the eye, the screen reader and the tab key meet comes in one order: that of the markup."""
    turned = r"(?m)^\s*order:|(?:row|column)-reverse|flex-flow:[^;]*reverse"
    assert re.findall(turned, path.read_text("utf-8")) == []
