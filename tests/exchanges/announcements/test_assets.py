"""Tokens of notices as assets: renamed coins, reused tickers, venues' own names, and what a renaming teaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchanges.announcements.assets import renamings, with_assets
from exchanges.announcements.detect import DetectionContext
from exchanges.announcements.follow_ups import ReadArticle, drafts_from_articles
from exchanges.announcements.reader import read
from exchanges.announcements.types import Article
from exchanges.venues import venue_symbol
from markets.identity import Identity, NameRow
from markets.knowledge import InstrumentRow, MarketKnowledge
from markets.shipped_assets import shipped_assets
from markets.symbols import SymbolSplitter
from markets.watch import WatchLists

RENAMED = datetime(2025, 1, 13, tzinfo=UTC)
SHIPPED = Identity(shipped_assets().rows, shipped_assets().kinds)
SPLITTER = SymbolSplitter()


def knowledge(at: datetime, *listed: tuple[str, str, str]) -> MarketKnowledge:
    """Instruments given as (venue, base, quote)."""
    by_venue: dict[str, dict[str, InstrumentRow]] = {}
    for venue, base, quote in listed:
        row = InstrumentRow(venue, base + quote, base, quote, SHIPPED.asset(venue, base, at), "TRADING", True)
        by_venue.setdefault(venue, {})[row.symbol] = row
    return MarketKnowledge(by_venue, SHIPPED, at)


def notice(title: str, released: datetime, known: MarketKnowledge, exchange: str = "binance") -> ReadArticle:
    article = Article(exchange, title.lower().replace(" ", "-"), title, None, released)
    return ReadArticle(article, with_assets(article, read(article, SPLITTER), known))


def around(known: MarketKnowledge, now: datetime, *watched: str) -> DetectionContext:
    watch = WatchLists(frozenset(watched), frozenset(watched), frozenset({"USDT"})).as_of(known.identity, now)
    return DetectionContext(known, watch, {}, now, timedelta(days=30))


def test_a_notice_on_an_old_name_is_an_event_on_the_asset_with_both_names_pairs() -> None:
    known = knowledge(RENAMED, ("BINANCE", "FTM", "USDT"), ("OKX", "S", "USDT"), ("BINANCE", "STX", "USDT"))
    told = notice("Binance Will Support the Fantom (FTM) Network Upgrade & Hard Fork", RENAMED, known)
    drafts, _ = drafts_from_articles([told], [], around(known, RENAMED, "FTM"))
    (effect,) = drafts[0].effects
    assert (effect.token, effect.tickers) == ("S", ("BINANCE:FTMUSDT", "OKX:SUSDT"))
    assert drafts[0].priority == "high"


def test_an_event_opened_under_the_old_name_is_ended_by_a_notice_after_the_renaming() -> None:
    before = RENAMED - timedelta(days=5)
    known = knowledge(before, ("BINANCE", "FTM", "USDT"))
    plan = notice("Binance Will Support the Fantom (FTM) Token Swap and Rebranding to Sonic (S)", before, known)
    opened, _ = drafts_from_articles([plan], [], around(known, before, "FTM"))
    assert [effect.token for effect in opened[0].effects] == ["FTM"]
    after = RENAMED + timedelta(days=3)
    done_title = "Binance Has Completed the Fantom (FTM) Token Swap and Rebranding to Sonic (S)"
    known = knowledge(after, ("BINANCE", "S", "USDT"))
    drafts, _ = drafts_from_articles([notice(done_title, after, known)], opened, around(known, after, "FTM"))
    assert [(draft.natural_key, draft.state) for draft in drafts] == [(plan.key, "closed")]


@pytest.mark.parametrize("day, token", [("2022-05-13", "LUNC"), ("2022-06-30", "LUNA")])
def test_a_ticker_that_was_another_coins_is_resolved_as_of_the_release(day: str, token: str) -> None:
    released = datetime.fromisoformat(day).replace(tzinfo=UTC)
    known = knowledge(datetime(2026, 10, 4, tzinfo=UTC))
    assert notice("Binance Will Delist LUNA", released, known).notice.tokens == (token,)


def test_a_perpetual_under_another_name_is_an_event_on_its_coin() -> None:
    now = datetime(2026, 10, 4, tzinfo=UTC)
    known = knowledge(now, ("BINANCE_USDM", "DODOX", "USDT"))
    title = "Binance Futures Will Delist USDⓈ-M DODOXUSDT Perpetual Contract"
    drafts, _ = drafts_from_articles([notice(title, now, known)], [], around(known, now, "DODO"))
    (effect,) = drafts[0].effects
    assert (effect.token, effect.tickers, drafts[0].priority) == ("DODO", ("BINANCE_USDM:DODOXUSDT",), "high")


def test_a_completed_renaming_teaches_its_exchanges_name_and_a_plan_or_a_redenomination_does_not() -> None:
    now = datetime(2026, 1, 15, 8, tzinfo=UTC)

    def learnt(title: str) -> tuple[NameRow, ...]:
        article = Article("binance", "1", title, None, now)
        return renamings(article, read(article, SPLITTER))

    done = "Binance Has Completed the Foo Share (FOO) Mainnet Swap and Rebranding to Bar (BAR)"
    assert learnt(done) == (NameRow("BINANCE", "FOO", "BAR", Decimal(1), now),)
    assert learnt(done.replace("Has Completed", "Will Support")) == ()
    assert learnt(done.replace("Mainnet Swap", "Token Swap, Redenomination")) == ()
    assert learnt("Binance Has Completed the Foo (FOO) Network Upgrade") == ()


@pytest.mark.parametrize(
    "ticker, symbol",
    [
        ("ABC/USDT", "ABC-USDT"),
        ("ONEUSDT", "ONE-USDT-SWAP"),
        ("BTCUSD", "BTC-USD-SWAP"),
        ("BTC-USDT-SWAP", "BTC-USDT-SWAP"),
        ("BTC-USD-261225", "BTC-USD-261225"),
    ],
)
def test_tickers_are_written_as_okx_writes_its_symbols(ticker: str, symbol: str) -> None:
    assert venue_symbol("okx", ticker) == symbol
