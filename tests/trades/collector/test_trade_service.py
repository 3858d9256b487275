"""The service of trades over real sockets: minutes from a stream, doubts settled by candles, history, health."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from crypto_ews.conf import Config
from events.database.partitions import drop_partitions
from events.models import SourceHealth
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.streams.engine_support import SHORT
from tests.support.daemon_process import eventually
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer
from tests.upstreams.klines import BinanceCandles, VenueClock
from tests.upstreams.streams.dialects import BinanceTrades
from tests.upstreams.streams.server import StreamVenue, new_market
from trades.collector import control, history
from trades.collector.service import count, trade_gauges
from trades.history.progress import progress
from trades.models import HourBar, MinuteBar, RepairMinute, TradedInstrument
from trades.records import MINUTE_MS, TradeMinute

pytestmark = pytest.mark.django_db(transaction=True)


class SpotTrades(BinanceTrades):
    path = "/stream"


def aggregate(symbol: str, first: int, last: int, price: str, size: str, at_ms: int, buys: bool = True) -> str:
    data = {
        "e": "aggTrade", "E": at_ms + 5, "s": symbol, "a": first, "p": price, "q": size, "f": first, "l": last,
        "T": at_ms, "m": not buys, "M": True,
    }  # fmt: skip
    return json.dumps({"stream": f"{symbol.lower()}@aggTrade", "data": data})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("PAIRS_SECONDS", "_LOCK_SECONDS", "REPORT_SECONDS", "_TURN_SECONDS"):
        monkeypatch.setattr(control, name, 0.1)
    monkeypatch.setattr(history, "REPAIR_SECONDS", 0.2)
    yield
    for table in ("trades_minutebar", "trades_fiveminutebar"):
        drop_partitions(table, date(9999, 1, 1))


@pytest.fixture
def venue() -> Iterator[StreamVenue]:
    with StreamVenue(SpotTrades(), [new_market("AAAUSDT")]) as running:
        yield running


@pytest.fixture
def exchange(server: UpstreamServer) -> BinanceCandles:
    now_ms = int(time.time() * 1000)
    listed = dict.fromkeys(("AAAUSDT", "BBBUSDT"), now_ms - 3 * 3600000)
    return BinanceCandles(server, VenueClock(now_ms), listed=listed)


@pytest.fixture
def config(server: UpstreamServer, venue: StreamVenue) -> Config:
    rows = [InstrumentRow("BINANCE", f"{coin}USDT", coin, "USDT", coin, "TRADING", True) for coin in ("AAA", "BBB")]
    store_instruments("BINANCE", rows, datetime.now(UTC))
    return loopback_config(
        server, SPOT_CURRENCIES="AAA", TRADE_VENUES="BINANCE", BINANCE_STREAM_URL=f"{venue.url}{SpotTrades.path}"
    )


class Running:
    """The service in a second thread."""

    def __init__(self, config: Config) -> None:
        self.rows: list[TradeMinute] = []
        self.passes: list[tuple[str, int]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=count,
            args=(config, self._stop, ["BINANCE"], self.rows.append, SHORT),
            kwargs={"on_pass": lambda venue, number: self.passes.append((venue, number))},
            daemon=True,
        )

    def __enter__(self) -> Running:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


def test_trades_become_minutes_and_doubts_become_the_venues_candles(
    config: Config, venue: StreamVenue, exchange: BinanceCandles
) -> None:
    # The venue's last whole minutes; its present one stays open.
    present_ms = int(time.time() * 1000) // MINUTE_MS * MINUTE_MS
    with Running(config) as running:
        eventually(lambda: venue.connections, 10, "the stream is open")
        trades = [
            aggregate("AAAUSDT", 7, 9, "100.5", "0.30", present_ms - 4 * MINUTE_MS + 1_000),
            aggregate("AAAUSDT", 10, 12, "100.5", "0.30", present_ms - 3 * MINUTE_MS + 1_000),
            aggregate("AAAUSDT", 13, 13, "101.0", "0.10", present_ms - 2 * MINUTE_MS + 1_000),
            aggregate("AAAUSDT", 14, 15, "100.0", "0.20", present_ms - 2 * MINUTE_MS + 59_999, buys=False),
            # The numbers 16 and 17 are missing.
            aggregate("AAAUSDT", 18, 18, "99.0", "1.00", present_ms - MINUTE_MS + 1_000),
            aggregate("AAAUSDT", 19, 19, "99.0", "1.00", present_ms + 3_500),
        ]
        for frame in trades:
            venue.say(frame)
        eventually(lambda: MinuteBar.objects.filter(source="stream", complete=True).exists(), 10, "a minute of trades")
        eventually(lambda: not RepairMinute.objects.exists() and progress(), 15, "every doubt is settled")
        eventually(lambda: {row.state for row in progress()} == {"done"}, 15, "the backfill is done")
        health = eventually(lambda: SourceHealth.objects.filter(pk="trades.binance").first(), 5, "the health")
        assert health.state == "ok"
        assert trade_gauges()["trades_minutes_written"] >= 3
    number = TradedInstrument.objects.get(symbol="AAAUSDT").id
    minutes = {row.minute: row for row in MinuteBar.objects.filter(instrument_id=number)}
    present = datetime.fromtimestamp(present_ms / 1000, UTC)
    seen = minutes[present - timedelta(minutes=1)]
    # Of the two minutes that the hole touches the candles stand, and of the one that the service began in.
    assert (seen.source, seen.complete) == ("kline", True)
    whole = minutes[present - timedelta(minutes=3)]
    assert (whole.source, whole.n_trades, whole.n_buys, whole.first_id, whole.last_id) == ("stream", 3, 3, 10, 12)
    assert str(whole.volume) == "30.150"
    assert all(row.complete for row in minutes.values())
    # Without a hole from three hours ago to now, once each.
    assert {present - timedelta(minutes=ago) for ago in range(1, 170)} <= minutes.keys()
    assert any(row.symbol == "AAAUSDT" and row.n_trades == 3 for row in running.rows)
    # The other pair is ranked, and not counted.
    other = TradedInstrument.objects.get(symbol="BBBUSDT").id
    assert HourBar.objects.filter(instrument_id=other).count() in (2, 3)
    assert not MinuteBar.objects.filter(instrument_id=other).exists()
    assert running.passes == [("BINANCE", number) for number in (1, 2, 3, 4)]
    # It ended on purpose.
    assert not SourceHealth.objects.filter(pk="trades.binance").exists()
