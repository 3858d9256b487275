"""A generic webhook: JSON, signed as the Standard Webhooks specification says, so that receivers find libraries for it.

webhook-id          the same for every attempt to deliver a message: a receiver that knows it ignores the repeat
webhook-timestamp   seconds since 1970 of this attempt: a receiver refuses what is older than five minutes
webhook-signature   "v1," and base64 of HMAC-SHA256 over "id.timestamp.body" with the channel's secret
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING

from alerts.channels.base import Answer
from alerts.channels.http import answer_from
from alerts.receiver import Receiver
from alerts.rendering.message import Message
from alerts.rendering.webhook_json import encode_payload, render_payload
from crypto_ews.conf.channels import signing_key
from events import clock
from events.upstream.client import HttpClient

if TYPE_CHECKING:
    from crypto_ews.conf import Config

# Teams alone says 200 and means something else: these are as good as a receiver of one's own can say it.
_ACCEPTED = frozenset({201, 204})


def _now() -> float:
    """Our time, which is right while the machine's clock is not: receivers refuse what they take for old."""
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
        body = encode_payload(render_payload(message))
        timestamp = int(self._seconds_now())
        headers = {
            "webhook-id": message.key,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self._key, message.key, timestamp, body),
        }
        outcome = self._client.post_json(self._url, body, headers=headers)
        return answer_from(outcome, self._url, self._secret, verdict="accepted" if outcome.status in _ACCEPTED else "")

    def close(self) -> None:
        self._client.close()


def open_transport(receiver: Receiver, config: Config) -> WebhookTransport:
    return WebhookTransport(receiver.target, receiver.secret, config.request_deadline_seconds)
