"""Stored prices of one coin's pairs around a moment, for a chart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from events.models import Effect, Event
from volatility.models import PricedPairName, PriceMinute

MOST_LINES = 4
_GAP = timedelta(minutes=5)
_BEFORE, _AFTER = timedelta(hours=6), timedelta(hours=18)


def prices_between(tickers: Collection[str], begin: datetime, end: datetime) -> dict[str, Any]:
    """`{"at": [seconds], "lines": [{"name", "prices"}]}`, USD; empty lists where nothing is stored.

    A price is None where it is not known, and within a gap of the readings.
    """
    pairs = dict(PricedPairName.objects.filter(name__in=list(tickers)[:200]).values_list("pk", "name"))
    chosen = dict(sorted(pairs.items(), key=lambda pair: pair[1])[:MOST_LINES])
    if not chosen:
        return {"at": [], "lines": []}
    pair_ids = np.fromiter(chosen, dtype="<i4")
    at: list[float] = []
    columns: list[list[float | None]] = [[] for _ in chosen]
    rows = PriceMinute.objects.filter(at__gte=begin, at__lt=end).order_by("at").values_list("at", "pairs", "prices")
    before: datetime | None = None
    for moment, stored, prices in rows.iterator(chunk_size=200):
        if before is not None and moment - before > _GAP:
            # A line across it would show prices that nobody saw.
            at.append((before + (moment - before) / 2).timestamp())
            for column in columns:
                column.append(None)
        before = moment
        known, values = np.frombuffer(stored, "<i4"), np.frombuffer(prices, "<f8")
        at.append(moment.timestamp())
        for column, pair_id in zip(columns, pair_ids, strict=True):
            place = np.flatnonzero(known == pair_id)
            column.append(float(values[place[0]]) if len(place) else None)
    lines = [{"name": name, "prices": column} for name, column in zip(chosen.values(), columns, strict=True)]
    return {"at": at, "lines": [line for line in lines if any(price is not None for price in line["prices"])]}


def chart_of(event: Event, effects: Sequence[Effect], now: datetime) -> dict[str, Any]:
    """Prices from hours before the event to a while after it, with its moments as lines."""
    begin = event.opened_at - _BEFORE
    end = min(now, (event.closed_at or event.opened_at) + _AFTER)
    tickers = sorted({ticker for effect in effects for ticker in effect.tickers})
    moments = [("opened", event.opened_at), ("closed", event.closed_at), ("published", event.published_at)]
    return {
        **prices_between(tickers, begin, end),
        "moments": [{"what": what, "at": at.timestamp()} for what, at in moments if at is not None],
    }
