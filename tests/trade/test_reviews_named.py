"""Contract 12: undecided reviews in the answer of `can_trade`, as a bot gets it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from events.models import Review
from markets.instruments import store_instruments
from tests.events.risk_view.support import make_event, query
from tests.trade.test_can_trade import ask, columns, database_now, fresh, one, perpetual, spot


@pytest.fixture
def quiet_day(db: None) -> Iterator[None]:
    """Four coins on Binance and one on OKX, every source fresh."""
    now = database_now()
    names = (("BTC", "USDT"), ("BTC", "USDC"), ("ETH", "BTC"), ("XYZ", "USDT"))
    store_instruments("BINANCE", [spot(base + quote, base, quote) for base, quote in names], now)
    store_instruments("BINANCE_USDM", [perpetual("BTCUSDT", "BTC", "USDT")], now)
    store_instruments("OKX", [spot("BTC-USDT", "BTC", "USDT", "OKX")], now)
    query("INSERT INTO trade_setting (only_row, trade_listed) VALUES (true, true)")
    fresh(now)
    yield


def make_review(**changes: Any) -> Review:
    """An undecided review of Binance that was released just now, and what follows at commit."""
    now = database_now()
    fields = {
        "source": "binance", "natural_key": f"binance.announcement:{Review.objects.count()}",
        "title": "Aviso sobre BTC", "url": "https://example.org/aviso", "reason": "language", "digest": "",
        "tokens": ["BTC"], "venues": ["BINANCE"], "released_at": now, "opened_at": now,
    }  # fmt: skip
    review = Review.objects.create(**{**fields, **changes})
    query("SET CONSTRAINTS follow_reviews IMMEDIATE; SET CONSTRAINTS follow_reviews DEFERRED")
    return review


def test_an_undecided_review_is_named_at_watch_and_forbids_nothing(quiet_day: None) -> None:
    review = make_review()
    row = one("binance", "BTC/USDT")
    assert columns(row, "action", "base_action", "quote_action", "instrument_action") == (
        "watch", "watch", "none", "none",
    )  # fmt: skip
    assert columns(row, "may_open", "may_close", "status", "event_ids") == (True, True, "fresh", [])
    assert row["reasons"] == [
        {
            "review": review.pk, "source": "binance", "category": "review", "priority": "low", "action": "watch",
            "title": "Aviso sobre BTC", "url": "https://example.org/aviso", "important_dates": [], "concerns": ["base"],
        }
    ]  # fmt: skip
    assert columns(one("binance", "ETH/BTC"), "action", "quote_action") == ("watch", "watch")
    assert one("binance", "XYZ/USDT")["action"] == "none"
    assert one("BINANCE_USDM", "BTCUSDT")["base_action"] == "watch"
    assert one("okx", "BTC/USDT")["action"] == "none"
    query("UPDATE events_review SET decided_at = now(), decision = 'harmless'")
    assert columns(one("binance", "BTC/USDT"), "action", "reasons") == ("none", [])


def test_a_review_never_makes_an_action_weaker_and_stands_behind_the_events(quiet_day: None) -> None:
    make_event({"token": "BTC", "scope": "asset", "action": "reduce_only"})
    make_review(tickers=["BINANCE:BTCUSDT"])
    row = one("binance", "BTC/USDT")
    assert columns(row, "action", "base_action", "instrument_action") == ("reduce_only", "reduce_only", "watch")
    assert [reason["category"] for reason in row["reasons"]] == ["delisting", "review"]
    assert row["reasons"][1]["concerns"] == ["base", "instrument"]


def test_a_review_of_a_pair_concerns_that_pair_on_its_venue_alone(quiet_day: None) -> None:
    make_review(tokens=[], tickers=["BINANCE:BTCUSDC"])
    assert columns(one("binance", "BTC/USDC"), "action", "instrument_action") == ("watch", "watch")
    assert one("binance", "BTC/USDT")["action"] == "none"


@pytest.mark.parametrize(("days", "action"), [(29, "watch"), (31, "none")])
def test_a_review_that_nobody_decides_counts_for_a_month(quiet_day: None, days: int, action: str) -> None:
    make_review(released_at=database_now() - timedelta(days=days))
    assert one("binance", "BTC/USDT")["action"] == action


def test_reviews_with_too_many_names_to_compare_are_read_all_the_same(quiet_day: None) -> None:
    make_review(tokens=[f"T{number}" for number in range(501)])
    make_review()
    assert query("SELECT reviewed_names FROM risk_view_state") == [(None,)]
    assert columns(one("binance", "BTC/USDT"), "action", "base_action") == ("watch", "watch")
    assert one("binance", "XYZ/USDT")["action"] == "none"


def test_of_several_instruments_the_reviewed_one_comes_first(quiet_day: None) -> None:
    assert [row["venue"] for row in ask("binance", "BTCUSDT")] == ["BINANCE", "BINANCE_USDM"]
    make_review(tokens=[], tickers=["BINANCE_USDM:BTCUSDT"])
    assert [(row["venue"], row["action"]) for row in ask("binance", "BTCUSDT")] == [
        ("BINANCE_USDM", "watch"), ("BINANCE", "none"),
    ]  # fmt: skip


def test_many_pairs_get_their_own_reviews(quiet_day: None) -> None:
    make_review(tokens=["ETH"])
    make_review(tokens=["XYZ", "ETH"])
    rows = query(
        "SELECT n, action, jsonb_array_length(reasons) FROM can_trade_many("
        "ARRAY['binance', 'binance', 'binance', 'okx'], ARRAY['ETHBTC', 'NOPE', 'XYZUSDT', 'BTC-USDT'])"
    )
    assert sorted(rows) == [(1, "watch", 2), (2, "none", 0), (3, "watch", 1), (4, "none", 0)]


def make_many(count: int) -> None:
    """Undecided reviews in one transaction, each of a coin of its own and of BTC."""
    now = database_now()
    Review.objects.bulk_create(
        Review(
            source="binance", natural_key=f"many:{number}", title="Aviso", reason="language", digest="",
            tokens=[f"N{number}", "BTC"], tickers=[f"BINANCE:N{number}USDT"], venues=["BINANCE"],
            released_at=now, opened_at=now + timedelta(seconds=number),
        )
        for number in range(count)
    )  # fmt: skip
    query("SET CONSTRAINTS follow_reviews IMMEDIATE; SET CONSTRAINTS follow_reviews DEFERRED")


def test_of_many_reviews_of_a_pair_the_newest_are_named(quiet_day: None) -> None:
    oldest = make_review(tokens=["USDT"], opened_at=database_now() - timedelta(days=1))
    make_many(25)
    row = one("binance", "BTC/USDT")
    assert columns(row, "action", "base_action", "quote_action") == ("watch", "watch", "watch")
    named = [reason["review"] for reason in row["reasons"]]
    assert len(named) == 20 and named == sorted(named, reverse=True) and oldest.pk not in named


@pytest.mark.long
def test_a_wave_of_reviews_holds_up_neither_the_commit_nor_a_bot(quiet_day: None) -> None:
    """What a site's new layout does: every notice is one that nobody can judge."""
    now = database_now()
    store_instruments("BINANCE", [spot(f"N{number}USDT", f"N{number}", "USDT") for number in range(400)], now)
    query("SET LOCAL statement_timeout = '3s'")
    make_many(2500)
    pairs = [f"N{number}USDT" for number in range(400)]
    rows = query(
        "SELECT action, count(*) FROM can_trade_many(%s::text[], %s::text[]) GROUP BY action", ["BINANCE"] * 400, pairs
    )
    assert [action for action, _ in rows] == ["watch"]
