"""Forms of attendance: typed codes, roster ticks, head-counts, annulment."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.attendance.domain import (
    CODE_LIMIT,
    COUNT_METHOD_LABELS,
    HEADCOUNT_MAX,
    NONCE_LIMIT,
    NOTE_LIMIT,
    CountMethod,
    Direction,
)
from webapp.attendance.domain.phones import DEVICE_NAME_LIMIT, WALK_IN_NAME_LIMIT, DeviceKind, WallMode
from webapp.attendance.domain.wall import NUMBER_LENGTH
from webapp.attendance.forms.minors import MinorForm
from webapp.core.db import ID_LENGTH
from webapp.core.forms import BaseForm, CityDateTimeField, PhoneField, too_long
from webapp.core.i18n import format_date
from webapp.core.needed import NeededWhen
from webapp.core.terms import term
from webapp.events.domain import AUDIENCES
from webapp.events.models import Position


class ScanForm(BaseForm):
    """A scan made without script: a typed code or a tick on the roster."""

    code = StringField(_l("报名码"), [too_long(CODE_LIMIT)])
    signup = HiddenField(validators=[too_long(40)])
    direction = HiddenField(default=Direction.IN)
    nonce = HiddenField(validators=[too_long(80)])


class HeadCountForm(BaseForm):
    """People counted on the spot."""

    audience = SelectField(_l("人群"), choices=[(name, _l(name)) for name in AUDIENCES])
    count = IntegerField(
        _l("人数"),
        [
            InputRequired(_l("请填写人数。")),
            NumberRange(1, HEADCOUNT_MAX, _l("人数须在 1 至 %(max)d 之间。") % {"max": HEADCOUNT_MAX}),
        ],
    )
    method = RadioField(
        _l("怎样得到"),
        choices=[(method.value, _l(label)) for method, label in COUNT_METHOD_LABELS.items()],
        default=CountMethod.COUNTED,
    )
    day = SelectField(_l("哪一天"))  # asked only of a session of several days
    note = StringField(_l("说明"), [too_long(NOTE_LIMIT)])
    nonce = HiddenField(validators=[too_long(NONCE_LIMIT)])
    others = BooleanField(_l("是另外一批人"))  # asked only where it is in doubt
    photo = FileField(_l("现场照片"), render_kw={"accept": "image/jpeg,image/png,image/webp"})

    def offer_days(self, days: Sequence[date]) -> None:
        """The session's days that have come, the last one chosen; nothing is asked where there is one."""
        if len(days) < 2:
            del self.day
            return
        self.day.choices = [(one.isoformat(), format_date(one)) for one in days]
        self.day.data = self.day.data or days[-1].isoformat()

    @property
    def counted_on(self) -> date | None:
        """The day chosen, where one was asked for."""
        return date.fromisoformat(self.day.data) if "day" in self and self.day.data else None


class AnnulForm(BaseForm):
    """Why something is annulled."""

    reason = TextAreaField(
        _l("撤销原因"), [DataRequired(_l("请写明原因，它会留在记录里。")), too_long(NOTE_LIMIT)]
    )


class PairForm(BaseForm):
    """A phone to be paired."""

    name = StringField(
        _l("手机叫什么"), [DataRequired(_l("请给手机起个名字，如“东门手机”。")), too_long(DEVICE_NAME_LIMIT)]
    )
    kind = RadioField(
        _l("怎么用"),
        choices=[
            (DeviceKind.PHONE.value, _l("签到员拿着扫")),
            (DeviceKind.KIOSK.value, _l("放在门口，来的人自己扫")),
        ],
        default=DeviceKind.PHONE.value,
    )
    sessions = SelectMultipleField(
        _l("签到哪些场次"),
        [DataRequired(_l("请至少选一个场次。"))],  # told with the rest, not after it
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    until = CityDateTimeField(_l("用到什么时候"), [DataRequired(_l("请填写用到什么时候。"))])


class PairingCodeForm(BaseForm):
    """The code on the organiser's screen, typed."""

    code = StringField(
        _l("配对码"),
        [DataRequired(_l("请输入组织者屏幕上的配对码。")), too_long(40)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class TicksForm(BaseForm):
    """Names ticked at once, with a time for those who came and one for those who left."""

    came = SelectMultipleField(_l("到场"), validate_choice=False)
    left = SelectMultipleField(_l("离场"), validate_choice=False)
    came_at = CityDateTimeField(_l("到场时间"))
    left_at = CityDateTimeField(_l("离场时间"))
    nonce = HiddenField(validators=[too_long(40)])

    def ticked(self, name: str) -> list[str]:
        """Ids ticked in a column; what cannot be an id is left out."""
        given = self[name].data or []
        return [one for one in given if len(one) == ID_LENGTH and one.isascii() and one.isalnum()]


class WalkInForm(MinorForm):
    """Someone who came without having signed up: a name, or nothing at all."""

    name = StringField(
        _l("姓名"),
        [too_long(WALK_IN_NAME_LIMIT), NeededWhen(_l("留手机号时必填；不填只记一个人头"), "phone")],
        render_kw={"autocomplete": "off"},
    )
    phone = PhoneField(
        _l("手机号"),
        [Optional(), too_long(30)],
        render_kw={"autocomplete": "off", "inputmode": "tel", "type": "tel"},
    )
    position = RadioField(_l("安排在哪里"), [Optional(), NeededWhen(_l("写了姓名时必选"), "name")])
    nonce = HiddenField(validators=[too_long(NONCE_LIMIT)])

    def offer(self, positions: Sequence[Position]) -> None:
        """Places one may be given here and now; the only one is chosen already."""
        self.position.choices = [
            (
                one.id,
                _("%(position)s（空 %(n)s 个）", position=term(one.name), n=max(0, one.capacity - one.taken)),
            )
            for one in positions
        ]
        if len(positions) == 1 and not self.position.data:
            self.position.data = positions[0].id


class WallModeForm(BaseForm):
    """How the code on the wall is shown."""

    mode = RadioField(
        _l("怎样展示"),
        choices=[
            (WallMode.ROTATING.value, _l("放在屏幕上，每 30 秒换一次（不能转发代签，推荐）")),
            (WallMode.PRINTED.value, _l("打印出来贴在墙上，现场再念一个 6 位数字")),
        ],
        default=WallMode.ROTATING.value,
    )


class WallNumberForm(BaseForm):
    """The number spoken in the room, after the printed code was scanned."""

    number = StringField(
        _l("现场公布的 6 位数字"),
        [DataRequired(_l("请输入现场公布的 6 位数字。")), too_long(4 * NUMBER_LENGTH)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class WallPressForm(BaseForm):
    """The button of someone who is signed in."""

    signup = HiddenField(validators=[too_long(40)])
    direction = HiddenField(default=Direction.IN)
    nonce = HiddenField(validators=[too_long(40)])


class WallCodeForm(BaseForm):
    """The short code of a pass, typed by whoever has no account."""

    code = StringField(
        _l("报名码"),
        [DataRequired(_l("请输入报名码。")), too_long(CODE_LIMIT)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )
    direction = StringField(default=Direction.IN)  # the button that was pressed
    nonce = HiddenField(validators=[too_long(40)])
