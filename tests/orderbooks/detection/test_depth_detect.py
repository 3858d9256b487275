"""When thin books become an event, and when they do not."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from events.drafts import EventDraft
from orderbooks.detection.depth_drop import ENOUGH_MINUTES, DepthWatch, OpenEvent
from orderbooks.detection.observations import Depth, PairName, depth_of
from orderbooks.records import MINUTE_MS, Band
from tests.orderbooks.recording.minutes_support import NOON, minute_row

PAIR = "BINANCE:btcusdt"
NAME = PairName("BINANCE:BTCUSDT", "BTC", "USDT")
AT = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
KEY = "depth_drop:BINANCE:BTCUSDT"


class Bench:
    """One pair with a share of 30 %, told minute by minute, and the event that its drafts would leave open."""

    def __init__(self, history: int = ENOUGH_MINUTES, normal: float = 1000.0) -> None:
        self.watch = DepthWatch(0.3)
        self.known: dict[str, OpenEvent] = {}
        self.minute = 0
        for minute in range(-history, 0):
            self.watch.remember(Depth(PAIR, NOON + minute * MINUTE_MS, normal))

    def tell(self, *depths: float | None, minute: int | None = None) -> list[EventDraft]:
        drafts: list[EventDraft] = []
        for depth in depths:
            self.minute = self.minute if minute is None else minute
            reading = Depth(PAIR, NOON + self.minute * MINUTE_MS, depth)
            at = AT + timedelta(minutes=self.minute)
            for draft in self.watch.take([reading], {PAIR: NAME}, {PAIR: True}, self.known, at):
                drafts.append(draft)
                if draft.state == "closed":
                    self.known = {}
                else:
                    self.known = {KEY: OpenEvent(draft.title, draft.facts, draft.valid_until)}
            self.minute += 1
        return drafts


def states(drafts: list[EventDraft]) -> list[str]:
    return [draft.alert or draft.state for draft in drafts]


def test_the_second_low_minute_in_a_row_opens_an_event() -> None:
    bench = Bench()
    assert bench.tell(299) == []
    (draft,) = bench.tell(250)
    assert (draft.natural_key, draft.category, draft.kind, draft.source) == (
        KEY, "depth_drop", "depth_drop", "orderbooks",
    )  # fmt: skip
    assert (draft.priority, draft.effects[0].scope, draft.effects[0].tickers) == (
        "high", "pairs", ("BINANCE:BTCUSDT",),
    )  # fmt: skip
    assert draft.title == "Book of BINANCE:BTCUSDT thinned out: 250 USDT within ±1 %, 25 % of normal"
    assert (draft.facts["depth"], draft.facts["median_24h"], draft.extra["median"]) == (250, 1000, 1000)


def test_a_minute_at_the_share_itself_is_not_low() -> None:
    assert Bench().tell(300, 300, 300) == []


@pytest.mark.parametrize("between", [[500.0], [None]], ids=["a deep minute", "a partial minute"])
def test_low_minutes_that_do_not_follow_each_other_open_nothing(between: list[float | None]) -> None:
    bench = Bench()
    assert bench.tell(200, *between, 200, *between, 200) == []


def test_a_minute_that_is_missing_breaks_the_row() -> None:
    bench = Bench()
    assert bench.tell(200) == []
    assert bench.tell(200, minute=2) == []
    assert states(bench.tell(200)) == ["open"]


def test_it_closes_after_three_minutes_above_the_higher_bar() -> None:
    bench = Bench()
    bench.tell(200, 200)
    # 400 is neither low nor clear; a partial minute counts for nothing, and neither do those before it.
    assert bench.tell(460, 460, 400, 460, 460, None, 460, 460) == []
    (draft,) = bench.tell(460)
    assert (draft.state, draft.natural_key) == ("closed", KEY)
    assert draft.close_reason == "460 USDT within ±1 %, third minute above 45 % of normal"


def test_without_six_hours_of_history_there_is_no_verdict_and_it_is_said() -> None:
    bench = Bench(history=ENOUGH_MINUTES - 1)
    assert bench.watch.learning == {PAIR: ENOUGH_MINUTES - 1}
    # Of the two low ones the first is the last minute of the six hours, the second is judged.
    assert bench.tell(100) == []
    assert bench.watch.learning == {}
    assert states(bench.tell(100, 100)) == ["open"]


def test_minutes_that_are_older_than_a_day_or_unknown_make_no_history() -> None:
    bench = Bench()
    bench.minute = 1440 * 2
    assert bench.tell(100, 100, 100) == []
    unknown = Bench(history=0)
    for minute in range(-ENOUGH_MINUTES, 0):
        unknown.watch.remember(Depth(PAIR, NOON + minute * MINUTE_MS, None))
    assert unknown.tell(100, 100, 100) == []


def test_the_median_is_the_pairs_own_and_moves_with_the_day() -> None:
    bench = Bench(history=700, normal=100.0)
    for minute in range(741):
        bench.tell(1000, minute=minute)
    # 741 of 1,440 minutes at 1,000: that is normal now, and 290 is low.
    bench.minute = 741
    assert states(bench.tell(290, 290)) == ["open"]


def test_an_open_event_is_renewed_silently_before_it_expires_and_keeps_its_title() -> None:
    bench = Bench()
    (opened,) = bench.tell(200, 200)
    drafts = bench.tell(*[210] * 30)
    assert [draft.alert for draft in drafts] == [None, None]
    assert {draft.title for draft in drafts} == {opened.title} and all(not draft.extra for draft in drafts)
    ends = [draft.valid_until for draft in (opened, *drafts)]
    assert all(later - earlier <= timedelta(minutes=20) for earlier, later in itertools.pairwise(ends))  # type: ignore[operator]


def test_half_of_what_was_told_is_told_again() -> None:
    bench = Bench()
    bench.tell(200, 200)
    assert states(bench.tell(101, 100, 99, 49)) == ["worse", "worse"]


def test_a_minute_told_twice_counts_once_and_one_that_is_taken_back_is_not_low() -> None:
    bench = Bench()
    assert bench.tell(100) == []
    assert bench.tell(100, minute=0) == []
    assert bench.tell(None, minute=0) == []
    assert bench.tell(100, minute=1) == []


@pytest.mark.parametrize("watched", [True, False])
def test_only_watched_pairs_are_of_high_priority(watched: bool) -> None:
    bench = Bench()
    readings = [Depth(PAIR, NOON + minute * MINUTE_MS, 100.0) for minute in (0, 1)]
    (draft,) = bench.watch.take(readings, {PAIR: NAME}, {PAIR: watched}, {}, AT)
    assert draft.priority == ("high" if watched else "low")


def test_a_pair_without_a_name_is_no_event_yet_and_keeps_its_history() -> None:
    bench = Bench()
    assert bench.watch.take([Depth(PAIR, NOON, 100.0)], {}, {}, {}, AT) == []
    assert states(bench.tell(100, 100, minute=1)) == []
    bench.minute = 2
    assert states(bench.tell(100)) == ["open"]


def test_a_row_gives_the_thinner_sides_depth_and_none_where_the_band_is_not_known() -> None:
    def with_band(bid: float, ask: float, bid_coverage: float = 1.0, ask_coverage: float = 1.0) -> tuple[Band, ...]:
        return (Band(0.5, 9.0, 9.0, 1.0, 1.0), Band(1.0, bid, ask, bid_coverage, ask_coverage))

    assert depth_of(minute_row(bands=with_band(700.0, 300.0))) == Depth(PAIR, NOON, 300.0)
    assert depth_of(minute_row(bands=with_band(0.0, 300.0))).depth == 0.0
    assert depth_of(minute_row(bands=with_band(700.0, 300.0, ask_coverage=0.99))).depth is None
    assert depth_of(minute_row(bands=with_band(700.0, 300.0, bid_coverage=0.5))).depth is None
    assert depth_of(minute_row(partial=True)).depth is None
    assert depth_of(minute_row(bands=())).depth is None
