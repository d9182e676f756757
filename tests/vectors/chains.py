"""Chains of scans that server and phone must seal alike. Writes chains.json: `python -m tests.vectors.chains`."""

import base64
import json
from pathlib import Path
from typing import Any

from webapp.attendance.domain.links import read_link, seal

FILE = Path(__file__).with_suffix(".json")
CHAIN, SESSION = "01m85t48cj86k6djpc", "01m85t48cj86k6djpa"
PLAIN: dict[str, Any] = {
    "session": SESSION,
    "kind": "pass",
    "direction": "in",
    "what": "H7K2QX",
    "method": "camera",
    "scanned_at": "2026-11-28T01:59:00.000Z",
    "offset_ms": 0,
    "offline": True,
    "rehearsal": False,
    "verdict": "verified",
    "outcome": "accepted",
}


def key_of(case: dict[str, Any]) -> bytes:
    """The chain's key, 32 bytes."""
    return base64.urlsafe_b64decode(case["key"] + "=")


def _case(name: str, *changes: dict[str, Any], key: bytes = bytes(range(32))) -> dict[str, Any]:
    links: list[dict[str, Any]] = []
    for number, change in enumerate(changes, 1):
        sent = PLAIN | {
            "counter": number,
            "prev": links[-1]["mac"] if links else "",
            "nonce": f"nonce-{number}",
        }
        sent |= {"mac": ""} | change
        link = read_link(sent)
        assert link is not None, name
        links.append(sent | {"mac": seal(key, CHAIN, link)})
    return {
        "name": name,
        "chain": CHAIN,
        "key": base64.urlsafe_b64encode(key).rstrip(b"=").decode(),
        "links": links,
    }


def _spoilt(name: str, change: dict[str, Any]) -> dict[str, Any]:
    case = _case(name, {}, {}, {})
    case["links"][1] |= change | {"fits": False}
    return case


def make() -> dict[str, Any]:
    """All cases."""
    return {
        "cases": [
            _case("one link", {}),
            _case("three links", {}, {"direction": "out"}, {"offline": False, "verdict": "", "outcome": ""}),
            _case(
                "a name in Chinese", {"kind": "walk_in", "what": f"{SESSION} 王小明", "verdict": "unlisted"}
            ),
            _case("a sign beyond the first plane", {"kind": "walk_in", "what": f"{SESSION} 𠮷野😀"}),
            _case("heads", {"kind": "heads", "what": "12 农民", "method": "typed"}),
            _case("taken back", {}, {"kind": "undo", "what": "nonce-1"}),
            _case("a clock a day slow", {"offset_ms": 86_400_000}, {"offset_ms": -7_200_001}),
            _case("a rehearsal", {"rehearsal": True}),
            _case("refused", {"verdict": "refused", "outcome": "revoked"}),
            _case("nothing said", {"what": "", "verdict": "", "outcome": ""}),
            _case("another key", {}, key=bytes(reversed(range(32)))),
            _spoilt("another time", {"scanned_at": "2026-11-28T01:58:00.000Z"}),
            _spoilt("another person", {"what": "H7K2QY"}),
            _spoilt("another number", {"counter": 7}),
            _spoilt("another link before", {"prev": "A" * 43}),
            _spoilt("a letter of the seal", {"mac": "A" * 43}),
            _spoilt("a cut seal", {"mac": ""}),
        ]
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(), ensure_ascii=False, indent=1) + "\n", "utf-8")
