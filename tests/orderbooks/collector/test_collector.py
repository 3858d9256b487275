"""The collector with a database: what is watched, who collects, how it goes, what could not be read."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from crypto_ews.conf import Config, parse_config
from events.models import OperationsEvent, QuarantinedItem, SourceHealth
from events.sources import health
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import WatchListEntry
from orderbooks.collector import control, status
from orderbooks.collector.collector import Collector
from orderbooks.models import StreamStatus
from streams.feeds import FEEDS
from streams.feeds.base import Feed
from tests.streams.engine_support import DEPTH_PATH, SHORT, serve_depth
from tests.streams.small_feeds import SmallBinance, SmallOkx, SmallUsdm, Witness
from tests.support.daemon_process import eventually
from tests.upstreams import Hang, UpstreamServer
from tests.upstreams.streams.dialects import BinanceFutures, BinanceSpot, BinanceTrades, Okx
from tests.upstreams.streams.server import StreamVenue, new_market

pytestmark = pytest.mark.django_db(transaction=True)
COINS = ("AAA", "BBB", "CCC")


def utc_now() -> datetime:
    return datetime.now(UTC)


def row(venue: str, symbol: str, base: str, **changes: object) -> InstrumentRow:
    return InstrumentRow(venue, symbol, base, "USDT", base, "TRADING", True, **changes)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WATCH_LIST_SECONDS", "_LOCK_SECONDS", "REPORT_SECONDS", "_TURN_SECONDS"):
        monkeypatch.setattr(control, name, 0.1)


@pytest.fixture
def binance() -> Iterator[StreamVenue]:
    with StreamVenue(BinanceSpot(), [new_market(f"{coin}USDT") for coin in COINS]) as venue:
        yield venue


@pytest.fixture
def okx() -> Iterator[StreamVenue]:
    with StreamVenue(Okx(), [new_market(f"{coin}-USDT") for coin in COINS]) as venue:
        yield venue


@pytest.fixture
def config(binance: StreamVenue, okx: StreamVenue) -> Iterator[Config]:
    store_instruments("BINANCE", [row("BINANCE", f"{coin}USDT", coin) for coin in COINS], utc_now())
    store_instruments("OKX", [row("OKX", f"{coin}-USDT", coin) for coin in COINS], utc_now())
    with UpstreamServer() as server:
        serve_depth(server, binance.markets)
        yield parse_config(
            {
                "SPOT_CURRENCIES": "AAA BBB",
                "BINANCE_STREAM_URL": f"{binance.url}{BinanceSpot.path}",
                "BINANCE_DEPTH_URL": server.url(DEPTH_PATH),
                "OKX_STREAM_URL": f"{okx.url}{Okx.path}",
            }
        )


class Running:
    """A collector in a second thread."""

    def __init__(self, config: Config, *feeds: Feed) -> None:
        self.witness = Witness()
        self.named: dict[str, dict[str, str]] = {}
        self._stop = threading.Event()
        collector = Collector(
            config,
            feeds or [SmallBinance(), SmallOkx()],
            [lambda venue: self.witness],
            utc_now,
            lambda venue, symbols: self.named.update({venue: {name: row.token for name, row in symbols.items()}}),
            SHORT,
        )
        self._thread = threading.Thread(target=collector.run, args=(self._stop,))

    def __enter__(self) -> Running:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join(8)
        assert not self._thread.is_alive()
        assert self.witness.broken_promises == []


def walk(*venues: StreamVenue) -> None:
    for venue in venues:
        venue.walk(sorted(venue.markets), 12, random.Random(3))


def test_every_watched_pair_of_every_venue_is_collected_and_reported(
    config: Config, binance: StreamVenue, okx: StreamVenue
) -> None:
    with Running(config) as running:

        def reported() -> bool:
            walk(binance, okx)
            rows = StreamStatus.objects.filter(symbols=2, in_sync=2, connections=1)
            return rows.count() == 2 and SourceHealth.objects.filter(state="ok").count() == 2

        eventually(reported, 5, "both venues are reported")
        assert set(binance.subscriptions) == {"AAAUSDT", "BBBUSDT"}
        assert running.named == {
            "BINANCE": {"AAAUSDT": "AAA", "BBBUSDT": "BBB"},
            "OKX": {"AAA-USDT": "AAA", "BBB-USDT": "BBB"},
        }
        numbers = status.health_gauges()
        assert numbers["streams_binance_in_sync"] == 2 and numbers["streams_okx_frames"] > 0
    # An end on purpose is no silence.
    assert not SourceHealth.objects.exists() and not StreamStatus.objects.exists()
    assert {story[-1] for story in running.witness.stories.values()} == {"lost: the collector stops"}


def test_watch_lists_and_listings_hold_without_a_restart(
    config: Config, binance: StreamVenue, okx: StreamVenue
) -> None:
    with Running(config) as running:
        eventually(lambda: len(binance.subscriptions) == 2, 5, "two pairs are carried")
        WatchListEntry.objects.create(watch_list="spot", currency="CCC", watched=True)
        WatchListEntry.objects.create(watch_list="spot", currency="AAA", watched=False)
        eventually(lambda: "CCCUSDT" in binance.subscriptions, 3, "an admin's coin is carried")
        eventually(lambda: running.named["BINANCE"].keys() == {"BBBUSDT", "CCCUSDT"}, 3, "the other is let go")
        store_instruments("BINANCE", [row("BINANCE", "BBBUSDT", "BBB"), row("BINANCE", "BBBUSDC", "BBB")], utc_now())
        eventually(lambda: running.named["BINANCE"].keys() == {"BBBUSDT", "BBBUSDC"}, 3, "listings are followed")
        assert "CCC-USDT" in okx.subscriptions


def test_one_collector_a_venue_and_the_next_takes_over(config: Config, binance: StreamVenue, okx: StreamVenue) -> None:
    with Running(config):
        eventually(lambda: binance.connections == 1, 5, "the first collects")
        with Running(config) as second:
            walk(binance, okx)
            eventually(lambda: StreamStatus.objects.filter(in_sync=2).count() == 2, 5, "the first is in sync")
            assert second.named == {} and binance.opened == 1
    with Running(config):
        eventually(lambda: binance.opened == 2, 5, "another one collects after it")


def test_what_cannot_be_read_is_kept_whole_once_for_each_fault(
    config: Config, binance: StreamVenue, okx: StreamVenue
) -> None:
    with Running(config):
        eventually(lambda: binance.connections == 1, 5, "it collects")
        padding = "x" * 5000
        frame = f'{{"stream":"aaausdt@depth@100ms","data":{{"e":"depthUpdate","padding":"{padding}"}}}}'
        for _ in range(3):
            binance.say(frame)
        eventually(lambda: QuarantinedItem.objects.filter(source="streams.binance").exists(), 5, "it is kept")
        item = QuarantinedItem.objects.get(source="streams.binance")
        assert item.payload is not None and item.payload.size == len(frame)
        eventually(lambda: StreamStatus.objects.get(pk="BINANCE").malformed == 3, 3, "every one is counted")


def test_a_venue_that_stays_away_is_failing_and_then_an_operations_event(
    config: Config, binance: StreamVenue, okx: StreamVenue
) -> None:
    binance.refuse()
    with Running(config):
        eventually(lambda: SourceHealth.objects.filter(pk="streams.binance", state="failing").exists(), 5, "it fails")
        health_row = SourceHealth.objects.get(pk="streams.binance")
        assert "cannot connect" in health_row.last_error
        assert "streams.binance" in health.mark_stale(utc_now() + timedelta(minutes=5))
        assert OperationsEvent.objects.filter(natural_key="operations:stale:streams.binance", status="open").exists()
        binance.refuse(False)

        def answers_again() -> bool:
            walk(binance)
            return SourceHealth.objects.filter(pk="streams.binance", state="ok").exists()

        eventually(answers_again, 5, "it answers again")
        closed = OperationsEvent.objects.filter(natural_key="operations:stale:streams.binance", status="closed")
        eventually(closed.exists, 3, "and the event is closed")


def test_trades_that_have_a_connection_of_their_own_reach_their_book_and_their_loss_is_none_of_it() -> None:
    store_instruments("BINANCE_USDM", [row("BINANCE_USDM", "AAAUSDT", "AAA")], utc_now())
    with (
        UpstreamServer() as server,
        StreamVenue(BinanceFutures(), [new_market("AAAUSDT")]) as books,
        StreamVenue(BinanceTrades(), [new_market("AAAUSDT")]) as trades,
    ):
        serve_depth(server, books.markets)
        config = parse_config(
            {
                "USDM_CURRENCIES": "AAA",
                "BINANCE_USDM_STREAM_URL": f"{books.url}{BinanceFutures.path}",
                "BINANCE_USDM_TRADE_STREAM_URL": f"{trades.url}{BinanceTrades.path}",
                "BINANCE_USDM_DEPTH_URL": server.url(DEPTH_PATH),
            }
        )
        with Running(config, SmallUsdm()) as running:

            def both_up() -> bool:
                walk(books)
                return running.witness.times_synced("AAAUSDT") == 1 and trades.subscriptions == ["AAAUSDT"]

            eventually(both_up, 5, "book and trades are carried")
            trades.say(BinanceTrades.trade("AAAUSDT", "99.9", "2.5", taker_buys=False))
            eventually(lambda: running.witness.trades == [("AAAUSDT", 99.9, 2.5, False)], 3, "the trade is told")
            trades.disconnect()
            eventually(lambda: len(trades.subscriptions) == 2, 3, "the trades' connection is made anew")
            walk(books)
            assert running.witness.stories["AAAUSDT"] == ["synced"]


def test_a_lock_that_was_lost_with_its_connection_is_taken_again_and_the_books_go_on(
    config: Config, binance: StreamVenue, okx: StreamVenue
) -> None:
    with Running(config) as running:

        def in_sync() -> bool:
            walk(binance, okx)
            return StreamStatus.objects.filter(in_sync=2).count() == 2

        def lock_holders() -> set[int]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT a.pid FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid"
                    " WHERE l.mode = 'ExclusiveLock' AND l.relation IS NOT NULL"
                    " AND a.application_name = 'crypto_ews streams'"
                )
                return {pid for (pid,) in cursor.fetchall()}

        eventually(in_sync, 5, "both venues are in sync")
        (before,) = lock_holders()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [before])
        eventually(lambda: lock_holders() - {before}, 5, "the locks are held again")
        walk(binance, okx)
        assert binance.opened == okx.opened == 1
        assert {story[-1] for story in running.witness.stories.values()} == {"synced"}


def test_a_venue_whose_list_does_not_come_fails_alone(config: Config, binance: StreamVenue, okx: StreamVenue) -> None:
    with UpstreamServer() as hanging:
        hanging.route("/v5/market/instruments-info", Hang())
        slow = replace(config, bybit_base_trading_url=hanging.url("").rstrip("/"), timeout_seconds=1.0)
        with Running(slow, SmallBinance(), FEEDS["bybit", "spot"]):
            hanging.wait_for(1, "/v5/market/instruments-info")

            def binance_is_well() -> bool:
                walk(binance)
                return SourceHealth.objects.filter(pk="streams.binance", state="ok").exists()

            eventually(binance_is_well, 5, "the other venue is collected and reported")
            failing = SourceHealth.objects.filter(pk="streams.bybit", state="failing")
            eventually(failing.exists, 5, "the venue says what is wrong")
            assert "streams.bybit.instruments" in failing.get().last_error
