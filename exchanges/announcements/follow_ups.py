"""From parsed articles to drafts, one per event: an event is its original notice, changed by its follow-ups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Category, Priority, Scope
from events.facts import AnnouncementFacts, facts_as
from exchanges.announcements.detect import (
    ENDED_PHASES,
    ENDS_TRADING,
    STOPS_WALLETS,
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
# A swap is also announced as an upgrade or a rebranding, and a stop of wallets often by its cause.
_RELATED = (
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


@dataclass(frozen=True)
class ReadArticle:
    """An article, what the parser made of it, and the sha256 of the archived answer that it came in."""

    article: Article
    notice: ParsedNotice
    payload: str | None = None

    @property
    def key(self) -> str:
        return article_key(self.article.exchange, self.article.article_id)


@dataclass(frozen=True)
class ArticleOutcome:
    """What became of one article. keys: of the events that it is or changes; empty: it is no event."""

    read: ReadArticle
    keys: tuple[str, ...]
    follow_up: bool


def drafts_from_articles(
    articles: Sequence[ReadArticle], open_events: Sequence[EventDraft], context: DetectionContext
) -> tuple[list[EventDraft], list[ArticleOutcome]]:
    """Drafts from new articles, one per event, in order of release; and an outcome per article.

    open_events: newest first. A follow-up changes the events that it concerns, whether they are open already or come
    from an article of the same batch.
    """
    drafts: dict[str, EventDraft] = {}
    outcomes = []
    for read in sorted(articles, key=_release_order):
        current = [*drafts.values(), *(event for event in open_events if event.natural_key not in drafts)]
        still_open = [event for event in current if event.state == "open"]
        by_key = {event.natural_key: event for event in still_open}
        keys: list[str] = []
        for key in tag_removal_keys(read.article, read.notice, still_open):
            drafts[key] = remove_tag(by_key[key], read.notice.untagged, read.article)
            keys.append(key)
        concerned = concerned_keys(read.article, read.notice, still_open) if is_follow_up(read.notice) else []
        for key in concerned:
            drafts[key] = apply_follow_up(drafts.get(key, by_key[key]), read.article, read.notice, context)
            keys.append(key)
        draft = None if concerned else announcement_draft(read.article, read.notice, context)
        if draft:
            drafts[read.key] = replace(draft, payload=read.payload)
            keys.append(read.key)
        outcomes.append(ArticleOutcome(read, tuple(keys), follow_up=bool(keys) and read.key not in keys))
    # A new article counts, whatever another writer has recorded since the round began.
    return [replace(draft, based_on=None) for draft in drafts.values()], outcomes


def rebuild_from_articles(
    recorded: EventDraft, articles: Iterable[ReadArticle], context: DetectionContext
) -> EventDraft | None:
    """An open event from all its articles as they are now: the original, then its follow-ups in order of release.

    Closed where the original is no event any more; None where the original is not among the articles.
    """
    ordered = sorted(articles, key=_release_order)
    original = next((read for read in ordered if read.key == recorded.natural_key), None)
    if original is None:
        return None
    draft = announcement_draft(original.article, original.notice, context)
    if draft is None:
        what = original.notice.phase if original.notice.category else "its article was edited and warns of nothing now"
        return replace(recorded, state="closed", close_reason=f"{what}: {original.article.title_line}"[:200])
    draft = replace(draft, payload=original.payload)
    for read in ordered:
        if read is original:
            continue
        if read.notice.untagged:
            draft = remove_tag(draft, read.notice.untagged, read.article)
        if is_follow_up(read.notice) and draft.state == "open":
            draft = apply_follow_up(draft, read.article, read.notice, context)
    return draft


def _release_order(read: ReadArticle) -> tuple[datetime, str]:
    return (read.article.released_at or _LONG_AGO, read.article.article_id)


def concerned_keys(article: Article, notice: ParsedNotice, open_events: Iterable[EventDraft]) -> list[str]:
    """The keys of the open events that a follow-up concerns: same exchange, related category, a shared name.

    open_events: newest first. An end or a new date applies to all of them, a correction to the newest only.
    """
    found = []
    tickers = set(notice.tickers)
    tokens = set(notice.tokens)
    entire_market = notice.market is not None and not tickers and not tokens
    for event in open_events:
        if event.source != article.exchange or not _is_related(notice, event):
            continue
        if event.natural_key == article_key(article.exchange, article.article_id):
            continue
        facts = facts_as(AnnouncementFacts, event.facts)
        known_tickers = set(facts.get("tickers", ()))
        known_tokens = set(facts.get("tokens", ()))
        shared = tickers & known_tickers or (not (tickers and known_tickers) and tokens & known_tokens)
        if shared or (entire_market and not known_tokens and facts.get("market") == notice.market):
            found.append(event)
    same = [event for event in found if event.category == notice.category]
    if notice.phase == "updated":
        return [event.natural_key for event in (same or found)[:1]]
    return [event.natural_key for event in (same or found)]


def _is_related(notice: ParsedNotice, event: EventDraft) -> bool:
    market = facts_as(AnnouncementFacts, event.facts).get("market")
    if notice.market and market and "multiple" not in (notice.market, market) and notice.market != market:
        return False
    if notice.phase in ENDED_PHASES and event.category in ENDS_TRADING:
        # Deposits that are open again end no halt of trading, and trading that resumes ends no removal.
        return notice.category == event.category
    return any(notice.category in related and event.category in related for related in _RELATED)


def apply_follow_up(event: EventDraft, article: Article, notice: ParsedNotice, context: DetectionContext) -> EventDraft:
    """The event after a follow-up: closed by an end, changed by a new date or a correction."""
    named = set(notice.tokens)
    rest = _untouched(event, article, notice)
    facts = _with_follow_up(event, article)
    if notice.phase == "completed" and event.category == Category.DELISTING:
        # A completed delisting is in force, not over: the token stays delisted until the event expires.
        return replace(event, effects=rest + _in_force(event, named, rest, article, context), facts=facts)
    if notice.phase in ENDED_PHASES:
        rest += _still_suspended(event, rest, notice)
        if not rest:
            return replace(event, state="closed", close_reason=f"{notice.phase}: {article.title_line}"[:200])
        return replace(event, effects=rest, facts=facts)
    draft = announcement_draft(article, replace(notice, event=True), context)
    if draft is None:
        return event
    moved = draft.effects
    if notice.phase == "postponed":
        # A postponement may concern several events; each takes only its own tokens.
        tokens = {effect.token for effect in event.effects}
        moved = tuple(effect for effect in draft.effects if effect.token in tokens) or draft.effects
    effects = rest + (moved or event.effects)
    dated = draft.important_dates or any(effect.in_force_at for effect in effects)
    return replace(
        event,
        title=draft.title,
        url=draft.url,
        important_dates=draft.important_dates + _dates_of(event, rest),
        effects=effects,
        priority=Priority.HIGH if Priority.HIGH in (draft.priority, event.priority) else event.priority,
        facts={**facts, "phase": notice.phase},
        quiet=draft.quiet,
        # The expiry followed from the former dates. Without any date it counts from the latest notice.
        valid_until=None,
        published_at=event.published_at if dated else draft.published_at,
    )


def _still_suspended(event: EventDraft, rest: Sequence[EffectDraft], notice: ParsedNotice) -> tuple[EffectDraft, ...]:
    """The effects that remain where only one of deposits and withdrawals is open again."""
    if event.category not in STOPS_WALLETS or notice.phase == "cancelled" or notice.wallet is None:
        return ()
    left = []
    for effect in event.effects:
        if effect in rest or effect.scope == Scope.PAIRS:
            continue
        suspended = wallets.sides_of(effect.in_force_status) - notice.wallet
        if suspended and effect.in_force_status != "trading":
            left.append(replace(effect, in_force_status=unless_both(wallets.status_of(suspended))))
    return tuple(left)


def _with_follow_up(event: EventDraft, article: Article) -> AnnouncementFacts:
    """The event's facts with the notice that changed it; by `follow_ups` the event's articles are found again."""
    facts = facts_as(AnnouncementFacts, event.facts)
    earlier = [known for known in facts.get("follow_ups", ()) if known != article.article_id]
    return {
        **facts,
        "follow_up": article.title_line,
        "follow_up_url": article.url,
        "follow_ups": [*earlier, article.article_id],
    }


def _untouched(event: EventDraft, article: Article, notice: ParsedNotice) -> tuple[EffectDraft, ...]:
    """The effects that a follow-up leaves as they are: other tokens, and pairs of its tokens that it does not name."""
    tokens = set(notice.tokens)
    by_pair = event.category == Category.DELISTING and notice.phase in ("postponed", "cancelled", "completed")
    named = set(venue_tickers(article.exchange, notice.market, notice.tickers)) if by_pair else set()
    rest = []
    for effect in event.effects:
        left = tuple(ticker for ticker in effect.tickers if ticker not in named)
        if tokens and effect.token not in tokens:
            rest.append(effect)
        elif named and len(left) < len(effect.tickers) and left:
            rest.append(replace(effect, tickers=left))
        elif named and left and effect.scope == Scope.PAIRS:
            rest.append(effect)
    return tuple(rest)


def _dates_of(event: EventDraft, rest: Sequence[EffectDraft]) -> tuple[ImportantDate, ...]:
    """The dates of an event that remain valid for the effects that a follow-up leaves as they are."""
    tickers = {ticker for effect in rest for ticker in effect.tickers}
    moments = {effect.in_force_at for effect in rest}
    valid = []
    for date in event.important_dates:
        left = tuple(ticker for ticker in date.tickers if ticker in tickers)
        if left or (not date.tickers and date.at in moments):
            valid.append(replace(date, tickers=left))
    return tuple(valid)


def _in_force(
    event: EventDraft, named: set[str], rest: Sequence[EffectDraft], article: Article, context: DetectionContext
) -> tuple[EffectDraft, ...]:
    """The effects of a completed delisting, in force by its release at the latest.

    named: tokens of the notice; empty: all.
    """
    at = article.released_at or context.now
    other = {ticker for effect in rest for ticker in effect.tickers}
    return tuple(
        replace(
            effect,
            tickers=tuple(ticker for ticker in effect.tickers if ticker not in other),
            in_force_at=min(effect.in_force_at or at, at),
            trading_ends_at=min(effect.trading_ends_at or at, at),
        )
        for effect in event.effects
        if (not named or effect.token in named) and not (effect.tickers and set(effect.tickers) <= other)
    )


def remove_tag(event: EventDraft, tokens: Sequence[str], article: Article) -> EventDraft:
    """The event of a tag or a warning without the tokens that lose it; closed where none is left."""
    rest = tuple(effect for effect in event.effects if effect.token not in tokens)
    if not rest:
        return replace(event, state="closed", close_reason=f"lifted: {article.title_line}"[:200])
    return replace(event, effects=rest, facts=_with_follow_up(event, article))


def tag_removal_keys(article: Article, notice: ParsedNotice, open_events: Iterable[EventDraft]) -> list[str]:
    """The keys of the open warnings of this exchange that name a token which loses its tag by the notice."""
    untagged = set(notice.untagged)
    return [
        event.natural_key
        for event in open_events
        if event.category == Category.RISK_WARNING
        and event.source == article.exchange
        and untagged & {effect.token for effect in event.effects}
    ]
