"""Delivery to a Microsoft Teams Workflows webhook, whose URL is a secret."""

from __future__ import annotations

import logging
import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from alerts.cards import encode_card, render_message
from alerts.decision import Answer
from alerts.message import Message
from events.http import HttpClient

# It writes the whole URL of every request at DEBUG.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

_EXCERPT = 1000
_SHORTEST_SECRET = 6


class TeamsTransport:
    """Posts cards to one webhook. 202 means that the flow took it, which is all that can be known."""

    name = "Teams"
    paced = True

    def __init__(self, webhook_url: str, deadline_seconds: float) -> None:
        self._url = webhook_url
        self._client = HttpClient(deadline_seconds)

    def deliver(self, message: Message) -> Answer:
        outcome = self._client.post_json(self._url, encode_card(render_message(message)))
        return Answer(
            status=outcome.status,
            error=outcome.error,
            headers={name: value for name, value in outcome.headers.items() if name.lower() == "retry-after"},
            body=without_secrets(outcome.body_excerpt or "", self._url)[:_EXCERPT],
            duration_seconds=outcome.duration,
            explanation=without_secrets(outcome.detail or "", self._url)[:_EXCERPT],
        )

    def close(self) -> None:
        self._client.close()


def without_secrets(text: str, url: str) -> str:
    """`text` without any part of the webhook's URL that could be used: path segments, query values, the whole."""
    parts = urlsplit(url)
    path = [segment for segment in parts.path.split("/") if len(segment) >= _SHORTEST_SECRET]
    query = [value for _, value in parse_qsl(parts.query, keep_blank_values=True)]
    raw_query = [pair.partition("=")[2] for pair in parts.query.split("&")]
    secrets = {url, parts.path, parts.query, *path, *query, *raw_query, parts.password or ""}
    forms = {form for secret in secrets for form in (secret, unquote(secret), quote(secret, safe=""))}
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= _SHORTEST_SECRET:
            text = re.sub(re.escape(form), "…", text, flags=re.IGNORECASE)
    return text
