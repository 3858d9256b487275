"""Counters of the API in this process, for /metrics."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter

_REQUESTS = Counter("ews_api_requests", "Requests to the API, by door and HTTP status.", ["door", "status"])
_REFUSED = Counter(
    "ews_api_refused",
    "Callers that were not let in, by reason: no token, malformed, unknown, expired, in a URL, session, origin, limit, "
    "wrong tokens (too many from an address).",
    ["why"],
)
_ASKED = Counter(
    "ews_api_can_trade_pairs", "Pairs that were asked for at can-trade, by answered or unknown.", ["answer"]
)


@cache
def _request(door: str, status: int) -> Counter:
    return _REQUESTS.labels(door, str(status))


def answered(door: str, status: int) -> None:
    """door: the pattern of a path, never the path itself, which strangers choose."""
    _request(door, status).inc()


def refused(why: str) -> None:
    _REFUSED.labels(why).inc()


def asked(pairs: int, answer: str) -> None:
    _ASKED.labels(answer).inc(pairs)
