"""Plans which connection carries which symbols. Pure. Symbols that stay are never moved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The changes: symbols to add and remove by connection, and the symbols of each connection to open."""

    add: Mapping[int, tuple[str, ...]]
    remove: Mapping[int, tuple[str, ...]]
    open: tuple[tuple[str, ...], ...]


def plan(carried: Mapping[int, Collection[str]], requested: Collection[str], limit: int, may_add: bool = True) -> Plan:
    """Plan to carry `requested`, at most `limit` symbols a connection; carried: by connection, its symbols.

    New symbols fill open connections first, unless `may_add` is False: a venue whose subscriptions are part of the URL
    cannot add to an open connection. Raises ValueError for a limit below 1.
    """
    if limit < 1:
        raise ValueError(f"limit was {limit} symbols a connection, expected at least 1")
    have = {symbol for symbols in carried.values() for symbol in symbols}
    remove = {
        key: gone for key, symbols in carried.items() if (gone := tuple(sorted(set(symbols) - set(requested))))
    }  # fmt: skip
    missing = sorted(set(requested) - have)
    add: dict[int, tuple[str, ...]] = {}
    if may_add:
        for key, symbols in carried.items():
            free = limit - len(symbols) + len(remove.get(key, ()))
            if missing and free > 0:
                add[key], missing = tuple(missing[:free]), missing[free:]
    return Plan(add, remove, tuple(_even(missing, limit)))


def _even(symbols: Sequence[str], limit: int) -> list[tuple[str, ...]]:
    """Split into as few groups as the limit allows, of even size: 201 symbols at 200 a connection are 101 and 100."""
    groups = -(-len(symbols) // limit)
    return [tuple(symbols[number::groups]) for number in range(groups)]
