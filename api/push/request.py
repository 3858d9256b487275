"""What a stream's request says, and how long its caller may go on listening."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from api.problems import Problem
from api.push.census import server_full
from api.push.subscription import Subscription, requested
from api.runtime import Runtime
from api.tokens.callers import is_ours
from api.tokens.directory import Caller
from events.daemon.web_streams import STATE, StreamLine

PARAMETERS = ("kinds", "assets", "venues", "last_event_id", "ticket")
_RETRY = ((b"retry-after", b"1"),)


def parameters_of(scope: Mapping[str, Any]) -> dict[str, list[str]]:
    """The query by name. Raises Problem (422) for a parameter that is not known: a misspelt filter would read as
    "nothing happens"."""
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(scope["query_string"].decode("ascii"), errors="strict", max_num_fields=1000)
    except ValueError:
        raise Problem(422, "the query was not understood, expected percent-encoded UTF-8") from None
    for name, value in pairs:
        if name not in PARAMETERS:
            raise Problem(422, f"the parameter {name[:50]!r} is not known, expected some of: {', '.join(PARAMETERS)}")
        found.setdefault(name, []).append(value)
    return found


def last_id_of(scope: Mapping[str, Any], given: Mapping[str, list[str]]) -> str:
    """The id of the last message that the reader has seen: of the header `Last-Event-ID`, else of the query. "": none.

    A browser that reconnects by itself sends the header, with a URL that may name an older one.
    """
    header = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
    return header or given.get("last_event_id", [""])[-1]


def subscription_of(runtime: Runtime, asked: Mapping[str, Iterable[str]]) -> Subscription:
    """Raises Problem: 422 for what cannot be subscribed, 503 while the names are not known yet."""
    try:
        kinds, assets, venues = requested(asked)
    except ValueError as wrong:
        raise Problem(422, str(wrong)) from None
    names, now = runtime.names, runtime.now()
    if (assets or venues) and not names.loaded:
        raise Problem(503, "the names of assets and venues have not been read yet", headers=_RETRY)
    # Also as it is written: a row may stand under a name that means something else by now.
    codes = {code for name in assets for code in (names.asset(name, now), name.upper())}
    places = {name: names.places(name) for name in venues}
    unknown = sorted(name for name, place in places.items() if place is None)
    if unknown:
        known = ", ".join(names.venues())
        raise Problem(422, f"venues had {', '.join(unknown)[:200]}, expected exchanges, or some of: {known}")
    found = [place for place in places.values() if place is not None]
    return Subscription(
        kinds,
        frozenset(codes) if assets else None,
        frozenset().union(*(place.venues for place in found)) if venues else None,
        frozenset().union(*(place.exchanges for place in found)),
    )


def line_of(scope: Mapping[str, Any]) -> StreamLine:
    """The connection of a request. Raises Problem (503) where there is no room, and under another web server."""
    line = scope.get("state", {}).get(STATE)
    if not isinstance(line, StreamLine):
        raise Problem(503, "this web server has no streams, expected that of `manage.py runschedulers --serve`")
    if not line.admitted:
        raise server_full()
    return line


def owner_of(caller: Caller) -> tuple[object, ...]:
    """Whose streams count together."""
    return ("token", caller.token_id) if caller.token_id is not None else ("user", caller.user_id)


def check_origin(scope: Mapping[str, Any]) -> None:
    """Raises Problem (403) for a WebSocket that a page of another host opens, whatever it has to show.

    Only browsers send an Origin. Who has a token and is no browser does not meet this; a page that was given a token or
    a ticket belongs to our own host.
    """
    headers = dict(scope["headers"])
    if b"origin" in headers and not is_ours(headers):
        raise Problem(403, "the Origin of this WebSocket is not one of ours, expected a page of this host")


class Stay:
    """How long a caller may go on: while this process leads, its token is valid, or its session goes on.

    needed: the scope that the token must go on having.
    """

    def __init__(self, runtime: Runtime, scope: Mapping[str, Any], needed: str = "read") -> None:
        self._runtime, self._needed = runtime, needed
        self._scope = {"type": scope["type"], "method": scope.get("method", "GET"), "client": scope.get("client")}
        self._headers = dict(scope["headers"])
        self._caller: Caller = scope["ews_caller"]
        self._role = scope.get("state", {}).get("ews_role")
        self._lost = False

    def why_not(self) -> str:
        """ "" while the stream may go on, else why it ends."""
        if self._role is not None and not self._role.leading:
            return "this process leads no longer"
        caller, callers = self._caller, self._runtime.callers
        if caller.token_id is not None:
            now = callers.directory.of_id(caller.token_id, self._runtime.now())
            if now is None or not now.may(self._needed):
                return "the token was revoked or has expired, or may read no longer"
        return "the session has ended" if self._lost else ""

    async def renew(self) -> None:
        """Look whether a session still goes on. An outage of the database ends none."""
        if self._caller.kind != "session":
            return
        runtime = self._runtime
        try:
            await runtime.callers.of(self._scope, self._headers, runtime.now(), time.monotonic(), runtime.fetch_row)
        except Problem as problem:
            # 429: it was found to have ended, at an address from which too many wrong ones came.
            self._lost = problem.status in (401, 403, 429)
