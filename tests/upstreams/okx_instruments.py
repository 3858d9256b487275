"""OKX's instrument lists and system status, made from parameters, and a site that serves them.

The rows follow `captures/instruments` (spot and swaps of May 2022); the status follows OKX's API documentation, since
there is no capture of a maintenance.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.upstreams.server import UpstreamServer
from tests.upstreams.wire import Request

INSTRUMENTS_PATH = "/api/v5/public/instruments"
STATUS_PATH = "/api/v5/system/status"


def _ms(at: datetime | None) -> str:
    return "" if at is None else str(round(at.timestamp() * 1000))


def okx_spot(pair: str, state: str = "live", ends_at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """A row of the spot list for a pair such as `LUNA/USDT`; `ends_at` is its `expTime`."""
    base, _, quote = pair.partition("/")
    return {
        "instType": "SPOT",
        "instId": f"{base}-{quote}",
        "baseCcy": base,
        "quoteCcy": quote,
        "settleCcy": "",
        "ctType": "",
        "uly": "",
        "listTime": "1548133413000",
        "expTime": _ms(ends_at),
        "state": state,
    } | fields


def okx_contract(
    pair: str, suffix: str = "SWAP", state: str = "live", ends_at: datetime | None = None, **fields: Any
) -> dict[str, Any]:
    """A row of the swaps or, with a day such as `261225` as suffix, of the futures. Quoted in USD it is inverse."""
    base, _, quote = pair.partition("/")
    return {
        "instType": "SWAP" if suffix == "SWAP" else "FUTURES",
        "instId": f"{base}-{quote}-{suffix}",
        "baseCcy": "",
        "quoteCcy": "",
        "settleCcy": base if quote == "USD" else quote,
        "ctType": "inverse" if quote == "USD" else "linear",
        "uly": f"{base}-{quote}",
        "listTime": "1611916828000",
        "expTime": _ms(ends_at),
        "state": state,
    } | fields


def maintenance(
    title: str,
    begins_at: datetime,
    ends_at: datetime | None,
    state: str = "scheduled",
    service: str = "5",
    **fields: Any,
) -> dict[str, Any]:
    """A row of the system status."""
    return {
        "title": title,
        "state": state,
        "begin": _ms(begins_at),
        "end": _ms(ends_at),
        "href": "",
        "serviceType": service,
        "system": "unified",
        "env": "1",
        "maintType": "1",
        "scheDesc": "",
        "preOpenBegin": "",
    } | fields


class OkxInstrumentSite:
    """The lists and the status; change them while the server runs."""

    def __init__(
        self,
        server: UpstreamServer,
        spot: Iterable[dict[str, Any]] = (),
        swaps: Iterable[dict[str, Any]] = (),
        futures: Iterable[dict[str, Any]] = (),
        unlisted: Iterable[dict[str, Any]] = (),
    ) -> None:
        self.spot, self.swaps, self.futures = list(spot), list(swaps), list(futures)
        # Left out of the lists, and still known when asked for by name.
        self.unlisted = list(unlisted)
        self.status: list[dict[str, Any]] = []
        server.route(INSTRUMENTS_PATH, self._instruments)
        server.route(STATUS_PATH, lambda request: _answer(self.status))

    def _instruments(self, request: Request) -> dict[str, Any]:
        rows = {"SPOT": self.spot, "SWAP": self.swaps, "FUTURES": self.futures}[request.query["instType"]]
        wanted = request.query.get("instId")
        if wanted is None:
            return _answer(rows)
        found = [row for row in (*rows, *self.unlisted) if row["instId"] == wanted]
        return _answer(found) if found else unknown_instrument()


def unknown_instrument() -> dict[str, Any]:
    """OKX's answer for an instrument that it does not list, as captured in October 2026."""
    message = "Instrument ID, Instrument ID code, or Spread ID doesn't exist."
    return {"code": "51001", "msg": message, "data": []}


def _answer(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": rows}
