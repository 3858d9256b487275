"""The system status of Binance and OKX, parsed.

Binance: GET /sapi/v1/system/status → {"status": 0 | 1, "msg": …}. OKX: GET /api/v5/system/status → data[] with title,
state (scheduled, ongoing, pre_open, completed, canceled), begin, end (epoch ms), serviceType, env (1: production)
(https://www.okx.com/docs-v5/en/#status-get-status); without a `state` parameter it lists planned and ongoing ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from events.upstream.rows import row_of
from events.upstream.text import storable
from exchanges.halts.maintenance import Maintenance
from exchanges.wire import BadRow, milliseconds, okx_data

_EVERY_MARKET = ("spot", "usdm", "coinm")
# OKX's serviceType → the markets whose trading it stops. The other services (WebSocket, block and copy trading, bots …)
# are events as well, and stop no order.
_TRADING_SERVICES: Mapping[str, tuple[str, ...]] = {
    "1": ("spot",),
    "2": ("usdm", "coinm"),
    "3": ("usdm", "coinm"),
    "5": _EVERY_MARKET,
    "8": _EVERY_MARKET,
    "9": _EVERY_MARKET,
}
_OTHER_SERVICES = frozenset({"0", "4", "6", "7", "10", "11", "99"})


class _BinanceStatus(msgspec.Struct):
    status: int | float


def parse_binance_status(payload: Payload) -> bool:
    """Whether Binance is in maintenance. Raises SchemaDrift for a status other than 0 and 1."""
    answer = json_body(payload)
    try:
        status = row_of(answer, _BinanceStatus).status
    except ValueError:
        status = -1
    if status not in (0, 1):
        raise SchemaDrift(payload.source, "status", "0 (normal) or 1 (maintenance)", answer)
    return status == 1


class _OkxNotice(msgspec.Struct):
    """A row of OKX's list. begin, end: epoch ms as text; `end` may be anything that means none."""

    title: str
    state: Literal["scheduled", "ongoing", "pre_open", "completed", "canceled"]
    service: str = msgspec.field(name="serviceType")
    begin: int | float | str
    end: Any = None
    url: Any = msgspec.field(name="href", default="")


def parse_okx_status(payload: Payload) -> tuple[Sequence[Maintenance], Sequence[BadRow]]:
    """Maintenances of the production system; usually none. Raises UpstreamError by OKX's code."""
    found: list[Maintenance] = []
    bad_rows: list[BadRow] = []
    for item in okx_data(payload):
        try:
            if not isinstance(item, dict) or item.get("env", "1") in ("1", ""):
                found.append(_maintenance(row_of(item, _OkxNotice)))
        except ValueError as error:
            key = f"{item.get('title')} {item.get('begin')}" if isinstance(item, dict) else str(item)
            bad_rows.append(BadRow(key[:200], "", str(error), str(item)[:500]))
    return found, bad_rows


def _maintenance(row: _OkxNotice) -> Maintenance:
    title = " ".join(storable(row.title).split())[:300]
    if not title:
        raise ValueError(f"title was {row.title!r:.80}, expected a text")
    if row.service not in _TRADING_SERVICES and row.service not in _OTHER_SERVICES:
        raise ValueError(f"serviceType was {row.service!r:.80}, expected a number that OKX documents")
    begins_at = milliseconds(row.begin or None)
    if begins_at is None:
        raise ValueError("begin was empty, expected epoch milliseconds")
    return Maintenance(
        title=title,
        state=row.state,
        begins_at=begins_at,
        ends_at=milliseconds(row.end or None),
        service=row.service,
        markets=_TRADING_SERVICES.get(row.service, ()),
        url=row.url if isinstance(row.url, str) and row.url.startswith(("https://", "http://")) else "",
    )
