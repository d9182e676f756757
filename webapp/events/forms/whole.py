"""The whole event on one page, with rows that can be added without a script."""

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from webapp.core import clock
from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import NeededWhen
from webapp.events.domain import (
    AUDIENCES,
    BRING_LIMIT,
    CAPACITY_MAX,
    KIND_LABELS,
    POSITION_NAME_LIMIT,
    POSITIONS_MAX,
    RISK_LIMIT,
    SESSIONS_MAX,
    SUMMARY_LIMIT,
    TASKS_MAX,
    TITLE_LIMIT,
    EventChanges,
    EventDraft,
    EventStatus,
    PositionDraft,
    PositionKind,
    Readiness,
    SessionDraft,
    missing_to_publish,
)
from webapp.events.forms.fields import (
    CHOSEN,
    REQUIRED,
    Choice,
    Count,
    PartForm,
    PeriodForm,
    Revision,
    Rows,
    Ticks,
    WhenForm,
    WhereForm,
    drop_row,
    key_of,
    time_field,
)
from webapp.events.models import Event, EventSession

WEEK = timedelta(days=7)


def usual_places() -> list[dict[str, Any]]:
    """The places of a first session."""
    return [
        {"name": _("观众"), "kind": "audience", "capacity": 30, "waitlist": True},
        {"name": _("志愿者"), "kind": "volunteer", "capacity": 2, "waitlist": True},
    ]


class PositionForm(PartForm):
    """Places of one kind."""

    id = HiddenField()
    name = StringField(_l("岗位或席位名称"), [REQUIRED, too_long(POSITION_NAME_LIMIT)])
    kind = Choice(_l("给谁"), choices=[(kind.value, _l(label)) for kind, label in KIND_LABELS.items()])
    capacity = Count(
        _l("名额"),
        [
            InputRequired(_l("请填写名额。")),
            NumberRange(0, CAPACITY_MAX, _l("名额须是 %(min)d 至 %(max)d 之间的整数。")),
        ],
        render_kw={"inputmode": "numeric", "min": 0},
    )
    waitlist = BooleanField(_l("满了可以候补"))

    def draft(self) -> PositionDraft:
        """What was asked for."""
        return PositionDraft(
            self.name.data or "", self.kind.data or "", self.capacity.data or 0, bool(self.waitlist.data)
        )


class PlacesForm(BaseForm):
    """Positions in rows."""

    positions = Rows(FormField(PositionForm), _l("名额"), kept=2 * POSITIONS_MAX)

    def validate_positions(self, field: Rows) -> None:
        """How many, and no two of one name."""
        if len(field.entries) > POSITIONS_MAX:
            raise ValidationError(_("一个场次最多 %(limit)s 个岗位。", limit=POSITIONS_MAX))
        names = [entry.form.name.data for entry in field.entries if entry.form.name.data]
        for name in names:
            if names.count(name) > 1:
                raise ValidationError(_("这个场次里有两个“%(name)s”，请换个名称。", name=name))

    def rearrange(self, change: str) -> None:
        """`add-position`, `remove-position-2`: one row more or less."""
        if change == "add-position":
            self.positions.append_entry({"kind": "volunteer", "capacity": 1, "waitlist": True})
        elif change.startswith("remove-position-"):
            drop_row(self.positions, change.removeprefix("remove-position-"))


class SessionFields(WhenForm, WhereForm, PlacesForm):
    """A dated occurrence with its places."""

    title = StringField(_l("场次名称"), [too_long(TITLE_LIMIT)])
    starts_at = time_field(_l("开始"))
    ends_at = time_field(_l("结束"))

    def draft(self, own_id: str | None = None) -> SessionDraft:
        """What was asked for; the form has been validated."""
        starts_at, ends_at = self.starts_at.moment, self.ends_at.moment
        assert starts_at is not None
        assert ends_at is not None
        positions = [entry.form.draft() for entry in self.positions.entries]
        return SessionDraft(self.title.data or "", self.venue_id.data, starts_at, ends_at, positions, own_id)


class SessionForm(PartForm, SessionFields):
    """The same as a part of the event's form."""


class WordsForm(PeriodForm):
    """What an event says and serves."""

    title = StringField(_l("活动名称"), [REQUIRED, too_long(TITLE_LIMIT)])
    type_slug = Choice(_l("类型"), [CHOSEN], choices=[])
    summary = TextAreaField(
        _l("活动简介"),
        [too_long(SUMMARY_LIMIT), NeededWhen(_l("发布前必填"), now=lambda form: form.is_public)],
        render_kw={"rows": 5},
    )
    bring = StringField(_l("请带什么"), [too_long(BRING_LIMIT)])
    audiences = Ticks(_l("适合谁"), choices=[(name, _l(name)) for name in AUDIENCES])
    task_ids = Ticks(_l("服务计划里的哪些任务"), choices=[])
    risk_statement = TextAreaField(
        _l("风险说明"),
        [
            too_long(RISK_LIMIT),
            NeededWhen(
                _l("招志愿者的，发布前必填"),
                "kind",
                [PositionKind.VOLUNTEER],
                now=lambda form: form.recruits,
                then=_l("发布前必填"),
            ),
        ],
        render_kw={"rows": 3},
    )
    revision = Revision()
    is_public = False  # people read it already
    recruits: Any = False  # it has places for volunteers

    def know(self, event: Event) -> None:
        """What else decides about what is needed: it is out, and whom it looks for."""
        self.is_public = event.status != EventStatus.DRAFT
        self.recruits = any(
            one.kind == PositionKind.VOLUNTEER for held in event.sessions for one in held.positions
        )

    def validate_task_ids(self, field: Ticks) -> None:
        """Not all of them."""
        if len(field.data or ()) > TASKS_MAX:
            raise ValidationError(_("一场活动最多选 %(limit)s 项任务。", limit=TASKS_MAX))

    def changes(self) -> EventChanges:
        """What was asked for."""
        return EventChanges(
            type_slug=self.type_slug.data,
            title=self.title.data,
            summary=self.summary.data or "",
            bring=self.bring.data or "",
            risk_statement=self.risk_statement.data or "",
            audiences=self.audiences.data or [],
            task_ids=self.task_ids.data or [],
        )


class EventForm(WordsForm):
    """A whole event on one page. `key` becomes its id: sent twice, the form makes one event."""

    key = HiddenField()
    organisation_id = Choice(_l("哪个单位办"), [CHOSEN], choices=[])
    sessions = Rows(FormField(SessionForm), _l("场次"), kept=4 * SESSIONS_MAX)

    def validate_sessions(self, field: Rows) -> None:
        """Not too many."""
        if len(field.entries) > SESSIONS_MAX:
            raise ValidationError(_("一场活动最多 %(limit)s 个场次。", limit=SESSIONS_MAX))

    @property
    def recruits(self) -> bool:
        """Whether there are places for volunteers."""
        return any(row.form.kind.data == PositionKind.VOLUNTEER for row in self._places())

    def _places(self) -> list[Any]:
        return [row for one in self.sessions.entries for row in one.form.positions.entries]

    def draft(self) -> EventDraft:
        """What was asked for."""
        said = self.changes()
        return EventDraft(
            organisation_id=self.organisation_id.data,
            type_slug=said.type_slug or "",
            title=said.title or "",
            summary=said.summary or "",
            bring=said.bring or "",
            risk_statement=said.risk_statement or "",
            audiences=said.audiences or (),
            task_ids=said.task_ids or (),
            sessions=[entry.form.draft() for entry in self.sessions.entries],
            id=key_of(self.key),
        )

    def days(self) -> list[tuple[date, date]]:
        """Of the sessions, as far as they are given."""
        spans = [(one.form.starts_at.moment, one.form.ends_at.moment) for one in self.sessions.entries]
        return [(clock.local_date(one), clock.local_date(two)) for one, two in spans if one and two]

    def lacks(self, *, needs_tasks: bool) -> list[str]:
        """What publishing would still ask for, in marked sentences, whatever else is wrong with the form."""
        sessions = [entry.form for entry in self.sessions.entries]
        ends = [one.ends_at.moment for one in sessions]
        places = [one.positions.entries for one in sessions]
        return missing_to_publish(
            Readiness(
                has_summary=bool(self.summary.data),
                has_tasks=bool(self.task_ids.data),
                recruits=self.recruits,
                has_risk_statement=bool(self.risk_statement.data),
                sessions=len(sessions),
                sessions_without_position=sum(not some for some in places),
                all_sessions_past=all(end is not None and end <= clock.now() for end in ends),
                needs_tasks=needs_tasks,
            )
        )

    def rearrange(self, change: str) -> None:
        """`add-session`, `remove-session-1`, `0-add-position`, `0-remove-position-2`: one row more or less."""
        number, _dash, rest = change.partition("-")
        if change == "add-session":
            self.sessions.append_entry(_next_week(self.sessions.entries))
        elif change.startswith("remove-session-"):
            drop_row(self.sessions, change.removeprefix("remove-session-"))
        elif number.isascii() and number.isdigit() and len(number) <= 6 and int(number) < len(self.sessions):
            self.sessions[int(number)].form.rearrange(rest)


def _next_week(rows: list[Any]) -> dict[str, Any]:
    """A session like the last one on the page, a week later, with the same places."""
    if not rows:
        return {"positions": usual_places()}
    last = rows[-1].form.data
    moved = {name: last[name] + WEEK if last[name] else None for name in ("starts_at", "ends_at")}
    return (
        last
        | moved
        | {"title": "", "new_venue": {}, "positions": [row | {"id": ""} for row in last["positions"]]}
    )


def next_session(last: EventSession) -> dict[str, Any]:
    """The same for a session that is there."""
    places = [
        {"name": one.name, "kind": one.kind, "capacity": one.capacity, "waitlist": one.waitlist}
        for one in last.positions
    ]
    return {
        "venue_id": last.venue_id,
        "starts_at": last.starts_at + WEEK,
        "ends_at": last.ends_at + WEEK,
        "positions": places,
    }
