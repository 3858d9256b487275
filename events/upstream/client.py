"""The HTTP client: GET for payloads, POST for webhooks.

Every request has one total deadline (the smaller of the configured one and 8 s), a bounded size after decompression,
and ends in a `Payload`, an `HttpOutcome` or an error of `events.upstream.errors`. Proxies of the environment are used,
but never for this machine.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, NoReturn, Self
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import requests

from events.upstream.errors import (
    ChallengePage,
    ConfigurationError,
    PermanentError,
    RetryableError,
    SchemaDrift,
    excerpt,
    is_secret_name,
)
from events.upstream.json import json_loads
from events.upstream.transport import Exchange, FaultKind, Transport, TransportFault

MAX_DEADLINE_S = 8.0
MAX_BYTES = 20 * 2**20
MAX_REDIRECTS = 3
# Binance's 418 bans last from two minutes to three days. Of all other waits at most an hour is accepted.
MAX_BAN_S = 3 * 86_400.0
MAX_RETRY_AFTER_S = 3_600.0
OUTCOME_EXCERPT_BYTES = 2_048

_POST_READ_BYTES = 64 * 1024
# Shorter parts of a webhook's path ("triggers", "invoke") are words that may be in an answer anyway.
_LONG_ENOUGH = 16
_EXPECTED_URL = "expected http:// or https:// and a host"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|title|meta|script)\b", re.I | re.S)


NOT_FOUND_STATUSES = frozenset({404, 410})


@dataclass(frozen=True)
class Payload:
    """The answer of an upstream.

    `url` is the requested URL, query included; `headers` have lower-case names; `body` is decompressed; `received_at`
    is when the last byte came; `duration` is in seconds, redirects included. `clock_skew` is by how many seconds our
    clock is at least ahead (+) or behind (-) of the upstream's `Date` header: 0 where the two agree within the duration
    of the exchange, None without a readable header. `archived_as` is the sha256 under which the archive has the
    body; None for an answer that is not archived.
    """

    source: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    duration: float
    clock_skew: float | None
    archived_as: str | None = None


@dataclass(frozen=True)
class HttpOutcome:
    """The result of a POST. `status` is None where no answer came; there may be an `error` beside a status, where only
    the body failed ("timeout", "truncated" …). `body_excerpt` has at most 2 KB and, like `detail`, never has the URL.
    `duration` is in seconds.
    """

    status: int | None
    headers: Mapping[str, str]
    body_excerpt: str
    duration: float
    error: FaultKind | None
    detail: str


class HttpClient:
    """Reuses connections and may be shared between threads.

    `deadline_s` is the total time of a call in seconds (redirects included), capped at 8; `now` gives aware UTC.
    `on_date` is called with the `Date` of each answer to a GET: upstream, date, time of the request, of the answer.
    """

    def __init__(
        self,
        deadline_s: float,
        max_bytes: int = MAX_BYTES,
        user_agent: str = "crypto-ews",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_date: Callable[[str, datetime, datetime, datetime], None] | None = None,
    ) -> None:
        if not deadline_s > 0:
            raise ValueError(f"deadline_s is {deadline_s!r}; expected a number of seconds above 0")
        self.deadline_s = min(float(deadline_s), MAX_DEADLINE_S)
        self.max_bytes = max_bytes
        self._now, self._on_date = now, on_date
        self._transport = Transport(user_agent, now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def get(
        self,
        url: str,
        *,
        source: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Payload:
        """GET, following at most three redirects within HTTP and HTTPS. `params` are added to the URL's query.

        Raises RetryableError (429, 418, 408, 5xx, every network fault), PermanentError (other statuses but 2xx, an
        answer that is too large) and ConfigurationError (an unusable URL).
        """
        started = time.monotonic()
        asked = target = _prepared_url(source, url, params)
        sent = dict(headers or {})
        for _ in range(MAX_REDIRECTS + 1):
            exchange = self._ask(source, target, sent, started)
            location = exchange.headers.get("location")
            if exchange.status not in _REDIRECTS or location is None:
                break
            previous, target = target, _redirected(source, target, location)
            if _origin(previous) != _origin(target):
                sent = {}  # Headers may have an API key, which another host must not get.
        else:
            raise PermanentError(source, asked, f"it redirected more than {MAX_REDIRECTS} times")
        self._report_date(target, exchange)
        self._check(source, asked, exchange)
        assert exchange.status is not None and exchange.finished_at is not None
        return Payload(
            source=source,
            url=asked,
            status=exchange.status,
            headers=exchange.headers,
            body=bytes(exchange.body),
            received_at=exchange.finished_at,
            duration=time.monotonic() - started,
            clock_skew=_clock_skew(exchange),
        )

    def post_json(self, url: str, payload_bytes: bytes, *, headers: Mapping[str, str] | None = None) -> HttpOutcome:
        """POST JSON bytes once, without following redirects. Errors of HTTP or the network are in the outcome.

        The URL counts as a secret.
        """
        started = time.monotonic()
        if not _usable(url):
            return HttpOutcome(None, {}, "", 0.0, "configuration", f"the URL is unusable; {_EXPECTED_URL}")
        error: FaultKind | None = None
        detail = ""
        try:
            exchange = self._transport.send(
                "POST",
                url,
                headers={"Content-Type": "application/json", **(headers or {})},
                body=payload_bytes,
                ends=started + self.deadline_s,
                limit_s=self.deadline_s,
                max_bytes=_POST_READ_BYTES,
            )
        except TransportFault as fault:
            exchange, error, detail = fault.exchange, fault.kind, fault.detail
        return HttpOutcome(
            status=exchange.status,
            headers={name: _without_url(value, url) for name, value in exchange.headers.items()},
            body_excerpt=_outcome_excerpt(bytes(exchange.body), url),
            duration=time.monotonic() - started,
            error=error,
            detail=detail,
        )

    def _report_date(self, url: str, exchange: Exchange) -> None:
        date = _http_date(exchange.headers.get("date"))
        if self._on_date is not None and date is not None and exchange.headers_at is not None:
            date += timedelta(seconds=_age(exchange))
            self._on_date(_upstream(url), date, exchange.asked_at, exchange.headers_at)

    def _ask(self, source: str, url: str, headers: Mapping[str, str], started: float) -> Exchange:
        while True:
            try:
                return self._transport.send(
                    "GET",
                    url,
                    headers=headers,
                    body=None,
                    ends=started + self.deadline_s,
                    limit_s=self.deadline_s,
                    max_bytes=self.max_bytes,
                )
            except TransportFault as fault:
                kind, detail, exchange = fault.kind, fault.detail, fault.exchange
            # A server may close an idle connection just when we use it again: that is no fault of the upstream, and a
            # GET may be repeated (RFC 9112, 9.3.1). The loop ends with the first connection that is new.
            if not (kind == "reset" and exchange.reused and exchange.status is None):
                break
        # Raised outside of the handler: the libraries' errors quote the URL and must not become its context.
        if kind == "configuration":
            raise ConfigurationError(source, url, detail)
        raise RetryableError(source, url, detail)

    def _check(self, source: str, url: str, exchange: Exchange) -> None:
        status = exchange.status or 0
        after = parse_retry_after(
            exchange.headers.get("retry-after"), self._now(), MAX_BAN_S if status == 418 else MAX_RETRY_AFTER_S
        )
        if status == 429:
            raise RetryableError(source, url, "it answered 429, too many requests", after)
        if status == 418:
            raise RetryableError(source, url, "it answered 418, our address is banned for a while", after)
        if status == 408 or status >= 500:
            raise RetryableError(source, url, f"it answered {status}{_reason_in(exchange)}", after)
        if not 200 <= status < 300:
            raise PermanentError(
                source, url, f"it answered {status}{_reason_in(exchange)}", not_found=status in NOT_FOUND_STATUSES
            )
        if exchange.oversized:
            # Content-Length counts compressed bytes: it explains the refusal only where it is above the limit itself.
            declared = exchange.declared or 0
            size = f"has {declared:,} bytes" if declared > self.max_bytes else "is longer"
            raise PermanentError(source, url, f"its answer {size}; at most {self.max_bytes:,} bytes are taken")


def content_digest(payload: Payload) -> str:
    """The sha256 of the body, equal for equal bytes."""
    return hashlib.sha256(payload.body).hexdigest()


def json_body(payload: Payload) -> Any:
    """The body as JSON. Raises ChallengePage for an HTML page, SchemaDrift for any other body that is not JSON."""
    body, source = payload.body, payload.source
    if not body.strip():
        raise SchemaDrift(source, "body", "JSON", "an empty body")
    try:
        return json_loads(body, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        _refuse_html(source, body.decode("utf-8", "replace"))
        nearby = body[max(0, error.start - 40) : error.start + 40]
        raise SchemaDrift(source, "body", f"UTF-8 at byte {error.start}", nearby) from None
    except json.JSONDecodeError as error:
        text = error.doc
        _refuse_html(source, text)
        at_end = error.pos >= len(text.rstrip())
        fault = "it is cut off" if at_end else f"{error.msg.lower()} at character {error.pos}"
        shown = text[max(0, error.pos - 80) : error.pos + 80]
        raise SchemaDrift(source, "body", f"JSON ({fault})", shown) from None
    except (ValueError, RecursionError) as error:
        raise SchemaDrift(source, "body", f"JSON ({excerpt(str(error), 80)})", body) from None


def _refuse_html(source: str, text: str) -> None:
    if _HTML.match(text[:4096]):
        raise ChallengePage(source, "body", "JSON", text)


def parse_retry_after(value: str | None, now: datetime, limit_s: float = MAX_RETRY_AFTER_S) -> float | None:
    """Seconds to wait by a Retry-After header (seconds, or an HTTP date), within 0 … `limit_s`; None if unreadable."""
    text = (value or "").strip()
    if re.fullmatch(r"\d{1,18}(\.\d{1,9})?", text, re.ASCII):
        return min(float(text), limit_s)
    instant = _http_date(text)
    return None if instant is None else min(max((instant - now).total_seconds(), 0.0), limit_s)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _http_date(text: str | None) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text or "")
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _clock_skew(exchange: Exchange) -> float | None:
    """Seconds from the second of `Date` to our clock, less what the exchange itself may have taken.

    A cache keeps the origin's `Date`, and has its age in seconds in `Age` (RFC 9111, 5.1).
    """
    date = _http_date(exchange.headers.get("date"))
    if date is None or exchange.headers_at is None:
        return None
    age = _age(exchange)
    behind = (exchange.headers_at - date).total_seconds() - age
    ahead = (exchange.asked_at - date).total_seconds() - age - 1
    return min(behind, 0.0) or max(ahead, 0.0)


def _age(exchange: Exchange) -> int:
    text = exchange.headers.get("age", "0").strip()
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else 0


def _upstream(url: str) -> str:
    """The owner of the clock: hosts of one domain count as one upstream."""
    host, port = urlsplit(url).hostname or "", urlsplit(url).port
    named = re.search(r"[^.]+\.[a-z]{2,}$", host)
    return named[0] if named else f"{host}:{port}"


def _reason_in(exchange: Exchange) -> str:
    text = excerpt(bytes(exchange.body), 120)
    return f": {text}" if text else ""


def _usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _prepared_url(source: str, url: str, params: Mapping[str, str | int] | None) -> str:
    prepared: str | None = None
    if _usable(url):
        with suppress(requests.RequestException, ValueError):  # Raised below, in our own words.
            prepared = requests.Request("GET", url, params=dict(params or {})).prepare().url
    if prepared is None:
        raise ConfigurationError(source, url, f"the URL is unusable; {_EXPECTED_URL}")
    return prepared


def _redirected(source: str, url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
    except ValueError:
        target = ""
    if not _usable(target):
        raise PermanentError(source, url, "it redirected to something that is neither HTTP nor HTTPS")
    return target


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _without_url(text: str, url: str) -> str:
    """The text without the secret parts of the URL, which proxies and gateways quote in their answers."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query)
    secrets = {url, parts.path, parts.query, parts.password or ""}
    secrets |= {value for name, value in query if is_secret_name(name) or len(value) >= _LONG_ENOUGH}
    secrets |= {piece for piece in parts.path.split("/") if len(piece) >= _LONG_ENOUGH}
    for secret in sorted((item for item in secrets if len(item) > 1), key=len, reverse=True):
        for form in {secret, unquote(secret)}:
            text = text.replace(form, "…")
    return text


def _outcome_excerpt(body: bytes, url: str) -> str:
    # PostgreSQL's text takes no NUL.
    text = _without_url(body.decode("utf-8", "replace"), url).replace("\x00", "\ufffd")
    return text.encode()[:OUTCOME_EXCERPT_BYTES].decode("utf-8", "ignore")
