"""Names, times and spans as plain text: what cards, the admin and the log share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# Stored values and keys of facts keep the words of the first release. People read these instead.
_SHOWN = {
    "held": "deferred",
    "muted": "suppressed",
    "in_hand": "acknowledged",
    "untold": "opening not delivered",
    "told_alone": "sent individually",
    "damped": "flapping",
    "told_by": "reported by",
    "said": "listed as",
    "told_depth": "depth notified",
    "standing_now": "orders now",
}


def words(value: object) -> str:
    """`reduce_only` → "reduce only"; the plain word for a stored one: `held` → "deferred"."""
    return _SHOWN.get(str(value), str(value).replace("_", " "))


def label(name: str) -> str:
    """`trading_suspension` → "Trading suspension"; dots separate words too."""
    text = words(name).replace(".", " ").strip()
    return text[:1].upper() + text[1:]


def utc_text(at: datetime) -> str:
    """ "2026-10-02 08:00 UTC". at: with a time zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def span(seconds: float) -> str:
    """ "2 d 3 h", "3 h 10 min", "5 min", "42 s": at most two units, of which seconds are never the second."""
    seconds = max(seconds, 0)
    if seconds < 60:
        return f"{int(seconds)} s"
    minutes = int(seconds // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    units = [(days, "d"), (hours, "h"), (minutes, "min")]
    first = next(index for index, (count, _) in enumerate(units) if count)
    return " ".join(f"{count} {unit}" for count, unit in units[first : first + 2] if count)


def distance(at: datetime, now: datetime, least: timedelta = timedelta(minutes=1)) -> str:
    """ "in 2 d 3 h", "5 min ago"; "now" for less than `least` from now."""
    ahead = at - now
    if abs(ahead) < least:
        return "now"
    text = span(abs(ahead).total_seconds())
    return f"in {text}" if ahead > timedelta(0) else f"{text} ago"


def moment_text(at: datetime, now: datetime) -> str:
    """ "2026-10-02 08:00 UTC (in 3 h 20 min)"."""
    return f"{utc_text(at)} ({distance(at, now)})"
