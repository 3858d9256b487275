"""The risk tags of Binance's spot pairs, from the product list of its web site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from exchanges.wire import BadRow

# As the list writes them, in any case. The other tags say what a coin is about.
_RISK_TAGS = {"monitoring": "Monitoring", "seed": "Seed"}


@dataclass(frozen=True)
class TagList:
    """Token → its risk tags (none: it is listed without one), and how many rows told it."""

    tags: Mapping[str, frozenset[str]]
    rows: int
    bad_rows: Sequence[BadRow] = ()


def parse_products(payload: Payload) -> TagList:
    """`{"data": [{"s": "ABCUSDT", "b": "ABC", "tags": ["Monitoring", …]}]}`.

    A tag is the token's: it stands on each of its pairs. Raises SchemaDrift where `data` is not a list of usable rows.
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


def _row(item: Any) -> tuple[str, set[str]]:
    if not isinstance(item, dict):
        raise ValueError(f"a product was {item!r:.80}, expected an object")
    token = item.get("b")
    if not isinstance(token, str) or not 0 < len(token) <= 64 or "\0" in token:
        raise ValueError(f"b was {token!r:.80}, expected the code of an asset")
    if "tags" not in item:
        raise ValueError("tags was absent, expected a list of words")
    tags = item["tags"] or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError(f"tags was {tags!r:.80}, expected a list of words")
    return token.upper(), {_RISK_TAGS[tag.casefold()] for tag in tags if tag.casefold() in _RISK_TAGS}
