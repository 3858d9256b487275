"""What tests of the API write into the database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from django.db import connection, connections

from events import clock
from events.lifecycle import open_manual_event
from events.models import Event, Heartbeat, SourceHealth, VenueSource
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import WatchEffective


def manual_event(*tokens: str, **values: Any) -> Event:
    """An open event on tokens, as an admin opens it."""
    values.setdefault("title", f"block {tokens}")
    outcome = open_manual_event(clock.database_now(), by="test", tokens=tokens, **values)
    assert outcome.event is not None
    return outcome.event


def all_is_fresh() -> None:
    """The daemon has just beaten, the view was just refreshed, and every source has just answered."""
    now = clock.database_now()
    Heartbeat.objects.update_or_create(only_row=True, defaults={"beat_at": now, "daemon": "test"})
    for source in set(VenueSource.objects.values_list("source", flat=True)):
        SourceHealth.objects.update_or_create(
            source=source,
            defaults={"state": "ok", "interval_seconds": 30, "last_success_at": now, "watched_since": now},
        )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE risk_view_state SET refreshed_at = clock_timestamp()")


@contextmanager
def beating(seconds: float = 2.0) -> Iterator[None]:
    """All is made fresh every so many seconds meanwhile, from a thread of its own."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(seconds):
            all_is_fresh()
        connections.close_all()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def quiet_market() -> None:
    """Spot pairs on Binance and OKX and a perpetual; BTC and ETH are watched, XYZ is not."""
    now = clock.database_now()

    def pair(venue: str, symbol: str, base: str, quote: str, kind: str = "") -> InstrumentRow:
        settle = quote if kind else ""
        return InstrumentRow(venue, symbol, base, quote, base, "TRADING", True, contract_type=kind, settle=settle)

    spot = [("BTCUSDT", "BTC", "USDT"), ("ETHBTC", "ETH", "BTC"), ("XYZUSDT", "XYZ", "USDT")]
    store_instruments("BINANCE", [pair("BINANCE", *one) for one in spot], now)
    store_instruments("BINANCE_USDM", [pair("BINANCE_USDM", "BTCUSDT", "BTC", "USDT", "PERPETUAL")], now)
    store_instruments("OKX", [pair("OKX", "BTC-USDT", "BTC", "USDT")], now)
    lists = {"spot": "BTC ETH", "usdm": "BTC", "quote": "USDT USDC BTC"}
    WatchEffective.objects.bulk_create(
        WatchEffective(watch_list=name, currency=one)
        for name, currencies in lists.items()
        for one in currencies.split()
    )
    all_is_fresh()


def problem(answer: httpx.Response, status: int) -> str:
    """The detail of a refusal, whose form is checked."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    body = answer.json()
    assert (body["status"], body["data_status"]) == (status, "unknown")
    return str(body["detail"])
