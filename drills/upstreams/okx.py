"""OKX as a drill plays it: announcements, instrument lists, status, best bid and ask, in the shapes of its API."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from drills.upstreams.prices import Prices
from drills.upstreams.server import CrisisServer

_LIST, _HELP = "/api/v5/support/announcements", "/help/"
_DELISTINGS = "announcements-delistings"
_HALF_SPREAD = 0.0001


@dataclass(frozen=True)
class Notice:
    """An announcement of delistings. rows: of a table below the text."""

    title: str
    released_at: datetime
    text: str
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def row(self) -> dict[str, str]:
        released = str(round(self.released_at.timestamp() * 1000))
        return {"annType": _DELISTINGS, "title": self.title, "url": f"https://www.okx.com{_HELP}{self.slug}",
                "pTime": released, "businessPTime": released}  # fmt: skip

    @property
    def page(self) -> str:
        content = [_element("paragraph", _text(self.text))]
        cells = "".join(
            f"<tr>{''.join(f'<td><p>{html.escape(cell)}</p></td>' for cell in row)}</tr>" for row in self.rows
        )
        if self.rows:
            content.append(_element("table", *(_element("table-row", *map(_cell, row)) for row in self.rows)))
        local = self.released_at.astimezone(timezone(timedelta(hours=8)))
        post = {"slug": self.slug, "title": self.title, "publishTime": f"{local:%Y-%m-%dT%H:%M}+08:00",
                "richTextContent": _element("document", *content)}  # fmt: skip
        state = json.dumps({"appContext": {"serverSideProps": {"currentPost": post}}}).replace("</", "<\\/")
        script = f'<script data-id="__app_data_for_ssr__" type="application/json" id="appState">{state}</script>'
        return (
            f'<!DOCTYPE html><html lang="en"><head>{script}</head><body><article><h1>{html.escape(self.title)}</h1>'
            f"<p>{html.escape(self.text)}</p><table>{cells}</table></article></body></html>"
        )


def _text(value: str) -> dict[str, Any]:
    return {"nodeType": "text", "value": value, "marks": [], "data": {}}


def _element(kind: str, *content: dict[str, Any]) -> dict[str, Any]:
    return {"nodeType": kind, "data": {}, "content": list(content)}


def _cell(value: str) -> dict[str, Any]:
    return _element("table-cell", _element("paragraph", _text(value)))


class Okx:
    """Change `notices`, the states and `prices` while the server runs.

    spot, swaps: pair such as "LUNA/USDT" → state; one that is taken out has left the list. ends: pair → `expTime`.
    """

    def __init__(self, server: CrisisServer, now: Callable[[], datetime]) -> None:
        self.notices: list[Notice] = []
        self.spot: dict[str, str] = {}
        self.swaps: dict[str, str] = {}
        self.ends: dict[str, datetime] = {}
        self.prices = Prices(now)
        self._url = server.url
        for path, page in (
            (_LIST, self._list),
            (_HELP, self._page),
            ("/api/v5/public/instruments", self._instruments),
            ("/api/v5/system/status", lambda path, query: _answer([])),
            ("/api/v5/market/tickers", self._tickers),
        ):
            server.serve(path, page)

    def addresses(self) -> dict[str, str]:
        """The URLs of the configuration that lead here, by attribute."""
        return {
            "okx_news_dict_url": self._url(_LIST),
            "okx_delist_url": self._url(f"{_LIST}?annType={_DELISTINGS}"),
            "okx_article_base_url": self._url(_HELP),
            "okx_orderbook_url": self._url("/api/v5/market/tickers?instType=SPOT"),
            "okx_swap_orderbook_url": self._url("/api/v5/market/tickers?instType=SWAP"),
        }

    def _list(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        rows = [item.row for item in sorted(self.notices, key=lambda item: item.released_at, reverse=True)]
        return _answer([{"details": rows if query.get("page", "1") == "1" else [], "totalPage": "1"}])

    def _page(self, path: str, query: Mapping[str, str]) -> str:
        found = [item.page for item in self.notices if path == f"{_HELP}{item.slug}"]
        if not found:
            raise LookupError("no such article")
        return found[0]

    def _instruments(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        kind = query["instType"]
        rows = [self._row(kind, pair) for pair in {"SPOT": self.spot, "SWAP": self.swaps}.get(kind, {})]
        if kind == "FUTURES":
            rows = [self._row("FUTURES", "BTC/USDT")]
        if name := query.get("instId"):
            found = [row for row in rows if row["instId"] == name]
            message = "Instrument ID, Instrument ID code, or Spread ID doesn't exist."
            return _answer(found) if found else {"code": "51001", "msg": message, "data": []}
        return _answer(rows)

    def _row(self, kind: str, pair: str) -> dict[str, Any]:
        base, _, quote = pair.partition("/")
        suffix = {"SPOT": "", "SWAP": "-SWAP", "FUTURES": "-991231"}[kind]
        spot = kind == "SPOT"
        states = {"SPOT": self.spot, "SWAP": self.swaps}.get(kind, {})
        ends = self.ends.get(f"{pair}{suffix}")
        return {"instType": kind, "instId": f"{base}-{quote}{suffix}", "baseCcy": base if spot else "",
                "quoteCcy": quote if spot else "", "settleCcy": "" if spot else quote,
                "ctType": "" if spot else "linear", "uly": "" if spot else f"{base}-{quote}",
                "listTime": "1548133413000", "expTime": "" if ends is None else str(round(ends.timestamp() * 1000)),
                "state": states.get(pair, "live")}  # fmt: skip

    def _tickers(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        pairs, suffix = (self.spot, "") if query["instType"] == "SPOT" else (self.swaps, "-SWAP")
        return _answer(
            [
                {"instId": f"{pair.replace('/', '-')}{suffix}", "last": f"{price:.8f}",
                 "bidPx": f"{price * (1 - _HALF_SPREAD):.8f}", "bidSz": "10",
                 "askPx": f"{price * (1 + _HALF_SPREAD):.8f}", "askSz": "12"}
                for pair, state in pairs.items()
                if state == "live" and (price := self.prices.of(pair))
            ]
        )  # fmt: skip


def _answer(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": rows}
