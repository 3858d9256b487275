"""`GET /bots/freqtrade/allow?venue=`: lists of pairs for bots that fetch them."""

from __future__ import annotations

import re

import msgspec

from api.bots.tradable import tradable_of
from api.doors.answers import JSON, Receive, Scope, Send, invalid, parameters_of, send_bytes
from api.runtime import Runtime

NOTHING = ["EWS/NOTHING"]
"""A pair that does not exist: freqtrade takes an empty list for a failure, and where it does not, for no filter."""


async def allow(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """The pairs that may be opened, for freqtrade's RemotePairList in the mode `whitelist`."""
    venue = parameters_of(scope, {"venue": False, "key": False}).get("venue", [""])[0]
    if not venue:
        raise invalid("venue", "missing", "one market, such as BINANCE or BINANCE_USDM")
    found = await tradable_of(runtime).of(venue)
    pairs = [re.escape(pair) for pair in found.allowed] if found.status == "fresh" else []
    body = msgspec.json.encode({"pairs": pairs or NOTHING, "refresh_period": 15})
    await send_bytes(send, 200, JSON, body)
