"""Ways out of the building, one adapter for each channel: mail here, SMS, WeCom and webhook in gateways.py.

A sender is opened for one run of messages and keeps its connection; it hands over one letter at a time and says by
raising DeliveryFailed whether trying again can help. `record:` as an address keeps everything in memory, for tests.
"""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from webapp.core import clock
from webapp.core.config import RECORD, Settings
from webapp.core.gateways import SignedSender, WecomSender
from webapp.core.letters import DeliveryFailed, Letter, RefusedForGood, Sender, Unreachable, said

TIMEOUT = 20.0  # seconds to wait for a mail server
CLOSING = 421  # "service not available, closing": many servers take so many mails in one connection


class Recorder:
    """Keeps what it was given; one list for all channels."""

    letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        """Keep it."""
        self.letters.append(letter)

    def close(self) -> None:
        """Nothing to give back."""


class _Address(UnstructuredHeader, BaseHeader):
    """A header that is one address: what folds long lines would encode it, and no program would find it again."""

    def fold(self, *, policy: Policy) -> str:
        """On one line, however long."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Address)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def compose(letter: Letter, *, sender: str, domain: str) -> EmailMessage:
    """The mail: plain text, the same Message-ID at every delivery, and the .ics file where there is one."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"], mail["To"], mail["Subject"] = sender, letter.recipient, letter.subject
    mail["Date"] = format_datetime(clock.local(letter.created_at))
    mail["Message-ID"] = f"<{letter.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from people on holiday
    if letter.stop_url:
        mail["List-Unsubscribe"] = f"<{letter.stop_url}>"
        if letter.stop_url.startswith(
            "https://"
        ):  # RFC 8058 2: nothing else may be pressed by the mail program
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(letter.body)
    if letter.calendar is not None:
        # Twice, as the large services do: another form of the text for programs that take it into the calendar
        # (Outlook looks nowhere else), a file for those that show attachments (RFC 6047 2.4 and 2.5).
        method, text = letter.calendar.method, letter.calendar.text
        params = {"charset": "utf-8", "method": method}
        mail.add_alternative(text, maintype="text", subtype="calendar", params=params)
        mail.add_attachment(text, maintype="application", subtype="ics", filename="kepuxing.ics")
    return mail


@dataclass
class MailSender:
    """SMTP, with one connection for the whole run."""

    settings: Settings
    _server: smtplib.SMTP | None = field(default=None, init=False)

    def send(self, letter: Letter) -> None:
        """Hand over to the mail server. A connection it closed meanwhile is opened again, once."""
        mail = compose(letter, sender=self.settings.mail_from, domain=self.settings.uid_domain)
        reused = self._server is not None
        try:
            self._deliver(mail)
        except smtplib.SMTPServerDisconnected as error:
            self.close()
            if not reused:
                raise Unreachable(said(error)) from error
            self._again(mail)

    def _again(self, mail: EmailMessage) -> None:
        try:
            self._deliver(mail)
        except smtplib.SMTPServerDisconnected as error:
            self.close()
            raise Unreachable(said(error)) from error

    def _deliver(self, mail: EmailMessage) -> None:
        server = self._server or self._connect()
        self._server = server
        try:
            server.send_message(mail)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _text in error.recipients.values()]
            raise _refused(error, codes[0] if codes else 0) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error, error.smtp_code) from error
        except (smtplib.SMTPException, ValueError) as error:  # an address that cannot be written, for example
            raise RefusedForGood(said(error)) from error
        except OSError as error:
            self.close()
            raise Unreachable(said(error)) from error

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.settings.mail_url)
        host, is_tls = parts.hostname or "", parts.scheme == "smtps"
        server: smtplib.SMTP
        try:
            if is_tls:
                server = smtplib.SMTP_SSL(
                    host, parts.port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
                )
            else:
                server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Unreachable(said(error)) from error
        return server

    def close(self) -> None:
        """Say goodbye if the server still listens."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()


def _refused(error: Exception, code: int) -> Exception:
    """RFC 5321 4.2.1: 5xx is meant for good, 4xx may pass (greylisting, full mailbox); 421 closes the connection."""
    if code == CLOSING:
        return smtplib.SMTPServerDisconnected(said(error))
    return (RefusedForGood if code >= 500 else DeliveryFailed)(said(error))


_OPENERS: dict[str, Callable[[Settings], Sender]] = {
    "mail": MailSender,
    "sms": lambda settings: SignedSender(settings.sms_url, settings.hook_secret),
    "webhook": lambda settings: SignedSender(settings.webhook_url, settings.hook_secret),
    "wecom": lambda settings: WecomSender(settings.wecom_url),
}


def is_configured(channel: str, settings: Settings) -> bool:
    """Whether the channel leads anywhere."""
    return bool(getattr(settings, f"{channel}_url", ""))


def open_sender(channel: str, settings: Settings) -> Sender | None:
    """The way out for a channel; None where no gateway is configured. It connects when first used."""
    if channel not in _OPENERS or not is_configured(channel, settings):
        return None
    if getattr(settings, f"{channel}_url") == RECORD:
        return Recorder()
    return _OPENERS[channel](settings)
