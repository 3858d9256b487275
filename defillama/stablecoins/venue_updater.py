"""Watches the pegs of stablecoins on each exchange, by the coins' pairs there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crypto_ews.conf import Config
from defillama.stablecoins.detect import GLOBAL, PegVerdict, closing, follow
from defillama.stablecoins.models import PeggedCoin
from defillama.stablecoins.store import DepegTracks, no_longer_listed, upsert, version_of_pegs
from defillama.stablecoins.venue_detect import CoinOnRecord, VenueKnowledge, VenueReading, venue_readings
from events.drafts import EventDraft
from events.models import PayloadBody
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources.content import ContentRule
from events.updater import Cycle, EventUpdater
from exchanges.quotes import best_quotes, read_through
from markets.identity import Identity
from markets.identity_store import known_identity, tickers_of
from markets.venues import exchange_title
from markets.versions import VersionedCache
from markets.watch_store import watched_stablecoins

_EXCHANGE_VENUES = {"binance": "BINANCE", "okx": "OKX"}


class VenuePegUpdater(EventUpdater):
    """The pairs of the watched stablecoins on one exchange."""

    def __init__(self, exchange: str, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.name = f"{exchange}.pegs"
        self.venue = _EXCHANGE_VENUES[exchange]
        self.interval_seconds = config.update_refresh_minutes * 60
        self._source = f"{exchange}.quotes"
        # It rarely changes between rounds.
        self._known: VersionedCache[tuple[VenueKnowledge, DepegTracks]] = VersionedCache()

    def content(self) -> ContentRule:
        return read_through(f"stablecoins off their peg on {exchange_title(self.name.partition('.')[0])}", self._source)

    def cycle(self) -> Cycle:
        # Up to half an interval old: other updaters share the quotes, and no round is skipped.
        quotes = best_quotes(self.config).read(self.fetch, self.now(), self.interval_seconds / 2, (self._source,))
        if quotes.failures:
            raise quotes.failures[0]
        digest = quotes.digests[self._source]
        self.saw(self._source, digest=digest, rows=len(quotes.quotes))
        now = self.now()
        watch = watched_stablecoins(self.config, now)
        version = (version_of_pegs(self.venue, now), watch)
        known, tracks = self._known.of(self.venue, version, lambda: self._read_known(watch, now))
        readings = venue_readings(quotes.quotes, digest, known)
        drafts = self._drafts(readings, tracks, known, now)
        if drafts and PayloadBody.objects.filter(pk=digest).exists():
            drafts = [replace(draft, payload=digest) for draft in drafts]

        def on_recorded(_outcomes: Sequence[Outcome]) -> None:
            unseen = [item for item in readings if item.subject.coin not in known.fixed_peg]
            if unseen:
                upsert([_first_sighting(item, known.threshold) for item in unseen])

        return Cycle(len(readings), drafts, on_recorded)

    def _read_known(self, watch: frozenset[str], now: datetime) -> tuple[VenueKnowledge, DepegTracks]:
        known = VenueKnowledge(
            venue=self.venue,
            threshold=self.config.peg_deviation_percent / 100,
            watch=watch,
            on_record=_on_record(watch, known_identity(), now),
            fixed_peg=dict(PeggedCoin.objects.filter(venue=self.venue).values_list("coin", "fixed_peg")),
        )
        return known, DepegTracks.of(self.venue, now)

    def _drafts(
        self, readings: Sequence[VenueReading], tracks: DepegTracks, known: VenueKnowledge, now: datetime
    ) -> list[EventDraft]:
        drafts: list[EventDraft] = []
        threshold = known.threshold
        fixed = [item for item in readings if item.fixed_peg]
        concerned = [
            item for item in fixed if item.subject.coin in tracks.open or abs(item.reading.deviation) > threshold
        ]
        coins = {item.subject.coin for item in concerned}
        tickers = tickers_of(coins, known_identity(), now, self.venue) if coins else {}
        for item in concerned:
            coin = item.subject.coin
            subject = replace(item.subject, tickers=tickers[coin] or item.subject.tickers)
            drafts += follow(subject, item.reading, threshold, tracks.tracks.get(coin), tracks.earlier.get(coin))
        unread = tracks.open.keys() - {item.subject.coin for item in readings}
        left = no_longer_listed(unread & known.watch, self.venue) if unread else frozenset()
        for coin in sorted(left):
            event, reason = tracks.open[coin], f"{self.venue} no longer lists a pair of {coin}"
            drafts.append(
                closing(event.natural_key, event.source, event.title, reason, tracks.alerted(coin), retracted=True)
            )
        floating = {item.subject.coin for item in readings if not item.fixed_peg}
        for coin, event in tracks.open.items():
            reason = "it is no longer watched" if coin not in known.watch else "it has no fixed peg"
            if coin not in known.watch or coin in floating:
                drafts.append(closing(event.natural_key, event.source, event.title, reason, tracks.alerted(coin)))
        return drafts


def _on_record(watch: frozenset[str], identity: Identity, now: datetime) -> Mapping[str, CoinOnRecord]:
    """Asset, as quotes name it → the coin of the largest supply."""
    found: dict[str, CoinOnRecord] = {}
    unwatchable = (PegVerdict.RETIRED, PegVerdict.YIELD_BEARING, PegVerdict.NO_FIXED_PEG)
    rows = PeggedCoin.objects.filter(venue=GLOBAL).values_list(
        "symbol", "currency", "peg", "fixed_peg", "standing", "supply"
    )
    for symbol, currency, peg, fixed_peg, standing, _ in sorted(rows, key=lambda row: row[-1] or 0.0):
        if symbol.upper() in watch:
            asset = identity.asset("", symbol, now)
            found[asset] = CoinOnRecord(currency, peg, fixed_peg and standing not in unwatchable)
    return found


def _first_sighting(item: VenueReading, threshold: float) -> PeggedCoin:
    reading = item.reading
    off = abs(reading.deviation) > threshold
    standing = PegVerdict.NO_FIXED_PEG if not item.fixed_peg else PegVerdict.OFF_PEG if off else PegVerdict.ON_PEG
    return PeggedCoin(
        venue=item.subject.venue,
        coin=item.subject.coin,
        symbol=item.subject.symbol,
        currency=item.subject.currency,
        fixed_peg=item.fixed_peg,
        first_seen_at=reading.at,
        first_deviation=reading.deviation,
        standing=standing,
        price=reading.price,
        peg=reading.peg,
        read_at=reading.at,
    )
