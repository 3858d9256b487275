"""A generic webhook: JSON, signed after the Standard Webhooks specification, for which receivers find libraries.

webhook-id          the same for every attempt to deliver a message: a receiver ignores an id that it has seen
webhook-timestamp   of this attempt, in seconds since 1970: a receiver refuses requests older than five minutes
webhook-signature   "v1," and base64 of HMAC-SHA256 over "id.timestamp.body" with the channel's secret
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING

from alerts.channels.base import Answer, ChannelVerdict
from alerts.channels.http import answer_from, links_in
from alerts.receiver import Receiver
from alerts.rendering.message import Message
from alerts.rendering.webhook_json import encode_payload, render_payload
from crypto_ews.conf.channels import signing_key
from events import clock
from events.upstream.client import HttpClient

if TYPE_CHECKING:
    from crypto_ews.conf import Config

# 200 and 202 are left to the rules for Teams, which look into a 200's body; other receivers answer with these too.
_ACCEPTED = frozenset({201, 204})


def _now() -> float:
    """Our corrected time, not the machine's: receivers refuse requests with an old timestamp."""
    return clock.now().timestamp()


def sign(key: bytes, delivery: str, timestamp: int, body: bytes) -> str:
    signed = f"{delivery}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class WebhookTransport:
    """Posts signed JSON to one URL."""

    name = "webhook"
    throttled = True

    def __init__(self, url: str, secret: str, deadline_seconds: float, seconds_now: Callable[[], float] = _now) -> None:
        self._url, self._secret = url, secret
        self._key = signing_key(secret)
        self._client = HttpClient(deadline_seconds)
        self._seconds_now = seconds_now

    def deliver(self, message: Message) -> Answer:
        return self.post(message.key, encode_payload(render_payload(message)), links_in(message))

    def post(self, delivery: str, body: bytes, secrets: tuple[str, ...] = ()) -> Answer:
        """One attempt to deliver a body, JSON in UTF-8, under the id that it has at each attempt. secrets: in it."""
        timestamp = int(self._seconds_now())
        headers = {
            "webhook-id": delivery,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self._key, delivery, timestamp, body),
        }
        outcome = self._client.post_json(self._url, body, headers=headers)
        verdict: ChannelVerdict = "accepted" if outcome.status in _ACCEPTED else ""
        return answer_from(outcome, self._url, self._secret, *secrets, verdict=verdict)

    def close(self) -> None:
        self._client.close()


def open_transport(receiver: Receiver, config: Config) -> WebhookTransport:
    return WebhookTransport(receiver.target, receiver.secret, config.request_deadline_seconds)
