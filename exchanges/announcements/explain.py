"""Why an announcement is, or is not, an event: JSON lines in, JSON lines out (contract 5). No database, no network.

The answer is the draft that the daemon would record (`exchanges.announcements.detect.announcement_draft`) if it knew
the shipped table of names and no instruments. Names are assets as of the release, or as of now where `released_at` is
absent. Dates without a year then take the year of the date at the foot of the body; where there is none, they are left
out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from events.drafts import EventDraft
from exchanges.announcements.assets import with_assets
from exchanges.announcements.detect import DetectionContext, announcement_draft
from exchanges.announcements.reader import read_parts
from exchanges.announcements.trace.trace import as_json, trace
from exchanges.announcements.types import Article, BodyUnreadable, ParsedNotice
from markets.identity import Identity
from markets.knowledge import MarketKnowledge
from markets.shipped_assets import shipped_identity
from markets.symbols import SymbolSplitter
from markets.watch import WatchLists

MAX_LINE = 50_000_000
# Some editors put it at the beginning of a file.
BYTE_ORDER_MARK = "\ufeff"
MAX_RELEASE = 60
# Smaller numbers are seconds: as milliseconds they would be before March 1973.
FIRST_MILLISECONDS = 100_000_000_000
NOTHING_WATCHED = WatchLists(frozenset(), frozenset(), frozenset())
# Nothing is too old to be explained.
_NO_LOOK_BACK = timedelta(days=365_000)


class LineUnreadable(ValueError):
    """A line that is no announcement; the message gives the reason."""


def explain_lines(
    lines: Iterable[str | bytes],
    watch: WatchLists = NOTHING_WATCHED,
    now: datetime | None = None,
    splitter: SymbolSplitter | None = None,
    known_exchanges: Collection[str] = (),
    on_unknown_exchange: Callable[[int, str], object] = lambda number, exchange: None,
    frames: bool = False,
) -> Iterator[dict[str, Any]]:
    """The answer to each line, in order; blank lines have none. An unreadable line gives {"error": "line N: …"}.

    watch: the lists as configured. now: replaces an absent release; the present by default.
    on_unknown_exchange: called with the number of the line (from 1) and its exchange where that is not among
    `known_exchanges` (lower case). Such a notice is read by the rules of all exchanges (contract 5).
    frames: each answer also has the trace of the notice, under "frames".
    """
    splitter = splitter or SymbolSplitter()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = parse_line(line)
            article, notice = read_record(record, splitter)
        except (LineUnreadable, BodyUnreadable) as fault:
            yield {"error": f"line {number}: {fault}"}
            continue
        if article.exchange and article.exchange.lower() not in known_exchanges:
            on_unknown_exchange(number, article.exchange)
        context = context_without_database(article, watch, shipped_identity(), now or datetime.now(UTC))
        meant = with_assets(article, notice, context.knowledge)
        result = answer(meant, announcement_draft(article, meant, context))
        if frames:
            body, released_at = record.get("body"), article.released_at
            result["frames"] = as_json(trace(article.exchange, article.title, body, released_at, notice, splitter))
        yield result


def context_without_database(
    article: Article, watch: WatchLists, identity: Identity, now: datetime
) -> DetectionContext:
    """The context of an announcement without a database: what names mean as of its release."""
    at = article.released_at or now
    return DetectionContext(MarketKnowledge(identity=identity, at=at), watch.as_of(identity, at), {}, at, _NO_LOOK_BACK)


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


def read_record(record: Mapping[str, Any], splitter: SymbolSplitter) -> tuple[Article, ParsedNotice]:
    """The announcement of `parse_line` without its body, and the parsed notice.

    Raises `LineUnreadable` or `BodyUnreadable`.
    """
    released_at = _released(record.get("released_at"))
    article = Article(record.get("exchange") or "", "", record["title"], None, released_at)
    return article, read_parts(article.exchange, article.title, record.get("body"), released_at, splitter)


def _released(value: Any) -> datetime | None:
    """The release as aware UTC: from ISO-8601 text (UTC without an offset), or from milliseconds or seconds since 1970.

    None, an empty text and 0 are an unknown release. Raises `LineUnreadable`.
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


def answer(notice: ParsedNotice, draft: EventDraft | None) -> dict[str, Any]:
    """A parsed notice and its event in the words of contract 5."""
    return {
        "event": notice.event,
        "category": notice.category,
        "phase": notice.phase,
        "priority": str(draft.priority) if draft else None,
        "tokens": list(notice.tokens),
        "tickers": list(notice.tickers),
        "important_dates": list(dict.fromkeys(iso(date.at) for date in notice.important_dates)),
        "trading_ends_at": iso(notice.trading_ends_at) if notice.trading_ends_at else None,
        "trading_status": notice.trading_status,
        "market": notice.market,
        "rule": notice.rule,
        "review": notice.review is not None,
        "review_reason": notice.review.reason.value if notice.review else None,
    }


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
