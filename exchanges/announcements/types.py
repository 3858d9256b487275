"""An announcement, and what the parser reads out of it: frozen data, free of Django, the network and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from events.drafts import ImportantDate

if TYPE_CHECKING:
    from exchanges.announcements.frames.types import Frame


class BodyUnreadable(ValueError):
    """The body of an announcement has an unknown shape; the message names it."""


class ReviewReason(StrEnum):
    """Why a person has to look at a notice: what cannot be judged is neither an event nor harmless."""

    UNEXPLAINED = "no rule explains the notice"
    BODY = "the body speaks of a risk under a harmless title"
    LANGUAGE = "the notice is in a language that is not read"
    PARTIES = "the notice does not say which of its tokens leaves"
    SECOND_OPINION = "the second opinion disagrees"


@dataclass(frozen=True)
class Review:
    """A notice that a person has to judge.

    ending: it has a word of ending in a language that is read. tokens, tickers: what it names, at risk or not.
    """

    reason: ReviewReason
    ending: bool = False
    tokens: tuple[str, ...] = ()
    tickers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Article:
    """An announcement as its exchange published it.

    body: HTML, plain text, Markdown, or Binance's node tree as a JSON string; None when only the title is known.
    released_at: aware UTC, or None. It gives the year of dates that have none; else the closing date of the body
        does, and where there is neither such dates are left out.
    """

    exchange: str
    article_id: str
    title: str
    body: str | None
    released_at: datetime | None
    url: str = ""
    catalogue: str = ""

    @property
    def title_line(self) -> str:
        """The title with single blanks and without line breaks."""
        return " ".join(self.title.split())


@dataclass(frozen=True)
class Impact:
    """What one message of a notice does to one token in one market at one time: the parser's view of an effect.

    market: as in `ParsedNotice`, or "alpha" for an early-access market, whose tickers are other coins than those of
        the spot market.
    token: the asset, upper case, without multiplier and quote. "" where the message names none: with `entire_token`
        all of the market is meant, else unnamed parts of it.
    tickers: the instruments that the message names (BASE/QUOTE for spot and margin, the contract symbol for
        derivatives); empty where it names none.
    at: when it happens, UTC; None: at once, or without a date.
    entire_token: the token itself leaves the venue's market, or is itself concerned (a fork, a swap); False for single
        pairs of it.
    at_risk: False where the message ends a risk: a tag that is removed, a stop that is over.
    """

    token: str
    tickers: tuple[str, ...]
    market: str | None
    category: str
    phase: str
    at: datetime | None
    trading_status: str
    entire_token: bool
    at_risk: bool


@dataclass(frozen=True)
class ParsedNotice:
    """What the parser made of a notice. All times are UTC.

    event: False where nothing is at risk, and in the phases completed, resumed and cancelled. Those still have
        category, phase, tokens and tickers, so that the event that they concern can be updated.
    category: of contract 6, or None.
    phase: planned, immediate, postponed, updated, completed, resumed, cancelled; None when nothing is concerned.
    market: spot, usdm, coinm, margin, options or multiple; None when a token or a network is concerned.
    tokens, tickers: what is at risk, in the order of the notice.
    untagged: tokens that lose a tag (the fact `lifted`).
    trading_ends_at: the earliest end of trading of anything named.
    trading_status: the status that the notice leads to.
    rule: name of the rule that decided (`exchanges.announcements.classification.rules`), or "no-rule".
    networks: networks whose deposits or withdrawals are concerned, as the notice names them.
    resumes_at: in a notice that ends an event, when trading or the wallet resumes.
    entire_tokens: those of `tokens` that leave the market with all their pairs, or are concerned themselves.
    wallet: which of deposits and withdrawals stop, or in a notice that ends an event, open again; None: not mentioned.
    wallet_begins: (time, trading status from then on), where deposits and withdrawals stop one after the other.
    frames: what each sentence, list item and table row says.
    targets: in a migration, the tokens that the others become or are swapped for; they never leave.
    renamed: (old, new) tickers of a coin whose ticker changes and whose units stay.
    review: why a person has to judge the notice; None where it is an event whose tokens are known, or is known to be
        none.
    """

    event: bool
    category: str | None
    phase: str | None
    market: str | None
    tokens: tuple[str, ...]
    tickers: tuple[str, ...]
    important_dates: tuple[ImportantDate, ...]
    trading_ends_at: datetime | None
    trading_status: str
    rule: str
    networks: tuple[str, ...]
    impacts: tuple[Impact, ...]
    untagged: tuple[str, ...] = ()
    resumes_at: datetime | None = None
    entire_tokens: tuple[str, ...] = ()
    wallet: frozenset[str] | None = None
    wallet_begins: tuple[tuple[datetime, str], ...] = ()
    targets: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    review: Review | None = None
    frames: tuple[Frame, ...] = ()
