"""Questions to a server in each of the `fail` modes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fake_api import TOKEN, can_trade

from ews_client import Answer, Client

GOOD = can_trade()
PAIR = ("binance", "BTC/USDT")


MODES: list[dict[str, Any]] = [{"fail": "closed"}, {"fail": "stale", "stale_for": 60.0}, {"fail": "open"}]


def in_each_mode(ask: Callable[[dict[str, Any]], list[Answer]]) -> list[tuple[dict[str, Any], list[Answer]]]:
    with ThreadPoolExecutor(len(MODES)) as pool:
        return list(zip(MODES, pool.map(ask, MODES), strict=True))


def answers(url: str, questions: int = 1, **options: Any) -> list[Answer]:
    options = {"timeout": 10.0, "push": False, **options}
    with Client(url, TOKEN, **options) as client:
        return [client.can_trade(*PAIR) for _ in range(questions)]
