"""OKX notices: recorded lists of three seasons by their titles, and bodies in the shapes that OKX writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks.announcements.labelled import captured_titles
from benchmarks.announcements.score import score
from exchanges.announcements.detect import DetectionContext, announcement_draft
from exchanges.announcements.reader import read
from exchanges.announcements.types import Article, ParsedNotice
from markets.knowledge import MarketKnowledge
from markets.symbols import SymbolSplitter
from markets.watch import WatchLists
from tests.exchanges.samples import priority_of
from tests.support.captures import capture

RELEASED = datetime(2026, 5, 5, 4, 0, tzinfo=UTC)
ENDS = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
SEVERAL = "OKX to delist several USDⓈ UM perpetual futures"
FOLDER = "announcements/okx"


def article(title: str, body: str | None = None) -> Article:
    return Article("okx", "a", title, body, RELEASED, url="https://www.okx.com/help/a")


def reading_of(title: str, body: str | None = None) -> ParsedNotice:
    return read(article(title, body), SymbolSplitter())


def named(title: str, body: str) -> list[tuple[tuple[str, ...], datetime | None]]:
    """The tickers of each effect, as OKX writes them, with when they leave."""
    watch = WatchLists(frozenset(), frozenset(), frozenset({"USDT"}))
    around = DetectionContext(MarketKnowledge(), watch, {}, RELEASED, timedelta(days=7))
    draft = announcement_draft(article(title, body), reading_of(title, body), around)
    assert draft is not None
    return [(effect.tickers, effect.trading_ends_at) for effect in draft.effects]


def titles_in(file: str) -> list[str]:
    """Every title of a recorded list, whatever stands around it."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "title" in value and "slug" not in value.get("section", {}):
                found.append(str(value["title"]))
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(json.loads(capture(f"{FOLDER}/{file}").read_text()))
    return found


@pytest.mark.parametrize(
    ("file", "count", "events"),
    [
        # Announcement on the Price Volatility of MANTRA (OM): a statement after its fall.
        ("antoo1__ssr_articleList_page2_2025-04.json", 15, {"MANTRA": "risk_warning"}),
        ("tarletsky__okx_announcements_2025-04-01_2025-04-15.json", 9, {}),
        (
            "nvashchuk__announcements_page_items_2026-05-22.json",
            20,
            {"Base network": "network_upgrade", "Sui network": "network_upgrade", "on USDT/": "trading_suspension"},
        ),
    ],
)
def test_of_a_recorded_list_listings_promotions_and_api_notices_are_no_events(
    file: str, count: int, events: dict[str, str]
) -> None:
    titles = titles_in(file)
    assert len(titles) == count
    found = {title: str(notice.category) for title in titles if (notice := reading_of(title)).event}
    assert sorted(found.values()) == sorted(events.values())
    assert all(any(word in title for title in found) for word in events)


def test_every_title_of_the_recorded_delistings_is_an_event() -> None:
    titles = titles_in("delistwatch__announcements_delistings_global_2026-10-04.json")
    readings = [reading_of(title) for title in titles]
    assert len(readings) == 20 and all(notice.event for notice in readings)
    assert {notice.category for notice in readings} == {"delisting", "token_migration"}
    assert sum(notice.category == "delisting" for notice in readings) == 16
    assert [notice.phase for notice in readings].count("postponed") == 1


def test_precision_and_recall_on_okx_titles() -> None:
    capture("announcements/labelled_titles.jsonl")
    scored = score("okx", [row for row in captured_titles() if row.record["exchange"] == "okx"])
    assert scored.rows >= 45
    assert min(scored.precision.value, scored.recall_alone.value, scored.share("category").value) >= 0.97
    assert min(scored.names("tokens").f1, scored.names("tickers").f1) >= 0.97


@pytest.mark.parametrize(
    ("body", "symbols"),
    [
        ("We will delist BABYUSDⓈ and 1000WCTUSDⓈ at 8:00 am UTC on May 12, 2026.", ("BABY-", "1000WCT-")),
        (
            "<p>We delist:</p><table><tr><td>Perpetual futures</td><td>Delisting time</td></tr><tr><td>BABYUSD</td>"
            "<td>May 12, 2026, 08:00 UTC</td></tr><tr><td>WCTUSD</td><td>May 12, 2026, 08:00 UTC</td></tr></table>",
            ("BABY-", "WCT-"),
        ),
        ("We will delist BABY/USDⓈ and WCT/USDⓈ perpetual futures at 8:00 am UTC on May 12, 2026.", ("BABY-", "WCT-")),
        ("We will delist BABY-USD_UM-SWAP and WCT-USD_UM-SWAP at 8:00 am UTC on May 12, 2026.", ("BABY-", "WCT-")),
    ],
)
def test_contracts_in_dollars_are_linear_swaps_however_the_body_writes_them(
    body: str, symbols: tuple[str, ...]
) -> None:
    found = named(SEVERAL, body)
    assert sorted(ticker for tickers, _ in found for ticker in tickers) == sorted(
        f"OKX_USDM:{symbol}USD_UM-SWAP" for symbol in symbols
    )
    assert {at for _, at in found} == {ENDS}


@pytest.mark.parametrize(
    "body",
    [
        "OKX will delist the USDⓈ-margined perpetual futures for BABY, WCT, and SONIC at 8:00 am UTC on May 12, 2026.",
        "We delist perpetual futures of the following crypto at 8:00 am UTC on May 12, 2026: BABY, WCT, and SONIC.",
    ],
)
def test_contracts_that_are_named_by_their_coins_alone(body: str) -> None:
    notice = reading_of(SEVERAL, body)
    assert (notice.tokens, notice.market, notice.trading_ends_at) == (("BABY", "WCT", "SONIC"), "usdm", ENDS)


def test_a_contract_called_swap_is_no_token_swap() -> None:
    notice = reading_of("OKX to delist perpetual futures for ABCUSDT", "ABC-USDT-SWAP at 8:00 am UTC on May 12, 2026.")
    assert (notice.category, notice.trading_ends_at) == ("delisting", ENDS)


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        (
            "OKX previously announced that ABCUSDT perpetual futures would be delisted at 8:00 am UTC on May 12, 2026. "
            "We have decided to postpone it. The new time will be announced separately.",
            None,
        ),
        ("The delisting, scheduled for 6:00 am UTC on May 8, 2026, is postponed to 8:00 am UTC on May 12, 2026.", ENDS),
        ("As previously announced, we will delist ABCUSDT perpetual futures at 8:00 am UTC on May 12, 2026.", ENDS),
    ],
)
def test_of_a_postponement_only_the_date_that_still_holds_counts(body: str, ends: datetime | None) -> None:
    notice = reading_of("OKX to postpone the delisting of ABCUSDT perpetual futures", body)
    assert (notice.phase, notice.trading_ends_at) == ("postponed", ends)
    assert [date.at for date in notice.important_dates] == ([ends] if ends else [])


@pytest.mark.parametrize(
    ("title", "priority"),
    [
        ("OKX to suspend spot trading", "high"),
        ("OKX to suspend all spot trading pairs", "high"),
        ("OKX to suspend trading of selected spot pairs", "low"),
        ("OKX to suspend trading of 5 contracts", "low"),
    ],
)
def test_unnamed_pairs_are_not_the_entire_market(title: str, priority: str) -> None:
    notice = reading_of(title)
    assert (notice.event, notice.tokens) == (True, ())
    assert priority_of(notice, frozenset({"BTC", "ETH"}), frozenset({"USDT"})) == priority
    watch = WatchLists(frozenset({"BTC", "ETH"}), frozenset(), frozenset({"USDT"}))
    around = DetectionContext(MarketKnowledge(), watch, {}, RELEASED, timedelta(days=7))
    draft = announcement_draft(article(title), notice, around)
    assert draft is not None and draft.priority == priority
    assert {effect.token for effect in draft.effects} == ({"*", "BTC", "ETH"} if priority == "high" else set())


def test_the_end_of_a_payment_method_concerns_its_pair_alone() -> None:
    notice = reading_of(
        "OKX to disable trade with USDC on ABC/USDⓈ spot pair",
        "We will disable Trade with USDC on the ABC/USDⓈ spot trading pair at 8:00 am UTC on May 12, 2026. "
        "You may continue to trade XYZ/USDT.",
    )
    assert (notice.tokens, notice.tickers, notice.trading_ends_at) == (("ABC",), ("ABC/USD",), ENDS)
