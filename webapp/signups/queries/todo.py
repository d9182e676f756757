"""What of the sign-ups waits for someone."""

from collections.abc import Iterator

from webapp.core.errors import N_, Words
from webapp.core.todo import Todo, Viewer
from webapp.events.queries import organisations_seen
from webapp.organisations.domain import Permission
from webapp.signups.queries.offers import positions_to_decide
from webapp.signups.queries.telling import open_calls

DECIDERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)


def people_to_decide(viewer: Viewer) -> Iterator[Todo]:
    """Sign-ups that ask for approval, by position; due when the session begins."""
    if not viewer.may(*DECIDERS):
        return
    own = organisations_seen(viewer.person_id, Permission.MANAGE_EVENTS)
    for position, number in positions_to_decide(own):
        yield Todo(
            N_("%(n)s 人报名“%(title)s”%(position)s，等审核"),
            N_("去审核"),
            "pages.show_pending",
            {"position_id": position.id},
            {"n": number, "title": position.session.event.title, "position": Words(position.name)},
            position.session.starts_at,
        )


def people_to_call(viewer: Viewer) -> Iterator[Todo]:
    """People no message reaches, who have to be rung up."""
    if not viewer.may(*DECIDERS):
        return
    number, due = open_calls(organisations_seen(viewer.person_id, Permission.MANAGE_EVENTS))
    if number:
        yield Todo(
            N_("还有 %(n)s 个人要打电话告诉"),
            N_("看名单和要说的话"),
            "signups.list_calls",
            values={"n": number},
            due=due,
        )
