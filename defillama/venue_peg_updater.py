"""Keeps the pegs of stablecoins on each exchange, by the coins' own pairs there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crypto_ews.conf import Config
from defillama.depeg_store import DepegTracks, live_tickers, upsert, version_of_pegs
from defillama.models_stablecoins import PeggedCoin
from defillama.peg_detect import GLOBAL, Verdict, closing, follow
from defillama.venue_pegs import CoinOnRecord, VenueKnowledge, VenueReading, venue_readings
from events.content import ContentRule
from events.drafts import EventDraft
from events.models import PayloadBody
from events.registry import Outcome
from events.updater import Cycle, EventUpdater, Fetcher
from exchanges.quotes import best_quotes, read_through
from markets.venues import exchange_title
from markets.versions import LastMade

_EXCHANGE_VENUES = {"binance": "BINANCE", "okx": "OKX"}


class VenuePegUpdater(EventUpdater):
    """The watched stablecoins' own pairs on one exchange."""

    def __init__(self, exchange: str, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.name = f"{exchange}.pegs"
        self.venue = _EXCHANGE_VENUES[exchange]
        self.interval_seconds = config.update_refresh_minutes * 60
        self._source = f"{exchange}.quotes"
        # It hardly ever changes from round to round.
        self._known: LastMade[tuple[VenueKnowledge, DepegTracks]] = LastMade()

    def content(self) -> ContentRule:
        return read_through(f"stablecoins off their peg on {exchange_title(self.name.partition('.')[0])}", self._source)

    def cycle(self) -> Cycle:
        # Half an interval: whoever else reads the quotes is shared with, and no round is skipped.
        quotes = best_quotes(self.config).read(self.fetch, self.now(), self.interval_seconds / 2, (self._source,))
        if quotes.failures:
            raise quotes.failures[0]
        digest = quotes.digests[self._source]
        self.saw(self._source, digest=digest, rows=len(quotes.quotes))
        now = self.now()
        known, tracks = self._known.of(self.venue, version_of_pegs(self.venue, now), lambda: self._read_known(now))
        readings = venue_readings(quotes.quotes, digest, known)
        drafts = self._drafts(readings, tracks, known.threshold)
        if drafts and PayloadBody.objects.filter(pk=digest).exists():
            drafts = [replace(draft, payload=digest) for draft in drafts]

        def settle(_outcomes: Sequence[Outcome]) -> None:
            unseen = [item for item in readings if item.subject.coin not in known.fixed_peg]
            if unseen:
                upsert([_first_sighting(item, known.threshold) for item in unseen])

        return Cycle(len(readings), drafts, settle)

    def _read_known(self, now: datetime) -> tuple[VenueKnowledge, DepegTracks]:
        known = VenueKnowledge(
            venue=self.venue,
            threshold=self.config.peg_deviation_percent / 100,
            watch=frozenset(self.config.stablecoins),
            on_record=_on_record(self.config.stablecoins),
            fixed_peg=dict(PeggedCoin.objects.filter(venue=self.venue).values_list("coin", "fixed_peg")),
        )
        return known, DepegTracks.of(self.venue, now)

    def _drafts(self, readings: Sequence[VenueReading], tracks: DepegTracks, threshold: float) -> list[EventDraft]:
        drafts: list[EventDraft] = []
        fixed = [item for item in readings if item.fixed_peg]
        concerned = [
            item for item in fixed if item.subject.coin in tracks.open or abs(item.reading.deviation) > threshold
        ]
        tickers = live_tickers((item.subject.coin for item in concerned), self.venue) if concerned else {}
        for item in concerned:
            coin = item.subject.coin
            subject = replace(item.subject, tickers=tickers.get(coin, item.subject.tickers))
            drafts += follow(subject, item.reading, threshold, tracks.tracks.get(coin), tracks.earlier.get(coin))
        floating = {item.subject.coin for item in readings if not item.fixed_peg}
        for coin, event in tracks.open.items():
            reason = "it is no longer watched" if coin not in self.config.stablecoins else "it has no fixed peg"
            if coin not in self.config.stablecoins or coin in floating:
                drafts.append(closing(event.natural_key, event.source, event.title, reason, tracks.told(coin)))
        return drafts


def _on_record(symbols: Iterable[str]) -> Mapping[str, CoinOnRecord]:
    """By symbol, the coin of the largest supply."""
    found: dict[str, CoinOnRecord] = {}
    wanted = frozenset(symbols)
    unwatchable = (Verdict.RETIRED, Verdict.YIELD_BEARING, Verdict.NO_FIXED_PEG)
    rows = PeggedCoin.objects.filter(venue=GLOBAL).values_list(
        "symbol", "currency", "peg", "fixed_peg", "standing", "supply"
    )
    for symbol, currency, peg, fixed_peg, standing, _ in sorted(rows, key=lambda row: row[-1] or 0.0):
        if symbol.upper() in wanted:
            found[symbol.upper()] = CoinOnRecord(currency, peg, fixed_peg and standing not in unwatchable)
    return found


def _first_sighting(item: VenueReading, threshold: float) -> PeggedCoin:
    reading = item.reading
    off = abs(reading.deviation) > threshold
    standing = Verdict.NO_FIXED_PEG if not item.fixed_peg else Verdict.OFF_PEG if off else Verdict.ON_PEG
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
