"""Every address that takes a decision looks at what its form showed, or it is said here why it need not."""

import inspect
from collections.abc import Iterator

from flask import Flask

from tests.architecture.test_routes import assembled as assembled  # noqa: PLC0414 - a fixture

_MAKES = "makes something new; a nonce, a key or a constraint of the table keeps it single"
_OWN = "one's own alone: nobody else decides on it"
_SCANS = "a scan is a fact with a nonce; what they say together does not depend on their order (0015)"
_READS = "shows or hands out something and decides nothing"

UNSEEN: dict[str, str] = {
    "pages.act_on_sheet": "each chosen sign-up is looked at for itself (core/listing seen_otherwise)",
    "pages.act_on_people": "each chosen sign-up is looked at for itself (core/listing seen_otherwise)",
    "events.act_on_chosen": "each chosen event is looked at for itself (core/listing seen_otherwise)",
    "attendance.revoke_chosen": "each chosen phone is looked at for itself (core/listing seen_otherwise)",
    "recognition.act_on_session_hours": "each chosen record is looked at for itself (core/listing seen_otherwise)",
    "recognition.accept_chosen": "each chosen application is looked at for itself (core/listing seen_otherwise)",
    "volunteers.void_chosen": "each chosen record is looked at for itself (core/listing seen_otherwise)",
    "signups.settle_unmet": "each chosen shift is looked at for itself (core/listing seen_otherwise)",
    "recognition.act_on_hours": "each chosen record is looked at for itself (core/listing seen_otherwise)",
    "organisations.act_on_chosen": "each chosen unit is looked at for itself (core/listing seen_otherwise)",
    "resources.act_on_chosen": "each chosen thing is looked at for itself (core/listing seen_otherwise)",
    "pages.release_chosen": "each chosen booking is looked at for itself (core/listing seen_otherwise)",
    "pages.send_chosen_again": "each chosen message is looked at for itself (core/listing seen_otherwise)",
    **dict.fromkeys(
        (
            "calendars.create_my_subscription",
            "calendars.create_organisation_subscription",
            "events.edit_questions",
            "events.import_events",
            "events.new_event",
            "events.next_plan",
            "attendance.add_headcount",
            "attendance.add_walk_in",
            "attendance.session_devices",
            "attendance.session_photos",
            "organisations.add_helper",
            "organisations.add_member",
            "organisations.add_organisation",
            "people.create_token",
            "people.register",
            "plan.list_results",
            "recognition.commendation_lists",
            "recognition.my_certificates",
            "recognition.apply_for_star",
            "resources.add_resource",
            "signups.add_companions",
            "signups.add_companions_as_guest",
            "signups.sign_up",
            "signups.sign_up_again",
            "signups.sign_up_many",
            "signups.sign_up_other",
            "signups.sign_up_team",
            "signups.take_course",
            "venues.add_venue",
            "volunteers.add_course",
            "volunteers.add_skill",
            "volunteers.add_team",
            "volunteers.join_team",
        ),
        _MAKES,
    ),
    **dict.fromkeys(
        (
            "pages.choose_organisation",
            "pages.choose_todo_mail",
            "pages.confirm_todo_mail",
            "pages.end_todo_mail",
            "pages.close_account",
            "pages.correct_data",
            "pages.drop_draft",
            "pages.save_draft",
            "pages.put_first_day_away",
            "pages.read_message",
            "pages.read_messages",
            "pages.set_language",
            "pages.set_view",
            "pages.stop_todo_mail",
            "people.change_password",
            "people.sign_in",
            "people.sign_out",
            "signups.forget_signups",
            "signups.guest_guardian",
            "signups.renew_consent",
            "signups.withdraw_consent",
            "volunteers.edit_profile_step",
        ),
        _OWN,
    ),
    **dict.fromkeys(
        (
            "attendance.begin_chain",
            "attendance.bring_file",
            "attendance.check_in_by_code",
            "attendance.check_in_own",
            "attendance.check_out_everyone",
            "attendance.give_wall_number",
            "attendance.hand_in_links",
            "attendance.pair_device",
            "attendance.relay_links",
            "attendance.scan_check_in",
            "attendance.scan_check_out_everyone",
            "attendance.scan_pass",
            "attendance.tick_names",
            "attendance.type_pairing_code",
            "attendance.undo_check_out",
            "api.annul_checkin",
            "api.create_checkin",
            "api.create_checkins",
            "api.create_headcount",
        ),
        _SCANS,
    ),
    **dict.fromkeys(
        (
            "pages.exchange_compare",
            "pages.exchange_export",
            "pages.make_cards",
            "pages.show_people_phones",
            "pages.show_session_phones",
            "signups.find_signup",
            "signups.list_elders",
            "signups.show_answer_phones",
            "signups.show_elder",
            "signups.show_notice_phones",
            "signups.show_occasion",
            "signups.show_position_phones",
        ),
        _READS,
    ),
    **dict.fromkeys(
        ("signups.renew_consent", "signups.withdraw_consent", "signups.guest_guardian"),
        "a guardian's own word, by a link of theirs: no time is too late for it",
    ),
    "pages.confirm_clock": "carries the time it showed, and is refused for another",
    "events.take_along": "takes along what is left to be taken; a second press finds nothing",
}
# Programs say in `?seen=` what they saw; every one of these opens its transaction through `once`, or looks itself.
BY_PROGRAMS = {
    "api.cancel_event",
    "api.change_session",
    "api.create_event",
    "api.create_signup",
    "api.delete_signup",
    "api.publish_event",
    "api.undo_act",
}


def _writing(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            yield rule.endpoint


def test_every_address_that_decides_looks_at_what_its_form_showed(assembled: Flask) -> None:
    writing = set(_writing(assembled))
    deciding = {one for one in writing if hasattr(assembled.view_functions[one], "__decides__")}
    said = set(UNSEEN) | BY_PROGRAMS
    assert sorted(writing - deciding - said) == [], (
        "say what they decide about: @decides(…) under the access rule"
    )
    assert sorted(deciding & said) == [], "said to decide about nothing"
    assert sorted(said - writing) == [], "no such address"


def test_programs_say_what_they_saw_where_the_transaction_begins(assembled: Flask) -> None:
    for endpoint in BY_PROGRAMS:
        text = inspect.getsource(inspect.unwrap(assembled.view_functions[endpoint]))
        assert "once(" in text or "look_at_what_was_seen(" in text, endpoint


def test_whoever_decides_stands_under_the_access_rule(assembled: Flask) -> None:
    """The mark is looked at for people who may come in at all."""
    for endpoint in set(_writing(assembled)):
        view = assembled.view_functions[endpoint]
        if hasattr(view, "__decides__"):
            assert hasattr(view, "__access__"), endpoint
            source = inspect.getsource(inspect.unwrap(view))
            above = source[: source.index("def ")]
            assert above.rstrip().splitlines()[-1].startswith("@decides("), endpoint
