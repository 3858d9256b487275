"""A desk that runs freqtrade: four pairs on our Binance and on the played one, and the blocks of its documentation."""

from __future__ import annotations

import time
from collections.abc import Callable

from events import clock
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import WatchEffective
from tests.api.support import all_is_fresh, quiet_market
from tests.support.doc_blocks import block

BASES = ("BTC", "ETH", "SOL", "XYZ")
PAIRS = tuple(f"{base}/USDT" for base in BASES)


def desk_market(*more: str) -> None:
    """PAIRS are live on BINANCE, and those of more bases; nothing is at risk, and all that is watched is fresh."""
    quiet_market()
    now = clock.database_now()
    rows = [InstrumentRow("BINANCE", f"{base}USDT", base, "USDT", base, "TRADING", True) for base in (*BASES, *more)]
    store_instruments("BINANCE", rows, now)
    watched = ("SOL", "XYZ", *more)
    WatchEffective.objects.bulk_create(WatchEffective(watch_list="spot", currency=base) for base in watched)
    all_is_fresh()


def beating(is_true: Callable[[], bool]) -> Callable[[], bool]:
    """The same, while our daemon and its sources go on living: to be asked again and again."""
    last = 0.0

    def ask() -> bool:
        nonlocal last
        if time.monotonic() - last > 1:
            all_is_fresh()
            last = time.monotonic()
        return is_true()

    return ask


def blocks(url: str, token: str) -> dict[str, str]:
    """The configurations of docs/bots/freqtrade.md as they stand there, but for the address, the port and the token."""
    found = {
        "allow": block("freqtrade-allow.json", url=url, token=token),
        "allow-volume": block("freqtrade-allow-volume.json", url=url, token=token),
        "block": block("freqtrade-block.json", url=url, token=token),
        "push": block("freqtrade-push.json", url=url, token=token),
        "exits-only": block("freqtrade-exits-only.json"),
        "watchdog": block("freqtrade-watchdog.json"),
    }
    host, _, port = url.removeprefix("http://").partition(":")
    # The consumer of messages takes its address in two pieces.
    ours = found["push"].replace('"host": "127.0.0.1", "port": 8000', f'"host": "{host}", "port": {port}')
    return found | {"push": ours}
