"""When whales become an event, and when it closes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.drafts import EventDraft
from orderbooks.detection.depth_drop import OpenEvent
from orderbooks.detection.observations import BookObservations, Depth, OrderPlaced, OrderRemoved, PairName
from orderbooks.detection.whale import WhaleRules, WhaleWatch
from orderbooks.records import GRACE_MS, MINUTE_MS
from tests.orderbooks.recording.minutes_support import NOON

PAIR = "BINANCE:btcusdt"
NAME = PairName("BINANCE:BTCUSDT", "BTC", "USDT")
AT = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
BID = "whale:BINANCE:BTCUSDT:bid"


class Bench:
    """One watched pair, and the events that its drafts would leave open."""

    def __init__(self) -> None:
        self.watch = WhaleWatch(WhaleRules(score=4, persists_ms=60_000))
        self.known: dict[str, OpenEvent] = {}

    def observe(self, second: float, *items: OrderPlaced | OrderRemoved | str) -> list[EventDraft]:
        """Observations at a second after noon, by the venue's clock."""
        observations = BookObservations(
            placed=[item for item in items if isinstance(item, OrderPlaced)],
            ended=[item for item in items if isinstance(item, OrderRemoved)],
            lost=[item for item in items if isinstance(item, str)],
            depths=[Depth(PAIR, NOON + round(second * 1000) - MINUTE_MS - GRACE_MS, None)],
        )
        at = AT + timedelta(seconds=second)
        drafts = self.watch.take(observations, {PAIR: NAME}, {PAIR: True}, self.known, at)
        for draft in drafts:
            if draft.state == "closed":
                del self.known[draft.natural_key]
            else:
                self.known[draft.natural_key] = OpenEvent(draft.title, draft.facts, draft.valid_until)
        return drafts


def placed(second: float, price: float = 100.0, side: str = "bid", score: int = 4, **fields: float) -> OrderPlaced:
    size, distance = fields.get("size", 50.0), fields.get("distance", 0.005)
    return OrderPlaced(PAIR, side == "bid", price, size, score, distance, NOON + round(second * 1000))


def ended(second: float, price: float = 100.0, side: str = "bid", spoof: bool | None = False) -> OrderRemoved:
    return OrderRemoved(PAIR, side == "bid", price, NOON + round(second * 1000), spoof)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("side", ["bid", "ask"])
def test_a_whale_that_stands_for_a_minute_is_an_event_of_its_pair_and_side(bench: Bench, side: str) -> None:
    assert bench.observe(5, placed(5, side=side)) == []
    assert bench.observe(64.9) == []
    (draft,) = bench.observe(65)
    assert (draft.natural_key, draft.category, draft.kind, draft.source, draft.priority) == (
        f"whale:BINANCE:BTCUSDT:{side}", "whale", "whale", "orderbooks", "high",
    )  # fmt: skip
    assert draft.title == f"Whale {side} on BINANCE:BTCUSDT: 5,000 USDT at 100"
    assert (draft.effects[0].token, draft.effects[0].scope, draft.effects[0].venue) == ("BTC", "pairs", "BINANCE")
    assert draft.facts["what"] == "stands" and draft.facts["since"] == "2026-10-01T12:00:05+00:00"
    assert draft.extra == {"side": side, "price": 100.0, "size": 50.0, "score": 4}


def test_the_third_within_ten_minutes_at_about_one_price_is_an_event(bench: Bench) -> None:
    bench.observe(0, placed(0), ended(3, spoof=True))
    bench.observe(200, placed(200, 100.05), ended(203, 100.05, spoof=True))
    (draft,) = bench.observe(400, placed(400, 99.96))
    assert draft.facts["what"] == "came 3 times within ten minutes"
    assert (draft.facts["price"], draft.facts["possible_spoofs"]) == (99.96, 2)


@pytest.mark.parametrize(
    "third",
    [placed(601), placed(400, 100.4), placed(400, side="ask"), placed(400, score=3), placed(400, distance=0.03)],
    ids=["too late", "another price", "other side", "too small", "far away"],
)
def test_what_does_not_repeat_is_no_event(bench: Bench, third: OrderPlaced) -> None:
    for item in (placed(0), placed(200)):
        bench.observe(item.at_ms / 1000 - NOON / 1000, item, ended(item.at_ms / 1000 - NOON / 1000 + 2))
    after = (third.at_ms - NOON) / 1000
    assert bench.observe(after, third, ended(after + 2, third.price, "bid" if third.bid else "ask")) == []


def test_small_or_distant_orders_may_stand_as_long_as_they_like(bench: Bench) -> None:
    bench.observe(0, placed(0, 90.0, distance=0.021), placed(0, 99.0, score=3))
    assert bench.observe(500) == []


def test_it_closes_when_it_is_gone_and_none_has_come_for_ten_minutes(bench: Bench) -> None:
    bench.observe(0, placed(0))
    assert len(bench.observe(60)) == 1
    assert bench.observe(90, ended(90, spoof=False)) == []
    (closing,) = bench.observe(601)
    assert (closing.state, closing.close_reason, closing.natural_key) == ("closed", "the whale at 100 is gone", BID)
    assert bench.observe(700) == [] and bench.known == {}


def test_one_that_stood_for_long_closes_at_once(bench: Bench) -> None:
    bench.observe(0, placed(0))
    for minute in range(1, 30):
        bench.observe(minute * 60)
    (closing,) = bench.observe(1800, ended(1800))
    assert closing.state == "closed"


def test_it_rolls_forward_silently_before_it_expires(bench: Bench) -> None:
    bench.observe(0, placed(0))
    (opened,) = bench.observe(60)
    drafts = [draft for minute in range(2, 40) for draft in bench.observe(minute * 60, placed(minute * 60, size=60.0))]
    assert 2 <= len(drafts) <= 4
    assert all(draft.title == opened.title and draft.alert is None and not draft.extra for draft in drafts)
    assert drafts[-1].facts["size"] > 1000


def test_of_a_lost_book_nothing_is_said_until_the_event_expires(bench: Bench) -> None:
    bench.observe(0, placed(0))
    bench.observe(60)
    assert bench.observe(61, PAIR) == []
    assert bench.observe(3000) == [] and BID in bench.known


def test_after_a_restart_an_open_event_is_left_to_expire_or_taken_up_by_the_next_whale(bench: Bench) -> None:
    bench.observe(0, placed(0))
    bench.observe(60)
    again = Bench()
    again.known = bench.known
    assert again.observe(120) == []
    again.observe(700, placed(700))
    (renewed,) = again.observe(760)
    assert renewed.title == bench.known[BID].title and renewed.state == "open"


def test_the_largest_of_those_that_stand_is_shown(bench: Bench) -> None:
    bench.observe(0, placed(0, 100.0, size=50.0), placed(0, 99.9, size=80.0), placed(1, 99.8, score=6, size=10.0))
    (draft,) = bench.observe(61)
    assert (draft.facts["price"], draft.facts["standing_now"]) == (99.8, 3)


def test_an_order_that_replaces_another_in_the_same_message_stands(bench: Bench) -> None:
    bench.observe(0, placed(0))
    bench.observe(30, placed(30), ended(30))
    assert bench.observe(80) == []
    (draft,) = bench.observe(90)
    assert draft.facts["since"] == "2026-10-01T12:00:30+00:00"


def test_the_detection_knows_every_whale_of_a_crowded_book(bench: Bench) -> None:
    """However many others are open: the last and largest is shown once, and keeps the event open when they are gone."""
    crowd = [placed(0, 100 * 1.003**number) for number in range(1, 601)]
    bench.observe(0, *crowd[:500])
    bench.observe(1, placed(1, 100.0, size=900.0))
    assert bench.observe(2, placed(2, 100.0)) == []
    assert bench.observe(3, placed(3, 100.0)) == []
    bench.observe(4, *crowd[500:])
    (draft,) = bench.observe(61)
    assert draft.title == "Whale bid on BINANCE:BTCUSDT: 100,000 USDT at 100"
    assert (draft.facts["what"], draft.facts["size"], draft.facts["standing_now"]) == ("stands", 1000.0, 601)
    bench.observe(62, *(ended(62, order.price) for order in crowd))
    assert [draft.state for draft in bench.observe(62 + 700)] == ["open"]
