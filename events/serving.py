"""The web pages inside the daemon: uvicorn in a thread; a stand-by answers for its health only."""

from __future__ import annotations

import json
import logging
import socket
import threading
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import uvicorn

from events.web_guard import Application, BodyLimit, Limits, Receive, Scope, Send, guarded_http, raise_file_limit

logger = logging.getLogger(__name__)

STOPPING = threading.Event()
"""Set while this process's web pages are going down: answers that last for ever end now, or they are cut off."""


class Exposure:
    """Where this process serves its web pages; None before it does, and under another server."""

    def __init__(self) -> None:
        self.bound_to: str | None = None

    def is_private(self, public_host: str | None) -> bool:
        """Whether only this machine reaches the pages: both what they are bound to and their public name are loopback.

        public_host: of PUBLIC_BASE_URL. A loopback address alone proves nothing: a proxy may stand before it.
        """
        return _is_loopback(self.bound_to) and _is_loopback(public_host)


def _is_loopback(host: str | None) -> bool:
    if not host:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


EXPOSURE = Exposure()


class Role:
    """Whether this process leads, shared between the daemon's main thread and its web pages."""

    def __init__(self) -> None:
        self.leading = False
        self.obstacle = ""
        """Why nobody leads from here although nobody else is known to: the database is away, or lacks its schema."""


class StandbyGate:
    """ASGI middleware: while the process does not lead, /healthz says why and everything else is refused.

    200 only while another daemon leads: a process that can neither lead nor see a leader is not healthy.
    """

    def __init__(self, application: Application, role: Role) -> None:
        self._application, self._role = application, role

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._role.leading or scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1013})
            return
        obstacle = self._role.obstacle
        healthy = scope["path"] == "/healthz" and not obstacle
        body: dict[str, Any]
        if obstacle:
            body = {"healthy": False, "role": "waiting", "error": obstacle}
        else:
            body = {"role": "standby"} if healthy else {"error": "this daemon stands by; ask the leading one"}
        await send(
            {
                "type": "http.response.start",
                "status": 200 if healthy else 503,
                "headers": [(b"content-type", b"application/json")],
            }
        )
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})


class _Server(uvicorn.Server):
    """uvicorn takes one number for how many are accepted in one turn of the loop, which has to be small for the cap on
    connections to be kept, and for how many the kernel may hold for us: behind a short queue a SYN is dropped, and
    whoever sent it waits for a second.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(2048)


class WebServer:
    """Serves Django on `host:port` from a thread. Raises OSError from the constructor where the port is taken."""

    def __init__(self, host: str, port: int, role: Role, limits: Limits = Limits()) -> None:  # noqa: B008 (frozen)
        from crypto_ews.asgi import application

        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}/"
        self._host = host
        limits = replace(limits, connections=max(10, min(limits.connections, raise_file_limit())))
        self._server = _Server(
            uvicorn.Config(
                BodyLimit(StandbyGate(application, role), limits),
                http=guarded_http(limits),
                # Nothing here speaks WebSocket yet; uvicorn would hand it to Django, which breaks with a traceback.
                ws="none",
                # How many are accepted in one turn of the loop.
                backlog=100,
                lifespan="off",
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
        # At once: who comes while the thread begins waits in the queue, and is not refused.
        self._socket.listen(100)
        self._thread.start()

    def stop(self) -> None:
        STOPPING.set()
        self._server.should_exit = True
        self._thread.join(4)
        self._socket.close()
