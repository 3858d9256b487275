"""The variables of the crisis drill."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crypto_ews.conf import values
from crypto_ews.conf.variable import declared

DRILLS = "Drills"
CRISES = ("luna", "usdc", "delisting")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AT = re.compile(r"(?:(mon|tue|wed|thu|fri|sat|sun) )?(([01]\d|2[0-3]):[0-5]\d)", re.IGNORECASE)


def optional_weekly_time(raw: str) -> str:
    """ "HH:MM" for every day, "mon HH:MM" for one of the week, "" for never."""
    if raw and not _AT.fullmatch(raw):
        raise ValueError("a time of day such as 07:30, behind a day of the week or not (mon 07:30), or nothing")
    return raw.lower()


def crisis(raw: str) -> str:
    if raw not in CRISES:
        raise ValueError(f"one of {', '.join(CRISES)}")
    return raw


def listen_address(raw: str) -> str:
    parse_listen(raw)
    return raw


def parse_listen(raw: str) -> tuple[str, int]:
    """HOST:PORT or HOST, also [::1]:8000; port 0: any that is free. Raises ValueError."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:]+\]|[^:\[\]\s]+)(?::(\d{1,5}))?", raw)
    if not found or int(found[2] or 0) > 65535:
        raise ValueError("HOST:PORT such as 127.0.0.1:8010, or HOST alone")
    return found[1].strip("[]"), int(found[2] or 0)


def optional_url(raw: str) -> str:
    return values.http_url(raw) if raw else ""


@dataclass(frozen=True)
class DrillVariables:
    """When a drill is run, and what its cards lead to."""

    drill_at: str = declared(
        "DRILL_AT",
        "",
        optional_weekly_time,
        "UTC time at which the daemon starts a drill, such as mon 07:30, or 07:30 for every day; empty: never",
        DRILLS,
    )
    drill_crisis: str = declared(
        "DRILL_CRISIS", "delisting", crisis, f"the crisis that is drilled at DRILL_AT: {', '.join(CRISES)}", DRILLS
    )
    drill_receiver: str = declared(
        "DRILL_RECEIVER",
        "",
        values.text,
        "the receiver that gets the cards of the drill of DRILL_AT, each marked DRILL; empty: none, the report alone",
        DRILLS,
    )
    drill_wait_minutes: float = declared(
        "DRILL_WAIT_MINUTES",
        "15",
        values.positive_number,
        "how long the drill of DRILL_AT waits for an acknowledgement at its end, in minutes, where it has a receiver",
        DRILLS,
    )
    drill_listen: str = declared(
        "DRILL_LISTEN",
        "127.0.0.1:0",
        listen_address,
        "HOST:PORT on which a drill answers the links of its cards while it runs; port 0: any that is free",
        DRILLS,
    )
    drill_base_url: str = declared(
        "DRILL_BASE_URL",
        "",
        optional_url,
        "what the links in cards of a drill begin with, where a proxy leads from there to DRILL_LISTEN; empty: that "
        "address itself",
        DRILLS,
    )
