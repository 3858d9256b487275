"""The step that all HTTP transports share: from an HTTP outcome to an answer without secrets."""

from __future__ import annotations

import logging

from alerts.channels.base import EXCERPT, Answer, ChannelVerdict, without_secrets
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
