"""Forms of volunteers: the profile, teams, lists of staff, rules of a position. Import from here."""

from webapp.volunteers.forms.lists import (
    CourseForm,
    OpenCourseForm,
    OpenSkillForm,
    PaperForm,
    SkillForm,
    TrainingForm,
)
from webapp.volunteers.forms.profile import PARTS, STEPS, StepForm, known_of
from webapp.volunteers.forms.rules import RulesForm, rules_of
from webapp.volunteers.forms.teams import (
    AnswerForm,
    JoinForm,
    NewTeamForm,
    RequestForm,
    TeamForm,
    WhyForm,
)

__all__ = [
    "PARTS",
    "STEPS",
    "AnswerForm",
    "CourseForm",
    "JoinForm",
    "NewTeamForm",
    "OpenCourseForm",
    "OpenSkillForm",
    "PaperForm",
    "RequestForm",
    "RulesForm",
    "SkillForm",
    "StepForm",
    "TeamForm",
    "TrainingForm",
    "WhyForm",
    "known_of",
    "rules_of",
]
