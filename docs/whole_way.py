"""The whole way through the API: task → event → sign-up → check-in → progress → calendar.

Start `make run` in one terminal, then in another:

    .venv/bin/python docs/whole_way.py

It needs nothing but Python. Tokens are made with `flask token create`; every request and answer is printed.
BASE (default http://127.0.0.1:8000) says where the server is.
"""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

BASE = os.environ.get("BASE", "http://127.0.0.1:8000")
TASK = "A4-1"
CITY = timezone(timedelta(hours=8))
FLASK = [str(Path(sys.executable).with_name("flask")), "--app", "wsgi"]


def token_of(email: str) -> str:
    """A fresh API token of an account of this installation."""
    made = subprocess.run([*FLASK, "token", "create", email], capture_output=True, text=True, check=True)
    return made.stdout.strip()


def new_volunteer() -> str:
    """Login of a new account, so that the script can be run again: nobody takes two shifts at the same time."""
    email = f"whole-way-{uuid.uuid4().hex[:12]}@demo.test"
    subprocess.run(
        [*FLASK, "account", "create", "--name", "示例志愿者", "--email", email],
        capture_output=True,
        check=True,
    )
    return email


def call(method: str, path: str, token: str | None = None, body: Any = None, key: str | None = None) -> Any:
    """One request; prints it and the answer, and gives the answer's JSON. Refusals end the script."""
    request = urllib.request.Request(f"{BASE}/api/v1{path}", method=method)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if key:
        request.add_header("Idempotency-Key", key)
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    print(f"\n→ {method} {path}", json.dumps(body, ensure_ascii=False) if body else "")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read().decode()
            print(f"← {response.status}", text[:400])
            return json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        print(f"← {error.code}", error.read().decode())
        sys.exit(1)


def figure(progress: dict[str, Any], metric: str, grade: str) -> int:
    """One number of a task's progress."""
    return sum(
        one["quantity"] for one in progress["total"] if one["metric"] == metric and one["grade"] == grade
    )


def main() -> None:
    organiser, scanner, volunteer = map(
        token_of, ("organiser@demo.test", "scanner@demo.test", new_volunteer())
    )
    soon = datetime.now(CITY).replace(second=0, microsecond=0) + timedelta(minutes=30)

    organisation = call("GET", "/organisations?mine=1", organiser)["items"][0]["id"]
    venue = call("GET", "/venues", organiser)["items"][0]["id"]
    before = call("GET", f"/tasks/{TASK}/progress")

    event = call(
        "POST",
        "/events",
        organiser,
        {
            "title": f"老年人智能手机课 {soon:%m-%d %H:%M}",
            "type": "phone_course",
            "summary": "学会扫码、挂号和识别诈骗短信。",
            "organisation": organisation,
            "tasks": [TASK],
            "risk_statement": "室内活动，注意台阶。",
            "sessions": [
                {
                    "starts_at": soon.isoformat(),
                    "ends_at": (soon + timedelta(hours=2)).isoformat(),
                    "venue": venue,
                    "positions": [
                        {"name": "讲解员", "kind": "volunteer", "capacity": 2, "waitlist": True},
                        {"name": "观众", "kind": "audience", "capacity": 30, "waitlist": True},
                    ],
                }
            ],
        },
        key=str(uuid.uuid4()),
    )
    call("POST", f"/events/{event['id']}/publish", organiser)
    session = event["sessions"][0]
    shift, seats = session["positions"]

    signup = call("POST", f"/positions/{shift['id']}/signups", volunteer, {})
    elder = call(
        "POST",
        f"/positions/{seats['id']}/signups",
        organiser,
        {"person": {"name": "示例老人", "phone": f"139{uuid.uuid4().int % 10**8:08d}"}},
    )

    for code, direction in (
        (signup["pass"]["url"], "in"),  # as a camera reads it
        (elder["pass"]["short_code"], "in"),  # as typed at the door
        (signup["pass"]["code"], "out"),
    ):
        scan = {
            "code": code,
            "session": session["id"],
            "direction": direction,
            "nonce": str(uuid.uuid4()),
            "device": "docs",
        }
        call("POST", "/checkins", scanner, scan)
        call("POST", "/checkins", scanner, scan)  # the phone did not hear the answer and asks again: replayed

    after = call("GET", f"/tasks/{TASK}/progress?by=district")
    for metric in ("volunteers", "visits"):
        moved = figure(after, metric, "scan") - figure(before, metric, "scan")
        print(f"\n{TASK} {metric} by scan: +{moved}")
        if moved != 1:
            sys.exit("the figure did not move by one")
    call("GET", "/people/me/hours", volunteer)

    with urllib.request.urlopen(f"{BASE}/calendar/venues/{venue}.ics", timeout=30) as response:
        feed = response.read().decode().replace("\r\n ", "")
    if event["title"] not in feed:
        sys.exit("the venue's calendar does not show the event")
    print("\nThe venue's calendar shows", event["title"])


if __name__ == "__main__":
    main()
