"""搜索: one field for people, events, pages, tasks, venues and units; each person finds what they may see."""

from collections.abc import Iterator
from typing import Any

from flask import Response, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row

from webapp.core.auth import allowed, current_permissions, may_enter, the_person
from webapp.core.i18n import format_date, format_range
from webapp.core.matching import Sought
from webapp.core.security import code_guesses, limiter
from webapp.events.queries.titles import events_called, sessions_called
from webapp.organisations.domain import Permission
from webapp.organisations.queries import list_organisations, organisations_seen, own_units
from webapp.pages.domain.jump import Group, Hit, grouped
from webapp.pages.domain.shell import STAFF, sections_for
from webapp.pages.views import blueprint
from webapp.pages.views.manage import MANAGERS, RUNNERS
from webapp.people.domain import mask_name, mask_phone
from webapp.plan.queries import current_plan, titles_of
from webapp.signups.domain import read_short_code
from webapp.signups.queries.reach import Reach, find_people, reach_of, sessions_of_code, signups_seen
from webapp.signups.queries.standing import standings_of
from webapp.venues.queries import names_of_venues

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


@blueprint.get("/manage/jump")
@allowed(*STAFF)
@limiter.limit(code_guesses)
def jump() -> Response:
    """What was typed, in groups, the likeliest first."""
    sought = Sought(request.args.get("q", ""))
    return _private(render_template("pages/jump.html", q=sought.text, groups=_found(sought)))


@blueprint.get("/manage/jump.json")
@allowed(*STAFF)
@limiter.limit(code_guesses)
def jump_at_once() -> Response:
    """The same while one types, with the few words the script has to say."""
    sought = Sought(request.args.get("q", ""))
    found = _found(sought)
    groups = [
        {"label": _(group.label), "hits": [vars(hit) for hit in group.hits], "more": group.more}
        for group in found
    ]
    if not sought:
        says = _("打名称、拼音首字母、手机后四位或报名码。")
    elif found:
        says = _("找到 %(n)s 项，用上下键选，回车打开。", n=sum(len(group.hits) for group in found))
    else:
        says = _("没有找到“%(q)s”", q=sought.text)
    return _private(jsonify(groups=groups, says=says, more=_("还有更多，多打一个词再找。")))


@blueprint.get("/manage/people/<person_id>")
@allowed(Permission.MANAGE_EVENTS, Permission.SCAN, Permission.SIGN_UP_OTHERS, Permission.GOVERN)
def show_person(person_id: str) -> Response:
    """One person as far as whoever looks has to do with them: what they signed up for, and how that stands."""
    reach = reach_of(the_person().id)
    person, made = signups_seen(person_id, reach)
    return _private(
        render_template(
            "pages/show_person.html",
            person=person,
            phone=mask_phone(person.phone),
            made=made,
            standings=standings_of(made),
            reach=reach,
        )
    )


def _private(body: Any) -> Response:
    answer = make_response(body)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _found(sought: Sought) -> list[Group]:
    if not sought:
        return []
    person_id = the_person().id
    reach = reach_of(person_id)
    found = (
        ("codes", _codes(sought, person_id, reach)),
        ("people", _people(sought, reach)),
        ("events", _events(sought, person_id)),
        ("pages", _pages(sought)),
        ("tasks", _tasks(sought)),
        ("venues", _venues(sought)),
        ("units", _units(sought, person_id)),
    )
    return grouped(found, sought.text)


def _codes(sought: Sought, person_id: str, reach: Reach) -> Iterator[Hit]:
    """Whose code it is, in sessions about now."""
    code = read_short_code(sought.text)
    if code is None or not may_enter("pages.session_sheet"):
        return
    for held, name in sessions_of_code(code, organisations_seen(person_id, *RUNNERS)):
        shown = name if reach.has(held.event.organisation_id) else mask_name(name)
        when = format_range(held.starts_at, held.ends_at)
        yield Hit(
            shown, url_for("pages.session_sheet", session_id=held.id, q=code), f"{held.event.title} {when}"
        )


def _people(sought: Sought, reach: Reach) -> Iterator[Hit]:
    for one in find_people(sought, reach):
        if one.by_event:
            url = url_for("pages.show_person", person_id=one.id)
        else:
            url = url_for("signups.show_elder", person_id=one.id, centre=one.centre)
        yield Hit(one.name, url, mask_phone(one.phone))


def _events(sought: Sought, person_id: str) -> Iterator[Hit]:
    """By words, as on the list of events; of those about now also by pinyin, and for who checks in by session."""
    if not may_enter("pages.session_sheet"):
        for one in events_called(sought.text, None, public=True):
            yield Hit(one.title, url_for("pages.show_event", event_id=one.id), _when(one))
        return
    managed = organisations_seen(person_id, *MANAGERS)
    run = organisations_seen(person_id, *RUNNERS)
    shown = set()
    for one in events_called(sought.text, managed) if managed is None or managed else ():
        shown.add(one.id)
        yield Hit(one.title, url_for("events.show_managed", event_id=one.id), _when(one))
    if managed is None and not _LETTERS & set(sought.text.casefold()):
        return
    for one in sessions_called(sought, run):
        if one.event_id in shown:
            continue
        if managed is None or one.organisation_id in managed:
            url = url_for("events.show_managed", event_id=one.event_id)
        else:
            url = url_for("pages.session_sheet", session_id=one.id)
        yield Hit(one.title, url, f"{one.unit} {format_date(one.starts_at)}")


def _when(one: Row[*tuple[Any, ...]]) -> str:
    return f"{one.unit} {format_date(one.at)}" if one.at else str(one.unit)


def _pages(sought: Sought) -> Iterator[Hit]:
    """Of the navigation, by the Chinese name and the one shown."""
    for section in sections_for(current_permissions(), may_enter):
        for place in section.places:
            if sought.finds(name=place.label, others=[_(place.label)]):
                above = "" if place.label == section.label else _(section.label)
                yield Hit(_(place.label), url_for(place.endpoint), above)


def _tasks(sought: Sought) -> Iterator[Hit]:
    plan = current_plan()
    for code, title in titles_of(plan.id) if plan else ():
        if plan and sought.finds(name=title, others=[code]):
            yield Hit(f"{code} {title}", url_for("pages.show_task", code=code, plan=plan.code))


def _venues(sought: Sought) -> Iterator[Hit]:
    if not may_enter("venues.list_venues"):
        return
    for name, address in names_of_venues():
        if sought.finds(name=name, others=[address]):
            yield Hit(name, url_for("venues.list_venues", q=name), address)


def _units(sought: Sought, person_id: str) -> Iterator[Hit]:
    """For the office and who inspects every one; for others their own."""
    everyone = may_enter("organisations.list_members")
    if everyone:
        units, endpoint = list_organisations(), "organisations.list_members"
    elif may_enter("organisations.show_unit"):
        units, endpoint = list(own_units(person_id)), "organisations.show_unit"
    else:
        return
    for one in units:
        if sought.finds(name=one.name, others=[one.full_name]):
            yield Hit(one.name, url_for(endpoint, organisation_id=one.id), one.full_name or "")
