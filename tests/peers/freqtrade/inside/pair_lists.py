"""freqtrade's PairListManager over markets in memory, told what to do in lines of JSON, in freqtrade's environment.

{"do": "start", "markets": [...], "config": {...}}   a new one and its first refresh
{"do": "refresh", "after": seconds}                  the next refresh, later by the clock of freqtrade's caches
{"do": "producer", "name": ..., "pairs": [...]}      as if the message consumer had received them
{"do": "whitelist", "extend": [...]}                 what FreqtradeBot does with the pairs of open trades, in place
Each is answered by {"pairs", "error", "seconds", "log"}.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

import fence  # noqa: F401  (before anything that may connect)
import freqtrade.util.ft_ttlcache as ft_ttlcache
from freqtrade.data.dataprovider import DataProvider
from freqtrade.enums import CandleType, RunMode, TradingMode
from freqtrade.plugins.pairlistmanager import PairListManager
from freqtrade.resolvers import ExchangeResolver

_shift = 0.0
_time = time.time


def _now() -> float:
    return _time() + _shift


# Every cache with an end takes the time from here when it is made.
ft_ttlcache.FtTTLCache.__init__.__defaults__ = (_now, None)


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def market(pair: str) -> dict[str, Any]:
    base, _, rest = pair.partition("/")
    quote, _, settle = rest.partition(":")
    return {
        "id": pair.replace("/", ""), "symbol": pair, "base": base, "quote": quote, "settle": settle or None,
        "active": True, "spot": not settle, "swap": bool(settle), "linear": bool(settle) or None, "type":
        "swap" if settle else "spot", "margin": False, "future": False, "option": False, "contract": bool(settle),
        "contractSize": 1.0 if settle else None, "taker": 0.001, "maker": 0.001, "info": {},
        "limits": {"amount": {}, "price": {}, "cost": {}, "leverage": {}}, "precision": {"amount": 0.1, "price": 0.01},
    }  # fmt: skip


class Bot:
    def __init__(self, markets: list[str], config: dict[str, Any]) -> None:
        futures = any(":" in pair for pair in markets)
        self.config: dict[str, Any] = {
            "dry_run": True, "runmode": RunMode.DRY_RUN, "stake_currency": "USDT", "timeframe": "5m",
            "trading_mode": TradingMode.FUTURES if futures else TradingMode.SPOT,
            "margin_mode": "isolated" if futures else "", "max_open_trades": 3,
            "candle_type_def": CandleType.FUTURES if futures else CandleType.SPOT,
            **config,
        }  # fmt: skip
        self.config["exchange"] = {
            "name": "binance", "enable_ws": False, "pair_whitelist": list(markets), **config.get("exchange", {}),
        }  # fmt: skip
        self.exchange = ExchangeResolver.load_exchange(self.config, validate=False)
        self.exchange._markets = {pair: market(pair) for pair in markets}
        self.exchange._last_markets_refresh = int(_time() * 1000)
        # Who was listed first has the most volume.
        self.exchange.get_tickers = self.tickers
        self.provider = DataProvider(self.config, self.exchange)
        self.lists = PairListManager(self.exchange, self.config, self.provider)
        self.provider.add_pairlisthandler(self.lists)

    def tickers(self, *_: Any, **__: Any) -> dict[str, Any]:
        pairs = enumerate(self.exchange._markets)
        return {
            pair: {"symbol": pair, "last": 10.0, "bid": 10.0, "ask": 10.0, "percentage": 1.0, "quoteVolume": 1e6 - at}
            for at, pair in pairs
        }


def main() -> None:
    global _shift
    kept = Kept()
    logging.getLogger("freqtrade").addHandler(kept)
    logging.getLogger("freqtrade").setLevel(logging.INFO)
    bot: Bot | None = None
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        kept.lines.clear()
        started = _time()
        pairs: list[str] | None = None
        error = ""
        try:
            if told["do"] == "start":
                bot = Bot(told["markets"], told["config"])
                bot.lists.refresh_pairlist()
            assert bot is not None
            if told["do"] == "refresh":
                _shift += told["after"]
                bot.lists.refresh_pairlist()
            elif told["do"] == "producer":
                bot.provider._set_producer_pairs(told["pairs"], told["name"])
            elif told["do"] == "whitelist":
                bot.lists.whitelist.extend(told["extend"])
            pairs = list(bot.lists.whitelist)
        except Exception as raised:  # noqa: BLE001  (the test says which)
            error = type(raised).__name__
            kept.lines.append(str(raised))
        answer = {"pairs": pairs, "error": error, "seconds": _time() - started, "log": kept.lines}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
