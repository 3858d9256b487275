"""The whales of one book: from the first order at a price until the level is gone. Pure.

The recorder tracks whales with it as the book changes, and the detection as the archived observations report them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class LargeOrder(Protocol):
    """bid: the side, of both `ScoredOrder` and `OrderPlaced`. size: what was added, in base units."""

    @property
    def bid(self) -> bool: ...
    @property
    def price(self) -> float: ...
    @property
    def size(self) -> float: ...
    @property
    def score(self) -> int: ...


Order = TypeVar("Order", bound=LargeOrder)


@dataclass(slots=True)
class Whale(Generic[Order]):
    """first, last: the order that placed the whale, and the last one that made it grow. size: their sum, in base units.
    score: the highest of them. traded: somebody traded against it."""

    first: Order
    last: Order
    size: float
    score: int
    traded: bool = False


class OpenWhales(Generic[Order]):
    """Whales that are in the book, by side and price. most: further ones are not tracked; None: all are."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._by_level: dict[tuple[bool, float], Whale[Order]] = {}

    def __len__(self) -> int:
        return len(self._by_level)

    def __iter__(self) -> Iterator[Whale[Order]]:
        return iter(self._by_level.values())

    def place(self, order: Order) -> bool:
        """Add an order: a new whale, or growth of the one at its price. Returns whether it is a new one."""
        level = (order.bid, order.price)
        whale = self._by_level.get(level)
        if whale is None:
            if self._most is None or len(self._by_level) < self._most:
                self._by_level[level] = Whale(order, order, order.size, order.score)
            return True
        whale.last, whale.size, whale.score = order, whale.size + order.size, max(whale.score, order.score)
        return False

    def remove(self, bid: bool, price: float) -> Whale[Order] | None:
        """The whale at this level is gone. None where none was tracked."""
        return self._by_level.pop((bid, price), None)

    def clear(self) -> None:
        self._by_level.clear()
