"""From what an announcement says to what it means for our tokens and pairs. Pure: no network, clock or database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import EVERYTHING, Category, Scope
from exchanges.announcements.extraction import wallets
from exchanges.announcements.priority import effects_priority
from exchanges.announcements.types import Article, Impact, ParsedNotice
from exchanges.venues import SIDE_MARKETS, venue_name, venue_symbol
from markets.knowledge import GONE, MarketKnowledge
from markets.watch import WatchLists

# The coin itself is concerned, wherever it trades.
_OF_THE_ASSET = frozenset({Category.HARD_FORK, Category.NETWORK_UPGRADE, Category.TOKEN_MIGRATION})
ENDS_TRADING = frozenset({Category.DELISTING, Category.TRADING_SUSPENSION})
# Alpha is a list of its own, on which other coins carry the tickers of coins on spot.
_OF_ALPHA = re.compile(r"\s*binance alpha\b(?! and )", re.IGNORECASE)
# What has stood still for longer does not come back by itself.
_A_HALT = timedelta(days=1)
ENDED_PHASES = frozenset({"completed", "resumed", "cancelled"})
# What stops here is deposits and withdrawals, each of which opens again by itself.
WALLET = frozenset({Category.WALLET_SUSPENSION, Category.HARD_FORK, Category.NETWORK_UPGRADE})
_FOLLOW_UP_PHASES = frozenset({"postponed", "updated"}) | ENDED_PHASES


@dataclass(frozen=True)
class DetectionContext:
    """What is known when an announcement is judged.

    leaving: tickers (VENUE:SYMBOL) that other open events take away, so that a coin's last pair is recognised, with
        the moment at which each leaves (None: not said).
    look_back: news released earlier than this before `now` is recorded without an alert.
    """

    knowledge: MarketKnowledge
    watch: WatchLists
    leaving: Mapping[str, datetime | None]
    now: datetime
    look_back: timedelta


def article_key(exchange: str, article_id: str) -> str:
    """The natural key of an announcement: titles repeat, codes do not."""
    return f"{exchange}.announcement:{article_id}"


def is_follow_up(reading: ParsedNotice) -> bool:
    """Whether the notice speaks of an earlier one: a new date, a correction, or an end."""
    return reading.phase in _FOLLOW_UP_PHASES


def announcement_draft(article: Article, reading: ParsedNotice, around: DetectionContext) -> EventDraft | None:
    """The event that an announcement is, or None where it is none."""
    if not reading.event or reading.category is None:
        return None
    effects = _effects(article, reading, around)
    released = article.released_at or around.now
    return EventDraft(
        source=article.exchange,
        category=reading.category,
        natural_key=article_key(article.exchange, article.article_id),
        title=" ".join(article.title.split()),
        kind=f"{article.exchange}_announcement",
        priority=effects_priority(effects, around.watch, around.knowledge.find),
        url=article.url,
        important_dates=tuple(
            ImportantDate(date.at, date.what, venue_tickers(article.exchange, reading.market, date.tickers))
            for date in reading.important_dates
        ),
        published_at=released,
        effects=effects,
        facts={
            "rule": reading.rule,
            "phase": reading.phase,
            "market": reading.market,
            "tokens": list(reading.tokens),
            "tickers": list(reading.tickers),
            "networks": list(reading.networks),
            "lifted": list(reading.lifted),
            "body_read": article.body is not None,
        },
        extra={
            "article_id": article.article_id[:300],
            "market": reading.market or "",
            "phase": reading.phase or "",
            "rule": reading.rule[:80],
        },
        quiet=released < around.now - around.look_back,
    )


def venue_tickers(exchange: str, market: str | None, tickers: Iterable[str]) -> tuple[str, ...]:
    venue = venue_name(exchange, _market_of(market))
    return tuple(f"{venue}:{venue_symbol(exchange, ticker, _market_of(market))}" for ticker in tickers)


def _market_of(market: str | None) -> str | None:
    return None if market in ("multiple", "loan") else market


def _effects(article: Article, reading: ParsedNotice, around: DetectionContext) -> tuple[EffectDraft, ...]:
    impacts = [
        own for impact in reading.impacts if impact.at_risk for own in _by_token(article, reading, impact, around)
    ]
    leaving = {
        **around.leaving,
        **{
            ticker: impact.at
            for impact in impacts
            if impact.category in ENDS_TRADING
            for ticker in venue_tickers(article.exchange, _market_of(impact.market or reading.market), impact.tickers)
        },
    }
    effects: dict[tuple[object, ...], EffectDraft] = {}
    for impact in impacts:
        for effect in _in_stages(_effect(article, reading, impact, around, leaving), reading):
            _add(effects, effect)
    return tuple(effects.values())


def _in_stages(effect: EffectDraft, reading: ParsedNotice) -> list[EffectDraft]:
    """The effect with what it makes of the wallet; where deposits and withdrawals stop at two moments, one for each."""
    if reading.category not in WALLET or reading.wallet is None or effect.scope == Scope.PAIRS:
        return [effect]
    begins = reading.wallet_begins
    if len(begins) > 1 and effect.in_force_at == begins[0][0]:
        return [replace(effect, in_force_at=at, in_force_status=unless_both(status)) for at, status in begins]
    return [replace(effect, in_force_status=unless_both(wallets.status_of(reading.wallet)))]


def unless_both(status: str) -> str | None:
    """What the shipped rules say anyway need not be declared: an admin's rule holds for it."""
    return None if status == wallets.WALLET_SUSPENDED else status


def _add(effects: dict[tuple[object, ...], EffectDraft], effect: EffectDraft) -> None:
    key = (effect.token, effect.scope, effect.venue, effect.in_force_at, effect.trading_ends_at, effect.action)
    known = effects.get(key)
    tickers = tuple(sorted({*effect.tickers, *known.tickers})) if known else effect.tickers
    effects[key] = replace(effect, tickers=tickers)


def _by_token(article: Article, reading: ParsedNotice, impact: Impact, around: DetectionContext) -> list[Impact]:
    """The impact; one that stops a whole market, as one on the venue and on each watched token that is listed there."""
    if impact.token:
        return [impact]
    market = _market_of(impact.market or reading.market)
    if not impact.whole_token or impact.category != Category.TRADING_SUSPENSION or market in SIDE_MARKETS:
        return []
    venue = venue_name(article.exchange, market)
    rows = [row for row in around.knowledge.by_venue.get(venue, {}).values() if row.status != GONE]
    tokens = {row.token for row in rows if around.watch.pair(row.token, row.quote, venue)}
    if not rows:
        tokens = {token for token in around.watch.spot | around.watch.usdm if around.watch.currency(token, venue)}
    return [replace(impact, token=token, whole_token=True) for token in (EVERYTHING, *sorted(tokens))]


def _effect(
    article: Article,
    reading: ParsedNotice,
    impact: Impact,
    around: DetectionContext,
    leaving: Mapping[str, datetime | None],
) -> EffectDraft:
    market = _market_of(impact.market or reading.market)
    if market is None and _OF_ALPHA.match(article.title):
        market = "alpha"
    venue = venue_name(article.exchange, market)
    named = venue_tickers(article.exchange, market, impact.tickers)
    at = impact.at
    if at is None and impact.phase in ("immediate", "completed"):
        at = article.released_at or around.now
    ends = at if impact.category in ENDS_TRADING else None
    if market in SIDE_MARKETS:
        # The instruments leave, the coin goes on trading.
        return EffectDraft(
            impact.token,
            scope=Scope.PAIRS,
            venue=venue,
            tickers=named,
            trading_status="trading",
            trading_ends_at=ends,
            in_force_at=at,
        )
    if impact.category in _OF_THE_ASSET:
        everywhere = tuple(f"{row.venue}:{row.symbol}" for row in around.knowledge.live(impact.token))
        tickers = tuple(sorted({*named, *everywhere}))
        if impact.category == Category.TOKEN_MIGRATION:
            ends = at if impact.trading_status in ("delisting", "trading_suspended", "delisted") else None
        return EffectDraft(
            impact.token, scope=Scope.ASSET, tickers=tickers, trading_ends_at=ends, in_force_at=ends if ends else at
        )
    live = around.knowledge.live(impact.token, venue)
    listed = tuple(f"{row.venue}:{row.symbol}" for row in live)
    if impact.category not in ENDS_TRADING:
        # A tag or a closed wallet concerns all that the venue trades of the token.
        return EffectDraft(
            impact.token,
            scope=Scope.VENUE,
            venue=venue,
            tickers=tuple(sorted({*named, *listed})),
            in_force_at=at,
        )
    # An exchange that stands still for hours takes nothing away.
    trading = (*live, *around.knowledge.halted(impact.token, venue, around.now - _A_HALT))
    counted = [row for row in trading if around.watch.counts(row.quote, venue)]
    # A pair that leaves later than this one still trades when this one is gone: the coin leaves with its last.
    later = [row for row in counted if _leaves_after(leaving.get(f"{row.venue}:{row.symbol}"), ends)]
    stays = [row for row in counted if f"{row.venue}:{row.symbol}" not in leaving]
    whole = not (later and named) and (
        impact.whole_token or (around.knowledge.knows(venue) and bool(named) and not stays)
    )
    return EffectDraft(
        impact.token,
        scope=Scope.VENUE if whole else Scope.PAIRS,
        venue=venue,
        tickers=tuple(sorted({*named, *listed})) if whole and impact.whole_token else named,
        trading_ends_at=ends,
        in_force_at=at,
    )


def _leaves_after(other: datetime | None, ends: datetime | None) -> bool:
    return other is not None and ends is not None and other > ends
