"""The HTTP server that plays the upstreams of a drill on 127.0.0.1. Its answers bear the time of the crisis."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

logger = logging.getLogger(__name__)

Page = Callable[[str, Mapping[str, str]], Any]
"""Path and query → JSON, or a text that is sent as HTML. Raises LookupError for what there is not."""


class CrisisServer:
    """Serves pages by the beginning of their path, the longest first. Use it in a `with` block."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._pages: dict[str, Page] = {}
        self._server = _Listener(("127.0.0.1", 0), _Handler)
        self._server.crisis = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="drill upstreams", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def serve(self, path: str, page: Page) -> None:
        self._pages[path] = page

    def answer(self, target: str) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        parts = urlsplit(target)
        beginning = max((path for path in self._pages if parts.path.startswith(path)), key=len, default=None)
        try:
            if beginning is None:
                raise LookupError("no such upstream")
            answer = self._pages[beginning](parts.path, dict(parse_qsl(parts.query)))
        except LookupError as error:
            return 404, "application/json", json.dumps({"error": str(error)}).encode()
        if isinstance(answer, str):
            return 200, "text/html; charset=utf-8", answer.encode()
        return 200, "application/json", json.dumps(answer, separators=(",", ":")).encode()

    def date(self) -> str:
        return format_datetime(self._now().replace(microsecond=0), usegmt=True)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    crisis: CrisisServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: apart, the second waits 40 ms for the first one's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Listener

    def do_GET(self) -> None:
        status, kind, body = self.server.crisis.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.server.crisis.date()

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)
