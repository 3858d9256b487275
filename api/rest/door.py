"""The way from the event loop to ninja's views: a few threads of our own, each with a connection that it keeps.

Under Django's own ASGI handler each request would start a thread and log in to the database, however many come: a flood
of lists would take every connection that the daemon needs. Here a slow list delays other lists, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, cast

from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections, connections
from django.http import HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve

from api.problems import Problem
from api.runtime import Runtime
from events.daemon.web_guard import Receive, Scope, Send

logger = logging.getLogger(__name__)

THREADS = 4
MOST_WAITING = 64
BODY_BYTES = 262_144
ANSWER_SECONDS = 20.0
LOOK_SECONDS = 0.5


class RestDoor:
    """Serves the paths of ninja. The caller is authenticated, and stands in `scope["ews_caller"]`."""

    def __init__(self, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self._count, self._most_waiting = threads, most_waiting
        self._threads: ThreadPoolExecutor | None = None
        self._waiting = 0

    async def __call__(self, runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer. Raises Problem where there is no thread for the request, or its body is too large."""
        if "database" in runtime.picture.freshness().stale_sources:
            # A thread would wait for it for ten seconds, and hold a place that others need.
            raise Problem(503, "the database does not answer", headers=((b"retry-after", b"2"),))
        body = await _body(scope, receive)
        if body is None:
            return
        if self._waiting >= self._most_waiting:
            raise Problem(503, f"{self._waiting} requests wait already, expected fewer at a time",
                          headers=((b"retry-after", b"1"),))  # fmt: skip
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._count, "api-rest")
        self._waiting += 1
        task = asyncio.get_running_loop().run_in_executor(self._threads, _respond, scope, body)
        task.add_done_callback(self._ended)
        reads = scope["method"] in ("GET", "HEAD")
        late = await _lateness(task, runtime, reads)
        if late:
            if not reads:
                late += "; it may be done yet: send it again with the same Idempotency-Key"
            raise Problem(503, late, headers=((b"retry-after", b"2"),))
        await _send(scope, send, task.result())

    def stop(self) -> None:
        """End the threads and their connections, without waiting for a database that hangs."""
        threads, self._threads = self._threads, None
        if threads is not None:
            together = threading.Barrier(self._count)
            for _ in range(self._count):
                threads.submit(_close, together)
            threads.shutdown(wait=False)

    def _ended(self, task: asyncio.Future[HttpResponseBase]) -> None:
        self._waiting -= 1
        if not task.cancelled():
            task.exception()


async def _lateness(task: asyncio.Future[HttpResponseBase], runtime: Runtime, reads: bool) -> str:
    """Wait for the task: why it is waited for no longer, or nothing, and it is done.

    Who reads is told of an outage as soon as it is noticed, also one that began after the question.
    """
    until = time.monotonic() + ANSWER_SECONDS
    while (left := until - time.monotonic()) > 0:
        await asyncio.wait({task}, timeout=min(left, LOOK_SECONDS))
        if task.done():
            return ""
        if reads and "database" in runtime.picture.freshness().stale_sources:
            return "the database does not answer"
    return f"no answer within {ANSWER_SECONDS:g} s"


def _close(together: threading.Barrier) -> None:
    # Each thread waits for the others, so that none closes twice and leaves another's open.
    with contextlib.suppress(threading.BrokenBarrierError):
        together.wait(1.0)
    connections.close_all()


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The body of a request; None: the caller has left. Raises Problem (413)."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_BYTES:
            raise Problem(413, f"the body has over {BODY_BYTES} bytes, expected fewer")
        if not message.get("more_body", False):
            return b"".join(parts)


def _respond(scope: Scope, body: bytes) -> HttpResponseBase:
    """In a thread: one request through ninja. Raises Problem."""
    request: Any = ASGIRequest(dict(scope), BytesIO(body))
    if request.method == "HEAD":
        request.method = "GET"
    try:
        close_old_connections()
        match = resolve(request.path_info)
        return cast("HttpResponseBase", match.func(request, *match.args, **match.kwargs))
    except Resolver404:
        raise Problem(404, f"{request.path} is no path of the API; /api/openapi.json lists them") from None
    except Exception as error:
        logger.exception("a request of the API failed")
        raise Problem(500, f"internal error: {type(error).__name__}; the log of the server has more") from None
    finally:
        close_old_connections()


async def _send(scope: Scope, send: Send, response: HttpResponseBase) -> None:
    """Raises Problem where ninja refuses a method."""
    if response.status_code == 405:
        methods = {method.strip() for method in response.get("Allow", "").split(",")}
        allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
        raise Problem(405, f"the method was {scope['method']}, expected {allowed}",
                      headers=((b"allow", allowed.encode()),))  # fmt: skip
    content = response.content if isinstance(response, HttpResponse) else b""
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in response.items()]
    unchanged = response.has_header("ETag") and _is_known(response["ETag"], scope)
    if unchanged:
        headers = [(name, value) for name, value in headers if name != b"content-type"]
    else:
        headers.append((b"content-length", str(len(content)).encode()))
    headers += [(b"cache-control", b"no-store" if "ETag" not in response else b"private, no-cache"),
                (b"x-content-type-options", b"nosniff")]  # fmt: skip
    await send(
        {"type": "http.response.start", "status": 304 if unchanged else response.status_code, "headers": headers}
    )
    await send({"type": "http.response.body", "body": b"" if unchanged or scope["method"] == "HEAD" else content})


def _is_known(tag: str, scope: Scope) -> bool:
    """Whether the caller has what the tag is of: weak comparison, RFC 9110 section 13.1.2."""
    given = b",".join(value for name, value in scope["headers"] if name == b"if-none-match").decode("latin-1")
    known = {one.strip().removeprefix("W/") for one in given.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
