"""The lists that bots fetch: what may be opened, in their spelling."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from tests.api.support import all_is_fresh, manual_event, quiet_market


def test_only_what_may_be_opened_is_on_the_list_for_freqtrade(api_url: str, token_of: Callable[..., str]) -> None:
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    url = f"{api_url}/bots/freqtrade/allow"
    answer = httpx.get(url, params={"venue": "BINANCE", "key": token_of("pairs")}, trust_env=False)
    assert (answer.status_code, answer.json()["pairs"]) == (200, ["BTC/USDT"])
