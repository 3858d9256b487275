"""Opsgenie, through its Alerts API: create, acknowledge and close by alias, one alert per event.

The address is `https://api.opsgenie.com/v2/alerts?key=…` (or `api.eu.`). The secret is optional: the bearer token that
the outgoing webhook integration sends with acknowledgements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from alerts.channels.base import Answer, ChannelVerdict
from alerts.channels.http import answer_from, links_in, posted_bytes
from alerts.channels.stepwise import Stepwise
from alerts.receiver import Receiver
from alerts.rendering.chat_text import cut
from alerts.rendering.incidents import Step
from alerts.rendering.message import Message
from crypto_ews.conf.services import parts_of
from events.upstream.client import HttpClient

if TYPE_CHECKING:
    from crypto_ews.conf import Config

_MESSAGE, _DESCRIPTION = 130, 15_000
_ACTS = {"acknowledge": "acknowledge", "reopen": "unacknowledge", "resolve": "close"}
_VERDICTS: dict[int, ChannelVerdict] = {402: "unusable", 422: "refused"}
_PRIORITIES = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P5"}


class OpsgenieTransport:
    """Sends the steps of a message in order. HTTP 202 means that the request will be processed."""

    name = "Opsgenie"
    throttled = True

    def __init__(self, target: str, secret: str, deadline_seconds: float) -> None:
        self._url, query = parts_of(target)
        self._key = query.get("key", "")
        self._secrets = tuple(filter(None, (target, self._key, secret)))
        self._client = HttpClient(deadline_seconds)
        self._steps = Stepwise(self._send)

    def deliver(self, message: Message) -> Answer:
        return self._steps.deliver(message)

    def _send(self, step: Step, message: Message) -> Answer:
        url, payload = self._url, render_opsgenie(step, message)
        if step.does != "trigger":
            url = f"{url}/{quote(step.key, safe='')}/{_ACTS[step.does]}?identifierType=alias"
        headers = {"Authorization": f"GenieKey {self._key}"}
        outcome = self._client.post_json(url, posted_bytes(payload), headers=headers)
        # 422 is what others call 400: the body is no valid alert. 402 is about the plan, not about the alert.
        verdict = _VERDICTS.get(outcome.status or 0, "")
        return answer_from(outcome, *self._secrets, *links_in(message), verdict=verdict)

    def close(self) -> None:
        self._client.close()


def render_opsgenie(step: Step, message: Message) -> dict[str, Any]:
    if step.does != "trigger":
        return {"source": "crypto-ews", "note": step.title[:1000]}
    details = {button.title: button.url for button in step.links}
    payload = {"message": cut(step.title, _MESSAGE), "alias": step.key, "priority": _PRIORITIES[step.severity],
               "source": step.source[:100], "tags": [step.kind], "entity": step.key}  # fmt: skip
    if message.minimal:
        return payload
    return {**payload, "description": cut(step.text, _DESCRIPTION), "details": details}


def open_transport(receiver: Receiver, config: Config) -> OpsgenieTransport:
    return OpsgenieTransport(receiver.target, receiver.secret, config.request_deadline_seconds)
