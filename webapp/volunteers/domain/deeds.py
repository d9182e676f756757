"""How what was done to volunteers, teams, skills and trainings reads in the history. Plain Python."""

from webapp.core.deeds import Deed, Field
from webapp.core.errors import N_
from webapp.volunteers.domain.rules import AGE_BAND_LABELS, TEAM_KIND_LABELS

_ONE = Field(of="person")
_SKILL = Field(of="skill")
_SESSION = Field(of="event_session")

_AGE = Field(words=AGE_BAND_LABELS)

DEEDS = {
    # Settled by people, in the words that are known here.
    "age.settle": Deed(
        N_("%(who)s把%(it)s的年龄段由%(before)s改为%(after)s"),
        N_("%(who)s定了%(it)s的年龄段：%(after)s"),
        before=_AGE,
        after=_AGE,
    ),
    "profile.save": Deed(N_("%(who)s填写了%(it)s的志愿者资料")),
    "skill.add": Deed(N_("%(who)s加了技能“%(name)s”")),
    "skill.change": Deed(
        N_("%(who)s改了技能%(it)s"),
        name=Field(N_("名称")),
        needs_certificate=Field(N_("要证书")),
        open=Field(N_("可以选")),
    ),
    "course.add": Deed(N_("%(who)s加了培训“%(name)s”")),
    "course.change": Deed(
        N_("%(who)s改了培训%(it)s"),
        name=Field(N_("名称")),
        valid_months=Field(N_("有效几个月")),
        open=Field(N_("可以选")),
    ),
    "position.require": Deed(
        N_("%(who)s改了%(it)s对志愿者的要求"),
        skill_id=Field(N_("技能"), of="skill"),
        course_id=Field(N_("培训"), of="course"),
        team_id=Field(N_("团队"), of="team"),
    ),
    "certificate.check": Deed(N_("%(who)s核对了%(it)s的证书，技能：%(skill)s"), skill=_SKILL),
    "certificate.uncheck": Deed(N_("%(who)s收回了对%(it)s证书的核对，技能：%(skill)s"), skill=_SKILL),
    "training.record": Deed(N_("%(who)s记下参加了培训%(it)s的人：%(people)s"), people=_ONE),
    "training.void": Deed(N_("%(who)s作废了%(it)s的一条培训记录")),
    "team.make": Deed(N_("%(who)s建了团队“%(name)s”，队长%(leader)s"), leader=_ONE),
    "team.change": Deed(
        N_("%(who)s改了%(it)s的资料"),
        name=Field(N_("名称")),
        kind=Field(N_("类型"), words=TEAM_KIND_LABELS),
    ),
    "team.close": Deed(N_("%(who)s解散了%(it)s")),
    "team.ask": Deed(N_("%(who)s申请加入%(it)s")),
    "team.accept": Deed(N_("%(who)s同意加入%(it)s：%(people)s"), people=_ONE),
    "team.decline": Deed(N_("%(who)s没有同意加入%(it)s：%(people)s"), people=_ONE),
    "team.leave": Deed(N_("%(who)s退出了%(it)s")),
    "team.remove": Deed(N_("%(who)s请%(person)s离开了%(it)s"), person=_ONE),
    "team.lead": Deed(N_("%(who)s把%(it)s的队长由%(before)s换成%(after)s"), before=_ONE, after=_ONE),
    "team.request": Deed(N_("%(who)s请%(it)s来服务：%(session)s"), session=_SESSION),
    "team.request_declined": Deed(N_("%(who)s答复来不了：%(it)s，%(session)s"), session=_SESSION),
    "team.reveal": Deed(N_("%(who)s查看了%(it)s的队员，有全名")),
}
