"""Keeps the pegs of stablecoins by DeFiLlama's list, and its daily rates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crypto_ews.conf import Config
from defillama import content
from defillama.stablecoins.client import (
    RATES_SOURCE,
    STABLECOINS_SOURCE,
    Stablecoin,
    UnreadableRow,
    parse_rates,
    parse_stablecoins,
)
from defillama.stablecoins.detect import (
    GLOBAL,
    NO_NEWS,
    READ,
    Judgement,
    PegKnowledge,
    PegVerdict,
    closing,
    follow,
    global_subject,
    judge,
    supply_change,
)
from defillama.stablecoins.models import CurrencyRate, PeggedCoin
from defillama.stablecoins.store import DepegTracks, open_supply_runs, stored_rates, upsert
from defillama.stablecoins.supply_run import SupplySnapshot, detect_runs, fallen, no_longer_listed
from events.drafts import EventDraft
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources import quarantine
from events.sources.absence import Patience, taken_back
from events.sources.content import ContentRule, newest
from events.sources.content_watch import Lost
from events.updater import Cycle, EventUpdater
from events.upstream.client import Payload, content_digest
from markets.identity_store import known_identity, tickers_of
from markets.watch_store import watched_stablecoins

# The list is served from copies that are half an hour old: one that lacks a coin must be outlived.
_PATIENCE = Patience(at_least=timedelta(minutes=40))


class RatesUpdater(EventUpdater):
    """The daily rates of other currencies; they make no event of their own."""

    name = RATES_SOURCE

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        # They change once a day: an hour is enough to have the new day's soon after it is out.
        self.interval_seconds = max(3600.0, config.defillama_stablecoin_minutes * 60)

    def content(self) -> ContentRule:
        return content.rates()

    def cycle(self) -> Cycle:
        payload = self.fetch(RATES_SOURCE, self.config.defillama_rates_url)
        rates = parse_rates(payload)
        self.saw("", at=newest((rate.dated for rate in rates.values()), self.now()), rows=len(rates), asked=payload.url)

        def on_recorded(_outcomes: Sequence[Outcome]) -> None:
            rows = [CurrencyRate(currency=name, per_dollar=rate.per_dollar, dated=rate.dated,
                                 received_at=payload.received_at) for name, rate in sorted(rates.items())]  # fmt: skip
            fields = ["per_dollar", "dated", "received_at"]
            CurrencyRate.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["currency"], update_fields=fields
            )

        return Cycle(items=len(rates), on_recorded=on_recorded)


class StablecoinUpdater(EventUpdater):
    """DeFiLlama's stablecoins: the peg of a coin wherever it trades."""

    name = STABLECOINS_SOURCE

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.interval_seconds = config.defillama_stablecoin_minutes * 60

    def content(self) -> ContentRule:
        return content.stablecoin_prices()

    def cycle(self) -> Cycle:
        payload = self.fetch(STABLECOINS_SOURCE, self.config.defillama_stablecoin_url)
        coins, bad_rows = parse_stablecoins(payload)
        known = PeggedCoin.objects.filter(venue=GLOBAL).exclude(standing=PegVerdict.NOT_LISTED)
        lost = _lost(set(known.values_list("coin", flat=True)), coins, bad_rows)
        rows = len(coins) + len(bad_rows)
        self.saw("", digest=content_digest(payload), rows=rows, asked=self.config.defillama_stablecoin_url, lost=lost)
        remembered = dict(PeggedCoin.objects.filter(venue=GLOBAL).values_list("coin", "fixed_peg"))
        watch = watched_stablecoins(self.config, payload.received_at)
        judgements = judge(
            coins,
            PegKnowledge(
                threshold=self.config.peg_deviation_percent / 100,
                now=payload.received_at,
                snapshot=hashlib.sha256(payload.body).hexdigest(),
                watch=watch,
                rates=stored_rates(),
                fixed_peg=remembered,
            ),
        )
        tracks = DepegTracks.of(GLOBAL, payload.received_at)
        gone = self._gone(lost, {*tracks.open, *open_supply_runs()})
        drafts = [
            *self._drafts(judgements, tracks, watch, payload.received_at),
            *self._endings(tracks, gone),
            *self._supply_runs(coins, payload, tracks, watch, gone),
        ]

        def on_recorded(_outcomes: Sequence[Outcome]) -> None:
            _remember(judgements, payload.received_at)
            PeggedCoin.objects.filter(venue=GLOBAL, coin__in=gone).update(standing=PegVerdict.NOT_LISTED)
            self._put_aside(bad_rows, payload.archived_as)

        return Cycle(len(coins), [replace(draft, payload=payload.archived_as) for draft in drafts], on_recorded)

    def _drafts(
        self, judgements: Sequence[Judgement], tracks: DepegTracks, watch: frozenset[str], at: datetime
    ) -> list[EventDraft]:
        drafts: list[EventDraft] = []
        threshold = self.config.peg_deviation_percent / 100
        concerned = [
            item for item in judgements if item.verdict == PegVerdict.OFF_PEG or item.coin.coin_id in tracks.open
        ]
        identity = known_identity()
        tickers = tickers_of({item.coin.symbol.upper() for item in concerned}, identity, at) if concerned else {}
        for item in concerned:
            coin_id = item.coin.coin_id
            if item.verdict in READ and item.reading is not None:
                subject = global_subject(
                    item, self.config.defillama_base_url, tickers.get(item.coin.symbol.upper(), ())
                )
                subject = replace(subject, token=identity.asset("", subject.symbol, at))
                drafts += follow(
                    subject,
                    item.reading,
                    threshold,
                    tracks.tracks.get(coin_id),
                    tracks.earlier.get(coin_id),
                    supply_change(item.coin),
                )
            elif item.verdict not in NO_NEWS or item.coin.symbol.upper() not in watch:
                event = tracks.open[coin_id]
                told = tracks.told(coin_id)
                drafts.append(closing(event.natural_key, event.source, event.title, item.reason, told))
        return drafts

    def _gone(self, lost: Lost, held: Collection[str]) -> frozenset[str]:
        """Ids of coins that the list has dropped for good. held: of open events."""
        watch, rows = self.content_watch, self.content().rows
        if watch is None or rows is None:
            return frozenset()
        idle = set(lost.missing) - set(held) if watch.is_first() else ()
        return frozenset(taken_back(self.name, lost.missing, lost.known, self.now(), _PATIENCE, rows, idle))

    def _endings(self, tracks: DepegTracks, gone: frozenset[str]) -> list[EventDraft]:
        return [
            closing(
                event.natural_key,
                event.source,
                event.title,
                no_longer_listed(coin_id, event.symbol),
                tracks.told(coin_id),
                retracted=True,
            )
            for coin_id, event in tracks.open.items()
            if coin_id in gone
        ]

    def _supply_runs(
        self,
        coins: Sequence[Stablecoin],
        payload: Payload,
        tracks: DepegTracks,
        watch: frozenset[str],
        gone: frozenset[str],
    ) -> list[EventDraft]:
        runs, identity = open_supply_runs(), known_identity()
        falling = fallen(coins, watch)
        if not falling and not runs:
            return []
        concerned = {coin.symbol.upper() for coin in coins if coin.coin_id in falling or coin.coin_id in runs}
        snapshot = SupplySnapshot(
            coins=coins,
            digest=hashlib.sha256(payload.body).hexdigest(),
            at=payload.received_at,
            watch=watch,
            told_depegs=frozenset(coin_id for coin_id in tracks.open if tracks.told(coin_id)),
            open_runs=runs,
            tickers=tickers_of(concerned, identity, payload.received_at),
            site=self.config.defillama_base_url,
            assets={symbol: identity.asset("", symbol, payload.received_at) for symbol in concerned},
            gone=gone,
        )
        return detect_runs(snapshot)

    def _put_aside(self, bad_rows: Sequence[UnreadableRow], digest: str | None) -> None:
        for bad in bad_rows:
            quarantine.quarantine_item(
                self.name,
                bad.key,
                self.now(),
                title=bad.title,
                error=bad.error,
                excerpt=bad.excerpt,
                payload=digest,
            )


def _lost(known: set[str], coins: Sequence[Stablecoin], bad_rows: Sequence[UnreadableRow]) -> Lost:
    """Which of the coins on record the list lacks; one whose row cannot be read is listed."""
    return Lost(len(known), known - {coin.coin_id for coin in coins} - {bad.key for bad in bad_rows})


def _remember(judgements: Sequence[Judgement], now: datetime) -> None:
    """First sightings, and how every coin stands: the venues' pegs need prices and currencies."""
    rows = [
        PeggedCoin(
            venue=GLOBAL,
            coin=item.coin.coin_id,
            symbol=item.coin.symbol,
            name=item.coin.name,
            currency=item.coin.currency,
            fixed_peg=item.verdict != PegVerdict.NO_FIXED_PEG,
            first_seen_at=now,
            first_deviation=item.reading.deviation,
            standing=item.verdict,
            price=item.reading.price,
            peg=item.reading.peg,
            supply=item.coin.supply,
            read_at=now,
        )
        for item in judgements
        if item.reading is not None
    ]
    upsert(rows)
    for verdict in PegVerdict:
        coins = [item.coin.coin_id for item in judgements if item.reading is None and item.verdict == verdict]
        if coins:
            PeggedCoin.objects.filter(venue=GLOBAL, coin__in=coins).update(standing=verdict)
