"""freqtrade's own consumer at our push door."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.support import manual_event, quiet_market
from tests.peers.freqtrade.consuming import Consumer


def test_a_pair_leaves_freqtrades_memory_when_it_is_denied(api_url: str, token_of: Callable[..., str]) -> None:
    quiet_market()
    with Consumer({"ews": api_url}, f"{token_of('pairs')}&venue=BINANCE") as consumer:
        consumer.until(lambda pairs: pairs == {"BTC/USDT", "ETH/BTC"})
        manual_event("ETH", action="exit")
        consumer.until(lambda pairs: pairs == {"BTC/USDT"})
