"""The web pages inside the daemon: uvicorn in a thread; a stand-by answers for its health only."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


STOPPING = threading.Event()
"""Set while this process's web pages are going down: answers that last for ever end now, or they are cut off."""


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

    def __init__(self, application: Callable[[Any, Any, Any], Awaitable[None]], role: Role) -> None:
        self._application, self._role = application, role

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._role.leading or scope["type"] != "http":
            await self._application(scope, receive, send)
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


class WebServer:
    """Serves Django on `host:port` from a thread. Raises OSError from the constructor where the port is taken."""

    def __init__(self, host: str, port: int, role: Role) -> None:
        from crypto_ews.asgi import application

        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}/"
        self._server = uvicorn.Server(
            uvicorn.Config(
                StandbyGate(application, role),
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
        self._thread.start()

    def stop(self) -> None:
        STOPPING.set()
        self._server.should_exit = True
        self._thread.join(4)
        self._socket.close()
