"""What every form that people find promises, with the demonstration's data: what is lacking was marked as needed before
it was sent, every fault is told at once with a way to its field, and what was typed is there again.
"""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from tests.integration.test_crawl import Crawl, SignIn, client_of, demonstrated
from tests.integration.test_fuzz import LAST
from tests.support import html
from tests.support.client import fields_of

TYPED = {"text", "tel", "email", "search", "number", "date", "datetime-local", "url", None}
WHO = ("office", "organiser", "volunteer1", "centre")


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
        if one.tag in {"textarea", "select"} or (one.tag == "input" and one.get("type") not in {"hidden", "submit"}):
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


def chosen_otherwise(form: Element) -> Iterator[tuple[str, str]]:
    """Each other choice there is, by name and value; ticks, too."""
    for one in form.iter():
        name, value = one.get("name") or "", one.get("value", "on")
        if one.tag == "input" and one.get("type") in {"radio", "checkbox"}:
            yield name, value
        if one.tag == "select":
            for option in list(one.iter("option"))[:8]:
                yield name, option.get("value", "")
        if one.tag == "button" and name:
            yield name, one.get("value", "")


def labelled_optional(page: Element) -> dict[str, str]:
    """Ids of fields said to be optional, with their labels."""
    found = {}
    for label in page.iter("label"):
        if any("optional" == (one.get("class") or "") for one in label.iter("span")):
            found[label.get("for") or ""] = html.text_of(label)
    for group in page.iter("fieldset"):
        legend = next(group.iter("legend"), None)
        if legend is not None and any("optional" == (one.get("class") or "") for one in legend.iter("span")):
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


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("who", WHO)
def test_nothing_called_optional_is_refused_for_lack_of_it(city: Flask, sign_in: SignIn, who: str) -> None:
    client = client_of(city, sign_in, who)
    crawl = Forms(client, city, of_each=1)
    crawl.found = {}
    crawl.go()
    wrong: list[str] = []
    for endpoint, (address, form) in crawl.found.items():
        if endpoint in LAST:
            continue
        optional, empty = labelled_optional(form), emptied(form)
        for name, value in [("", ""), *chosen_otherwise(form)]:
            answer = client.post(address, data=empty | ({name: [value]} if name else {}))
            if answer.status_code < 400 or answer.mimetype != "text/html":
                continue
            page = html.parse(answer.data)[0]
            beside, summary = faults_of(page), summary_of(page)
            for one, sentence in beside.items():
                if one in optional:
                    wrong.append(f"{endpoint}: {optional[one]}: {sentence} ({name}={value})")
            if answer.status_code == 422:
                if summary is None:
                    wrong.append(f"{endpoint}: no summary ({name}={value})")
                elif missing := set(beside) - set(summary[0]):
                    wrong.append(f"{endpoint}: not in the summary: {missing}")
                elif not summary[1]:
                    wrong.append(f"{endpoint}: an empty summary")
    print(len(crawl.found), sorted(crawl.found))
    assert wrong == [], "\n".join(dict.fromkeys(wrong))
