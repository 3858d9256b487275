"""Runs the volume tracker over recorded bars: the report of `manage.py volumereplay`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trades.replay.bar_files import iso
from trades.volume.bars import HOUR_MS, Bars
from trades.volume.benchmark import benchmark, daily_sums, eligible, ranks
from trades.volume.budget import alerts, daily_maxima, market_cards, market_thresholds, thresholds
from trades.volume.keys import DEFAULT_LADDER, EventKey
from trades.volume.observations import Span, outcome, spans
from trades.volume.surprise import LEAST_MARKET, surprise
from trades.volume.tracker import fires, tracker


class UnknownSymbol(ValueError):
    """A desk's instrument that is not in the bars; `str()` is one line."""


def run(
    bars: Bars, keys: Sequence[EventKey] | None, watched: Sequence[str] | None, from_ms: int | None
) -> tuple[dict[str, Any], list[EventKey]]:
    """The report, and the keys that bars so long cannot judge.

    keys: None for the default ladder, which leaves out instruments that were traded on less than 21 of 30 days; keys
    that somebody chose fire for them as well. watched: None for all instruments. from_ms: what counts before is only
    learnt from.
    """
    rows = _rows(bars, watched)
    days = daily_sums(bars)
    mean = benchmark(days, 28).mean
    old_enough = eligible(days)
    found = surprise(bars, mean, old_enough)
    since = bars.start_ms if from_ms is None else from_ms
    told = alerts(bars, found.value, rows, thresholds(daily_maxima(bars, found.value[rows])))
    told = [alert for alert in told if bars.at(alert.column) >= since]
    medians = _medians(found.value)
    cards = market_cards(bars, medians, market_thresholds(daily_maxima(bars, medians)))
    observed, unjudged = _observed(bars, mean, old_enough, keys, since)
    report = {
        "instruments": len(bars.symbols),
        "bars": int((~np.isnan(bars.volume)).sum()),
        "from": iso(max(since, bars.start_ms)),
        "to": iso(bars.at(bars.columns - 1)),
        "alerts": [
            {
                "at": iso(bars.at(alert.column)),
                "symbol": bars.symbols[alert.row],
                "surprise": round(alert.surprise, 4),
                "threshold": round(alert.threshold, 4),
                "move": _move(bars, alert.row, alert.column),
            }
            for alert in told
            if not alert.over_budget
        ],
        "market_cards": [
            {"at": iso(bars.at(card.column)), "median": round(card.median, 4)}
            for card in cards
            if bars.at(card.column) >= since
        ],
        "over_budget": sum(alert.over_budget for alert in told),
        "keys": observed,
    }
    return report, unjudged


def _rows(bars: Bars, watched: Sequence[str] | None) -> np.ndarray:
    if watched is None:
        return np.arange(len(bars.symbols))
    places = {symbol: index for index, symbol in enumerate(bars.symbols)}
    unknown = [symbol for symbol in watched if symbol not in places]
    if unknown:
        raise UnknownSymbol(f"no bars of {', '.join(unknown)}, expected some of {', '.join(bars.symbols[:30])}")
    return np.array(sorted({places[symbol] for symbol in watched}), dtype=np.int64)


def _medians(values: np.ndarray) -> np.ndarray:
    """The venue's median of each bar, NaN where fewer than 20 instruments are known."""
    out = np.full(values.shape[1], np.nan)
    enough = (~np.isnan(values)).sum(axis=0) >= LEAST_MARKET
    if enough.any():
        out[enough] = np.nanmedian(values[:, enough], axis=0)
    return out


def _move(bars: Bars, row: int, column: int) -> float | None:
    """The relative change of price over the hour that ended with this bar."""
    back = max(1, HOUR_MS // bars.interval_ms)
    if column < back:
        return None
    before, now = bars.close[row, column - back], bars.close[row, column]
    return None if not (before > 0 and now > 0) else round(float(now / before - 1), 6)


def _observed(
    bars: Bars, mean: np.ndarray, old_enough: np.ndarray, keys: Sequence[EventKey] | None, since: int
) -> tuple[dict[str, Any], list[EventKey]]:
    ladder = DEFAULT_LADDER if keys is None else keys
    rank = ranks(mean)[:, bars.days]
    if keys is None:
        rank = np.where(old_enough[:, bars.days], rank, 0)
    columns = tracker(bars, mean)
    closes = bars.close_ms(np.arange(bars.columns, dtype=np.int64))
    observed: dict[str, Any] = {}
    unjudged = []
    for key in ladder:
        found = fires(columns, key, rank)
        if found is None:
            unjudged.append(key)
            observed[str(key)] = {"opened": 0, "observations": []}
            continue
        retained = [
            _observation(bars, closes, row, span)
            for row in np.flatnonzero(found.any(axis=1))
            for span in spans((int(at) for at in closes[found[row]]), key.timeframe)
            if span.opened_ms >= since
        ]
        retained.sort(key=lambda one: (one["at"], one["symbol"]))
        observed[str(key)] = {"opened": len(retained), "observations": retained}
    return observed, unjudged


def _observation(bars: Bars, closes: np.ndarray, row: int, span: Span) -> dict[str, Any]:
    entry = float(bars.close[row, (span.opened_ms - bars.start_ms) // bars.interval_ms - 1])
    found = outcome(closes, bars.high[row], bars.low[row], bars.close[row], span.opened_ms, span.due_ms)
    return {
        "symbol": bars.symbols[row],
        "at": iso(span.opened_ms),
        "entry": entry,
        "max": None if found is None else found.high,
        "min": None if found is None else found.low,
        "close": None if found is None else found.close,
        "max_at": None if found is None else iso(found.high_ms),
        "min_at": None if found is None else iso(found.low_ms),
    }
