"""What of hours, certificates and stars waits for someone."""

from collections.abc import Iterator

from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.organisations.domain import Permission
from webapp.recognition.queries.certificates import count_open
from webapp.recognition.queries.records import count_waiting
from webapp.recognition.queries.stars import count_applications

DECIDERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)


def hours_to_settle(viewer: Viewer) -> Iterator[Todo]:
    """Sign-outs to confirm, added time to look at, objections to answer."""
    number = count_waiting(viewer.person_id) if viewer.may(*DECIDERS) else 0
    if number:
        yield Todo(
            N_("%(n)s 条服务时长等确认、复核或答复"),
            N_("去处理"),
            "recognition.manage_hours",
            values={"n": number},
        )


def certificates_to_settle(viewer: Viewer) -> Iterator[Todo]:
    """Certificates volunteers asked for."""
    number = count_open(viewer.person_id) if viewer.may(*DECIDERS) else 0
    if number:
        yield Todo(
            N_("%(n)s 份服务证明等办理"),
            N_("去办理"),
            "recognition.manage_certificates",
            values={"n": number},
        )


def stars_to_decide(viewer: Viewer) -> Iterator[Todo]:
    """Applications for a star, for the office."""
    number = count_applications() if viewer.may(Permission.GOVERN) else 0
    if number:
        yield Todo(
            N_("%(n)s 份星级申请等评定"), N_("去评定"), "recognition.manage_stars", values={"n": number}
        )
