"""A team's leader signs members up for a session, all or none."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core import choosing
from webapp.core.auth import signed_in, the_person
from webapp.core.db import transaction
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.listing import named
from webapp.people.domain import mask_phone
from webapp.signups.domain.presence import SAME_HOUR
from webapp.signups.forms.sharing import TeamForm, team_form
from webapp.signups.queries.teams import Block, team_block
from webapp.signups.service import teams
from webapp.signups.views import blueprint


@blueprint.route("/me/teams/<team_id>/sign-up/<session_id>", methods=["GET", "POST"])
@signed_in
def sign_up_team(team_id: str, session_id: str) -> Any:
    """Tick members for each position; whoever cannot is named, and then nobody is signed up."""
    person, status = the_person(), 200
    block = team_block(person.id, team_id, session_id)
    form = _form(block)
    if choosing.only_looks():
        pass  # nobody is signed up
    elif form.validate_on_submit():
        try:
            with transaction():
                made = teams.sign_up_team(
                    session_id, team_id, form.picks(), by=person.id, both=bool(form.both.data)
                )
            flash(_("已替 %(n)s 位队员报名，写进了他们的“我的消息”。", n=len(made)), "success")
            return redirect(url_for("signups.sign_up_team", team_id=team_id, session_id=session_id))
        except Refusal as refusal:
            show_on_form(form, refusal)
            if refusal.extra.get("rule") == SAME_HOUR:
                form.both.errors = [_("本人都要，请勾选“两个都要”再提交。")]
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    block = team_block(person.id, team_id, session_id)
    part = _part(block, form)
    return render_template("signups/sign_up_team.html", block=block, form=form, part=part), status


def _part(block: Block, form: TeamForm) -> choosing.Part[choosing.Option]:
    """Members to choose from, a page of them; those ticked for some position stay."""
    options = [
        choosing.Option(
            one.person_id,
            one.person.name,
            named(one.person.name, phone=one.person.phone),
            mask_phone(one.person.phone),
        )
        for one in block.free_members()
    ]
    part, picked = choosing.choices_of(options, [one for ids in form.picks().values() for one in ids])
    if choosing.ticks_everybody() and len(form.position_ids) == 1:
        form.ticks(form.position_ids[0]).data = picked
    return part


def _form(block: Block) -> TeamForm:
    members = [(one.person_id, one.person.name) for one in block.free_members()]
    return team_form([(one.id, one.name) for one in block.positions], members)()
