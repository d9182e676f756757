"""What of the sign-ups waits for someone."""

from collections.abc import Iterator

from webapp.core.errors import N_, Words
from webapp.core.todo import Press, Todo, Viewer
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import names_of, seen_by
from webapp.signups.queries.guardians import sessions_lacking_consent, sessions_withdrawn
from webapp.signups.queries.offers import positions_to_decide
from webapp.signups.queries.serving import papers_unseen
from webapp.signups.queries.telling import open_calls
from webapp.signups.queries.unmet import count_open_unmet

DECIDERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)


def people_to_decide(viewer: Viewer) -> Iterator[Todo]:
    """Sign-ups that ask for approval, by position, one person by name; due when the session begins."""
    if not viewer.may(*DECIDERS):
        return
    named = names_of(viewer)
    for row in positions_to_decide(seen_by(viewer, Permission.MANAGE_EVENTS)):
        where = {"position_id": row.id}
        values = {"n": row.number, "title": row.title, "position": Words(row.name)}
        if row.number > 1:
            text, press = N_("%(n)s 人报名“%(title)s”%(position)s，等审核"), None
        else:
            text = N_("%(who)s报名“%(title)s”%(position)s，等审核")
            values["who"] = named(row.who, row.organisation_id)
            fields = {"decision": "approve", "signup": row.signup_id}
            press = Press("pages.show_pending", where, fields, row.signup_id)
        act = N_("通过") if press else N_("去审核")
        yield Todo(text, act, "pages.show_pending", where, values, row.starts_at, press=press)


def people_to_call(viewer: Viewer) -> Iterator[Todo]:
    """People no message reaches, who have to be rung up."""
    if not viewer.may(*DECIDERS):
        return
    number, due, since = open_calls(seen_by(viewer, Permission.MANAGE_EVENTS))
    if number:
        yield Todo(
            N_("还有 %(n)s 个人要打电话告诉"),
            N_("看名单和要说的话"),
            "signups.list_calls",
            values={"n": number},
            due=due,
            since=since,
        )


def minors_without_consent(viewer: Viewer) -> Iterator[Todo]:
    """Minors for whom no guardian agrees, by session: to be asked before they stand at the door; at once where the
    consent was taken back and the child is there.
    """
    if not viewer.may(*DECIDERS):
        return
    for row in sessions_lacking_consent(seen_by(viewer, Permission.MANAGE_EVENTS)):
        yield Todo(
            N_("“%(title)s”有 %(n)s 个未成年人没有监护人同意"),
            N_("登记监护人"),
            "pages.session_sheet",
            {"session_id": row.session_id},
            {"n": row.number, "title": row.title},
            row.starts_at,
        )


def consents_withdrawn(viewer: Viewer) -> Iterator[Todo]:
    """Guardians who took their consent back these days: the place is free, and whoever planned with the child knows."""
    if not viewer.may(*DECIDERS):
        return
    for row in sessions_withdrawn(seen_by(viewer, Permission.MANAGE_EVENTS)):
        yield Todo(
            N_("“%(title)s”有 %(n)s 个孩子的监护人撤回了同意，报名已取消"),
            N_("看名单"),
            "pages.session_sheet",
            {"session_id": row.session_id},
            {"n": row.number, "title": row.title},
            row.starts_at,
        )


def shifts_to_keep_or_release(viewer: Viewer) -> Iterator[Todo]:
    """Shifts whose holders no longer have what they ask for, by session; due when it begins."""
    if not viewer.may(*DECIDERS):
        return
    own = seen_by(viewer, Permission.MANAGE_EVENTS)
    for row in count_open_unmet(own):
        yield Todo(
            N_("“%(title)s”有 %(n)s 位志愿者不再符合岗位要求，保留还是让出"),
            N_("去决定"),
            "signups.list_unmet",
            values={"n": row.number, "title": row.title},
            due=row.starts_at,
        )


def papers_to_check(viewer: Viewer) -> Iterator[Todo]:
    """Certificates volunteers say they have, which nobody has looked at: until then the skill does not count."""
    if not viewer.may(Permission.MANAGE_EVENTS):
        return
    number, since = papers_unseen(seen_by(viewer, Permission.MANAGE_EVENTS))
    if number:
        yield Todo(
            N_("志愿者的 %(n)s 份证书还没有核对"),
            N_("去核对"),
            "volunteers.list_papers",
            values={"n": number},
            since=since,
        )
