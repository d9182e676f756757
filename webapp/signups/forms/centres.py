"""Forms of a centre's people: whom to sign up again."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired

from webapp.core.forms import too_long
from webapp.signups.forms import OnceForm
from webapp.signups.forms.giving import BOTH

WORDS_LIMIT = 50


class AgainForm(OnceForm):
    """Which places, and among whom to look; those ticked are read from the request (views/again.py)."""

    position = RadioField(_l("报哪一个"), validators=[InputRequired(_l("请选一个。"))])
    q = StringField(
        _l("找人：姓名，或手机号后几位"),
        validators=[too_long(WORDS_LIMIT)],
        render_kw={"type": "search", "autocomplete": "off"},
    )
    both = BooleanField(BOTH)  # drawn once it is asked
    consent = BooleanField(_l("这一次也已向每个人口头说明并征得同意：为报名和签到使用姓名和手机号"))
