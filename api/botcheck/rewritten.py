"""Our answers as they would be with a stopped daemon, or with a clock that is off."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import msgspec

from api.bots.patterns import EVERYTHING, NOTHING

STOPPED_FOR = timedelta(seconds=60)
"""How long the daemon has been silent in what `stopped` makes; after 12 s nobody believes it."""
_STATUSES = ("fresh", "stale", "unknown")
_TIMES = ("as_of", "at", "refreshed_at", "heartbeat_at", "database_now")
_WRITTEN_TIME = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))")


def stopped(path: str, body: bytes) -> bytes:
    """A body of /api/ or /bots/ as the system gives it while its daemon does not beat: the status is `unknown`."""
    door = path.partition("?")[0]
    if door == "/bots/pairs.csv":
        return _stopped_csv(body)
    if door.startswith("/bots/") and door.endswith(".txt"):
        return _stopped_lines(body, "/block" in door)
    if door.startswith("/bots/"):
        pairs = [EVERYTHING] if "/block" in door else [NOTHING]
        return _over_json(body, lambda found: {**_stop(found), "pairs": pairs, "refresh_period": 15})
    return _over_json(body, _stop)


def _stopped_csv(body: bytes) -> bytes:
    """Every row forbids opening, the last one (`#end`) as well. Read by the names in its first row."""
    head, *rows = csv.reader(io.StringIO(body.decode("utf-8", "replace"), newline=""))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, head, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        found = dict(zip(head, row, strict=False))
        later = _shift(found.get("as_of", ""), -STOPPED_FOR)
        # What is demanded is unknown as well; the last row demands nothing.
        action = "none" if found.get("action") else ""
        made = {**found, "may_open": "false", "action": action, "status": "unknown", "as_of": later}
        writer.writerow({name: made[name] for name in found})
    return text.getvalue().encode()


def _stopped_lines(body: bytes, is_block: bool) -> bytes:
    """Of what may be opened nothing, of what may not be everything (`*`); and the last line says `unknown`."""
    *names, last = body.decode("utf-8", "replace").splitlines() or ["#end"]
    found = ["*", *names] if is_block else []
    end = last.split()
    venue, as_of = end[2:3] or ["-"], end[4:5] or ["-"]
    return "".join(
        f"{line}\n" for line in (*found, f"#end {len(found)} {venue[0]} unknown {_shift(as_of[0], -STOPPED_FOR)}")
    ).encode()


def shifted(body: bytes, skew: timedelta) -> bytes:
    """A body whose times are off by skew."""

    def shift(found: Any) -> Any:
        if isinstance(found, dict):
            return {name: _shift(value, skew) if name in _TIMES else shift(value) for name, value in found.items()}
        return [shift(one) for one in found] if isinstance(found, list) else found

    decoded = _over_json(body, shift)
    if decoded is not body:
        return decoded
    text = body.decode("utf-8", "surrogateescape")
    # Lists as text have no other time than this.
    moved = _WRITTEN_TIME.sub(lambda match: str(_shift(match[0], skew)), text)
    return moved.encode("utf-8", "surrogateescape")


def report_of(message: bytes) -> bytes | None:
    """What a stream sends at once when the status changes, made from a message that had one; None where it had none."""
    try:
        found = msgspec.json.decode(message)
    except msgspec.DecodeError:
        return None
    if not isinstance(found, dict):
        return None
    if found.get("kind") == "heartbeat" or found.get("type") == "whitelist":
        return message
    if found.get("kind") not in ("snapshot", "risk"):
        return None
    members = {name: found.get(name) for name in ("id", "at", "seq", "as_of", "status", "stale_sources")}
    return msgspec.json.encode({"kind": "heartbeat", **members, "age_ms": 0})


def date_header(value: bytes, skew: timedelta) -> bytes:
    """The header Date, off by skew; as it is where it is no date."""
    try:
        return format_datetime(parsedate_to_datetime(value.decode("latin-1")) + skew, usegmt=True).encode()
    except ValueError:
        return value


def _over_json(body: bytes, change: Callable[[Any], Any]) -> bytes:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body
    return msgspec.json.encode(change(found)) if isinstance(found, dict | list) else body


def _stop(found: Any) -> Any:
    if isinstance(found, list):
        return [_stop(one) for one in found]
    if not isinstance(found, dict):
        return found
    if found.get("type") == "whitelist":
        # A message to freqtrade's consumer.
        return {**found, "data": [NOTHING]}
    made = {name: _stop(value) if name in ("answers", "rows") else value for name, value in found.items()}
    if made.get("status") in _STATUSES:
        made["status"] = "unknown"
        if "stale_sources" in made:
            sources = [source for source in made["stale_sources"] or () if source != "heartbeat"]
            made["stale_sources"] = [*sources, "heartbeat"]
        if "as_of" in made:
            made["as_of"] = _shift(made["as_of"], -STOPPED_FOR)
        if isinstance(made.get("age_ms"), int):
            made["age_ms"] += round(STOPPED_FOR.total_seconds() * 1000)
    if "may_open" in made:
        made["may_open"] = False
    return made


def _shift(value: Any, skew: timedelta) -> Any:
    """A time as text, off by skew; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        moved = datetime.fromisoformat(value) + skew
    except ValueError:
        return value
    text = moved.isoformat()
    return text.replace("+00:00", "Z") if value.endswith("Z") else text
