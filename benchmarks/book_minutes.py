"""The cost of recording order books: `python -m benchmarks.book_minutes [--rows 20000]`.

1. Minute rows into PostgreSQL: by COPY and by Django's `bulk_create`, in turns on one table;
   and by COPY where every row is there already, as after a restart.
2. The listener for minutes and whales, as a share of the full live path of the recorded BTC session.
3. The admin's list of a table with a million rows, with the bounded count and with `count(*)`.

Bounds: COPY at least 4 × bulk_create;
the listener under 20 % of the live path; the list's bounded count at least 5 × faster than `count(*)`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial

from benchmarks.worlds.stream_world import CAPTURES, database

COPY_BOUND, LISTENER_BOUND, COUNT_BOUND = 4.0, 0.2, 5.0
PAGE_BOUND_SECONDS = 2.0
_BATCH = 5_000


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def writing(count: int) -> bool:
    """Rows a second, each way three times in turns; the best of each."""
    from events.database.copy import copy_records
    from events.database.partitions import make_partitions
    from orderbooks.fields import moment_of
    from orderbooks.models import BookMinute
    from orderbooks.recording.memory import MinuteMemory, stored_rows
    from orderbooks.records import MinuteRow
    from orderbooks.storage.writer import MINUTES
    from tests.orderbooks.recording.minutes_support import NOON, minute_row

    make_partitions(MINUTES.name, {MINUTES.day(minute_row())})

    def rows(symbol: str) -> list[MinuteRow]:
        return [minute_row(number % 600, f"{symbol}{number // 600}") for number in range(count)]

    def by_copy(written: list[MinuteRow]) -> None:
        for start in range(0, count, _BATCH):
            copy_records(MINUTES, written[start : start + _BATCH])

    def by_django(written: list[MinuteRow]) -> None:
        models = [BookMinute(**dict(zip(MINUTES.columns, MINUTES.values(row), strict=True))) for row in written]
        BookMinute.objects.bulk_create(models, batch_size=_BATCH)

    def remember() -> None:
        memory = MinuteMemory()
        for row in stored_rows(moment_of(NOON)):
            memory.add(row)

    best = {"COPY": float("inf"), "bulk_create": float("inf"), "COPY over rows that are there": float("inf")}
    for turn in range(3):
        first, second = rows(f"copy{turn}-"), rows(f"django{turn}-")
        ways = (partial(by_copy, first), partial(by_django, second), partial(by_copy, first))
        best = {name: min(before, seconds(way)) for (name, before), way in zip(best.items(), ways, strict=True)}
    assert BookMinute.objects.count() == 6 * count, f"from {NOON}: rows were lost"
    for name, taken in best.items():
        print(f"  {name}: {count / taken:,.0f} rows/s")
    read = seconds(remember)
    print(f"  read back into memory, as a restart does: {6 * count / read:,.0f} rows/s")
    ratio = best["bulk_create"] / best["COPY"]
    print(f"  COPY is {ratio:.1f} × as fast as bulk_create (bound {COPY_BOUND:g})")
    return ratio >= COPY_BOUND


def listening() -> bool:
    """CPU seconds of the recorded session without and with the listener, five times in turns; the best of each."""
    from orderbooks.recording.venue_recorder import VenueListener
    from orderbooks.replay.replay import BookReplay
    from streams.capture import read_lines
    from streams.feeds import feed_for

    lines = list(read_lines(CAPTURES[0]))
    feed = feed_for("binance", "spot")

    def played(listener: VenueListener | None) -> float:
        replay = BookReplay(feed, listener=listener)
        started = time.process_time()
        replay.play(lines)
        return time.process_time() - started

    def ignore(_observed: object) -> None:
        """Storage is measured separately."""

    without, with_it = float("inf"), float("inf")
    for _ in range(5):
        without = min(without, played(None))
        with_it = min(with_it, played(VenueListener("BINANCE", 3, ignore, ignore)))
    share = (with_it - without) / with_it
    print(f"  live path {without:.3f} s, with minutes and whales {with_it:.3f} s: {share * 100:.1f} % of it")
    return share <= LISTENER_BOUND


def listing(rows: int) -> bool:
    """The list's page and its count, against Django's count."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from events.database.partitions import DAY, make_partitions
    from orderbooks.models import BookMinute

    now = timezone.now()
    make_partitions("orderbooks_bookminute", {(now - DAY * back).date() for back in range(8)})
    names = {field.attname for field in BookMinute._meta.concrete_fields} - {"id"}
    fixed = {"order_flow_imbalance": "0", "updates": "600", "trades": "5", "buy_volume": "1", "sell_volume": "1"}
    floats = {name: "100" for name in sorted(names) if name.startswith(("mid", "best", "bias", "bid", "ask"))}
    columns = {**fixed, **floats}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orderbooks_bookminute (venue, symbol, minute, partial, {', '.join(columns)})"
            f" SELECT 'BINANCE', 'pair' || pair, date_trunc('minute', %s - minute * interval '1 minute'), false,"
            f" {', '.join(columns.values())}"
            f" FROM generate_series(1, {rows} / 10000) pair, generate_series(1, 10000) minute",
            [now],
        )
        cursor.execute("ANALYZE orderbooks_bookminute")
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("bench"))
    pages = {"": 0.0, "?window=all": 0.0, "?window=all&symbol=pair7": 0.0, "?window=24h&partial=yes": 0.0}

    def look(query: str) -> None:
        assert client.get(f"/admin/orderbooks/bookminute/{query}").status_code == 200, query

    for query in pages:
        pages[query] = min(seconds(partial(look, query)) for _ in range(3))
        print(f"  page {query or '(last hour)'}: {pages[query] * 1000:.0f} ms")
    from orderbooks.admin.large_lists import BoundedPaginator

    bounded = min(seconds(lambda: BoundedPaginator(BookMinute.objects.all(), 50).count) for _ in range(3))
    full = min(seconds(BookMinute.objects.count) for _ in range(3))
    print(f"  bounded count {bounded * 1000:.1f} ms, count(*) {full * 1000:.1f} ms: {full / bounded:.0f} ×")
    slowest = max(pages.values())
    return full / bounded >= COUNT_BOUND and slowest < PAGE_BOUND_SECONDS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--listed", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with database():
        results = []
        print("minute rows into PostgreSQL")
        results.append(writing(arguments.rows))
        if CAPTURES[0].exists():
            print("the listener in the live path")
            results.append(listening())
        else:
            print("the recorded session is not available: the listener is not measured")
        print(f"the admin with {arguments.listed:,} rows")
        results.append(listing(arguments.listed))
    print("within all bounds" if all(results) else "A BOUND IS EXCEEDED")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
