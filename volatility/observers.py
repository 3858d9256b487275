"""Where other apps register to be told of every reading, from their `AppConfig.ready()`."""

from __future__ import annotations

from volatility.store import PriceObserver

_observers: list[PriceObserver] = []


def register_observer(observer: PriceObserver) -> None:
    """Attach to every store that is made from now on. An observer that raises fails the cycle that told it."""
    _observers.append(observer)


def registered_observers() -> tuple[PriceObserver, ...]:
    return tuple(_observers)
