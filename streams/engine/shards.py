"""Which connection carries which symbols: pure. Symbols that stay are never moved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """What changes: connection → symbols to add or remove, and the symbol lists of connections to open."""

    add: Mapping[int, tuple[str, ...]]
    remove: Mapping[int, tuple[str, ...]]
    open: tuple[tuple[str, ...], ...]


def plan(carried: Mapping[int, Collection[str]], wanted: Collection[str], limit: int, room: bool = True) -> Plan:
    """How to carry `wanted`, at most `limit` symbols a connection; carried: connection → its symbols.

    New symbols fill connections that have room before others are opened, unless `room` is off: a venue whose
    subscriptions stand in the URL cannot add to an open connection.
    """
    if limit < 1:
        raise ValueError(f"limit was {limit} symbols a connection, expected at least 1")
    have = {symbol for symbols in carried.values() for symbol in symbols}
    remove = {
        key: gone for key, symbols in carried.items() if (gone := tuple(sorted(set(symbols) - set(wanted))))
    }  # fmt: skip
    missing = sorted(set(wanted) - have)
    add: dict[int, tuple[str, ...]] = {}
    if room:
        for key, symbols in carried.items():
            free = limit - len(symbols) + len(remove.get(key, ()))
            if missing and free > 0:
                add[key], missing = tuple(missing[:free]), missing[free:]
    return Plan(add, remove, tuple(_even(missing, limit)))


def _even(symbols: Sequence[str], limit: int) -> list[tuple[str, ...]]:
    """As few groups as the limit allows, of even size: 201 symbols at 200 a connection are 101 and 100."""
    groups = -(-len(symbols) // limit)
    return [tuple(symbols[number::groups]) for number in range(groups)]
