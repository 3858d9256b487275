"""Typed messages of the stream, and how they are subscribed. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ews_client.answers import STATUSES, TokenRisk
from ews_client.bodies import token_risk_of
from ews_client.faults import EwsError
from ews_client.fields import Reader

KINDS: Final = ("risk", "event", "alert", "source", "whale", "volume", "arbitrage", "heartbeat")
"""What can be subscribed. `snapshot`, `resync` and `heartbeat` come whatever is subscribed."""


@dataclass(frozen=True)
class Message:
    """What every message has. `id` is an opaque cursor; messages come at least once. `raw` is the object as sent."""

    kind: str
    id: str
    at: datetime | None
    raw: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Freshness(Message):
    seq: int | None
    as_of: datetime | None
    status: str
    stale_sources: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot(Freshness):
    """All rows that match the subscription: what was known before is void."""

    tokens: tuple[TokenRisk, ...]


@dataclass(frozen=True)
class RiskChange(Freshness):
    """Rows that are new or differ, and tokens that left the view."""

    changed: tuple[TokenRisk, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Heartbeat(Freshness):
    """Every 5 s, and at once when the status changes. `age_ms` is the age of the daemon's heartbeat."""

    age_ms: int | None


@dataclass(frozen=True)
class Resync(Message):
    """The reader's picture is no longer complete. A snapshot follows."""

    why: str


@dataclass(frozen=True)
class Notice(Message):
    """A row of the ledger: `event`, `alert` or `source`. `what` says which change, `n` tells repeats apart.

    The row's own object is `raw["body"]`.
    """

    n: int | None
    what: str


@dataclass(frozen=True)
class Other(Message):
    """A kind that has no fields here: `whale`, `volume`, `arbitrage`, and what a newer server sends. See `raw`."""


def subscription(kinds: Iterable[str], assets: Iterable[str], venues: Iterable[str]) -> dict[str, str]:
    """The query of the stream. Raises ValueError for a kind that nobody sends."""
    given = {
        "kinds": [kinds] if isinstance(kinds, str) else list(kinds),
        "assets": [assets] if isinstance(assets, str) else list(assets),
        "venues": [venues] if isinstance(venues, str) else list(venues),
    }
    if unknown := sorted(set(given["kinds"]) - set(KINDS)):
        raise ValueError(f"kinds named {', '.join(unknown)}, expected words of {', '.join(KINDS)}")
    return {name: ",".join(words) for name, words in given.items() if words}


def message_of(text: str) -> Message:
    """The message of one event's data. Raises EwsError `malformed`."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise EwsError("malformed", "a message of the stream is no JSON") from None
    read = Reader("a message", body)
    kind = read.text("kind")
    shared: dict[str, Any] = {
        "kind": kind,
        "id": read.text("id") if "id" in read.body else "",
        "at": read.time("at") if "at" in read.body else None,
        "raw": read.body,
    }
    if kind == "resync":
        return Resync(**shared, why=str(read.body.get("why", "")))
    if kind in ("event", "alert", "source"):
        n = read.body.get("n")
        return Notice(**shared, n=n if isinstance(n, int) else None, what=str(read.body.get("what", "")))
    if kind not in ("snapshot", "risk", "heartbeat"):
        return Other(**shared)
    status, stale = read.word("status", STATUSES), read.texts("stale_sources")
    shared |= {
        "seq": read.optional_number("seq"),
        "as_of": read.time("as_of"),
        "status": "stale" if status == "fresh" and stale else status,
        "stale_sources": stale,
    }
    if kind == "snapshot":
        return Snapshot(**shared, tokens=tuple(token_risk_of(row) for row in read.objects("tokens")))
    if kind == "risk":
        changed = tuple(token_risk_of(row) for row in read.objects("changed"))
        return RiskChange(**shared, changed=changed, removed=read.texts("removed"))
    return Heartbeat(**shared, age_ms=read.optional_number("age_ms"))
