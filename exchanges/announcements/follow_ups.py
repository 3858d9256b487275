"""From articles that were read to drafts: one per event, the original notice folded with its follow-ups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Category, Priority, Scope
from exchanges.announcements.detect import (
    ENDED_PHASES,
    ENDS_TRADING,
    WALLET,
    DetectionContext,
    announcement_draft,
    article_key,
    is_follow_up,
    unless_both,
    venue_tickers,
)
from exchanges.announcements.extraction import wallets
from exchanges.announcements.types import Article, ParsedNotice

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ReadArticle:
    """An article with what it says, and the sha256 of the archived answer it came in."""

    article: Article
    reading: ParsedNotice
    payload: str | None = None

    @property
    def key(self) -> str:
        return article_key(self.article.exchange, self.article.article_id)


@dataclass(frozen=True)
class ArticleOutcome:
    """What becomes of one article: the keys of the events that it is, or changes; none: it is no event."""

    read: ReadArticle
    keys: tuple[str, ...]
    follow_up: bool


def judge(
    articles: Sequence[ReadArticle], open_events: Sequence[EventDraft], around: DetectionContext
) -> tuple[list[EventDraft], list[ArticleOutcome]]:
    """Drafts for new articles, one per event and in order of release, with a verdict per article.

    open_events: newest first. A follow-up changes the event it speaks of, be it open already or told by an article
    of the same batch.
    """
    drafts: dict[str, EventDraft] = {}
    verdicts = []
    for read in sorted(articles, key=_release_order):
        current = [*drafts.values(), *(event for event in open_events if event.natural_key not in drafts)]
        still_open = [event for event in current if event.state == "open"]
        by_key = {event.natural_key: event for event in still_open}
        keys: list[str] = []
        for key in lifting_keys(read.article, read.reading, still_open):
            drafts[key] = lift(by_key[key], read.reading.lifted, read.article)
            keys.append(key)
        concerned = concerned_keys(read.article, read.reading, still_open) if is_follow_up(read.reading) else []
        for key in concerned:
            drafts[key] = apply_follow_up(drafts.get(key, by_key[key]), read.article, read.reading, around)
            keys.append(key)
        draft = None if concerned else announcement_draft(read.article, read.reading, around)
        if draft:
            drafts[read.key] = replace(draft, payload=read.payload)
            keys.append(read.key)
        verdicts.append(ArticleOutcome(read, tuple(keys), follow_up=bool(keys) and read.key not in keys))
    # A new article is news whatever was recorded since the round began.
    return [replace(draft, based_on=None) for draft in drafts.values()], verdicts


def refold(recorded: EventDraft, articles: Iterable[ReadArticle], around: DetectionContext) -> EventDraft | None:
    """An open event from all of its articles as they read now: the original, then its follow-ups by release.

    Closed where the original is no event any more; None where it is not among the articles.
    """
    ordered = sorted(articles, key=_release_order)
    original = next((read for read in ordered if read.key == recorded.natural_key), None)
    if original is None:
        return None
    draft = announcement_draft(original.article, original.reading, around)
    if draft is None:
        what = (
            original.reading.phase if original.reading.category else "its article was edited and warns of nothing now"
        )
        title = " ".join(original.article.title.split())
        return replace(recorded, state="closed", close_reason=f"{what}: {title}"[:200])
    draft = replace(draft, payload=original.payload)
    for read in ordered:
        if read is original:
            continue
        if read.reading.lifted:
            draft = lift(draft, read.reading.lifted, read.article)
        if is_follow_up(read.reading) and draft.state == "open":
            draft = apply_follow_up(draft, read.article, read.reading, around)
    return draft


def _release_order(read: ReadArticle) -> tuple[datetime, str]:
    return (read.article.released_at or _LONG_AGO, read.article.article_id)


def concerned_keys(article: Article, reading: ParsedNotice, open_events: Iterable[EventDraft]) -> list[str]:
    """The keys of the open events that a follow-up speaks of: of the same exchange and kind, sharing what is named.

    open_events: newest first. An end or a new date holds for all of them, a correction for the newest one.
    """
    found = []
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
        shared = tickers & known_tickers or (not (tickers and known_tickers) and tokens & known_tokens)
        if shared or (whole_market and not known_tokens and event.facts.get("market") == reading.market):
            found.append(event)
    same = [event for event in found if event.category == reading.category]
    if reading.phase == "updated":
        return [event.natural_key for event in (same or found)[:1]]
    return [event.natural_key for event in (same or found)]


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


# A deposit that is open again ends no halt of trading, and trading that goes on ends no removal.
_ENDED_BY_THEIR_KIND_ONLY = ENDS_TRADING


def _same_kind(reading: ParsedNotice, event: EventDraft) -> bool:
    market = event.facts.get("market")
    if reading.market and market and "multiple" not in (reading.market, market) and reading.market != market:
        return False
    if reading.phase in ENDED_PHASES and event.category in _ENDED_BY_THEIR_KIND_ONLY:
        return reading.category == event.category
    return any(reading.category in kindred and event.category in kindred for kindred in _KINDRED)


def apply_follow_up(event: EventDraft, article: Article, reading: ParsedNotice, around: DetectionContext) -> EventDraft:
    """The event with what a follow-up says of it: closed by an end, changed by a new date or a correction."""
    told = set(reading.tokens)
    rest = _untouched(event, article, reading)
    news = _with_follow_up(event, article)
    if reading.phase == "completed" and event.category == Category.DELISTING:
        # Done means in force, not over: the token stays delisted until the event's own expiry.
        return replace(event, effects=rest + _in_force(event, told, rest, article, around), facts=news)
    if reading.phase in ENDED_PHASES:
        rest += _still_shut(event, rest, reading)
        ended = f"{reading.phase}: {' '.join(article.title.split())}"
        if not rest:
            return replace(event, state="closed", close_reason=ended[:200])
        return replace(event, effects=rest, facts=news)
    draft = announcement_draft(article, replace(reading, event=True), around)
    if draft is None:
        return event
    own = {effect.token for effect in event.effects}
    moved = draft.effects
    if reading.phase == "postponed":
        # One notice may move what several told: to each its own.
        moved = tuple(effect for effect in draft.effects if effect.token in own) or draft.effects
    effects = rest + (moved or event.effects)
    dated = draft.important_dates or any(effect.in_force_at for effect in effects)
    return replace(
        event,
        title=draft.title,
        url=draft.url,
        important_dates=draft.important_dates + _dates_of(event, rest),
        effects=effects,
        priority=Priority.HIGH if Priority.HIGH in (draft.priority, event.priority) else event.priority,
        facts={**news, "phase": reading.phase},
        quiet=draft.quiet,
        # The old expiry follows from the old dates; without any it counts from the latest word.
        valid_until=None,
        published_at=event.published_at if dated else draft.published_at,
    )


def _still_shut(event: EventDraft, rest: Sequence[EffectDraft], reading: ParsedNotice) -> tuple[EffectDraft, ...]:
    """What stays as it was where only one of deposits and withdrawals is open again."""
    if event.category not in WALLET or reading.phase == "cancelled" or reading.wallet is None:
        return ()
    left = []
    for effect in event.effects:
        if effect in rest or effect.scope == Scope.PAIRS:
            continue
        shut = wallets.sides_of(effect.in_force_status) - reading.wallet
        if shut and effect.in_force_status != "trading":
            left.append(replace(effect, in_force_status=unless_both(wallets.status_of(shut))))
    return tuple(left)


def _with_follow_up(event: EventDraft, article: Article) -> dict[str, Any]:
    """The event's facts with the notice that changed it, by which the event's articles are found again."""
    earlier = [known for known in event.facts.get("follow_ups", ()) if known != article.article_id]
    title = " ".join(article.title.split())
    return {
        **event.facts,
        "follow_up": title,
        "follow_up_url": article.url,
        "follow_ups": [*earlier, article.article_id],
    }


def _untouched(event: EventDraft, article: Article, reading: ParsedNotice) -> tuple[EffectDraft, ...]:
    """What a follow-up does not speak of: other tokens, and of its own tokens the pairs that it does not name."""
    told = set(reading.tokens)
    by_pair = event.category == Category.DELISTING and reading.phase in ("postponed", "cancelled", "completed")
    named = set(venue_tickers(article.exchange, reading.market, reading.tickers)) if by_pair else set()
    rest = []
    for effect in event.effects:
        left = tuple(ticker for ticker in effect.tickers if ticker not in named)
        if told and effect.token not in told:
            rest.append(effect)
        elif named and len(left) < len(effect.tickers) and left:
            rest.append(replace(effect, tickers=left))
        elif named and left and effect.scope == Scope.PAIRS:
            rest.append(effect)
    return tuple(rest)


def _dates_of(event: EventDraft, rest: Sequence[EffectDraft]) -> tuple[ImportantDate, ...]:
    """The dates that still hold for what a follow-up leaves as it was."""
    tickers = {ticker for effect in rest for ticker in effect.tickers}
    moments = {effect.in_force_at for effect in rest}
    kept = []
    for date in event.important_dates:
        left = tuple(ticker for ticker in date.tickers if ticker in tickers)
        if left or (not date.tickers and date.at in moments):
            kept.append(replace(date, tickers=left))
    return tuple(kept)


def _in_force(
    event: EventDraft, told: set[str], rest: Sequence[EffectDraft], article: Article, around: DetectionContext
) -> tuple[EffectDraft, ...]:
    at = article.released_at or around.now
    other = {ticker for effect in rest for ticker in effect.tickers}
    return tuple(
        replace(
            effect,
            tickers=tuple(ticker for ticker in effect.tickers if ticker not in other),
            in_force_at=min(effect.in_force_at or at, at),
            trading_ends_at=min(effect.trading_ends_at or at, at),
        )
        for effect in event.effects
        if (not told or effect.token in told) and not (effect.tickers and set(effect.tickers) <= other)
    )


def lift(event: EventDraft, lifted: Sequence[str], article: Article) -> EventDraft:
    """The event of a tag or a warning without the tokens it is lifted from; closed where none is left."""
    rest = tuple(effect for effect in event.effects if effect.token not in lifted)
    if not rest:
        title = " ".join(article.title.split())
        return replace(event, state="closed", close_reason=f"lifted: {title}"[:200])
    return replace(event, effects=rest, facts=_with_follow_up(event, article))


def lifting_keys(article: Article, reading: ParsedNotice, open_events: Iterable[EventDraft]) -> list[str]:
    """The keys of the open warnings of this exchange that name a token from which the notice lifts its tag."""
    lifted = set(reading.lifted)
    return [
        event.natural_key
        for event in open_events
        if event.category == Category.RISK_WARNING
        and event.source == article.exchange
        and lifted & {effect.token for effect in event.effects}
    ]
