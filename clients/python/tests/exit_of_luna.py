"""A system where LUNA/USDT is to be left."""

from __future__ import annotations

import json
from typing import Any

from fake_api import Reply, Request, can_trade, risk

from ews_client.bodies import answer_of

GOOD, BAD = "BTC/USDT", "LUNA/USDT"


def system(request: Request) -> Reply:
    """LUNA is left."""
    if request.path in ("/risk", "/stream"):
        return Reply(body=risk()) if request.path == "/risk" else Reply(404)
    pairs = json.loads(request.body)["pairs"] if request.body else [request.query]
    bodies = [
        can_trade("BINANCE", pair["symbol"], symbol=pair["symbol"], base=pair["symbol"][:4].strip("/"),
                  **({"may_open": False, "action": "exit", "base_action": "exit", "event_ids": [5]}
                     if pair["symbol"] == BAD else {}))
        for pair in pairs
    ]  # fmt: skip
    return Reply(body=bodies[0] if not request.body else {**bodies[0], "answers": bodies})


def answers(**pairs: Any) -> dict[str, Any]:
    return {name: answer_of("BINANCE", name, can_trade("BINANCE", name, **body)) for name, body in pairs.items()}
