"""Kraken's asset pairs, made from parameters, and a site that serves them.

The rows follow the capture of April 2021 (`captures/streams/cryptofeed_KRAKEN.0.gz`), with what Kraken's API
documentation has added since: `status`, `cost_decimals`, `costmin`, `tick_size`, `execution_venue`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.upstreams.server import UpstreamServer

PAIRS_PATH = "/0/public/AssetPairs"
# Assets of before 2019 have a code of their own; later ones are called by their ticker.
_CODES = {
    "BTC": ("XXBT", "XBT"),
    "DOGE": ("XXDG", "XDG"),
    "ETH": ("XETH", "ETH"),
    "XRP": ("XXRP", "XRP"),
    "USD": ("ZUSD", "USD"),
    "EUR": ("ZEUR", "EUR"),
}


def asset_pair(pair: str, status: str | None = "online", **fields: Any) -> dict[str, Any]:
    """A row for a pair such as `BTC/USD`; status None: as the list was before it said one."""
    (base, base_name), (quote, quote_name) = (_CODES.get(name, (name, name)) for name in pair.split("/"))
    row = {
        "altname": base_name + quote_name,
        "wsname": f"{base_name}/{quote_name}",
        "aclass_base": "currency",
        "base": base,
        "aclass_quote": "currency",
        "quote": quote,
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": 1,
        "lot_decimals": 8,
        "lot_multiplier": 1,
        "leverage_buy": [2, 3],
        "leverage_sell": [2, 3],
        "fees": [[0, 0.4], [10000, 0.35]],
        "fees_maker": [[0, 0.25], [10000, 0.2]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": "0.0001",
        "costmin": "0.5",
        "tick_size": "0.1",
        "status": status,
        "execution_venue": "international",
    }
    return {name: value for name, value in row.items() if value is not None} | fields


def pair_key(row: Mapping[str, Any]) -> str:
    """The key of a row: pairs of the first years join the codes, `XXBTZUSD`; later ones the short names, `XDGUSD`."""
    joined = {row["base"], row["quote"]} <= {"XXBT", "XETH", "XXRP", "ZUSD", "ZEUR"}
    return str(row["base"] + row["quote"] if joined else row["altname"])


def asset_pairs(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The answer of AssetPairs."""
    return {"error": [], "result": {pair_key(row): row for row in rows}}


def failed(error: str) -> dict[str, Any]:
    """An answer that is none, such as `EService:Unavailable`; it comes with status 200."""
    return {"error": [error]}


class KrakenSite:
    """The list; change `pairs` while the server runs."""

    def __init__(self, server: UpstreamServer, pairs: Iterable[str] = ()) -> None:
        self.pairs = [asset_pair(pair) for pair in pairs]
        server.route(PAIRS_PATH, lambda request: asset_pairs(self.pairs))

    def set_status(self, status: str, *pairs: str) -> None:
        """Of these pairs, or of all."""
        wanted = {asset_pair(pair)["wsname"] for pair in pairs}
        for row in self.pairs:
            if not wanted or row["wsname"] in wanted:
                row["status"] = status

    def remove(self, pair: str) -> None:
        self.pairs = [row for row in self.pairs if row["wsname"] != asset_pair(pair)["wsname"]]
