"""Sign-in session, the current person, and the one access rule every route declares.

Core does not know accounts or permissions of the field: `people` gives the loaders, `organisations` the
permissions (see `webapp/areas.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

import flask_login
from flask import Flask, current_app, g, request
from werkzeug.exceptions import Forbidden, Unauthorized

from webapp.core.security import csrf

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PAIRED_COOKIE = "kepu_device"
PAIRED_HEADER = "X-Kepu-Device"
SIGNED_IN_AT = "signed_in_at"  # ms, in the session

View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(Protocol):
    """What core needs to know of a person."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102


class Paired(Protocol):
    """What core needs to know of a phone that was paired to scan, by whoever answers for it."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def person_id(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Access:
    """A route's declared rule: who may come in at all. What they may touch is decided by queries."""

    kind: str  # public | signed_in | allowed | scanner | token | operations
    permissions: frozenset[str] = frozenset()


# The owner of a program's token, every permission they hold, and where they hold it (for queries to use).
Owner = tuple[SignedIn, frozenset[str], Any]


@dataclass
class Loaders:
    """Functions given by areas."""

    account: Callable[[str], Any] | None = None
    person_of_account: Callable[[Any], SignedIn] | None = None
    owner_of_token: Callable[[str], Owner | None] | None = None  # one look at the database
    permissions: Callable[[str], frozenset[str]] | None = None
    standing: Callable[[str], tuple[frozenset[str], Sequence[Any]]] | None = (
        None  # those, and core/working.Own
    )
    name_of: Callable[[str], str | None] | None = None  # of a person's id
    # The phone of a cookie; with True also one whose pairing is over (else that is a refusal).
    paired: Callable[[str, bool], Paired | None] | None = None


loaders = Loaders()
login_manager = flask_login.LoginManager()


def init_auth(app: Flask) -> None:
    """Attach Flask-Login."""
    login_manager.init_app(app)
    login_manager.session_protection = None  # elders' phones change address on the way; the key below is ours
    login_manager.user_loader(lambda key: loaders.account(key) if loaders.account else None)


def current_person() -> SignedIn | None:
    """The person signed in by cookie or, on API routes, by token."""
    if "token_person" in g:
        return cast("SignedIn", g.token_person)
    if not getattr(flask_login.current_user, "is_authenticated", False) or loaders.person_of_account is None:
        return None
    return loaders.person_of_account(flask_login.current_user)


def the_person() -> SignedIn:
    """The signed-in person; for views whose rule already requires one."""
    person = current_person()
    if person is None:
        raise Unauthorized
    return person


def current_permissions() -> frozenset[str]:
    """Every permission the current person holds in any organisation."""
    person = current_person()
    if person is None or loaders.standing is None:
        return frozenset()
    if g.get("permissions_of") != person.id:
        g.permissions_of = g.own_of = person.id
        g.permissions, g.own_organisations = loaders.standing(person.id)
    return cast("frozenset[str]", g.permissions)


def _declare(view: View, access: Access, check: Callable[[], None] | None) -> View:
    if check is None:
        view.__access__ = access  # type: ignore[attr-defined]
        return view

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        check()
        return view(*args, **kwargs)

    guarded.__access__ = access  # type: ignore[attr-defined]
    return cast("View", guarded)


def access_of(endpoint: str | None) -> str:
    """The kind of rule a route declares; empty where there is no such route."""
    access = getattr(current_app.view_functions.get(endpoint or ""), "__access__", None)
    return access.kind if access else ""


def may_enter(endpoint: str) -> bool:
    """Whether a page's own rule lets in who is signed in; for pages that list pages."""
    access = getattr(current_app.view_functions.get(endpoint), "__access__", Access("operations"))
    if access.kind == "allowed":
        return not access.permissions.isdisjoint(current_permissions())
    return access.kind in {"public", "signed_in"}


def public(view: View) -> View:
    """Anyone may open this."""
    return _declare(view, Access("public"), None)


def operations(view: View) -> View:
    """For the machines that watch the service: loopback only."""

    def check() -> None:
        if request.remote_addr not in {"127.0.0.1", "::1"}:
            raise Forbidden

    return _declare(view, Access("operations"), check)


def signed_in(view: View) -> View:
    """Anyone with an account."""

    def check() -> None:
        the_person()

    return _declare(view, Access("signed_in"), check)


def require(permissions: frozenset[str]) -> None:
    """Raise unless someone is signed in who holds one of the permissions somewhere."""
    the_person()
    if permissions and not permissions & current_permissions():
        raise Forbidden


def allowed(*permissions: str) -> Callable[[View], View]:
    """Someone signed in who holds one of these permissions in at least one organisation."""
    wanted = frozenset(permissions)
    return lambda view: _declare(view, Access("allowed", wanted), lambda: require(wanted))


def scanner(*permissions: str, ended_too: bool = False) -> Callable[[View], View]:
    """Someone signed in who holds one of these permissions, or a phone that was paired to scan.

    With `ended_too` a phone whose pairing is over as well: it hands in what it scanned before. What changes something
    needs a form's token or, of a paired phone, the header X-Kepu-Device, which no page of another site can send
    (docs/scanning.md 5). What a phone may scan for is decided by queries.
    """
    wanted = frozenset(permissions)

    def check() -> None:
        if not is_scanner(wanted, ended_too=ended_too):
            require(wanted)
        if request.method not in SAFE and not (g.paired and PAIRED_HEADER in request.headers):
            csrf.protect()

    return lambda view: csrf.exempt(_declare(view, Access("scanner", wanted), check))


def is_scanner(permissions: frozenset[str], *, ended_too: bool = False) -> bool:
    """Whether someone asks who may scan; raises what the areas say of a phone whose pairing is over."""
    g.paired = None
    if current_person() is not None and permissions & current_permissions():
        return True
    g.paired = _paired_phone(ended_too=ended_too)
    return g.paired is not None


def _paired_phone(*, ended_too: bool) -> Paired | None:
    token = request.cookies.get(PAIRED_COOKIE, "")
    return loaders.paired(token, ended_too) if token and loaders.paired else None


def paired_phone() -> Paired | None:
    """The phone that asks, where it is not someone signed in; for views under `scanner`."""
    return cast("Paired | None", g.paired)


def token_required(*permissions: str) -> Callable[[View], View]:
    """A program with a bearer token whose owner holds one of the permissions (any owner, if none is named).

    The sign-in cookie is never looked at here, so these routes need no CSRF token.
    """
    wanted = frozenset(permissions)

    def check() -> None:
        g.token_person = _person_of_bearer()
        require(wanted)

    return lambda view: _declare(view, Access("token", wanted), check)


def token_given(*permissions: str) -> Callable[[View], View]:
    """As `token_required`, for a view that reads the owner on the same trip to the database as what it is about.

    Nobody is known before the view hands what it found to `admit`, which judges as `token_required` does; where it does
    not come so far, what it has to say is said to nobody else either.
    """
    wanted = frozenset(permissions)

    def check() -> None:
        g.token_person, g.wanted = None, wanted
        if not bearer():
            raise Unauthorized

    def declare(view: View) -> View:
        @wraps(view)
        def discreet(*args: Any, **kwargs: Any) -> Any:
            try:
                return view(*args, **kwargs)
            except Exception:
                if g.token_person is None:
                    admit(_owner_of_bearer())
                raise

        return _declare(cast("View", discreet), Access("token", wanted), check)

    return declare


def admit(owner: Owner | None) -> SignedIn:
    """Let the owner of the token in, for views under `token_given`; raises as their rule says."""
    g.token_person = _known(owner)
    require(g.wanted)
    return cast("SignedIn", g.token_person)


def token_optional(view: View) -> View:
    """Public data for programs; a token, when given, must be good and widens what is seen."""

    def check() -> None:
        g.token_person = _person_of_bearer() if "Authorization" in request.headers else None

    return _declare(view, Access("public"), check)


def held_by_token() -> Any:
    """What was found together with the token's owner; for views under `token_required` or `token_given`."""
    return g.held


def bearer() -> str:
    """The token of the request, empty without one."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _owner_of_bearer() -> Owner | None:
    token = bearer()
    return loaders.owner_of_token(token) if token and loaders.owner_of_token else None


def _person_of_bearer() -> SignedIn:
    return _known(_owner_of_bearer())


def _known(owner: Owner | None) -> SignedIn:
    if owner is None:
        raise Unauthorized
    person, g.permissions, g.held = owner
    g.permissions_of = person.id
    return person
