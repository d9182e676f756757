"""Smaller forms: one more session, its words and places, moving it, giving a reason."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired

from webapp.core import clock
from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import Needed
from webapp.events.domain import REASON_LIMIT, TITLE_LIMIT
from webapp.events.forms.fields import PeriodForm, Revision, WhenForm, WhereForm, time_field
from webapp.events.forms.whole import PlacesForm, SessionFields
from webapp.events.models import EventSession


class AddSessionForm(SessionFields, PeriodForm):
    """One more session of an event that is there; `key` becomes its id."""

    key = HiddenField()
    revision = Revision()


class SessionWordsForm(PlacesForm):
    """Name and places of a session that is there."""

    title = StringField(_l("场次名称"), [too_long(TITLE_LIMIT)])
    revision = Revision()


class MoveForm(WhenForm, WhereForm, PeriodForm):
    """When and where instead. `previewed` is what the preview was made of: only that is confirmed."""

    starts_at = time_field(_l("开始"))
    ends_at = time_field(_l("结束"))
    revision = Revision()
    previewed = HiddenField()

    def venue_name(self) -> str:
        """The chosen venue's name."""
        groups: dict[str, list[tuple[str, str]]] = self.venue_id.choices  # type: ignore[assignment]
        return {key: name for some in groups.values() for key, name in some}.get(self.venue_id.data, "")

    def is_past(self) -> bool:
        """Whether the asked-for time is over already."""
        return self.ends_at.moment is not None and self.ends_at.moment <= clock.now()

    def is_as_it_was(self, held: EventSession) -> bool:
        """Whether nothing was changed."""
        asked = (self.starts_at.moment, self.ends_at.moment, self.venue_id.data)
        return asked == (held.starts_at, held.ends_at, held.venue_id)

    def what(self) -> str:
        """The asked-for time and place in one line."""
        return f"{self.starts_at.data}|{self.ends_at.data}|{self.venue_id.data}"


class ResumeForm(BaseForm):
    """A postponed event goes on; where a date was not changed, somebody says that this is meant."""

    same_dates = BooleanField(_l("时间不变，就按原来的时间办"), [Needed()])  # shown where it is


class ReasonForm(BaseForm):
    """Why something is cancelled: people read it."""

    reason = TextAreaField(
        _l("取消原因"),
        [DataRequired(_l("请写明原因，报名的人会看到。")), too_long(REASON_LIMIT)],
        render_kw={"rows": 3},
    )
    revision = Revision()
