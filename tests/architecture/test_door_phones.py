"""Scanner and kiosk run from Chrome 85 and iOS 15.0 on (docs/phones.md): nothing younger stands there unguarded.

Where a younger thing is asked for before it is used, its file and the question stand in `GUARDED`.
"""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "static"
SCRIPTS = [
    *sorted((STATIC / "js/scan").glob("*.js")),
    *(STATIC / "js" / name for name in ("scan.js", "kiosk.js", "sw.js")),
]
STYLES = [STATIC / "css/scan.css", STATIC / "css/kiosk.css"]
VENDOR = [STATIC / "vendor" / name for name in ("idb.js", "qrcode.js", "jsqr.js")]

# What it looks like, and since when browsers have it (the later of Chrome and Safari decides).
YOUNG_WORDS = {
    r"\bstatic\s*\{": "static blocks: Chrome 94, Safari 16.4",
    r"#\w+ in \b": "#x in y: Chrome 91",
    r"(?m)^(?:export )?(?:const [^=]*= )?await\b": "await at the top of a module: Chrome 89",
    r"\(\?<[=!]": "looking behind in patterns: Safari 16.4",
    r"/[dgimsuy]*v[dgimsuy]*[.;,)]": "/v: Chrome 112, Safari 17",
    r"/[gimsuy]*d[gimsuy]*[.;,)]": "/d: Chrome 90",
    r"\bimport\b[^;\n]*\b(?:with|assert)\s*\{": "import attributes: Chrome 91, Safari 17.2",
}  # fmt: skip
YOUNG_CALLS = {
    r"AbortSignal\s*\.\s*(?:timeout|any|abort)": "Chrome 93 to 116, Safari 15.4 to 17.4",
    r"\.at\(": "Chrome 92, Safari 15.4",
    r"\bstructuredClone\b": "Chrome 98, Safari 15.4",
    r"Object\.(?:hasOwn|groupBy)\b": "Chrome 93, Safari 15.4",
    r"\.findLast(?:Index)?\(": "Chrome 97, Safari 15.4",
    r"\.to(?:Sorted|Reversed|Spliced)\(|\.with\(": "Chrome 110, Safari 16",
    r"\.replaceChildren\b": "Chrome 86: refill()",
    r"\brandomUUID\b": "Chrome 92, Safari 15.4: newId()",
    r"navigator\.locks\b": "Safari 15.4",
    r"\bBroadcastChannel\b": "Safari 15.4",
    r"\bshowModal\b|\bdialog\.close\(|\bpart\([^()]*\)\.close\(": "dialogs: Safari 15.4: openDialog(), closeDialog()",
    r"\.submitter\b": "Safari 15.4",
    r"\.requestSubmit\(": "Safari 16",
    r"\b(?:De)?[cC]ompressionStream\b": "Safari 16.4",
    r"requestVideoFrameCallback": "Safari 15.4",
    r"navigator\.(?:wakeLock|userActivation|permissions|canShare|share|vibrate)\b": "not in every Safari",
    r"navigator\.storage\b": "Safari 15.2",
    r"\bScreen ?Orientation|screen\.orientation\b": "Safari 16.4",
    r"\brequestIdleCallback\b|\bscheduler\.": "not in Safari",
    r"\bOffscreenCanvas\b|\bBarcodeDetector\b": "Safari 16.4, or never",
    r"\bReadableStream\.from\b|Promise\.(?:withResolvers|try)|Array\.fromAsync": "Chrome 119 and later",
    r"\.inert\b|\bshowPopover\b|\.popover\b": "Safari 15.5 and later",
    r"\bcause:": "Chrome 93",
    r"\bWeakRef\b|FinalizationRegistry": "Safari 14.1, and nothing for a door",
    r"requestFullscreen|exitFullscreen": "not on iPhones",
    r"createImageBitmap": "Safari 15",
    r"\bdurability\b": "Chrome 83; others take no notice",
    r":not\([^()]*,|:(?:is|where|has)\(": "lists in :not() Chrome 88; asking with it is a fault",
    r"Intl\.(?:ListFormat|Segmenter|DurationFormat)|dayPeriod|\.supportedValuesOf": "Safari 14.1 to 16.4",
    r"URL\.(?:canParse|parse)\b|URLPattern": "Chrome 120, Safari 17",
    r"\.(?:isSubsetOf|union|intersection|difference)\(": "Chrome 122, Safari 17",
    r"\btoWellFormed\(|\bisWellFormed\(": "Chrome 111, Safari 16.4",
}  # fmt: skip
# In these files it is asked for first, or a browser without it goes on: by this word, which must stand in the file.
GUARDED = {
    ("store.js", "randomUUID"): "if (crypto.randomUUID)",
    ("courier.js", "BroadcastChannel"): '"BroadcastChannel" in globalThis',
    ("dialogs.js", "showModal"): '"showModal" in HTMLDialogElement.prototype',
    ("relay.js", "ompressionStream"): '"CompressionStream" in globalThis',
    ("reader.js", "createImageBitmap"): "if (window.createImageBitmap)",
    ("scan.js", "wakeLock"): "wakeLock?.request",
    ("kiosk.js", "wakeLock"): "wakeLock?.request",
    ("kiosk.js", "requestFullscreen"): "requestFullscreen?.()",
    ("sound.js", "userActivation"): "userActivation?.",
    ("sound.js", "vibrate"): "vibrate?.(",
    ("handover.js", "canShare"): "canShare?.(",
    ("handover.js", "share"): "canShare?.(",
    ("engine.js", "storage"): "storage?.persist?.()",
    ("rows.js", "durability"): "durability",
    ("dialogs.js", "close"): "if (canModal) return dialog.close(",
    ("kiosk.js", "exitFullscreen"): "if (document.fullscreenElement)",
}
YOUNG_STYLE = {
    r"(?<![\w-])inset(?:-\w+)*\s*:": "Chrome 87: top, right, bottom, left",
    r"(?:margin|padding|border)-(?:inline|block)\s*:": "Chrome 87",
    r"\d[sld]v[hw]\b": "Chrome 108, Safari 15.4: only after the same in vh",
    r"aspect-ratio": "Chrome 88: only inside @supports (aspect-ratio: 1)",
    r":(?:is|where|has)\(|:not\([^()]*,": "Chrome 88 and later",
    r"@(?:layer|container|property|scope|starting-style)": "Chrome 99 and later",
    r"color-mix\(|oklch\(|light-dark\(": "Chrome 111 and later",
    r"(?m)^\s*&": "rules in rules: Chrome 112",
}


def _code(path: Path) -> str:
    """Without what is said beside the code, which may name anything."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"(?m)(?:^|(?<=\s))//.*$", "", text) if path.suffix == ".js" else text


def _is_guarded(path: Path, found: str, text: str) -> bool:
    return any(name == path.name and word in found and sign in text for (name, word), sign in GUARDED.items())


def _faults(path: Path, table: dict[str, str]) -> list[str]:
    text = _code(path)
    return [
        f"{path.name}: {match[0].strip()} ({since})"
        for pattern, since in table.items()
        for match in re.finditer(pattern, text)
        if not _is_guarded(path, match[0], text)
    ]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_scanners_scripts_are_older_than_the_phones(path: Path) -> None:
    assert _faults(path, YOUNG_WORDS | YOUNG_CALLS) == []


@pytest.mark.parametrize("path", VENDOR, ids=lambda path: path.name)
def test_so_is_what_they_are_built_with(path: Path) -> None:
    """One word a browser does not know, and nothing of the page runs."""
    assert _faults(path, YOUNG_WORDS) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_the_scanners_style_is_older_than_the_phones(path: Path) -> None:
    text = _code(path)
    text = re.sub(r"@supports[^{]*\{(?:[^{}]|\{[^{}]*\})*\}", "", text)
    text = re.sub(r"([\w-]+): [^;]*\d+vh[^;]*;\s*\1: [^;]*;", "", text)  # said first in an older way
    faults = [
        f"{path.name}: {found[0]} ({why})"
        for sign, why in YOUNG_STYLE.items()
        for found in re.finditer(sign, text)
    ]
    assert faults == []


def test_every_guard_is_needed() -> None:
    texts = {path.name: _code(path) for path in SCRIPTS}
    assert [
        key for key, sign in GUARDED.items() if key[1] not in texts[key[0]] or sign not in texts[key[0]]
    ] == []


def test_the_table_finds_what_it_is_for() -> None:
    for text in (
        "a.at(-1)",
        "signal: AbortSignal.timeout(9)",
        "x.replaceChildren()",
        'closest("input:not([a], [b])")',
    ):
        assert any(re.search(pattern, text) for pattern in YOUNG_CALLS), text
    for text in ("class A { static { } }", "#a in b", "const a = await b;", "/(?<=a)b/"):
        assert any(re.search(pattern, text) for pattern in YOUNG_WORDS), text
