"""From a notice of a swap to what bots are told, before and after its day: the target trades on, its name is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from events.database.view_refresh import refresh_now
from events.lifecycle import expire, record
from events.models import Effect, TokenRisk
from exchanges.announcements.assets import with_assets
from exchanges.announcements.detect import DetectionContext, announcement_draft
from exchanges.announcements.follow_ups import ReadArticle
from exchanges.announcements.persistence import learn_renamings
from exchanges.announcements.reader import read
from exchanges.announcements.types import Article
from markets.identity_store import known_identity, live_tickers
from markets.instruments import load_knowledge, store_instruments
from markets.knowledge import InstrumentRow
from markets.models import AssetName
from markets.symbols import SymbolSplitter
from markets.watch import WatchLists
from tests.exchanges.announcements.swaps.notices import SWAPS, Swap

pytestmark = pytest.mark.django_db

RELEASED = datetime(2026, 5, 20, 6, tzinfo=UTC)
DAY = datetime(2026, 6, 1, 3, tzinfo=UTC)
AFTER = datetime(2026, 6, 5, tzinfo=UTC)
STRONG = {"reduce_only", "exit", "halt"}
OLD = {name for swap in SWAPS for name in swap.old.split()}
NEW = {name for swap in SWAPS for name in swap.new.split()}
MINUTE = timedelta(minutes=1)
SPLITTER = SymbolSplitter()


def told(title: str, body: str | None, at: datetime = RELEASED, exchange: str = "binance") -> ReadArticle:
    """A notice as the updater records it."""
    article = Article(exchange, f"{title} {at}", title, body, at, url="https://example.invalid/notice")
    knowledge = load_knowledge(at=at)
    notice = with_assets(article, read(article, SPLITTER), knowledge)
    watch = WatchLists(frozenset(OLD | NEW), frozenset(OLD | NEW), frozenset({"USDT"}))
    draft = announcement_draft(article, notice, DetectionContext(knowledge, watch, {}, at, timedelta(days=30)))
    if draft:
        record(draft, at)
    found = ReadArticle(article, notice)
    learn_renamings([found])
    return found


def trade(venue: str, *names: str, at: datetime = RELEASED) -> None:
    rows = [InstrumentRow(venue, f"{name}USDT", name, "USDT", name, "TRADING", True) for name in names]
    store_instruments(venue, rows, at)


def answers(exchange: str, *names: str) -> dict[str, Any]:
    """The answer to a bot by name."""
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute("SELECT base_action, quote_action FROM can_trade(%s, %s)", [exchange, f"{name}/USDT"])
            found[name] = cursor.fetchone()
    return found


def check(swaps: Sequence[Swap]) -> None:
    """No target is ever to be reduced, and no leaver is missed: on the day of the notice, on its day, and after it."""
    old = {name for swap in swaps for name in swap.old.split()}
    # AGIX came once and left later.
    new = {name for swap in swaps for name in swap.new.split()} - OLD
    # BQX: "at the same time" is the time of the sentence before, and an event without a date lasts for a week.
    dated = old - {"BQX"}
    trade("BINANCE", *old)
    trade("BYBIT", *old, *new)
    for swap in swaps:
        told(swap.title, swap.body)
    for at in (RELEASED, DAY, AFTER):
        if at == AFTER:
            trade("BINANCE", *new, at=at)
        expire(at)
        refresh_now()
        strong = set(TokenRisk.objects.filter(action__in=STRONG).values_list("token", flat=True))
        assert dated <= strong <= old, at
        assert not {name for name, found in answers("binance", *new).items() if found and STRONG & set(found)}, at


def test_no_target_of_a_merge_is_ever_to_be_reduced_and_no_leaver_is_missed() -> None:
    check(SWAPS[12:17])


@pytest.mark.long
def test_no_target_is_ever_to_be_reduced_and_no_leaver_is_missed() -> None:
    check(SWAPS)


def test_a_change_of_ticker_makes_both_names_known_from_its_day_on() -> None:
    trade("BINANCE", "NANO")
    body = "<p>Trading of NANO/USDT ends at {} 03:00 (UTC). Trading of XNO/USDT opens at {} 08:00 (UTC).</p>"
    told("Binance Will Update the Ticker of Nano (NANO) to XNO (XNO)", body.format("2026-06-01", "2026-06-01"))
    known = known_identity()
    assert [known.asset("BINANCE", "NANO", at) for at in (DAY - MINUTE, DAY)] == ["NANO", "XNO"]
    assert known.names("XNO") == {"NANO", "XNO"}
    assert known.asset("OKX", "NANO", DAY) == "NANO"
    trade("BINANCE", "NANO", "XNO", at=AFTER)
    assert live_tickers("XNO", known_identity(), AFTER, "BINANCE") == ("BINANCE:NANOUSDT", "BINANCE:XNOUSDT")


@pytest.mark.parametrize(
    "title, phase, expected",
    [
        ("Ticker Change of Nano (NANO) to XNO (XNO) Postponed", "postponed", [datetime(2026, 6, 8, 3, tzinfo=UTC)]),
        ("Ticker Change of Nano (NANO) to XNO (XNO) Cancelled", "cancelled", []),
        ("Binance Has Completed the Nano (NANO) Rebranding to XNO (XNO)", "completed", [RELEASED + timedelta(days=2)]),
    ],
)
def test_a_planned_change_of_ticker_is_moved_dropped_or_done_by_what_follows(
    title: str, phase: str, expected: list[datetime]
) -> None:
    body = "<p>Trading of NANO/USDT ends at 2026-06-01 03:00 (UTC).</p>"
    told("Binance Will Update the Ticker of Nano (NANO) to XNO (XNO)", body)
    later = "<p>Trading of NANO/USDT ends at 2026-06-08 03:00 (UTC).</p>" if phase == "postponed" else None
    assert told(title, later, RELEASED + timedelta(days=2)).notice.phase == phase
    rows = AssetName.objects.filter(venue="BINANCE", name="NANO").values_list("valid_from", flat=True)
    assert list(rows) == expected


@pytest.mark.parametrize(
    "title, body",
    [
        (
            "Binance Will Support the Foo (FOO) Token Swap to Bar (BAR)",
            "<p>FOO/USDT ends at 2026-06-01 03:00 (UTC).</p>",
        ),
        ("Foo (FOO) Rebranding to Bar (BAR)", "<p>1 FOO = 10 BAR. We delist FOO/USDT at 2026-06-01 03:00 (UTC).</p>"),
        ("Foo (FOO) Rebranding to Bar (BAR)", "<p>The date is not known yet.</p>"),
        (
            "Merge of FOO and BAZ Into BAR: New Ticker",
            "<p>FOO/USDT, BAZ/USDT are removed at 2026-06-01 03:00.</p>",
        ),
    ],
)
def test_a_swap_of_two_coins_other_units_and_an_open_date_teach_no_name(title: str, body: str) -> None:
    told(title, body)
    assert not AssetName.objects.filter(name="FOO").exists()


def test_a_name_that_is_traded_beside_the_old_one_is_another_coin() -> None:
    trade("BINANCE", "FOO", "BAR")
    told("Foo (FOO) Rebranding to Bar (BAR)", "<p>FOO/USDT is delisted at 2026-06-01 03:00 (UTC).</p>")
    assert not AssetName.objects.filter(name="FOO").exists()


def test_a_coin_that_others_have_renamed_already_leaves_under_its_old_name_alone() -> None:
    """Everywhere else FTM is S already: the instruments and the holders of S are not concerned."""
    trade("BINANCE", "FTM")
    trade("BYBIT", "S", "FTM")
    told(
        "Binance Will Support the Fantom (FTM) Token Swap and Rebranding to Sonic (S)",
        "<p>Trading of FTM/USDT ceases at 2026-06-01 03:00 (UTC).</p>",
    )
    for at in (RELEASED, DAY):
        expire(at)
        effect = Effect.objects.get()
        assert (effect.token, effect.tickers) == ("FTM", ["BINANCE:FTMUSDT", "BYBIT:FTMUSDT"])
