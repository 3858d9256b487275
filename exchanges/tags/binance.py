"""The risk tags of Binance's spot pairs, from the product list of its web site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from events.upstream.rows import clause, row_of, struct_of
from exchanges.wire import BadRow, Name, refuse_nul

# By the list's word in lower case. The other tags name a coin's sector.
_RISK_TAGS = {"monitoring": "Monitoring", "seed": "Seed"}


@dataclass(frozen=True)
class TagList:
    """tags: token → its risk tags, empty for a token without any. rows: how many the list has."""

    tags: Mapping[str, frozenset[str]]
    rows: int
    bad_rows: Sequence[BadRow] = ()


def parse_products(payload: Payload) -> TagList:
    """`{"data": [{"s": "ABCUSDT", "b": "ABC", "tags": ["Monitoring", …]}]}`.

    A tag belongs to the token and is repeated on each of its pairs. Raises SchemaDrift where `data` is not a list of
    usable rows.
    """
    answer = json_body(payload)
    products = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(products, list) or not products:
        raise SchemaDrift(payload.source, "data", "a list of products that is not empty", products)
    tags: dict[str, set[str]] = {}
    bad_rows: list[BadRow] = []
    for item in products:
        try:
            token, risk_tags = _row(item)
        except ValueError as error:
            symbol = item.get("s") if isinstance(item, dict) else None
            bad_rows.append(BadRow(str(symbol or item)[:200], "", str(error), str(item)[:500]))
            continue
        tags.setdefault(token, set()).update(risk_tags)
    if len(bad_rows) * 10 > len(products):
        raise SchemaDrift(payload.source, "data[]", "rows with b and tags", bad_rows[0].error)
    return TagList({token: frozenset(risk_tags) for token, risk_tags in tags.items()}, len(products), bad_rows)


class _Product(msgspec.Struct, gc=False):
    token: Name = msgspec.field(name="b")
    tags: list[str] | None


def _row(item: Any) -> tuple[str, set[str]]:
    """The token of a product, upper case, and its risk tags. Raises ValueError."""
    try:
        row = struct_of(item, _Product)
    except msgspec.ValidationError as error:
        if not isinstance(item, dict) or item.get("tags", True):
            raise ValueError(clause(error, item)) from None
        # An empty value of another type means no tags.
        row = row_of({**item, "tags": None}, _Product)
    refuse_nul(row.token)
    return row.token.upper(), {_RISK_TAGS[tag.casefold()] for tag in row.tags or () if tag.casefold() in _RISK_TAGS}
