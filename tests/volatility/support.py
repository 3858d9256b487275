"""A day, or a month, of prices through the pure path: quotes, store, detection, and what the lifecycle would keep."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from events.drafts import EventDraft
from exchanges.quotes import Quote
from markets.watch import WatchLists
from volatility.detect import Announced, PairMoves, Rule, broken, detect, moved_since_last_alert, natural_key
from volatility.prices import best_pairs, priced_pairs
from volatility.store import PriceChangeStore, Reading

START = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Alert:
    at: datetime
    token: str
    reason: str
    draft: EventDraft

    @property
    def price(self) -> float:
        return float(self.draft.facts["price"])


@dataclass
class Desk:
    """Watched tokens, the store, and the open events as the lifecycle keeps them."""

    tokens: frozenset[str]
    stablecoins: frozenset[str] = frozenset({"USDT", "USDC"})
    resolution: timedelta = timedelta(minutes=1)
    rule: Rule = moved_since_last_alert
    open: dict[str, EventDraft] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    moves: dict[str, PairMoves] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.watch = WatchLists(self.tokens, self.tokens, frozenset({"USDT", "USDC", "BTC"}))
        self.store = PriceChangeStore(self.resolution)
        self.store.attach(lambda change: self.moves.update(broken(change)))

    def read(self, at: datetime, *quotes: Quote) -> list[EventDraft]:
        """One poll of these quotes."""
        for key in [key for key, draft in self.open.items() if draft.valid_until and draft.valid_until <= at]:
            del self.open[key]
        self.moves.clear()
        pairs = priced_pairs(quotes, self.watch, self.stablecoins)
        self.store.update(Reading(at, [pair.ticker for pair in pairs], [pair.price for pair in pairs]))
        best = best_pairs(pairs, ("USDT", "USDC", "BTC"))
        drafts = detect(at, self.moves, best.values(), self._announced(), {}, rule=self.rule)
        for draft in drafts:
            known = draft.natural_key in self.open
            if not known or draft.alert:
                self.alerts.append(Alert(at, draft.effects[0].token, draft.alert or "opened", draft))
            self.open[draft.natural_key] = draft
        return drafts

    def price(self, at: datetime, price: float, symbol: str = "LUNAUSDT") -> list[EventDraft]:
        return self.read(at, quote(symbol, price, at=at))

    def event(self, token: str = "LUNA") -> EventDraft:
        return self.open[natural_key(token)]

    def _announced(self) -> dict[str, Announced]:
        found = {}
        for draft in self.open.values():
            announced = Announced.of(draft.title, draft.facts, draft.valid_until)
            assert announced is not None
            found[draft.effects[0].token] = announced
        return found


def quote(
    symbol: str, bid: float, ask: float | None = None, *, venue: str = "BINANCE", at: datetime = START,
    multiplier: float = 1.0,
) -> Quote:  # fmt: skip
    """A quote of a Binance symbol or an OKX one (`LUNA-USDT`); without `ask` the book is locked at `bid`."""
    if "-" in symbol:
        base, other = symbol.split("-")[:2]
    else:
        other = next(name for name in ("USDT", "USDC", "BTC", "USD") if symbol.endswith(name))
        base = symbol.removesuffix(other)
    token = base.removeprefix("1000") if multiplier != 1 else base
    return Quote(venue, symbol, base, other, token, bid, bid if ask is None else ask, at, multiplier)


def minute_closes(file: Path) -> Iterator[tuple[datetime, float]]:
    """(end of the minute, close) of Binance's public kline files, by the columns that PROVENANCE.md gives."""
    with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as raw:
        for row in csv.reader(io.TextIOWrapper(raw, "ascii")):
            opened = datetime.fromtimestamp(int(row[0]) / 1000, UTC)
            yield opened + timedelta(minutes=1), float(row[4])
