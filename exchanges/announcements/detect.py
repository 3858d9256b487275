"""From a parsed notice to the event that it is, with its effects on tokens and pairs. Pure: no network, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from events.drafts import EffectDraft, EventDraft
from events.enums import EVERYTHING, Category, Scope
from events.facts import AnnouncementFacts
from exchanges.announcements.extraction import wallets
from exchanges.announcements.priority import effects_priority
from exchanges.announcements.types import Article, Impact, ParsedNotice
from exchanges.venues import SIDE_MARKETS, venue_name, venue_symbol
from markets.knowledge import GONE, MarketKnowledge
from markets.watch import WatchLists

# The coin itself is concerned, on every venue.
_OF_THE_ASSET = frozenset({Category.HARD_FORK, Category.NETWORK_UPGRADE, Category.TOKEN_MIGRATION})
ENDS_TRADING = frozenset({Category.DELISTING, Category.TRADING_SUSPENSION})
# Alpha is a separate market. Its tickers may be those of other coins on spot.
_OF_ALPHA = re.compile(r"\s*binance alpha\b(?! and )", re.IGNORECASE)
# A halt that lasts longer is not temporary.
_LONGEST_HALT = timedelta(days=1)
ENDED_PHASES = frozenset({"completed", "resumed", "cancelled"})
# Here deposits and withdrawals stop, and either may open again without the other.
STOPS_WALLETS = frozenset({Category.WALLET_SUSPENSION, Category.HARD_FORK, Category.NETWORK_UPGRADE})
_FOLLOW_UP_PHASES = frozenset({"postponed", "updated"}) | ENDED_PHASES


@dataclass(frozen=True)
class DetectionContext:
    """What detection is given besides the parsed notice.

    leaving: tickers (VENUE:SYMBOL) that other open events remove, with the time of each (None: without a date). By them
        a coin's last pair is recognised.
    look_back: a notice released earlier than this before `now` is recorded without an alert.
    """

    knowledge: MarketKnowledge
    watch: WatchLists
    leaving: Mapping[str, datetime | None]
    now: datetime
    look_back: timedelta


def article_key(exchange: str, article_id: str) -> str:
    """The natural key of an announcement: titles repeat, codes do not."""
    return f"{exchange}.announcement:{article_id}"


def is_follow_up(notice: ParsedNotice) -> bool:
    """Whether the notice changes an earlier one: a new date, a correction, or an end."""
    return notice.phase in _FOLLOW_UP_PHASES


def announcement_draft(article: Article, notice: ParsedNotice, context: DetectionContext) -> EventDraft | None:
    """The event of an announcement; None where the notice puts nothing at risk."""
    if not notice.event or notice.category is None:
        return None
    effects = _effects(article, notice, context)
    released = article.released_at or context.now
    return EventDraft(
        source=article.exchange,
        category=notice.category,
        natural_key=article_key(article.exchange, article.article_id),
        title=article.title_line,
        kind=f"{article.exchange}_announcement",
        priority=effects_priority(effects, context.watch, context.knowledge.find),
        url=article.url,
        important_dates=tuple(
            replace(date, tickers=venue_tickers(article.exchange, notice.market, date.tickers))
            for date in notice.important_dates
        ),
        published_at=released,
        effects=effects,
        facts=AnnouncementFacts(
            rule=notice.rule,
            phase=notice.phase,
            market=notice.market,
            tokens=list(notice.tokens),
            tickers=list(notice.tickers),
            networks=list(notice.networks),
            lifted=list(notice.untagged),
            body_read=article.body is not None,
        ),
        extra={
            "article_id": article.article_id[:300],
            "market": notice.market or "",
            "phase": notice.phase or "",
            "rule": notice.rule[:80],
        },
        quiet=released < context.now - context.look_back,
    )


def venue_tickers(exchange: str, market: str | None, tickers: Iterable[str]) -> tuple[str, ...]:
    """Instruments of a notice, as written there, as VENUE:SYMBOL."""
    venue = venue_name(exchange, _market_of(market))
    return tuple(f"{venue}:{venue_symbol(exchange, ticker, _market_of(market))}" for ticker in tickers)


def _market_of(market: str | None) -> str | None:
    return None if market in ("multiple", "loan") else market


def _effects(article: Article, notice: ParsedNotice, context: DetectionContext) -> tuple[EffectDraft, ...]:
    impacts = [
        by_token
        for impact in notice.impacts
        if impact.at_risk
        for by_token in _by_token(article, notice, impact, context)
    ]
    leaving = {
        **context.leaving,
        **{
            ticker: impact.at
            for impact in impacts
            if impact.category in ENDS_TRADING
            for ticker in venue_tickers(article.exchange, impact.market or notice.market, impact.tickers)
        },
    }
    effects: dict[tuple[object, ...], EffectDraft] = {}
    for impact in impacts:
        for effect in _by_wallet_step(_effect(article, notice, impact, context, leaving), notice):
            _add(effects, effect)
    return tuple(effects.values())


def _by_wallet_step(effect: EffectDraft, notice: ParsedNotice) -> list[EffectDraft]:
    """The effect with its wallet status; two effects where deposits and withdrawals stop at different times."""
    if notice.category not in STOPS_WALLETS or notice.wallet is None or effect.scope == Scope.PAIRS:
        return [effect]
    begins = notice.wallet_begins
    if len(begins) > 1 and effect.in_force_at == begins[0][0]:
        return [replace(effect, in_force_at=at, in_force_status=unless_both(status)) for at, status in begins]
    return [replace(effect, in_force_status=unless_both(wallets.status_of(notice.wallet)))]


def unless_both(status: str) -> str | None:
    """No status for "both suspended": the action rules give it, and an admin may have changed them."""
    return None if status == wallets.WALLET_SUSPENDED else status


def _add(effects: dict[tuple[object, ...], EffectDraft], effect: EffectDraft) -> None:
    key = (effect.token, effect.scope, effect.venue, effect.in_force_at, effect.trading_ends_at, effect.action)
    known = effects.get(key)
    tickers = tuple(sorted({*effect.tickers, *known.tickers})) if known else effect.tickers
    effects[key] = replace(effect, tickers=tickers)


def _by_token(article: Article, notice: ParsedNotice, impact: Impact, context: DetectionContext) -> list[Impact]:
    """The impact; a stop of the entire market as one impact on the venue and one on each watched token listed there."""
    if impact.token:
        return [impact]
    market = _market_of(impact.market or notice.market)
    if not impact.entire_token or impact.category != Category.TRADING_SUSPENSION or market in SIDE_MARKETS:
        return []
    venue = venue_name(article.exchange, market)
    rows = [row for row in context.knowledge.by_venue.get(venue, {}).values() if row.status != GONE]
    tokens = {row.token for row in rows if context.watch.pair(row.token, row.quote, venue)}
    if not rows:
        tokens = {token for token in context.watch.spot | context.watch.usdm if context.watch.currency(token, venue)}
    return [replace(impact, token=token, entire_token=True) for token in (EVERYTHING, *sorted(tokens))]


def _effect(
    article: Article,
    notice: ParsedNotice,
    impact: Impact,
    context: DetectionContext,
    leaving: Mapping[str, datetime | None],
) -> EffectDraft:
    market = _market_of(impact.market or notice.market)
    if market is None and _OF_ALPHA.match(article.title):
        market = "alpha"
    venue = venue_name(article.exchange, market)
    named = venue_tickers(article.exchange, market, impact.tickers)
    at = impact.at
    if at is None and impact.phase in ("immediate", "completed"):
        at = article.released_at or context.now
    ends = at if impact.category in ENDS_TRADING else None
    if market in SIDE_MARKETS:
        # The instruments are removed; the coin continues to trade.
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
        # Where a coin is traded under its new name already, that name is what it is swapped for.
        traded = [row for row in context.knowledge.live(impact.token) if row.base not in notice.targets]
        everywhere = tuple(f"{row.venue}:{row.symbol}" for row in traded)
        tickers = tuple(sorted({*named, *everywhere}))
        if impact.category == Category.TOKEN_MIGRATION:
            ends = at if impact.trading_status in ("delisting", "trading_suspended", "delisted") else None
        return EffectDraft(
            impact.token, scope=Scope.ASSET, tickers=tickers, trading_ends_at=ends, in_force_at=ends if ends else at
        )
    live = context.knowledge.live(impact.token, venue)
    listed = tuple(f"{row.venue}:{row.symbol}" for row in live)
    if impact.category not in ENDS_TRADING:
        # A tag or a suspended wallet concerns every instrument of the token on the venue.
        return EffectDraft(
            impact.token,
            scope=Scope.VENUE,
            venue=venue,
            tickers=tuple(sorted({*named, *listed})),
            in_force_at=at,
        )
    # Instruments that are halted for hours still count as listed.
    trading = (*live, *context.knowledge.halted(impact.token, venue, context.now - _LONGEST_HALT))
    counted = [row for row in trading if context.watch.counts(row.quote, venue)]
    # A pair that is removed later still trades when this one is gone: the coin leaves the venue with its last pair.
    later = [row for row in counted if _leaves_after(leaving.get(f"{row.venue}:{row.symbol}"), ends)]
    stays = [row for row in counted if f"{row.venue}:{row.symbol}" not in leaving]
    leaves_venue = not (later and named) and (
        impact.entire_token or (context.knowledge.knows(venue) and bool(named) and not stays)
    )
    return EffectDraft(
        impact.token,
        scope=Scope.VENUE if leaves_venue else Scope.PAIRS,
        venue=venue,
        tickers=tuple(sorted({*named, *listed})) if leaves_venue and impact.entire_token else named,
        trading_ends_at=ends,
        in_force_at=at,
    )


def _leaves_after(other: datetime | None, ends: datetime | None) -> bool:
    return other is not None and ends is not None and other > ends
