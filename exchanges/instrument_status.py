"""What an exchange's word for an instrument's status means. Pure; each exchange's module declares its own words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from exchanges.venues import exchange_and_market
from markets.knowledge import GONE, InstrumentRow, is_dated_type


class Meaning(StrEnum):
    LIVE = "live"
    PENDING = "pending"  # between two states: counts only when it lasts
    RESTRICTED = "restricted"  # trades, but not every order is taken
    HALTED = "halted"
    ENDED = "ended"


# exchange → its word → what it means; the same word may mean another thing elsewhere.
_declared: dict[str, Mapping[str, Meaning]] = {}


def declare_statuses(exchange: str, statuses: Mapping[str, Meaning]) -> None:
    """Make an exchange's words known; its module does it when it is imported."""
    _declared[exchange] = statuses


PENDING_COUNTS_AFTER = timedelta(minutes=5)
# Delivery of a dated contract begins a little before its end.
_DELIVERY_LEAD = timedelta(hours=1)


def not_live_yet(exchange: str) -> frozenset[str]:
    """The exchange's words for an instrument between two states."""
    return frozenset(status for status, what in _declared[exchange].items() if what is Meaning.PENDING)


def meaning(row: InstrumentRow) -> Meaning:
    """Of a row that a parser let through; a status that nobody knows is not live and stays a halt."""
    if row.live:
        return Meaning.LIVE
    if row.status == GONE:
        return Meaning.ENDED
    exchange, _ = exchange_and_market(row.venue)
    return _declared.get(exchange, {}).get(row.status, Meaning.HALTED)


class UnknownStatus(ValueError):
    """A status that the exchange has never used: its row cannot be read, and says nothing about the others."""


def known(status: str, statuses: Mapping[str, Meaning]) -> str:
    """The status; raises UnknownStatus."""
    if status not in statuses:
        raise UnknownStatus(f"status was {status!r:.80}, expected one of {', '.join(statuses)}")
    return status


def is_dated(row: InstrumentRow) -> bool:
    """Whether the contract has a day on which it ends by itself, such as a quarterly future."""
    return is_dated_type(row.contract_type)


def was_converted(row: InstrumentRow, before: InstrumentRow | None) -> bool:
    """Whether a contract that had no end has become a dated one, which is how some exchanges delist it."""
    return before is not None and bool(before.contract_type) and not is_dated(before) and is_dated(row)


def ended_by_itself(row: InstrumentRow, now: datetime) -> bool:
    """Whether a dated contract has come to the end that it had from the beginning."""
    return is_dated(row) and row.ends_at is not None and row.ends_at - _DELIVERY_LEAD <= now
