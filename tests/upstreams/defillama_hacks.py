"""DeFiLlama's hacks: the API's list, and the pages of the site behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.upstreams.server import Answer, UpstreamServer

API_PATH, BRIDGES_PATH, SITE_PATH = "/llama/hacks", "/llama/bridge-hacks", "/llama-site"
Row = dict[str, Any]


def hack_row(name: str, date: int, amount: int | None = 5_000_000, **changes: Any) -> Row:
    """A row as the API gives it. `date`: seconds since 1970, midnight UTC."""
    row: Row = {
        "date": date,
        "name": name,
        "classification": "Protocol Logic",
        "technique": "Reentrancy",
        "amount": amount,
        "chain": ["Ethereum"],
        "bridgeHack": False,
        "targetType": "DeFi Protocol",
        "source": "",
        "returnedFunds": None,
        "defillamaId": None,
        "language": "Solidity",
    }
    return {**row, **changes}


def site_row(row: Row) -> Row:
    """A row as the site's data file has it: other names, no identifiers, 0 for an unknown amount."""
    return {
        "chains": row["chain"] or [],
        "classification": row["classification"],
        "date": row["date"],
        "target": row["targetType"],
        "amount": row["amount"] or 0,
        "name": row["name"],
        "technique": row["technique"],
        "bridge": row["bridgeHack"],
        "link": row["source"] or "",
        "language": row["language"] or "",
    }


class HackSite:
    """Plays both lists and the site. `rows` may change at any time; the site has them too unless `site_answer` says
    otherwise. `api_answer` and `bridges_answer` stand in for the lists where they are set.
    """

    def __init__(self, server: UpstreamServer, rows: Sequence[Row] = (), build: str = "aB3_x-9") -> None:
        self.server = server
        self.rows: list[Row] = list(rows)
        self.build = build
        self.api_answer: Answer | None = None
        self.bridges_answer: Answer | None = None
        self.site_answer: Answer | None = None
        server.route(API_PATH, lambda _request: self.rows if self.api_answer is None else self.api_answer)
        server.route(BRIDGES_PATH, lambda _request: self.rows if self.bridges_answer is None else self.bridges_answer)
        server.route(f"{SITE_PATH}/hacks", lambda _request: self._page())
        server.route(f"{SITE_PATH}/_next/data/*", lambda request: self._data(request.path))

    def environment(self) -> dict[str, str]:
        """The variables that point the configuration here."""
        return {
            "DEFI_LLAMA_HACKS_URL": self.server.url(API_PATH),
            "DEFI_LLAMA_BRIDGE_HACKS": self.server.url(BRIDGES_PATH),
            "DEFI_LLAMA_BASE_URL": self.server.url(SITE_PATH),
        }

    def _page(self) -> Answer:
        state = json.dumps({"props": {"pageProps": {}}, "page": "/hacks", "query": {}, "buildId": self.build})
        script = f'<script id="__NEXT_DATA__" type="application/json">{state}</script>'
        return f"<!DOCTYPE html><html><body>{script}</body></html>"

    def _data(self, path: str) -> Answer:
        if self.site_answer is not None:
            return self.site_answer
        if path != f"{SITE_PATH}/_next/data/{self.build}/hacks.json":
            return 404
        return {"pageProps": {"data": [site_row(row) for row in self.rows], "totalHacked": "15.1"}, "__N_SSG": True}
