"""Points the whole configuration at a loopback server. Used by tests, the crash test and the demo."""

from __future__ import annotations

from crypto_ews.conf import Config, parse_config, variables
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import DETAIL_PATH, LIST_PATH, PAGE_PATH


def loopback_environment(server: UpstreamServer, **changes: str) -> dict[str, str]:
    """Environment variables that make every upstream this server; `changes` are taken as they are."""
    environment = {
        "BINANCE_NEWS_DICT_URL": server.url(f"{LIST_PATH}?type=1&pageNo=1&pageSize=20"),
        "BINANCE_DELIST_URL": server.url(f"{LIST_PATH}?type=1&catalogId=161&pageNo=1&pageSize=50"),
        "BINANCE_ARTICLE_DETAIL_URL": server.url(f"{DETAIL_PATH}?articleCode="),
        "BINANCE_ARTICLE_BASE_URL": server.url(PAGE_PATH),
    }
    for _, variable in variables():
        is_upstream = variable.default.startswith("https://")
        if is_upstream and variable.name not in environment:
            # Prefixes and whole URLs of sources that the server may or may not play; none leaves this machine.
            environment[variable.name] = server.url("").rstrip("/")
    return {**environment, **changes}


def loopback_config(server: UpstreamServer, **changes: str) -> Config:
    """The configuration of that environment, with nothing from the real one."""
    return parse_config(loopback_environment(server, **changes))
