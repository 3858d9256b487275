"""The ASGI application's front: paths under /api/ are authenticated here, once, before anybody else sees them.

Hot doors answer from the event loop; everything else goes on to Django, whose views find the caller in their scope.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from api import metrics
from api.bots.lists import allow, allow_lines, block, block_lines, pairs_csv
from api.bots.producer import producer
from api.doors.answers import Message, Receive, Scope, Send, send_empty, send_problem
from api.doors.can_trade import can_trade, can_trade_many
from api.doors.risk import risk, risk_of_asset
from api.doors.routes import At, Routes
from api.extra_doors import extra_doors
from api.problems import Problem
from api.push.server_sent import stream
from api.push.tickets import redeem, ticket
from api.push.websocket import websocket
from api.rest.door import RestDoor
from api.runtime import Runtime
from api.tokens.callers import tokens_in_url
from api.tokens.directory import Caller
from events.daemon.web_guard import BOTS, BodyRefused

logger = logging.getLogger(__name__)

Application = Callable[[Any, Any, Any], Awaitable[None]]

DOORS = (
    At("/api/v1/risk", {"GET": ("read", risk)}),
    At("/api/v1/risk/{asset}", {"GET": ("read", risk_of_asset)}),
    At("/api/v1/can-trade", {"GET": ("read", can_trade), "POST": ("read", can_trade_many)}),
    At("/api/v1/stream", {"GET": ("read", stream)}, redeem=redeem),
    At("/api/v1/ws", websocket=("read", websocket), redeem=redeem),
    At("/api/v1/ticket", {"POST": ("read", ticket)}),
    At("/api/v1/message/ws", websocket=("pairs", producer), pairs=True, pairs_in="token"),
    At("/bots/freqtrade/allow", {"GET": ("pairs", allow)}, pairs=True),
    At("/bots/freqtrade/block", {"GET": ("pairs", block)}, pairs=True),
    At("/bots/pairs.csv", {"GET": ("pairs", pairs_csv)}, pairs=True),
    At("/bots/allow.txt", {"GET": ("pairs", allow_lines)}, pairs=True),
    At("/bots/block.txt", {"GET": ("pairs", block_lines)}, pairs=True),
)
# Pages that people open without a token.
OPEN = ("/api/docs", "/api/openapi.json")
_OURS = ("/api/", BOTS)
_LISTS = tuple(at.pattern for at in DOORS if at.pattern.startswith(BOTS))
_THROUGH_DJANGO = "django"
_DJANGO_COST = 10.0
"""What a request that needs a thread of Django's counts, in requests of a hot door."""


class Gateway:
    """Wraps the application of Django. One runtime per event loop."""

    def __init__(self, application: Application, doors: tuple[At, ...] = DOORS) -> None:
        self._application = application
        self._rest = RestDoor()
        self._routes = Routes((*doors, *extra_doors()))
        self._runtimes: dict[asyncio.AbstractEventLoop, Runtime] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif not (scope["path"].startswith(_OURS) or scope["type"] == "websocket"):
            if not tokens_in_url(scope["path"], scope["query_string"]):
                await self._application(scope, receive, send)
            else:
                # Django would write the address into its log and show it on pages of errors.
                await send_problem(scope, send, Problem(400, "a token stands in the URL: revoke it and make another"))
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or pass on to Django; count what was answered."""
        found = self._routes.find(scope["path"])
        sent: list[int] = []

        async def noting(message: Message) -> None:
            if not sent and message["type"] in _FIRST:
                sent.append(message.get("status") or _FIRST[message["type"]])
            await send(message)

        try:
            await self._answer(found, scope, receive, noting)
        except Problem as problem:
            if sent:
                logger.exception("%s failed after it had begun to answer", found[0].pattern if found else "a door")
                raise
            await _refuse(scope, noting, problem)
        except BodyRefused:
            raise
        except Exception as error:
            if sent:
                raise
            # Who reads the answer must not take a page of text for data.
            logger.exception("%s cannot be answered", found[0].pattern if found else "a path of the API")
            await _refuse(scope, noting, Problem(500, f"internal error: {type(error).__name__}"))
        finally:
            if sent:
                metrics.answered(found[0].pattern if found else _THROUGH_DJANGO, sent[0])

    async def _answer(
        self, found: tuple[At, dict[str, str]] | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        at = found[0] if found else None
        if at is None and scope["type"] == "http" and _is_open(scope["path"]):
            if tokens_in_url(scope["path"], scope["query_string"]):
                raise Problem(400, "a token stands in the URL: revoke it and make another")
            await self._application(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        runtime = self._runtimes.get(loop)
        if runtime is None:
            runtime = self._runtimes[loop] = Runtime()
        await runtime.start()
        caller = await self._caller(runtime, scope, at)
        scope["ews_caller"] = caller
        monotonic = time.monotonic()
        if found is None or at is None:
            if scope["type"] == "websocket":
                raise Problem(404, f"no WebSocket is at {scope['path'][:200]}")
            if scope["path"].startswith(BOTS):
                runtime.callers.charge(caller, monotonic)
                raise Problem(404, f"nothing is at {scope['path'][:200]}, expected one of {', '.join(_LISTS)}")
            if caller.pairs_alone:
                raise Problem(403, f"the token {caller.name!r} is for lists of pairs alone")
            runtime.callers.charge(caller, monotonic, _DJANGO_COST)
            await self._rest(runtime, scope, receive, send)
            return
        if scope["type"] == "websocket":
            if at.websocket is None:
                raise Problem(404, f"no WebSocket is at {at.pattern}")
            needed, door = at.websocket
        elif scope["method"] == "OPTIONS":
            runtime.callers.charge(caller, monotonic)
            await send_empty(send, 204, ((b"allow", at.allowed.encode()),))
            return
        else:
            needed, door = at.door(scope["method"])
        if not caller.may(needed):
            raise Problem(403, f"{caller.name!r} lacks the scope {needed!r}, expected a token that has it")
        runtime.callers.charge(caller, monotonic)
        scope["ews_path"] = found[1]
        await door(runtime, scope, receive, send)

    async def _caller(self, runtime: Runtime, scope: Scope, at: At | None) -> Caller:
        query: bytes = scope["query_string"]
        tokens = tokens_in_url(scope["path"], query)
        if tokens:
            pairs = at is not None and at.pairs and tokens == [_parameter(query, at.pairs_in)]
            callers = runtime.callers
            return await callers.of_url(tokens[-1], scope, runtime.now(), time.monotonic(), pairs, runtime.fetch_row)
        if at is not None and at.redeem is not None and b"ticket=" in query:
            runtime.callers.admit_guess("ticket", scope, time.monotonic())
            caller = await at.redeem(runtime, scope, _parameter(query, "ticket"))
            if caller is None:
                runtime.callers.count_guess("ticket", scope, time.monotonic())
                metrics.refused("ticket")
                raise Problem(401, "the ticket was used or has ended, expected a new one")
            return caller
        headers = dict(scope["headers"])
        if len(headers) != len(scope["headers"]):
            # A proxy in front may have looked at another one than we do.
            given = [value for name, value in scope["headers"] if name == b"authorization"]
            if len(given) > 1:
                raise Problem(400, f"Authorization was given {len(given)} times, expected once")
            cookies = [value for name, value in scope["headers"] if name == b"cookie"]
            if cookies:
                headers[b"cookie"] = b"; ".join(cookies)
        return await runtime.callers.of(scope, headers, runtime.now(), time.monotonic(), runtime.fetch_row)

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


# The first message of an answer, and its status where it names none.
_FIRST = {"http.response.start": 0, "websocket.accept": 101, "websocket.close": 403,
          "websocket.http.response.start": 0}  # fmt: skip


def _is_open(path: str) -> bool:
    return any(path == name or path.startswith(f"{name}/") for name in OPEN)


def _parameter(query: bytes, name: str) -> str:
    return dict(parse_qsl(query.decode("latin-1"))).get(name, "")


async def _refuse(scope: Scope, send: Send, problem: Problem) -> None:
    """Send a problem; to a WebSocket as the answer to its handshake, or where the server cannot, by closing it."""
    if scope["type"] == "http":
        await send_problem(scope, send, problem)
    elif "websocket.http.response" in (scope.get("extensions") or {}):

        async def as_handshake(message: Message) -> None:
            await send({**message, "type": f"websocket.{message['type']}"})

        await send_problem(scope, as_handshake, problem)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": problem.detail[:100]})
