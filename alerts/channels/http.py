"""The step that all HTTP transports share: from an HTTP outcome to an answer without secrets."""

from __future__ import annotations

import json
import logging
from typing import Any

from alerts.channels.base import EXCERPT, Answer, ChannelVerdict, without_secrets
from alerts.rendering.message import Digest, Message
from events.upstream.client import HttpOutcome

# At DEBUG it logs the full URL of every request, which is a secret here.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


def answer_from(outcome: HttpOutcome, *secrets: str, verdict: ChannelVerdict = "") -> Answer:
    """The answer of one attempt. secrets: removed from body and explanation. verdict: as in `Answer`."""
    return Answer(
        verdict=verdict,
        status=outcome.status,
        error=outcome.error,
        headers={name: value for name, value in outcome.headers.items() if name.lower() == "retry-after"},
        body=without_secrets(outcome.body_excerpt or "", *secrets)[:EXCERPT],
        duration_seconds=outcome.duration,
        explanation=without_secrets(outcome.detail or "", *secrets)[:EXCERPT],
    )


def links_in(message: Message) -> tuple[str, ...]:
    """The one-click links of a message, of its lines and of the cards in it: secrets too, and many services answer with
    the message, or with the address of a button that they refuse."""
    content = message.content
    lines = content.lines if isinstance(content, Digest) else ()
    of_lines = (act.url for line in lines for act in line.acts)
    of_cards = (link for card in message.released for link in links_in(card))
    return (*(act.url for act in message.acts), *of_lines, *of_cards)


def posted_bytes(payload: dict[str, Any]) -> bytes:
    """JSON in UTF-8. Some titles contain a lone surrogate, which UTF-8 cannot encode."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
