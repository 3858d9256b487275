"""What is read out of an announcement: plain frozen data, free of Django, the network and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from events.drafts import ImportantDate


class BodyUnreadable(ValueError):
    """The body of an announcement has a shape that no reader knows; the message says which."""


@dataclass(frozen=True)
class Article:
    """An announcement as its exchange published it.

    body: HTML, plain text, Markdown, or Binance's node tree as a JSON string; None when only the title is known.
    released_at: aware UTC, or None. Dates without a year take theirs from here; without it, from the body's
        own closing date, and where there is none such dates are left out.
    """

    exchange: str
    article_id: str
    title: str
    body: str | None
    released_at: datetime | None
    url: str = ""
    catalogue: str = ""


@dataclass(frozen=True)
class Impact:
    """What one message of a notice does to one token in one market at one time.

    market: as in `ParsedNotice`, or "alpha" for an early-access market, whose tickers are no coins of the spot market.
    token: the asset, upper case, without multiplier and quote; "" where none is named: of the whole market with
        `whole_token`, else of some that are not said.
    tickers: the instruments that the message names (BASE/QUOTE for spot and margin, the contract symbol for
        derivatives); empty where it names none.
    at: when it happens, UTC; None: at once, or not said.
    whole_token: the token itself leaves the venue's market or is itself concerned (a fork, a swap), as against
        single pairs of it.
    at_risk: False for a token from which the notice lifts a tag or a stop.
    """

    token: str
    tickers: tuple[str, ...]
    market: str | None
    category: str
    phase: str
    at: datetime | None
    trading_status: str
    whole_token: bool
    at_risk: bool


@dataclass(frozen=True)
class ParsedNotice:
    """What a notice says.

    event: False for everything that puts nothing at risk, and for the phases completed, resumed and cancelled,
        which still carry category, phase, tokens and tickers so that the event they concern can be updated.
    category: of contract 6, or None.
    phase: planned, immediate, postponed, updated, completed, resumed, cancelled; None when nothing is concerned.
    market: spot, usdm, coinm, margin, options or multiple; None when a token or a network is concerned.
    tokens, tickers: what is at risk, in the order of the notice; `lifted` are tokens that lose a tag.
    trading_ends_at: earliest end of trading of anything named.
    trading_status: the state that the notice leads to.
    rule: name of the rule that decided (`exchanges.announcements.classification.rules`), or "no-rule".
    networks: networks whose deposits or withdrawals are concerned, as the notice names them.
    resumes_at: when a notice that ends an event says that things go on.
    whole_tokens: tokens that leave as a whole, a subset of `tokens`.
    wallet: which of deposits and withdrawals it stops, or opens again where it ends an event; None: it does not say.
    wallet_begins: when which trading status begins, where the two stop one after the other.
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
    lifted: tuple[str, ...] = ()
    resumes_at: datetime | None = None
    whole_tokens: tuple[str, ...] = ()
    wallet: frozenset[str] | None = None
    wallet_begins: tuple[tuple[datetime, str], ...] = ()
