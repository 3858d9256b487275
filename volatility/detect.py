"""From what a reading changed to drafts: which tokens moved, and whether that is news. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from events.drafts import EffectDraft, EventDraft
from events.enums import AlertReason, Category, Scope
from events.facts import VolatilityFacts, facts_as
from volatility.prices import PricedPair
from volatility.store import PriceChange
from volatility.windows import REALERT_LOG_MOVE, REALERT_SHARE, VALID_AT_LEAST, Window

KIND = "volatility"
# A move that equals its bound counts, whatever the last bit of a quotient says.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Move:
    """A price against the extreme of the widest window that it breaks in one direction.

    fraction: signed, of the extreme. windows: all that are broken in this direction, narrowest first. within: the
    narrowest of them that holds the extreme, which is how fast the move was.
    """

    price: float
    extreme: float
    windows: tuple[Window, ...]
    within: Window

    @property
    def fraction(self) -> float:
        return self.price / self.extreme - 1

    @property
    def log(self) -> float:
        return math.log(self.price / self.extreme)

    @property
    def direction(self) -> str:
        return "up" if self.price >= self.extreme else "down"

    @property
    def widest(self) -> Window:
        return self.windows[-1]


@dataclass(frozen=True)
class PairMoves:
    """The broken windows of one pair; at least one direction is there."""

    price: float
    up: Move | None
    down: Move | None

    @property
    def larger(self) -> Move:
        return max((move for move in (self.up, self.down) if move), key=lambda move: abs(move.log))

    def towards(self, direction: str) -> Move | None:
        return self.up if direction == "up" else self.down


@dataclass(frozen=True)
class Announced:
    """An open event as its last alert told it: price in USD, signed log move, and what its card says.

    shown_price: the price in its facts, which rolls forward without alerts.
    """

    title: str
    price: float
    log_move: float
    at: str
    valid_until: datetime | None
    shown_price: float

    def is_over(self, at: datetime) -> bool:
        return self.valid_until is not None and self.valid_until <= at

    @classmethod
    def of(cls, title: str, facts: Mapping[str, Any], valid_until: datetime | None) -> Announced | None:
        """From an event's row; None where an admin or an earlier version left no such facts."""
        stored = facts_as(VolatilityFacts, facts)
        last = stored.get("last_alert")
        if not isinstance(last, Mapping):
            return None
        shown = float(stored.get("price") or last["price"])
        return cls(title, float(last["price"]), float(last["log_move"]), str(last["at"]), valid_until, shown)


Verdict = tuple[Move | None, str | None]
Rule = Callable[[PairMoves, Announced | None], Verdict]


def natural_key(token: str) -> str:
    return f"volatility:{token}"


def broken(change: PriceChange) -> dict[str, PairMoves]:
    """The pairs that break a window, with what they break."""
    thresholds = np.array([window.threshold for window in change.windows])[:, None]
    up = change.prices / change.low - 1 >= thresholds - _ROUNDING
    down = 1 - change.prices / change.high >= thresholds - _ROUNDING
    found = {}
    for index in np.flatnonzero((up | down).any(axis=0)):
        price = float(change.prices[index])
        found[change.pairs[index]] = PairMoves(
            price,
            _move(price, change.low[:, index], up[:, index], change.windows),
            _move(price, change.high[:, index], down[:, index], change.windows),
        )
    return found


def _move(price: float, extremes: Any, is_broken: Any, windows: Sequence[Window]) -> Move | None:
    indices = np.flatnonzero(is_broken)
    if not indices.size:
        return None
    extreme = float(extremes[indices[-1]])
    within = next(windows[index] for index in indices if extremes[index] == extreme)
    return Move(price, extreme, tuple(windows[index] for index in indices), within)


def detect(
    at: datetime,
    moves: Mapping[str, PairMoves],
    best: Iterable[PricedPair],
    announced: Mapping[str, Announced],
    tickers: Mapping[str, Sequence[str]],
    payloads: Mapping[str, str] | None = None,
    rule: Rule | None = None,
) -> list[EventDraft]:
    """A draft for every token whose best pair breaks a window.

    moves: by pair. announced: token → its open event. tickers: token → its live instruments. payloads: venue → digest
    of the archived body that its prices stood in. rule: when an open event alerts again (`moved_since_last_alert`).
    """
    drafts = []
    for pair in best:
        if pair.ticker in moves:
            known = announced.get(pair.token)
            if known is not None and known.is_over(at):
                # Nobody ran while it expired: what moves now is another event.
                drafts.append(_expired(pair, known))
                known = None
            news = (rule or moved_since_last_alert)(moves[pair.ticker], known)
            draft = _draft(at, pair, moves[pair.ticker], known, news, tickers.get(pair.token, ()))
            drafts.append(replace(draft, payload=payloads.get(pair.venue)) if payloads else draft)
    return drafts


def _draft(
    at: datetime,
    pair: PricedPair,
    moves: PairMoves,
    known: Announced | None,
    verdict: Verdict,
    tickers: Sequence[str],
) -> EventDraft:
    news, reason = verdict
    shown = news or moves.larger
    if news is not None or known is None:
        last = Announced(_title(pair.token, shown), shown.price, shown.log, at.isoformat(), None, shown.price)
    else:
        last = known
    widest = max(move.widest.span for move in (moves.up, moves.down) if move)
    valid_until = at + max(widest, VALID_AT_LEAST)
    if known is not None and known.valid_until is not None:
        valid_until = max(valid_until, known.valid_until)
    facts: VolatilityFacts = {
        "direction": shown.direction,
        "move": round(shown.fraction, 6),
        "windows": [window.label for window in shown.windows],
        "price": shown.price,
        "extreme": shown.extreme,
        "pair": pair.ticker,
        "last_alert": {"price": last.price, "log_move": round(last.log_move, 6), "at": last.at},
    }
    draft = EventDraft(
        source=_source(pair),
        category=Category.VOLATILITY,
        natural_key=natural_key(pair.token),
        title=last.title,
        kind=KIND,
        effects=(EffectDraft(pair.token, scope=Scope.ASSET, tickers=tuple(tickers)),),
        valid_until=valid_until,
        facts=facts,
        alert=reason,
        reopen="always",
    )
    if news is None:
        return draft
    return replace(draft, extra={"direction": shown.direction, "move": shown.fraction})


def _expired(pair: PricedPair, known: Announced) -> EventDraft:
    return EventDraft(
        source=_source(pair),
        category=Category.VOLATILITY,
        natural_key=natural_key(pair.token),
        title=known.title,
        effects=(EffectDraft(pair.token, scope=Scope.ASSET),),
        kind=KIND,
        state="closed",
        close_reason="expired",
        quiet=True,
    )


def _source(pair: PricedPair) -> str:
    return pair.venue.partition("_")[0].lower()


def moved_since_last_alert(moves: PairMoves, known: Announced | None) -> Verdict:
    """The move to be alerted, and the alert's reason (None: as the lifecycle says).

    An open event alerts again when the price has moved from the price at the last alert by at least
    `REALERT_LOG_MOVE` and `REALERT_SHARE` of the log move announced then, and breaks a window in that direction.
    """
    if known is None:
        return moves.larger, None
    since = math.log(moves.price / known.price)
    if abs(since) < max(REALERT_LOG_MOVE, REALERT_SHARE * abs(known.log_move)) - _ROUNDING:
        return None, None
    move = moves.towards("up" if since > 0 else "down")
    if move is None:
        return None, None
    turned = (since > 0) != (known.log_move > 0)
    return move, (AlertReason.TURNED if turned else AlertReason.WORSE).value


def _title(token: str, move: Move) -> str:
    verb = "rose" if move.direction == "up" else "fell"
    percent = abs(move.fraction) * 100
    size = f"{percent:,.0f}" if percent >= 100 else f"{percent:.1f}" if percent < 99 else f"{percent:.2f}"
    return f"{token} {verb} {size} % within {move.within.label} to {move.price:.6g} USD"
