"""What this area asks later ones, in the same transaction (connected in webapp/areas.py)."""

from collections.abc import Collection

from webapp.core.hooks import Hook

# (organisation_ids, people): followers add the ids of volunteers signed up at these organisations' events.
who_serves = Hook()
age_said = Hook()  # (person_id): their profile says how old they are
qualifications_changed = Hook()  # (person_ids): a team, a skill or a training of theirs ended or came back
requirements_changed = Hook()  # (position_id): it asks for something else


def people_serving(organisation_ids: Collection[str]) -> set[str]:
    """Ids of volunteers who are or were signed up at events of these organisations."""
    people: set[str] = set()
    if organisation_ids:
        who_serves(sorted(organisation_ids), people)
    return people
