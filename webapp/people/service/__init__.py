"""Use cases of people: becoming known, signing in, tokens, being told something."""

from webapp.people.service.accounts import (
    change_password,
    make_account,
    prepare_password,
    prepare_password_change,
    register,
    reset_password,
)
from webapp.people.service.own import (
    anonymise,
    close_account,
    closing_of,
    correct_details,
    require_password,
)
from webapp.people.service.persons import find_or_make_person, notify, record_consent
from webapp.people.service.sign_in import (
    authenticate,
    count_attempt,
    end_sign_in,
    forget_ended_sign_ins,
    forget_failures,
    settle_sign_in,
)
from webapp.people.service.tokens import create_own_token, create_token, revoke_token

__all__ = [
    "anonymise",
    "authenticate",
    "change_password",
    "close_account",
    "closing_of",
    "correct_details",
    "count_attempt",
    "create_own_token",
    "create_token",
    "end_sign_in",
    "find_or_make_person",
    "forget_ended_sign_ins",
    "forget_failures",
    "make_account",
    "notify",
    "prepare_password",
    "prepare_password_change",
    "record_consent",
    "register",
    "require_password",
    "reset_password",
    "revoke_token",
    "settle_sign_in",
]
