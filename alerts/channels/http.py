"""What the kinds that POST share: from what HTTP said to an answer without secrets."""

from __future__ import annotations

import logging

from alerts.channels.base import Answer, ChannelVerdict
from alerts.channels.redaction import without_secrets
from events.upstream.client import HttpOutcome

# It writes the whole URL of every request at DEBUG.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

EXCERPT = 1000


def answer_from(outcome: HttpOutcome, *secrets: str, verdict: ChannelVerdict = "") -> Answer:
    return Answer(
        verdict=verdict,
        status=outcome.status,
        error=outcome.error,
        headers={name: value for name, value in outcome.headers.items() if name.lower() == "retry-after"},
        body=without_secrets(outcome.body_excerpt or "", *secrets)[:EXCERPT],
        duration_seconds=outcome.duration,
        explanation=without_secrets(outcome.detail or "", *secrets)[:EXCERPT],
    )
