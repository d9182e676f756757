"""API tokens: a program's key that acts as its owner."""

from webapp.core import audit, clock, tokens
from webapp.core.db import lock_row, session
from webapp.core.errors import NotFound
from webapp.people.domain import TOKEN_NAME_LIMIT, TOKENS_MAX, BadTokenName, TokenNameTaken, TooManyTokens
from webapp.people.models import ApiToken, Person
from webapp.people.queries import list_tokens


def create_token(person_id: str, name: str) -> str:
    """A new token, shown this once: only its fingerprint is kept. Raises BadTokenName."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= TOKEN_NAME_LIMIT:
        raise BadTokenName
    plain = tokens.new_token()
    made = ApiToken(person_id=person_id, name=name, fingerprint=tokens.fingerprint(plain))
    session().add(made)
    session().flush()  # the audit entry needs its id
    audit.record("token.create", "api_token", made.id, by=person_id, name=name)
    return plain


def create_own_token(person_id: str, name: str) -> str:
    """The same on the web page, where a form may be sent twice; raises TokenNameTaken, TooManyTokens, too."""
    lock_row(Person, person_id)  # two requests at once may not both take the last place
    living = list_tokens(person_id)
    if any(row.name == " ".join(name.split()) for row in living):
        raise TokenNameTaken
    if len(living) >= TOKENS_MAX:
        raise TooManyTokens(limit=TOKENS_MAX)
    return create_token(person_id, name)


def revoke_token(person_id: str, token_id: str) -> ApiToken:
    """Let one of the person's own tokens stop working at once; raises NotFound for anyone else's."""
    row = lock_row(ApiToken, token_id)
    if row.person_id != person_id or row.revoked_at:
        raise NotFound
    row.revoked_at = clock.now()
    audit.record("token.revoke", "api_token", row.id, by=person_id)
    return row
