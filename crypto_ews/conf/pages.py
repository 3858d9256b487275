"""How many connections the web pages and the API's streams may have."""

from __future__ import annotations

from dataclasses import dataclass

from crypto_ews.conf import values
from crypto_ews.conf.limits import LIMITS
from crypto_ews.conf.variable import declared


@dataclass(frozen=True)
class PageVariables:
    """Of the group Intervals and limits."""

    web_connections: int = declared(
        "WEB_CONNECTIONS",
        "400",
        values.positive_integer,
        "connections that the web server keeps open at a time, streams not counted; never more than the limit of open "
        "files allows",
        LIMITS,
    )
    api_streams: int = declared(
        "API_STREAMS",
        "1000",
        values.positive_integer,
        "streams of the API (server-sent events and WebSockets) that may be open at a time",
        LIMITS,
    )
    api_streams_per_token: int = declared(
        "API_STREAMS_PER_TOKEN",
        "600",
        values.positive_integer,
        "streams of the API that one token or user may have open at a time",
        LIMITS,
    )
    api_streams_per_address: int = declared(
        "API_STREAMS_PER_ADDRESS",
        "600",
        values.positive_integer,
        "streams of the API that may be open from one address at a time; behind a proxy all come from one",
        LIMITS,
    )
