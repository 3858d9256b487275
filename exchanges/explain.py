"""Why an announcement is, or is not, an event: JSON lines in, JSON lines out (contract 5). No database, no network,
no Django.

`released_at` may be absent. Dates without a year then take theirs from the date at the foot of the body, and are
left out where there is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from exchanges.announcements import BodyUnreadable, Reading
from exchanges.priority import announcement_priority
from exchanges.reading import read_parts
from markets.symbols import SymbolSplitter

MAX_LINE = 50_000_000
# What some editors put in front of a file.
BYTE_ORDER_MARK = "\ufeff"
MAX_RELEASE = 60
# Numbers below are seconds: in milliseconds they would be before March 1973.
FIRST_MILLISECONDS = 100_000_000_000


class LineUnreadable(ValueError):
    """A line that is no announcement; the message says why."""


def explain_lines(
    lines: Iterable[str | bytes],
    watched_currencies: frozenset[str] = frozenset(),
    watched_quotes: frozenset[str] = frozenset(),
    splitter: SymbolSplitter | None = None,
    known_exchanges: Collection[str] = (),
    on_unknown_exchange: Callable[[int, str], object] = lambda number, exchange: None,
) -> Iterator[dict[str, Any]]:
    """The answer to each line, in order; blank lines have none. Unreadable ones answer {"error": "line N: …"}.

    on_unknown_exchange: called with the line's number (from 1) and its exchange where that is not among
    `known_exchanges` (lower case). Such a notice is read by the rules that all exchanges share, as contract 5 says.
    """
    splitter = splitter or SymbolSplitter()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = parse_line(line)
            exchange = record.get("exchange") or ""
            reading = read_record(record, splitter)
        except (LineUnreadable, BodyUnreadable) as fault:
            yield {"error": f"line {number}: {fault}"}
            continue
        if exchange and exchange.lower() not in known_exchanges:
            on_unknown_exchange(number, exchange)
        yield answer(reading, watched_currencies, watched_quotes)


def parse_line(line: str | bytes) -> dict[str, Any]:
    """The announcement on a line, its title and exchange checked. Raises `LineUnreadable`."""
    if len(line) > MAX_LINE:
        raise LineUnreadable(f"line of {len(line)} characters; expected at most {MAX_LINE}")
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        record = json.loads(text.removeprefix(BYTE_ORDER_MARK))
    except (ValueError, RecursionError) as fault:
        raise LineUnreadable(f"line is no JSON: {fault}"[:300]) from None
    if not isinstance(record, dict):
        raise LineUnreadable(f"line is a {type(record).__name__}; expected an object with exchange and title")
    title = record.get("title")
    if not isinstance(title, str) or not title.strip():
        raise LineUnreadable(f"title is {_shown(title)}; expected text")
    exchange = record.get("exchange")
    if exchange is not None and not isinstance(exchange, str):
        raise LineUnreadable(f"exchange is {_shown(exchange)}; expected text")
    return record


def read_record(record: Mapping[str, Any], splitter: SymbolSplitter) -> Reading:
    """What the announcement of `parse_line` says. Raises `LineUnreadable` or `BodyUnreadable`."""
    released_at = _released(record.get("released_at"))
    return read_parts(record.get("exchange") or "", record["title"], record.get("body"), released_at, splitter)


def _released(value: Any) -> datetime | None:
    """ISO-8601 text, or milliseconds (or seconds) since 1970 as number or text, as aware UTC; text without an offset
    is UTC; nothing, an empty text and 0 are an unknown release.
    """
    if value is None or value == "" or (value == 0 and not isinstance(value, bool)):
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_number(value)
        if isinstance(value, str) and len(value) <= MAX_RELEASE:
            text = re.sub(r"\s*\(?(?:UTC|GMT|Z)\)?$", "+00:00", value.strip())
            if re.fullmatch(r"[0-9]{9,16}(?:\.[0-9]+)?", text):
                return _from_number(float(text))
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise LineUnreadable(f"released_at is {_shown(value)}; expected ISO-8601 or milliseconds") from fault
    raise LineUnreadable(f"released_at is {_shown(value)}; expected ISO-8601 or milliseconds")


def _from_number(number: float) -> datetime:
    seconds = number if abs(number) < FIRST_MILLISECONDS else number / 1000
    return datetime.fromtimestamp(seconds, tz=UTC)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def answer(reading: Reading, watched_currencies: frozenset[str], watched_quotes: frozenset[str]) -> dict[str, Any]:
    """A reading in the words of contract 5."""
    priority = announcement_priority(reading, watched_currencies, watched_quotes) if reading.event else None
    return {
        "event": reading.event,
        "category": reading.category,
        "phase": reading.phase,
        "priority": priority,
        "tokens": list(reading.tokens),
        "tickers": list(reading.tickers),
        "important_dates": list(dict.fromkeys(iso(date.at) for date in reading.important_dates)),
        "trading_ends_at": iso(reading.trading_ends_at) if reading.trading_ends_at else None,
        "trading_status": reading.trading_status,
        "market": reading.market,
        "rule": reading.rule,
    }


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
