"""What every form that people find promises, with the demonstration's data: what is lacking was marked as needed before
it was sent, every fault is told at once with a way to its field, yes or no is a tick, and sent twice it does it once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.architecture.test_decisions import UNSEEN
from tests.integration.test_crawl import Crawl, SignIn, client_of, demonstrated
from tests.integration.test_fuzz import LAST
from tests.support import html
from tests.support.client import fields_of
from webapp.core import clock
from webapp.core.db import Base, db

TYPED = {"text", "password", "tel", "email", "search", "number", "date", "datetime-local", "url", None}
LATE = re.compile(
    r"(cancel|discard|remove|close|revoke|void|annul|reject|decline|withdraw|leave|hand_over|end_)"
)
# Writing routes whose forms this walk does not get taken twice, and what keeps them single. Those that decide or make
# something are judged before they run (core/deciding.py, tests/integration/core/test_seen.py).
NOT_TWICE = {
    **dict.fromkeys(
        ("signups.sign_up_again", "signups.sign_up_many"),
        "a nonce of the page leads to the first result (signups/test_many.py)",
    ),
    **dict.fromkeys(
        (
            "signups.add_companions",
            "signups.add_companions_as_guest",
            "signups.sign_up",
            "signups.sign_up_other",
            "signups.sign_up_team",
            "signups.take_course",
        ),
        "one living sign-up of a person and a position, said by the table (signups/test_races.py)",
    ),
    "attendance.add_walk_in": "a nonce of the page (attendance/test_walk_in.py)",
    "events.take_along": "takes along what is left to be taken; a second press finds nothing",
    "pages.confirm_clock": "carries the time it showed, and is refused for another",
    **dict.fromkeys(
        (
            "attendance.revoke_chosen",
            "events.act_on_chosen",
            "organisations.act_on_chosen",
            "pages.act_on_people",
            "pages.act_on_sheet",
            "pages.release_chosen",
            "pages.send_chosen_again",
            "recognition.accept_chosen",
            "recognition.act_on_hours",
            "recognition.act_on_session_hours",
            "resources.act_on_chosen",
            "signups.settle_unmet",
            "volunteers.void_chosen",
        ),
        "each chosen row carries its mark; the second press finds it changed (pages/test_working_lists.py)",
    ),
}
NOTHING_IS_MADE = (
    "one's own",
    "a scan is",
    "shows or",
    "a guardian's",
)  # begin the reasons of test_decisions.UNSEEN
NOTED = {"volunteers.edit_profile_step"}  # each saving of what is one's own is noted
SAID_IN_A_LINE = {
    "attendance.scan_check_in": "the page of the door says it at its top, and stays ready for the next"
}
WHO = ("office", "organiser", "volunteer1", "centre")  # each with the forms that those before did not find
YES_OR_NO = re.compile(r"(是|否|不是|有|没有|无|可以|不可以|能|不能|需要|不需要|要|不要|允许|不允许|开|关)")


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
                if endpoint:
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
    if kind == "password" or "password" in name:
        return "liu-shu-xia-de-mi-ma"
    if "year" in name:
        return str(clock.today().year)
    if kind == "tel" or "phone" in name:
        return f"138{number:08}"
    if kind == "email":
        return f"somebody{number}@example.test"
    if kind == "date":
        return clock.today().isoformat()
    if kind == "datetime-local":
        return f"{clock.today()}T{11 if 'end' in name else 9:02}:00"
    if kind == "number" or any(
        one in name for one in ("count", "hours", "months", "number", "most", "size", "value")
    ):
        return "3"
    if "name" in name:
        return f"王小{'一二三四五六七八九十'[number % 10]}{'甲乙丙丁戊己庚辛壬癸'[number // 10 % 10]}"
    return f"写下的话 {number}"


def rows_of_all_tables() -> dict[str, int]:
    """How many there are of each, but of what remembers what was sent."""
    tables = [one for one in Base.metadata.sorted_tables if one.name != "stored_answer"]
    return {one.name: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def needed_in(form: Element) -> set[str]:
    """Ids of the fields that are marked as needed, and that somebody can leave empty."""
    ticks = (one for one in form.iter("fieldset") if one.get("data-needed") is not None)
    found = {
        one.get("id") or "" for one in ticks if all(each.get("type") != "radio" for each in one.iter("input"))
    }
    for one in typed_in(form):
        can_be_empty = one.tag == "textarea" or one.get("type") in TYPED | {"checkbox", "file"}
        if one.get("required") is not None and can_be_empty:
            found.add(one.get("id") or "")
    return found


def marked_in(form: Element) -> set[str]:
    """Ids of all that say at once, or under a condition, that they are needed; a choice always has one."""
    found = needed_in(form) | {one.get("id") or "" for one in typed_in(form) if one.tag == "select"}
    for group in form.iter("fieldset"):
        if any(one.get("type") == "radio" for one in group.iter("input")):
            found.add(group.get("id") or "")
    for label in (*form.iter("label"), *form.iter("legend")):
        if any("needed-when" in (one.get("class") or "") for one in label.iter("span")):
            found.add(label.get("for") or "")
    return found


def asks_yes_or_no(form: Element) -> Iterator[str]:
    """Questions that one tick would answer."""
    for one in form.iter("select"):
        words = [html.text_of(option) for option in one.iter("option")]
        if len(words) == 2 and all(map(YES_OR_NO.fullmatch, words)):
            yield one.get("name") or ""
    for group in form.iter("fieldset"):
        kinds = [one.get("type") for one in group.iter("input")]
        words = [html.text_of(label) for label in group.iter("label")]
        if kinds == ["radio", "radio"] and all(map(YES_OR_NO.fullmatch, words)):
            yield group.get("id") or ""


def main_of(answer: Any) -> Element:
    """What the page is about, without what stands around it."""
    data = answer.data
    begin, end = data.find(b"<main"), data.rfind(b"</main>")
    return html.parse(data[begin : end + len(b"</main>")] if 0 <= begin < end else data)[0]


@dataclass
class Walk:
    """Somebody, and the forms they came by."""

    client: Any
    forms: dict[str, tuple[str, Element]]
    taken: set[str] = field(default_factory=set)

    def refused_for_lack(self) -> Iterator[str]:
        """What is called optional and yet asked for, or not called needed; what a summary does not lead to."""
        for endpoint, (address, form) in self.forms.items():
            if next(typed_in(form), None) is None:
                continue
            empty, needed = emptied(form), needed_in(form)
            sent: list[dict[str, list[Any]]] = []
            for chosen in chosen_otherwise(form):
                if (data := empty | chosen) in sent:
                    continue
                sent.append(data)
                answer = self.client.post(address, data=data)
                if answer.status_code in {302, 303}:
                    if not chosen and needed and endpoint not in SAID_IN_A_LINE:
                        yield f"{endpoint}: taken without {needed}"
                    break  # taken: what it was about may be settled by it
                if answer.status_code >= 400 and answer.mimetype == "text/html":
                    for what in self.wrong_with(answer, form, is_empty=not chosen):
                        yield f"{endpoint}: {what} ({chosen})"

    def wrong_with(self, answer: Any, form: Element, *, is_empty: bool) -> Iterator[str]:
        page = main_of(answer)
        beside, summary = faults_of(page), summary_of(page)
        optional, needed = labelled_optional(form), needed_in(form)
        yield from (f"{optional[one]}: {sentence}" for one, sentence in beside.items() if one in optional)
        if 'class="listing-refused"' in answer.text:
            return  # a table says it beside its acts
        if answer.status_code == 422 and (summary is None or not summary[1]):
            yield "no summary"
        elif answer.status_code == 422 and (missing := set(beside) - set(summary[0] if summary else [])):
            yield f"not in the summary: {missing}"
        if answer.status_code == 422 and is_empty:
            if summary and len(needed) > 1 and (missing := needed - set(summary[0])):
                yield f"not told at once: {missing}"
            if missing := needed - set(beside):
                yield f"needed and not asked for: {missing}"
            surprising = {one: beside[one] for one in set(beside) - marked_in(form)}
            if surprising and "每张表至少要有一列" not in str(surprising):  # whichever of several
                yield f"asked for and not marked as needed: {surprising}"

    def doubled(self) -> Iterator[str]:
        """What a second press makes once more, or answers otherwise than quietly."""
        for number, (endpoint, (address, form)) in enumerate(
            sorted(self.forms.items(), key=lambda one: bool(LATE.search(one[0])))
        ):
            fields, first = self.taken_first(address, form, number)
            if fields is None:
                continue
            self.taken.add(endpoint)
            before = rows_of_all_tables()
            second = self.client.post(address, data=fields)
            after = rows_of_all_tables()
            more = {one: after[one] - before[one] for one in after if after[one] != before[one]}
            if more and (endpoint not in NOTED or set(more) != {"audit_entry"}):
                yield f"{endpoint}: twice: {more}"
            says_it = 'class="listing-refused"' in second.text  # of all found: others are found by now
            if second.status_code >= 400 and first.status_code < 400 and not says_it:
                yield f"{endpoint}: {second.status_code} when sent again"
            if name := written_in(form, fields):
                yield from self.lost(endpoint, address, fields | {name: ["写成另外一句"]})

    def taken_first(
        self, address: str, form: Element, number: int
    ) -> tuple[dict[str, list[Any]] | None, Any]:
        """What was sent when it was taken; a page that shows what will be done, or what changed, is sent on."""
        fields = filled(form, number)
        first = self.client.post(address, data=fields)
        if first.status_code in {200, 409} and first.mimetype == "text/html":
            again = [
                one
                for one in main_of(first).iter("form")
                if one.get("action") == address and next(typed_in(one), None)
            ]
            if again:
                fields = filled(again[0], number)
                first = self.client.post(address, data=fields)
        return (fields, first) if 300 <= first.status_code < 400 else (None, first)

    def lost(self, endpoint: str, address: str, fields: dict[str, list[Any]]) -> Iterator[str]:
        """What somebody wrote who went back and sent it again with other words, and whose words are gone."""
        before = rows_of_all_tables()
        answer = self.client.post(address, data=fields)
        is_long = (
            hasattr(self.client.application.view_functions[endpoint], "__makes__") and "draft_page" in fields
        )
        if is_long and (rows_of_all_tables() != before or answer.status_code not in {409, 422}):
            yield f"{endpoint}: made another, or nothing, without asking ({answer.status_code})"
        is_over = f'action="{address}"' not in answer.text  # the form is not shown, but what became of it
        if answer.status_code in {409, 422} and not is_over and "写成另外一句" not in answer.text:
            yield f"{endpoint}: what was written is gone ({answer.status_code})"


def written_in(form: Element, fields: dict[str, list[Any]]) -> str | None:
    """A field for words."""
    texts = (
        one
        for one in typed_in(form)
        if one.tag == "textarea" or (one.get("type") in {"text", None} and one.tag == "input")
    )
    return next((name for one in texts if any(fields.get(name := one.get("name") or "", []))), None)


def kept_single(app: Flask, taken: set[str]) -> set[str]:
    """Writing routes of which neither the walk nor a reason says that sent twice they do it once."""
    found = set()
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        writes = "POST" in (rule.methods or set()) and not rule.endpoint.startswith("api.")
        if writes and not (hasattr(view, "__decides__") or hasattr(view, "__makes__")):
            found.add(rule.endpoint)
    harmless = {one for one, why in UNSEEN.items() if why.startswith(NOTHING_IS_MADE)}
    return found - taken - harmless - set(NOT_TWICE)


@pytest.mark.databases("sqlite")
def test_forms(city: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "problems", lambda *_args, **_more: [])  # looked at page by page elsewhere
    monkeypatch.setattr(html, "parse", html.read)
    met, taken, wrong = set(LAST), set[str](), list[str]()
    for who in WHO:
        client = client_of(city, sign_in, who)
        crawl = Forms(client, city, of_each=1)
        crawl.found = {}
        crawl.go()
        walk = Walk(client, {name: one for name, one in crawl.found.items() if name not in met})
        for name, (_address, form) in walk.forms.items():
            wrong += (f"{name}: {one} is yes or no" for one in asks_yes_or_no(form))
        wrong += [*walk.refused_for_lack(), *walk.doubled()]
        met |= set(walk.forms)
        taken |= walk.taken
    assert len(met) > 110
    assert len(taken) > 55, sorted(taken)
    wrong += (f"{one}: say what keeps it single" for one in kept_single(city, taken))
    assert wrong == [], "\n".join(dict.fromkeys(wrong))
