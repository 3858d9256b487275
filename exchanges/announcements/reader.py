"""The entry of the parser: `Article` → `ParsedNotice`. Pure: no network, clock, settings or database."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

from exchanges.announcements.classification.classify import Match, classify
from exchanges.announcements.extraction import body as extraction
from exchanges.announcements.extraction import status as states
from exchanges.announcements.extraction import titles, wallets
from exchanges.announcements.extraction.impacts import impacts_of
from exchanges.announcements.extraction.important import important_dates
from exchanges.announcements.extraction.timeline import Entry, timeline
from exchanges.announcements.frames import headline
from exchanges.announcements.frames.build import frames_of, title_concepts
from exchanges.announcements.frames.departures import with_departures
from exchanges.announcements.frames.kinds import FRAMES, REVIEWED_AT_MOST, harmless
from exchanges.announcements.frames.language import OTHER, language_of
from exchanges.announcements.frames.names.spellings import MONEY
from exchanges.announcements.frames.notice import (
    continuing_tickers,
    entries_of,
    instruments_of,
    is_of,
    of_parties,
    parties_of,
    stopped_in_wallet,
    superseded,
    ticker_names,
    tokens_of,
)
from exchanges.announcements.frames.swaps.parties import comers
from exchanges.announcements.frames.times import dates_of
from exchanges.announcements.frames.types import Frame
from exchanges.announcements.frames.verdict import Verdict, evaluate
from exchanges.announcements.reviews import disbelief, is_plain, review_of, second_opinion
from exchanges.announcements.text import dates
from exchanges.announcements.text.blocks import MAX_CHARACTERS, blocks
from exchanges.announcements.text.clauses import MAX_CLAUSES, Clause, clauses
from exchanges.announcements.text.normalise import CJK, normalise
from exchanges.announcements.types import Article, ParsedNotice, Review, ReviewReason
from markets.symbols import DERIVATIVE_MARKETS, SymbolSplitter

TOKEN_CATEGORIES = frozenset({"hard_fork", "network_upgrade", "token_migration", "wallet_suspension", "risk_warning"})
WALLET_CATEGORIES = TOKEN_CATEGORIES - {"risk_warning"}
# More than any real notice names.
MAX_INSTRUMENTS = 2_000
PAIR_CATEGORIES = frozenset({"delisting", "trading_suspension", "token_migration"})


def read(article: Article, splitter: SymbolSplitter) -> ParsedNotice:
    """The parsed notice of an article.

    Raises:
        BodyUnreadable: the body is neither text nor a node tree. An article without the body can still be parsed.
    """
    return read_parts(article.exchange, article.title, article.body, article.released_at, splitter)


def read_parts(
    exchange: str, title: str, body: Any, released_at: datetime | None, splitter: SymbolSplitter
) -> ParsedNotice:
    """`read`, for a body that may also be a node tree that is decoded already."""
    title = normalise(title[:600])
    parts = clauses(blocks(body))
    notice = _evaluated(exchange, title, parts, body, released_at, splitter)
    if notice.review is None and _is_cut(parts):
        # What stands behind the limits was not read: whatever the notice seems to be, a person looks.
        return replace(notice, review=review_of(ReviewReason.UNEXPLAINED, title, parts, splitter, exchange))
    return notice


def _is_cut(parts: tuple[Clause, ...]) -> bool:
    """Whether a body is longer than what is read of it."""
    return len(parts) >= MAX_CLAUSES or sum(len(clause.text) for clause in parts) >= MAX_CHARACTERS * 9 // 10


def _evaluated(
    exchange: str,
    title: str,
    parts: tuple[Clause, ...],
    body: Any,
    released_at: datetime | None,
    splitter: SymbolSplitter,
) -> ParsedNotice:
    """The parsed notice of a normalised title and the clauses of a body, as far as they are read."""
    reference = released_at or closing_date(parts, body)
    # Most notices are judged without a date.
    order = cache(lambda: dates.day_order((title, *(clause.text for clause in parts)), reference))
    sentences = [clause.text for clause in parts if not clause.side]
    language = language_of(" ".join([title, *(clause.text for clause in parts[:40])]))
    # The rules of titles are English: of another language they know the borrowed words alone.
    ruled = language_of(title) in ("en", OTHER)
    match = classify(title, sentences, by_title=True) if ruled else Match(None)
    at_most = match.rule is not None and match.rule.name in REVIEWED_AT_MOST
    frames = _frames(exchange, title, parts, language, reference, order, splitter, at_most)
    verdict = evaluate(title, match, frames, title_concepts(title, language), language, reference, has_body=bool(parts))
    if verdict.review is ReviewReason.UNEXPLAINED and is_plain(title, parts, frames):
        verdict = Verdict(harmless("words"))
    if verdict.review is not None or verdict.rule is None or verdict.rule.category is None:
        notice = _no_event(match if verdict.rule is match.rule else Match(verdict.rule))
        review: Review | None
        if verdict.review is not None:
            review = review_of(verdict.review, title, parts, splitter, exchange)
        else:
            review = second_opinion(notice, title, parts, splitter, exchange, frames)
        return replace(notice, review=review, frames=frames)
    if ruled and match.rule is None:
        # The sentence that a rule of the body finds says what is meant; the frames have decided already.
        match = classify(title, sentences)
    notice = _read(
        exchange, title, parts, Match(verdict.rule, match.matched_text), frames, reference, order(), splitter
    )
    if notice.event:
        review = disbelief(notice, title, parts, splitter, exchange)
    else:
        review = second_opinion(notice, title, parts, splitter, exchange, frames)
    if review is not None:
        # What frames alone say begins or ends nothing while two readers disagree: a person looks.
        notice = replace(_no_event(Match(verdict.rule)), phase=None, review=review)
    return replace(notice, frames=frames)


_FEW_WORDS = frozenset({"zh", "ja", "ko"})
_CJK_LETTER = re.compile(f"[{CJK}]")


def _frames(
    exchange: str,
    title: str,
    parts: tuple[Clause, ...],
    language: str,
    reference: datetime | None,
    order: Callable[[], dates.DayOrder],
    splitter: SymbolSplitter,
    harmless: bool,
) -> tuple[Frame, ...]:
    def languages(text: str) -> str:
        if text.isascii():
            return language if language == "en" else language_of(text, language)
        # Few words of these scripts stand among tickers.
        return language if language in _FEW_WORDS and _CJK_LETTER.search(text) else language_of(text, language)

    moments = dates_of(title, parts, reference, exchange, order)
    return with_departures(frames_of(title, parts, languages, splitter, exchange, moments, harmless), reference)


def _no_event(match: Match) -> ParsedNotice:
    return ParsedNotice(
        event=False, category=None, phase=match.rule.phase if match.rule else None, market=None, tokens=(), tickers=(),
        important_dates=(), trading_ends_at=None, trading_status="trading", rule=match.name, networks=(), impacts=(),
    )  # fmt: skip


def _read(
    exchange: str,
    title: str,
    parts: tuple[Clause, ...],
    match: Match,
    frames: tuple[Frame, ...],
    reference: datetime | None,
    order: dates.DayOrder,
    splitter: SymbolSplitter,
) -> ParsedNotice:
    rule = match.rule
    assert rule is not None and rule.category is not None
    category = rule.category
    framed = rule.name.startswith(FRAMES)
    subject = titles.subjects(title, category, splitter, exchange) if not framed else titles.Subjects()
    who = parties_of(title, parts, splitter, exchange, category, frames if framed else ())
    if who is not None and who.swapped:
        category = "token_migration"
    if who is not None:
        subject = subject.of_migration(who.leaving, who.targets, who.unclear)
    come = () if framed or category != "delisting" else comers(title, parts, splitter, exchange)
    if come:
        subject = subject.of_migration((), come, ())
    market = states.title_market(title, category, rule.market, subject)
    if framed:
        if category in ("delisting", "trading_suspension") and not ticker_names(frames, category):
            frames = headline.with_pairs_in_trade(frames, category)
        named = instruments_of(frames, category, splitter, exchange, market)
        tokens, tickers = tokens_of(frames, category), ticker_names(frames, category)
        untagged: tuple[str, ...] = ()
        if who is not None:
            named, tokens, tickers = of_parties(who, named, tokens, tickers)
    else:
        # What a notice that ends an event names is what opens again.
        continuing = continuing_tickers(frames) if rule.event else frozenset()
        named = _instruments(parts, splitter, exchange, category, market, subject)
        come = who.targets if who is not None else come
        named = tuple(item for item in named if item.ticker not in continuing and item.token not in come)
        tokens, tickers, untagged = _merged(parts, splitter, exchange, category, subject, named)
        if who is None and rule.event:
            tokens, tickers = headline.completed(frames, category, subject, tokens, tickers, untagged)
            tokens = tuple(token for token in tokens if token not in come)
            tickers = tuple(ticker for ticker in tickers if ticker.split("/")[0] not in come)
        elif not tokens and who is not None and not who.unclear and rule.event:
            # The only coin of a notice that says who leaves by nothing else.
            only = tuple(token for token in tokens_of(frames, category) if token not in who.targets)
            tokens = only if len(only) == 1 else ()
        elif not tickers:
            tickers = tuple(ticker for ticker in ticker_names(frames, category) if is_of(ticker, tokens))
    if category == "delisting":
        tokens = headline.without_quotes(title, tokens, tickers, frames)
    if rule.event:
        tokens = headline.named_again(title, [clause.text for clause in parts], frames, category, tokens, exchange)
    if rule.event and not tokens and not tickers and category in ("wallet_suspension", "risk_warning"):
        tokens = headline.only_named(title, [clause.text for clause in parts], frames)
    # What acts on instruments has to know their coins by the same names.
    named = tuple(replace(item, token=headline.without_multiplier(item.token, exchange)) for item in named)
    tokens = _unique(headline.without_multiplier(token, exchange) for token in tokens)
    if len(tokens) > 1:
        # Money is a quote, and no coin that leaves.
        tokens = tuple(token for token in tokens if token not in MONEY) or tokens
    if who is not None and who.unclear:
        tokens = who.leaving
    ending = not rule.event
    moments = dates_of(title, parts, reference, exchange, lambda: order)
    if ending:
        entries: tuple[Entry, ...] = ()
    elif framed:
        entries = entries_of(frames, parts, category, moments, reference)
    else:
        entries = timeline(title, parts, reference, exchange, category, order)
        replaced = superseded(frames, parts, moments)
        entries = tuple(entry for entry in entries if entry.moment not in replaced)
        known = {entry.moment for entry in entries if entry.role.important}
        # The formula has seen the dates of side products, of which loose frames take some for the main thing.
        firm = [frame for frame in frames if frame.explicit or not frame.vague]
        framed_entries = entries_of(firm, parts, category, moments, reference)
        said = [entry for entry in framed_entries if entry.moment not in known | replaced]
        # A day without a time adds nothing where times are known.
        entries = (
            *entries,
            *(entry for entry in said if not entries or (entry.clauses and entry.has_time)),
        )
        timed = {entry.moment.date() for entry in entries if entry.has_time and entry.role.important}
        entries = tuple(entry for entry in entries if entry.has_time or entry.moment.date() not in timed)
    phase = states.phase_of(title, category, parts, rule.phase, entries, reference)
    if phase == "cancelled":
        # In a title that frames read, "cancel-only" cancels nothing.
        ending = ending or not framed
        phase = phase if ending else "planned"
    market = states.market_of(category, market, named, parts, title)
    wallet = _wallet(title, category, parts, ending)
    if wallet is None and framed and not ending and category in WALLET_CATEGORIES:
        wallet = stopped_in_wallet(frames)
    status = states.trading_status(category, market, phase, parts, entries, named, bool(parts), wallet)
    if ending and wallet is not None and phase != "cancelled":
        status = wallets.status_of(wallets.still_suspended(title, parts) - wallet)
    dated = tuple(important_dates(entries, named)) if not ending else ()
    ends = (
        [entry.moment for entry in entries if entry.role.ends_trading]
        if status != "trading" or market == "margin"
        else []
    )
    ends_at = min(ends, default=None) if category in PAIR_CATEGORIES else None
    alpha = market is None and states.is_of_alpha(title)
    entire = () if alpha else states.entire_tokens(category, market, title, tokens, tickers, parts, subject)
    nameless = category == "token_migration" and not (tokens or tickers or (who and (who.unclear or who.targets)))
    notice = ParsedNotice(
        # A swap of nothing that is named is looked at by a person.
        event=rule.event and not ending and not nameless,
        category=category,
        phase=phase,
        market=market,
        tokens=tokens,
        tickers=tickers,
        important_dates=dated,
        trading_ends_at=ends_at if not ending else None,
        trading_status=status,
        rule=match.name,
        networks=extraction.named_networks(parts, title) if category in TOKEN_CATEGORIES else (),
        impacts=(),
        untagged=untagged,
        resumes_at=_resumption(title, parts, reference, exchange, order) if ending else None,
        entire_tokens=entire,
        wallet=wallet,
        review=Review(ReviewReason.PARTIES, tokens=who.unclear or who.targets)
        if who and not ending and (who.unclear or not tokens)
        else None,
        targets=who.targets if who else (),
        renamed=who.renamed if who else (),
        wallet_begins=wallets.begins(wallet, entries) if wallet and not ending else (),
    )
    # Where a notice names nothing, the words that made it an event decide whether everything is meant.
    words = title if rule.title else match.matched_text
    impacts = impacts_of(
        notice,
        named,
        entries,
        market="alpha" if alpha else market,
        ends_at=ends_at,
        entire_market=states.is_of_entire_market(words),
    )
    return replace(notice, impacts=impacts)


def _wallet(title: str, category: str, parts: tuple[Clause, ...], ending: bool) -> frozenset[str] | None:
    """Which of deposits and withdrawals stop, or in a notice that ends an event, open again; None: not mentioned."""
    if category not in WALLET_CATEGORIES:
        return None
    return wallets.resumed(title, parts) if ending else wallets.suspended(title, parts)


def _instruments(
    parts: tuple[Clause, ...],
    splitter: SymbolSplitter,
    exchange: str,
    category: str,
    market: str | None,
    subject: titles.Subjects,
) -> tuple[extraction.NamedInstrument, ...]:
    if category not in PAIR_CATEGORIES:
        return ()
    lenient = category != "token_migration"
    every = extraction.instruments(parts, splitter, exchange, market, lenient, title_tokens=subject.names.tokens)
    # A body may spell the title's contract FOOUSDT as FOO/USDT.
    contracts = {ticker for ticker in subject.names.tickers if "/" not in ticker}
    found = tuple(
        replace(item, ticker=item.base + item.quote)
        if item.market in DERIVATIVE_MARKETS and item.base + item.quote in contracts
        else item
        for item in islice(every, MAX_INSTRUMENTS)
    )
    if subject.partial or not subject.names.tokens:
        return found
    tokens = set(subject.names.tokens)
    return tuple(item for item in found if {item.token, item.base, item.quote} & tokens)


def _merged(
    parts: tuple[Clause, ...],
    splitter: SymbolSplitter,
    exchange: str,
    category: str,
    subject: titles.Subjects,
    named: tuple[extraction.NamedInstrument, ...],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """(tokens at risk, tickers, tokens that lose a tag) of title and body together."""
    tokens = list(subject.names.tokens)
    tickers = list(subject.names.tickers)
    untagged = list(subject.untagged)
    if category == "risk_warning":
        added, removed = extraction.tagged_tokens(parts)
        if not tokens:
            tokens.extend(added)
        untagged.extend(token for token in removed if token not in untagged and token not in tokens)
        if not tokens:
            tokens.extend(token for token in extraction.concerned_in_sentences(parts) if token not in untagged)
    elif subject.needs_body:
        tokens.extend(item.token for item in named)
        wallet = category == "wallet_suspension"
        if wallet or category in ("delisting", "trading_suspension"):
            tokens.extend(extraction.listed_tokens(parts, splitter, exchange, wallet))
        if not tokens and category != "delisting":
            tokens.extend(extraction.concerned_in_sentences(parts))
    bodies = {item.ticker for item in named}
    # The body spells out what the title abbreviates: CRV becomes CRVUSD_PERP.
    if bodies:
        short = {item.token for item in named} | {item.base for item in named}
        tickers = [ticker for ticker in tickers if ticker not in short or ticker in bodies]
    tickers.extend(item.ticker for item in named)
    return _unique(tokens), _unique(tickers), _unique(untagged)


def _resumption(
    title: str, parts: tuple[Clause, ...], reference: datetime | None, exchange: str, order: dates.DayOrder
) -> datetime | None:
    texts = [clause.text for clause in parts if "resum" in clause.text.lower() or "reopen" in clause.text.lower()]
    for text in [*texts, title]:
        found = dates.moments(text, reference, exchange, order)
        if found:
            return found[0].at
    return None


def closing_date(parts: tuple[Clause, ...], body: Any) -> datetime | None:
    """The date at the foot of a body: the only release date in the notice itself."""
    for clause in reversed(parts[-6:]):
        found = dates.moments(clause.text)
        if found and len(clause.text) <= 30:
            return found[-1].at
    if isinstance(body, str):
        found = dates.moments(normalise(body[-3000:][:3000]))
        if found:
            return found[-1].at - timedelta(days=1)
    return None


def _unique(names: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
