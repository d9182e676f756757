"""Rules of the house the office may change: whatever the areas declare (core/options.py), on one form."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import StringField

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import Needed
from webapp.core.options import Declared, Option, list_options
from webapp.core.seen import rows_or_none
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint

LIMIT = 120  # characters of one value as typed


def _form(options: list[Declared]) -> BaseForm:
    """A form with a field for each, filled with what holds now."""
    fields: dict[str, Any] = {}
    for one in options:
        hint = _(one.hint) if one.hint else ""
        fields[one.key] = StringField(
            _(one.label),
            [*([] if _may_be_empty(one) else [Needed()]), too_long(LIMIT)],
            default=one.show(one.get()),
            description=hint,
        )
    made: BaseForm = type("SettingsForm", (BaseForm,), fields)()
    return made


def _may_be_empty(one: Declared) -> bool:
    try:
        one.read("")
    except ValueError:
        return False
    return True


def _read(form: BaseForm, options: list[Declared]) -> dict[str, Any]:
    """What was typed, as it is kept; what cannot be read gets a sentence at its field."""
    found: dict[str, Any] = {}
    for one in options:
        try:
            found[one.key] = one.read(form[one.key].data or "")
        except ValueError as error:
            sentence = _("请填整数，范围 %(range)s。", range=str(error))
            form[one.key].errors = [*form[one.key].errors, sentence]
    return found


def _options() -> list[Any]:
    """What is decided about: the values as they are, or that they are still what they were made with."""
    return rows_or_none(Option, [one.key for one in list_options()])


@blueprint.route("/manage/settings", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@decides(_options)
def change_settings() -> str | Response | tuple[str, int]:
    """Show them all, keep what was changed."""
    options = list_options()
    form = _form(options)
    if form.is_submitted() and form.validate():
        values = _read(form, options)
        if len(values) == len(options):
            with transaction():
                for one in options:
                    if values[one.key] != one.get():
                        one.set(values[one.key], by=the_person().id)
            flash(_("设置已保存，马上生效。"), "success")
            return redirect(url_for("pages.change_settings"))
    page = render_template("pages/change_settings.html", form=form, names=[one.key for one in options])
    return (page, 422) if form.is_submitted() else page
