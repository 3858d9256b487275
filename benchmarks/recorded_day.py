"""A made-up day as the daemon would have archived it: every source at its real interval, about 60,000 payloads.

Prices walk; one token falls by a third within an hour, one market dries up, two exchanges announce removals.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from crypto_ews.conf import Config
from events.archive_file import RecordedPayload
from exchanges.binance_instruments import instrument_lists
from tests.defillama.stablecoin_support import coin, listing
from tests.upstreams import binance, binance_instruments, coinmarketcap, okx_announcements, okx_instruments, quotes
from tests.upstreams.defillama_hacks import hack_row

DAY = datetime(2026, 10, 1, tzinfo=UTC)
SPOT_COINS, USDM_COINS, OKX_COINS, OKX_SWAPS = 1200, 400, 500, 200
# Prices come from a walk of so many steps, to and fro: making every minute anew would take longer than replaying it.
_STEPS = 40
_CRASH_FROM, _CRASH_HOURS = 10.0, 1.0
_OPEN_ARTICLES = 4


class RecordedDay:
    """The payloads of a day for a configuration, in time order."""

    def __init__(self, config: Config, seed: int = 1) -> None:
        self._config = config
        watched = list(dict.fromkeys((*config.spot_currencies, *config.usdm_currencies)))
        self._coins = [*watched, *(f"C{number:04d}" for number in range(SPOT_COINS - len(watched)))]
        self._victim = watched[-1]
        self._walk = _walk(self._coins, random.Random(seed))
        self._bodies: dict[tuple[object, ...], bytes] = {}
        pairs = [f"{coin_name}/USDT" for coin_name in self._coins]
        usdm = map(binance_instruments.usdm_symbol, pairs[:USDM_COINS])
        self._binance = {
            "BINANCE": binance_instruments.spot_exchange_info(map(binance_instruments.spot_symbol, pairs)),
            "BINANCE_USDM": binance_instruments.usdm_exchange_info(usdm),
            "BINANCE_COINM": binance_instruments.coinm_exchange_info(map(binance_instruments.coinm_symbol, watched)),
        }
        self._products = binance_instruments.get_products(map(binance_instruments.product, pairs))
        self._okx = {
            "SPOT": [okx_instruments.okx_spot(pair) for pair in pairs[:OKX_COINS]],
            "SWAP": [okx_instruments.okx_contract(pair) for pair in pairs[:OKX_SWAPS]],
            "FUTURES": [okx_instruments.okx_contract(pair, "261225") for pair in pairs[:5]],
        }
        self._articles = (
            [
                binance.removal_notice(
                    "2026-10-03",
                    {"2026-10-03 03:00": [f"{name}/USDT", f"{watched[number]}/BNB"]},
                    DAY + timedelta(hours=1 + number),
                )
                for number, name in enumerate(self._coins[-_OPEN_ARTICLES:])
            ]
            + [
                binance.removal_notice("2026-09-20", {"2026-09-20 03:00": ["OLD/BNB"]}, DAY - timedelta(days=14)),
            ]
            + [
                binance.Article(f"Trade and Share {number},000 USDC", DAY - timedelta(hours=number + 1), ("Join.",), 93)
                for number in range(20)
            ]
        )
        self._okx_articles = [
            okx_announcements.delisting(
                f"OKX to delist {name} spot trading pair",
                DAY + timedelta(hours=2 + number),
                {f"{name}/USDT": "October 3, 2026, 08:00"},
            )
            for number, name in enumerate(self._coins[OKX_COINS - _OPEN_ARTICLES : OKX_COINS])
        ]

    def payloads(self, hours: float = 24.0) -> Iterator[RecordedPayload]:
        """The day's first hours."""
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
        ]
        for step in range(round(hours * 120)):
            begins = DAY + timedelta(seconds=30 * step)
            found: list[RecordedPayload] = []
            for place, (interval, make) in enumerate(rounds):
                if (30 * step) % interval:
                    continue
                at = begins + timedelta(milliseconds=10 * place)
                for source, url, body in make(at):
                    at += timedelta(milliseconds=150)
                    found.append(RecordedPayload(source, at, url, 200, _as_bytes(body)))
            yield from sorted(found, key=lambda payload: payload.received_at)

    def _kept(self, key: tuple[object, ...], make: Callable[[], Any]) -> bytes:
        if key not in self._bodies:
            self._bodies[key] = _as_bytes(make())
        return self._bodies[key]

    def _instruments(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        config = self._config
        # Their serverTime makes each answer another one, as it really is.
        stamp = str(round(at.timestamp() * 1000)).encode()
        for wanted in instrument_lists(config):
            answer = self._binance[wanted.name]
            body = self._kept((wanted.name,), partial(dict, answer, serverTime=0))
            yield wanted.source, wanted.url, body.replace(b'"serverTime": 0', b'"serverTime": ' + stamp)
        for kind, rows in self._okx.items():
            url = f"{config.okx_base_trading_url}/api/v5/public/instruments?instType={kind}"
            yield (
                "okx.instruments",
                url,
                self._kept(("okx", kind), partial(dict, code="0", msg="", data=rows)),
            )

    def _product_round(self, _at: datetime) -> Iterator[tuple[str, str, Any]]:
        yield (
            "binance.products",
            self._config.binance_products_url,
            self._kept(("products",), partial(dict, self._products)),
        )

    def _announcements(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        config = self._config
        shown = [row for row in self._articles if row.released_at <= at]
        shown.sort(key=lambda row: row.released_at, reverse=True)
        fresh = [row for row in shown if at - row.released_at < timedelta(seconds=30)]
        lists = "binance.announcements"
        yield (
            lists,
            config.binance_news_dict_url,
            self._kept(("all", len(shown)), lambda: binance.all_catalogs_list(shown)),
        )
        yield lists, config.binance_delist_url, self._kept(("161", len(shown)), lambda: binance.catalog_list(shown))
        if at - DAY < timedelta(seconds=30):
            yield (
                lists,
                config.binance_news_dict_url.replace("pageNo=1", "pageNo=2"),
                binance.all_catalogs_list(shown, 2),
            )
            fresh = shown
        for row in fresh:
            yield "binance.article", config.binance_article_detail_url + row.code, binance.article_detail(row)
        theirs = [row for row in self._okx_articles if row.released_at <= at]
        rows = [row.api_row for row in reversed(theirs)] or [self._okx_articles[0].api_row]
        answer = {"code": "0", "msg": "", "data": [{"details": rows, "totalPage": "1"}]}
        for url in (config.okx_delist_url, config.okx_news_dict_url):
            yield "okx.announcements", url, answer
        for article in theirs:
            if at - article.released_at < timedelta(seconds=30):
                yield "okx.article", config.okx_article_base_url + article.slug, article.page(True)

    def _edits(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        for row in self._articles[:_OPEN_ARTICLES]:
            if at - row.released_at > timedelta(seconds=30):
                url = self._config.binance_article_detail_url + row.code
                yield "binance.article", url, self._kept((row.code,), partial(binance.article_detail, row))
        for article in self._okx_articles:
            if at - article.released_at > timedelta(seconds=30):
                yield "okx.article", self._config.okx_article_base_url + article.slug, article.page(True)

    def _statuses(self, _at: datetime) -> Iterator[tuple[str, str, Any]]:
        yield "binance.status", self._config.binance_system_status_url, binance_instruments.system_status()
        url = f"{self._config.okx_base_trading_url}/api/v5/system/status"
        yield "okx.status", url, {"code": "0", "msg": "", "data": []}

    def _quotes(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        hours = (at - DAY).total_seconds() / 3600
        fall = 1 - min(max((hours - _CRASH_FROM) / _CRASH_HOURS, 0.0), 1.0) / 3
        number = round(hours * 120) % (2 * _STEPS)
        step = number if number < _STEPS else 2 * _STEPS - 1 - number
        fallen = round(fall, 3)

        def prices(count: int, form: str) -> dict[str, float]:
            found = {form.format(name): price for name, price in list(self._walk[step].items())[:count]}
            found[form.format(self._victim)] = self._walk[step][self._victim] * fallen
            return found

        config = self._config
        for source, url, count, form in (
            ("binance.quotes", config.binance_orderbook_url, SPOT_COINS, "{}USDT"),
            ("binance.quotes.usdm", config.binance_usdm_orderbook_url, USDM_COINS, "{}USDT"),
            ("okx.quotes", config.okx_orderbook_url, OKX_COINS, "{}-USDT"),
            ("okx.quotes.swap", config.okx_swap_orderbook_url, OKX_SWAPS, "{}-USDT-SWAP"),
        ):
            make = quotes.okx_tickers if source.startswith("okx") else quotes.book_tickers
            key = (source, step, fallen)
            yield source, url, self._kept(key, partial(self._quoted, make, prices, count, form))

    @staticmethod
    def _quoted(
        make: Callable[[dict[str, float]], Any], prices: Callable[[int, str], dict[str, float]], count: int, form: str
    ) -> Any:
        return make(prices(count, form))

    def _rates(self, _at: datetime) -> Iterator[tuple[str, str, Any]]:
        yield "defillama.rates", self._config.defillama_rates_url, quotes.daily_rates(DAY, {"EUR": 0.9, "JPY": 150.0})

    def _stablecoins(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        wiggle = at.minute / 100_000
        rows = [coin(str(number), name, 1 + wiggle) for number, name in enumerate(self._config.stablecoins)]
        yield "defillama.stablecoins", self._config.defillama_stablecoin_url, listing(*rows)

    def _hacks(self, _at: datetime) -> Iterator[tuple[str, str, Any]]:
        first = round((DAY - timedelta(days=500)).timestamp())
        body = self._kept(
            ("hacks",), lambda: [hack_row(f"Protocol {number}", first + 86_400 * number) for number in range(500)]
        )
        yield "defillama.hacks", self._config.defillama_hacks_url, body
        yield "defillama.bridge_hacks", self._config.defillama_bridge_hacks_url, body

    def _market_pairs(self, at: datetime) -> Iterator[tuple[str, str, Any]]:
        for number, (token, slug) in enumerate(self._config.currency_names.items()):
            dry = number == 0 and at - DAY > timedelta(hours=15)
            depth = self._config.minimum_liquidity_usd * (0.5 if dry else 40)
            sides = [depth / (place + 1) for place in range(60)]
            rows = [
                coinmarketcap.market(f"Venue {place}", f"{token}/USDT", side, side, updated=at)
                for place, side in enumerate(sides)
            ]
            url = self._config.coinmarketcap_ccy_url + slug
            yield "coinmarketcap.market_pairs", url, coinmarketcap.market_pairs(token, *rows)


def _walk(names: list[str], chance: random.Random) -> list[dict[str, float]]:
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
