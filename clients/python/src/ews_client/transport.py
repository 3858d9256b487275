"""One request and its answer, bounded in time and size; the token, which shows itself nowhere; the address."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from ews_client.faults import EwsError

DISTRUST_SECONDS: Final = 60.0
"""How long no connection is used twice after an answer to another, or an earlier, question."""

MOST_WAIT_SECONDS: Final = 60.0
"""How long a `Retry-After` keeps this client quiet at most."""

_TOKEN = re.compile(r"ews_[A-Za-z0-9_-]{43}", re.ASCII)


class Token:
    """The secret. It has no text of its own, so that no log, message or picture of a state holds it."""

    __slots__ = ("_text",)

    def __init__(self, text: object) -> None:
        """Raises ValueError for what is no token, and says nothing of what it was but its length."""
        if not isinstance(text, str) or not _TOKEN.fullmatch(text):
            given = f"of {len(text)} characters" if isinstance(text, str) else f"a {type(text).__name__}"
            raise ValueError(f"token was {given}, expected ews_ and 43 letters, digits, - or _ (manage.py apitoken)")
        self._text = text

    def header(self) -> str:
        return f"Bearer {self._text}"

    def hidden_in(self, text: str) -> str:
        """The text without the token, whatever repeated it."""
        return text.replace(self._text, "ews_…")

    def __repr__(self) -> str:
        return "Token(ews_…)"

    def __reduce__(self) -> str:
        raise TypeError("a token is not pickled: read it again where it is needed")


def base_url(url: object, allow_http: bool) -> str:
    """The address of the API without a slash at its end. Raises ValueError.

    http is for this machine: elsewhere the token would be readable on the way, unless `allow_http` says that it may be.
    """
    if not isinstance(url, str):
        raise ValueError(f"url was a {type(url).__name__}, expected http:// or https:// and a host")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ValueError("url could not be read, expected http:// or https:// and a host") from None
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise ValueError("url had a user, a query or a fragment, expected http:// or https://, a host and a path")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"url was {url!r}, expected http:// or https:// and a host")
    if parsed.scheme == "http" and not allow_http and not _is_this_machine(parsed.host):
        raise ValueError(
            f"url was {url!r}, expected https: the token would be readable on the way to another machine. "
            "allow_http=True says that it may be"
        )
    return url.rstrip("/").removesuffix("/api/v1") + "/api/v1"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@dataclass(frozen=True)
class Reply:
    """A 200 with JSON. `age_ms` is the header X-Age-Ms, `copied_seconds` the header Age of a cache in between."""

    body: Any
    age_ms: int | None
    copied_seconds: int


class Transport:
    """Sends to one server. Belongs to one event loop."""

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        timeout: float,
        verify: ssl.SSLContext | None,
        trust_env: bool,
        user_agent: str,
    ) -> None:
        self._url = url
        self._token = token
        self.host = httpx.URL(url).host
        self._timeout = timeout
        self._distrusted_until = float("-inf")
        self._http = httpx.AsyncClient(
            verify=verify or _trust(url, trust_env),
            trust_env=trust_env,
            follow_redirects=False,
            timeout=httpx.Timeout(timeout),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30.0),
            # Nothing is asked for in a compressed form, so that a small answer stays small.
            headers={"Accept-Encoding": "identity", "User-Agent": user_agent, "Cache-Control": "no-store"},
        )

    @property
    def token(self) -> Token:
        return self._token

    async def close(self) -> None:
        await self._http.aclose()

    def distrust(self) -> None:
        """Some connection may be a reply behind: what it answers belongs to the question before. Each ends now."""
        self._distrusted_until = time.monotonic() + DISTRUST_SECONDS

    def _request(self, method: str, path: str, accept: str, **more: Any) -> httpx.Request:
        headers = {"Accept": accept, "Authorization": self._token.header(), **more.pop("headers", {})}
        if time.monotonic() < self._distrusted_until:
            headers["Connection"] = "close"
        return self._http.build_request(method, f"{self._url}{path}", headers=headers, **more)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        most_bytes: int,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        content_type: str = "application/json",
    ) -> Reply:
        """One answer within the timeout, all in all. Raises EwsError.

        A GET over a connection that the server had closed meanwhile is sent once more; so is a POST to can-trade, which
        changes nothing.
        """
        more: dict[str, Any] = {"params": params} if params else {}
        if content is not None:
            more |= {"content": content, "headers": {"Content-Type": content_type}}
        repeatable = method == "GET" or path == "/can-trade"
        try:
            return await asyncio.wait_for(
                self._once_or_twice(method, path, most_bytes, more, repeatable), timeout=self._timeout
            )
        except (asyncio.TimeoutError, TimeoutError):
            raise EwsError("timeout", f"no answer within {self._timeout:g} s") from None

    async def _once_or_twice(
        self, method: str, path: str, most_bytes: int, more: dict[str, Any], repeatable: bool
    ) -> Reply:
        for last in (not repeatable, True):
            try:
                return await self._once(self._request(method, path, "application/json", **dict(more)), most_bytes)
            except httpx.HTTPError as error:
                fault = fault_of(error, self._token)
                if last or fault.kind != "broken":
                    raise fault from None
        raise AssertionError("unreachable")

    async def _once(self, request: httpx.Request, most_bytes: int) -> Reply:
        response = await self._http.send(request, stream=True)
        try:
            if response.status_code != 200:
                raise await self._refusal(response)
            _check_encoding(response)
            _check_type(response, "application/json")
            body = await _read(response, most_bytes)
        finally:
            await response.aclose()
        try:
            parsed = json.loads(body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise EwsError("malformed", f"the answer of {len(body)} bytes is no JSON", http_status=200) from None
        return Reply(parsed, _integer(response.headers.get("x-age-ms")), _integer(response.headers.get("age")) or 0)

    async def _refusal(self, response: httpx.Response) -> EwsError:
        status = response.status_code
        detail = f"HTTP {status}"
        if 300 <= status < 400:
            return EwsError("redirect", f"{detail}: another address was named, and not followed", http_status=status)
        if response.headers.get("content-type", "").startswith("application/problem+json"):
            try:
                problem = json.loads(await _read(response, 64 * 1024))
                text = str(problem.get("detail") or problem.get("title") or "")
            except (EwsError, httpx.HTTPError, ValueError, AttributeError, RecursionError):
                text = ""
            detail += f": {self._token.hidden_in(text)[:300]}" if text else ""
        if status == 429:
            seconds = _integer(response.headers.get("retry-after"))
            wait = min(max(float(seconds if seconds is not None else 1), 0.0), MOST_WAIT_SECONDS)
            return EwsError("limited", detail, http_status=status, retry_after=wait)
        if status in (401, 403):
            return EwsError("credentials", detail, http_status=status)
        # 200 alone is an answer: another success is none that this API gives.
        kind = "request" if 400 <= status < 500 else "server" if status >= 500 else "malformed"
        return EwsError(kind, detail, http_status=status)

    async def stream(self, params: Mapping[str, str], last_id: str | None) -> httpx.Response:
        """The open stream of messages; the caller closes it. Raises EwsError."""
        headers = {"Last-Event-ID": last_id} if last_id else {}
        request = self._request("GET", "/stream", "text/event-stream", params=params, headers=headers)
        # Silence is watched by whoever reads: a comment is no heartbeat.
        request.extensions["timeout"] = httpx.Timeout(self._timeout, read=None).as_dict()
        try:
            response = await asyncio.wait_for(self._http.send(request, stream=True), timeout=self._timeout)
        except (asyncio.TimeoutError, TimeoutError):
            raise EwsError("timeout", f"no stream within {self._timeout:g} s") from None
        except httpx.HTTPError as error:
            raise fault_of(error, self._token) from None
        try:
            if response.status_code != 200:
                raise await asyncio.wait_for(self._refusal(response), timeout=self._timeout)
            _check_encoding(response)
            _check_type(response, "text/event-stream")
        except (asyncio.TimeoutError, TimeoutError):
            await response.aclose()
            raise EwsError("timeout", f"no answer within {self._timeout:g} s") from None
        except BaseException:
            await response.aclose()
            raise
        return response


def _trust(url: str, trust_env: bool) -> ssl.SSLContext | bool:
    """Whose certificates are taken. For http none is needed, and reading the usual ones takes 20 ms."""
    return True if trust_env or not url.startswith("http:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def fault_of(error: httpx.HTTPError, token: Token) -> EwsError:
    """What a failure of the connection means. Its text may come from anywhere: the token is taken out."""
    text = token.hidden_in(f"{type(error).__name__}: {error}")[:300]
    if isinstance(error, httpx.TimeoutException):
        return EwsError("timeout", text)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return EwsError("tls", text)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError | httpx.ProxyError | httpx.UnsupportedProtocol):
        return EwsError("connect", text)
    return EwsError("broken", text)


def _check_encoding(response: httpx.Response) -> None:
    encoding = response.headers.get("content-encoding", "identity")
    if encoding.strip().lower() not in ("identity", ""):
        raise EwsError("malformed", f"content-encoding was {encoding[:40]!r}, expected none: none was asked for")


def _check_type(response: httpx.Response, expected: str) -> None:
    given = response.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() != expected:
        raise EwsError("malformed", f"content-type was {given[:60]!r}, expected {expected}", http_status=200)


async def _read(response: httpx.Response, most_bytes: int) -> bytes:
    declared = _integer(response.headers.get("content-length"))
    if declared is not None and declared > most_bytes:
        raise EwsError("too_large", f"the answer has {declared} bytes, expected at most {most_bytes}")
    parts, size = [], 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > most_bytes:
            raise EwsError("too_large", f"the answer has over {most_bytes} bytes")
        parts.append(part)
    return b"".join(parts)


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,15}", text, re.ASCII) else None


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")
