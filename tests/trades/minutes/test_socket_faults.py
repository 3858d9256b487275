"""Every fault of a venue's trades over real WebSockets on loopback: a minute equals the reference, or it is asked again
and then equals it; and none that does not is called complete."""

from __future__ import annotations

import time
from dataclasses import replace

from tests.trades.minutes.world import TradeWorld
from trades.minutes.gaps import RepairReason


def check(world: TradeWorld) -> None:
    world.settle()
    assert world.falsely_complete() == set()
    assert world.unequal() <= world.repairs
    world.repair()
    assert world.unequal() == set()


def test_without_a_fault_every_minute_is_the_venues() -> None:
    with TradeWorld() as world:
        world.tell(world.tape)
        world.settle()
        assert world.unequal() == set()
        assert world.incomplete() == world.repairs and len(world.repairs) == 2


def test_trades_that_are_not_told_are_found_by_their_numbers() -> None:
    with TradeWorld() as world:
        missing = {20, 21, 22, 50}
        world.tell(fill for place, fill in enumerate(world.tape) if place not in missing)
        world.settle()
        assert 1 <= len(world.unequal()) <= 4 and world.minutes.counters.gaps >= 3
        check(world)


def test_trades_that_come_twice_count_once() -> None:
    with TradeWorld() as world:
        world.tell(fill for fill in world.tape for _ in range(2))
        world.settle()
        assert world.unequal() == set() and world.minutes.counters.duplicates == len(world.tape)


def test_trades_between_two_connections_are_asked_for() -> None:
    with TradeWorld() as world:
        world.tell(world.tape[:40])
        world.come(world.tape[39])
        opened = world.venue.opened
        world.venue.disconnect()
        # Told to nobody.
        world.reconnected(opened)
        world.tell(world.tape[60:])
        world.settle()
        assert world.unequal() and RepairReason.RECONNECT in world.reasons
        check(world)


def test_a_reconnect_that_misses_nothing_leaves_every_minute_complete() -> None:
    with TradeWorld() as world:
        for place in (30, 60, 90):
            world.tell(world.tape[place - 30 : place])
            world.come(world.tape[place - 1])
            opened = world.venue.opened
            world.venue.disconnect()
            world.reconnected(opened)
        world.tell(world.tape[90:])
        world.settle()
        assert world.unequal() == set()
        assert len(world.incomplete()) == 2


def test_late_trades_are_counted_in_their_minute() -> None:
    with TradeWorld() as world:
        late = sorted(world.tape, key=lambda fill: fill.at + (fill.first % 7) * 400)
        assert late != world.tape
        world.tell(late)
        check(world)
        assert world.minutes.counters.late == 0


def test_a_socket_that_falls_silent_is_made_anew_and_what_it_missed_is_asked_for() -> None:
    with TradeWorld(silence_seconds=0.4) as world:
        world.tell(world.tape[:50])
        world.come(world.tape[49])
        opened = world.venue.opened
        # The market goes on, and the socket stays open.
        world.reconnected(opened)
        assert world.streams.counters.silent_connections >= 1
        world.tell(world.tape[70:])
        world.settle()
        assert world.unequal()
        check(world)


def test_a_trade_with_a_wrong_time_is_missed_and_ends_no_minute() -> None:
    with TradeWorld() as world:
        told = list(world.tape)
        told[30] = replace(told[30], at=told[30].at + 86_400_000)
        told[70] = replace(told[70], at=told[70].at - 86_400_000)
        world.tell(told)
        world.settle()
        assert 1 <= len(world.unequal()) <= 2
        assert max(minute_ms for _, minute_ms in world.rows) <= world.tape[-1].at
        check(world)


def test_a_frame_that_cannot_be_read_is_a_gap() -> None:
    with TradeWorld() as world:
        world.tell(world.tape[:30])
        world.venue.say(world.tape[30].frame[:-9])
        world.tell(world.tape[31:])
        check(world)
        assert len(world.malformed) == 1


def test_a_connection_that_is_renewed_hands_its_trades_over_without_a_gap() -> None:
    with TradeWorld(number=400, max_connection_seconds=0.3, max_symbols_per_connection=1) as world:
        place = 0
        while place < len(world.tape) and world.streams.counters.handovers < 4:
            world.tell(world.tape[place : place + 2])
            place += 2
            time.sleep(0.005)
            world.come(world.tape[place - 1])
        assert world.streams.counters.handovers >= 4
        world.tell(world.tape[place:])
        world.settle()
        assert world.unequal() == set()
        assert len(world.incomplete()) == 2 and world.minutes.counters.gaps == 2
