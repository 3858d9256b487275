"""What of a queue goes out next, and how much a channel takes: pure decisions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.delivery import rate_limit
from alerts.delivery.batches import MARKET_EVERY, MOST_LISTED, Batch, Individual, Market, NotYet, Waiting, choose
from tests.alerts.factories import NOW

SECOND = timedelta(seconds=1)
ROOM = rate_limit.quota([], NOW)


def waiting(
    count: int, urgency: int = 30, category: str | None = "risk_warning", first: int = 1, **fields
) -> list[Waiting]:
    return [
        Waiting(number, number, category, fields.get("reason", "opened"), urgency, fields.get("alone", False))
        for number in range(first, first + count)
    ]


def moves(count: int, first: int = 1) -> list[Waiting]:
    return waiting(count, urgency=0, category="volatility", first=first)


def test_a_few_are_sent_one_by_one():
    assert choose(waiting(10), ROOM, Market(), NOW) == Individual((1,), ("single", ""), ("within", "10 wait"))


def test_more_than_ten_seconds_worth_is_one_card():
    choice = choose(waiting(11), ROOM, Market(), NOW)
    assert isinstance(choice, Batch)
    assert (choice.kind, choice.alert_ids) == ("digest", tuple(range(1, 12)))
    assert choice.limit == ("merged", "11 wait, 10 may go individually")


def test_what_is_left_of_the_minute_decides_too():
    used = [NOW - timedelta(seconds=2 * number) for number in range(1, 23)]
    choice = choose(waiting(4), rate_limit.quota(used, NOW), Market(), NOW)
    assert isinstance(choice, Batch)
    assert isinstance(choose(waiting(3), rate_limit.quota(used, NOW), Market(), NOW), Individual)


def test_no_card_lists_more_than_fit():
    choice = choose(waiting(1000), ROOM, Market(), NOW)
    assert isinstance(choice, Batch)
    assert len(choice.alert_ids) == MOST_LISTED


def test_what_is_urgent_passes_a_storm_by_itself():
    storm = waiting(1, urgency=40, first=900) + waiting(300)
    choice = choose(storm, ROOM, Market(), NOW)
    assert isinstance(choice, Individual)
    assert choice.alert_ids == (900,)


def test_some_of_the_minute_is_kept_for_what_is_urgent():
    used = [NOW - timedelta(seconds=2 * number) for number in range(1, 26)]
    quota = rate_limit.quota(used, NOW)
    assert (quota.routine, quota.urgent) == (0, 5)
    assert choose(waiting(3), quota, Market(), NOW) == NotYet(used[-1] + rate_limit.MINUTE)
    assert isinstance(choose(waiting(1, urgency=40), quota, Market(), NOW), Individual)


def test_four_moving_tokens_are_sent_individually_and_five_are_a_market():
    assert isinstance(choose(moves(4), ROOM, Market(moving=4), NOW), Individual)
    choice = choose(moves(5), ROOM, Market(moving=5), NOW)
    assert isinstance(choice, Batch)
    assert (choice.kind, len(choice.alert_ids)) == ("market", 5)


def test_as_long_as_the_market_moves_there_is_one_card_each_half_minute():
    market = Market(moving=9, card_at=NOW - 10 * SECOND)
    assert choose(moves(3), ROOM, market, NOW) == NotYet(NOW - 10 * SECOND + MARKET_EVERY)
    assert isinstance(choose(moves(3), ROOM, market, NOW + 20 * SECOND), Batch)
    assert isinstance(choose(moves(3) + waiting(1, first=50), ROOM, market, NOW), Individual)


def test_a_market_card_in_the_future_of_a_clock_that_was_set_back_delays_nothing():
    assert isinstance(choose(moves(3), ROOM, Market(moving=9, card_at=NOW + timedelta(hours=1)), NOW), Batch)


@pytest.mark.parametrize("fields", [{"alone": True}, {"category": None}, {"reason": "test"}])
def test_what_cannot_be_listed_goes_by_itself(fields):
    rows = waiting(30, **fields)
    if fields.get("category", "") is None:
        rows = [Waiting(row.alert_id, None, None, row.reason, row.urgency, False) for row in rows]
    assert isinstance(choose(rows, ROOM, Market(), NOW), Individual)


def test_a_channel_without_limits_gives_many_at_a_time():
    choice = choose(waiting(100), rate_limit.unlimited(NOW), Market(), NOW, most=40)
    assert isinstance(choice, Individual)
    assert len(choice.alert_ids) == 40


def test_the_limit_counts_the_last_minute_only():
    starts = [NOW - timedelta(seconds=number) for number in (10, 20, 300)]
    assert rate_limit.counted(starts, NOW) == [NOW - 20 * SECOND, NOW - 10 * SECOND]
    assert rate_limit.quota(starts, NOW).urgent == 28


def test_the_next_message_starts_a_second_after_the_last_one():
    assert rate_limit.next_start(NOW - 0.5 * SECOND, NOW) == NOW + 0.55 * SECOND
    assert rate_limit.next_start(NOW - 2 * SECOND, NOW) is None
    assert rate_limit.next_start(NOW + timedelta(hours=2), NOW) == NOW + rate_limit.MIN_GAP
