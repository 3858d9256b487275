"""What an event concerns, as cards name it: a coin, a coin on one venue, or single pairs. Pure.

A line about single pairs never names the coin as the thing to exit: the coin still trades in other pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alerts.rendering.places import pair_text, where_text
from crypto_ews.ui.text import label
from events.enums import Action, RiskLevel, Scope, TradingStatus

if TYPE_CHECKING:
    from events.models import Effect

_NEVER = datetime.max.replace(tzinfo=UTC)
NAMED = 3
"""Pairs and tokens that one phrase names; the rest is counted."""
_ACTIONS = {
    "watch": "Watch",
    "avoid_new": "Open nothing new",
    "reduce_only": "Reduce only",
    "exit": "Exit",
    "halt": "Halt",
}


@dataclass(frozen=True)
class TokenLine:
    """The strictest effect on one token, or on single pairs of it.

    action: in force on the instruments; `none` once the event is over and nothing else restricts them.
    pairs: with the scope `pairs` the names of the pairs, "ETH/USDC"; tickers: the same as VENUE:SYMBOL.
    """

    token: str
    scope: str
    venues: tuple[str, ...]
    action: str
    trading_status: str
    risk_level: str
    trading_ends_at: datetime | None
    pairs: tuple[str, ...] = ()
    tickers: tuple[str, ...] = ()

    @property
    def single_pairs(self) -> bool:
        return self.scope == Scope.PAIRS


def action_label(action: str) -> str:
    """`avoid_new` → "Open nothing new"."""
    return _ACTIONS.get(action, label(action))


def pair_label(token: str, ticker: str) -> str:
    """`BINANCE:ETHUSDC` of the token ETH → "ETH/USDC". A contract keeps its symbol."""
    return pair_text(ticker, {token} if token else ())


def token_lines(effects: Sequence[Effect], only: Collection[str] = (), apart: bool = False) -> list[TokenLine]:
    """Lines for the effects, strictest first: one per token, and for single pairs one per state.

    only: tickers; if a line of single pairs has any of them, it names no others. apart: one per state of a coin, too:
    it may end on spot tomorrow and as a contract tonight.
    """
    groups: dict[tuple[object, ...], list[Effect]] = {}
    for effect in effects:
        key: tuple[object, ...] = (effect.token,)
        if effect.scope == Scope.PAIRS or apart:
            # Pairs that end trading at another hour, or are hit harder, get a line of their own.
            single = effect.scope == Scope.PAIRS
            key = (effect.token, effect.action, effect.trading_status, effect.trading_ends_at, apart and single)
        groups.setdefault(key, []).append(effect)
    lines = [_line(group, only) for group in groups.values()]
    return sorted(lines, key=lambda line: (-Action(line.action).severity, line.token, line.pairs, _end(line, apart)))


def _end(line: TokenLine, apart: bool) -> datetime:
    return line.trading_ends_at or _NEVER if apart else _NEVER


def _line(group: Sequence[Effect], only: Collection[str]) -> TokenLine:
    ends = [effect.trading_ends_at for effect in group if effect.trading_ends_at is not None]
    widest = min(group, key=lambda effect: list(Scope).index(Scope(effect.scope)))
    tickers: tuple[str, ...] = ()
    if widest.scope == Scope.PAIRS:
        named = {ticker for effect in group for ticker in effect.tickers}
        tickers = tuple(sorted(named.intersection(only) or named))
    return TokenLine(
        token=widest.token,
        scope=widest.scope,
        venues=tuple(sorted({effect.venue for effect in group if effect.venue})),
        action=strictest(Action, [effect.action for effect in group]) or Action.WATCH,
        trading_status=strictest(TradingStatus, [effect.trading_status for effect in group]) or TradingStatus.TRADING,
        risk_level=strictest(RiskLevel, [effect.risk_level for effect in group]) or RiskLevel.HIGH,
        trading_ends_at=min(ends, default=None),
        pairs=tuple(dict.fromkeys(pair_label(widest.token, ticker) for ticker in tickers)),
        tickers=tickers,
    )


def strictest(vocabulary: type[Action] | type[TradingStatus] | type[RiskLevel], values: Iterable[str]) -> str | None:
    return vocabulary.most_severe(values) or None


def subject(line: TokenLine, most: int = NAMED) -> str:
    """The coin, or the names of the single pairs: "ETH/USDC, ETH/DAI + 2 more"."""
    if not line.single_pairs:
        return line.token
    return listed(line.pairs, most) if line.pairs else f"single pairs with {line.token}"


def place(line: TokenLine) -> str:
    """ "on Binance spot", "everywhere"."""
    return f"on {where_text(line.venues)}" if line.venues else "everywhere"


def listed(names: Sequence[str], most: int = NAMED) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" + {more} more" if more > 0 else "")
