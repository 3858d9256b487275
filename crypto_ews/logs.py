"""Logging: one line an event on stderr, times in UTC."""

from __future__ import annotations

import logging
import re
import threading
import time
from typing import Any

# Django logs the path of a request that it refuses; the path of a card's link could be used by anybody who reads it.
_LINK = re.compile(r"/act/[^\s'\"]+")
# Tokens of the API (ews_…), one-time tickets (ewt_…), also percent-encoded; and whatever stands as a ticket in a URL.
# What has no digit and no capital is a word such as news_dict_url. What is long is no asset's name in `token=`.
_TOKEN = re.compile(r"(ew[st])(?:_|%5[Ff])(?=[a-z_%-]*[A-Z0-9])[A-Za-z0-9_%-]{6,}")
_TICKET = re.compile(r"([?&](?:(?:ticket|key)=|token=(?=[^&\s'\"]{20})))[^&\s'\"]+")


def masked(text: str) -> str:
    """A text without the tokens and tickets of the API: whatever is logged, answered or shown of an error."""
    if "ew" not in text and "=" not in text:
        return text
    return _TICKET.sub(r"\1***", _TOKEN.sub(r"\1_***", text))


class LineFormatter(logging.Formatter):
    """Times in UTC whatever TZ says, so that a log line can be held against a card; no secret of a request in full."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(_LINK.sub("/act/…", super().format(record)))

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        return time.gmtime(seconds)


class FloodGuard(logging.Filter):
    """Lets a library say the same thing a few times a minute, in short; what it left out is counted in the next line.

    The web pages' libraries log a line, or a traceback, for requests that anybody may send: foreign host names, broken
    headers, connections that nobody has room for. The same: by logger and unformatted message; what Django says of
    suspicious requests names the request in the message itself, so that there the logger alone counts.
    """

    per_minute = 10
    longest = 500
    most_kinds = 200

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}
        self._guard = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.split(".")[0] in _OURS:
            return True
        suspicious = record.name.startswith("django.security")
        if suspicious:
            # Where in Django's code a host name is refused helps nobody.
            record.exc_info = record.exc_text = None
        # asyncio names the connection in the lines after the first.
        kind = "" if suspicious else str(record.msg).partition("\n")[0]
        left_out = self._left_out((record.name, kind))
        if left_out is None:
            return False
        text = record.getMessage()
        if len(text) > self.longest:
            text = f"{text[: self.longest]}… ({len(text)} characters)"
        record.msg = f"{text} (and {left_out} more like this in the minute before)" if left_out else text
        record.args = None
        return True

    def _left_out(self, kind: tuple[str, str]) -> int | None:
        """None: this one is left out. Else how many were in the minute that has ended with it."""
        now = time.monotonic()
        with self._guard:
            if len(self._seen) >= self.most_kinds and kind not in self._seen:
                self._seen.clear()
            since, count = self._seen.get(kind, (now, 0))
            if now - since >= 60:
                self._seen[kind] = (now, 1)
                return max(0, count - self.per_minute)
            self._seen[kind] = (since, count + 1)
            return 0 if count < self.per_minute else None


LOGGERS = ("crypto_ews", "markets", "events", "exchanges", "alerts", "api")
_OURS = frozenset({*LOGGERS, "streams", "defillama", "volatility", "liquidity", "orderbooks", "trades"})


def logging_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING for the given level of our own loggers; libraries log from WARNING on."""
    each = {"handlers": ["console"], "level": level, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": LineFormatter,
                "format": "%(asctime)sZ %(levelname)-7s %(name)s: %(message)s",
                "datefmt": "%Y-%m-%dT%H:%M:%S",
            }
        },
        "filters": {"flood": {"()": FloodGuard}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["flood"]}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": dict.fromkeys(LOGGERS, each),
    }
