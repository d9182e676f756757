"""Settings: one frozen object filled from the environment, checked once at start."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
HOOK_SECRET_MIN = 16


class BadSetting(Exception):
    """A setting is missing or wrong; the message names the variable and says what it should be."""


NO_SENDER = "kepuxing@localhost"  # until MAIL_FROM says better
RECORD = "record:"  # instead of an address: messages are kept in memory (tests)


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides. Names and defaults are those of the README's table."""

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path("instance")
    database_url: str = ""
    redis_url: str = ""
    base_url: str = ""
    secret_key: str = ""
    mail_url: str = ""
    mail_from: str = NO_SENDER
    sms_url: str = ""
    wecom_url: str = ""  # robot of the organisers' group
    webhook_url: str = ""  # any program that wants to hear what organisers hear
    hook_secret: str = ""  # signs what goes to SMS_URL and WEBHOOK_URL
    web_concurrency: int = 2
    demo: bool = False
    testing: bool = False
    # RFC 9106 "low memory" profile; a test run lowers it, nothing else should.
    argon2_time_cost: int = 3
    argon2_memory_kib: int = 65536
    # Rate limits (Flask-Limiter notation). They stop guessing, not a hall of 500 people behind one address.
    limit_sign_in: str = "600 per minute"
    limit_public_write: str = "1200 per minute"
    limit_api: str = "30000 per minute"
    limit_code_guess: str = "1200 per minute"
    limit_calendar: str = "30000 per minute"  # for one subscription's address
    policy_version: str = "2026-12"
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK

    @property
    def lacks_sender(self) -> bool:
        """Whether mails leave with an address nobody can answer, which most servers refuse (MAIL_FROM is not set)."""
        return bool(self.mail_url) and self.mail_url != RECORD and self.mail_from == NO_SENDER

    @property
    def https(self) -> bool:
        """Whether people reach the site over https (then cookies are Secure and HSTS is sent)."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def uid_domain(self) -> str:
        """Right-hand side of calendar UIDs given to new sessions; stored with them, so it may change later."""
        return urlsplit(self.base_url).hostname or "kepuxing.invalid"


def current_settings() -> Settings:
    """Settings of the running application."""
    settings: Settings = current_app.extensions["kepu_settings"]
    return settings


def _number(environ: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise BadSetting(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return int(text)


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "0").strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"", "0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} must be 1 or 0, not {text!r}.")


def _address(environ: Mapping[str, str]) -> str:
    base = environ.get("BASE_URL", "").strip().rstrip("/")
    parts = urlsplit(base)
    if base and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.path):
        raise BadSetting(f"BASE_URL must look like https://kepu.example.cn, not {base!r}.")
    return base


def _mail_address(environ: Mapping[str, str]) -> str:
    url = environ.get("MAIL_URL", "").strip()
    if url and url != RECORD and not (urlsplit(url).scheme in {"smtp", "smtps"} and urlsplit(url).hostname):
        raise BadSetting("MAIL_URL must look like smtp://user:password@host:port or smtps://….")
    return url


def _hook(environ: Mapping[str, str], name: str) -> str:
    """Address of a gateway: https, or http to this machine itself. Never shown: it may hold a key."""
    url = environ.get(name, "").strip()
    if not url or url == RECORD:
        return url
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname:
        raise BadSetting(f"{name} must begin with https:// (http:// only for this machine itself).")
    return url


def _hooks(environ: Mapping[str, str]) -> dict[str, Any]:
    found = {name.lower(): _hook(environ, name) for name in ("SMS_URL", "WECOM_URL", "WEBHOOK_URL")}
    secret = environ.get("HOOK_SECRET", "").strip()
    if (secret or found["sms_url"] or found["webhook_url"]) and len(secret) < HOOK_SECRET_MIN:
        raise BadSetting(
            f"HOOK_SECRET must have at least {HOOK_SECRET_MIN} characters: it signs what goes to SMS_URL, WEBHOOK_URL."
        )
    return found | {"hook_secret": secret}


def _generated_secret(data_dir: Path) -> str:
    """Read the installation's secret, making it on first use.

    Two processes may start at once: the file is created exclusively, and the loser reads the winner's.
    """
    path = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = data_dir / f"secret_key.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails if another process was first, never half-written
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _limits(environ: Mapping[str, str]) -> dict[str, Any]:
    names = ("limit_sign_in", "limit_public_write", "limit_api", "limit_code_guess", "limit_calendar")
    return {name: environ[name.upper()].strip() for name in names if environ.get(name.upper(), "").strip()}


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Build Settings from environment variables; raises BadSetting with a sentence for the operator."""
    environ = os.environ if environ is None else environ
    data_dir = Path(environ.get("DATA_DIR") or "instance").absolute()
    database_url = environ.get("DATABASE_URL", "").strip()
    if database_url.startswith(("postgres://", "postgresql://")):
        database_url = "postgresql+psycopg://" + database_url.split("://", 1)[1]
    if not database_url:
        data_dir.mkdir(parents=True, exist_ok=True)
        database_url = f"sqlite:///{data_dir / 'kepuxing.sqlite3'}"
    if not database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL must begin with postgresql+psycopg:// or sqlite:///.")
    secret = environ.get("SECRET_KEY", "").strip() or _generated_secret(data_dir)
    if len(secret) < 32:
        raise BadSetting("SECRET_KEY is too short: at least 32 characters.")
    return Settings(
        host=environ.get("HOST", "").strip() or "127.0.0.1",
        port=_number(environ, "PORT", default=8000, low=1, high=65535),
        data_dir=data_dir,
        database_url=database_url,
        redis_url=environ.get("REDIS_URL", "").strip(),
        base_url=_address(environ),
        secret_key=secret,
        mail_url=_mail_address(environ),
        mail_from=environ.get("MAIL_FROM", "").strip() or NO_SENDER,
        web_concurrency=_number(environ, "WEB_CONCURRENCY", default=2, low=1, high=64),
        demo=_flag(environ, "KEPU_DEMO"),
        **_hooks(environ),
        **_limits(environ),
    )
