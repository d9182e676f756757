"""What someone enters about themselves, about a team, a skill, a training; and the checks. Plain Python."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from webapp.volunteers.domain.refusals import (
    BadHours,
    BadMonths,
    BadNumber,
    NameMissing,
    NotOnTheList,
    NotYetHeld,
    TextTooLong,
)
from webapp.volunteers.domain.rules import (
    ABOUT_LIMIT,
    AGE_BAND_LABELS,
    LANGUAGES,
    NAME_LIMIT,
    NOTE_LIMIT,
    NUMBER_LIMIT,
    TEAM_KIND_LABELS,
    TIMES,
    TRAINING_MINUTES_MAX,
    VALID_MONTHS_MAX,
)


@dataclass(frozen=True)
class SkillClaim:
    """Someone says they can do this, perhaps with a certificate."""

    skill_id: str
    certificate: str = ""
    expires_on: date | None = None


@dataclass(frozen=True)
class ProfileDraft:
    """A volunteer's profile as entered; it replaces the one before."""

    number: str | None = None
    age_band: str | None = None
    districts: Sequence[str] = ()
    times: Sequence[str] = ()
    languages: Sequence[str] = ()
    note: str = ""
    takes_calls: bool = True
    skills: Sequence[SkillClaim] = field(default=())


@dataclass(frozen=True)
class TeamDetails:
    """A team as its host enters it."""

    name: str
    kind: str
    about: str = ""


@dataclass(frozen=True)
class TrainingDraft:
    """A training some people took part in."""

    course_id: str
    organisation_id: str
    held_on: date
    minutes: int
    place: str = ""


def check_words(name: str, text: str, *, limit: int, required: bool = False) -> str:
    """The text without outer spaces; raises NameMissing or TextTooLong for the field of this name."""
    text = text.strip()
    if required and not text:
        raise NameMissing(field=name)
    if len(text) > limit:
        raise TextTooLong(field=name, limit=limit)
    return text


def check_profile(draft: ProfileDraft, *, districts: Collection[str]) -> ProfileDraft:
    """The draft in its kept form; `districts` are the codes there are. Raises NotOnTheList, BadNumber, TextTooLong."""
    if draft.age_band and draft.age_band not in AGE_BAND_LABELS:
        raise NotOnTheList(field="age_band")
    number = "".join((draft.number or "").split()).upper()
    if len(number) > NUMBER_LIMIT or not (
        (number.isascii() and number.replace("-", "a").isalnum()) or not number
    ):
        raise BadNumber(limit=NUMBER_LIMIT)
    claims = {one.skill_id: _check_claim(one) for one in draft.skills}
    return replace(
        draft,
        number=number or None,
        age_band=draft.age_band or None,
        districts=_in_order("districts", draft.districts, sorted(districts)),
        times=_in_order("times", draft.times, TIMES),
        languages=_in_order("languages", draft.languages, LANGUAGES),
        note=check_words("note", draft.note, limit=NOTE_LIMIT),
        skills=list(claims.values()),
    )


def _check_claim(claim: SkillClaim) -> SkillClaim:
    return replace(claim, certificate=check_words("certificate", claim.certificate, limit=NAME_LIMIT))


def _in_order(name: str, chosen: Collection[str], known: Sequence[str]) -> list[str]:
    if set(chosen) - set(known):
        raise NotOnTheList(field=name)
    return [one for one in known if one in chosen]


def check_team(details: TeamDetails) -> TeamDetails:
    """Raises NameMissing, TextTooLong, NotOnTheList."""
    if details.kind not in TEAM_KIND_LABELS:
        raise NotOnTheList(field="kind")
    return TeamDetails(
        name=check_words("name", " ".join(details.name.split()), limit=NAME_LIMIT, required=True),
        kind=details.kind,
        about=check_words("about", details.about, limit=ABOUT_LIMIT),
    )


def check_training(draft: TrainingDraft, *, today: date) -> TrainingDraft:
    """Raises NotYetHeld, BadHours, TextTooLong."""
    if draft.held_on > today:
        raise NotYetHeld
    if not 0 < draft.minutes <= TRAINING_MINUTES_MAX:
        raise BadHours(high=TRAINING_MINUTES_MAX // 60)
    return replace(draft, place=check_words("place", draft.place, limit=NAME_LIMIT))


def check_months(months: int | None) -> int | None:
    """How long a training is good for; raises BadMonths."""
    if months is not None and not 1 <= months <= VALID_MONTHS_MAX:
        raise BadMonths(high=VALID_MONTHS_MAX)
    return months
