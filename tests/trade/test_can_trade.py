"""Contract 12: the one strict answer, as a bot gets it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from events.models import Heartbeat, SourceHealth, VenueSource
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import WatchEffective
from tests.events.risk_view_support import make_event, query

MINUTE = timedelta(minutes=1)


def database_now() -> datetime:
    ((now,),) = query("SELECT clock_timestamp()")
    return now


def spot(symbol: str, base: str, quote: str, venue: str = "BINANCE", **fields: Any) -> InstrumentRow:
    return InstrumentRow(venue, symbol, base, quote, base, "TRADING", fields.pop("live", True), **fields)


def perpetual(symbol: str, base: str, quote: str, venue: str = "BINANCE_USDM", **fields: Any) -> InstrumentRow:
    settle = fields.pop("settle", quote)
    live = fields.pop("live", True)
    return InstrumentRow(
        venue, symbol, base, quote, base, "TRADING", live, contract_type="PERPETUAL", settle=settle, **fields
    )


@pytest.fixture
def world(db: None) -> Iterator[None]:
    """Binance as it is on a quiet day: three coins, all sources fresh, BTC and ETH watched."""
    now = database_now()
    store_instruments(
        "BINANCE",
        [spot("BTCUSDT", "BTC", "USDT"), spot("BTCUSDC", "BTC", "USDC"), spot("ETHBTC", "ETH", "BTC"),
         spot("XYZUSDT", "XYZ", "USDT")],
        now,
    )  # fmt: skip
    store_instruments(
        "BINANCE_USDM", [perpetual("BTCUSDT", "BTC", "USDT"), perpetual("1000SHIBUSDT", "1000SHIB", "USDT")], now
    )
    store_instruments("OKX", [spot("BTC-USDT", "BTC", "USDT", "OKX")], now)
    for name, currencies in (("spot", "BTC ETH"), ("usdm", "BTC SHIB"), ("quote", "USDT USDC BTC")):
        WatchEffective.objects.bulk_create(WatchEffective(watch_list=name, currency=one) for one in currencies.split())
    fresh(now)
    yield


def fresh(now: datetime) -> None:
    Heartbeat.objects.update_or_create(only_row=True, defaults={"beat_at": now, "daemon": "test"})
    for source in set(VenueSource.objects.values_list("source", flat=True)):
        SourceHealth.objects.update_or_create(
            source=source,
            defaults={"state": "ok", "interval_seconds": 30, "last_success_at": now, "watched_since": now},
        )
    query("UPDATE risk_view_state SET refreshed_at = clock_timestamp()")


def ask(*names: str) -> list[dict[str, Any]]:
    """The rows of can_trade as the role `ews_bot` reads them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE ews_bot")
        cursor.execute(f"SELECT * FROM can_trade({', '.join(['%s'] * len(names))})", names)
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute("RESET ROLE")
    return rows


def one(*names: str) -> dict[str, Any]:
    (row,) = ask(*names)
    return row


def test_a_quiet_pair_may_be_opened_and_closed(world: None) -> None:
    row = one("binance", "BTC/USDT")
    assert (row["exchange"], row["venue"], row["symbol"]) == ("binance", "BINANCE", "BTCUSDT")
    assert (row["base"], row["quote"], row["settle"]) == ("BTC", "USDT", "")
    assert (row["may_open"], row["may_close"], row["action"]) == (True, True, "none")
    assert (row["status"], row["covered"], row["stale_sources"]) == ("fresh", "watched", [])


def test_a_delisting_on_another_venue_never_counts(world: None) -> None:
    make_event({"token": "BTC", "scope": "venue", "venue": "OKX", "action": "halt"})
    assert one("okx", "BTC/USDT")["action"] == "halt"
    assert one("binance", "BTC/USDT")["action"] == "none"
