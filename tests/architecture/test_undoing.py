"""What ends something can be taken back, has its opposite at hand, or says before that it cannot."""

import re

from flask import Flask

from tests.architecture.test_decisions import _writing
from tests.architecture.test_routes import assembled as assembled  # noqa: PLC0414 - a fixture

_ENDS = re.compile(
    r"(remove|cancel|discard|close|revoke|annul|decline|reject|withdraw|void|leave|release|forget|uncheck|renew|(?<!thres)hold"
    r"|postpone|again$|new_pass|sign_out)"
)
# The opposite stands on the page one lands on.
OPPOSITE = {
    "attendance.close_wall": "attendance.open_wall",
    "events.postpone_event": "events.resume_event",
    "pages.hold_erasure": "pages.let_erasure_go",
    "pages.let_erasure_go": "pages.hold_erasure",
    "people.sign_out": "people.sign_in",
    "resources.close_resource": "resources.reopen_resource",
    "signups.renew_consent": "signups.withdraw_consent",
    "signups.withdraw_consent": "signups.renew_consent",
    "signups.withdraw_own_guardian": "signups.own_guardian",
}
# Undone by a use case of its own, for a quarter of an hour.
OWN_WAY = {
    "api.cancel_event": "events.undo_cancellation",
    "events.cancel_event": "events.undo_cancellation",
    "events.cancel_session": "events.undo_cancellation",
    "events.undo_cancellation": "events.cancel_event",
    "attendance.check_out_everyone": "attendance.undo_check_out",
}
# Its page says so before: what was valid stops at once, or left the house.
SAID_BEFORE = {
    "attendance.renew_wall",
    "calendars.renew_my_subscription",
    "calendars.renew_organisation_subscription",
    "pages.close_account",
    "pages.send_again",
    "pages.send_chosen_again",
    "resources.renew_feed",
    "signups.forget_signups",
    "signups.new_pass",
    "signups.new_pass_as_guest",
}
# Words that only sound so: they make something.
MAKES = {"signups.sign_up_again"}


def test_every_address_that_ends_something_is_thought_about(assembled: Flask) -> None:
    writing = set(_writing(assembled))
    undone = {one for one in writing if hasattr(assembled.view_functions[one], "__undo__")}
    known = undone | set(OPPOSITE) | set(OWN_WAY) | SAID_BEFORE | MAKES
    ending = {one for one in writing if _ENDS.search(one.split(".")[1].removeprefix("set_thresholds"))}
    assert sorted(ending - known) == [], "can it be taken back? @can_undo(…), or say here why not"
    assert known <= writing, f"no such address: {sorted(known - writing)}"
    opposites = set(OPPOSITE.values()) | set(OWN_WAY.values())
    assert opposites <= writing, f"no such opposite: {sorted(opposites - writing)}"
    assert len(undone) > 50


def test_what_can_be_taken_back_is_written_down_before_it_is_decided(assembled: Flask) -> None:
    """The mark of a decision is looked at inside what is written down; a refusal leaves nothing behind."""
    for endpoint in _writing(assembled):
        view = assembled.view_functions[endpoint]
        if hasattr(view, "__undo__"):
            assert view.__undo__.text, endpoint
            assert len(view.__undo__.text) < 60, endpoint
