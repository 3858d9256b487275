"""The variables of the live order books."""

from __future__ import annotations

from dataclasses import dataclass

ORDER_BOOKS = "Order books"


@dataclass(frozen=True)
class OrderBookVariables:
    """Streams, snapshots, scores."""
