"""Errors of upstreams: one exception tree; each `str()` is one sentence for an operator.

    UpstreamError            any failure of an upstream
    ├─ RetryableError        try again, after `after` seconds where the upstream gave a time
    ├─ PermanentError        the same request would get the same answer
    ├─ ConfigurationError    our settings are at fault
    └─ SchemaDrift           an answer came, but its content is not what the parser expects
       └─ ChallengePage      an HTML page where JSON was expected

The constructors redact URLs, so no log line or traceback can contain a key. Every constructor argument is in `args`:
the errors survive pickling and copying.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus, urlsplit, urlunsplit

EXCERPT_LIMIT = 200
_SECRET_NAME = re.compile(r"sig|key|token|secret|passw|pwd|auth|cred|session", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_REDACTED = "…"


def is_secret_name(name: str) -> bool:
    """Whether a query parameter of this name is a credential (`sig`, `api_key`, `accessToken` …)."""
    return _SECRET_NAME.search(name) is not None


def redact_url(url: str, *, secret: bool = False) -> str:
    """The URL without user information, fragment and the values of key-like query parameters.

    With `secret` (webhooks, where the full path is a credential) only `scheme://host/…` is left.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        if secret:
            return f"{parts.scheme}://{host}/{_REDACTED}"
        # Other parameters stay as they are: parsing and quoting them again would not always restore them.
        pieces = [piece.partition("=") for piece in parts.query.split("&") if piece]
        query = "&".join(
            f"{name}={_REDACTED}" if is_secret_name(unquote_plus(name)) else name + equals + value
            for name, equals, value in pieces
        )
    except ValueError:
        return "(an unreadable URL)"
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def excerpt(value: object, limit: int = EXCERPT_LIMIT) -> str:
    """One printable line of at most `limit` characters: bytes decoded, other objects as Python writes them."""
    if isinstance(value, bytes | bytearray):
        # A UTF-8 character has at most four bytes: no need to decode megabytes for one line.
        text = bytes(value[: 4 * limit + 4]).decode("utf-8", "replace")
    else:
        text = value if isinstance(value, str) else repr(value)
    line = _UNPRINTABLE.sub(" ", text[: 4 * limit + 4]).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


class UpstreamError(Exception):
    """An upstream could not be reached, or its answer is unusable.

    `source` is the registered name (`binance.announcements`), `url` the redacted URL or empty, `message` a clause that
    continues the sentence "<source>: …".
    """

    def __init__(self, source: str, url: str, message: str) -> None:
        self.source = source
        self.url = redact_url(url) if url else ""
        self.message = message
        super().__init__(source, self.url, message)

    def __str__(self) -> str:
        return f"{self.source}: {self.message}" + (f" ({self.url})" if self.url else "")


class RetryableError(UpstreamError):
    """Another attempt may succeed; `after` is the wait in seconds that the upstream demands, or None."""

    def __init__(self, source: str, url: str, message: str, after: float | None = None) -> None:
        super().__init__(source, url, message)
        self.after = after
        self.args = (source, self.url, message, after)

    def __str__(self) -> str:
        wait = "" if self.after is None else f"; it asks us to wait {self.after:g} s"
        return f"{self.source}: {self.message}{wait}" + (f" ({self.url})" if self.url else "")


class PermanentError(UpstreamError):
    """The same request would fail again. not_found: since the requested item does not exist, or no longer."""

    def __init__(self, source: str, url: str, message: str, not_found: bool = False) -> None:
        super().__init__(source, url, message)
        self.not_found = not_found
        self.args = (source, self.url, message, not_found)


def is_not_found(error: Exception) -> bool:
    """Whether an upstream answered that the requested item does not exist (404, 410, or in words)."""
    return isinstance(error, PermanentError) and error.not_found


class ConfigurationError(UpstreamError):
    """Our own settings (a URL, a header, a proxy) make the request impossible."""


class SchemaDrift(UpstreamError):
    """A payload is not what its parser expects.

    `field` is the path of the value (`data.catalogs[0].articles[3].releaseDate`), `expected` describes what it should
    be, `got` is the value itself, of which an excerpt of at most 200 characters is kept.
    """

    def __init__(self, source: str, field: str, expected: str, got: object) -> None:
        self.field = field
        self.expected = expected
        self.got_excerpt = excerpt(got)
        super().__init__(source, "", f"{field}: expected {expected}, got {self.got_excerpt or 'nothing'}")
        self.args = (source, field, expected, self.got_excerpt)


class ChallengePage(SchemaDrift):
    """An HTML page (bot challenge, maintenance, block notice) where JSON was expected."""
