"""Runs in ccxt's environment: reads recorded lists as ccxt does, and says what it calls each instrument.

One line of JSON in: {"exchange", "answers": [payload, …]}; one line out: {id: [symbol, active]}.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import ccxt


def payload(path: str) -> Any:
    data = Path(path).read_bytes()
    return json.loads(gzip.decompress(data) if path.endswith(".gz") else data)


def markets(exchange: str, found: Any) -> list[dict[str, Any]]:
    """The markets that ccxt makes of an answer, with its own code."""
    made = getattr(ccxt, exchange)()
    if exchange == "kraken":
        # It learns from Kraken's list of assets first, whose alternative names stand in `wsname` here.
        assets = {}
        for pair in found["result"].values():
            for asset, name in zip((pair["base"], pair["quote"]), pair.get("wsname", "").split("/"), strict=False):
                assets[asset] = name
        for asset, name in assets.items():
            if name:
                made.parse_currency({"_coin_id": asset, "altname": name})
        lit = {name: pair for name, pair in found["result"].items() if not name.endswith(".d")}
        made.publicGetAssetPairs = lambda params: {**found, "result": lit}
        return made.fetch_markets()
    # Which pairs have margin is another question to the exchange, and no part of a name.
    made.options.update(crossMarginPairsData=[], isolatedMarginPairsData=[])
    rows = found["symbols"] if exchange.startswith("binance") else found["data"]
    return [market for market in map(made.parse_market, rows) if market is not None]


for line in sys.stdin:
    asked = json.loads(line)
    answer = {}
    for path in asked["answers"]:
        for market in markets(asked["exchange"], payload(path)):
            answer[market["id"]] = [market["symbol"], market["active"]]
    print(json.dumps(answer), flush=True)
