"""Every fault of a venue over real WebSockets on loopback: afterwards the books are the venue's, within one resync of
the pairs that the fault concerns and none of the others; and nothing is ever told of a book that is not in sync."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from events import clock
from tests.streams.engine_support import DEPTH_PATH, World
from tests.support.daemon_process import eventually
from tests.upstreams import Reply, too_many_requests
from tests.upstreams.streams.dialects import BinanceSpot, milliseconds

SYMBOLS = ("A-USDT", "B-USDT", "C-USDT", "D-USDT")
NONE = dict.fromkeys(SYMBOLS, 0)
B_ALONE = {**NONE, "B-USDT": 1}
VENUES = ["binance", "okx"]
SHUTDOWN = '{"e":"serverShutdown","E":1700000000000}'


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("fault", ["lose", "garble"])
def test_a_missing_update_resyncs_its_pair_and_no_other(venue: str, fault: str) -> None:
    with World(venue, SYMBOLS) as world:
        world.begin()
        getattr(world.venue, fault)("B-USDT")
        world.walk(3, "B-USDT")
        world.walk()
        eventually(lambda: world.resyncs() == B_ALONE, 3, "the pair is in sync again")
        world.settle()
        assert world.resyncs() == B_ALONE
        assert len(world.malformed) == (fault == "garble")


@pytest.mark.parametrize("venue", VENUES)
def test_updates_in_the_wrong_order_resync_their_pair_and_no_other(venue: str) -> None:
    with World(venue, SYMBOLS) as world:
        world.begin()
        world.venue.swap("B-USDT")
        world.walk(3, "B-USDT")
        world.walk()
        eventually(lambda: world.resyncs() == B_ALONE, 3, "the pair is in sync again")
        world.settle()
        assert world.resyncs() == B_ALONE


@pytest.mark.parametrize("venue", VENUES)
def test_a_repeated_update_changes_nothing(venue: str) -> None:
    with World(venue, SYMBOLS) as world:
        world.begin()
        # What came before the snapshot that a book began with is old news, too.
        before = world.books.counters.duplicates
        world.venue.double("B-USDT")
        world.walk()
        world.settle()
        assert world.resyncs() == NONE and world.books.counters.duplicates == before + 1


def test_a_wrong_checksum_resyncs_its_pair_and_no_other() -> None:
    with World("okx", SYMBOLS) as world:
        world.begin()
        world.venue.falsify("B-USDT")
        world.walk(1, "B-USDT")
        world.walk()
        eventually(lambda: world.resyncs() == B_ALONE, 3, "the pair is in sync again")
        world.settle()
        assert world.resyncs() == B_ALONE and world.books.counters.checksums_failed == 1


@pytest.mark.parametrize("venue", VENUES)
def test_a_socket_that_falls_silent_is_found(venue: str) -> None:
    """Binance's is made anew; OKX's still answers pings, so that its pairs are subscribed anew: pongs prove no data."""
    with World(venue, SYMBOLS) as world:
        world.begin()
        world.venue.deafen()
        before = len(world.venue.subscriptions)

        def found() -> bool:
            # A market that stands still is as silent as a dead socket, and as right.
            world.walk(8)
            return len(world.venue.subscriptions) >= before + 4

        eventually(found, 8, "everything is subscribed anew")
        world.walk()
        world.settle()
        assert set(world.resyncs().values()) <= {0, 1}
        counters = world.streams.counters
        assert (counters.silent_connections, counters.silent_symbols) == ((2, 0) if venue == "binance" else (0, 4))


@pytest.mark.parametrize("venue", VENUES)
def test_a_pair_that_alone_falls_silent_is_found_and_subscribed_anew(venue: str) -> None:
    with World(venue, SYMBOLS) as world:
        world.begin()
        world.venue.deafen("B-USDT")
        before = len(world.venue.subscriptions)

        def found() -> bool:
            world.walk(4)
            return len(world.venue.subscriptions) > before

        eventually(found, 5, "the pair is subscribed anew")
        world.walk()
        world.settle()
        assert world.venue.subscriptions[before:] == ["B-USDT"]
        others = {symbol: count for symbol, count in world.resyncs().items() if symbol != "B-USDT"}
        assert set(others.values()) == {0} and world.resyncs()["B-USDT"] <= 1


@pytest.mark.parametrize("venue", VENUES)
def test_a_book_whose_stream_dies_alone_while_the_pair_is_traded_is_found_and_subscribed_anew(venue: str) -> None:
    with World(venue, SYMBOLS, quiet_symbol=30.0, quiet_symbol_at_most=30.0, silence_seconds=30.0) as world:
        world.begin()
        world.venue.deafen("B-USDT")
        before = len(world.venue.subscriptions)
        now = milliseconds()
        # By the exchange's clock a minute goes by.
        for at in (now + 5_000, now + 30_000, now + 66_000):
            world.venue.say(world.venue.dialect.trade("B-USDT", "100.0", "1", at))  # type: ignore[attr-defined]
            world.walk(4, "A-USDT", "C-USDT")

        def found() -> bool:
            world.walk(4)
            return len(world.venue.subscriptions) > before

        eventually(found, 5, "the pair is subscribed anew")
        world.walk()
        world.settle()
        assert world.venue.subscriptions[before:] == ["B-USDT"] and world.resyncs() == B_ALONE
        assert world.books.counters.contradictions == 1 == world.books.counters.gaps
        assert "nothing was taken for 61 s" in world.witness.stories["B-USDT"][1]


def test_a_pair_that_is_only_quiet_is_left_alone() -> None:
    with World("binance", SYMBOLS) as world:
        world.begin()
        asked = len(world.server.requests_to(DEPTH_PATH))

        def looked_into() -> bool:
            world.walk(3, "A-USDT", "C-USDT", "D-USDT")
            return len(world.server.requests_to(DEPTH_PATH)) > asked

        eventually(looked_into, 5, "its book is held against a snapshot")
        world.walk(4)
        world.settle()
        assert world.resyncs() == NONE and world.streams.counters.silent_symbols == 0


@pytest.mark.parametrize("venue", VENUES)
def test_pairs_that_are_all_quiet_end_no_connection(venue: str) -> None:
    """Ten idle pairs ended theirs every 78 s: each new connection was as silent as the last."""
    with World(venue, SYMBOLS) as world:
        world.begin()
        subscribed = len(world.venue.subscriptions)
        time.sleep(2.0)
        assert world.streams.counters.silent_connections == 0
        if venue == "binance":
            assert len(world.venue.subscriptions) == subscribed
        world.walk()
        world.settle()


MANY = tuple(f"P{number}-USDT" for number in range(20))


def test_of_a_dead_connection_the_pair_that_moves_is_asked_about_first() -> None:
    """Of twenty pairs one moves. Three by lot would miss it for a quarter of an hour."""
    with World("binance", MANY, quiet_symbol_at_most=60.0, max_symbols_per_connection=20) as world:
        world.begin()
        for _ in range(5):
            world.walk(1, "P7-USDT")
            time.sleep(0.06)
        world.venue.deafen()

        def ended() -> bool:
            world.walk(1, "P7-USDT")
            return world.streams.counters.silent_connections > 0

        eventually(ended, 4, "the dead connection is ended at its first probe")


def test_a_host_that_refuses_snapshots_for_an_hour_keeps_no_dead_connection() -> None:
    with World("binance", SYMBOLS, probe_answer=0.3) as world:
        world.begin()
        world.server.route(DEPTH_PATH, too_many_requests(3600))
        world.venue.deafen()
        # One request is refused, and the others wait for an hour.
        eventually(lambda: world.streams.counters.silent_connections > 0, 5, "silence without an answer is no excuse")


@pytest.mark.parametrize("venue", VENUES)
def test_most_pairs_that_fall_silent_while_they_move_are_subscribed_anew(venue: str) -> None:
    with World(venue, SYMBOLS) as world:
        world.begin()
        world.venue.deafen("B-USDT", "C-USDT", "D-USDT")
        before = len(world.venue.subscriptions)

        def found() -> bool:
            world.walk(4)
            return set(world.venue.subscriptions[before:]) >= {"B-USDT", "C-USDT", "D-USDT"}

        eventually(found, 8, "all three are subscribed anew")
        world.walk()
        world.settle()


def test_a_market_that_stands_still_has_its_books_all_the_same() -> None:
    with World("binance", SYMBOLS) as world:
        world.carry(*SYMBOLS)
        world.settle(3)


def test_a_connection_that_breaks_off_while_a_snapshot_is_on_its_way_ends_with_true_books() -> None:
    with World("binance", SYMBOLS) as world:
        world.begin()

        def slow(request: object) -> Reply:
            return Reply(BinanceSpot.rest(world.venue.markets[request.query["symbol"]]), delay=0.3)  # type: ignore[attr-defined]

        route = world.server.route(DEPTH_PATH, slow)
        world.venue.lose("B-USDT")
        asked = len(world.server.requests_to(DEPTH_PATH))
        world.walk(3, "B-USDT")
        world.server.wait_for(asked + 1, DEPTH_PATH)
        before = len(world.venue.subscriptions)
        world.venue.disconnect()
        world.server.unroute(route)
        eventually(lambda: len(world.venue.subscriptions) == before + 4, 3, "everything is subscribed again")
        world.walk()
        world.settle()
        assert set(world.resyncs().values()) == {1}


@pytest.mark.parametrize("venue", VENUES)
def test_a_venue_that_is_away_is_found_again(venue: str) -> None:
    with World(venue, SYMBOLS) as world:
        world.begin()
        world.venue.refuse()
        world.venue.disconnect()
        eventually(lambda: len(world.streams.faults()) == 2, 3, "both connections are known to be down")
        assert world.in_sync() == 0
        world.venue.refuse(False)
        eventually(lambda: world.streams.faults() == [], 3, "both are back")
        world.walk()
        world.settle()
        assert set(world.resyncs().values()) == {1}


def test_a_refused_snapshot_is_asked_for_again_when_the_host_allows_it_and_not_before() -> None:
    with World("binance", SYMBOLS) as world:
        world.begin()
        asked = len(world.server.requests_to(DEPTH_PATH))
        markets = world.venue.markets
        world.server.route(
            DEPTH_PATH, too_many_requests(1), lambda request: BinanceSpot.rest(markets[request.query["symbol"]])
        )
        world.venue.lose("B-USDT")
        world.venue.lose("C-USDT")

        def in_sync_again() -> bool:
            world.walk(8)
            return world.resyncs() == {**B_ALONE, "C-USDT": 1}

        eventually(in_sync_again, 5, "both pairs are in sync again")
        world.settle()
        refused, *again = world.server.requests_to(DEPTH_PATH)[asked:]
        # One that was on its way already may meet the refusal's answer; none begins within the second.
        assert all(request.received - refused.received >= 1.0 for request in again[1:])
        assert world.resyncs() == {**B_ALONE, "C-USDT": 1}


@pytest.mark.long
def test_a_burst_of_ten_times_what_can_be_read_stays_in_bounded_memory_and_loses_nothing() -> None:
    """The queue fills, the socket is read no more until there is room (TCP's back-pressure), and the others have their
    turn all the same."""
    with World("binance", SYMBOLS, queue_frames=100, max_lag=30.0, silence_seconds=30.0) as world:
        world.begin()
        # The venue sends some thousands of updates a second here.
        world.witness.seconds_per_update = 0.002
        burst = ["A-USDT"] * 10
        tracemalloc.start()
        try:
            world.walk(600, *burst, "B-USDT", "C-USDT", "D-USDT")
            queued = world.streams.counters.longest_queue
            world.settle(10)
            grown, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert world.resyncs() == NONE and world.streams.counters.dropped == 0
        assert 50 <= max(queued, world.streams.counters.longest_queue) <= 200
        assert grown < 5e6


def test_a_connection_that_cannot_catch_up_is_dropped_and_made_anew() -> None:
    """What is older than the bound is no book any more: it is thrown away, said, and the pairs begin again."""
    with World("binance", SYMBOLS, max_lag=0.2, lag_ticks=2) as world:
        world.begin()
        connection = world.do(lambda: next(iter(world.streams._slots.values())).connection)
        stuck = sorted(connection.symbols)
        # As when the machine is too slow: frames wait in the queue, and nobody reads them.
        world.do(lambda: world.streams._scheduler.remove(connection.queue))
        world.walk(40)
        eventually(lambda: world.streams.counters.dropped > 0, 3, "frames are dropped")
        eventually(lambda: world.streams.faults() == [], 3, "a new connection is up")
        world.walk(40)
        world.settle()
        assert world.resyncs() == {symbol: int(symbol in stuck) for symbol in SYMBOLS}


@pytest.mark.long
@pytest.mark.parametrize("venue", VENUES)
def test_a_planned_reconnect_loses_nothing_and_disturbs_nobody(venue: str) -> None:
    with World(venue, SYMBOLS, max_connection_seconds=0.6) as world:
        world.begin()

        def handed_over() -> bool:
            world.walk(8)
            return world.streams.counters.handovers >= 4

        eventually(handed_over, 8, "each connection was renewed twice")
        world.settle()
        assert world.resyncs() == NONE
        assert world.streams.counters.disconnects == 0 and world.books.counters.gaps == 0


def test_a_server_that_is_about_to_shut_down_is_left_before_it_does() -> None:
    with World("binance", SYMBOLS) as world:
        world.begin()
        world.venue.say(SHUTDOWN)

        def handed_over() -> bool:
            world.walk(8)
            return world.streams.counters.handovers == 2

        eventually(handed_over, 3, "both connections are renewed")
        world.settle()
        assert world.resyncs() == NONE


@pytest.mark.parametrize("venue", VENUES)
def test_watch_lists_change_without_disturbing_those_that_stay(venue: str) -> None:
    with World(venue, SYMBOLS) as world:
        world.carry("A-USDT", "B-USDT", "C-USDT")
        eventually(lambda: len(world.venue.subscriptions) == 3, 3, "three are subscribed")
        world.walk(60)
        world.settle(5, "A-USDT", "B-USDT", "C-USDT")
        world.carry("A-USDT", "C-USDT", "D-USDT")
        eventually(lambda: world.venue.subscriptions[-1] == "D-USDT", 3, "the new pair is subscribed")
        world.walk()
        world.settle(5, "A-USDT", "C-USDT", "D-USDT")
        assert world.venue.opened == 2 and world.streams.counters.disconnects == 0
        assert world.resyncs() == {**NONE, "B-USDT": 0}
        assert world.witness.stories["B-USDT"] == ["synced", "lost: not requested any more"]


def test_books_come_up_over_as_few_connections_as_the_limit_allows() -> None:
    with World("binance", SYMBOLS) as world:
        world.begin()
        assert world.venue.connections == 2 and world.resyncs() == NONE
        venue = world.venue
        world.do(lambda: world.streams.set_symbols([]))
        eventually(lambda: venue.connections == 0, 2, "the connections are closed")


def test_an_old_connection_serves_until_a_new_one_can_be_had() -> None:
    with World("binance", SYMBOLS) as world:
        world.begin()
        world.venue.refuse()
        world.venue.say(SHUTDOWN)
        eventually(lambda: world.streams.faults(), 3, "no new connection can be had")
        world.walk()
        world.settle()
        world.venue.refuse(False)

        def handed_over() -> bool:
            world.walk(8)
            return world.streams.counters.handovers == 2

        eventually(handed_over, 3, "both connections are renewed")
        world.settle()
        assert world.resyncs() == NONE and world.streams.faults() == []


def test_a_pair_that_is_added_while_its_connection_is_renewed_is_not_forgotten() -> None:
    with World("binance", SYMBOLS, max_symbols_per_connection=4, silence_seconds=10.0) as world:
        world.carry("A-USDT", "B-USDT")
        eventually(lambda: len(world.venue.subscriptions) == 2, 3, "two are subscribed")
        world.walk(20, "A-USDT", "B-USDT")
        world.settle(5, "A-USDT", "B-USDT")
        world.venue.say(SHUTDOWN)
        eventually(lambda: world.venue.connections == 2, 3, "the new connection is up")
        # B says nothing on it, so that the old one is kept for a while.
        world.carry("A-USDT", "B-USDT", "C-USDT")
        eventually(lambda: world.venue.connections == 1, 3, "the old one is gone")
        world.walk(30, "A-USDT", "B-USDT", "C-USDT")
        world.settle(5, "A-USDT", "B-USDT", "C-USDT")
        assert world.resyncs()["A-USDT"] == world.resyncs()["B-USDT"] == 0


def test_a_symbol_that_the_venue_refuses_is_left_out_for_a_while_and_tried_again() -> None:
    with World("okx", SYMBOLS, refused_again=0.4) as world:
        world.begin()
        before = len(world.venue.subscriptions)
        world.venue.say('{"event":"error","code":"60018","msg":"no such","arg":{"channel":"books","instId":"B-USDT"}}')
        eventually(lambda: "B-USDT" not in world.streams.targets, 3, "it is left out")
        assert world.witness.stories["B-USDT"][-1].startswith("lost")
        eventually(lambda: world.venue.subscriptions[before:] == ["B-USDT"], 3, "it is tried again")
        world.walk()
        world.settle()
        assert world.streams.counters.refused >= 1 and world.streams.counters.disconnects == 0


def test_a_correction_of_our_time_is_no_delay_of_the_streams() -> None:
    off = 0.0
    guard = clock.Guard(wall=lambda: time.time() + off)
    clock.install(guard)
    try:
        with World("binance", SYMBOLS) as world:
            world.begin()
            off = 100.0
            guard.look(clock.DatabaseTime(time.time() + off, clock.monotonic()))
            guard.confirm()
            assert [round(jump.by.total_seconds()) for jump in guard.jumps] == [100]
            ends = time.monotonic() + 0.5

            def walked() -> bool:
                world.walk(10)
                return time.monotonic() > ends

            eventually(walked, 5, "ten looks at the connections have gone by")
            assert world.streams.counters.disconnects == 0
            world.settle()
    finally:
        clock.install(None)
