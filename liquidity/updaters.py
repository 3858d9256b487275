"""Asks CoinMarketCap for the markets of every named currency and records what is thin."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from crypto_ews.conf import Config
from events.drafts import ImportantDate
from events.enums import Status
from events.models import plain_events
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources import quarantine
from events.sources.content import Age, AgeFrom, ContentRule, Rows, newest
from events.updater import Cycle, EventUpdater, Stopping
from events.upstream.errors import RetryableError, UpstreamError
from liquidity.client import PARAMETERS, SOURCE, market_pairs_url, page_url, parse_market_pairs
from liquidity.detect import Reading, TokenState, assess, deepest_market, natural_key
from liquidity.models import TokenLiquidity
from markets.identity_store import known_identity, tickers_of

logger = logging.getLogger(__name__)

# An upstream that fails so often in a row is down: asking for the other currencies would only wait for it.
_GIVE_UP_AFTER = 3
# Markets are updated every minute; older than an hour they are not counted, so they are old before that.
_OLD_AFTER = timedelta(minutes=50)


class LiquidityUpdater(EventUpdater):
    """Market depth of `CURRENCY_NAMES`. A failed request says nothing about liquidity."""

    name = SOURCE

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.interval_seconds = config.coinmarketcap_refresh_minutes * 60

    def content(self) -> ContentRule:
        return ContentRule(
            unseen="depth of the named currencies that dries up",
            # Each market says when it was last updated; `deepest_market` counts none that is older than an hour.
            ages=(Age(AgeFrom.SERVER_TIME, _OLD_AFTER, "markets"), Age(AgeFrom.CACHE, timedelta(hours=1))),
            # A coin may lose half its markets, and that is news: it is believed after six hours.
            rows=Rows(least_share=0.5, accepted_after=timedelta(hours=6), never_beyond=1.0),
            exempt={"name": "the list has no name; it is asked for by a currency's own, and another is refused"},
        )

    def cycle(self) -> Cycle:
        cycle = Cycle()
        slugs = self._slugs()
        readings, odd = self._read(slugs, cycle)
        if odd and not readings:
            # Not one currency could be read: that is the source's trouble and not a currency's.
            raise next(iter(odd.values()))
        if not readings and cycle.failures:
            raise cycle.failures[0]
        states = self._states(readings)
        open_dates = _open_dates(readings)
        at, identity = self.now(), known_identity()
        tickers = tickers_of({reading.token for reading in readings}, identity, at)
        after: list[tuple[Reading, TokenState]] = []
        for reading in readings:
            state, drafts = assess(
                reading,
                states.get(reading.token, TokenState()),
                open_dates.get(reading.token),
                self.config.minimum_liquidity_usd,
                timedelta(seconds=self.interval_seconds),
                tickers.get(reading.token, ()),
                page_url(self.config, slugs[reading.token]),
            )
            cycle.drafts += drafts
            after.append((reading, state))

        def on_recorded(_outcomes: Sequence[Outcome]) -> None:
            for reading, state in after:
                _store(reading, state)
                quarantine.resolve(self.name, reading.token, self.now())
            for token, error in odd.items():
                quarantine.quarantine_item(self.name, token, self.now(), title=f"Markets of {token}", error=str(error))

        cycle.on_recorded = on_recorded
        return cycle

    def _slugs(self) -> Mapping[str, str]:
        """Asset → CoinMarketCap's page of it, as of now; where two names mean one asset the one of its own code."""
        identity, now = known_identity(), self.now()
        slugs: dict[str, str] = {}
        for name, slug in self.config.currency_names.items():
            asset = identity.meant_asset(name, now)
            if asset == name or asset not in slugs:
                slugs[asset] = slug
        return slugs

    def _read(self, slugs: Mapping[str, str], cycle: Cycle) -> tuple[list[Reading], Mapping[str, UpstreamError]]:
        """Readings of this round, and currencies whose answer cannot be used (a wrong slug, another shape)."""
        readings: list[Reading] = []
        odd: dict[str, UpstreamError] = {}
        failed_in_a_row = 0
        newest_of_all: list[datetime | None] = []
        for token, slug in slugs.items():
            try:
                payload = self.fetch(SOURCE, market_pairs_url(self.config, slug), PARAMETERS)
                answer = parse_market_pairs(payload)
                self.saw(token, rows=len(answer.markets), asked=payload.url)
            except Stopping:
                raise
            except RetryableError as error:
                cycle.failures.append(error)
                failed_in_a_row += 1
                if error.after is not None or failed_in_a_row == _GIVE_UP_AFTER:
                    break
                continue
            except UpstreamError as error:
                odd[token] = error
                continue
            failed_in_a_row = 0
            cycle.items += len(answer.markets)
            for problem in answer.bad_rows:
                logger.debug("%s: a market of %s was left out: %s", self.name, token, problem)
            updated_at = newest((market.updated_at for market in answer.markets), self.now())
            newest_of_all.append(updated_at)
            reading = deepest_market(token, answer.markets, payload.received_at)
            if reading is None and updated_at and self.now() - updated_at > _OLD_AFTER:
                logger.debug("%s: the markets of %s are of %s", self.name, token, updated_at)
            elif reading is None:
                odd[token] = UpstreamError(SOURCE, payload.url, f"none of {token}'s markets is fresh and counted")
            else:
                readings.append(reading)
        if newest_of_all:
            self.saw("markets", at=newest(newest_of_all, self.now()))
        return readings, odd

    @staticmethod
    def _states(readings: Sequence[Reading]) -> Mapping[str, TokenState]:
        names = tuple(TokenState.__dataclass_fields__)
        rows = TokenLiquidity.objects.filter(token__in=[reading.token for reading in readings])
        return {row.token: TokenState(**{name: getattr(row, name) for name in names}) for row in rows}


def _store(reading: Reading, state: TokenState) -> None:
    if state.read_at != reading.at:
        return  # An answer that was assessed before.
    TokenLiquidity.objects.update_or_create(
        token=reading.token,
        defaults={
            **asdict(state),
            "depth_usd": reading.depth_usd,
            "market": reading.market,
            "volume_24h_usd": reading.volume_24h_usd,
        },
    )


def _open_dates(readings: Sequence[Reading]) -> Mapping[str, Sequence[ImportantDate]]:
    tokens = {natural_key(reading.token): reading.token for reading in readings}
    rows = plain_events().filter(natural_key__in=tokens, status=Status.OPEN)
    return {
        tokens[key]: tuple(map(ImportantDate.from_json, dates))
        for key, dates in rows.values_list("natural_key", "important_dates")
    }
