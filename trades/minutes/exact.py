"""Exact sums: the value of a trade in quote currency, and the minute that a time belongs to."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import NamedTuple

from trades.records import MINUTE_MS

# Wide enough that no product or sum of a minute is ever rounded: prices and sizes have at most 30 digits (the decoders
# refuse others), and a context of our own does not depend on what another thread has set.
EXACT = Context(prec=120)
ZERO = Decimal(0)


def minute_of(exchange_ms: int) -> int:
    """The start of the minute, in milliseconds."""
    return exchange_ms - exchange_ms % MINUTE_MS


class Contract(NamedTuple):
    """What a trade's size counts, where it is not coins: `amount` of the base, or of the quote currency, a unit."""

    amount: Decimal
    in_quote: bool


def quote_value(price: Decimal, size: Decimal, contract: Contract | None) -> Decimal:
    """A trade's value in quote currency. size: coins, or units of the contract."""
    if contract is None:
        return EXACT.multiply(price, size)
    units = EXACT.multiply(size, contract.amount)
    return units if contract.in_quote else EXACT.multiply(price, units)
