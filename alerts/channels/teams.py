"""Microsoft Teams, through a Workflows webhook: POST of an Adaptive Card to a URL that is a secret.

The flow's trigger ("When a Teams webhook request is received") answers 202 before the card is posted. A card that Teams
refuses afterwards is lost without an answer, so `alerts.rendering.teams_card` keeps cards within Teams' limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.channels.base import Answer
from alerts.channels.http import answer_from, links_in
from alerts.receiver import Receiver
from alerts.rendering.message import Message
from alerts.rendering.teams_card import encode_card, render_message
from events.upstream.client import HttpClient

if TYPE_CHECKING:
    from crypto_ews.conf import Config


class TeamsTransport:
    """Posts cards to one webhook. HTTP 202 means that the flow accepted the card; nothing is reported after that."""

    name = "Teams"
    throttled = True

    def __init__(self, webhook_url: str, deadline_seconds: float) -> None:
        self._url = webhook_url
        self._client = HttpClient(deadline_seconds)

    def deliver(self, message: Message) -> Answer:
        outcome = self._client.post_json(self._url, encode_card(render_message(message)))
        return answer_from(outcome, self._url, *links_in(message))

    def close(self) -> None:
        self._client.close()


def open_transport(receiver: Receiver, config: Config) -> TeamsTransport:
    return TeamsTransport(receiver.target, config.request_deadline_seconds)
