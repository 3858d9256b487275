"""What a person gets to see of a notice that cannot be explained: why, and what it names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.frames.decide import holds
from exchanges.announcements.frames.kinds import FRAMES, KINDS_OF_DOCUMENT
from exchanges.announcements.frames.language import OTHER, language_of
from exchanges.announcements.frames.names.subjects import Named, named_in
from exchanges.announcements.frames.tagger import tag
from exchanges.announcements.frames.types import TITLE, Action, Frame, Mood
from exchanges.announcements.opinion import THRESHOLD, opinion
from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.normalise import SIDE_MARK, markets_named, masked
from exchanges.announcements.types import ParsedNotice, Review, ReviewReason
from markets.symbols import SymbolSplitter

# More than a person reads, and than a notice of a risk needs to say what it is about.
MAX_CLAUSES, MAX_NAMES = 120, 100
# A title rule that says so explains the notice.
_ENDED_PHASES = frozenset({"completed", "resumed", "cancelled"})
_ENDING = frozenset({Concept.DELIST, Concept.REMOVE, Concept.END, Concept.HALT, Concept.SETTLE})
# Conditions and explanations end things too: "may be suspended", "reserves the right to cancel", "what is delisting".
_NO_NOTICE = frozenset({Concept.MAY, Concept.EXPLAIN, Concept.PROMOTE})
# "5,000 AAA in rewards": an amount names no coin at risk. A digit of a name is followed by no blank ("1000AAA").
_AMOUNT = re.compile(
    r"(?<![\w.,])[$€£]?\d[\d,.]{0,20}(?:\s(?:million|billion|thousand|[KMB](?=\s)))?\s[A-Z][A-Z0-9]{1,9}\b(?!/)"
)


def second_opinion(
    notice: ParsedNotice,
    title: str,
    parts: Sequence[Clause],
    splitter: SymbolSplitter,
    exchange: str = "",
    frames: Sequence[Frame] = (),
) -> Review | None:
    """The review of a notice that the parser takes for harmless and the second opinion does not; else None.

    title, parts: of the notice, normalised. frames: of the notice.
    """
    if not is_open_to_doubt(notice):
        return None
    if opinion(title, text_of(parts)) < (SETTLED_THRESHOLD if is_settled(frames, notice.rule) else THRESHOLD):
        return None
    return review_of(ReviewReason.SECOND_OPINION, title, parts, splitter, exchange)


# A title that says itself that something opens, is done or is called off has to be doubted more strongly: the words
# that the second opinion knows an event by stand in such titles too. Of the events of the development sets none has
# such a title and a probability between the two.
SETTLED_THRESHOLD = 0.95


def is_settled(frames: Sequence[Frame], rule: str = "") -> bool:
    """Whether the title says that something opens or ends an event, and no sentence gives a date for a risk.

    Also where the title is of a harmless kind of document, nothing is at risk and the body says that trading goes on.
    rule: that decided.
    """
    if any(holds(frame) and frame.explicit and frame.start is not None for frame in frames):
        return False
    kind = rule in KINDS_OF_DOCUMENT or rule == f"{FRAMES}harmless kind"
    if kind and not any(holds(frame) for frame in frames) and any(map(_denies, frames)):
        return True
    said = [frame for frame in frames if frame.clause == TITLE and frame.action is not Action.OTHER]
    return bool(said) and all(
        (frame.action is Action.OPEN and frame.explicit and frame.polarity)
        or frame.action is Action.UNWARN
        or frame.mood in (Mood.DONE, Mood.CANCELLED)
        for frame in said
    )


def _denies(frame: Frame) -> bool:
    """Whether a sentence says that trading goes on, or that nothing stops."""
    goes_on = frame.action is Action.CONTINUE and frame.polarity
    return frame.clause != TITLE and frame.explicit and (goes_on or (frame.action.risky and not frame.polarity))


# Where no rule explains a notice and no sentence puts anything named at risk, the second opinion asks for a person from
# this probability on. Of the events of the development sets that no rule explains, held out, none is below.
PLAIN = 0.2


def is_plain(title: str, parts: Sequence[Clause], frames: Sequence[Frame]) -> bool:
    """Whether a notice in a language that is read puts nothing named at risk and does not sound like an event at all.

    title, parts: of the notice, normalised. frames: of the notice.
    """
    named = [frame for frame in frames if holds(frame) and (frame.tokens or frame.tickers)]
    if any(frame.explicit or frame.clause == TITLE for frame in named):
        return False
    return opinion(title, text_of(parts)) < PLAIN


# Below this probability of an event the second opinion does not believe what frames alone take for one. Of the events
# of the development sets, cross-validated, fewer than one in a hundred are below.
DISBELIEF = 0.1


def disbelief(
    notice: ParsedNotice, title: str, parts: Sequence[Clause], splitter: SymbolSplitter, exchange: str = ""
) -> Review | None:
    """The review of an event that frames alone see and the second opinion does not; else None.

    A title in a formula of the exchanges needs no second opinion.
    """
    if not notice.event or not notice.rule.startswith(FRAMES) or opinion(title, text_of(parts)) >= DISBELIEF:
        return None
    return review_of(ReviewReason.SECOND_OPINION, title, parts, splitter, exchange)


def is_open_to_doubt(notice: ParsedNotice) -> bool:
    """Whether a notice is no event and no review yet, and no title rule explains it as the end of an event.

    What frames take for the end of one is open to doubt.
    """
    if notice.event or notice.review is not None:
        return False
    return notice.rule.startswith(FRAMES) or (notice.category is None and notice.phase not in _ENDED_PHASES)


def text_of(parts: Iterable[Clause]) -> str:
    """The sentences that the second opinion reads: those of side products speak of no risk."""
    return "\n".join(part.text for part in parts if not part.side)


def review_of(
    reason: ReviewReason, title: str, parts: Sequence[Clause], splitter: SymbolSplitter, exchange: str = ""
) -> Review:
    """The review of a notice: what it names, and whether it has a word of ending in a language that is read.

    Named are coins and instruments of the title, of lists and tables, and of sentences with a word of ending; only
    where those have none, of all sentences. A coin that only pays (an amount, the quote of a pair) is not named, and
    of a pair between coins that others are quoted in (BTC/EUR) only the pair is.

    title, parts: of the notice, normalised.
    """
    parts = [part for part in parts[:MAX_CLAUSES] if not part.side]
    default = language_of(" ".join([title, *(part.text for part in parts[:40])]))
    ending_parts = [part for part in parts if _announces_end(part, default)]
    market = next((name for name in markets_named(title) if name in ("usdm", "coinm")), None)

    def named(texts: Iterable[str]) -> list[Named]:
        return [name for text in texts for name in named_in(_AMOUNT.sub(" ", text), splitter, exchange, market)]

    items = [part for part in parts if part.item and SIDE_MARK not in masked(part.context)]
    found = named([title, *(part.text for part in dict.fromkeys([*ending_parts, *items]))])
    found = found or named(part.text for part in parts)
    return Review(
        reason,
        bool(ending_parts) or bool(_concepts(title, default) & _ENDING),
        tuple(dict.fromkeys(name.token for name in found if not _is_pair_of_quotes(name, splitter)))[:MAX_NAMES],
        tuple(dict.fromkeys(name.ticker for name in found if name.ticker))[:MAX_NAMES],
    )


def _is_pair_of_quotes(name: Named, splitter: SymbolSplitter) -> bool:
    return name.ticker is not None and splitter.is_quote(name.token)


def _announces_end(part: Clause, default: str) -> bool:
    """Whether a clause says, with the line that introduced it, that something ends, and is no condition."""
    if SIDE_MARK in masked(part.context):
        return False
    concepts = _concepts(part.context, default)
    return bool(concepts & _ENDING) and not concepts & _NO_NOTICE


def _concepts(text: str, default: str) -> frozenset[Concept]:
    language = language_of(text, default)
    # Languages that are not read borrow the English words of the trade.
    return frozenset(mention.concept for mention in tag(masked(text), "en" if language == OTHER else language))
