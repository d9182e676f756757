"""Staff's lists of teams, of certificates to look at, of trainings held."""

from datetime import date
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_
from werkzeug.wrappers import Response

from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import get_row, transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo, held_at
from webapp.core.listing import (
    Act,
    Column,
    Filter,
    Named,
    Query,
    Rows,
    Shown,
    Table,
    back_to,
    by_name,
    chosen_rows,
    day_of,
    each_of,
    holding,
    named,
    say,
    show,
    taken,
)
from webapp.core.working import working_for
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import organisations_with
from webapp.people.models import Person
from webapp.people.queries.finding import called
from webapp.volunteers import queries, service
from webapp.volunteers.domain import TEAM_KIND_LABELS
from webapp.volunteers.models import Course, Team, Training, VolunteerSkill
from webapp.volunteers.queries.teams import ASKING, MEMBERS
from webapp.volunteers.views import blueprint

AT_ONCE = 100  # records decided on in one transaction

# --- teams --------------------------------------------------------------------------------------------------------

_STATES = {"asking": N_("有人申请加入"), "open": N_("正常"), "closed": N_("已解散")}


def _team_state(one: queries.HostedTeam) -> str:
    if one.team.closed_at:
        return _(_STATES["closed"])
    return _("%(count)s 人申请加入", count=one.asking) if one.asking else _(_STATES["open"])


def _teams_in(state: str) -> ColumnElement[bool]:
    if state == "closed":
        return Team.closed_at.is_not(None)
    is_open = Team.closed_at.is_(None)
    return is_open if state == "open" else is_open & (ASKING > 0)


_TEAMS = Table(
    columns=(
        Column("name", N_("名称"), lambda one: one.team.name, order=Team.name, kind="head"),
        Column("kind", N_("类别"), lambda one: _(TEAM_KIND_LABELS[one.team.kind]), order=Team.kind),
        Column("unit", N_("主办单位"), lambda one: one.team.organisation.name, order=Organisation.name),
        Column("leader", N_("队长"), lambda one: one.team.leader.name, order=Person.name, of_person=True),
        Column("members", N_("队员"), lambda one: one.members, order=MEMBERS, kind="num"),
        Column("state", N_("状态"), _team_state, order=ASKING),
        Column("acts", "", lambda _one: None, kind="tight", in_file=False),
    ),
    filters=(
        Filter("kind", N_("类别"), list(TEAM_KIND_LABELS.items()), where=lambda value: Team.kind == value),
        Filter("state", N_("状态"), list(_STATES.items()), where=_teams_in),
    ),
    search=lambda word: or_(holding(Team.name, Organisation.name)(word), called(word, Team.leader_id)),
    find_by=N_("团队、单位，队长的姓名或拼音首字母"),
)


@blueprint.get("/manage/teams")
@allowed(Permission.MANAGE_EVENTS)
def list_hosted_teams() -> Response | str:
    """Teams of the organisations one works for."""
    listing = show(_TEAMS, queries.hosted_teams(the_person().id, within=working_for()))
    if listing.format:
        return taken(listing, _("团队"), subject="team", by=the_person().id)
    return render_template("volunteers/list_hosted_teams.html", listing=listing)


# --- certificates -------------------------------------------------------------------------------------------------


def _paper_words(one: VolunteerSkill) -> Named:
    return named(one.person.name, one.skill.name, phone=one.person.phone)


def _paper_state(one: VolunteerSkill) -> str:
    return _("已核对") if one.checked_at else _("还没核对")


def _expires(one: VolunteerSkill) -> date | str:
    return one.expires_on or _("长期")


def _is_so(one: VolunteerSkill, value: str) -> bool:
    if value == "over":
        return one.expires_on is not None and one.expires_on < clock.today()
    return (one.checked_at is not None) == (value == "checked")


_PAPER_STATES = [("open", N_("还没核对")), ("checked", N_("已核对")), ("over", N_("已过期"))]


def _papers(rows: list[VolunteerSkill]) -> Table:
    skills = sorted({one.skill.name for one in rows})
    return Table(
        columns=(
            Column(
                "name",
                N_("姓名"),
                lambda one: one.person.name,
                lambda one: by_name(one.person.name),
                kind="head",
                of_person=True,
            ),
            Column("skill", N_("技能"), lambda one: one.skill.name, lambda one: one.skill.name),
            Column("until", N_("有效期到"), _expires, lambda one: one.expires_on, kind="nowrap"),
            Column("state", N_("状态"), _paper_state, lambda one: one.checked_at is not None),
            Column(
                "said", N_("填写时间"), lambda one: one.created_at, lambda one: one.created_at, shown=False
            ),
        ),
        filters=[
            Filter("state", N_("状态"), _PAPER_STATES, _is_so),
            Filter(
                "skill",
                N_("技能"),
                [(one, one) for one in skills],
                lambda one, value: one.skill.name == value,
            ),
        ],
        words=_paper_words,
        find_by=N_("姓名、拼音首字母、手机后四位、技能"),
    )


@blueprint.get("/manage/papers")
@allowed(Permission.MANAGE_EVENTS)
def list_papers() -> Response | str:
    """Certificates of the people one works with; those nobody looked at first. Each is looked at by itself: no acts."""
    rows = service.certificates_for(the_person().id, within=working_for())
    listing = show(_papers(rows), Rows(rows))
    if listing.format:
        return taken(listing, _("技能证书"), subject="volunteer_skill", by=the_person().id)
    return render_template("volunteers/list_papers.html", listing=listing)


# --- trainings ----------------------------------------------------------------------------------------------------


def _since(value: str) -> ColumnElement[bool]:
    return Training.held_on >= (day_of(value) or clock.today())


def _until(value: str) -> ColumnElement[bool]:
    return Training.held_on <= (day_of(value) or clock.today())


def _is_void(value: str) -> ColumnElement[bool]:
    return Training.voided_at.is_not(None) if value == "void" else Training.voided_at.is_(None)


def _trainings() -> Table:
    return Table(
        columns=(
            Column(
                "name",
                N_("姓名"),
                lambda one: one.person.name,
                order=Person.name,
                kind="head",
                of_person=True,
            ),
            Column("course", N_("培训"), lambda one: one.course.name, order=Course.name),
            Column("day", N_("日期"), lambda one: one.held_on, order=Training.held_on, kind="nowrap"),
            Column(
                "hours",
                N_("时长（小时）"),
                lambda one: round(one.minutes / 60, 2),
                order=Training.minutes,
                kind="num",
            ),
            Column("place", N_("地点"), lambda one: one.place, shown=False),
            Column("unit", N_("单位"), lambda one: one.organisation.name, order=Organisation.name),
            Column("state", N_("状态"), lambda one: _("已作废") if one.voided_at else _("有效")),
            Column("acts", "", lambda _one: None, kind="tight", in_file=False),
        ),
        filters=(
            Filter("state", N_("状态"), [("valid", N_("有效")), ("void", N_("已作废"))], where=_is_void),
            Filter("from", N_("从哪天"), where=_since),
            Filter("to", N_("到哪天"), where=_until),
        ),
        search=lambda word: or_(
            holding(Course.name, Organisation.name)(word), called(word, Training.person_id)
        ),
        acts=(Act("void", N_("作废"), "circle-minus"),),
        acts_at=url_for("volunteers.void_chosen"),
        seen=Training,
        find_by=N_("姓名、拼音首字母、手机后四位、培训、单位"),
    )


def _held() -> tuple[Query, list[Organisation]]:
    own = organisations_with(the_person().id, Permission.MANAGE_EVENTS, within=working_for())
    return queries.trainings_by([one.id for one in own]), own


@blueprint.get("/manage/trainings")
@allowed(Permission.MANAGE_EVENTS)
def list_trainings() -> Response | str:
    """Trainings one's organisations held, newest first."""
    source, own = _held()
    listing = show(_trainings(), source)
    if listing.format:
        return taken(listing, _("培训记录"), subject="training", by=the_person().id)
    return _training_page(listing, own)


def _training_page(listing: Shown, own: list[Organisation]) -> str:
    return render_template("volunteers/list_trainings.html", listing=listing, organisations=own)


def _first_training() -> Any:
    """Of the chosen records, one that stands for what was done with all of them."""
    return get_row(Training, chosen_rows(_trainings(), _held()[0])[0])


@blueprint.post("/manage/trainings/chosen")
@allowed(Permission.MANAGE_EVENTS)
@can_undo(N_("作废了选上的培训记录"), _first_training, right=held_at(Permission.MANAGE_EVENTS))
def void_chosen() -> Any:
    """Recorded by mistake; those of which nothing comes are named, and the others go on."""
    (source, own), table, by = _held(), _trainings(), the_person().id
    try:
        with transaction():
            ids = chosen_rows(table, source, most=AT_ONCE)
            names = queries.trained(ids, [one.id for one in own])
            going = [one for one in ids if one in names]
            outcomes = each_of(
                going, lambda one: service.void_training(one, by=by), name=names.__getitem__, by=by
            )
    except Refusal as refusal:
        refused = show(table, source, at="volunteers.list_trainings", refused=sentence_of(refusal))
        return _training_page(refused, _held()[1]), status_of(refusal)
    say(outcomes, lambda n: _("作废了 %(n)s 条培训记录。", n=n))
    return redirect(back_to("volunteers.list_trainings"), 303)
