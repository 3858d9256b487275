"""From what an announcement says to what it means for our tokens and pairs. Pure: no network, clock or database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.kinds import Category, Priority, Scope
from exchanges.announcements import Article, Impact, Reading
from exchanges.venues import SIDE_MARKETS, venue_name, venue_symbol
from markets.knowledge import MarketKnowledge
from markets.watch import WatchLists

# The coin itself is concerned, wherever it trades.
_OF_THE_ASSET = frozenset({Category.HARD_FORK, Category.NETWORK_UPGRADE, Category.TOKEN_MIGRATION})
_ENDS_TRADING = frozenset({Category.DELISTING, Category.TRADING_SUSPENSION})
# Alpha is a list of its own, on which other coins carry the tickers of coins on spot.
_OF_ALPHA = re.compile(r"\s*binance alpha\b(?! and )", re.IGNORECASE)
_ENDED_PHASES = frozenset({"completed", "resumed", "cancelled"})
_FOLLOW_UP_PHASES = frozenset({"postponed", "updated"}) | _ENDED_PHASES


@dataclass(frozen=True)
class Surroundings:
    """What is known when an announcement is judged.

    leaving: tickers (VENUE:SYMBOL) that other open events take away, so that a coin's last pair is recognised.
    look_back: news released earlier than this before `now` is recorded without an alert.
    """

    knowledge: MarketKnowledge
    watch: WatchLists
    leaving: frozenset[str]
    now: datetime
    look_back: timedelta


def article_key(exchange: str, article_id: str) -> str:
    """The natural key of an announcement: titles repeat, codes do not."""
    return f"{exchange}.announcement:{article_id}"


def is_follow_up(reading: Reading) -> bool:
    """Whether the notice speaks of an earlier one: a new date, a correction, or an end."""
    return reading.phase in _FOLLOW_UP_PHASES


def announcement_draft(article: Article, reading: Reading, around: Surroundings) -> EventDraft | None:
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
        priority=_priority(effects, around),
        url=article.url,
        important_dates=tuple(
            ImportantDate(date.at, date.what, _tickers(article.exchange, reading.market, date.tickers))
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


def _tickers(exchange: str, market: str | None, tickers: Iterable[str]) -> tuple[str, ...]:
    venue = venue_name(exchange, _market_of(market))
    return tuple(f"{venue}:{venue_symbol(exchange, ticker)}" for ticker in tickers)


def _market_of(market: str | None) -> str | None:
    return None if market in ("multiple", "loan") else market


def _effects(article: Article, reading: Reading, around: Surroundings) -> tuple[EffectDraft, ...]:
    at_risk = [impact for impact in reading.impacts if impact.at_risk]
    impacts = [impact for impact in at_risk if impact.token]
    impacts += [each for impact in at_risk if not impact.token for each in _everything_watched(article, impact, around)]
    leaving = around.leaving | {
        ticker
        for impact in impacts
        if impact.category in _ENDS_TRADING
        for ticker in _tickers(article.exchange, impact.market or reading.market, impact.tickers)
    }
    effects: dict[tuple[object, ...], EffectDraft] = {}
    for impact in impacts:
        effect = _effect(article, reading, impact, around, leaving)
        key = (effect.token, effect.scope, effect.venue, effect.in_force_at, effect.trading_ends_at, effect.action)
        known = effects.get(key)
        tickers = tuple(sorted({*effect.tickers, *known.tickers})) if known else effect.tickers
        effects[key] = replace(effect, tickers=tickers)
    return tuple(effects.values())


def _everything_watched(article: Article, impact: Impact, around: Surroundings) -> list[Impact]:
    """A halt of a whole market, said of no token, as one impact on each watched currency that trades there."""
    venue = venue_name(article.exchange, impact.market)
    if impact.category != Category.TRADING_SUSPENSION or venue not in (
        venue_name(article.exchange, market) for market in ("spot", "usdm", "coinm")
    ):
        return []
    watched = around.watch.usdm if impact.market in ("usdm", "coinm") else around.watch.spot
    return [
        replace(impact, token=token, whole_token=True)
        for token in sorted(watched)
        if around.knowledge.live(token, venue) or not around.knowledge.knows(venue)
    ]


def _effect(
    article: Article, reading: Reading, impact: Impact, around: Surroundings, leaving: frozenset[str]
) -> EffectDraft:
    market = _market_of(impact.market or reading.market)
    if market is None and _OF_ALPHA.match(article.title):
        market = "alpha"
    venue = venue_name(article.exchange, market)
    named = _tickers(article.exchange, market, impact.tickers)
    at = impact.at
    if at is None and impact.phase == "immediate":
        at = article.released_at or around.now
    ends = at if impact.category in _ENDS_TRADING else None
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
    if impact.category not in _ENDS_TRADING:
        # A tag or a closed wallet concerns all that the venue trades of the token.
        return EffectDraft(
            impact.token,
            scope=Scope.VENUE,
            venue=venue,
            tickers=tuple(sorted({*named, *listed})),
            in_force_at=at,
        )
    stays = [row for row in live if row.quote in around.watch.quotes and f"{row.venue}:{row.symbol}" not in leaving]
    whole = impact.whole_token or (around.knowledge.knows(venue) and bool(named) and not stays)
    return EffectDraft(
        impact.token,
        scope=Scope.VENUE if whole else Scope.PAIRS,
        venue=venue,
        tickers=tuple(sorted({*named, *listed})) if impact.whole_token else named,
        trading_ends_at=ends,
        in_force_at=at,
    )


def _priority(effects: Sequence[EffectDraft], around: Surroundings) -> str:
    """High where a watched pair is named, or a watched currency is hit as an asset or on a venue (section 7)."""
    for effect in effects:
        if effect.scope != Scope.PAIRS and around.watch.currency(effect.token, effect.venue):
            return Priority.HIGH
        if any(_watched_pair(effect.token, ticker, around) for ticker in effect.tickers):
            return Priority.HIGH
    return Priority.LOW


def _watched_pair(token: str, ticker: str, around: Surroundings) -> bool:
    venue, _, symbol = ticker.partition(":")
    if not around.watch.currency(token, venue):
        return False
    # Margin pairs carry the symbols of their spot pairs.
    known = around.knowledge.find(venue, symbol) or around.knowledge.find(venue.removesuffix("_MARGIN"), symbol)
    if known:
        return around.watch.pair(known.token, known.quote, venue)
    return around.watch.ticker(token, ticker)


def concerned_key(article: Article, reading: Reading, open_events: Iterable[EventDraft]) -> str | None:
    """The key of the open event that a follow-up speaks of: of the same exchange and kind, sharing what is named.

    open_events: newest first. None where there is no such event, or where the follow-up names nothing.
    """
    tickers = set(reading.tickers)
    tokens = set(reading.tokens)
    whole_market = reading.market is not None and not tickers and not tokens
    for event in open_events:
        if event.source != article.exchange or not _same_kind(reading, event):
            continue
        if event.natural_key == article_key(article.exchange, article.article_id):
            continue
        known_tickers = set(event.facts.get("tickers", ()))
        known_tokens = set(event.facts.get("tokens", ()))
        if tickers & known_tickers or (not (tickers and known_tickers) and tokens & known_tokens):
            return event.natural_key
        if whole_market and not known_tokens and event.facts.get("market") == reading.market:
            return event.natural_key
    return None


# A swap is announced as an upgrade or a rebranding as well; what stops wallets is often told by its cause.
_KINDRED = (
    frozenset({Category.DELISTING, Category.TRADING_SUSPENSION}),
    frozenset(
        {
            Category.HARD_FORK,
            Category.NETWORK_UPGRADE,
            Category.TOKEN_MIGRATION,
            Category.WALLET_SUSPENSION,
            Category.TRADING_SUSPENSION,
        }
    ),
    frozenset({Category.RISK_WARNING}),
)


def _same_kind(reading: Reading, event: EventDraft) -> bool:
    market = event.facts.get("market")
    if reading.market and market and "multiple" not in (reading.market, market) and reading.market != market:
        return False
    return any(reading.category in kindred and event.category in kindred for kindred in _KINDRED)


def apply_follow_up(event: EventDraft, article: Article, reading: Reading, around: Surroundings) -> EventDraft:
    """The event with what a follow-up says of it: closed by an end, changed by a new date or a correction."""
    # A notice on some of the event's tokens leaves the others as they are.
    told = set(reading.tokens)
    rest = tuple(effect for effect in event.effects if told and effect.token not in told)
    news = {**event.facts, "follow_up": " ".join(article.title.split()), "follow_up_url": article.url}
    if reading.phase in _ENDED_PHASES:
        ended = f"{reading.phase}: {' '.join(article.title.split())}"
        if not rest:
            return replace(event, state="closed", close_reason=ended[:200])
        return replace(event, effects=rest, facts=news)
    draft = announcement_draft(article, replace(reading, event=True), around)
    if draft is None:
        return event
    return replace(
        event,
        title=draft.title,
        url=draft.url,
        important_dates=draft.important_dates,
        effects=rest + (draft.effects or event.effects),
        priority=Priority.HIGH if Priority.HIGH in (draft.priority, event.priority) else event.priority,
        facts={**news, "phase": reading.phase},
        quiet=draft.quiet,
        # The old expiry follows from the old dates.
        valid_until=None,
    )


def lift(event: EventDraft, lifted: Sequence[str], article: Article) -> EventDraft:
    """The event of a tag or a warning without the tokens it is lifted from; closed where none is left."""
    rest = tuple(effect for effect in event.effects if effect.token not in lifted)
    title = " ".join(article.title.split())
    if not rest:
        return replace(event, state="closed", close_reason=f"lifted: {title}"[:200])
    return replace(event, effects=rest, facts={**event.facts, "follow_up": title, "follow_up_url": article.url})


def lifting_keys(article: Article, reading: Reading, open_events: Iterable[EventDraft]) -> list[str]:
    """The keys of the open warnings of this exchange that name a token from which the notice lifts its tag."""
    lifted = set(reading.lifted)
    return [
        event.natural_key
        for event in open_events
        if event.category == Category.RISK_WARNING
        and event.source == article.exchange
        and lifted & {effect.token for effect in event.effects}
    ]
