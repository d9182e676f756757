"""What the engine on a phone talks to: the time, its chain, the links it hands in, its own and others'."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache, partial
from typing import Any

from flask import jsonify, request
from flask import session as cookie
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import BadRequest

from webapp.attendance import queries
from webapp.attendance.domain import BATCH_LIMIT, SCANNERS, Answer, Outcome
from webapp.attendance.domain.links import Link, read_link, stand_in
from webapp.attendance.domain.phones import Flag
from webapp.attendance.models import Device, ScanChain
from webapp.attendance.queries.chains import arrived
from webapp.attendance.queries.devices import Scanner, may_scan, sessions_of, the_scanner
from webapp.attendance.service import devices
from webapp.attendance.service.links import Sender, accept_links, chain_key
from webapp.attendance.views import blueprint
from webapp.core import clock
from webapp.core.again import in_transaction
from webapp.core.auth import SIGNED_IN_AT, scanner
from webapp.core.db import session, transaction
from webapp.core.errors import NotAllowed
from webapp.core.forms import has_unkeepable_characters
from webapp.core.tokens import base64url
from webapp.events.models import EventSession

OWN_NAME_LIMIT = 40  # of a browser that cannot seal
_MS = 1000


def _now() -> int:
    return round(clock.now().timestamp() * _MS)


def _moment(text: Any) -> datetime | None:
    try:
        found = (
            datetime.fromisoformat(text) if isinstance(text, str) and len(text) <= OWN_NAME_LIMIT else None
        )
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _body() -> dict[str, Any]:
    data = request.get_json()
    if not isinstance(data, dict):
        raise BadRequest
    return data


def _chain(given: Any) -> ScanChain | None:
    """The chain of this id; None for what is no id as well."""
    return session().get(ScanChain, given) if _is_name(given) else None


def _is_name(given: Any) -> bool:
    """Whether it is a text one may ask a database about."""
    return (
        isinstance(given, str) and 0 < len(given) <= OWN_NAME_LIMIT and not has_unkeepable_characters(given)
    )


def _as_json(device: Device) -> dict[str, Any]:
    ends = clock.local(device.expires_at).isoformat(timespec="seconds") if device.expires_at else None
    return {"id": device.id, "name": device.name, "kind": device.kind, "expires_at": ends}


def _held(one: EventSession) -> dict[str, str]:
    return {
        "id": one.id,
        "title": one.event.title,
        "starts_at": clock.local(one.starts_at).isoformat(timespec="minutes"),
        "ends_at": clock.local(one.ends_at).isoformat(timespec="minutes"),
        "venue": one.venue.name,
    }


@blueprint.get("/scan/hello.json")
@scanner(*SCANNERS)
def hello() -> Any:
    """The time, a token for what is sent, who asks, what they may scan for, what we have of their chain."""
    who = the_scanner()
    chain = _chain(request.args.get("chain"))
    is_theirs = chain is not None and _is_theirs(who, session().get(Device, chain.device_id))
    if who.device is not None:
        with transaction():
            devices.seen(who.device, sent_at=None)
    response = jsonify(
        now=_now(),
        csrf=generate_csrf(),
        device=_as_json(who.device) if who.device else None,
        sessions=[_held(one) for one in sessions_of(who)],
        signed_in_at=None if who.device else cookie.get(SIGNED_IN_AT),
        chain=arrived(chain.id) if chain is not None and is_theirs else None,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/scan/device")
@scanner(*SCANNERS)
def begin_chain() -> Any:
    """A new chain of this phone with its key, which is told once."""
    who, data = the_scanner(), _body()
    known = data.get("device")
    with transaction():
        device = who.device or devices.browser_of(
            who.person_id, known if _is_name(known) else None, name=_browser_name()
        )
        devices.seen(device, sent_at=_moment(data.get("sent_at")))
        chain = devices.begin_chain(device)
        answer = {
            "device": _as_json(device),
            "chain": {"id": chain.id, "key": base64url(chain_key(chain.id))},
            "now": _now(),
            "csrf": generate_csrf(),
        }
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


def _browser_name() -> str:
    agent = request.user_agent.string
    for sign, name in (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
    ):
        if sign in agent:
            return name
    return "浏览器"


@blueprint.post("/scan/links")
@scanner(*SCANNERS, ended_too=True)
def hand_in_links() -> Any:
    """Links of this phone's own chain; every one is answered, in the order given."""
    who, data = the_scanner(), _body()
    chain = _chain(data.get("chain"))
    device = session().get(Device, chain.device_id) if chain else None
    if data.get("chain") is not None and not _is_theirs(who, device):
        raise NotAllowed
    own_name = data.get("device")
    if chain is None and not _is_name(own_name):
        raise BadRequest
    sender = Sender(
        person_id=who.person_id,
        device=who.device,
        chain=chain,
        device_key=device.id if device else f"{who.person_id}:{own_name}",
        may_scan=cache(partial(may_scan, who)),
    )
    return _handed_in(data, sender, heard_of=device)


def _is_theirs(who: Scanner, device: Device | None) -> bool:
    if device is None:
        return False
    return (
        device.id == who.device.id
        if who.device
        else device.person_id == who.person_id and not device.token_hash
    )


@blueprint.post("/scan/relay")
@scanner(*SCANNERS)
def relay_links() -> Any:
    """Links of another phone's chain, which prove themselves; the bringer is noted."""
    data = _body()
    return _handed_in(data, relayed(data.get("chain"), by=the_scanner().person_id), heard_of=None)


def relayed(chain_id: Any, *, by: str) -> Sender:
    """Another phone as the sender of what is brought for it; raises NotAllowed where there is no such chain."""
    chain = _chain(chain_id)
    if chain is None:
        raise NotAllowed
    device = session().get_one(Device, chain.device_id)
    is_paired = device.token_hash is not None
    owner = Scanner(device.person_id, device if is_paired else None)
    return Sender(
        person_id=device.person_id,
        device=device if is_paired else None,
        chain=chain,
        device_key=device.id,
        may_scan=cache(partial(may_scan, owner)),
        relayed_by=by,
    )


def links_of(data: dict[str, Any]) -> list[Link | None]:
    """The links of a body; None for what has neither a session nor a name. Raises BadRequest."""
    sent = data.get("links")
    if not isinstance(sent, list) or len(sent) > BATCH_LIMIT:
        raise BadRequest
    return [read_link(one) or stand_in(one) for one in sent]


def in_batches(sent: list[Any]) -> Iterator[list[Link]]:
    """Everything of a file that says which session it is about, in batches."""
    for first in range(0, len(sent), BATCH_LIMIT):
        found = [read_link(one) or stand_in(one) for one in sent[first : first + BATCH_LIMIT]]
        whole = [link for link in found if link is not None]
        if whole:
            yield whole


def _handed_in(data: dict[str, Any], sender: Sender, *, heard_of: Device | None) -> Any:
    found = links_of(data)
    whole = [link for link in found if link is not None]

    def take() -> list[Answer]:
        given = accept_links(whole, sender=sender) if whole else []
        if heard_of is not None and len(found) != 1:  # not at every single live scan
            devices.seen(heard_of, sent_at=_moment(data.get("sent_at")))
        return given

    answers = iter(in_transaction(take))
    results = [_result(link, next(answers) if link else None, sender) for link in found]
    counts = {one: _counts(one) for one in _asked_about(whole, sender)}
    response = jsonify(now=_now(), results=results, counts=counts)
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked_about(links: Sequence[Link], sender: Sender) -> list[str]:
    """Sessions the sender may see the counts of."""
    return [one for one in sorted({link.session for link in links}) if sender.may_scan(one)]


def _counts(session_id: str) -> dict[str, int]:
    return asdict(queries.session_counts(session_id))


def _result(link: Link | None, answer: Answer | None, sender: Sender) -> dict[str, Any]:
    if link is None or answer is None:
        return {"nonce": None, "outcome": Outcome.UNKNOWN, "flag": Flag.FAULT}
    return {"nonce": link.nonce} | queries.spoken(answer, whole_names=sender.sees_names)
