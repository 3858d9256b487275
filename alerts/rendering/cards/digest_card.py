"""The card that lists many events: the worst in its heading, then one line each, the strictest action first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from alerts.rendering.cards.card import HEADING_LIMIT, Card, CardLink, Kind, Line, Tone
from alerts.rendering.cards.event_card import heading_of, tone_of, why_of
from alerts.rendering.cards.heading import (
    EVERYTHING_TRADED,
    SEPARATOR,
    action_of,
    action_word,
    deadline,
    hits_everything,
    joined,
    leading,
    names_of,
    venues_of,
)
from alerts.rendering.message import Digest, DigestLine, Message, runbook_url
from alerts.rendering.past import NO_RESTRICTION, ended_line
from alerts.rendering.phrases import action_text, clean, dates_as_written
from alerts.rendering.places import positions_text, time_and_distance, time_text, where_text
from alerts.rendering.subjects import subject
from alerts.rendering.summary import EventSummary
from events.enums import Action, Category, RiskLevel
from events.positions.exposure import by_size

SHORTEST = 24
"""Characters that remain of a line, besides the number of its event, when nothing else fits."""
_WHY, _POSITIONS, _TITLE = 300, 300, 160
_NEVER = datetime.max.replace(tzinfo=UTC)
_OVER = "OVER"
_BLIND = Action.EXIT.severity - 0.5
# From most to least detail: names, characters of a name, exchanges with their markets, how long until the end.
_WIDTHS = ((3, 30, True, True), (2, 24, True, True), (2, 20, False, True), (1, 20, False, True), (1, 20, False, False))


def digest_card(digest: Digest, message: Message) -> Card:
    now = message.now
    lines = in_order(digest.lines, now)
    categories = {line.category for line in lines}
    links = [CardLink(act.title, act.url, act.act) for act in message.acts]
    page = categories.pop() if len(categories) == 1 else "digest"
    links.append(CardLink("Runbook", runbook_url(message.public_base_url, page)))
    return Card(
        kind=Kind.MARKET if digest.kind == "market" else Kind.DIGEST,
        tone=_tone(lines),
        heading=_market_heading(lines, now) if digest.kind == "market" else _heading(lines, now),
        why=_why(digest, lines),
        lines=tuple(_line(line, now) for line in lines),
        links=tuple(links),
    )


def in_order(lines: Sequence[DigestLine], now: datetime) -> list[DigestLine]:
    """The strictest action first, then what ends next, then what the desk holds most of; what is over is last.

    What has ended trading already comes after what can still be traded: there is less to do about it.
    """

    def key(line: DigestLine) -> tuple[object, ...]:
        ends = line.trading_ends_at if line.deadline is None else line.deadline
        ended = ends is not None and ends <= now
        exposure = by_size(line.positions.rows if line.positions else None)
        return line.over, -_severity(line), ended, ends or _NEVER, exposure

    return sorted(lines, key=key)


def line_heading(line: DigestLine, now: datetime, first: str = "") -> str:
    """ "EXIT · LUNA · Binance spot · by 1 Dec 01:00 UTC, in 19 h", from the fields of the line, which may be without
    the heading of the event's card. first: instead of the action."""
    first = first or _first(line)
    names = [clean(name, 200) for name in _names(line)]
    title = "" if names else clean(line.title, HEADING_LIMIT)
    for most, width, markets, far in _WIDTHS:
        parts = [first, _listed(names, most, width) or title]
        if line.venues and not line.over:
            parts.append(where_text(line.venues, short=not markets))
        parts.append(_end(line, now, far))
        text = joined(*parts)
        if len(text) <= HEADING_LIMIT:
            break
    return clean(text, HEADING_LIMIT)


def line_of(summary: EventSummary, message: Message) -> DigestLine:
    """The line of an event: its card's heading and sentence. message: as for its card, without links."""
    now = message.now
    under_action, of_all = () if summary.over else leading(summary), hits_everything(summary) and not summary.over
    when = deadline(summary, now)
    heading = heading_of(summary, now)
    return DigestLine(
        event_id=summary.event_id,
        reasons=summary.reasons,
        category=summary.category,
        title=summary.title,
        tokens=tuple(sorted({line.token for line in (*summary.at_risk, *summary.other_tokens)})),
        action=None if summary.over else action_of(summary),
        status=summary.status,
        subjects=tuple(dict.fromkeys(subject(line) for line in summary.at_risk)),
        order="" if summary.over or not summary.action else action_text(summary),
        ended=summary.ended,
        deferred=summary.deferred,
        positions=summary.positions,
        trading_ends_at=None if summary.over else summary.trading_ends_at,
        heading=heading,
        under_action=(EVERYTHING_TRADED,) if of_all else tuple(names_of(under_action)),
        venues=summary.stored.everything if of_all else tuple(venues_of(under_action)),
        risk_level=None if summary.over else summary.risk_level,
        deadline=when.at if when else None,
        deadline_is=when.how if when else "",
        why=" ".join(filter(None, (why_of(summary, message), _past(summary, heading)))),
        acknowledged_by=message.acknowledged_by,
        urgent=tone_of(summary) == Tone.URGENT,
    )


def _past(summary: EventSummary, heading: str) -> str:
    """ "Was: exit on Binance spot · lasted 3 h". What holds now is said unless the heading has it."""
    if summary.was is None:
        return ""
    now = summary.now.text if summary.now and NO_RESTRICTION not in heading else ""
    text = ended_line(summary.was.text, now, summary.was.lasted_seconds)
    return text[:1].upper() + text[1:]


def _line(line: DigestLine, now: datetime) -> Line:
    named = _listed([clean(name, 200) for name in _names(line)], 1, 12) or clean(line.title, 12)
    return Line(
        event_id=line.event_id,
        heading=line.heading or line_heading(line, now),
        shortest=clean(f"{_first(line)} {named}", SHORTEST),
        why=_why_of(line, now),
        positions=clean(positions_text(line.positions), _POSITIONS) if line.positions else "",
        links=tuple(CardLink(act.title, act.url, act.act) for act in line.acts),
    )


def _why_of(line: DigestLine, now: datetime) -> str:
    """Why it is listed; of one that is over what it was, what holds now and how long it lasted."""
    why = line.why or (f"Over: {line.ended}" if line.ended else line.title)
    held = line.acknowledged_by and not line.over
    by = dates_as_written(line.acknowledged_by, now)
    return clean(f"{why} · Acknowledged by {by}" if held else why, _WHY)


def _heading(lines: Sequence[DigestLine], now: datetime) -> str:
    if not lines:
        return "Nothing is left of these events"
    worst, more = lines[0], sum(not line.over for line in lines) - 1
    if worst.over and len(lines) > 1:
        names = list(dict.fromkeys(clean(name, 200) for line in lines for name in _names(line)))
        return clean(joined(_OVER, f"{len(lines)} events", _listed(names, 3, 12)), HEADING_LIMIT)
    first, _, rest = (worst.heading or line_heading(worst, now)).partition(SEPARATOR)
    if more > 0:
        first = f"{first} and {more} more"
    heading = joined(first, rest)
    return heading if len(heading) <= HEADING_LIMIT else line_heading(worst, now, first)


def _market_heading(lines: Sequence[DigestLine], now: datetime) -> str:
    moving = {token for line in lines if not line.over for token in line.tokens}
    if len(moving) < 2 or not lines or lines[0].over:
        return _heading(lines, now)
    worst = lines[0]
    alike = [line for line in lines if (line.over, line.action) == (worst.over, worst.action)]
    names = list(dict.fromkeys(name for line in alike for name in _names(line)))
    count = f"{len(moving)} tokens are moving"
    milder = sum(not line.over for line in lines) - len(alike)
    first = f"{_first(worst)} and {milder} milder" if milder else _first(worst)
    return clean(joined(first, count, _listed([clean(name, 200) for name in names], 3, 12)), HEADING_LIMIT)


def _why(digest: Digest, lines: Sequence[DigestLine]) -> str:
    """ "12 events at once: 3 × exit, 7 × reduce only, 2 over. 1 is acknowledged."."""
    if len(lines) <= 1:
        # The line says it all.
        return ""
    title = clean(digest.title, 100)
    counts = Counter(_first(line).lower() for line in lines)
    over = counts.pop(_OVER.lower(), 0)
    parts = [f"{count} × {name}" for name, count in counts.items()] + ([f"{over} over"] if over else [])
    if len(parts) == 1:
        text = f"{title}, all {'over' if over else next(iter(counts))}."
    else:
        text = f"{title}: {', '.join(parts)}." if parts else f"{title}."
    held = sum(bool(line.acknowledged_by) and not line.over for line in lines)
    return text + (f" {held} {'is' if held == 1 else 'are'} acknowledged." if held else "")


def _first(line: DigestLine) -> str:
    """What to do: "EXIT"; the kind of event where it asks for nothing."""
    if line.over:
        return _OVER
    if line.action or not line.heading:
        return action_word(line.action)
    return line.heading.partition(SEPARATOR)[0]


def _names(line: DigestLine) -> Sequence[str]:
    """What the action is about; of a coin of which single pairs are meant, the pairs."""
    return line.named if line.over else line.under_action or line.named


def _listed(names: Sequence[str], most: int, width: int) -> str:
    more = len(names) - most
    return ", ".join(clean(name, width) for name in names[:most]) + (f" + {more}" if more > 0 else "")


def _end(line: DigestLine, now: datetime, far: bool) -> str:
    if line.deadline is None or line.over:
        return ""
    return f"{line.deadline_is} {time_and_distance(line.deadline, now) if far else time_text(line.deadline, now)}"


def _severity(line: DigestLine) -> float:
    if line.over:
        return -1
    if line.action:
        return Action(line.action).severity
    # What nobody sees may be an exit, and so may an event of which nobody knows the coin: they come right after exits.
    coinless = not line.tokens and line.category != Category.OPERATIONS
    return _BLIND if line.urgent or coinless else -1


def _tone(lines: Sequence[DigestLine]) -> Tone:
    if all(line.over for line in lines):
        return Tone.GOOD
    strictest = max(map(_severity, lines))
    grave = any(line.urgent or line.risk_level == RiskLevel.CRITICAL for line in lines if not line.over)
    if strictest >= Action.EXIT.severity or grave:
        return Tone.URGENT
    return Tone.WARNING if strictest >= 0 else Tone.NEUTRAL
