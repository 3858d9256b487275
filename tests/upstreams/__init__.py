"""A loopback server that plays every upstream from scripted steps, for tests and `make demo`.

    with UpstreamServer() as server:
        server.route("/api/v3/exchangeInfo", 503, {"symbols": []})     # one answer a request, the last for ever
        server.route("/hacks", At(0, []), At(20, [{"name": "…"}]))       # by the server's clock
        server.route("/slow", Drip("headers"))                           # a fault
        binance.announcement_site(server, [Article("…", released_at, ("…",))])    # Binance's list, details and pages
        sink = TeamsSink(server); sink.answers(429, 202); sink.wait_for(2)

`steps` has the answers and faults, `raw` the faults below HTTP, `python -m tests.upstreams` runs a script in a process.
"""

from tests.upstreams.server import At, Route, UpstreamServer
from tests.upstreams.steps import (
    Close,
    CutBody,
    Drip,
    Hang,
    Oversized,
    Raw,
    Reply,
    Reset,
    banned,
    challenge_page,
    cut_json,
    gzip_bomb,
    redirect,
    too_many_requests,
)
from tests.upstreams.teams import Card, TeamsSink, failure_text
from tests.upstreams.wire import Request, Wire

__all__ = [
    "At",
    "Card",
    "Close",
    "CutBody",
    "Drip",
    "Hang",
    "Oversized",
    "Raw",
    "Reply",
    "Request",
    "Reset",
    "Route",
    "TeamsSink",
    "UpstreamServer",
    "Wire",
    "banned",
    "challenge_page",
    "cut_json",
    "failure_text",
    "gzip_bomb",
    "redirect",
    "too_many_requests",
]
