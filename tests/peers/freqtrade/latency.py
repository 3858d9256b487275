"""Commit → freqtrade's memory, on a venue with some 1,350 live pairs: for the peer test and `benchmarks.bots`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from events import clock
from events.lifecycle import open_manual_event
from markets.instruments import store_lists
from markets.knowledge import InstrumentRow
from markets.models import WatchEffective
from tests.api.support import all_is_fresh
from tests.peers.freqtrade.consuming import Consumer
from tests.trade.test_names import all_lists

VENUE = "BINANCE"
MORE = 100
"""Pairs that are added to the captured list of 2024, so that it is as long as that of today."""


def many_pairs() -> None:
    """Store every captured list; all of Binance's spot market is watched."""
    lists = all_lists()
    more = [f"MORE{number}" for number in range(MORE)]
    lists[VENUE] += [InstrumentRow(VENUE, f"{one}USDT", one, "USDT", one, "TRADING", True) for one in more]
    store_lists(lists, clock.database_now())
    tokens = sorted({row.token for row in lists[VENUE]})
    quotes = {row.quote for row in lists[VENUE]}
    WatchEffective.objects.bulk_create(
        WatchEffective(watch_list=name, currency=one)
        for name, found in (("spot", tokens), ("quote", quotes))
        for one in found
    )
    all_is_fresh()
    _analyze()


def bases(pairs: Iterable[str]) -> list[str]:
    """The assets that can be denied without touching others: of these pairs those that are no quote, sorted."""
    found = [pair.split("/") for pair in pairs]
    return sorted({base for base, _ in found} - {quote for _, quote in found})


def _analyze() -> None:
    """As autovacuum does within a minute; commits that come in hours elsewhere come in seconds here."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def spans_ms(consumer: Consumer, tokens: Sequence[str], seconds_between: float) -> list[float]:
    """Deny one token after another. How long each took until a pair of it had left freqtrade's memory, sorted."""
    committed: dict[str, float] = {}
    for number, token in enumerate(tokens):
        if number % 20 == 0:
            _analyze()
            time.sleep(0.3)
        now = clock.database_now()
        with transaction.atomic():
            open_manual_event(now, by="latency", tokens=(token,), title=f"{token} is denied", action="exit")
        committed[token] = time.monotonic()
        time.sleep(seconds_between)
    left: dict[str, float] = {}
    ends = time.monotonic() + 15
    while left.keys() < committed.keys() and time.monotonic() < ends:
        consumer.read(0.2)
        for one in consumer.lists:
            for pair in one["gone"]:
                token = pair.partition("/")[0]
                if token in committed:
                    left.setdefault(token, one["at"])
        consumer.lists.clear()
    missing = committed.keys() - left.keys()
    assert not missing, f"pairs of {sorted(missing)[:10]} did not leave freqtrade's memory"
    return sorted((left[token] - committed[token]) * 1000 for token in committed)
