"""what an entry of the audit belongs to, of which kind it is and through what it was done"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_PLACES = ("event_id", "session_id", "organisation_id", "person_id")
_INDEXES = {
    "ix_audit_entry_at": ("at", "id"),
    "ix_audit_entry_organisation_id": ("organisation_id", "at", "id"),
    "ix_audit_entry_event_id": ("event_id", "at", "id"),
    "ix_audit_entry_kind": ("kind", "at", "id"),
    "ix_audit_entry_actor_id": ("actor_id", "at", "id"),
    "ix_audit_entry_person_id": ("person_id", "at", "id"),
}
# The kind of act by what its name begins with, as it was when this was written; what stands in _ACTS is otherwise.
_KINDS = {
    "events": ("event", "session", "position", "question", "cancellation"),
    "signups": ("signup", "hand_over", "answers", "pass", "call_out", "telling"),
    "attendance": ("attendance", "headcount", "scan", "photo", "wall", "device"),
    "recognition": (
        "service_record",
        "objection",
        "hours_rule",
        "hours_notice",
        "work_year",
        "certificate",
        "star",
    ),
    "volunteers": ("profile", "skill", "course", "training", "team", "age"),
    "resources": ("resource", "booking"),
    "venues": ("venue",),
    "plan": ("plan", "survey_result"),
    "organisations": ("organisation", "membership"),
    "people": ("account", "token", "phones"),
    "calendars": ("calendar",),
    "pages": ("roster", "cards", "messages", "message", "exchange", "list", "todo_mail"),
    "core": ("act", "option", "clock", "erasure"),
}
_ACTS = {
    "recognition": (
        *("commendation.begin", "commendation.refresh", "commendation.decide", "commendation.close"),
        *("commendation.reveal", "commendation.download"),
    ),
    "signups": (
        *(
            "course.sign_up",
            "course.leave",
            "course.enrol",
            "team.sign_up",
            "guardian.renew",
            "guardian.reveal",
        ),
        "phone.reveal_list",
    ),
    "volunteers": ("position.require", "certificate.check", "certificate.uncheck"),
    "events": ("plan.take_along",),
    "people": ("guardian.withdraw",),
}
# By what it is about: table, then how its session, event, organisation and person are found from the row `x`.
_SIGNUP = "(SELECT {} FROM signup WHERE signup.id = x.{})"
_RECORD = "(SELECT {} FROM service_record WHERE service_record.id = x.record_id)"
_NOTICE = "(SELECT event_id FROM notice WHERE notice.id = x.notice_id)"
_SUBJECTS = {
    "event": ("event", {"event_id": "x.id"}),
    "event_session": ("event_session", {"session_id": "x.id"}),
    "session": ("event_session", {"session_id": "x.id"}),
    "position": ("position", {"session_id": "x.session_id"}),
    "question": ("question", {"event_id": "x.event_id"}),
    "signup": ("signup", {"session_id": "x.session_id", "person_id": "x.person_id"}),
    "course_signup": ("course_signup", {"event_id": "x.event_id", "person_id": "x.person_id"}),
    "notice": ("notice", {"event_id": "x.event_id"}),
    "telling": ("telling", {"event_id": _NOTICE, "person_id": "x.person_id"}),
    "outbox_message": (
        "outbox_message",
        {"session_id": _SIGNUP.format("session_id", "about_id"), "person_id": "x.person_id"},
    ),
    "scan": ("scan", {"session_id": "x.session_id", "person_id": _SIGNUP.format("person_id", "signup_id")}),
    "attendance": ("attendance", {"session_id": "x.session_id", "person_id": "x.person_id"}),
    "head_count": ("head_count", {"session_id": "x.session_id"}),
    "device": (
        "device",
        {
            "session_id": "(SELECT min(session_id) FROM device_session WHERE device_session.device_id = x.id)",
            "person_id": "x.person_id",
        },
    ),
    "service_record": ("service_record", {"session_id": "x.session_id", "person_id": "x.person_id"}),
    "objection": ("objection", {"session_id": _RECORD.format("session_id"), "person_id": "x.person_id"}),
    "certificate": ("certificate", {"organisation_id": "x.organisation_id", "person_id": "x.person_id"}),
    "star": ("star", {"person_id": "x.person_id"}),
    "commendation": ("commendation", {"person_id": "x.person_id"}),
    "booking": ("booking", {"session_id": "x.session_id"}),
    "resource": ("resource", {"organisation_id": "x.organisation_id"}),
    "venue": ("venue", {"organisation_id": "x.organisation_id"}),
    "team": ("team", {"organisation_id": "x.organisation_id"}),
    "organisation": ("organisation", {"organisation_id": "x.id"}),
    "subscription": ("subscription", {"organisation_id": "x.organisation_id", "person_id": "x.person_id"}),
    "person": ("person", {"person_id": "x.id"}),
    "api_token": ("api_token", {"person_id": "x.person_id"}),
}


def upgrade() -> None:
    with op.batch_alter_table("audit_entry") as batch:
        batch.add_column(sa.Column("kind", sa.String(length=20), nullable=False, server_default=""))
        batch.add_column(sa.Column("via", sa.String(length=10), nullable=False, server_default=""))
        for name in _PLACES:
            batch.add_column(sa.Column(name, sa.String(length=18), nullable=True))
    _fill_kinds()
    _fill_places()
    for index, columns in _INDEXES.items():
        op.create_index(index, "audit_entry", list(columns))


def _fill_kinds() -> None:
    kinds = [f"WHEN action = '{act}' THEN '{kind}'" for kind, acts in _ACTS.items() for act in acts]
    kinds += [f"WHEN action LIKE '{one}.%' THEN '{kind}'" for kind, ones in _KINDS.items() for one in ones]
    op.execute(f"UPDATE audit_entry SET kind = CASE {' '.join(kinds)} ELSE '' END")  # noqa: S608  (our own names)


def _fill_places() -> None:
    for subject, (table, ways) in _SUBJECTS.items():
        sets = [
            f"{name} = (SELECT {way} FROM {table} x WHERE x.id = audit_entry.subject_id)"  # noqa: S608
            for name, way in ways.items()
        ]
        op.execute(f"UPDATE audit_entry SET {', '.join(sets)} WHERE subject_type = '{subject}'")  # noqa: S608
    op.execute(
        "UPDATE audit_entry SET event_id = (SELECT event_id FROM event_session "
        "WHERE event_session.id = audit_entry.session_id) WHERE session_id IS NOT NULL AND event_id IS NULL"
    )
    op.execute(
        "UPDATE audit_entry SET organisation_id = (SELECT organisation_id FROM event "
        "WHERE event.id = audit_entry.event_id) WHERE event_id IS NOT NULL AND organisation_id IS NULL"
    )


def downgrade() -> None:
    for index in _INDEXES:
        op.drop_index(index, "audit_entry")
    with op.batch_alter_table("audit_entry") as batch:
        for name in (*_PLACES, "via", "kind"):
            batch.drop_column(name)
