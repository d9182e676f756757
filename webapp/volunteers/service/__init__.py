"""Use cases of volunteers and teams, and what the area does when something happens elsewhere."""

from webapp.volunteers.service.followers import PARTS, on_copied
from webapp.volunteers.service.hooks import (
    age_said,
    people_serving,
    qualifications_changed,
    requirements_changed,
    who_serves,
)
from webapp.volunteers.service.profiles import save_profile
from webapp.volunteers.service.records import (
    certificates_for,
    check_certificate,
    get_certificate_for,
    people_known_to,
    people_of,
    record_trainings,
    uncheck_certificate,
    void_training,
)
from webapp.volunteers.service.requests import (
    decline_request,
    request_team,
)
from webapp.volunteers.service.skills import (
    add_course,
    add_skill,
    change_course,
    change_skill,
    check_revision,
    seed_skills,
    set_requirements,
)
from webapp.volunteers.service.teams import (
    accept,
    ask_to_join,
    change_team,
    close_team,
    decline,
    hand_over_lead,
    leave,
    make_team,
    remove_member,
)

__all__ = [
    "PARTS",
    "accept",
    "add_course",
    "add_skill",
    "age_said",
    "ask_to_join",
    "certificates_for",
    "change_course",
    "change_skill",
    "change_team",
    "check_certificate",
    "check_revision",
    "close_team",
    "decline",
    "decline_request",
    "get_certificate_for",
    "hand_over_lead",
    "leave",
    "make_team",
    "on_copied",
    "people_known_to",
    "people_of",
    "people_serving",
    "qualifications_changed",
    "record_trainings",
    "remove_member",
    "request_team",
    "requirements_changed",
    "save_profile",
    "seed_skills",
    "set_requirements",
    "uncheck_certificate",
    "void_training",
    "who_serves",
]
