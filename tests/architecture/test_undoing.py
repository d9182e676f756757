"""What ends something can be taken back, has its opposite at hand, or says before that it cannot (docs/undo.md)."""

from pathlib import Path

from flask import Flask

from tests.architecture.test_decisions import _MAKES, _READS, _SCANS, UNSEEN, _writing
from tests.architecture.test_routes import assembled as assembled  # noqa: PLC0414 - a fixture

# The opposite stands on the page one lands on.
OPPOSITE = {
    "attendance.close_wall": "attendance.open_wall",
    "attendance.open_wall": "attendance.close_wall",
    "events.postpone_event": "events.resume_event",
    "events.resume_event": "events.postpone_event",
    "events.duplicate_event": "events.discard_event",
    "events.add_session": "events.remove_session",
    "api.publish_event": "events.postpone_event",
    "pages.choose_todo_mail": "pages.stop_todo_mail",
    "pages.confirm_todo_mail": "pages.end_todo_mail",
    "pages.end_todo_mail": "pages.choose_todo_mail",
    "pages.hold_erasure": "pages.let_erasure_go",
    "pages.let_erasure_go": "pages.hold_erasure",
    "pages.stop_todo_mail": "pages.choose_todo_mail",
    "people.sign_out": "people.sign_in",
    "recognition.propose_added": "recognition.reject_added",
    "resources.close_resource": "resources.reopen_resource",
    "resources.reopen_resource": "resources.close_resource",
    "resources.session_resources": "resources.release_booking",
    "signups.accept_shift": "signups.hand_over",
    "signups.forget_signups": "signups.find_signup",
    "signups.hand_over": "signups.withdraw_shift",
    "signups.renew_consent": "signups.withdraw_consent",
    "signups.guest_guardian": "signups.withdraw_consent",
    "signups.own_guardian": "signups.withdraw_own_guardian",
    "volunteers.add_training": "volunteers.void_training",
}
# Undone by a use case of its own, for a quarter of an hour.
OWN_WAY = {
    "api.cancel_event": "events.undo_cancellation",
    "events.cancel_event": "events.undo_cancellation",
    "events.cancel_session": "events.undo_cancellation",
    "events.undo_cancellation": "events.cancel_event",
    "attendance.check_out_everyone": "attendance.undo_check_out",
}
# Its page says so before: what was valid stops at once, left the house, or is another person's word. Each has its page
# in tests/integration/pages/test_said_before.py, and its reason in docs/undo.md.
SAID_BEFORE = {
    "attendance.renew_wall",
    "calendars.renew_my_subscription",
    "calendars.renew_organisation_subscription",
    "pages.close_account",
    "pages.confirm_clock",
    "pages.send_again",
    "pages.send_chosen_again",
    "recognition.issue_certificate",
    "resources.renew_feed",
    "signups.call_out",
    "signups.new_pass",
    "signups.new_pass_as_guest",
    "signups.show_guardian",
    "signups.withdraw_consent",
    "signups.withdraw_own_guardian",
}
# What it was is typed into the same form again: nothing ends.
CHANGED_BACK = {
    "api.change_session",
    "calendars.change_my_subscription",
    "calendars.change_organisation_subscription",
    "events.change_question",
    "events.edit_event",
    "events.edit_session",
    "events.move_question",
    "events.move_session",
    "organisations.change_organisation",
    "organisations.show_unit",
    "pages.change_settings",
    "pages.choose_todo_mail",
    "pages.confirm_todo_mail",
    "pages.end_todo_mail",
    "pages.stop_todo_mail",
    "pages.choose_organisation",
    "pages.correct_data",
    "pages.exchange_headings",
    "pages.put_first_day_away",
    "pages.read_message",
    "pages.read_messages",
    "pages.save_draft",
    "pages.set_language",
    "pages.set_view",
    "people.change_password",
    "people.sign_in",
    "recognition.object_to_record",
    "recognition.refresh_commendations",
    "recognition.save_rule",
    "recognition.set_thresholds",
    "recognition.set_workdays",
    "resources.show_resource",
    "signups.guest_answers",
    "signups.own_answers",
    "signups.show_waitlist",
    "venues.change_venue",
    "volunteers.change_course",
    "volunteers.change_skill",
    "volunteers.change_team",
    "volunteers.edit_profile_step",
    "volunteers.position_rules",
    "volunteers.request_teams",
}
# They make something, which another act ends; a program's are the same acts.
MAKES = {"api.create_event", "api.create_signup"}
UNDOING = {"api.undo_act", "pages.take_back"}
ENDS_NOTHING = {one for one, why in UNSEEN.items() if why in {_MAKES, _READS, _SCANS}} | MAKES | UNDOING
PAGE = Path(__file__).parents[2] / "docs/undo.md"


def test_every_address_that_writes_is_thought_about(assembled: Flask) -> None:
    writing = set(_writing(assembled))
    undone = {one for one in writing if hasattr(assembled.view_functions[one], "__undo__")}
    said = set(OPPOSITE) | set(OWN_WAY) | SAID_BEFORE | CHANGED_BACK
    known = undone | said | ENDS_NOTHING
    assert sorted(writing - known) == [], "can it be taken back? @can_undo(…), or say here why not"
    assert sorted((said | MAKES | UNDOING) - writing) == [], "no such address"
    assert sorted(said & undone) == [], "it can be taken back"
    opposites = set(OPPOSITE.values()) | set(OWN_WAY.values())
    assert opposites <= writing, f"no such opposite: {sorted(opposites - writing)}"


def test_what_cannot_be_taken_back_stands_in_the_docs_with_its_reason() -> None:
    text = PAGE.read_text("utf-8")
    assert sorted(one for one in SAID_BEFORE | set(OWN_WAY) if f"`{one}`" not in text) == []


def test_what_can_be_taken_back_is_written_down_before_it_is_decided(assembled: Flask) -> None:
    """The mark of a decision is looked at inside what is written down; a refusal leaves nothing behind."""
    for endpoint in _writing(assembled):
        view = assembled.view_functions[endpoint]
        if hasattr(view, "__undo__"):
            assert view.__undo__.text, endpoint
            assert len(view.__undo__.text) < 60, endpoint
