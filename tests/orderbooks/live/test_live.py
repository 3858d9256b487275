"""The hub: bounded, ordered, cheap without subscribers; and its relay through PostgreSQL."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from orderbooks.live.hub import BookState, Hub, LiveItem, LiveListener, Subscription, TradeSum
from orderbooks.live.relay import RelayReceiver, RelaySender, packed, unpacked
from orderbooks.records import Band, Ladder, MinuteRow, ScoredOrder
from tests.support.daemon_process import eventually

ORDER = ScoredOrder("OKX", "BTC-USDT", True, 60_000.0, 9.0, 9.5, 60_010.0, 0.0002, 4.2, 4, 1_700_000_000_000, 5)
STATE = BookState("OKX", "BTC-USDT", 1_700_000_000_000, True, 60_000.0, 1.0, 60_001.0, 2.0)
MINUTE = MinuteRow(
    "OKX", "BTC-USDT", 1_700_000_000_000, False, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, (Band(0.1, 1.0, 2.0, 1.0, 1.0),), 1, 2,
    0.5, 3, 4, 5.0, 6.0, None,
)  # fmt: skip


class FixedBook:
    best = (10.0, 1.0, 11.0, 2.0)

    def ladder(self, levels: int, walls: int) -> tuple[Ladder, Ladder]:
        return ((10.0, 1.0),), ((11.0, 2.0),)


def test_a_subscriber_gets_its_pairs_in_order_and_no_others() -> None:
    hub = Hub()
    mine, everything = hub.subscribe([("OKX", "BTC-USDT")]), hub.subscribe()
    other = ORDER._replace(symbol="ETH-USDT")
    for item in (ORDER, other, STATE):
        hub.publish(item)
    assert mine.take() == [ORDER, STATE] and everything.take() == [ORDER, other, STATE]
    mine.close()
    hub.publish(ORDER)
    assert mine.take() == [] and hub.pairs() == set()


def test_a_subscriber_that_does_not_keep_up_loses_the_oldest_and_is_told() -> None:
    hub = Hub()
    slow = hub.subscribe(limit=3)
    for number in range(5):
        hub.publish(ORDER._replace(received_ns=number))
    assert [item.received_ns for item in slow.take() if isinstance(item, ScoredOrder)] == [2, 3, 4]
    assert slow.dropped == 2


def test_another_threads_publishing_wakes_an_event_loop() -> None:
    hub = Hub()

    async def read() -> list[object]:
        subscription = hub.subscribe()
        batches = subscription.batches(at_least_every=5)
        first = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0.01)
        threading.Thread(target=hub.publish, args=(ORDER,)).start()
        return list(await asyncio.wait_for(first, 2))

    assert asyncio.run(read()) == [ORDER]


def test_an_idle_subscription_gives_an_empty_batch_now_and_then() -> None:
    async def read() -> list[object]:
        return list(await anext(Hub().subscribe().batches(at_least_every=0.01)))

    assert asyncio.run(read()) == []


def states(subscription: Subscription) -> list[BookState]:
    return [item for item in subscription.take() if isinstance(item, BookState)]


def test_a_books_state_is_told_at_most_ten_times_a_second_and_every_order_always() -> None:
    hub = Hub()
    listener, subscription = LiveListener("OKX", hub), hub.subscribe()
    for ms in range(1000, 2000, 10):
        listener.applied("BTC-USDT", FixedBook(), ms, [ORDER])  # type: ignore[arg-type]
    items = subscription.take()
    assert sum(isinstance(item, ScoredOrder) for item in items) == 100
    told = [item for item in items if isinstance(item, BookState)]
    assert len(told) == 10 and told[0] == BookState("OKX", "BTC-USDT", 1000, True, *FixedBook.best)


def test_a_book_that_is_lost_says_so_at_once() -> None:
    hub = Hub()
    listener, subscription = LiveListener("OKX", hub), hub.subscribe()
    listener.synced("BTC-USDT", FixedBook(), 1000)  # type: ignore[arg-type]
    listener.lost_sync("BTC-USDT", "gap", 1001)
    assert [(state.in_sync, state.best_bid, state.reason) for state in states(subscription)] == [
        (True, 10.0, ""),
        (False, None, "gap"),
    ]


def test_trades_are_summed_over_a_tenth_of_a_second() -> None:
    hub = Hub()
    listener, subscription = LiveListener("OKX", hub), hub.subscribe()
    for ms, size, buys in ((1000, 1.0, True), (1050, 2.0, False), (1099, 4.0, True), (1100, 8.0, True)):
        listener.traded("BTC-USDT", 60_000.0 + ms, size, buys, ms)
    assert subscription.take() == [TradeSum("OKX", "BTC-USDT", 1000, 61_099.0, 5.0, 2.0, 3)]


def test_what_is_packed_is_unpacked_and_no_payload_is_too_long_for_postgresql() -> None:
    items: list[LiveItem] = [ORDER, STATE, MINUTE, TradeSum("OKX", "X", 1, 2.0, 3.0, 4.0, 5)] * 100
    payloads = packed(items)
    assert all(len(payload) <= 7_900 for payload in payloads) and len(payloads) > 1
    assert [item for payload in payloads for item in unpacked(payload)] == items
    assert packed([]) == [] and packed([STATE._replace(reason="x" * 9000), ORDER]) == packed([ORDER])


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    flag = threading.Event()
    yield flag
    flag.set()


@pytest.mark.django_db(transaction=True)
def test_a_page_in_another_process_hears_of_the_pair_that_it_wants(stop: threading.Event) -> None:
    collector, pages = Hub(), Hub()
    threads = [
        threading.Thread(target=RelaySender(collector).run, args=(stop,)),
        threading.Thread(target=RelayReceiver(pages).run, args=(stop,)),
    ]
    for thread in threads:
        thread.start()
    subscription = pages.subscribe([("OKX", "BTC-USDT")])
    eventually(lambda: ("OKX", "BTC-USDT") in collector.pairs(), 5, "the collector knows that somebody watches")
    for item in (ORDER, ORDER._replace(symbol="ETH-USDT"), STATE):
        collector.publish(item)
    came: list[LiveItem] = []

    def both_came() -> bool:
        came.extend(subscription.take())
        return len(came) >= 2

    eventually(both_came, 5, "the items come")
    assert came == [ORDER, STATE]
    stop.set()
    for thread in threads:
        thread.join(3)
        assert not thread.is_alive()
    assert collector.pairs() == set()
