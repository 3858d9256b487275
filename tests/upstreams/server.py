"""The loopback server: HTTP/1.1 with keep-alive, a thread per connection, routes that play scripts."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.upstreams.steps import Answer, Reply, as_step
from tests.upstreams.wire import Request, Wire


class At:
    """A step of a timed script: in force from `seconds` after the server's start until the next one's time."""

    def __init__(self, seconds: float, answer: Answer) -> None:
        self.seconds = seconds
        self.answer = answer


class Route:
    """A path with its script. Untimed answers are used one per request, the last one for ever; timed ones (`At`) by
    the server's clock. Before its first time a timed route does not exist."""

    def __init__(
        self,
        path: str | re.Pattern[str],
        answers: tuple[Answer | At, ...],
        match_query: Mapping[str, str],
        method: str | None,
    ) -> None:
        self._path = path
        self._match_query = {name: str(value) for name, value in match_query.items()}
        self._method = method
        self._retired = False
        self._lock = threading.Lock()
        self.replace(*answers)

    def replace(self, *answers: Answer | At) -> None:
        """Start over with another script."""
        timed = [answer for answer in answers if isinstance(answer, At)]
        if not answers or 0 < len(timed) < len(answers):
            raise ValueError("a route needs at least one answer, and either all or none of them timed with At")
        with self._lock:
            self._timed = sorted(timed, key=lambda step: step.seconds)
            self._script: list[Any] = [] if timed else list(answers)

    def retire(self) -> None:
        """Match nothing from now on: what it stood before is answered again."""
        self._retired = True

    def matches(self, request: Request) -> bool:
        if self._retired:
            return False
        if self._method not in (None, request.method):
            return False
        if self._timed and request.elapsed < self._timed[0].seconds:
            return False
        query = request.query
        return self._matches_path(request.path) and all(
            query.get(name) == value for name, value in self._match_query.items()
        )

    def _matches_path(self, path: str) -> bool:
        if isinstance(self._path, re.Pattern):
            return self._path.fullmatch(path) is not None
        return fnmatchcase(path, self._path) if "*" in self._path else path == self._path

    def take(self, request: Request) -> Answer:
        with self._lock:
            if self._timed:
                return [step for step in self._timed if step.seconds <= request.elapsed][-1].answer
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]


class UpstreamServer:
    """Plays upstreams on 127.0.0.1. Use it in a `with` block, or call `start` and `stop`.

    `port` 0 takes a free one. With `tls` (an `ssl.SSLContext` of the server side) it speaks HTTPS. `clock` (seconds,
    only differences count) drives the timed scripts, so that a test moves through a day without waiting.
    """

    def __init__(
        self, port: int = 0, *, tls: ssl.SSLContext | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.stopping = threading.Event()
        self._tls = tls
        self._clock = clock
        self._started = clock()
        self._routes: list[Route] = []
        self._log: list[Request] = []
        self._changed = threading.Condition()
        self._server = _Listener(("127.0.0.1", port), _Handler, self)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._started = self._clock()
        self._thread.start()

    def stop(self) -> None:
        self.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.close_connections()
        self._server.server_close()

    @property
    def elapsed(self) -> float:
        """Seconds since the start, by the server's clock."""
        return self._clock() - self._started

    def url(self, path: str = "/", *, scheme: str | None = None) -> str:
        """The URL of a path; another `scheme` than the server speaks makes a TLS fault."""
        return f"{scheme or ('https' if self._tls else 'http')}://127.0.0.1:{self.port}{path}"

    def route(
        self,
        path: str | re.Pattern[str],
        *answers: Answer | At,
        match_query: Mapping[str, Any] | None = None,
        method: str | None = None,
    ) -> Route:
        """Answer a path (exact, a glob with `*`, or a compiled pattern that must match whole) by a script.

        `match_query` names parameters that a request must carry with these values. Later routes go before earlier ones.
        """
        route = Route(path, answers, match_query or {}, method)
        with self._changed:
            self._routes.insert(0, route)
        return route

    def unroute(self, route: Route) -> None:
        """Take a route away: what stood behind it answers again."""
        with self._changed:
            self._routes.remove(route)

    @property
    def requests(self) -> list[Request]:
        """Every request so far, in order of arrival."""
        with self._changed:
            return list(self._log)

    def requests_to(self, path: str | None = None) -> list[Request]:
        """Those to one path (exact, or a glob with `*`); all without a path."""
        return [item for item in self.requests if path is None or fnmatchcase(item.path, path)]

    def wait_for(self, count: int, path: str | None = None, deadline: float = 5.0) -> list[Request]:
        """The requests to `path` as soon as there are `count`; AssertionError after `deadline` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.requests_to(path)) >= count, deadline):
                came = [f"{item.method} {item.path}" for item in self._log[-20:]]
                raise AssertionError(
                    f"{count} requests to {path or 'any path'} were due in {deadline:g} s; came: {came}"
                )
            return self.requests_to(path)

    def answer(self, request: Request) -> Answer:
        with self._changed:
            self._log.append(request)
            self._changed.notify_all()
            route = next((route for route in self._routes if route.matches(request)), None)
        if route is not None:
            return route.take(request)
        return Reply({"error": "no route", "method": request.method, "path": request.path}, 404)

    def wrap(self, connection: Any) -> Any:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[_Handler], upstream: UpstreamServer) -> None:
        self.upstream = upstream
        self._open: set[Any] = set()
        self._guard = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # HTTPServer looks its own name up, which asks a resolver that may not be there.
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        # In the connection's own thread: a handshake that hangs must not keep others from being accepted.
        with suppress(OSError):  # TLS faults and clients that go away are what tests play.
            connection = self.upstream.wrap(request)
            with self._guard:
                self._open.add(connection)
            try:
                super().finish_request(connection, client_address)
            finally:
                self.shutdown_request(connection)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End the kept-alive connections, whose threads wait for a next request."""
        with self._guard:
            for connection in self._open:
                with suppress(OSError):  # It may have ended just now.
                    connection.shutdown(2)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

    def _handle(self) -> None:
        upstream = self.server.upstream
        length = int(self.headers.get("content-length") or 0)
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            received=time.monotonic(),
            elapsed=upstream.elapsed,
        )
        wire = Wire(self.connection, upstream.stopping)
        try:
            as_step(upstream.answer(request), request).play(request, wire)
        except OSError:
            # The client gave up, which is what a fault is meant to bring about.
            wire.keep_alive = False
        if not wire.keep_alive:
            self.close_connection = True

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = _handle

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: `requests` is the log."""
