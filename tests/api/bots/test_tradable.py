"""What a venue's pairs may do, in memory: never braver than the database's `can_trade`, and quick to follow it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from api.bots import tradable as module
from api.bots.line import Line, OtherDatabaseError
from api.bots.tradable import Tradable, VenuePairs
from api.runtime import Runtime
from events import clock
from events.lifecycle import close_event
from events.models import Effect, Event, Heartbeat, SourceHealth, VenueSource
from markets.models import Instrument, WatchEffective
from tests.api.bots.support import serving, until, written
from tests.api.support import all_is_fresh, manual_event, quiet_market

Scenario = Callable[[Runtime, Tradable], Awaitable[None]]


@pytest.fixture
def play(transactional_db: None) -> Callable[[Scenario], None]:
    """Runs a scenario on one loop, on a quiet market where BTC and ETH are watched."""
    quiet_market()

    def run(scenario: Scenario) -> None:
        async def on_loop() -> None:
            async with serving() as (runtime, tradable):
                await until(tradable, "BINANCE", lambda now: now.allowed == ("BTC/USDT", "ETH/BTC"))
                await scenario(runtime, tradable)

        asyncio.run(on_loop())

    return run


def low_event(token: str, **values: Any) -> Event:
    """An event that stands in no row of the view."""
    with transaction.atomic():
        event = manual_event(token, action="avoid_new", **values)
        Event.objects.filter(pk=event.pk).update(priority="low")
    return event


async def another_database_is_not_believed(runtime: Runtime) -> None:
    line, seen = Line(runtime, "crypto_ews api test"), runtime.picture.seen
    assert seen is not None and seen.heartbeat_at is not None
    (known,) = await line.may("BINANCE", ["BTCUSDT"])
    assert known.may_open
    later = (replace(seen, seq=seen.seq + 1), replace(seen, heartbeat_at=seen.heartbeat_at + timedelta(seconds=1)))
    before = runtime.picture
    for one in later:
        runtime.picture = replace(before, seen=one)
        with pytest.raises(OtherDatabaseError, match="expected"):
            await line.may("BINANCE", ["BTCUSDT"])
    runtime.picture = before
    assert await line.may("BINANCE", ["BTCUSDT"]) == [known]
    await line.stop()


def test_a_change_is_heard_at_once_by_who_listens(play: Callable[[Scenario], None]) -> None:
    async def scenario(runtime: Runtime, tradable: Tradable) -> None:
        await another_database_is_not_believed(runtime)
        heard: list[VenuePairs] = []
        tradable.subscribe("BINANCE", heard.append)
        tradable.subscribe("BINANCE", heard.append)
        refused: list[VenuePairs] = []

        def refuses_each_first(now: VenuePairs) -> None:
            """A fault of a listener must not leave it with an older list."""
            refused.append(now)
            if len(refused) == 1 or refused[-1].allowed != refused[-2].allowed:
                raise ValueError("of a test")

        tradable.subscribe("BINANCE", refuses_each_first)
        event = await written(manual_event, "ETH", action="exit")
        await until(tradable, "BINANCE", lambda now: now.allowed == ("BTC/USDT",), 2)
        assert heard[-1].allowed == ("BTC/USDT",) and heard[-1].status == "fresh"
        assert "ETH/BTC" in heard[-1].denied and heard[-1].verdicts["ETHBTC"].action == "exit"
        await written(lambda: close_event(event.pk, clock.database_now(), by="test", reason="over"))
        await until(tradable, "BINANCE", lambda now: now.allowed == ("BTC/USDT", "ETH/BTC"), 2)
        count = len(heard)
        await written(all_is_fresh)
        await asyncio.sleep(0.1)
        assert len(heard) == count and heard[-1].allowed == ("BTC/USDT", "ETH/BTC")
        assert refused[-1].allowed == refused[-2].allowed == ("BTC/USDT", "ETH/BTC")
        tradable.unsubscribe("BINANCE", heard.append)

    play(scenario)


@pytest.mark.long
def test_what_stands_in_no_row_of_the_view_is_followed(play: Callable[[Scenario], None]) -> None:
    async def scenario(_runtime: Runtime, tradable: Tradable) -> None:
        async def follows(allowed: tuple[str, ...], work: Callable[..., Any], *values: Any, **named: Any) -> Any:
            made = await written(work, *values, **named)
            # Less than the ten seconds after which all is asked about again.
            await until(tradable, "BINANCE", lambda now: now.allowed == allowed, 3)
            return made

        both, none = ("BTC/USDT", "ETH/BTC"), ()
        low = await follows(("BTC/USDT",), low_event, "ETH")
        every = await follows(none, lambda: Effect.objects.create(event=low, token="*", venue="BINANCE", action="halt"))
        await follows(("BTC/USDT",), every.delete)
        await follows(both, lambda: close_event(low.pk, clock.database_now(), by="test", reason="over"))
        await follows(("ETH/BTC",), manual_event, "USDT", action="reduce_only")
        # No effect changes, and no row: a suspended wallet is suspended on all markets of its exchange.
        there = await follows(("ETH/BTC",), low_event, "ETH", venues=["BINANCE_USDM"])
        await follows(none, lambda: Event.objects.filter(pk=there.pk).update(category="wallet_suspension"))

    play(scenario)


@pytest.mark.long
def test_time_alone_makes_it_unknown_and_a_listener_hears_it(play: Callable[[Scenario], None]) -> None:
    async def scenario(runtime: Runtime, tradable: Tradable) -> None:
        heard: list[VenuePairs] = []
        tradable.subscribe("BINANCE", heard.append)
        await written(lambda: Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(seconds=11.5)))
        await asyncio.sleep(0.1)
        assert not [one for one in heard if one.status != "fresh"]
        await until(tradable, "BINANCE", lambda now: now.status == "unknown", 2)
        await asyncio.sleep(0.3)
        assert (heard[-1].status, heard[-1].allowed, heard[-1].denied) == ("unknown", (), ())
        await written(all_is_fresh)
        await until(tradable, "BINANCE", lambda now: now.status == "fresh", 2)
        await asyncio.sleep(0.01)
        assert heard[-1].allowed == ("BTC/USDT", "ETH/BTC")
        # A source that this venue needs.
        needed = await written(lambda: VenueSource.objects.filter(venue="BINANCE", role="instruments")[0].source)
        await written(lambda: SourceHealth.objects.filter(source=needed).update(state="stale"))
        await until(tradable, "BINANCE", lambda now: now.status == "stale" and now.allowed == (), 2)
        await until(tradable, "OKX", lambda now: now.status == "fresh", 2)
        # Between two heartbeats, and one that was never heard of: the view says nothing of either.
        now = await written(clock.database_now)
        await written(lambda: SourceHealth.objects.filter(source=needed).update(state="ok", last_success_at=now))
        await until(tradable, "BINANCE", lambda now: now.status == "fresh", 3)
        late = timedelta(seconds=149.5)
        await written(lambda: SourceHealth.objects.filter(source=needed).update(last_success_at=now - late))
        await until(tradable, "BINANCE", lambda now: now.status == "stale", 3)
        await written(all_is_fresh)
        await until(tradable, "BINANCE", lambda now: now.status == "fresh", 4)
        await written(lambda: SourceHealth.objects.filter(source=needed).delete())
        await until(tradable, "BINANCE", lambda now: now.status == "stale" and now.allowed == (), 2)

    play(scenario)


@pytest.mark.long
def test_lists_settings_and_ends_are_followed(
    play: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LISTS_SECONDS", 0.1)

    async def scenario(runtime: Runtime, tradable: Tradable) -> None:
        def ends(seconds: float) -> None:
            at = clock.database_now() + timedelta(seconds=seconds)
            Instrument.objects.filter(symbol="ETHBTC").update(ends_at=at)

        await written(ends, 1.0)
        await until(tradable, "BINANCE", lambda now: now.allowed == ("BTC/USDT",), 3)
        await written(lambda: Instrument.objects.filter(symbol="ETHBTC").update(ends_at=None))
        await until(tradable, "BINANCE", lambda now: len(now.allowed) == 2, 3)
        await written(lambda: Instrument.objects.filter(symbol="ETHBTC").update(live=False))
        await until(tradable, "BINANCE", lambda now: (now.allowed, len(now.denied)) == (("BTC/USDT",), 1), 3)
        await written(lambda: WatchEffective.objects.filter(currency="BTC").delete())
        await until(tradable, "BINANCE", lambda now: now.allowed == (), 3)

    play(scenario)


@pytest.mark.long
def test_a_database_that_hangs_is_gone_or_is_another_allows_nothing(play: Callable[[Scenario], None]) -> None:
    def end_sessions() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE %s",
                           ["crypto_ews api%"])  # fmt: skip

    async def scenario(runtime: Runtime, tradable: Tradable) -> None:
        heard: list[VenuePairs] = []
        tradable.subscribe("BINANCE", heard.append)
        # can_trade waits for a lock; the heartbeat can be read all the time.
        release, held = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def lock() -> None:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN; LOCK TABLE markets_instrument IN ACCESS EXCLUSIVE MODE")
                loop.call_soon_threadsafe(held.set)
                asyncio.run_coroutine_threadsafe(release.wait(), loop).result(20)
                cursor.execute("ROLLBACK")

        locking = asyncio.create_task(written(lock))
        await held.wait()
        await until(tradable, "BINANCE", lambda now: now.status == "unknown", 6)
        assert heard[-1].allowed == () and runtime.picture.freshness().status == "fresh"
        release.set()
        await locking
        await written(all_is_fresh)
        await until(tradable, "BINANCE", lambda now: now.allowed == ("BTC/USDT", "ETH/BTC"), 5)
        await written(end_sessions)
        await written(manual_event, "ETH", action="halt")
        await until(tradable, "BINANCE", lambda now: now.allowed == ("BTC/USDT",), 5)

    play(scenario)


@pytest.mark.long
def test_what_nobody_asks_for_is_forgotten(play: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FORGET_SECONDS", 0.1)

    async def scenario(runtime: Runtime, tradable: Tradable) -> None:
        heard: list[VenuePairs] = []
        tradable.subscribe("OKX", heard.append)
        assert tradable._venues.keys() == {"BINANCE", "OKX"}
        await asyncio.sleep(0.5)
        assert tradable._venues.keys() == {"OKX"}
        assert (await tradable.of("NOWHERE")).status == "unknown"

    play(scenario)


@pytest.mark.long
def test_a_venue_whose_names_cannot_be_spelled_takes_no_other_list_away(
    play: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_LISTS_SECONDS", 0.05)
    spell, broken = module.listed_at, [True]

    def listed_at(venue: str, list_venue: str, rows: Any) -> Any:
        if venue == "OKX" and broken:
            raise ValueError("a name that nobody foresaw")
        return spell(venue, list_venue, rows)

    async def scenario(_runtime: Runtime, tradable: Tradable) -> None:
        monkeypatch.setattr(module, "listed_at", listed_at)
        logging.getLogger("api").addHandler(caplog.handler)
        ends = time.monotonic() + 1.0
        assert (await tradable.of("OKX")).status == "unknown"
        while time.monotonic() < ends:
            assert (await tradable.of("BINANCE")).allowed == ("BTC/USDT", "ETH/BTC")
            await asyncio.sleep(0.02)
        logging.getLogger("api").removeHandler(caplog.handler)
        assert caplog.text.count("the pairs of OKX cannot be computed") == 1
        broken.clear()
        await until(tradable, "OKX", lambda now: now.allowed == ("BTC/USDT",), 3)

    play(scenario)
