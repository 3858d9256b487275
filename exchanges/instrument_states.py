"""What an exchange's word for an instrument's status means. Pure.

Binance: "status" of exchangeInfo (spot) and of its futures' (COIN-M says "contractStatus"), as its API documentation
lists them under enum definitions. OKX: "state" of GET /api/v5/public/instruments. 134 of 924 USD-M contracts stood in
SETTLING in October 2026: that is where delisted perpetuals stay, as spot pairs stay in BREAK.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from markets.knowledge import GONE, InstrumentRow


class Meaning(StrEnum):
    LIVE = "live"
    PENDING = "pending"  # between two states: counts only when it lasts
    RESTRICTED = "restricted"  # trades, but not every order is taken
    HALTED = "halted"
    ENDED = "ended"


BINANCE_STATUSES: Mapping[str, Meaning] = {
    "TRADING": Meaning.LIVE,
    "PRE_TRADING": Meaning.PENDING,
    "PENDING_TRADING": Meaning.PENDING,
    "POST_TRADING": Meaning.HALTED,
    "END_OF_DAY": Meaning.HALTED,
    "HALT": Meaning.HALTED,
    "AUCTION_MATCH": Meaning.HALTED,
    "BREAK": Meaning.HALTED,
    "TRADING_HALT": Meaning.HALTED,
    "TRADING_CANCEL_ONLY": Meaning.HALTED,
    "PRE_DELIVERING": Meaning.ENDED,
    "DELIVERING": Meaning.ENDED,
    "DELIVERED": Meaning.ENDED,
    "PRE_SETTLE": Meaning.ENDED,
    "SETTLING": Meaning.ENDED,
    "CLOSE": Meaning.ENDED,
}
OKX_STATUSES: Mapping[str, Meaning] = {
    "live": Meaning.LIVE,
    "preopen": Meaning.PENDING,
    "post_only": Meaning.RESTRICTED,
    "suspend": Meaning.HALTED,
    "rebase": Meaning.HALTED,
    "test": Meaning.HALTED,
    "expired": Meaning.ENDED,
}
_ALL: Mapping[str, Meaning] = {**BINANCE_STATUSES, **OKX_STATUSES, GONE: Meaning.ENDED}

PENDING_COUNTS_AFTER = timedelta(minutes=5)
# Delivery of a dated contract begins a little before its end.
_DELIVERY_LEAD = timedelta(hours=1)
NOT_LIVE_YET = frozenset(status for status, meaning in _ALL.items() if meaning is Meaning.PENDING)


def meaning(row: InstrumentRow) -> Meaning:
    """Of a row that a parser let through; a status that nobody knows is not live and stays a halt."""
    return Meaning.LIVE if row.live else _ALL.get(row.status, Meaning.HALTED)


class UnknownStatus(ValueError):
    """A status that the exchange has never used: its row cannot be read, and says nothing about the others."""


def known(status: str, statuses: Mapping[str, Meaning]) -> str:
    """The status; raises UnknownStatus."""
    if status not in statuses:
        raise UnknownStatus(f"status was {status!r:.80}, expected one of {', '.join(statuses)}")
    return status


def is_dated(row: InstrumentRow) -> bool:
    """Whether the contract has a day on which it ends by itself, such as a quarterly future."""
    return bool(row.contract_type) and "PERPETUAL" not in row.contract_type and row.contract_type != "SWAP"


def ended_by_itself(row: InstrumentRow, now: datetime) -> bool:
    """Whether a dated contract has come to the end that it had from the beginning."""
    return is_dated(row) and row.ends_at is not None and row.ends_at - _DELIVERY_LEAD <= now
