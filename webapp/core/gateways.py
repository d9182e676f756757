"""Gateways that take messages by HTTP: SMS, WeCom group robot, any program by signed webhook."""

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from webapp.core import clock
from webapp.core.letters import DeliveryFailed, Letter, RefusedForGood, Unreachable, said

HOOK_TIMEOUT = 10.0  # seconds to wait for a gateway
_ANSWER_LIMIT = 4096  # bytes of a gateway's answer that are read
_WECOM_LIMIT = 2000  # bytes of one text message (2048, some kept for the mark that it was cut)
_WECOM_TOO_MANY = 45009


class _Hook:
    """Posts JSON to one address, over one connection. No redirects: what is signed goes where it was meant to go."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The answer's first bytes; raises DeliveryFailed. Texts of errors never hold the address: it has a key."""
        reused = self._connection is not None
        try:
            status, answer = self._once(body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not reused:
                raise Unreachable(said(error)) from error
            status, answer = self._retry(body, headers)
        if 200 <= status < 300:
            return answer
        kind = DeliveryFailed if status in {408, 425, 429} or status >= 500 else RefusedForGood
        raise kind(f"HTTP {status}")

    def _retry(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """The gateway closed a connection that was idle; it knows the letter's id, should it have arrived."""
        try:
            return self._once(body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unreachable(said(error)) from error

    def _once(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        connection = self._connection or self._open()
        self._connection = connection
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        answer = response.read(_ANSWER_LIMIT)
        if not response.isclosed():  # more than we read: the connection cannot serve the next letter
            self.close()
        return response.status, answer

    def _open(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(
                host, port, timeout=HOOK_TIMEOUT, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(host, port, timeout=HOOK_TIMEOUT)

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`sha256=…`: HMAC over the time, a dot and the body, so that neither can be changed nor sent again later."""
    return "sha256=" + hmac.digest(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hex()


class SignedSender(_Hook):
    """SMS gateway or any other program: a signed JSON object whose `id` says what was already delivered."""

    def __init__(self, url: str, secret: str) -> None:
        super().__init__(url)
        self._secret = secret

    def send(self, letter: Letter) -> None:
        """Post {to, text, id}; the webhook's also says subject and channel."""
        content = {"to": letter.recipient, "text": letter.body, "id": letter.id}
        if letter.channel != "sms":
            content["subject"] = letter.subject
        body = json.dumps(content, ensure_ascii=False).encode()
        timestamp = str(int(clock.now().timestamp()))
        signed = signature(self._secret, timestamp, body)
        self.post(body, {"X-Kepuxing-Timestamp": timestamp, "X-Kepuxing-Signature": signed})


class WecomSender(_Hook):
    """A WeCom group robot: always 200, the outcome stands in `errcode`."""

    def send(self, letter: Letter) -> None:
        """Post a text message to the group."""
        text = letter.body.encode()
        if len(text) > _WECOM_LIMIT:
            text = text[:_WECOM_LIMIT].decode(errors="ignore").encode() + "…".encode()
        body = json.dumps({"msgtype": "text", "text": {"content": text.decode()}}, ensure_ascii=False)
        try:
            answer = json.loads(self.post(body.encode(), {}))
            code, words = int(answer.get("errcode", -1)), str(answer.get("errmsg", ""))
        except (ValueError, AttributeError, TypeError) as error:
            raise DeliveryFailed("the answer was not understood") from error
        if code:
            kind = DeliveryFailed if code == _WECOM_TOO_MANY or code < 0 else RefusedForGood
            raise kind(f"{code} {words}"[:300])
