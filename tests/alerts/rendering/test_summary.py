"""What an alert picks from an event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts.rendering.summary import summarize
from markets.watch import WatchLists
from tests.alerts.factories import NOW, unsaved_effect, unsaved_event

WATCH = WatchLists(frozenset({"LUNA", "BTC", "SHIB"}), frozenset({"LUNA"}), frozenset({"USDT", "USD", "BTC"}))


@pytest.mark.parametrize(
    ("token", "ticker", "ours"),
    [
        ("LUNA", "BINANCE:LUNAUSDT", True),
        ("LUNA", "OKX:LUNA-USDT", True),
        ("LUNA", "BINANCE:LUNATRY", False),
        ("BTC", "BINANCE:BTCRON", False),
        ("BTC", "BINANCE:BTCTUSD", False),
        ("BTC", "BINANCE:BTCUSD", True),
        ("XYZ", "BINANCE:XYZUSDT", False),
        ("LUNA", "BINANCE_USDM:LUNAUSDT", True),
        ("BTC", "BINANCE_USDM:BTCUSDT", False),
        ("LUNA", "BINANCE_COINM:LUNAUSD_PERP", True),
        ("LUNA", "OKX:LUNA-USDT-SWAP", True),
    ],
)
def test_a_pair_is_ours_by_its_token_its_market_and_its_quote(token, ticker, ours):
    effect = unsaved_effect(token, scope="pairs", tickers=[ticker])
    summary = summarize(unsaved_event(), [effect], WATCH, ["opened"], {})
    assert summary.our_pairs == ((ticker,) if ours else ())


def test_the_strictest_effect_speaks_for_the_event():
    effects = [
        unsaved_effect("LUNA", action="reduce_only", trading_ends_at=NOW + timedelta(days=2)),
        unsaved_effect("SHIB", action="halt", trading_status="delisted", risk_level="critical"),
    ]
    summary = summarize(unsaved_event(), effects, WATCH, ["opened"], {})
    assert (summary.action, summary.trading_status, summary.risk_level) == ("halt", "delisted", "critical")
    assert summary.trading_ends_at == NOW + timedelta(days=2)


def test_what_is_halted_for_others_is_no_order_to_us():
    effects = [
        unsaved_effect("LUNA", action="reduce_only", trading_ends_at=NOW + timedelta(days=2)),
        unsaved_effect("ABC", action="halt", trading_status="delisted", risk_level="critical", trading_ends_at=NOW),
    ]
    summary = summarize(unsaved_event(), effects, WATCH, ["opened"], {})
    assert (summary.action, summary.trading_status, summary.risk_level) == ("reduce_only", "delisting", "high")
    assert summary.trading_ends_at == NOW + timedelta(days=2)


def test_where_nothing_is_ours_the_strictest_of_all_is_told():
    summary = summarize(unsaved_event(), [unsaved_effect("ABC", action="exit")], WATCH, ["opened"], {})
    assert summary.action == "exit"


def test_an_action_on_single_pairs_is_said_to_be_one():
    ours = unsaved_effect("LUNA", scope="pairs", tickers=["BINANCE:LUNAUSDT"], action="halt")
    other = unsaved_effect("BTC", scope="pairs", tickers=["BINANCE:BTCRON"], action="exit")
    summary = summarize(unsaved_event(), [ours, other], WATCH, ["opened"], {})
    assert (summary.action, summary.pairs_only) == ("halt", True)
    assert [line.token for line in summary.other_tokens] == ["BTC"]


def test_our_tokens_and_pairs_stand_apart_from_the_others():
    effects = [
        unsaved_effect("LUNA", tickers=["BINANCE:LUNAUSDT", "BINANCE:LUNATRY"]),
        unsaved_effect("ABC", tickers=["BINANCE:ABCUSDT"]),
    ]
    summary = summarize(unsaved_event(), effects, WATCH, ["opened"], {})
    assert [line.token for line in summary.our_tokens] == ["LUNA"]
    assert [line.token for line in summary.other_tokens] == ["ABC"]
    assert summary.our_pairs == ("BINANCE:LUNAUSDT",)
    assert summary.other_pairs == ("BINANCE:ABCUSDT", "BINANCE:LUNATRY")


def test_a_large_coin_that_loses_a_pair_we_do_not_trade_is_not_ours():
    effect = unsaved_effect("BTC", scope="pairs", tickers=["BINANCE:BTCRON"], action="watch")
    summary = summarize(unsaved_event(), [effect], WATCH, ["opened"], {})
    assert summary.our_tokens == ()
    assert [line.token for line in summary.other_tokens] == ["BTC"]


def test_several_hours_of_one_token_become_one_line_with_the_earliest_end():
    effects = [
        unsaved_effect("LUNA", venue="BINANCE", trading_ends_at=NOW + timedelta(hours=9)),
        unsaved_effect("LUNA", venue="BINANCE_USDM", trading_ends_at=NOW + timedelta(hours=3), action="exit"),
    ]
    (line,) = summarize(unsaved_event(), effects, WATCH, ["opened"], {}).our_tokens
    assert (line.action, line.trading_ends_at) == ("exit", NOW + timedelta(hours=3))
    assert line.venues == ("BINANCE", "BINANCE_USDM")


def test_of_a_changed_list_only_the_difference_is_told():
    changes: dict[str, list[Any]] = {
        "effects": [["LUNA: venue", "ABC: venue"], ["LUNA: venue", "XYZ: venue"]],
        "title": ["Old", "New"],
    }
    effects, title = summarize(unsaved_event(), [], WATCH, ["updated"], changes).changes
    assert (effects.before, effects.after) == ("ABC: venue", "XYZ: venue")
    assert (title.before, title.after) == ("Old", "New")


def test_times_in_changes_are_readable():
    changes: dict[str, list[Any]] = {"valid_until": [None, "2026-10-05T03:00:00+00:00"]}
    (change,) = summarize(unsaved_event(), [], WATCH, ["updated"], changes).changes
    assert (change.before, change.after) == ("none", "2026-10-05 03:00 UTC")


def test_changed_dates_are_readable():
    dates = [[["2026-10-02T08:00:00+00:00", "ends", []]], [["2026-10-03T08:00:00+00:00", "ends", ["X:A", "X:B"]]]]
    (change,) = summarize(unsaved_event(), [], WATCH, ["updated"], {"important_dates": dates}).changes
    assert change.before == "2026-10-02 08:00 UTC, ends"
    assert change.after == "2026-10-03 08:00 UTC, ends, X:A, X:B"


def test_dates_come_in_order_of_time():
    dates = [
        {"at": "2026-10-09T08:00:00+00:00", "what": "withdrawals end", "tickers": []},
        {"at": "2026-10-03T08:00:00+00:00", "what": "trading ends", "tickers": ["BINANCE:LUNAUSDT"]},
    ]
    summary = summarize(unsaved_event(important_dates=dates), [], WATCH, ["opened"], {})
    assert [line.what for line in summary.dates] == ["trading ends", "withdrawals end"]


def test_only_plain_facts_are_told():
    facts = {"price": 0.91, "market": "spot", "rule": "removal", "nested": {"a": 1}, "empty": "", "rows": [1]}
    summary = summarize(unsaved_event(facts=facts), [], WATCH, ["opened"], {})
    assert summary.facts == (("price", "0.91"), ("market", "spot")), "the rule that fired is for the admin"
