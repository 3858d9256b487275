"""What an event that is over was, and what holds now: "was: exit on BINANCE · now: no restriction · lasted 3 h 10 m".

1. An order that no longer holds is told as what was, never again as what to do.
2. What holds now is what other open events still say of the same tokens and pairs, as the view has it: of a coin's
   single pairs the coin is at `watch` at most. Pure: `alerts.delivery.loader` reads the other events' effects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.rendering.subjects import NAMED, TokenLine, listed, pair_label, place, strictest, subject
from events.enums import Action, Scope, TradingStatus

NO_ACTION = "none"
NO_RESTRICTION = "no restriction"
NOT_TRADED = "no longer traded"


@dataclass(frozen=True)
class Standing:
    """What another open event of high priority does to a token."""

    event_id: int
    token: str
    scope: str
    venue: str
    tickers: tuple[str, ...]
    action: str
    trading_status: str


@dataclass(frozen=True)
class Past:
    """What the event said while it was open. text: "exit on BINANCE", or of several "LUNA: exit on BINANCE; …"."""

    text: str
    action: str | None
    trading_status: str | None
    risk_level: str | None
    trading_ends_at: datetime | None
    lasted_seconds: float | None


@dataclass(frozen=True)
class Present:
    """What holds now for what the event concerned. action: `none` where nothing restricts it; event_ids: what does."""

    text: str
    action: str
    trading_status: str | None
    event_ids: tuple[int, ...]


def was_text(lines: Sequence[TokenLine]) -> str:
    """What was said of these lines, the strictest first."""
    if len(lines) == 1 and not lines[0].single_pairs:
        return f"{_words(lines[0].action)} {place(lines[0])}"
    groups: dict[tuple[str, str], list[TokenLine]] = {}
    for line in lines:
        groups.setdefault((line.action, "" if line.single_pairs else place(line)), []).append(line)
    parts = [
        f"{listed([subject(line) for line in group])}: {_words(action)} {where}".rstrip()
        for (action, where), group in groups.items()
    ]
    return _joined(parts)


def present(
    lines: Sequence[TokenLine], others: Sequence[Standing], gone: Callable[[TokenLine], bool] = lambda line: False
) -> tuple[Present, list[TokenLine]]:
    """What holds now for these lines, together and line by line.

    gone: whether none of a line's instruments is live any more: that nothing restricts them is not what is to be said.
    """
    now_lines: list[TokenLine] = []
    found_parts: list[tuple[int, str]] = []
    event_ids: list[int] = []
    statuses: list[str] = []
    for line in lines:
        found = [(standing, _as_of(standing, line)) for standing in others if _concerns(standing, line)]
        action = strictest(Action, [said for _, said in found]) or NO_ACTION
        leading = [standing for standing, said in found if said == action]
        status = strictest(TradingStatus, [_status_of(standing, line) for standing, _ in found])
        now_lines.append(_now(line, action, status))
        alone = len(lines) == 1 and not line.single_pairs
        if not leading:
            if gone(line):
                where = f" {place(line)}" if line.venues and not line.single_pairs else ""
                found_parts.append((-1, ("" if alone else f"{subject(line)}: ") + NOT_TRADED + where))
            continue
        venues = sorted({standing.venue for standing in leading if standing.venue})
        everywhere = line.single_pairs or any(not standing.venue for standing in leading)
        ids = sorted({standing.event_id for standing in leading})
        what = _words(action) + ("" if everywhere else f" on {listed(venues)}")
        what += f" (another event, {listed([f'#{number}' for number in ids])})"
        whose = "" if alone else f"{_hit(line, leading)}: "
        found_parts.append((Action(action).severity, whose + what))
        event_ids += [number for number in ids if number not in event_ids]
        statuses.append(status or TradingStatus.TRADING)
    parts = [text for _, text in sorted(found_parts, key=lambda part: -part[0])]
    text = _joined(parts) or NO_RESTRICTION
    if parts and len(parts) < len(lines):
        text += f"; otherwise {NO_RESTRICTION}"
    strict = strictest(Action, [line.action for line in now_lines if line.action != NO_ACTION])
    return Present(text, strict or NO_ACTION, strictest(TradingStatus, statuses), tuple(event_ids)), now_lines


def _concerns(standing: Standing, line: TokenLine) -> bool:
    if not line.single_pairs:
        return standing.token == line.token
    if standing.scope == Scope.PAIRS:
        return not set(line.tickers).isdisjoint(standing.tickers)
    venues = {ticker.rpartition(":")[0] for ticker in line.tickers} | set(line.venues)
    same_token = standing.token == line.token and (not standing.venue or standing.venue in venues)
    return same_token or not set(line.tickers).isdisjoint(standing.tickers)


def _hit(line: TokenLine, standings: Sequence[Standing]) -> str:
    """The coin, or those of its pairs that the other events concern."""
    whole = any(standing.scope != Scope.PAIRS for standing in standings)
    hit = {ticker for standing in standings for ticker in standing.tickers}
    if not line.single_pairs or whole:
        return subject(line)
    return listed([pair_label(line.token, ticker) for ticker in line.tickers if ticker in hit])


def _as_of(standing: Standing, line: TokenLine) -> str:
    """The action of another event on this line: what it does to single pairs is `watch` for the coin."""
    if standing.scope == Scope.PAIRS and not line.single_pairs:
        return Action.WATCH.value
    return standing.action


def _status_of(standing: Standing, line: TokenLine) -> str:
    if standing.scope == Scope.PAIRS and not line.single_pairs:
        return TradingStatus.TRADING.value
    return standing.trading_status


def _now(line: TokenLine, action: str, status: str | None) -> TokenLine:
    return TokenLine(line.token, line.scope, line.venues, action, status or "", "", None, line.pairs, line.tickers)


def ended_line(was: str, now: str, lasted_seconds: float | None) -> str:
    """The whole of it in one line."""
    parts = [f"was: {was}" if was else "", f"now: {now}" if now else ""]
    parts.append(f"lasted {span_text(lasted_seconds)}" if lasted_seconds is not None else "")
    return " · ".join(filter(None, parts))


def span_text(seconds: float) -> str:
    """ "3 h 10 m", at most two units; "under a minute"."""
    minutes = int(timedelta(seconds=max(seconds, 0)) / timedelta(minutes=1))
    if minutes == 0:
        return "under a minute"
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    units = [(days, "d"), (hours, "h"), (minutes, "m")]
    first = next(index for index, (count, _) in enumerate(units) if count)
    return " ".join(f"{count} {unit}" for count, unit in units[first : first + 2] if count)


def _words(action: str) -> str:
    # As in `wording.action_label`, which knows summaries and so comes after this.
    return {"avoid_new": "open nothing new"}.get(action, action.replace("_", " "))


def _joined(parts: Sequence[str]) -> str:
    more = len(parts) - NAMED
    return "; ".join(parts[:NAMED]) + (f"; + {more} more" if more > 0 else "")
