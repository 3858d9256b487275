"""The lists for freqtrade over every live instrument of the recorded lists, through freqtrade's own matching."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.db import connection

from markets.instruments import store_lists
from markets.models import Instrument, WatchEffective
from tests.api.support import all_is_fresh, manual_event
from tests.peers.ccxt.test_spelling import name_of
from tests.support.daemon_process import eventually
from tests.support.peers import Peer
from tests.trade.test_names import SEEN, all_lists

SCRIPT = Path(__file__).parent / "expand_script.py"
VENUES = ("BINANCE", "BINANCE_USDM", "OKX", "OKX_USDM", "KRAKEN")
_FORBIDS = ("avoid_new", "reduce_only", "exit", "halt")


@pytest.fixture
def freqtrade() -> Iterator[Peer]:
    with Peer("freqtrade", SCRIPT) as peer:
        yield peer


def may_open(venue: str, names: dict[str, str]) -> set[str]:
    """What the database's can_trade lets be opened, by its name in ccxt."""
    symbols = sorted(names)
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, may_open FROM can_trade_many(%s, %s)", [[venue] * len(symbols), symbols])
        answers = cursor.fetchall()
    denied = {symbols[n - 1] for n, may in answers if not may}
    return {name for symbol, name in names.items() if symbol not in denied}


def test_freqtrade_opens_what_can_trade_allows_and_nothing_else(
    api_url: str, token_of: Callable[..., str], freqtrade: Peer
) -> None:
    lists = all_lists()
    store_lists(lists, SEEN)
    chance = random.Random(11)
    live = Instrument.objects.filter(live=True)
    tokens, quotes = (sorted(set(live.values_list(name, flat=True))) for name in ("token", "quote"))
    # What whole lists are quoted in would leave nothing to compare.
    tokens = sorted({*tokens} - {"USDT", "USD", "BTC", "ETH"})
    unwatched = set(chance.sample(tokens, 30))
    WatchEffective.objects.bulk_create(
        [
            WatchEffective(watch_list=name, currency=one)
            for name in ("spot", "usdm")
            for one in {*live.values_list("token", flat=True)} - unwatched
        ]
        + [WatchEffective(watch_list="quote", currency=quote.upper()) for quote in quotes]
    )
    for token in sorted({*chance.sample(tokens, 50), "SHIB", "POL", "DOGE", "EUR", "FDUSD"}):
        manual_event(token, action=chance.choice(_FORBIDS))
    for token in chance.sample(tokens, 20):
        manual_event(token, action="watch")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    token = token_of("pairs")

    def entries(door: str, venue: str) -> list[str]:
        all_is_fresh()
        answer = httpx.get(f"{api_url}/bots/freqtrade/{door}", params={"venue": venue, "key": token}, trust_env=False)
        return list(answer.json()["pairs"]) if answer.json()["status"] == "fresh" else []

    slowest = 0.0
    for venue in VENUES:
        eventually(lambda venue=venue: bool(entries("allow", venue)), 10, venue)  # type: ignore[misc]
        names = {row.symbol: name_of(row) for row in lists[venue] if row.live}
        available = sorted(set(names.values()))
        allowed, seconds = freqtrade.ask({"entries": entries("allow", venue), "available": available})
        expected = may_open(venue, names)
        assert set(allowed) == expected, venue
        assert 50 < len(expected) < len(available) - 5, (venue, len(expected), len(available))
        blocked, more = freqtrade.ask({"entries": entries("block", venue), "available": available})
        assert set(blocked) == set(available) - expected, venue
        slowest = max(slowest, seconds, more)
    print(f"freqtrade's own matching took {slowest * 1000:.0f} ms at most")
