"""The statement behind every check-in."""

from sqlalchemy.dialects.postgresql import psycopg

from webapp.attendance.service.writing import _at_once


def test_the_driver_keeps_what_it_read_of_the_statement() -> None:
    """psycopg reads longer statements, and ones with more values, anew each time: a tenth of a check-in's time."""
    scan = (
        "id",
        "session_id",
        "signup_id",
        "device",
        "nonce",
        "kind",
        "direction",
        "method",
        "code",
        "outcome",
    )
    rest = (
        "answer",
        "valid",
        "scanned_at",
        "at",
        "received_at",
        "by_person_id",
        "offline",
        "rehearsal",
        "flag",
    )
    came = ("id", "signup_id", "session_id", "grade", "in_at", "in_scan_id", "entered_late", "created_at")
    made = _at_once(scan + rest, came).compile(dialect=psycopg.dialect())
    assert len(str(made)) <= 4096
    assert len(made.params) <= 50
    assert not made.post_compile_params
