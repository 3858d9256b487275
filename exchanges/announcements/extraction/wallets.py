# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Deposits and withdrawals in a notice: which of the two stop or open again, and when. Pure.

The trading status is `wallet_suspended` for both, else `deposits_suspended` or `withdrawals_suspended`. A notice that
opens one of them again leaves the other as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from exchanges.announcements.extraction.timeline import Entry
from exchanges.announcements.text.clauses import Clause

DEPOSITS, WITHDRAWALS = "deposits", "withdrawals"
BOTH = frozenset({DEPOSITS, WITHDRAWALS})

WALLET_SUSPENDED = "wallet_suspended"
_STATUS_OF: Mapping[frozenset[str], str] = {
    frozenset(): "trading",
    frozenset({DEPOSITS}): "deposits_suspended",
    frozenset({WITHDRAWALS}): "withdrawals_suspended",
    BOTH: WALLET_SUSPENDED,
}
_SIDES_OF = {status: sides for sides, status in _STATUS_OF.items() if sides}

_WORDS = {
    DEPOSITS: re.compile(r"\bdeposit(?:s|ing)?\b", re.I),
    WITHDRAWALS: re.compile(r"\bwithdraw(?:s|al|als|ing)?\b", re.I),
}
_STOP = re.compile(
    r"\b(?:suspen\w+|halt\w*|paus\w+|ceas\w+|clos(?:e|es|ed|ing)\b|stop\w*|disabl\w+|discontinu\w+|unavailable|outage|"
    r"no longer|(?:will|can)(?:not| not) be (?:credited|supported|processed|accepted|available)|maintenance|delay(?:s|ed)?)",
    re.I,
)
_OPEN = re.compile(
    r"\b(?:re-?open\w*|resum\w+|re-?enabl\w+|re-?stor\w+|(?:now|again) (?:open|available|enabled)|(?:is|are|been) (?:now )?"
    r"(?:open|opened|available|enabled)|open(?:s|ed)? (?:the )?(?:deposit|withdraw)\w*)\b",
    re.I,
)
# Sentences that exclude an interruption.
_GOES_ON = re.compile(
    r"\b(?:neither|unaffected|not (?:be )?(?:\w+ )?(?:affected|impacted|interrupted|suspended|paused|halted|disrupted)|"
    r"no (?:impact|interruption|suspension)|without (?:any )?(?:interruption|suspension|impact)|"
    r"(?:remain|stay|continue)s? (?:to be )?(?:open|available|normal\w*|enabled|supported|unaffected|as usual)|as usual|"
    r"will still be able)\b",
    re.I,
)
_STAYS_SUSPENDED = re.compile(
    r"\b(?:remain|stay|continue)s? (?:to be )?(?:suspended|closed|paused|halted|unavailable|disabled)\b", re.I
)
_PARTS = re.compile(r"[;,.]\s+|\s+(?:but|while|whereas|however|although|though|and then)\s+", re.I)


def status_of(sides: Iterable[str]) -> str:
    """The trading status while these sides are suspended; `trading` for none."""
    return _STATUS_OF[frozenset(sides)]


def sides_of(status: str | None) -> frozenset[str]:
    """The sides that are suspended in a trading status; both for any other status."""
    return _SIDES_OF.get(status or "", BOTH)


def suspended(title: str, parts: Sequence[Clause]) -> frozenset[str] | None:
    """Which of the two a notice stops. Empty: it excludes an interruption of both; None: not mentioned."""
    stopped: set[str] = set()
    goes_on: set[str] = set()
    for text in (title, *(clause.text for clause in parts if not clause.side)):
        for part in _PARTS.split(text):
            sides = _named(part)
            if not sides:
                continue
            if _GOES_ON.search(part):
                goes_on |= sides
            elif (stop := _STOP.search(part)) and not ((opens := _OPEN.search(part)) and opens.start() < stop.start()):
                stopped |= sides
    if stopped:
        return frozenset(stopped)
    return frozenset() if goes_on == BOTH else None


def resumed(title: str, parts: Sequence[Clause]) -> frozenset[str]:
    """Which of the two a notice opens again: those in its title, else in its sentences; both where none is named."""
    for texts in ((title,), tuple(clause.text for clause in parts if not clause.side)):
        found: set[str] = set()
        for text in texts:
            for part in _PARTS.split(text):
                if _OPEN.search(part) and not _STAYS_SUSPENDED.search(part) and not _LATER.search(part):
                    found |= _named(part)
        if found:
            return frozenset(found)
    return BOTH


def still_suspended(title: str, parts: Sequence[Clause]) -> frozenset[str]:
    """Which of the two remain suspended by a notice that opens something again."""
    found: set[str] = set()
    for text in (title, *(clause.text for clause in parts if not clause.side)):
        for part in _PARTS.split(text):
            if _STAYS_SUSPENDED.search(part):
                found |= _named(part)
    return frozenset(found)


# "Withdrawals will be opened once …": not yet.
_LATER = re.compile(r"\b(?:will be|to be|shall be|once|until|later|separate (?:announcement|notice))\b", re.I)


def _named(text: str) -> frozenset[str]:
    return frozenset(side for side, words in _WORDS.items() if words.search(text))


_ROLE_SIDES = {
    "deposits and withdrawals suspended": BOTH,
    "deposits suspended": frozenset({DEPOSITS}),
    "withdrawals end": frozenset({WITHDRAWALS}),
}


def begins(sides: frozenset[str], entries: Sequence[Entry]) -> tuple[tuple[datetime, str], ...]:
    """(time, trading status from then on): one row where both stop at once, two where one follows; none without dates."""
    first: dict[str, datetime] = {}
    for entry in entries:
        for side in _ROLE_SIDES.get(entry.role.name, frozenset()) & sides:
            first[side] = min(first.get(side, entry.moment), entry.moment)
    if set(first) != set(sides):
        return ()
    moments = sorted(set(first.values()))
    return tuple((at, status_of(side for side, begun in first.items() if begun <= at)) for at in moments)
