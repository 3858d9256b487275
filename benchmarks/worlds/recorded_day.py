"""A made-up day as the daemon would have archived it: every source at its real interval, about 60,000 payloads.

Prices are a random walk; `recorded_events` has the events of the day.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from benchmarks.worlds import recorded_events as script
from benchmarks.worlds.recorded_events import BINANCE_EVENTS, DAY
from crypto_ews.conf import Config
from events.upstream.archive_file import RecordedPayload
from exchanges.instruments.binance import instrument_lists
from orderbooks.detection import observations
from tests.defillama.stablecoins.support import coin, listing
from tests.upstreams import (
    binance,
    binance_instruments,
    coinmarketcap,
    kraken_instruments,
    okx_announcements,
    okx_instruments,
    quotes,
)

SPOT_COINS, USDM_COINS, OKX_COINS, OKX_SWAPS, KRAKEN_COINS = 1200, 400, 500, 200, 300
# Prices follow a walk of this many steps, forth and back: a new price for every minute would cost more than its replay.
_STEPS = 40
_JUST = timedelta(seconds=30)


class RecordedDay:
    """The payloads of a day for a configuration, in time order."""

    def __init__(self, config: Config, seed: int = 1) -> None:
        self._config = config
        watched = list(dict.fromkeys((*config.spot_currencies, *config.usdm_currencies)))
        self._books = {
            f"BINANCE:{name}USDT": observations.PairName(f"BINANCE:{name}USDT", name, "USDT") for name in watched
        }
        self._coins = [*watched, *(f"C{number:04d}" for number in range(SPOT_COINS - len(watched)))]
        self._pairs = [f"{name}/USDT" for name in self._coins]
        self._price_walk = _price_walk(self._coins, random.Random(seed))
        self._started = DAY
        # Bodies that come again, by their content.
        self._bodies: dict[tuple[object, ...], bytes] = {}
        usdm = map(binance_instruments.usdm_symbol, self._pairs[:USDM_COINS])
        coinm = map(binance_instruments.coinm_symbol, watched)
        self._contracts = {
            "BINANCE_USDM": binance_instruments.usdm_exchange_info(usdm),
            "BINANCE_COINM": binance_instruments.coinm_exchange_info(coinm),
        }
        self._articles = script.binance_articles(self._coins, watched)
        self._okx_articles = script.okx_articles(self._coins[OKX_COINS - 1])

    def payloads(self, until: float = 24.0, start: float = 0.0) -> Iterator[RecordedPayload]:
        """The day between two hours, as recorded by a daemon that starts at the first."""
        self._started = DAY + timedelta(hours=start)
        rounds: list[tuple[float, Callable[[datetime], Iterator[tuple[str, str, Any]]]]] = [
            (60, self._instruments),
            (300, self._product_round),
            (30, self._announcements),
            (30, self._edits),
            (30, self._statuses),
            (30, self._quotes),
            (3600, self._rates),
            (300, self._stablecoins),
            (300, self._hacks),
            (600, self._market_pairs),
            (30, self._book_events),
        ]
        for step in range(round(start * 120), round(until * 120)):
            begins = DAY + timedelta(seconds=30 * step)
            found: list[RecordedPayload] = []
            for place, (interval, make) in enumerate(rounds):
                if (30 * step) % interval and begins != self._started:
                    continue
                at = begins + timedelta(milliseconds=10 * place)
                for source, url, body in make(at):
                    at += timedelta(milliseconds=150)
                    found.append(RecordedPayload(source, at, url, 200, _as_bytes(body)))
            yield from sorted(found, key=lambda payload: payload.received_at)

    def _cached(self, key: tuple[object, ...], make: Callable[[], Any]) -> bytes:
        if key not in self._bodies:
            self._bodies[key] = _as_bytes(make())
        return self._bodies[key]

    def _instruments(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        config = self._config
        # serverTime makes each answer different, as in reality.
        stamp = str(round(at.timestamp() * 1000)).encode()
        statuses = script.spot_statuses(at, (pair.replace("/", "") for pair in self._pairs))
        for requested in instrument_lists(config):
            if requested.name in self._contracts:
                body = self._cached((requested.name,), partial(self._contracts.get, requested.name))
            else:
                body = self._cached((requested.name, *statuses.items()), partial(self._spot_list, statuses))
            made_at = b'"serverTime": '
            before, _, after = body.partition(made_at)
            yield requested.source, requested.url, before + made_at + stamp + after[after.index(b",") :]
        for kind in ("SPOT", "SWAP", "FUTURES"):
            url = f"{config.okx_base_trading_url}/api/v5/public/instruments?instType={kind}"
            ends = tuple(script.okx_end_of(pair, at) for pair in self._pairs[:OKX_COINS])
            yield "okx.instruments", url, self._cached(("okx", kind, *ends), partial(self._okx_list, kind, ends))
        listed = self._cached(("kraken",), self._kraken_list)
        yield "kraken.instruments", f"{config.kraken_base_trading_url}{kraken_instruments.PAIRS_PATH}", listed

    def _spot_list(self, statuses: dict[str, str]) -> dict[str, Any]:
        rows = [
            binance_instruments.spot_symbol(pair, statuses.get(pair.replace("/", ""), "TRADING"))
            for pair in self._pairs
        ]
        return binance_instruments.spot_exchange_info(rows)

    def _okx_list(self, kind: str, ends: tuple[datetime | None, ...]) -> dict[str, Any]:
        if kind == "SPOT":
            rows = [okx_instruments.okx_spot(pair, ends_at=end) for pair, end in zip(self._pairs, ends, strict=False)]
        elif kind == "SWAP":
            rows = [okx_instruments.okx_contract(pair) for pair in self._pairs[:OKX_SWAPS]]
        else:
            rows = [okx_instruments.okx_contract(pair, "261225") for pair in self._pairs[:5]]
        return {"code": "0", "msg": "", "data": rows}

    def _kraken_list(self) -> dict[str, Any]:
        pairs = (f"{name}/{quote}" for name in self._coins[:KRAKEN_COINS] for quote in ("USD", "EUR"))
        return kraken_instruments.asset_pairs(map(kraken_instruments.asset_pair, pairs))

    def _product_round(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        tags = {pair: script.tags_of(pair, at) for pair in self._pairs}
        body = self._cached(
            ("products", *tags.values()),
            lambda: binance_instruments.get_products(
                binance_instruments.product(pair, pair_tags) for pair, pair_tags in tags.items()
            ),
        )
        yield "binance.products", self._config.binance_products_url, body

    def _announcements(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        config = self._config
        shown = [row for row in self._articles if row.released_at <= at]
        shown.sort(key=lambda row: row.released_at, reverse=True)
        fresh = [row for row in shown if at - row.released_at < _JUST]
        lists = "binance.announcements"
        everything = self._cached(("all", len(shown)), lambda: binance.all_catalogs_list(shown))
        yield lists, config.binance_news_dict_url, everything
        yield lists, config.binance_delist_url, self._cached(("161", len(shown)), lambda: binance.catalog_list(shown))
        first = at - self._started < _JUST
        if first:
            url = config.binance_news_dict_url.replace("pageNo=1", "pageNo=2")
            yield lists, url, binance.all_catalogs_list(shown, 2)
            fresh = shown
        for row in fresh:
            yield "binance.article", config.binance_article_detail_url + row.code, binance.article_detail(row)
        theirs = [row for row in self._okx_articles if row.released_at <= at]
        calm = okx_announcements.OkxArticle("OKX to list ABC for spot", DAY - timedelta(days=1), ("ABC opens.",))
        rows = [row.api_row for row in (*reversed(theirs), calm)]
        answer = {"code": "0", "msg": "", "data": [{"details": rows, "totalPage": "1"}]}
        for url in (config.okx_delist_url, config.okx_news_dict_url):
            yield "okx.announcements", url, answer
        for article in (*theirs, calm):
            if first or at - article.released_at < _JUST:
                yield "okx.article", config.okx_article_base_url + article.slug, article.page(True)

    def _edits(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        for row in self._articles[:BINANCE_EVENTS]:
            if at - row.released_at > _JUST:
                url = self._config.binance_article_detail_url + row.code
                yield "binance.article", url, self._cached((row.code,), partial(binance.article_detail, row))
        for article in self._okx_articles:
            if at - article.released_at > _JUST:
                yield "okx.article", self._config.okx_article_base_url + article.slug, article.page(True)

    def _statuses(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        status = binance_instruments.system_status(script.in_maintenance(at))
        yield "binance.status", self._config.binance_system_status_url, status
        url = f"{self._config.okx_base_trading_url}/api/v5/system/status"
        yield "okx.status", url, {"code": "0", "msg": "", "data": script.okx_maintenances(at)}

    def _quotes(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        number = round(script.hours(at) * 120) % (2 * _STEPS)
        step = number if number < _STEPS else 2 * _STEPS - 1 - number
        shares, dollars = script.fallen(at), script.dollar_coins(at)
        config = self._config
        for source, url, count, form in (
            ("binance.quotes", config.binance_orderbook_url, SPOT_COINS, "{}USDT"),
            ("binance.quotes.usdm", config.binance_usdm_orderbook_url, USDM_COINS, "{}USDT"),
            ("okx.quotes", config.okx_orderbook_url, OKX_COINS, "{}-USDT"),
            ("okx.quotes.swap", config.okx_swap_orderbook_url, OKX_SWAPS, "{}-USDT-SWAP"),
        ):
            prices = dict(list(self._price_walk[step].items())[:count])
            prices |= {name: self._price_walk[step][name] * share for name, share in shares.items()}
            prices |= dollars if source == "binance.quotes" else {}
            make = quotes.okx_tickers if source.startswith("okx") else quotes.book_tickers
            named = {form.format(name): price for name, price in prices.items()}
            yield source, url, self._cached((source, step, *shares.values(), *dollars.values()), partial(make, named))

    def _rates(self, _at: datetime) -> Iterator[tuple[str, str, Any]]:
        yield "defillama.rates", self._config.defillama_rates_url, quotes.daily_rates(DAY, {"EUR": 0.9, "JPY": 150.0})

    def _stablecoins(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        wiggle = at.minute / 100_000
        rows = [
            # Prices that are equal in all digits would be taken for one and its copy.
            coin(str(number), name, script.peg_of(name, at) + wiggle + number / 1_000_000)
            for number, name in enumerate(self._config.stablecoins)
        ]
        yield "defillama.stablecoins", self._config.defillama_stablecoin_url, listing(*rows)

    def _hacks(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        body = _as_bytes(script.hacks(at))
        yield "defillama.hacks", self._config.defillama_hacks_url, body
        yield "defillama.bridge_hacks", self._config.defillama_bridge_hacks_url, body

    def _market_pairs(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        for token, slug in self._config.currency_names.items():
            depth = self._config.minimum_liquidity_usd * (0.5 if script.is_dry(token, at) else 40)
            sides = [depth / (place + 1) for place in range(60)]
            rows = [
                coinmarketcap.market(f"Venue {place}", f"{token}/USDT", side, side, updated=at)
                for place, side in enumerate(sides)
            ]
            url = self._config.coinmarketcap_ccy_url + slug
            yield "coinmarketcap.market_pairs", url, coinmarketcap.market_pairs(token, *rows)

    def _book_events(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        """The minutes that have ended, and the observations of whales between them."""
        minute_ms = round(at.replace(second=0, microsecond=0).timestamp() * 1000)
        if at.second < 30:
            ended_ms = minute_ms - 60_000
            depths = [
                observations.Depth(pair, ended_ms, script.book_depth(at, n)) for n, pair in enumerate(self._books)
            ]
            observed = observations.BookObservations(depths=depths)
        else:
            observed = script.whale_observations(next(iter(self._books)), at)
        if observed:
            yield observations.SOURCE, observations.URL, observed.to_json(self._books)


def _price_walk(names: list[str], chance: random.Random) -> list[dict[str, float]]:
    prices = {name: chance.uniform(0.01, 500.0) for name in names}
    steps = [prices]
    for _ in range(_STEPS - 1):
        prices = {name: price * (1 + chance.gauss(0, 0.0003)) for name, price in prices.items()}
        steps.append(prices)
    return steps


def _as_bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()
