"""A closed event: what it demanded and what is in force now: "was: exit on Binance spot · now: no restriction ·
lasted 3 h".

1. An action that is no longer in force is written in the past tense, never as an order.
2. In force now is what other open events demand of the same tokens and pairs, as in `token_risk_view`. An event on
   single pairs of a coin puts the coin itself at `watch`, no higher.
Pure: `alerts.delivery` loads the effects of the other events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.rendering.places import where_text
from alerts.rendering.subjects import NAMED, TokenLine, action_label, listed, pair_label, place, strictest, subject
from crypto_ews.ui.text import span
from events.enums import Action, Scope, TradingStatus

NO_ACTION = "none"
NO_RESTRICTION = "no restriction"
NOT_TRADED = "no longer traded"


@dataclass(frozen=True)
class Restriction:
    """An effect of another open event of high priority on a token."""

    event_id: int
    token: str
    scope: str
    venue: str
    tickers: tuple[str, ...]
    action: str
    trading_status: str


@dataclass(frozen=True)
class Past:
    """What the event demanded while it was open. text: "exit on Binance spot", of several "LUNA: exit on
    Binance spot; …"."""

    text: str
    action: str | None
    trading_status: str | None
    risk_level: str | None
    trading_ends_at: datetime | None
    lasted_seconds: float | None


@dataclass(frozen=True)
class Present:
    """What is in force now for the event's tokens. action: `none` if nothing is. event_ids: what restricts them."""

    text: str
    action: str
    trading_status: str | None
    event_ids: tuple[int, ...]


def was_text(lines: Sequence[TokenLine]) -> str:
    """What the event demanded of these lines, in their order."""
    if len(lines) == 1 and not lines[0].single_pairs:
        return f"{_lower(lines[0].action)} {place(lines[0])}"
    groups: dict[tuple[str, str], list[TokenLine]] = {}
    for line in lines:
        groups.setdefault((line.action, "" if line.single_pairs else place(line)), []).append(line)
    parts = [
        f"{listed([subject(line) for line in group])}: {_lower(action)} {where}".rstrip()
        for (action, where), group in groups.items()
    ]
    return _joined(parts)


def present(
    lines: Sequence[TokenLine], others: Sequence[Restriction], gone: Callable[[TokenLine], bool] = lambda line: False
) -> tuple[Present, list[TokenLine]]:
    """What is in force now for these lines: together, and line by line.

    gone: whether no instrument of a line is live any more. Such a line is "no longer traded", not "no restriction".
    """
    now_lines: list[TokenLine] = []
    found_parts: list[tuple[int, str]] = []
    event_ids: list[int] = []
    statuses: list[str] = []
    for line in lines:
        found = [(other, _action_on(other, line)) for other in others if _concerns(other, line)]
        action = strictest(Action, [demanded for _, demanded in found]) or NO_ACTION
        leading = [other for other, demanded in found if demanded == action]
        status = strictest(TradingStatus, [_status_of(other, line) for other, _ in found])
        now_lines.append(_now(line, action, status))
        # A card about one coin need not repeat its name.
        unnamed = len(lines) == 1 and not line.single_pairs
        if not leading:
            if gone(line):
                where = f" {place(line)}" if line.venues and not line.single_pairs else ""
                found_parts.append((-1, ("" if unnamed else f"{subject(line)}: ") + NOT_TRADED + where))
            continue
        venues = sorted({other.venue for other in leading if other.venue})
        everywhere = line.single_pairs or any(not other.venue for other in leading)
        ids = sorted({other.event_id for other in leading})
        what = _lower(action) + ("" if everywhere else f" on {where_text(venues)}")
        what += f" (another event, {listed([f'#{number}' for number in ids])})"
        whose = "" if unnamed else f"{_hit(line, leading)}: "
        found_parts.append((Action(action).severity, whose + what))
        event_ids += [number for number in ids if number not in event_ids]
        statuses.append(status or TradingStatus.TRADING)
    parts = [text for _, text in sorted(found_parts, key=lambda part: -part[0])]
    text = _joined(parts) or NO_RESTRICTION
    if parts and len(parts) < len(lines):
        text += f"; otherwise {NO_RESTRICTION}"
    strict = strictest(Action, [line.action for line in now_lines if line.action != NO_ACTION])
    return Present(text, strict or NO_ACTION, strictest(TradingStatus, statuses), tuple(event_ids)), now_lines


def _concerns(other: Restriction, line: TokenLine) -> bool:
    if not line.single_pairs:
        return other.token == line.token
    if other.scope == Scope.PAIRS:
        return not set(line.tickers).isdisjoint(other.tickers)
    venues = {ticker.rpartition(":")[0] for ticker in line.tickers} | set(line.venues)
    same_token = other.token == line.token and (not other.venue or other.venue in venues)
    return same_token or not set(line.tickers).isdisjoint(other.tickers)


def _hit(line: TokenLine, others: Sequence[Restriction]) -> str:
    """The coin, or its pairs that the other events concern."""
    all_pairs = any(other.scope != Scope.PAIRS for other in others)
    hit = {ticker for other in others for ticker in other.tickers}
    if not line.single_pairs or all_pairs:
        return subject(line)
    return listed([pair_label(line.token, ticker) for ticker in line.tickers if ticker in hit])


def _action_on(other: Restriction, line: TokenLine) -> str:
    """The action of another event on this line. Whatever it does to single pairs is `watch` for the coin."""
    if other.scope == Scope.PAIRS and not line.single_pairs:
        return Action.WATCH.value
    return other.action


def _status_of(other: Restriction, line: TokenLine) -> str:
    if other.scope == Scope.PAIRS and not line.single_pairs:
        return TradingStatus.TRADING.value
    return other.trading_status


def _now(line: TokenLine, action: str, status: str | None) -> TokenLine:
    return TokenLine(line.token, line.scope, line.venues, action, status or "", "", None, line.pairs, line.tickers)


def ended_line(was: str, now: str, lasted_seconds: float | None) -> str:
    """What was, what is now and how long it lasted, in one line; empty parts are left out."""
    parts = [f"was: {was}" if was else "", f"now: {now}" if now else ""]
    parts.append(f"lasted {span(lasted_seconds)}" if lasted_seconds is not None else "")
    return " · ".join(filter(None, parts))


def _lower(action: str) -> str:
    return action_label(action).lower()


def _joined(parts: Sequence[str]) -> str:
    more = len(parts) - NAMED
    return "; ".join(parts[:NAMED]) + (f"; + {more} more" if more > 0 else "")
