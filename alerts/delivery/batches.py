"""Decides what of a channel's queue goes out next: one alert by itself, or a batch in one card. Pure.

1. Waiting alerts fall into three classes, taken in this order: urgent, routine, price moves.
2. If a class has no more waiting alerts than the quota allows to send individually (`rate_limit`), they are sent
   individually; if it has more, one digest lists all of them.
3. Five or more tokens that move within five minutes are a market move: price moves are sent in one market digest, and
   while it lasts in one more every `MARKET_EVERY`.
4. Notices, tests, digests, and alerts from a digest that was refused are never listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.delivery.rate_limit import Quota
from alerts.routes import URGENT
from events.enums import AlertReason, Category

MARKET_FROM = 5
MARKET_WITHIN = timedelta(minutes=5)
MARKET_EVERY = timedelta(seconds=30)
MOST_LISTED = 200
"""Per card: as many lines fit into its 20,000 bytes, without their titles if need be."""

DIGEST, MARKET = "digest", "market"


@dataclass(frozen=True)
class Waiting:
    """An alert that is due. category: of its event, or None without an event. alone: never to be listed."""

    alert_id: int
    event_id: int | None
    category: str | None
    reason: str
    urgency: int
    alone: bool

    @property
    def listable(self) -> bool:
        return self.event_id is not None and not self.alone and self.reason != AlertReason.TEST

    @property
    def moves(self) -> bool:
        return self.listable and self.category == Category.VOLATILITY


@dataclass(frozen=True)
class Individual:
    """Alerts to be sent one by one, in this order. group, limit: (decision, reason) of these stages."""

    alert_ids: tuple[int, ...]
    group: tuple[str, str]
    limit: tuple[str, str]


@dataclass(frozen=True)
class Batch:
    """Alerts to be listed in one card. kind: `digest` or `market`."""

    kind: str
    alert_ids: tuple[int, ...]
    urgency: int
    group: tuple[str, str]
    limit: tuple[str, str]


@dataclass(frozen=True)
class NotYet:
    """Nothing may go now. until: when to look again."""

    until: datetime


Choice = Individual | Batch | NotYet


@dataclass(frozen=True)
class Market:
    """moving: tokens that moved within `MARKET_WITHIN`, waiting ones included. card_at: of the last market digest."""

    moving: int = 0
    card_at: datetime | None = None


def choose(waiting: Sequence[Waiting], quota: Quota, market: Market, now: datetime, most: int = 1) -> Choice:
    """What goes next. waiting: due alerts, most urgent first, at least one. most: individual alerts taken at a time."""
    urgent = [row for row in waiting if row.urgency >= URGENT]
    moves = [row for row in waiting if row.urgency < URGENT and row.moves]
    routine = [row for row in waiting if row.urgency < URGENT and not row.moves]
    later: list[datetime] = []
    for rows, is_urgent in ((urgent, True), (routine, False), (moves, False)):
        if not rows:
            continue
        if (quota.urgent if is_urgent else quota.routine) < 1:
            later.append(quota.until_urgent if is_urgent else quota.until_routine)
            continue
        choice = _moves(rows, quota, market, now, most) if rows is moves else _class(rows, quota, is_urgent, most)
        if not isinstance(choice, NotYet):
            return choice
        later.append(choice.until)
    return NotYet(min(later))


def _class(rows: Sequence[Waiting], quota: Quota, urgent: bool, most: int) -> Choice:
    listable = [row for row in rows if row.listable]
    at_once = quota.at_once(urgent)
    if len(listable) > at_once:
        if not rows[0].listable and rows[0].urgency > listable[0].urgency:
            return _individual(rows[:1], "goes first")
        return _batch(DIGEST, listable, f"{len(listable)} wait, {at_once} may go individually")
    return _individual(rows[:most], f"{len(rows)} wait")


def _moves(rows: Sequence[Waiting], quota: Quota, market: Market, now: datetime, most: int) -> Choice:
    if market.moving < MARKET_FROM:
        return _class(rows, quota, False, most)
    if market.card_at is not None and (again := market.card_at + MARKET_EVERY) > now >= market.card_at:
        return NotYet(again)
    why = f"{market.moving} tokens moved within {MARKET_WITHIN / timedelta(minutes=1):g} min"
    return _individual(rows[:1], why) if len(rows) == 1 else _batch(MARKET, rows, why)


def _individual(rows: Sequence[Waiting], why: str) -> Individual:
    return Individual(tuple(row.alert_id for row in rows), ("single", ""), ("within", why))


def _batch(kind: str, rows: Sequence[Waiting], why: str) -> Batch:
    listed = rows[:MOST_LISTED]
    limit = ("merged", why) if kind == DIGEST else ("within", "")
    return Batch(
        kind,
        tuple(row.alert_id for row in listed),
        max(row.urgency for row in listed),
        (kind, why),
        limit,
    )
