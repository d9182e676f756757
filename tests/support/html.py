"""What is asked of every HTML page this product sends, whatever the test is about."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree.ElementTree import Element, SubElement

import html5lib

UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
DATA_BLOCKS = {"application/json", "application/ld+json"}
REFERENCES = (
    "for",
    "aria-describedby",
    "aria-labelledby",
    "aria-controls",
    "aria-errormessage",
    "list",
    "form",
)
UNFILLED = re.compile(r"%\(\w+\)[sd]|\{\{|\}\}|\{%")
SPACE = re.compile(r"\s+")


def text_of(element: Element) -> str:
    """The element's text with its white space evened out."""
    return SPACE.sub(" ", "".join(element.itertext())).strip()


def parse(markup: str | bytes) -> tuple[Element, list[str]]:
    """The document and what a strict parser has against it."""
    if isinstance(markup, bytes):
        markup = markup.decode()
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document = parser.parse(markup)
    faults = [f"line {line}: {code} {values or ''}".strip() for (line, _), code, values in parser.errors]
    return document, faults


class _Reader(HTMLParser):
    """Elements as they are written: enough where every page is known to be well-formed."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag in (one.tag for one in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        inside = self.open[-1]
        if len(inside):
            inside[-1].tail = (inside[-1].tail or "") + data
        else:
            inside.text = (inside.text or "") + data


def read(markup: str | bytes) -> tuple[Element, list[str]]:
    """As `parse`, ten times as fast, and without a word about faults; for long walks."""
    reader = _Reader()
    reader.feed(markup.decode() if isinstance(markup, bytes) else markup)
    return reader.root, []


def parse_fragment(markup: str | bytes) -> tuple[Element, list[str]]:
    """The same for a part of a page."""
    if isinstance(markup, bytes):
        markup = markup.decode()
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document = parser.parseFragment(markup)
    return document, [f"{code} {values or ''}".strip() for _, code, values in parser.errors]


def _nothing(_action: str) -> bool:
    return False


def problems(
    markup: str | bytes, *, fragment: bool = False, decides: Callable[[str], bool] = _nothing
) -> list[str]:
    """Everything wrong with a page, or a part of one, one sentence each. `decides`: whether a form to there does."""
    document, found = parse_fragment(markup) if fragment else parse(markup)
    if not fragment:
        found += _heading(document)
    found += _ids(document, fragment=fragment)
    found += _inline(document)
    found += _names(document)
    for form in document.iter("form"):
        found += _form(form, decides)
    if unfilled := UNFILLED.search("".join(_visible(document))):
        found.append(f"a placeholder was left unfilled: {unfilled.group()}")
    return found


def _visible(element: Element) -> Iterator[str]:
    if element.tag in {"script", "style", "template"}:
        return
    yield element.text or ""
    for child in element:
        yield from _visible(child)
        yield child.tail or ""


def _heading(document: Element) -> Iterable[str]:
    if not document.get("lang"):
        yield "the page does not say its language"
    headings = list(document.iter("h1"))
    if len(headings) != 1:
        yield f"a page has exactly one h1, this one has {len(headings)}"
        return
    title = document.find("head/title")
    if title is None or not text_of(title).startswith(text_of(headings[0])):
        shown = "" if title is None else text_of(title)
        yield f"the title {shown!r} does not begin with the h1 {text_of(headings[0])!r}"


def _ids(document: Element, *, fragment: bool) -> Iterable[str]:
    ids = Counter(element.get("id") for element in document.iter() if element.get("id") is not None)
    yield from (f"the id {name!r} stands {count} times" for name, count in ids.items() if count > 1)
    if fragment:
        return
    for element in document.iter():
        for attribute in REFERENCES:
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    yield f"{element.tag} {attribute}={name!r} points at nothing"
        link = element.get("href") or ""
        if element.tag == "a" and link.startswith("#") and len(link) > 1 and unquote(link[1:]) not in ids:
            yield f"the link {link!r} points at nothing"


def _inline(document: Element) -> Iterable[str]:
    for element in document.iter():
        if element.tag == "style" or element.get("style") is not None:
            yield f"inline style on {element.tag}: the content security policy drops it"
        if element.tag == "script" and not element.get("src") and element.get("type") not in DATA_BLOCKS:
            yield "inline script: the content security policy drops it"
        for name, value in element.attrib.items():
            if name.startswith("on") or value.strip().lower().startswith("javascript:"):
                yield f"{element.tag} {name}: inline script"
            if name in {"src", "href", "action"} and re.match(r"(https?:)?//", value) and element.tag != "a":
                yield f"{element.tag} {name}={value!r} fetches from another place"


def _names(document: Element) -> Iterable[str]:
    labelled = {label.get("for") for label in document.iter("label")}
    inside = {id(control) for label in document.iter("label") for control in label.iter()}
    for control in document.iter():
        if control.tag == "img" and control.get("alt") is None:
            yield f"a picture without alt: {control.get('src')}"
        if control.tag == "button" and not text_of(control) and not control.get("aria-label"):
            yield "a button without words"
        if control.tag not in {"input", "select", "textarea"} or control.get("type") in UNLABELLED:
            continue
        named = control.get("aria-label") or control.get("aria-labelledby")
        if not named and control.get("id") not in labelled and id(control) not in inside:
            yield f"{control.tag} {control.get('name')!r} has no label"


def _form(form: Element, decides: Callable[[str], bool]) -> Iterable[str]:
    method = (form.get("method") or "get").lower()
    if method != "post":
        if any(control.get("name") == "csrf_token" for control in form.iter("input")):
            yield "a GET form carries the CSRF token into the address"
        return
    if not form.get("action"):
        yield "a POST form without an action"
    if not any(control.get("name") == "csrf_token" for control in form.iter("input")):
        yield f"the POST form to {form.get('action')!r} has no csrf_token"
    carries = any(control.get("name") == "as_seen" for control in form.iter("input"))
    if not carries and decides(form.get("action") or ""):
        yield f"the form to {form.get('action')!r} decides, and does not carry what it showed (core/deciding.py)"
