"""PagerDuty, through the Events API v2: trigger, acknowledge and resolve, one incident per event.

The address is `https://events.pagerduty.com/v2/enqueue?routing_key=…` (or `events.eu.`). The secret is optional: of the
V3 webhook that reports acknowledgements to us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alerts.channels.base import Answer, ChannelVerdict
from alerts.channels.http import answer_from, links_in, posted_bytes
from alerts.channels.stepwise import Stepwise
from alerts.channels.window import window_of
from alerts.receiver import Receiver
from alerts.rendering.chat_text import cut
from alerts.rendering.incidents import Step
from alerts.rendering.message import Message
from crypto_ews.conf.services import parts_of
from events.upstream.client import HttpClient, HttpOutcome

if TYPE_CHECKING:
    from crypto_ews.conf import Config

_SUMMARY = 1024
_A_MINUTE = 120
"""Events for each integration key, in the minute before."""


class PagerDutyTransport:
    """Sends the steps of a message in order. HTTP 202 means that the event was queued."""

    name = "PagerDuty"
    throttled = True

    def __init__(self, target: str, secret: str, deadline_seconds: float) -> None:
        self._url, query = parts_of(target)
        self._key = query.get("routing_key", "")
        self._secrets = tuple(filter(None, (target, self._key, secret)))
        self._client = HttpClient(deadline_seconds)
        self._steps = Stepwise(self._send, window_of("pagerduty", f"{self._url} {self._key}", _A_MINUTE))

    def deliver(self, message: Message) -> Answer:
        return self._steps.deliver(message)

    def _send(self, step: Step, message: Message) -> Answer:
        payload = render_pagerduty(step, self._key, message)
        outcome = self._client.post_json(self._url, posted_bytes(payload))
        return answer_from(outcome, *self._secrets, *links_in(message), verdict=_verdict(outcome))

    def close(self) -> None:
        self._client.close()


def render_pagerduty(step: Step, routing_key: str, message: Message) -> dict[str, Any]:
    # Nothing un-acknowledges there: a new incident pages anew, and the old one must be over for that.
    does = "resolve" if step.does == "reopen" else step.does
    payload: dict[str, Any] = {"routing_key": routing_key, "event_action": does, "dedup_key": step.key}
    if step.does != "trigger":
        return payload
    details = {} if message.minimal else {"custom_details": {"text": step.text}}
    body = {"summary": cut(step.title, _SUMMARY), "source": step.source, "severity": step.severity,
            "timestamp": message.now.isoformat(), "class": step.kind, **details}  # fmt: skip
    links = [{"href": button.url, "text": button.title} for button in step.links]
    return {**payload, "payload": body, "links": links, "client": "Crypto early warning"}


def _verdict(outcome: HttpOutcome) -> ChannelVerdict:
    words = outcome.body_excerpt.lower()
    wrong_key = outcome.status == 400 and ("routing key" in words or "routing_key" in words)
    return "unusable" if wrong_key else ""


def open_transport(receiver: Receiver, config: Config) -> PagerDutyTransport:
    return PagerDutyTransport(receiver.target, receiver.secret, config.request_deadline_seconds)
