"""A desk that trades by ccxt: BTC may be opened everywhere, ETH is at `exit` everywhere; and the bot that trades."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from events import clock
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import WatchEffective
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.peers import ROOT, Peer

INSIDE = Path(__file__).with_name("inside")
PRODUCTS = {
    "binance": ("{}/USDT", "{}/USDT:USDT", "{}/USD:{}"),
    "okx": ("{}/USDT", "{}/USDT:USDT", "{}/USD:{}"),
    "kraken": ("{}/USD",),
}
"""The pairs of each exchange as ccxt writes them, with their coin to be filled in."""


def pair_of(product: str, coin: str) -> str:
    return product.replace("{}", coin)


def desk_market(*denied: str) -> None:
    """The same markets as in inside/markets.py; `denied` are coins at `exit`."""
    quiet_market()
    now = clock.database_now()

    def row(venue: str, symbol: str, base: str, quote: str, settle: str = "", **more: Any) -> InstrumentRow:
        kind = "PERPETUAL" if settle else ""
        return InstrumentRow(
            venue, symbol, base, quote, base, "TRADING", True, contract_type=kind, settle=settle, **more
        )

    keys = {"BTC": "XXBTZUSD", "ETH": "XETHZUSD"}
    store_instruments("BINANCE", [row("BINANCE", f"{one}USDT", one, "USDT") for one in keys], now)
    store_instruments("BINANCE_USDM", [row("BINANCE_USDM", f"{one}USDT", one, "USDT", "USDT") for one in keys], now)
    store_instruments("BINANCE_COINM", [row("BINANCE_COINM", f"{one}USD_PERP", one, "USD", one) for one in keys], now)
    store_instruments("OKX", [row("OKX", f"{one}-USDT", one, "USDT") for one in keys], now)
    store_instruments("OKX_USDM", [row("OKX_USDM", f"{one}-USDT-SWAP", one, "USDT", "USDT") for one in keys], now)
    store_instruments("OKX_COINM", [row("OKX_COINM", f"{one}-USD-SWAP", one, "USD", one) for one in keys], now)
    store_instruments("KRAKEN", [row("KRAKEN", keys[one], one, "USD", aliases=(f"{one}/USD",)) for one in keys], now)
    WatchEffective.objects.bulk_create(
        [WatchEffective(watch_list="usdm", currency="ETH"), WatchEffective(watch_list="quote", currency="USD")]
    )
    for coin in denied:
        manual_event(coin, action="exit")
    all_is_fresh()


class Bot:
    """The process that has ccxt."""

    def __init__(self) -> None:
        path = os.pathsep.join([str(ROOT / "clients/python/src"), str(ROOT)])
        self._peer = Peer("ccxt", INSIDE / "trader.py", environment={"PYTHONPATH": path})

    def ask(self, do: str, seconds: float = 60.0, **given: Any) -> Any:
        """What it found. Raises AssertionError with what went wrong there."""
        answer = self._peer.ask({"do": do, **given}, seconds)
        assert "error" not in answer, answer
        return answer["found"]

    def open(self, exchange: str, mode: str, ews: dict[str, Any] | None, key: str = "a", **options: Any) -> None:
        """An exchange of `ccxt` (sync), `ccxt.async_support` (async) or `ccxt.pro`; `ews` None: without a guard."""
        self.ask("open", key=key, exchange=exchange, mode=mode, ews=ews, options=options)

    def close(self, key: str = "a") -> None:
        self.ask("close", key=key)

    def __enter__(self) -> Bot:
        self._peer.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._peer.__exit__(*error)
