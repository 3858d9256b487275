# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Phase, market, trading status and entire tokens of a notice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from exchanges.announcements.classification.patterns import CANCELLED, POSTPONED
from exchanges.announcements.extraction import wallets
from exchanges.announcements.extraction.body import NamedInstrument
from exchanges.announcements.extraction.timeline import Entry
from exchanges.announcements.extraction.titles import Subjects
from exchanges.announcements.text.clauses import Clause
from exchanges.announcements.text.normalise import markets_named, masked

_UPDATED = re.compile(
    r"^\W*(?:updated?|revised|amended|corrected)\b(?! on\b| to (?:the )?leverage)|\bupdate[ds]?\W*$|\b(?:adjust\w*|chang\w*|revis\w+)\b[^.]{0,20}\bdelist\w*|\b(?:updated?|revised|amended)\b[^.]{0,20}\b(?:notice|announcement|schedule|list|timeline)\b|"
    r"[\(\[]updated?\b|\bupdated to\b|\bupdates? (?:on|to|regarding) (?:the )?(?:delist\w*|removal|suspension|termination)",
    re.I,
)
_POSTPONED = re.compile(POSTPONED, re.I | re.X)
_CANCELLED = re.compile(CANCELLED, re.I | re.X)
_NOW = re.compile(
    r"\b(?:effective immediately|with immediate effect|has (?:temporarily |now )?(?:suspended|halted|paused|removed|delisted)|have (?:now |also |been |already )*(?:suspended|halted|paused|removed|delisted)|"
    r"(?:is|are) (?:currently|now|temporarily) (?:suspended|halted|paused|unavailable))\b",
    re.I,
)
_TRADING_STOPS = re.compile(
    r"\b(?:suspend|halt|pause)\w*\b[^.]{0,60}\btrading\b|\btrading\b[^.]{0,60}\b(?:suspended|halted|paused)\b", re.I
)
_REMOVAL = re.compile(
    r"\b(?:delist\w*|remov\w+|cease\w* trading)\b[^.]{0,120}\b(?:pairs?|contracts?)\b|\b(?:pairs?|contracts?)\b[^.]{0,120}\b(?:delisted|removed)\b",
    re.I,
)
_DEPOSITS_STOP = re.compile(
    r"\b(?:suspend|halt|pause|cease|clos|stop)\w*\b[^.]{0,80}\b(?:deposit|withdraw)|\b(?:deposit|withdraw)\w*\b[^.]{0,90}\b(?:suspended|halted|paused|closed|ceased|no longer)\b",
    re.I,
)


def is_of_alpha(title: str) -> bool:
    """Whether a title is about an exchange's Alpha market alone, where tickers may be those of other coins on spot."""
    return re.match(r"\S+ alpha\b(?! and\b| &)", title, re.I) is not None


_PARTS = re.compile(r"\b(?:pairs?|contracts?|tokens?|coins?|cryptos?|assets?)\b", re.I)
_EVERY = re.compile(r"\b(?:all|every|entire|whole)\b", re.I)


def is_of_entire_market(words: str) -> bool:
    """Whether words without names mean everything: "spot trading", "all pairs", but not "selected pairs"."""
    return _PARTS.search(words) is None or _EVERY.search(words) is not None


def phase_of(
    title: str,
    category: str,
    parts: Sequence[Clause],
    hint: str | None,
    entries: Sequence[Entry],
    reference: datetime | None,
) -> str:
    """planned, immediate, postponed, updated, completed, resumed or cancelled."""
    if hint in ("completed", "resumed", "cancelled"):
        return hint
    if _POSTPONED.search(title):
        return "postponed"
    if _CANCELLED.search(title):
        return "cancelled"
    if _UPDATED.search(title):
        return "updated"
    important = [entry.moment for entry in entries if entry.role.important]
    future = [moment for moment in important if reference is None or moment >= reference]
    if hint:
        return hint
    if not important and parts and category in ("trading_suspension", "wallet_suspension"):
        return "immediate"
    if not important and (_NOW.search(title) or any(_NOW.search(clause.text) for clause in parts if not clause.side)):
        return "immediate"
    if important and not future and _NOW.search(title):
        return "immediate"
    return "planned"


def title_market(title: str, category: str, hint: str | None, subject: Subjects) -> str | None:
    """The market by the title alone; None where the title names none."""
    named = markets_named(title)
    if category not in ("delisting", "trading_suspension"):
        return None
    if re.search(r"\bmargin\b.{0,12}\bloans?\b|\bloans?\b.{0,12}\bmargin\b", title, re.I):
        return "multiple"
    if len(named) > 1:
        if set(named) == {"usdm", "spot"} and re.search(r"\bspot\b.*\b(?:futures|contract)", title, re.I):
            return "multiple"
        return (
            "multiple"
            if not ("usdm" in named and "margin" in named and re.search(r"\w+-margined", title, re.I))
            else "usdm"
        )
    if named:
        return named[0]
    if hint:
        return hint
    if any("/" not in ticker for ticker in subject.names.tickers):
        return "usdm"
    return None


def market_of(
    category: str, market: str | None, named: Sequence[NamedInstrument], parts: Sequence[Clause], title: str
) -> str | None:
    """The market of the notice by title and body together."""
    seen = {item.market for item in named if item.market and item.market != "multiple"}
    if category == "token_migration":
        seen |= {
            name
            for clause in parts
            if not clause.side
            and re.search(r"\bwill (?:remove|delist|close all)\b", clause.text)
            and not re.search("bots?\\b|copy", clause.text, re.I)
            for name in markets_named(clause.text)
            if name in ("margin", "usdm", "coinm")
        }
        if not seen and any(
            re.search(
                r"\b(?:halt|remove|delist|cease)\w*\b[^.]{0,60}\btrading pairs?|\btrading\b[^.]{0,30}\bhalted\b",
                clause.text,
                re.I,
            )
            for clause in parts
            if not clause.side
        ):
            return "spot"
        if len(seen) > 1 or (seen and len(markets_named(title)) > 0):
            return "multiple"
        return (
            seen.pop()
            if seen
            else ("multiple" if len(markets_named(title)) and " and " in title and "Alpha" in title else None)
        )
    if category not in ("delisting", "trading_suspension"):
        return "spot" if category == "risk_warning" and re.search(r"\btag|warning|caution|watch", title, re.I) else None
    derivative = seen & {"usdm", "coinm"}
    if market in ("usdm", "coinm") and derivative == {"usdm", "coinm"}:
        return "multiple"
    if market is None and seen:
        return seen.pop() if len(seen) == 1 else ("spot" if "spot" in seen and not derivative else "multiple")
    if market is None and category == "delisting":
        return None if is_of_alpha(title) or re.search(r"\b(?:[Ss]tocks?|[Tt]okenized)\b", title) else "spot"
    if market is None:
        return "spot" if not parts or not re.search(r"\boptions?\b", title, re.I) else "options"
    return market


def trading_status(
    category: str,
    market: str | None,
    phase: str,
    parts: Sequence[Clause],
    entries: Sequence[Entry],
    named: Sequence[NamedInstrument],
    has_body: bool,
    wallet: frozenset[str] | None = None,
) -> str:
    """The trading status that the notice leads to (the values of contract 6).

    wallet: which of deposits and withdrawals stop; None: not mentioned, and maintenance stops both.
    """
    if phase in ("resumed", "cancelled"):
        return "trading"
    if phase == "completed":
        return "delisted" if category == "delisting" else "trading"
    if category == "delisting":
        # Only margin trading ends; the token continues to trade.
        if market == "margin":
            return "trading"
        return "delisted" if phase == "immediate" else "delisting"
    if category == "trading_suspension":
        return "trading_suspended"
    if category == "risk_warning":
        return "trading"
    if category == "token_migration" and has_body:
        texts = [clause.text for clause in parts if not clause.side]
        spot = [item for item in named if item.market == "spot"]
        if spot or any(
            _REMOVAL.search(masked(text))
            for text in texts
            if "futures" not in text.lower() and "contract" not in text.lower()
        ):
            return "delisting"
        if any(_TRADING_STOPS.search(text) and not re.search(r"\bnot\b|\bunaffected\b", text) for text in texts):
            return "trading_suspended"
        if named:
            return "delisting"
        return (
            wallets.status_of(wallet or wallets.BOTH)
            if any(_DEPOSITS_STOP.search(text) for text in texts)
            else "trading"
        )
    return wallets.status_of(wallets.BOTH if wallet is None else wallet)


def entire_tokens(
    category: str,
    market: str | None,
    title: str,
    tokens: Sequence[str],
    tickers: Sequence[str],
    parts: Sequence[Clause],
    subject: Subjects,
) -> tuple[str, ...]:
    """The tokens that are removed from the venue's market with all their pairs, or are concerned themselves."""
    if category in ("hard_fork", "network_upgrade", "token_migration", "wallet_suspension", "risk_warning"):
        return tuple(tokens)
    names_all_pairs = any(
        re.search(r"\ball (?:existing )?(?:spot )?trading pairs?\b[^.]{0,40}\b(?:for|of|with)\b", clause.text, re.I)
        and not re.search(r"\bmargin\b", clause.text, re.I)
        for clause in parts
    )
    if market not in ("spot", None):
        return (
            tuple(tokens)
            if names_all_pairs and market == "multiple" and not re.search(r"\bmargin\b", title, re.I)
            else ()
        )
    if category == "trading_suspension":
        return tuple(token for token in subject.names.tokens if not subject.names.tickers) or (
            tuple(tokens) if not tickers else ()
        )
    if subject.names.tickers or (
        re.search(r"\btrading pairs?\b", title, re.I) and not subject.names.tokens and not names_all_pairs
    ):
        return ()
    return tuple(tokens)
