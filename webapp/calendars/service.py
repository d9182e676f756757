"""Use cases: make, renew and cut off a feed address, note that it was fetched; follow a corrected venue."""

from dataclasses import dataclass
from email.utils import parseaddr

from sqlalchemy import update

from webapp.calendars import domain, ics, queries
from webapp.calendars.domain import Scope, Wishes
from webapp.calendars.models import Subscription
from webapp.calendars.queries.leaving import addresses_hanging
from webapp.core import audit, clock, tokens
from webapp.core.config import current_settings
from webapp.core.db import lock_row, new_id, session
from webapp.core.leaving import End, Ending, Part
from webapp.core.letters import Attached
from webapp.events.models import EventSession
from webapp.organisations.models import Organisation
from webapp.people.models import Person
from webapp.venues.models import Venue


@dataclass(frozen=True)
class Choice:
    """What an address shows (None: what such an owner would choose), when it rings, in which language."""

    wishes: Wishes | None = None
    alarm: int | None = None  # minutes before
    language: str = "zh"

    def check(self) -> None:
        """Raise NothingWished where nothing could ever stand in it."""
        if self.wishes is not None and not (self.wishes.own or self.wishes.has_events):
            raise domain.NothingWished


def create_subscription(owner: Scope, name: str, *, by: str, choice: Choice | None = None) -> Subscription:
    """A new address for a person's shifts or for what comes to a centre, or for what its owner chose.

    `owner` is Scope("person" | "organisation", id). Raises TooManySubscriptions, NothingWished.
    """
    choice = choice or Choice()
    choice.check()
    # The owner's row is taken first: otherwise two requests at once could both be the tenth.
    lock_row(Person if owner.kind == "person" else Organisation, owner.id)
    held = queries.list_subscriptions(**_columns(owner))
    if len(held) >= domain.SUBSCRIPTIONS_MAX:
        raise domain.TooManySubscriptions(most=domain.SUBSCRIPTIONS_MAX)
    return _add(owner, name, choice, by=by)


def _columns(owner: Scope) -> dict[str, str]:
    return {"person_id" if owner.kind == "person" else "organisation_id": owner.id}


def _add(owner: Scope, name: str, choice: Choice, *, by: str) -> Subscription:
    made = new_id()
    token = tokens.mac(domain.TOKEN_PURPOSE, made, length=domain.TOKEN_LENGTH)
    subscription = Subscription(
        id=made,
        name=name,
        fingerprint=tokens.fingerprint(token),
        wanted=queries.as_kept(choice.wishes) if choice.wishes else None,
        alarm_minutes=choice.alarm,
        language=choice.language,
        created_by=by,
        **_columns(owner),
    )
    session().add(subscription)
    subscription.chosen_at = subscription.created_at = clock.now()
    audit.record("calendar.create", "subscription", made, by=by, owner=owner.id)
    return subscription


def change_subscription(
    subscription_id: str, owner: Scope, *, name: str, choice: Choice, by: str
) -> Subscription:
    """Another name, or something else to show, at the same address. Raises NotFound, NothingWished."""
    choice.check()
    lock_row(Subscription, subscription_id)
    found = queries.get_subscription(subscription_id, owner)
    found.name, found.alarm_minutes, found.language = name, choice.alarm, choice.language
    found.wanted = queries.as_kept(choice.wishes) if choice.wishes else None
    found.chosen_at = clock.now()
    audit.record("calendar.change", "subscription", found.id, by=by, owner=owner.id)
    return found


def renew_subscription(subscription_id: str, owner: Scope, *, by: str) -> Subscription:
    """Another address under the same name, showing the same; the old one is cut off. Raises NotFound."""
    old = revoke_subscription(subscription_id, owner, by=by)
    wishes = queries.wishes_of(old) if old.wanted is not None else None
    return _add(owner, old.name, Choice(wishes, old.alarm_minutes, old.language), by=by)


def revoke_subscription(subscription_id: str, owner: Scope, *, by: str) -> Subscription:
    """Cut the address off for good. Raises NotFound when it is someone else's or already cut off."""
    lock_row(Subscription, subscription_id)
    found = queries.get_subscription(subscription_id, owner)
    found.revoked_at = clock.now()
    audit.record("calendar.revoke", "subscription", found.id, by=by, owner=owner.id)
    return found


def note_fetch(subscription_id: str, *, client: str, count: int) -> None:
    """A calendar program came for the subscription, `count` times since this was last noted."""
    session().execute(
        update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(
            last_fetched_at=clock.now(),
            last_client=domain.clean_client(client),
            fetch_count=Subscription.fetch_count + count,
        )
        .execution_options(synchronize_session=False)
    )


def on_closing(leaving: Ending) -> None:
    """Addresses of someone who closes their account show nothing from now on."""
    session().execute(
        update(Subscription)
        .where(Subscription.person_id == leaving.person_id, Subscription.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def on_venue_changed(venue: Venue) -> None:
    """A venue was corrected: entries name it, so each of its sessions has changed for calendars."""
    session().execute(
        update(EventSession)
        .where(
            EventSession.venue_id == venue.id,
            EventSession.ends_at >= domain.window_on(clock.today()).living_from,
        )
        .values(updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def attachment_of(signup_id: str, recipient: str) -> Attached | None:
    """What goes along with a mail about a sign-up to this address; None when there is none of this id."""
    entry = queries.entry_of_signup(signup_id)
    if entry is None:
        return None
    settings = current_settings()
    organiser = parseaddr(settings.mail_from)[1]
    made = ics.invite(entry, base_url=settings.base_url, organiser=organiser, guest=recipient)
    return Attached(made.text, made.method)


PARTS = (
    Part(
        {End.ACCOUNT},
        addresses_hanging,
        on_closing,
        keys={"subscription.person_id", "subscription.created_by"},
    ),
    Part({End.RIGHT}, addresses_hanging),
)
