"""Reads best bid and ask, compares them in the store, and records the tokens that moved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q

from crypto_ews.conf import Config
from events import clock
from events.drafts import EventDraft
from events.enums import Category, Status
from events.models import PayloadBody, plain_events
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources.content import ContentRule
from events.updater import Cycle, EventUpdater
from exchanges.quotes import ALL_SOURCES, QuoteSnapshot, best_quotes, read_through
from markets.identity_store import known_identity, tickers_of
from markets.models import Instrument
from markets.watch_store import effective_watch_lists, watched_stablecoins
from volatility.baseline import (
    RETENTION,
    MinuteRecorder,
    load_minutes,
    move_minutes,
    of_the_same_coins,
    pull_back_minutes,
)
from volatility.detect import Announced, PairMoves, broken, detect, natural_key
from volatility.prices import PricedPair, best_pairs, priced_pairs
from volatility.renewals import Renewals
from volatility.roll_forwards import DeferredDrafts
from volatility.store import AHEAD, PriceChange, Reading, registered_observers, store_for


class BrokenWindows:
    """A price observer with the pairs that broke a window in the last reading."""

    def __init__(self) -> None:
        self.moves: Mapping[str, PairMoves] = {}

    def __call__(self, change: PriceChange) -> None:
        self.moves = broken(change)


class VolatilityUpdater(EventUpdater):
    """Price moves of the watched currencies. Quote lists are requested only where no other source just did."""

    name = "volatility.prices"

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.interval_seconds = config.orderbooks_refresh_minutes * 60
        self.store = store_for(self.interval_seconds)
        self._renewals = Renewals()
        self._broken, self._minutes, self._deferred = BrokenWindows(), MinuteRecorder(), DeferredDrafts()
        self._jumps = len(clock.jumps())
        self.store.attach(self._broken)
        self.store.attach(self._minutes)
        for observer in registered_observers():
            self.store.attach(observer)

    def content(self) -> ContentRule:
        return read_through("fast moves of prices", *ALL_SOURCES)

    def cycle(self) -> Cycle:
        snapshot = best_quotes(self.config).read(self.fetch, self.now(), self.interval_seconds / 2)
        if not snapshot.received_at:
            raise snapshot.failures[0]
        cycle = Cycle(items=len(snapshot.quotes))
        for source, digest in snapshot.digests.items():
            self.saw(source, digest=digest, rows=snapshot.rows[source])
        at = max(snapshot.received_at.values())
        self._follow_the_clock()
        if self.store.last_at is None or self.store.last_at - at > AHEAD:
            pull_back_minutes(at)
        watch = effective_watch_lists(self.config, at)
        resumed, stopped = _halts(watch.spot | watch.usdm, at)
        self._fill_gap(at, snapshot, resumed)
        # A halted instrument may still be quoted: with its last price, or with the first one after its change.
        quotes = [quote for quote in snapshot.quotes if quote.ticker not in stopped]
        pairs = priced_pairs(quotes, watch, watched_stablecoins(self.config, at))
        units = {quote.ticker: (quote.token, quote.multiplier) for quote in quotes}
        self.store.forget(self._renewals.of(at, [pair.ticker for pair in pairs], resumed, units))
        reading = Reading(at, [pair.ticker for pair in pairs], [pair.price for pair in pairs])
        if self.store.update(reading) is None:
            return cycle
        best = best_pairs(pairs, self.config.base_currencies).values()
        moved = [pair for pair in best if pair.ticker in self._broken.moves]
        if moved or self._deferred.tokens:
            cycle.drafts = self._drafts(at, moved, snapshot)
        cycle.on_recorded = self._on_recorded
        return cycle

    def _follow_the_clock(self) -> None:
        """Move readings dated by a wrong clock with our time: else a fall across the correction would be hidden."""
        jumps = clock.jumps()
        for jump in jumps[self._jumps :]:
            self.store.move(jump.since, jump.by)
            move_minutes(jump)
        self._jumps = len(jumps)

    def _fill_gap(self, at: datetime, snapshot: QuoteSnapshot, resumed: Mapping[str, datetime]) -> None:
        """Load missing readings from the database: after a restart, or when another daemon was the leader."""
        last = self.store.last_at
        if last is None or at - last > timedelta(seconds=max(90.0, 2 * self.interval_seconds)):
            after = max(last, at - RETENTION) if last else at - RETENTION
            changed = known_identity().changed(after, at)
            since = {quote.ticker: changed[quote.base] for quote in snapshot.quotes if quote.base in changed}
            for reading in of_the_same_coins(load_minutes(after, at), since):
                self.store.forget(self._renewals.of(reading.at, reading.pairs, resumed, {}))
                self.store.restore([reading])

    def _drafts(self, at: datetime, moved: Sequence[PricedPair], snapshot: QuoteSnapshot) -> list[EventDraft]:
        tokens = {pair.token for pair in moved}
        announced = _announced(tokens | set(self._deferred.tokens))
        payloads = _archived({pair.venue: snapshot.payload(pair.venue) or "" for pair in moved})
        drafts = detect(at, self._broken.moves, moved, announced, tickers_of(tokens, known_identity(), at), payloads)
        return self._deferred.sift(at, drafts, announced)

    def _on_recorded(self, _outcomes: Sequence[Outcome]) -> None:
        self._minutes.save()


def _halts(tokens: Collection[str], at: datetime) -> tuple[dict[str, datetime], set[str]]:
    """The instruments of these tokens (VENUE:SYMBOL): when those that were halted within any window resumed, and those
    that are halted now."""
    resumed: dict[str, datetime] = {}
    stopped: set[str] = set()
    rows = Instrument.objects.filter(token__in=tokens)
    returned = Q(live=True, since__gt=at - RETENTION) & ~Q(since=F("first_seen_at"))
    found = rows.filter(Q(live=False) | returned).values_list("venue", "symbol", "live", "since")
    for venue, symbol, live, since in found:
        if live:
            resumed[f"{venue}:{symbol}"] = since
        else:
            stopped.add(f"{venue}:{symbol}")
    return resumed, stopped


def _announced(tokens: Collection[str]) -> dict[str, Announced]:
    """The open volatility events of these tokens at their last alert."""
    by_key = {natural_key(token): token for token in tokens}
    rows = (
        plain_events()
        .filter(status=Status.OPEN, category=Category.VOLATILITY, natural_key__in=by_key)
        .values_list("natural_key", "title", "facts", "valid_until")
    )
    found = {by_key[key]: Announced.of(title, facts, valid_until) for key, title, facts, valid_until in rows}
    return {token: announced for token, announced in found.items() if announced}


def _archived(digests: Mapping[str, str]) -> dict[str, str]:
    """The digests whose bodies are in the archive: an event refers to no others."""
    known = set(PayloadBody.objects.filter(pk__in=digests.values()).values_list("pk", flat=True))
    return {venue: digest for venue, digest in digests.items() if digest in known}
