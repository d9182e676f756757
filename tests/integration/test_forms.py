"""What every form that people find promises, with the demonstration's data: what is lacking was marked as needed before
it was sent, every fault is told at once with a way to its field, and what was typed is there again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.integration.test_crawl import Crawl, SignIn, client_of, demonstrated
from tests.integration.test_fuzz import LAST
from tests.support import html
from tests.support.client import fields_of
from webapp.core import clock
from webapp.core.db import Base, db

TYPED = {"text", "tel", "email", "search", "number", "date", "datetime-local", "url", None}
WHO = ("office", "organiser")


@pytest.fixture
def city(app: Flask) -> Flask:
    """The application with the demonstration's data."""
    return demonstrated(app)


class Forms(Crawl):
    """A walk that keeps the forms themselves, by address of the page and endpoint."""

    def keep_forms(self, page: Element, address: str) -> None:
        super().keep_forms(page, address)
        for main in page.iter("main"):
            for form in main.iter("form"):
                if (form.get("method") or "get").lower() != "post":
                    continue
                action = form.get("action") or address
                endpoint = self.endpoint_of(action, "POST")
                if endpoint and next(typed_in(form), None) is not None:
                    self.found.setdefault(endpoint, (action, form))

    found: dict[str, tuple[str, Element]]


def typed_in(form: Element) -> Iterator[Element]:
    """Its fields that people write or choose in."""
    for one in form.iter():
        if one.tag in {"textarea", "select"} or (
            one.tag == "input" and one.get("type") not in {"hidden", "submit"}
        ):
            yield one


def emptied(form: Element) -> dict[str, list[Any]]:
    """What is sent where nobody fills anything in."""
    fields = fields_of(form)
    for one in typed_in(form):
        if one.tag == "textarea" or (one.tag == "input" and one.get("type") in TYPED):
            fields[one.get("name") or ""] = [""]
        if one.tag == "input" and one.get("type") in {"checkbox", "file"}:
            fields.pop(one.get("name") or "", None)
    fields.pop("csrf_token", None)
    return fields


def chosen_otherwise(form: Element) -> Iterator[dict[str, list[Any]]]:
    """Nothing; then what else there is to choose, one of every question at a time; then each button that takes it."""
    choices: dict[str, list[str]] = {}
    buttons: list[dict[str, list[Any]]] = []
    for one in form.iter():
        name, value = one.get("name") or "", one.get("value", "on")
        if one.tag == "input" and one.get("type") in {"radio", "checkbox"}:
            choices.setdefault(name, []).append(value)
        if one.tag == "select":
            choices[name] = [option.get("value", "") for option in one.iter("option")][:3]
        if one.tag == "button" and name and one.get("formnovalidate") is None:
            buttons.append({name: [value]})
    yield {}
    for turn in range(min(max(map(len, choices.values()), default=0), 3)):
        yield {name: [some[turn]] for name, some in choices.items() if turn < len(some)}
    yield from buttons


def labelled_optional(page: Element) -> dict[str, str]:
    """Ids of fields said to be optional, with their labels."""
    found = {}
    for label in page.iter("label"):
        if any((one.get("class") or "") == "optional" for one in label.iter("span")):
            found[label.get("for") or ""] = html.text_of(label)
    for group in page.iter("fieldset"):
        legend = next(group.iter("legend"), None)
        if legend is not None and any((one.get("class") or "") == "optional" for one in legend.iter("span")):
            found[group.get("id") or ""] = html.text_of(legend)
    return found


def faults_of(page: Element) -> dict[str, str]:
    """Sentences beside the fields, by the field's id."""
    return {
        (one.get("id") or "").removesuffix("-error"): html.text_of(one)
        for one in page.iter("p")
        if "field-error" in (one.get("class") or "").split()
    }


def summary_of(page: Element) -> tuple[list[str], list[str]] | None:
    """Links and lines of the summary at the top."""
    for one in page.iter("div"):
        if "error-summary" in (one.get("class") or "").split():
            links = [link.get("href", "").removeprefix("#") for link in one.iter("a")]
            return links, [html.text_of(line) for line in one.iter("li")]
    return None


def filled(form: Element, number: int) -> dict[str, list[Any]]:
    """What somebody sends who fills in all of it; what the page proposes stays."""
    fields = fields_of(form)
    fields.pop("csrf_token", None)
    groups: set[str] = set()
    for one in typed_in(form):
        name, kind = one.get("name") or "", one.get("type")
        if kind == "radio" and name not in fields:
            fields[name] = [one.get("value", "")]
        elif kind == "checkbox" and (
            one.get("required") is not None or name not in fields | dict.fromkeys(groups)
        ):
            groups.add(name)
            if one.get("required") is not None or one.get("value", "on") not in {"on", "y"}:
                fields[name] = [one.get("value", "on")]
        elif kind == "file":
            fields.pop(name, None)
        elif one.tag == "select" and not any(fields.get(name, [])):
            fields[name] = [next(filter(None, (option.get("value") for option in one.iter("option"))), "")]
        elif (one.tag == "textarea" or kind in TYPED) and not any(fields.get(name, [])):
            fields[name] = [_words(name, kind, number)]
    for button in form.iter("button"):
        if button.get("name"):
            fields.setdefault(button.get("name") or "", [button.get("value", "")])
    return fields


def _words(name: str, kind: str | None, number: int) -> str:
    if "login" in name:
        return "volunteer3@demo.test"
    if kind == "tel" or "phone" in name:
        return f"138{number:08}"
    if kind == "email":
        return f"somebody{number}@example.test"
    if kind == "date":
        return clock.today().isoformat()
    if kind == "datetime-local":
        return f"{clock.today()}T09:00"
    if kind == "number" or any(
        one in name for one in ("count", "hours", "months", "year", "most", "size", "value")
    ):
        return "3"
    if "name" in name:
        return f"王小{'一二三四五六七八九十'[number % 10]}{'甲乙丙丁戊己庚辛壬癸'[number // 10 % 10]}"
    return f"写下的话 {number}"


def rows_of_all_tables() -> dict[str, int]:
    """How many there are of each, but of what remembers what was sent."""
    tables = [one for one in Base.metadata.sorted_tables if one.name != "stored_answer"]
    return {one.name: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


@dataclass
class Walk:
    """Somebody, and the forms they came by."""

    client: Any
    forms: dict[str, tuple[str, Element]]
    taken: list[str] = field(default_factory=list)

    def refused_for_lack(self) -> Iterator[str]:
        """What is called optional and yet asked for; what a summary at the top does not lead to."""
        for endpoint, (address, form) in self.forms.items():
            optional, empty = labelled_optional(form), emptied(form)
            for chosen in chosen_otherwise(form):
                answer = self.client.post(address, data=empty | chosen)
                if answer.status_code in {302, 303}:
                    break  # taken: what it was about may be settled by it
                if answer.status_code < 400 or answer.mimetype != "text/html":
                    continue
                page = html.parse(answer.data)[0]
                beside, summary = faults_of(page), summary_of(page)
                yield from (
                    f"{endpoint}: {optional[one]}: {sentence} ({chosen})"
                    for one, sentence in beside.items()
                    if one in optional
                )
                if 'class="listing-refused"' in answer.text:
                    continue  # a table says it beside its acts
                if answer.status_code == 422 and (summary is None or not summary[1]):
                    yield f"{endpoint}: no summary ({chosen})"
                elif answer.status_code == 422 and (missing := set(beside) - set(summary[0])):
                    yield f"{endpoint}: not in the summary: {missing}"

    def doubled(self) -> Iterator[str]:
        """What a second press makes once more, or answers otherwise than quietly."""
        for number, (endpoint, (address, form)) in enumerate(self.forms.items()):
            fields = filled(form, number)
            first = self.client.post(address, data=fields)
            if first.status_code >= 400 or first.status_code == 200:
                continue
            self.taken.append(endpoint)
            before = rows_of_all_tables()
            second = self.client.post(address, data=fields)
            after = rows_of_all_tables()
            if more := {one: after[one] - before[one] for one in after if after[one] != before[one]}:
                yield f"{endpoint}: twice: {more}"
            if second.status_code >= 400:
                yield f"{endpoint}: {second.status_code} when sent again"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("who", WHO)
def test_forms(city: Flask, sign_in: SignIn, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "problems", lambda *_args, **_more: [])  # looked at page by page elsewhere
    client = client_of(city, sign_in, who)
    crawl = Forms(client, city, of_each=1)
    crawl.found = {}
    crawl.go()
    walk = Walk(client, {name: one for name, one in crawl.found.items() if name not in LAST})
    wrong = [*walk.refused_for_lack(), *walk.doubled()]
    assert len(walk.forms) > 40
    assert len(walk.taken) > 20, sorted(walk.taken)
    assert wrong == [], "\n".join(dict.fromkeys(wrong))
