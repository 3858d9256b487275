"""The web server of the daemon: uvicorn in a thread. A stand-by answers /healthz only."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import uvicorn
from django.conf import settings
from django.db import close_old_connections, connections
from django.http.request import split_domain_port, validate_host

from crypto_ews.conf import get_config
from events.daemon.web_guard import (
    Application,
    BodyLimit,
    Limits,
    Receive,
    Scope,
    Send,
    guarded_http,
    raise_file_limit,
    send_refusal,
)
from events.daemon.web_streams import guarded_websocket

logger = logging.getLogger(__name__)

Health = Callable[[], tuple[int, dict[str, Any]]]

STOPPING = threading.Event()
"""Set while the web server of this process stops: endless answers end now, or they are cut off."""


class Exposure:
    """The address that this process serves its web pages on; None before that, and under another server."""

    def __init__(self) -> None:
        self.bound_to: str | None = None

    def is_private(self, public_host: str | None) -> bool:
        """Whether only this machine reaches the pages: both the bound address and the public name are loopback.

        public_host: of PUBLIC_BASE_URL. A loopback address alone proves nothing: a proxy may be in front of it.
        """
        return is_loopback(self.bound_to) and is_loopback(public_host)


def is_loopback(host: str | None) -> bool:
    """Whether a host, a name or an address, is this machine and is reached from nowhere else."""
    if not host:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


EXPOSURE = Exposure()


class Role:
    """Whether this process leads, shared between the daemon's main thread and its web pages."""

    patience_seconds = 20.0
    """One check of the database takes two connection attempts of at most ten seconds."""

    def __init__(self) -> None:
        self.leading = False
        self._obstacle = "the daemon has not asked the database yet"
        self._looked_at = time.monotonic()

    def looked(self, obstacle: str) -> None:
        """The main thread has tried to become leader just now.

        obstacle: why this process cannot lead although no other leader is known: the database cannot be reached, or
        lacks its schema. "" while another daemon leads.
        """
        self._obstacle, self._looked_at = obstacle, time.monotonic()

    def ends(self, obstacle: str) -> None:
        """This process leads no longer, and no other leader is known yet."""
        self.looked(obstacle)
        self.leading = False

    @property
    def obstacle(self) -> str:
        """Why this process neither leads nor sees a leader; "" where one of both holds. An old look does not count."""
        silent = time.monotonic() - self._looked_at
        if not self._obstacle and silent > self.patience_seconds:
            return f"the database has not answered for {silent:.0f} s"
        return self._obstacle


class StandbyGate:
    """ASGI middleware: while the process does not lead, /healthz has the reason and all other pages are refused.

    200 only while another daemon leads: a process that can neither lead nor see a leader is not healthy.
    """

    def __init__(self, application: Application, role: Role) -> None:
        self._application, self._role = application, role

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._role.leading or scope["type"] == "lifespan":
            # A stream outlives the moment: it ends when this process leads no longer.
            scope.setdefault("state", {})["ews_role"] = self._role
            await self._application(scope, receive, send)
            return
        obstacle = self._role.obstacle
        websocket = scope["type"] == "websocket"
        if scope["path"] == "/healthz" and not websocket:
            waiting = {"healthy": False, "role": "waiting", "error": obstacle}
            await send_json(send, 503 if obstacle else 200, waiting if obstacle else {"role": "standby"})
            return
        more = {"healthy": False, "role": "waiting"} if obstacle else {}
        await send_refusal(
            scope,
            send,
            503,
            obstacle or "this daemon stands by; ask the leading one",
            "websocket.http.response" if websocket else "http.response",
            ((b"retry-after", b"1"),),
            **more,
        )


class HealthGate:
    """ASGI middleware: /healthz as a thread found it within the last second, on a connection that it keeps.

    /healthz must be answered while strangers flood the pages. Through Django each request would start a thread and log
    in to the database, would wait in one queue with all pages, and would compete for the interpreter at each of ten
    queries. A database that does not answer is a 503 within a few seconds.
    """

    look_seconds = 1.0
    patience_seconds = 5.0

    def __init__(self, application: Application, look: Health, role: Role) -> None:
        """look: gives status and body; called once a second while the process leads."""
        self._application, self._look, self._role = application, look, role
        self._seen: tuple[float, int, dict[str, Any]] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="healthz", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and its connection, without waiting for a database that hangs."""
        self._stop.set()
        self._thread.join(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/healthz" or not _is_for_us(scope):
            await self._application(scope, receive, send)
            return
        until = time.monotonic() + self.patience_seconds
        while self._seen is None and time.monotonic() < until:
            await asyncio.sleep(0.02)
        seen = self._seen
        if seen is None or time.monotonic() - seen[0] > self.patience_seconds:
            silent = self.patience_seconds if seen is None else time.monotonic() - seen[0]
            await send_json(send, 503, {"healthy": False, "error": f"the database has not answered for {silent:.0f} s"})
        else:
            await send_json(send, *seen[1:])

    def _watch(self) -> None:
        while not self._stop.is_set():
            if not self._role.leading:
                # A result of an earlier time as leader is worth nothing.
                self._seen = None
                self._stop.wait(0.05)
                continue
            close_old_connections()
            try:
                self._seen = (time.monotonic(), *self._look())
            except Exception as error:
                # A fault of ours: the answer names it, and the thread goes on.
                logger.exception("/healthz cannot be answered")
                body = {"healthy": False, "error": f"internal error: {type(error).__name__}"}
                self._seen = (time.monotonic(), 503, body)
            close_old_connections()
            self._stop.wait(self.look_seconds)
        connections.close_all()


def _is_for_us(scope: Scope) -> bool:
    """Whether Django would answer under this host name; a request that it refuses is passed on to it."""
    named = next((value for name, value in scope["headers"] if name == b"host"), b"")
    host, _ = split_domain_port(named.decode("latin-1"))
    return scope["method"] in ("GET", "HEAD") and validate_host(host, settings.ALLOWED_HOSTS)


async def send_json(send: Send, status: int, body: Mapping[str, Any]) -> None:
    content = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


class _Server(uvicorn.Server):
    """Separates two limits that uvicorn sets by one number.

    How many connections are accepted in one turn of the loop must be small for the cap on connections to work. How many
    the kernel queues must be large: a SYN that finds the queue full is dropped, and its sender waits for a second.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(2048)


class WebServer:
    """Serves `application` on `host:port` from a thread.

    health: status and body of /healthz; it may block. limits: by default those of the configuration. Raises OSError
    from the constructor where the port is taken.
    """

    def __init__(
        self,
        host: str,
        port: int,
        role: Role,
        application: Application,
        health: Health,
        limits: Limits | None = None,
    ) -> None:
        config = get_config()
        limits = limits or Limits(connections=config.web_connections, streams=config.api_streams)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_DEFER_ACCEPT"):
            # The kernel keeps connections without a request: hundreds at once would cost as many turns of our loop.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, round(limits.head_seconds))
        self._socket.bind((host, port))
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}/"
        self._host = host
        fit = raise_file_limit()
        connections = max(10, min(limits.connections, fit))
        limits = replace(limits, connections=connections, streams=max(10, min(limits.streams, fit - connections)))
        http = guarded_http(limits)
        self._health = HealthGate(application, health, role)
        self._server = _Server(
            uvicorn.Config(
                BodyLimit(StandbyGate(self._health, role), limits),
                http=http,
                ws=guarded_websocket(http.lines, limits.stream_seconds, limits.streams),
                # What readers send us is a subscription.
                ws_max_size=65_536,
                # A few bytes of a compressed frame can be gigabytes, and a broadcast would be compressed per reader.
                ws_per_message_deflate=False,
                # Long: a healthy reader has megabytes to take before it sees the ping.
                ws_ping_timeout=60,
                # How many connections are accepted in one turn of the loop.
                backlog=100,
                lifespan="auto",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="web", daemon=True
        )

    def start(self) -> None:
        STOPPING.clear()
        EXPOSURE.bound_to = self._host
        # At once: a connection during the start of the thread waits in the queue and is not refused.
        self._socket.listen(100)
        self._health.start()
        self._thread.start()

    @property
    def is_serving(self) -> bool:
        """Whether the server's thread is alive."""
        return self._thread.is_alive()

    def stop(self) -> None:
        STOPPING.set()
        self._server.should_exit = True
        self._thread.join(4)
        self._health.stop()
        EXPOSURE.bound_to = None
        self._socket.close()
