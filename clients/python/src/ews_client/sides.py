"""Which side of a spot order closes what is at risk: the sale, or the purchase. Pure.

A pair is forbidden for its base, for itself, or for its quote. Who sells the base gets the quote: where the quote alone
is what forbids (a stablecoin that loses its peg), the sale is the opening, and the purchase is the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from ews_client.answers import rank

_WATCH: Final = rank("watch")


class Actions(Protocol):
    """What `can_trade` says of the three things that a pair is made of: an `Answer` or a `Row`."""

    @property
    def base_action(self) -> str: ...
    @property
    def quote_action(self) -> str: ...
    @property
    def instrument_action(self) -> str: ...


def spot_side_closes(side: str, rows: Sequence[Actions]) -> bool:
    """Whether a spot order of a side, `buy` or `sell`, paid with what is there, closes for all of these rows.

    A sale closes unless the quote forbids and is stricter than base and pair. A purchase closes only where the quote
    forbids and neither base nor pair does. Whatever else `side` is opens. Whether closing is allowed, `may_close` says.
    """
    if side == "sell":
        return not any(_quote_is_worst(row) for row in rows)
    if side == "buy":
        return bool(rows) and all(_quote_is_worst(row) and _others(row) <= _WATCH for row in rows)
    return False


def _quote_is_worst(row: Actions) -> bool:
    return rank(row.quote_action) > max(_WATCH, _others(row))


def _others(row: Actions) -> int:
    return max(rank(row.base_action), rank(row.instrument_action))
