"""The areas in dependency order, their blueprints and commands, and who is told of what."""

import importlib
from pathlib import Path

from flask import Flask

from webapp.attendance.queries.devices import paired
from webapp.attendance.queries.todo import (
    phones_to_pair_again,
    scans_to_settle,
    scans_to_wait_for,
    sheets_to_fill,
)
from webapp.attendance.service import followers, handing_on, recount
from webapp.calendars import service as calendars
from webapp.calendars.queries.todo import centres_gone_silent
from webapp.core import (
    audit,
    auth,
    commands,
    db,
    deeds,
    departing,
    done,
    installation,
    leaving,
    todo,
    undoing,
)
from webapp.core.leaving import End
from webapp.events import service as events
from webapp.events.queries import todo as of_events
from webapp.events.queries import unplanned
from webapp.events.queries.leaving import events_hanging
from webapp.events.service import hooks
from webapp.organisations import service as organisations
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may, owner_of_token, permissions_of, standing_of
from webapp.organisations.queries.todo import organisations_left_alone
from webapp.pages.queries import clock_to_check, erasures_to_note, messages_not_sent
from webapp.pages.queries.places import places_of
from webapp.pages.service import todo_mail
from webapp.people.queries import account_of_cookie, any_gone, name_of, person_of_account, tokens_hanging
from webapp.plan import service as plans
from webapp.recognition.queries import todo as of_recognition
from webapp.recognition.service import leaving as papers
from webapp.recognition.service.standing import refuse_no_shows
from webapp.resources import service as resources
from webapp.signups import service as signups
from webapp.signups.queries.serving import add_volunteers_of
from webapp.signups.queries.todo import (
    consents_withdrawn,
    minors_without_consent,
    papers_to_check,
    people_to_call,
    people_to_decide,
    shifts_to_keep_or_release,
)
from webapp.signups.service import closing, consents, courses, offer_times, present, unmet
from webapp.signups.service.hooks import may_serve, who_came
from webapp.venues import service as venues
from webapp.volunteers import service as volunteers
from webapp.volunteers.queries import todo as of_volunteers

# An area may import earlier ones in this list, never later ones (checked by tests/architecture).
AREAS = (
    "people",
    "organisations",
    "venues",
    "plan",
    "events",
    "resources",
    "volunteers",
    "signups",
    "attendance",
    "recognition",
    "calendars",
    "api",
    "pages",
)
# Modules of the core that hold tables; named here so that the schema is whole whoever imports what.
_CORE_TABLES = (
    "audit",
    "drafts",
    "done",
    "erasing",
    "idempotency",
    "jobs",
    "known",
    "long_tasks",
    "options",
    "outbox",
    "sizes",
    "timekeeping",
)
_HERE = Path(__file__).parent


def _module(area: str, name: str) -> object | None:
    """`webapp.<area>.<name>` where there is one."""
    folder = _HERE / area
    if not (folder / f"{name}.py").exists() and not (folder / name).is_dir():
        return None
    return importlib.import_module(f"webapp.{area}.{name}")


def init_areas(app: Flask) -> None:
    """Import every area's tables and jobs, mount its blueprints, connect those who want to be told."""
    for name in _CORE_TABLES:
        importlib.import_module(f"webapp.core.{name}")
    for area in AREAS:
        _module(area, "models")
        _module(area, "jobs")
    _say_who_is_who()
    for area in AREAS:
        for blueprint in getattr(_module(area, "views"), "blueprints", ()):
            app.register_blueprint(blueprint)
    _connect()
    _say_what_hangs()
    _say_what_waits()
    _say_what_was_done()


def init_commands(app: Flask) -> None:
    """Add each area's commands and the core's."""
    commands.init_commands(app)
    app.extensions["kepu_prepare"] = prepare
    for area in AREAS:
        for command in getattr(_module(area, "cli"), "commands", ()):
            app.cli.add_command(command)


def prepare(app: Flask) -> list[str]:
    """What `flask serve` does before it serves: the newest schema, the keys, each area's own `prepare()` in its cli.py.

    Those must be quick and change nothing the second time; what they return is shown once the server answers.
    Where several start at once, one prepares and the others wait for it.
    """
    lines: list[str] = []
    with db.one_process_at_a_time(app):
        installation.require_same_before_upgrade()
        db.upgrade(app)
        installation.prepare()
        for area in AREAS:
            own = getattr(_module(area, "cli"), "prepare", None)
            lines += own() if own else []
    return lines


def _say_who_is_who() -> None:
    """Give the core, which knows no area, who recognises people and who makes what goes along with mails."""
    auth.loaders.account = account_of_cookie
    auth.loaders.person_of_account = person_of_account
    auth.loaders.owner_of_token = owner_of_token
    auth.loaders.permissions = permissions_of
    auth.loaders.standing = standing_of
    auth.loaders.name_of = name_of
    auth.loaders.paired = paired
    departing.asked.calendar = calendars.attachment_of
    present.say_what_is_so()
    todo_mail.say_who_ends_it()
    undoing.asked.may = lambda person, permission, where: may(person, Permission(permission), where)
    undoing.asked.gone = any_gone
    undoing.asked.ways["cancellation"] = lambda cancellation_id, by: events.undo(cancellation_id, by=by)


def _connect() -> None:
    """Later areas ask earlier ones to be told of facts, in the same transaction (core/hooks.py)."""
    hooks.counting_changed.connect(recount.reconcile_event)
    events.cancelled.connect(signups.on_event_cancelled)
    events.postponed.connect(signups.on_event_postponed)
    events.resumed.connect(signups.on_event_resumed)
    events.uncancelled.connect(signups.on_uncancelled)
    events.who_clashes.connect(signups.who_clashes)
    events.session_added.connect(courses.on_session_added)
    events.session_cancelled.connect(signups.on_session_cancelled)
    events.rescheduled.connect(followers.on_rescheduled)
    events.moved.connect(resources.on_moved)
    events.rescheduled.connect(signups.on_rescheduled)
    events.capacity_raised.connect(signups.on_capacity_raised)
    events.who_is_told.connect(signups.who_is_told)
    hooks.copied.connect(resources.on_copied)
    hooks.copied.connect(volunteers.on_copied)
    volunteers.who_serves.connect(add_volunteers_of)
    volunteers.age_said.connect(consents.follow_age)
    venues.changed.connect(calendars.on_venue_changed)
    venues.changed.connect(events.on_venue_changed)
    organisations.changed.connect(events.on_organisation_changed)
    volunteers.qualifications_changed.connect(unmet.on_qualifications)
    volunteers.requirements_changed.connect(unmet.on_requirements)
    plans.period_changed.connect(recount.reconcile_plan)
    plans.rolled_over.connect(events.take_along)
    may_serve.connect(refuse_no_shows)
    departing.settled.connect(offer_times.on_settled)
    who_came.connect(followers.say_who_came)
    undoing.put_back.connect(signups.on_put_back)
    undoing.put_back.connect(followers.on_put_back)


def _say_what_hangs() -> None:
    """What hangs on who or what ends (core/leaving.py), in the order in which it is settled.

    Positions are locked before persons, teams and organisations.
    """
    leaving.connect(
        *closing.PARTS,
        *volunteers.PARTS,
        *organisations.PARTS,
        leaving.Part({End.ACCOUNT, End.RIGHT}, events_hanging),
        *handing_on.PARTS,
        *papers.PARTS,
        *calendars.PARTS,
        leaving.Part({End.ACCOUNT, End.RIGHT}, tokens_hanging, keys={"api_token.person_id"}),
        leaving.Part({End.ACCOUNT}, settle=lambda ending: done.forget(ending.person_id)),
        leaving.Part(
            {End.ACCOUNT},
            settle=lambda ending: todo_mail.forget(ending.person_id),
            keys={"todo_mail.person_id"},
        ),
    )


def _say_what_waits() -> None:
    """The sources of 待办 (core/todo.py), in the order in which they stand where none is due before another."""
    todo.connect(
        people_to_call,
        shifts_to_keep_or_release,
        phones_to_pair_again,
        unplanned.plan_to_follow,
        unplanned.events_to_take_along,
        unplanned.outside_their_plans,
        of_events.events_to_review,
        of_events.events_put_off,
        people_to_decide,
        minors_without_consent,
        consents_withdrawn,
        of_events.places_to_fill,
        of_events.drafts_to_publish,
        scans_to_settle,
        scans_to_wait_for,
        sheets_to_fill,
        of_recognition.hours_to_settle,
        of_recognition.added_time_to_approve,
        of_recognition.objections_to_answer,
        of_recognition.certificates_to_settle,
        of_recognition.stars_to_decide,
        of_recognition.lists_to_settle,
        papers_to_check,
        of_volunteers.people_asking_to_join,
        of_volunteers.sessions_asking_for_a_team,
        of_volunteers.teams_to_give_a_leader,
        organisations_left_alone,
        of_recognition.years_to_announce,
        centres_gone_silent,
        messages_not_sent,
        clock_to_check,
        erasures_to_note,
    )


def _say_what_was_done() -> None:
    """How the acts of each area read (core/deeds.py), and where an entry of the audit belongs."""
    deeds.connect("core", deeds.DEEDS)
    for area in AREAS:
        module = _module(area, "domain")
        name = f"webapp.{area}.domain.deeds"
        if module is not None and (_HERE / area / "domain" / "deeds.py").exists():
            module = importlib.import_module(name)
        deeds.connect(area, getattr(module, "DEEDS", {}))
    audit.asked.places = places_of
