"""What changed, in words: only what differs, before → after, and a former action never as an order."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.alerts.rendering.cards.words import ENDED, changes, coin, summary_of

OLD, NEW = "2026-10-02T08:00:00+00:00", "2026-10-03T03:00:00+00:00"


def test_a_date_that_moved_is_said_once_though_effect_and_date_have_it():
    stored = {
        "effects": [
            ["BINANCE:ETHUSDC: single pairs, ends 2026-10-02 08:00", "XYZ: venue on BINANCE"],
            ["BINANCE:ETHUSDC: single pairs, ends 2026-10-03 03:00", "XYZ: venue on BINANCE"],
        ],
        "important_dates": [
            [[OLD, "trading ends", ["BINANCE:ETHUSDC"]], ["2026-10-09T08:00:00+00:00", "withdrawals end", []]],
            [[NEW, "trading ends", ["BINANCE:ETHUSDC"]], ["2026-10-12T08:00:00+00:00", "withdrawals end", []]],
        ],
    }
    assert changes(stored) == {
        "ETH/USDC on Binance spot": "trading ends: 2 Oct 08:00 UTC → 3 Oct 03:00 UTC",
        "Withdrawals end": "9 Oct 08:00 UTC → 12 Oct 08:00 UTC",
    }


def test_dates_that_came_and_went():
    stored = {"important_dates": [[[OLD, "deposits suspended", []]], [[NEW, "trading ends", ["X:A"]]]]}
    assert changes(stored) == {
        "Deposits suspended": "no longer 2 Oct 08:00 UTC",
        "Trading ends": "new: 3 Oct 03:00 UTC",
    }


def test_tokens_that_came_and_went_are_named_together():
    before = ["LUNA: venue on BINANCE", "OLD: venue on BINANCE, stage announced"]
    come = [f"{name}: venue on BINANCE, ends 2026-10-03 03:00" for name in ("AAA", "BBB", "CCC", "DDD", "EEE")]
    assert changes({"effects": [before, ["LUNA: venue on BINANCE", *come]]}) == {
        "Added": "AAA, BBB, CCC and 2 more on Binance spot, trading ends 3 Oct 03:00 UTC",
        "No longer named": "OLD on Binance spot",
    }


def test_two_hundred_tokens_whose_date_moved_alike_are_one_line():
    names = [f"T{number:03}" for number in range(200)]
    lines = [[f"{name}: venue on BINANCE, ends 2026-10-0{day} 03:00" for name in names] for day in (3, 5)]
    assert changes({"effects": lines}) == {
        "T000, T001, T002 and 197 more on Binance spot": "trading ends: 3 Oct 03:00 UTC → 5 Oct 03:00 UTC"
    }


@pytest.mark.parametrize(
    ("before", "after", "name", "text"),
    [
        ("USTC: asset, stage announced", "USTC: asset, stage severe", "USTC",
         "not confirmed → severe, over five times the threshold"),
        ("USTC: asset, stage announced", "USTC: asset, stage confirmed", "USTC",
         "not confirmed → confirmed by a second reading"),
        ("USTC: asset, action watch", "USTC: asset, action exit", "USTC", "was: watch · now: exit"),
        ("LUNA: venue on BINANCE", "LUNA: venue on BINANCE, ends 2026-10-03 03:00", "LUNA on Binance spot",
         "trading ends: no date → 3 Oct 03:00 UTC"),
        ("LUNA: venue on BINANCE, from 2026-10-02 03:00", "LUNA: venue on BINANCE, from 2026-10-03 03:00",
         "LUNA on Binance spot", "in force: 2 Oct 03:00 UTC → 3 Oct 03:00 UTC"),
        ("LUNA: venue on BINANCE, then wallet_suspended", "LUNA: venue on BINANCE, then deposits_suspended",
         "LUNA on Binance spot", "was: then deposits and withdrawals suspended · now: then deposits suspended"),
        ("BINANCE:LUNABTC, BINANCE:LUNAUSDT: single pairs", "BINANCE:LUNAUSDT: single pairs", "No longer named",
         "LUNA/BTC on Binance spot"),
        ("LUNA: venue on BINANCE", "LUNA: asset", "LUNA",
         "was: all its pairs there, on Binance spot · now: the coin itself, on every exchange"),
    ],
)  # fmt: skip
def test_what_differs_between_two_effects(before, after, name, text):
    assert changes({"effects": [[before], [after]]}, category="depeg") == {name: text}


def test_a_former_action_is_marked_and_an_equal_status_left_out():
    stored = {
        "LUNA on BINANCE": ["reduce_only delisting", "exit delisting"],
        "ETH on BINANCE": ["reduce_only delisting", "exit delisting"],
        "BTC": ["watch trading", "halt delisted"],
        "BINANCE:AAAUSDC, BINANCE:BBBUSDC, BINANCE:CCCUSDC + 4 more": ["avoid_new trading", "halt trading"],
        "OKX:LUNA-USDT": ["avoid_new trading", "avoid_new wallet_suspended"],
        "DDD: venue on BINANCE, ends 2026-10-03 03:00": ["exit delisting", "halt delisted"],
    }
    assert changes(stored, reasons=("reminder",)) == {
        "LUNA and ETH on Binance spot": "was: reduce only · now: exit",
        "BTC": "was: watch, trading goes on · now: halt, delisted",
        "AAA/USDC, BBB/USDC, CCC/USDC and 4 more on Binance spot": "was: open nothing new · now: halt",
        "LUNA/USDT on OKX spot": "was: trading goes on · now: deposits and withdrawals suspended",
        "DDD on Binance spot": "was: exit, to be delisted · now: halt, delisted",
    }


def test_a_correction_names_what_an_admin_changed():
    stored = {
        "LUNA on BINANCE": [
            "action reduce_only, risk_level high, trading_status delisting, scope venue, venue BINANCE,"
            " tickers ['BINANCE:LUNAUSDT', 'BINANCE:LUNABTC'], trading_ends_at 2026-10-02 08:00:00+00:00,"
            " in_force_at None",
            "action exit, risk_level critical, trading_status delisting, scope pairs, venue OKX,"
            " tickers ['OKX:LUNA-USDT'], trading_ends_at 2026-10-04T08:00:00+00:00,"
            " in_force_at 2026-10-04T08:00:00+00:00",
        ],
        "category": ["risk_warning", "delisting"],
        "priority": ["low", "high"],
        "valid_until": ["2026-10-05 03:00:00+00:00", "2027-11-05 03:00:00+00:00"],
        "title": ["Binance may remove LUNA", "Binance will remove LUNA"],
        "url": ["https://a.example", "https://b.example"],
    }
    assert changes(stored) == {
        "LUNA on Binance spot": "was: reduce only, high risk, all its pairs there, on Binance spot, LUNA/USDT and"
        " LUNA/BTC, trading ends 2 Oct 08:00 UTC, no beginning · now: exit, critical risk, single pairs, on OKX spot,"
        " LUNA/USDT, trading ends 4 Oct 08:00 UTC, in force from 4 Oct 08:00 UTC",
        "Kind of event": "risk warning → delisting",
        "Priority": "low → high",
        "Valid until": "5 Oct 03:00 UTC → 5 Nov 2027 03:00 UTC",
        "Former title": "“Binance may remove LUNA”",
        "Source link": "another page than before",
    }


@pytest.mark.parametrize(
    ("before", "after", "name", "text"),
    [
        ("LUNA fell 15.0 % within 15 min to 0.25 USD", "LUNA fell 35.0 % within 1 h to 0.2 USD", "At the last alert",
         "fell 15.0 % within 15 min to 0.25 USD"),
        ("USTC on BINANCE is 5.0 % below its peg, at 0.9500 USD; its supply fell by 12% in a day", "x",
         "At the last alert", "5.0 % below its peg, at 0.9500 USD; its supply fell by 12 % in a day"),
        ("USDX: supply fell by 12% in a day, a redemption run", "x", "At the last alert",
         "supply fell by 12 % in a day"),
        ("Book of BINANCE:ETHUSDC thinned out: 24,000 USDC within ±1 %, 24 % of normal", "x", "At the last alert",
         "24,000 USDC within ±1 %, 24 % of normal"),
        ("Euler: hack, 19 M USD", "Euler: bridge hack, at least 197 M USD", "Amount", "19 M USD → at least 197 M USD"),
        ("A notice", "Another", "Former title", "“A notice”"),
    ],
)  # fmt: skip
def test_of_a_title_the_part_that_changed(before, after, name, text):
    assert changes({"title": [before, after]}) == {name: text}


def test_a_renamed_coin():
    assert changes({"MATIC is called": ["MATIC", "POL"], "X is called": ["X", "Y"]}) == {
        "Renamed": "MATIC → POL and X → Y"
    }


def test_readings_of_a_measured_event_are_no_changes_of_its_dates():
    stored: dict[str, Any] = {"important_dates": [[], [[NEW, "still low: 31,000 USD within ±2 %", []]]]}
    assert changes(stored, category="low_liquidity") == {}


def test_an_opening_and_an_event_that_is_over_have_no_changes():
    stored = {"priority": ["low", "high"]}
    assert changes(stored, reasons=("opened",)) == {}
    assert changes(stored, [coin()], **ENDED) == {}
    assert changes(stored, reasons=("opened", "updated")) == {"Priority": "low → high"}


def test_what_a_venue_trades_as_a_whole_is_for_bots():
    stored = {
        "* on BINANCE": ["watch trading", "halt trading_suspended"],
        "*: venue on BINANCE": ["watch trading", "halt trading_suspended"],
        "effects": [[], ["*: venue on BINANCE", "LUNA: venue on BINANCE"]],
    }
    assert changes(stored, category="exchange_halt") == {"Added": "LUNA on Binance spot"}


def test_more_than_eight_changes_are_counted():
    stored = {f"T{number} on BINANCE": ["watch trading", f"{action} trading"] for number, action in enumerate(
        ["avoid_new", "reduce_only", "exit", "halt"])}  # fmt: skip
    stored |= {f"T{number} on OKX": pair for number, pair in enumerate(stored.values())}
    stored |= {"priority": ["low", "high"], "url": ["a", "b"]}
    found = changes(stored)
    assert len(found) == 8 and found["More"] == "3 more changes, on the event's page"


def test_a_change_that_no_release_writes_is_left_out():
    stored = {"colour": ["red", "blue"], "effects": [["nonsense"], [7]], "important_dates": [None, [["x"], 3]]}
    assert changes(stored) == {}


def test_pairs_that_get_another_end_leave_the_line_that_they_were_in():
    before = ["BINANCE:LUNABTC, BINANCE:LUNAUSDT: single pairs, ends 2026-10-02 08:00"]
    after = [
        f"BINANCE:{name}: single pairs, ends 2026-10-0{day}"
        for name, day in (("LUNABTC", "2 08:00"), ("LUNAUSDT", "3 03:00"))
    ]
    assert changes({"effects": [before, after]}) == {
        "LUNA/USDT on Binance spot": "trading ends: 2 Oct 08:00 UTC → 3 Oct 03:00 UTC"
    }


def test_two_thousand_pairs_take_no_time_and_no_room():
    names = ", ".join(f"BINANCE:T{number}USDT" for number in range(2000))
    lines = [[f"{names}: single pairs, ends 2026-10-0{day} 03:00"] for day in (3, 5)]
    begun = time.perf_counter()
    assert changes({"effects": lines}) == {
        "T0/USDT, T1/USDT, T2/USDT and 1,997 more on Binance spot": "trading ends: 3 Oct 03:00 UTC → 5 Oct 03:00 UTC"
    }
    assert time.perf_counter() - begun < 0.5


def test_stored_changes_are_of_the_summary_only():
    assert summary_of([], {}, reasons=("updated",), changes={"url": ["a", "b"]}).stored.changes == {"url": ["a", "b"]}
