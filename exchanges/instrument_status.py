"""What the status of an instrument means. Each exchange's module declares the statuses that its lists use. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from exchanges.venues import exchange_and_market
from markets.knowledge import GONE, InstrumentRow, is_dated_type


class Meaning(StrEnum):
    LIVE = "live"
    PENDING = "pending"  # between two states: counts as a stop only after PENDING_COUNTS_AFTER
    RESTRICTED = "restricted"  # trades, but refuses some orders
    HALTED = "halted"
    ENDED = "ended"


# exchange → status → meaning: two exchanges may mean different things by one word.
_declared: dict[str, Mapping[str, Meaning]] = {}


def declare_statuses(exchange: str, statuses: Mapping[str, Meaning]) -> None:
    """Register an exchange's statuses; its module calls this when it is imported."""
    _declared[exchange] = statuses


PENDING_COUNTS_AFTER = timedelta(minutes=5)
# Exchanges begin to deliver a dated contract a little before its end.
_DELIVERY_LEAD = timedelta(hours=1)


def not_live_yet(exchange: str) -> frozenset[str]:
    """The exchange's statuses for an instrument between two states."""
    return frozenset(status for status, what in _declared[exchange].items() if what is Meaning.PENDING)


def meaning(row: InstrumentRow) -> Meaning:
    """The meaning of a row's status. An undeclared status is a halt."""
    if row.live:
        return Meaning.LIVE
    if row.status == GONE:
        return Meaning.ENDED
    exchange, _ = exchange_and_market(row.venue)
    return _declared.get(exchange, {}).get(row.status, Meaning.HALTED)


class UnknownStatus(ValueError):
    """A status that the exchange never used before. The row is unusable; the list may still be sound."""


def known(status: str, statuses: Mapping[str, Meaning]) -> str:
    """The status, if it is declared; else raises UnknownStatus."""
    if status not in statuses:
        raise UnknownStatus(f"status was {status!r:.80}, expected one of {', '.join(statuses)}")
    return status


def is_dated(row: InstrumentRow) -> bool:
    """Whether the contract has a day on which it ends by itself, such as a quarterly future."""
    return is_dated_type(row.contract_type)


def was_converted(row: InstrumentRow, before: InstrumentRow | None) -> bool:
    """Whether a perpetual became a dated contract, which is how some exchanges delist it."""
    return before is not None and bool(before.contract_type) and not is_dated(before) and is_dated(row)


def ended_by_itself(row: InstrumentRow, now: datetime) -> bool:
    """Whether a dated contract has reached the end that it had from the beginning."""
    return is_dated(row) and row.ends_at is not None and row.ends_at - _DELIVERY_LEAD <= now
