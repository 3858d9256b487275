"""Logging: one line an event on stderr, times in UTC."""

from __future__ import annotations

import logging
import re
import time
from typing import Any

# Django names the path of a request that it refuses; whoever reads a link's could use it.
_LINK = re.compile(r"/act/[^\s'\"]+")


class LineFormatter(logging.Formatter):
    """Times in UTC whatever TZ says, so that a log line can be held against a card; no link of a card in full."""

    def format(self, record: logging.LogRecord) -> str:
        return _LINK.sub("/act/…", super().format(record))

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        return time.gmtime(seconds)


def logging_settings(level: str) -> dict[str, Any]:
    """Django's LOGGING for the given level of our own loggers; libraries speak from WARNING on."""
    own = {"handlers": ["console"], "level": level, "propagate": False}
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
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": dict.fromkeys(("crypto_ews", "markets", "events", "exchanges", "alerts"), own),
    }
