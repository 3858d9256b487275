"""One HTTP exchange under a total deadline and a size limit, over `requests`.

The timeouts of `requests` count from byte to byte: an upstream that sends one byte every few seconds blocks its caller
for hours. So each exchange runs in a separate thread. The caller waits for exactly the rest of the deadline, then shuts
the socket down under the worker and goes on. This bounds name resolution, connecting, the TLS handshake, headers and
body alike; a resolver that hangs costs an abandoned daemon thread.
"""

from __future__ import annotations

import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as u3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

FaultKind = Literal["timeout", "dns", "connect", "reset", "tls", "proxy", "protocol", "truncated", "configuration"]
# A load balancer may drop an idle connection silently; a request on it would wait for the full deadline.
IDLE_LIMIT_S = 30.0
_CHUNK = 64 * 1024
_current = threading.local()


class TransportFault(Exception):
    """No answer, or not all of it. `kind` is for decisions, `detail` a clause for people, without the URL.

    `exchange` has what did arrive: `status` and `headers` are set when only the body failed.
    """

    def __init__(self, kind: FaultKind, detail: str, exchange: Exchange) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail
        self.exchange = exchange


@dataclass
class Exchange:
    """One request in progress: what has arrived so far, and the handle to stop it.

    `asked_at`, `headers_at` and `finished_at` are times of the injected clock. `oversized`: the body was not read to
    its end, since it or its declared length is above the limit. `reused`: the connection had served an earlier request.
    """

    asked_at: datetime
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    headers_at: datetime | None = None
    finished_at: datetime | None = None
    body: bytearray = field(default_factory=bytearray)
    declared: int | None = None
    oversized: bool = False
    error: BaseException | None = None
    connected: bool = False
    reused: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _handle: socket.socket | None = None
    _cancelled: bool = False

    def watch(self, sock: Any, *, reused: bool) -> None:
        """Keep a second handle on the connection, valid before, during and after the TLS handshake wraps it."""
        with self._lock:
            if self._cancelled:
                raise TimeoutError("the exchange was given up")
            self._close_handle()
            self._handle = socket.socket(fileno=os.dup(sock.fileno()))
            self.connected = True
            self.reused = reused

    def cancel(self) -> None:
        """Wake the worker from whatever read or write it is blocked in."""
        with self._lock:
            self._cancelled = True
            if self._handle is not None:
                with suppress(OSError):  # The peer may have closed already; nothing is left to stop then.
                    self._handle.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        with self._lock:
            self._close_handle()

    def _close_handle(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class _WatchedConnection(HTTPConnection):
    """Reports its socket to the exchange of the current thread, and is not reused after a long silence."""

    _used_at = 0.0

    def _new_conn(self) -> socket.socket:
        self._used_at = 0.0
        sock = super()._new_conn()
        _watch(sock, reused=False)
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            _watch(self.sock, reused=self._used_at > 0)
        super().request(*args, **kwargs)
        self._used_at = time.monotonic()

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._used_at < IDLE_LIMIT_S


class _WatchedTlsConnection(_WatchedConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


def _watch(sock: Any, *, reused: bool) -> None:
    exchange: Exchange | None = getattr(_current, "exchange", None)
    if exchange is not None:
        exchange.watch(sock, reused=reused)


class Transport:
    """Sends single requests (no redirects, cookies or retries); safe to share between threads."""

    def __init__(self, user_agent: str, now: Callable[[], datetime]) -> None:
        self._now = now
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _WatchedAdapter(pool_connections=32, pool_maxsize=16))

    def close(self) -> None:
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        ends: float,
        limit_s: float,
        max_bytes: int,
    ) -> Exchange:
        """Send one request and read at most `max_bytes` of the decoded answer.

        `ends` is the time of `time.monotonic()` at which the caller stops waiting; `limit_s` is the full deadline, for
        the message only. Raises TransportFault.
        """
        exchange = Exchange(asked_at=self._now())
        left = ends - time.monotonic()
        if left <= 0:
            raise TransportFault("timeout", f"no answer within {limit_s:g} s", exchange)
        worker = threading.Thread(
            target=self._work,
            args=(exchange, method, url, dict(headers), body, left, max_bytes),
            name="http-exchange",
            daemon=True,
        )
        worker.start()
        try:
            finished = exchange.done.wait(ends - time.monotonic())
        finally:
            if not exchange.done.is_set():
                exchange.cancel()
        if not finished:
            raise TransportFault("timeout", _timeout_detail(exchange, limit_s), exchange)
        if exchange.error is not None:
            kind = classify(exchange.error, exchange, urlsplit(url).hostname or "", limit_s)
            if kind is None:
                raise exchange.error
            raise TransportFault(*kind, exchange)
        return exchange

    def _work(
        self,
        exchange: Exchange,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        left: float,
        max_bytes: int,
    ) -> None:
        _current.exchange = exchange
        try:
            self._exchange(exchange, method, url, headers, body, left, max_bytes)
        except BaseException as error:  # noqa: BLE001  (handed to the caller, who raises it)
            exchange.error = error
        finally:
            exchange.release()
            exchange.done.set()

    def _exchange(
        self,
        exchange: Exchange,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes | None,
        left: float,
        max_bytes: int,
    ) -> None:
        prepared = self._session.prepare_request(requests.Request(method, url, headers=headers, data=body))
        target = prepared.url or url
        # None removes the environment's proxy: a request to this machine must not leave it.
        direct: Any = {"http": None, "https": None, "all": None} if is_loopback(target) else {}
        settings: Any = self._session.merge_environment_settings(target, direct, True, None, None)
        # The adapter is called directly: Session.send reads the full body of a redirect into memory.
        response = self._session.get_adapter(target).send(prepared, timeout=left, **settings)
        with response:
            exchange.headers = {name.lower(): value for name, value in response.headers.items()}
            exchange.headers_at = self._now()
            exchange.status = response.status_code
            declared = exchange.headers.get("content-length", "")
            exchange.declared = int(declared) if declared.isascii() and declared.isdigit() else None
            if exchange.declared is not None and exchange.declared > max_bytes:
                exchange.oversized = True
            else:
                for chunk in response.raw.stream(_CHUNK, decode_content=True):
                    exchange.body += chunk[: max_bytes - len(exchange.body) + 1]
                    if len(exchange.body) > max_bytes:
                        exchange.oversized = True
                        break
        exchange.finished_at = self._now()


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine: `localhost`, `*.localhost`, 127.0.0.0/8, ::1."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def classify(error: BaseException, exchange: Exchange, host: str, limit_s: float) -> tuple[FaultKind, str] | None:
    """The kind of a transport fault and a clause that describes it; None where the error is a bug of ours.

    The texts of the libraries' errors are never used: they quote the URL, secrets included.
    """
    chain = list(_causes(error))
    when = "while its body was read" if exchange.status is not None else "before an answer came"

    def first(*kinds: type[BaseException]) -> Any:
        return next((item for item in chain if isinstance(item, kinds)), None)

    if first(u3.LocationParseError, requests.exceptions.InvalidHeader, requests.exceptions.InvalidSchema):
        return "configuration", "the URL or a header cannot be used in an HTTP request"
    if first(requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, UnicodeError):
        return "configuration", "the URL cannot be read"
    if first(u3.ProxyError, u3.ProxySchemeUnknown, requests.exceptions.InvalidProxyURL):
        return "proxy", "the configured proxy cannot be used"
    if first(socket.gaierror, u3.NameResolutionError):
        return "dns", f"the host name {host} cannot be resolved"
    # A refused connection is a NewConnectionError, which urllib3 derives from its timeouts.
    if any(
        isinstance(item, TimeoutError | u3.TimeoutError) and not isinstance(item, u3.NewConnectionError)
        for item in chain
    ):
        return "timeout", _timeout_detail(exchange, limit_s)
    if short := first(u3.InvalidChunkLength):
        if short.length:
            return "protocol", "the body's chunks are not valid HTTP"
        return "truncated", f"the answer broke off after {len(exchange.body)} bytes"
    if short := first(u3.IncompleteRead, http.client.IncompleteRead):
        of = f" of {exchange.declared}" if exchange.declared is not None else ""
        return "truncated", f"the answer broke off after {short.partial}{of} bytes"
    if fault := first(ssl.SSLError):
        if exchange.status is not None:
            return "truncated", f"the answer broke off after {len(exchange.body)} bytes"
        reason = getattr(fault, "verify_message", "") or (fault.reason or "").replace("_", " ").lower()
        return "tls", f"TLS failed: {reason or 'the connection was closed in the handshake'}"
    if first(u3.SSLError, requests.exceptions.SSLError):
        return "tls", "TLS failed: the certificate does not fit"
    if first(http.client.RemoteDisconnected):
        return "reset", "the connection was closed before an answer came"
    if first(ConnectionRefusedError):
        return "connect", "the connection was refused"
    if first(ConnectionResetError, BrokenPipeError, ConnectionAbortedError):
        return "reset", f"the connection was reset {when}"
    if first(u3.NewConnectionError):
        cause = first(OSError)
        reason = (cause.strerror if cause is not None else None) or "no connection"
        return "connect", f"the connection failed: {reason.lower()}"
    if first(u3.DecodeError, requests.exceptions.ContentDecodingError):
        return "protocol", "the body cannot be decompressed"
    if exchange.status is not None and not any(isinstance(item, http.client.HTTPException | OSError) for item in chain):
        # urllib3 wraps nothing when a chunked body ends before its last chunk.
        return "truncated", f"the answer broke off after {len(exchange.body)} bytes"
    if first(http.client.HTTPException, u3.HTTPError):
        return "protocol", "the answer is not valid HTTP"
    if isinstance(error, OSError | requests.exceptions.RequestException):
        return "connect", f"the connection failed {when}"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it wraps: the libraries chain by cause, context, `reason` and arguments."""
    queue: list[Any] = [error]
    seen: set[int] = set()
    while queue:
        item = queue.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        queue += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


def _timeout_detail(exchange: Exchange, limit_s: float) -> str:
    if exchange.status is not None:
        return f"the answer was not complete within {limit_s:g} s ({len(exchange.body)} bytes came)"
    return f"{'no answer' if exchange.connected else 'no connection'} within {limit_s:g} s"
