"""The ASGI application's front: paths under /api/ are authenticated here, once, before anybody else sees them.

Hot doors answer from the event loop; everything else goes on to Django, whose views find the caller in their scope.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from api.doors.answers import Receive, Scope, Send, header, send_problem
from api.doors.can_trade import can_trade
from api.doors.risk import risk
from api.problems import Problem
from api.rest.door import RestDoor
from api.runtime import Runtime
from api.tokens.directory import Caller, Refused

Application = Callable[[Any, Any, Any], Awaitable[None]]
Door = Callable[[Runtime, Scope, Receive, Send], Awaitable[None]]

# Path → method → scope and door.
DOORS: dict[str, dict[str, tuple[str, Door]]] = {
    "/api/v1/risk": {"GET": ("read", risk)},
    "/api/v1/can-trade": {"GET": ("read", can_trade)},
}
# Pages that people open without a token.
OPEN = ("/api/docs", "/api/openapi.json")


class Gateway:
    """Wraps the application of Django. One runtime per event loop."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._rest = RestDoor()
        self._runtimes: dict[asyncio.AbstractEventLoop, Runtime] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] != "http" or not scope["path"].startswith("/api/") or scope["path"].startswith(OPEN):
            await self._application(scope, receive, send)
        else:
            try:
                await self._serve(scope, receive, send)
            except Problem as problem:
                await send_problem(scope, send, problem)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        runtime = self._runtimes.setdefault(asyncio.get_running_loop(), Runtime())
        await runtime.start()
        caller = self._caller(runtime, scope)
        scope["ews_caller"] = caller
        methods = DOORS.get(scope["path"])
        if methods is None:
            await self._rest(scope, receive, send)
            return
        if scope["method"] not in methods:
            allowed = ", ".join(methods)
            raise Problem(405, f"{scope['method']} is not for {scope['path']}, expected {allowed}")
        needed, door = methods[scope["method"]]
        if not caller.may(needed):
            raise Problem(403, f"the token {caller.name!r} lacks the scope {needed!r}")
        await door(runtime, scope, receive, send)

    def _caller(self, runtime: Runtime, scope: Scope) -> Caller:
        kind, _, token = header(scope, b"authorization").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Problem(401, "no token was given, expected the header `Authorization: Bearer ews_…`",
                          headers=((b"www-authenticate", b"Bearer"),))  # fmt: skip
        if not runtime.directory.loaded:
            raise Problem(503, "the tokens cannot be read: the database has not answered yet")
        try:
            return runtime.directory.caller(token.strip(), datetime.now(UTC))
        except Refused as refused:
            raise Problem(401, str(refused), headers=((b"www-authenticate", b"Bearer"),)) from None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                runtime = self._runtimes.pop(asyncio.get_running_loop(), None)
                if runtime is not None:
                    await runtime.stop()
                self._rest.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return
