"""Stored prices of one coin's pairs around a moment, for a chart."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import numpy as np

from volatility.models import PricedPairName, PriceMinute

MOST_LINES = 4


def prices_between(tickers: Collection[str], begin: datetime, end: datetime) -> dict[str, Any]:
    """`{"at": [seconds], "lines": [{"name", "prices"}]}`, USD; empty lists where nothing is stored."""
    pairs = dict(PricedPairName.objects.filter(name__in=list(tickers)[:200]).values_list("pk", "name"))
    chosen = dict(sorted(pairs.items(), key=lambda pair: pair[1])[:MOST_LINES])
    if not chosen:
        return {"at": [], "lines": []}
    numbers = np.fromiter(chosen, dtype="<i4")
    at: list[float] = []
    columns: list[list[float | None]] = [[] for _ in chosen]
    rows = PriceMinute.objects.filter(at__gte=begin, at__lt=end).order_by("at").values_list("at", "pairs", "prices")
    for moment, stored, prices in rows.iterator(chunk_size=200):
        known, values = np.frombuffer(stored, "<i4"), np.frombuffer(prices, "<f8")
        at.append(moment.timestamp())
        for column, number in zip(columns, numbers, strict=True):
            place = np.flatnonzero(known == number)
            column.append(float(values[place[0]]) if len(place) else None)
    lines = [{"name": name, "prices": column} for name, column in zip(chosen.values(), columns, strict=True)]
    return {"at": at, "lines": [line for line in lines if any(price is not None for price in line["prices"])]}
