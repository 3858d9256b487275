"""The reviewed table of assets and their names that the program ships (`data/assets.txt`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from markets.identity import Identity, NameRow
from markets.symbols import DATA

_KINDS = frozenset({"coin", "stablecoin", "fiat"})
_ROW = re.compile(
    r"(?P<venue>\*|[A-Z_]+) (?P<name>\S+) = (?P<asset>\S+)(?: x (?P<multiplier>\d+))?"
    r"(?: from (?P<start>\d{4}-\d\d-\d\d))?(?: until (?P<end>\d{4}-\d\d-\d\d))?"
)


@dataclass(frozen=True)
class ShippedAssets:
    """`kinds`: asset code → coin, stablecoin or fiat; `rows`: names of assets."""

    kinds: dict[str, str]
    rows: tuple[NameRow, ...]


@cache
def shipped_assets() -> ShippedAssets:
    return parse_assets((DATA / "assets.txt").read_text(encoding="utf-8"))


@cache
def shipped_identity() -> Identity:
    """The identity of the shipped table alone, for use without a database."""
    table = shipped_assets()
    return Identity(table.rows, table.kinds)


def parse_assets(text: str) -> ShippedAssets:
    """The table from the text of the file. Raises ValueError that names the line and the expected form."""
    kinds: dict[str, str] = {}
    rows: list[NameRow] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = " ".join(line.split())
        if not line or line.startswith("#"):
            continue
        kind, _, names = line.partition(" ")
        if kind in _KINDS:
            kinds.update(dict.fromkeys(names.split(), kind))
            continue
        found = _ROW.fullmatch(line)
        if not found:
            expected = "VENUE NAME = ASSET [x MULTIPLIER] [from YYYY-MM-DD] [until YYYY-MM-DD]"
            raise ValueError(f"line {number} of the assets was {line!r}, expected {expected}")
        rows.append(
            NameRow(
                venue="" if found["venue"] == "*" else found["venue"],
                name=found["name"],
                asset=found["asset"],
                multiplier=Decimal(found["multiplier"] or 1),
                valid_from=_day(found["start"]),
                valid_to=_day(found["end"]),
            )
        )
    for row in rows:
        kinds.setdefault(row.asset, "coin")
    return ShippedAssets(kinds, tuple(rows))


def _day(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
