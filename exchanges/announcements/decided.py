"""From what a person decided about a review to the draft of its event, and to its labelled line. Pure.

The draft is made as that of any announcement (`exchanges.announcements.detect`): only the reading is a person's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from events.drafts import EventDraft, ImportantDate
from events.enums import Category, TradingStatus
from exchanges.announcements.detect import DetectionContext, announcement_draft
from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.clauses import clauses
from exchanges.announcements.text.dates import moments
from exchanges.announcements.types import Article, Impact, ParsedNotice
from exchanges.venues import exchange_and_market, venue_name, venue_symbol
from markets.symbols import SymbolSplitter

RULE = "review"
"""In place of a classification rule, in events that a person made of a review."""

CATEGORIES: Mapping[str, tuple[str, str]] = {
    Category.DELISTING: ("Delisting", TradingStatus.DELISTING),
    Category.TRADING_SUSPENSION: ("Halt of trading", TradingStatus.TRADING_SUSPENDED),
    Category.WALLET_SUSPENSION: ("Deposits and withdrawals suspended", TradingStatus.WALLET_SUSPENDED),
    Category.TOKEN_MIGRATION: ("Swap or migration", TradingStatus.TRADING_SUSPENDED),
    Category.RISK_WARNING: ("Tag or warning", TradingStatus.TRADING),
    Category.HARD_FORK: ("Hard fork", TradingStatus.WALLET_SUSPENDED),
    Category.NETWORK_UPGRADE: ("Network upgrade", TradingStatus.WALLET_SUSPENDED),
}
"""The categories that a notice may have: what a button calls it, and the trading status that it leads to."""

MARKETS = ("spot", "usdm", "coinm", "margin", "options", "alpha")
MOST_DATES = 12
"""Dates of a text that are offered to choose from."""
_SEARCHED = 10_000
_OF_PAIRS = frozenset({Category.DELISTING, Category.TRADING_SUSPENSION})
# Without a date these are in force already.
_AT_ONCE = frozenset({Category.TRADING_SUSPENSION, Category.WALLET_SUSPENSION})
_WHAT: Mapping[str, str] = {
    Category.DELISTING: "trading ends",
    Category.TRADING_SUSPENSION: "trading stops",
    Category.WALLET_SUSPENSION: "deposits and withdrawals suspended",
}


class NothingNamed(ValueError):
    """The decision leaves nothing that is at risk; the message gives the reason."""


@dataclass(frozen=True)
class EventDecision:
    """What a person takes a notice for.

    tokens: assets, each concerned with all of its pairs on `market`. tickers: single instruments, VENUE:SYMBOL.
    entire_market: a halt of everything on `market`.
    at: when it happens, UTC; None: not known, or at once.
    """

    category: str
    tokens: tuple[str, ...] = ()
    tickers: tuple[str, ...] = ()
    market: str = "spot"
    at: datetime | None = None
    entire_market: bool = False

    @property
    def title(self) -> str:
        """As a button has it: "Delisting of FOO"."""
        named = ", ".join((*self.tokens, *(ticker.partition(":")[2] for ticker in self.tickers)))
        return f"{CATEGORIES[self.category][0]}: {named or 'the entire market'}"


def decided_notice(
    article: Article, decision: EventDecision, context: DetectionContext, splitter: SymbolSplitter
) -> ParsedNotice:
    """The notice as the parser would have given it, had it read what the person reads. Raises NothingNamed."""
    category, at = decision.category, decision.at
    if decision.entire_market and category != Category.TRADING_SUSPENSION:
        raise NothingNamed("only a halt of trading concerns an entire market")
    if not (decision.tokens or decision.tickers or decision.entire_market):
        raise NothingNamed("nothing is named; choose at least one coin or pair")
    phase = "immediate" if at is None and category in _AT_ONCE else "planned"
    status = CATEGORIES[category][1]
    named = [_instrument(ticker, context, splitter) for ticker in decision.tickers]
    base = Impact("", (), decision.market, category, phase, at, status, entire_token=True, at_risk=True)
    impacts = [replace(base, token=token) for token in decision.tokens]
    if decision.entire_market:
        impacts.append(base)
    by_place: dict[tuple[str, str], list[str]] = {}
    for token, place, ticker in named:
        by_place.setdefault((token, place), []).append(ticker)
    impacts += [
        replace(base, token=token, market=place, tickers=tuple(found), entire_token=category not in _OF_PAIRS)
        for (token, place), found in by_place.items()
    ]
    markets = {impact.market for impact in impacts}
    market = (markets.pop() if len(markets) == 1 else "multiple") if category in _OF_PAIRS else None
    return ParsedNotice(
        event=True,
        category=category,
        phase=phase,
        market=market,
        tokens=tuple(dict.fromkeys(impact.token for impact in impacts if impact.token)),
        tickers=tuple(dict.fromkeys(ticker for _, _, ticker in named)),
        important_dates=(ImportantDate(at, _WHAT.get(category, "in force")),) if at else (),
        trading_ends_at=at if category in _OF_PAIRS else None,
        trading_status=status,
        rule=RULE,
        networks=(),
        impacts=tuple(impacts),
        entire_tokens=decision.tokens,
    )


def decided_draft(article: Article, notice: ParsedNotice, context: DetectionContext) -> EventDraft:
    """The draft of a decided notice. A person's decision is never too old to alert. Raises NothingNamed."""
    draft = announcement_draft(article, notice, context)
    if draft is None or not draft.effects:
        raise NothingNamed(f"nothing that trades on {article.exchange} is at risk by it")
    # What a person took back may be decided anew, whatever the dates are.
    return replace(draft, quiet=False, reopen="always")


def label_of(notice: ParsedNotice) -> dict[str, Any]:
    """A decided notice in the words of the labelled captures; its names are assets."""
    return {
        "category": notice.category,
        "phase": notice.phase,
        "market": notice.market,
        "tokens": list(notice.tokens),
        "tickers": list(notice.tickers),
        "important_dates": [f"{date.at:%Y-%m-%dT%H:%M:%SZ}" for date in notice.important_dates],
        "trading_status": notice.trading_status,
    }


@lru_cache(maxsize=256)
def found_dates(article: Article) -> tuple[datetime, ...]:
    """The dates that a notice names after its release, in their order; what they are of, a person has to read.

    Of a long text the beginning is searched. Cached: a page of the queue asks for those of all its rows.
    """
    body = (article.body or "")[:_SEARCHED]
    texts = [article.title, *(clause.text for clause in clauses(blocks(body)) if not clause.side)]
    found = {
        moment.at
        for text in texts
        for moment in moments(text, article.released_at, article.exchange)
        if article.released_at is None or moment.at > article.released_at
    }
    return tuple(sorted(found)[:MOST_DATES])


def one_click_decisions(
    tokens: Iterable[str], tickers: Iterable[str], dates: Iterable[datetime], most: int
) -> Iterator[EventDecision]:
    """Decisions that need no form: of the pairs that a review names, and of its coins where those are few.

    dates: of the notice; its only one is that of the event.
    """
    coins, pairs, found = tuple(tokens), tuple(tickers), tuple(dates)
    at = found[0] if len(found) == 1 else None
    for category in (Category.DELISTING, Category.TRADING_SUSPENSION):
        if 0 < len(pairs) <= most:
            yield EventDecision(category, tickers=pairs, at=at)
        if 0 < len(coins) <= most:
            yield EventDecision(category, tokens=coins, at=at)


def typed_ticker(exchange: str, market: str, text: str) -> str:
    """A typed pair or contract as VENUE:SYMBOL; one with a venue stays as it is."""
    text = text.strip().upper()
    return text if ":" in text else f"{venue_name(exchange, market)}:{venue_symbol(exchange, text, market)}"


def _instrument(ticker: str, context: DetectionContext, splitter: SymbolSplitter) -> tuple[str, str, str]:
    """(asset, market, instrument as notices write it) of VENUE:SYMBOL."""
    venue, _, symbol = ticker.partition(":")
    exchange, market = exchange_and_market(venue)
    row = context.knowledge.find(venue, symbol)
    split = splitter.split(symbol, exchange, market)
    if row is not None:
        base, quote, token = row.base, row.quote, row.token
    elif split is not None and split.base:
        base, quote, token = split.base, split.quote, context.knowledge.asset(split.token, venue)
    else:
        raise NothingNamed(f"{symbol} is no pair or contract that is known on {venue}")
    return token, market, f"{base}/{quote}" if market in ("spot", "margin") and quote else symbol
