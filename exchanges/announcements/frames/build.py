# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Frames of a notice: what its title, and each sentence, list item and table row of its body, say.

A clause is cut into messages where another verb with an object of its own begins ("deposits stop on Monday, trading on
Friday, and withdrawals stay open"). A message takes what it does not say itself from the line that introduced its
list, from its heading, or from the message before ("these contracts").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from exchanges.announcements.frames.concepts import Concept as C
from exchanges.announcements.frames.language import language_of
from exchanges.announcements.frames.manner import (
    ANAPHORA,
    ASKED,
    ASKS_OR_INVITES,
    ERRONEOUS,
    FALSE,
    IN_CASE,
    LONG_AGO,
    LONG_PAST,
    NOW,
    PLURAL_PRONOUN,
    POINTS_BACK,
    THE_SAME,
    without_hoax,
    without_question,
)
from exchanges.announcements.frames.mentioned import (
    is_at_risk,
    market_of,
    mentioned,
    messages_read,
    read_of,
    tokens_named,
)
from exchanges.announcements.frames.messages import (
    ACTS,
    Message,
    exceptions_of,
    is_stated,
    is_until,
    reopening,
    valid_dates,
)
from exchanges.announcements.frames.names.subjects import Named, named_in
from exchanges.announcements.frames.sense import BY_RULE, ENDS, UNTIL, Meaning, meaning_of
from exchanges.announcements.frames.tagger import tag
from exchanges.announcements.frames.types import TITLE, TRADING_STOPS, Action, Frame, Mood
from exchanges.announcements.frames.weak_verbs import dated_verbs
from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.dates import Moment, may_have
from exchanges.announcements.text.normalise import small
from markets.symbols import SymbolSplitter

MAX_FRAMES = 600

_PAIR_SHAPE = re.compile(
    r"[A-Z0-9]{1,12}[-_:]?(?:USDT|USDC|USD|BTC|ETH|EUR|KRW|TRY|PERP)\b|[a-z0-9]/[a-z]{3}|[a-z0-9]_(?:usdt|usdc|usd|btc|eth)\b"
)


_MAY_BE_DATED = re.compile(r"\boff\b|\bgo(?:es)?\b|\bfollows?\b", re.I)
# A line of a list, however long: "Assets: DHX, FNSA2 and MVC"
_LABELLED = re.compile(r"\W{0,3}(?:assets?|tokens?|coins?|pairs?|symbols?|contracts?|markets?|instruments?)\s?: ", re.I)
_PLACES = frozenset({C.TRADING, C.SPOT, C.MARGIN, C.PAIR, C.CONTRACT, C.DELIST})

# What is no item of the title's list, though it has no verb that is known: questions, promotions, tales.
_NO_ITEM = frozenset({C.PROMOTE, C.EXPLAIN, C.PAST, C.FALSE})


Dates = Callable[[int], Sequence[Moment]]


def frames_of(
    title: str,
    parts: Sequence[Clause],
    languages: Callable[[str], str],
    splitter: SymbolSplitter,
    exchange: str,
    dates: Dates,
    harmless: bool = False,
) -> tuple[Frame, ...]:
    """The frames of a normalised title and the clauses of its body, in order; the title's first.

    languages: the language of a text. dates: the dates of a clause by its number, or of the title. harmless: the title
    is of a harmless kind of document, which only words of risk can overrule: clauses without one have no frames then.
    """
    builder = _Builder(languages, splitter, exchange, dates, harmless)
    frames = builder.clause(without_question(title), TITLE, "", "", False)
    risky = [frame.action for frame in frames if frame.action.risky]
    if harmless and not risky and not any(_may_overrule(clause, languages) for clause in parts):
        return tuple(frames)
    title_meaning = Action.END_TRADING if Action.END_TRADING in risky else next(iter(risky), None)
    for number, clause in enumerate(parts):
        if len(frames) >= MAX_FRAMES:
            break
        found = builder.clause(
            clause.text, number, clause.lead, clause.section, clause.side, clause.item, title_meaning
        )
        if number and found and found[0].words == FALSE:
            without_hoax(frames, clause, parts[number - 1])
        frames.extend(found)
    return tuple(frames[:MAX_FRAMES])


def _may_overrule(clause: Clause, languages: Callable[[str], str]) -> bool:
    """Whether a clause may overrule a harmless kind of document: it speaks of a risk, and of a day or of now."""
    text = clause.text
    if clause.side or not (may_have(text) or NOW.search(small(text))):
        return False
    return is_at_risk(text, languages(text))


def title_concepts(title: str, language: str) -> frozenset[C]:
    """The concepts that a normalised title mentions. language: of the notice."""
    concepts = mentioned(title, language_of(title, language))[1]
    # "Delisted within the Special Treatment Rules" explains no rules.
    return concepts - {C.EXPLAIN} if C.EXPLAIN in concepts and BY_RULE.search(title) else concepts


class _Builder:
    def __init__(
        self,
        languages: Callable[[str], str],
        splitter: SymbolSplitter,
        exchange: str,
        dates: Dates,
        harmless: bool,
    ) -> None:
        self._harmless = harmless
        self._language = languages
        self._splitter = splitter
        self._exchange = exchange
        self._dates = dates
        # What the last sentence named, for "these contracts".
        self._last: tuple[Named, ...] = ()
        # Whether it said of them that they go on: "the pair" of a later sentence is not theirs.
        self._goes_on = False
        self._unread: str | None = None
        # The clauses without a verb since the last message: one may name its day.
        self._undated: list[int] = []
        # The line above a list and its heading, and what they say.
        self._above: tuple[tuple[str, str], Meaning | None] = (("", ""), None)
        # What the last message said that is at risk, for "the new time is".
        self._stated: Action | None = None
        self._market: str | None = None

    def clause(
        self,
        text: str,
        number: int,
        lead: str,
        section: str,
        side: bool,
        item: bool = False,
        title: Action | None = None,
    ) -> list[Frame]:
        language = self._language(text)
        item = item or _LABELLED.match(text) is not None
        if self._harmless and number != TITLE and not is_at_risk(text, language):
            self._unread = text
            return []
        _, concepts, named_market, listed = mentioned(text, language)
        dated = tuple(dated_verbs(text, self._dates(number))) if language == "en" and _MAY_BE_DATED.search(text) else ()
        concepts |= {mention.concept for mention in dated}
        if " | " in text and title in TRADING_STOPS and C.TERMS in concepts and C.SIDE not in concepts:
            # A column of leverages changes nothing of what leaves.
            concepts -= {C.TERMS}
        context = self._context(lead, section) if item or " | " in text else None
        if context is not None and " | " in text and title in TRADING_STOPS and context.actions == (Action.SIDE,):
            # Nor does its heading.
            context = None
        if number == TITLE and named_market:
            self._market = named_market
        if C.FALSE in concepts and number != TITLE:
            return [Frame(Action.CONTINUE, number, text, vague=True, words=FALSE)]
        moves = bool(concepts & {C.POSTPONE, C.UPDATE}) and bool(title or self._stated)
        moves = moves or (self._stated is not None and THE_SAME.search(text) is not None)
        until = bool(concepts & {C.DEPOSIT, C.WITHDRAWAL, C.WALLET}) and UNTIL.search(text) is not None
        # A title about a product or terms explains a notice, whatever happens to them.
        kind = number == TITLE and bool(concepts & {C.SIDE, C.TERMS})
        if not (concepts & ACTS or moves or until or kind or (item and (context is not None or title))):
            if concepts or item or number == TITLE or listed:
                # Names are read only where a later clause refers to them.
                self._unread = text
            return self._unframed(text, number, named_market or self._market)
        market = named_market or self._market_above(lead, section, language) or self._market
        if number == TITLE:
            self._market = market
        moments = tuple(self._dates(number))
        # An exchange repeats its sentences without dates in every notice.
        read = read_of(self._splitter) if not moments else partial(messages_read, self._splitter)
        names, messages = read(text, language, self._exchange, market, moments, dated)
        frames: list[Frame] = []
        before: Meaning | None = None
        for message in messages:
            said = message.concepts if C.TERMS in concepts else message.concepts - {C.TERMS}
            if (
                C.WARN in concepts
                and C.WARN not in said
                and said & {C.ADD, C.REMOVE, C.UNTAG}
                and not said & _PLACES
                and not any(name.ticker for name in message.names)
            ):
                # "Monitoring tags revised: A added, B removed."
                said = said | {C.WARN}
            named = bool(message.names) or (PLURAL_PRONOUN.search(message.text) is not None and bool(self._referred()))
            meaning = meaning_of(said, text, message.mentions, named, is_until(text, message))
            if meaning is not None and " | " in text and names and not any(action.risky for action in meaning.actions):
                # A cell of a row ("stays open") speaks of its column alone.
                meaning = context if context is not None else None
            if meaning is None and item and context is not None:
                meaning = context
            inherits = item and title is not None and not said & _NO_ITEM and not ASKS_OR_INVITES.search(message.text)
            if meaning is None and inherits and title and (message.names or message.moments):
                meaning = Meaning((title,), market=market)
            if meaning is None and message.moments and said & {C.POSTPONE, C.UPDATE} and (title or self._stated):
                # "The new time is …": of what the title, or the sentence before, speaks of.
                meaning = Meaning(
                    (title or self._stated or Action.OTHER,), mood=Mood.POSTPONED, market=market, explicit=True
                )
            if meaning is None and title in TRADING_STOPS and message.moments and said & ENDS:
                # "Struck from it as of 11 September": what the title names.
                meaning = Meaning((title,), market=market)
            if meaning is None and self._stated is not None and THE_SAME.search(message.text):
                meaning = Meaning((self._stated,), market=market, explicit=True, words="the same")
            if meaning is None:
                meaning = before if before is not None and message.moments else None
            if meaning is None:
                continue
            excepted = exceptions_of(message, language)
            subjects = tuple(name for name in message.names if name not in excepted)
            if excepted:
                going_on = Meaning((Action.CONTINUE,), explicit=True, words="except")
                frames.extend(
                    self._frames(going_on, replace(message, moments=()), excepted, number, text, market, side)
                )
            if not subjects and any(action.risky for action in meaning.actions) and ANAPHORA.search(message.text):
                subjects = () if self._goes_on and not POINTS_BACK.search(message.text) else self._referred()
            frames.extend(self._frames(meaning, message, subjects, number, text, market, side))
            before = meaning
            self._stated = next((action for action in meaning.actions if action.risky), self._stated)
        if names:
            at_risk = {token for frame in frames if frame.action.risky for token in frame.tokens}
            self._last = tuple(name for name in names if name.token in at_risk) or names
            self._unread = None
            self._goes_on = bool(frames) and all(frame.action is Action.CONTINUE for frame in frames)
        if not frames and any(name.ticker for name in names) and number != TITLE:
            # "OPEN/USDT": the word of the table is a name.
            return self._unframed(text, number, market)
        return frames

    def _unframed(self, text: str, number: int, market: str | None) -> list[Frame]:
        """A clause without a verb that names pairs: what is about them may be said elsewhere."""
        self._undated.append(number)
        if number != TITLE and "/" not in text and not _PAIR_SHAPE.search(text):
            return []
        moments = tuple(self._dates(number))
        spans = [(moment.start, moment.stop) for moment in moments]
        named = named_in(text, self._splitter, self._exchange, market, spans, coins=number == TITLE)
        names = named if number == TITLE else tuple(name for name in named if name.ticker)
        if not names:
            return []
        tokens = tokens_named(names)
        tickers = tuple(dict.fromkeys(name.ticker for name in names if name.ticker))
        return [
            Frame(
                Action.OTHER,
                number,
                text,
                tokens=tokens,
                tickers=tickers,
                market=market,
                start=moments[0] if moments else None,
            )
        ]

    def _referred(self) -> tuple[Named, ...]:
        """What the last clause that named something named: what "these contracts" are."""
        if self._unread is not None:
            text, self._unread = self._unread, None
            market = mentioned(text, self._language(text))[2] or self._market
            self._last = named_in(text, self._splitter, self._exchange, market) or self._last
        return self._last

    def _market_above(self, lead: str, section: str, language: str) -> str | None:
        """The market that the line above a list, or its heading, names."""
        if not lead and not section:
            return None
        return market_of({mention.concept for mention in tag(f"{section} {lead}", language)})

    def _context(self, lead: str, section: str) -> Meaning | None:
        """What the line that introduced a list says; else its heading."""
        if (lead, section) != self._above[0]:
            self._above = ((lead, section), self._context_of(lead, section))
        return self._above[1]

    def _context_of(self, lead: str, section: str) -> Meaning | None:
        for text in (lead, section):
            if not text:
                continue
            mentions, concepts, _, _ = mentioned(text, self._language(text))
            meaning = meaning_of(concepts, text, mentions, named=True)
            if meaning is not None:
                return meaning
        return None

    def _last_day(self) -> Moment | None:
        """The day that a sentence before named without saying what happens."""
        for number in reversed(self._undated):
            if moments := self._dates(number):
                return moments[0]
        return None

    def _frames(
        self,
        meaning: Meaning,
        message: Message,
        names: tuple[Named, ...],
        number: int,
        text: str,
        market: str | None,
        side: bool,
    ) -> list[Frame]:
        valid, superseded = valid_dates(message)
        start = valid[0] if valid else None
        if start is None and meaning.explicit and not message.moments and not LONG_PAST.search(message.text):
            start = self._last_day()
        self._undated.clear()
        end = next((moment for moment in valid[1:] if moment.ends_window), None)
        made = []
        mood = Mood.IN_FORCE if meaning.mood is Mood.ANNOUNCED and NOW.search(small(message.text)) else meaning.mood
        if number != TITLE and start is None and IN_CASE.match(text):
            # A condition holds for all that follows it.
            mood = Mood.POSSIBLE
        if number != TITLE and ERRONEOUS.search(text):
            mood = Mood.POSSIBLE
        if number != TITLE and (ASKED.search(text) or (start is None and LONG_AGO.search(message.text))):
            # What a body asks, or tells of the past, it does not announce.
            mood = Mood.POSSIBLE
        for action in meaning.actions:
            frame = Frame(
                action=Action.SIDE if side and action.risky else action,
                clause=number,
                text=message.text,
                polarity=meaning.polarity,
                mood=mood,
                tokens=tokens_named(names, action),
                tickers=tuple(dict.fromkeys(name.ticker for name in names if name.ticker)),
                market=meaning.market or market,
                start=start,
                end=end,
                reopens=reopening(message) if start is not None else None,
                superseded=superseded,
                vague=meaning.vague,
                final=meaning.final,
                resumes=meaning.resumes,
                inherited=not message.names,
                explicit=_is_explicit(meaning, names)
                and not side
                and is_stated(message, start)
                and not (C.PAST in message.concepts and start is None),
                words=meaning.words,
            )
            made.append(frame)
            # Further dates of one message are further moments of the same thing.
            made.extend(replace(frame, start=moment, end=None) for moment in valid[1:] if not moment.ends_window)
        return made


_CHANGES = re.compile(
    r"swap|conver|migrat|exchang|replac|rebrand|renam|denominat|merge|ticker|symbol|new (?:contract|token|name)|old contract|[^\x00-\x7f]",
    re.I,
)


def _is_explicit(meaning: Meaning, names: Sequence[Named]) -> bool:
    """Whether the message says what it happens to: by a noun, or by the names of pairs."""
    if {Action.SWAP, Action.RENAME, Action.WARN} & set(meaning.actions) and not names:
        return False
    if {Action.SWAP, Action.RENAME} & set(meaning.actions) and not _CHANGES.search(meaning.words):
        # Projects unify, combine and become in every description.
        return False
    if meaning.explicit:
        return True
    ends = TRADING_STOPS & set(meaning.actions)
    return bool(ends) and not meaning.vague and bool(meaning.words) and any(name.ticker for name in names)


__all__ = ["Mood", "frames_of"]
