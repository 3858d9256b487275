"""Logging: one line an event on stderr, times in UTC."""

from __future__ import annotations

import logging
import time
from typing import Any


class UtcFormatter(logging.Formatter):
    """Times in UTC whatever TZ says, so that a log line can be held against a card."""

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
                "()": UtcFormatter,
                "format": "%(asctime)sZ %(levelname)-7s %(name)s: %(message)s",
                "datefmt": "%Y-%m-%dT%H:%M:%S",
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": dict.fromkeys(("crypto_ews", "markets", "events", "exchanges", "alerts"), own),
    }
