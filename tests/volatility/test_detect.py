"""Which moves are events, and which of them alert."""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.volatility.support import START, Desk, quote
from volatility.detect import Announced, Move, PairMoves, detect
from volatility.prices import PricedPair
from volatility.windows import WINDOWS

MINUTE = timedelta(minutes=1)


def desk(*tokens: str) -> Desk:
    return Desk(frozenset(tokens or ("LUNA",)))


def play(desk: Desk, *prices: float, every: timedelta = MINUTE, begin=START) -> list[str]:
    """Read these prices one after another; the reasons of the alerts so far."""
    for number, price in enumerate(prices):
        desk.price(begin + every * number, price)
    return [alert.reason for alert in desk.alerts]


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.label)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_move_of_exactly_a_windows_threshold_across_it_is_an_event_and_a_little_less_is_none(
    window, sign: int
) -> None:
    for share, expected in ((1.0, ["opened"]), (0.99, [])):
        there = desk()
        end = 100 * (1 + sign * window.threshold * share)
        reasons = play(there, 100.0, end, every=window.span)
        assert reasons == expected, (window, share)


def test_the_facts_say_windows_move_price_extreme_and_direction() -> None:
    there = desk()
    play(there, 100.0, 100.0, 95.5)
    draft = there.event()
    assert draft.facts["windows"] == ["1 min", "5 min"]
    assert draft.facts["move"] == pytest.approx(-0.045)
    assert (draft.facts["price"], draft.facts["extreme"], draft.facts["direction"]) == (95.5, 100.0, "down")
    assert draft.title == "LUNA fell 4.5 % within 1 min to 95.5 USD"
    assert draft.extra == {"direction": "down", "move": pytest.approx(-0.045)}
    assert (draft.source, draft.category, draft.effects[0].scope) == ("binance", "volatility", "asset")


def test_a_slow_move_that_straddles_any_fixed_grid_is_seen() -> None:
    there = desk()
    prices = [100 * 0.9 ** (minute / 15) for minute in range(-3, 13)]
    assert play(there, *prices, begin=START + timedelta(minutes=7, seconds=30))[:1] == ["opened"]


def test_several_windows_of_one_token_are_one_event_and_several_tokens_are_several() -> None:
    there = desk("LUNA", "ABC")
    there.read(START, quote("LUNAUSDT", 100), quote("ABCUSDT", 1))
    there.read(START + MINUTE, quote("LUNAUSDT", 50), quote("ABCUSDT", 2))
    assert sorted((alert.token, alert.draft.facts["direction"]) for alert in there.alerts) == [
        ("ABC", "up"),
        ("LUNA", "down"),
    ]
    assert len(there.event().facts["windows"]) == 9


def test_it_alerts_again_from_fifteen_percent_in_log_price_since_the_last_alert_on() -> None:
    for factor, expected in ((1 / 1.149, ["opened"]), (1 / 1.1501, ["opened", "worse"])):
        there = desk()
        assert play(there, 100.0, 96.9, 96.9 * factor) == expected


def test_after_a_large_move_it_takes_half_of_it_in_log_price_to_alert_again() -> None:
    for price, expected in ((50 * 0.72, ["opened"]), (50 * 0.70, ["opened", "worse"])):
        there = desk()
        assert play(there, 100.0, 50.0, price) == expected
    assert math.log(1 / 0.72) < math.log(2) / 2 < math.log(1 / 0.70)


def test_a_creeping_fall_is_measured_from_the_price_at_the_last_alert() -> None:
    there = desk()
    prices = [100 * 0.985**minute for minute in range(200)]
    assert set(play(there, *prices)) == {"opened", "worse"}
    told = [alert.price for alert in there.alerts]
    assert told[-1] < 12
    assert all(after / before <= 1 / 1.15 for before, after in pairwise(told))


def test_a_rebound_of_the_same_size_is_told_as_turned_and_the_next_ruin_again() -> None:
    there = desk()
    assert play(there, 100.0, 80.0, 64.0, 90.0, 60.0) == ["opened", "worse", "turned", "turned"]
    assert [alert.draft.facts["direction"] for alert in there.alerts] == ["down", "down", "up", "down"]


def test_the_bar_for_a_turn_is_the_move_announced_last_not_the_one_at_the_start() -> None:
    there = desk()
    play(there, 100.0, 10.0)
    play(there, 20.0, 31.0, begin=START + 2 * MINUTE)
    assert [alert.reason for alert in there.alerts] == ["opened"], (
        "half of the log move from 100 to 10 is a factor 3.16"
    )
    assert play(there, 32.0, begin=START + 4 * MINUTE) == ["opened", "turned"]


def test_no_window_broken_in_that_direction_no_alert_however_far_the_price_has_come() -> None:
    fall = Move(price=120.0, extreme=150.0, windows=WINDOWS[:5], within=WINDOWS[0])
    rise = Move(price=120.0, extreme=90.0, windows=WINDOWS[:5], within=WINDOWS[0])
    pair = PricedPair("BINANCE:LUNAUSDT", "BINANCE", "LUNA", "USDT", 120.0)
    known = {"LUNA": Announced("LUNA fell", 100.0, -0.1, START.isoformat(), START + timedelta(hours=9), 100.0)}
    for moves, reason in ((PairMoves(120.0, None, fall), None), (PairMoves(120.0, rise, fall), "turned")):
        [draft] = detect(START, {pair.ticker: moves}, [pair], known, {})
        assert draft.alert == reason


def test_it_is_valid_as_long_as_its_widest_broken_window_and_at_least_an_hour() -> None:
    there = desk()
    play(there, 100.0, 96.0)
    assert there.event().valid_until == START + MINUTE + timedelta(hours=1)
    there = desk()
    play(there, 100.0, 84.0, every=timedelta(hours=20))
    assert there.event().valid_until == START + timedelta(hours=44)
    there.price(START + timedelta(hours=40), 84.0)
    there.price(START + timedelta(hours=40, minutes=1), 86.6)
    assert there.event().valid_until == START + timedelta(hours=44), "a narrower window does not shorten it"


def test_while_a_window_stays_broken_the_event_rolls_forward_with_the_same_title() -> None:
    there = desk()
    play(there, 100.0, 90.0)
    first = there.event()
    [rolled] = there.price(START + 2 * MINUTE, 91.0)
    assert (rolled.alert, rolled.title, rolled.extra) == (None, first.title, {})
    assert rolled.facts["price"] == 91.0 and rolled.facts["last_alert"] == first.facts["last_alert"]
    assert first.valid_until and rolled.valid_until == first.valid_until + MINUTE


@pytest.mark.parametrize(("bid", "ask"), [(0, 50), (50, 0), (0, 0), (51, 50), (-1, 50), (10, 50)])
def test_a_zero_crossed_or_hollow_book_is_no_price_and_no_move(bid: float, ask: float) -> None:
    there = desk()
    there.read(START, quote("LUNAUSDT", 100))
    there.read(START + MINUTE, quote("LUNAUSDT", bid, ask))
    there.read(START + 2 * MINUTE, quote("LUNAUSDT", 100))
    assert there.alerts == []


def test_a_pair_that_is_absent_for_a_poll_neither_moves_nor_loses_its_baseline() -> None:
    there = desk()
    there.price(START, 100.0)
    there.read(START + MINUTE)
    there.price(START + 2 * MINUTE, 95.0)
    assert [alert.draft.facts["windows"] for alert in there.alerts] == [["5 min", "15 min"]]


def test_a_symbol_that_comes_back_as_another_token_after_a_day_has_no_baseline() -> None:
    there = desk()
    play(there, 0.00005, 0.00005)
    play(there, 9.0, 9.01, begin=START + timedelta(days=18))
    assert there.alerts == []


def test_stablecoins_and_unwatched_tokens_are_left_out() -> None:
    there = desk("LUNA", "USDC")
    for number, price in enumerate((1.0, 0.5)):
        there.read(START + MINUTE * number, quote("USDCUSDT", price), quote("XYZUSDT", price))
    assert there.alerts == [] and there.open == {}
