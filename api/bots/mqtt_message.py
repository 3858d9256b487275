"""What a hummingbot is told over MQTT. Pure.

The form is hummingbot's `ExternalEventMessage` (hummingbot/remote_iface/messages.py): timestamp, sequence, type, and
`data`, an object of integers and texts. Each message has all of a bot's markets: one that is lost leaves no half.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crypto_ews.conf.bots import BotMarkets
from events.enums import Action

EVENT = "token_risk"
VERSION = 1
OPEN, UNKNOWN, UNWATCHED = "open", "unknown", "unwatched"
FORBIDDING = tuple(action for action in Action.values if action != Action.WATCH)
"""The actions of `can_trade` that forbid opening, the mildest first."""
QUOTE, BOTH = "quote_", "both_"
"""Before an action: the quote currency is what is at risk, so that a spot purchase closes; or both sides are."""
_MILD = ("none", "watch")

Market = tuple[str, str]
"""(connector, pair) as hummingbot writes them: ("binance_perpetual", "BTC-USDT")."""


@dataclass(frozen=True)
class State:
    """What the database said at one look.

    words: of every market. status: of all of them together, `fresh`, `stale` or `unknown`. as_of: the heartbeat up to
    which this is known, in seconds since 1970, 0 for never. seq: the number of the view's last change. source: the
    database, so that a bot notices when two systems talk to it. looked_at: of a monotonic clock, in seconds. nobodys:
    the markets that no list of instruments has.
    """

    words: Mapping[Market, str] = field(default_factory=dict)
    status: str = UNKNOWN
    as_of: int = 0
    seq: int = 0
    source: str = ""
    looked_at: float = float("-inf")
    nobodys: frozenset[Market] = frozenset()

    def same_as(self, other: State) -> bool:
        """Whether bots would be told the same; the numbers that count on with time alone are no news."""
        return (self.words, self.status, self.source) == (other.words, other.status, other.source)


def nothing_known(before: State) -> State:
    """The state while the database cannot be asked: nothing may be opened."""
    return State({}, UNKNOWN, before.as_of, before.seq, before.source, before.looked_at)


def word_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """One word for the rows of `can_trade` about one market: `open`, or why not.

    `open` where every row says so; else the strictest action that forbids; else `stale` or `unknown`; else
    `unwatched`: the pair is listed, and on no watch list.
    """
    found = list(rows)
    if found and all(row["may_open"] is True for row in found):
        return OPEN
    actions = [row["action"] for row in found if row["action"] in FORBIDDING]
    if actions:
        worst = max(actions, key=FORBIDDING.index)
        return worst if worst == FORBIDDING[-1] else f"{_side_of(found)}{worst}"
    statuses = {row["status"] for row in found} | ({UNKNOWN} if not found else set())
    if statuses != {"fresh"}:
        return UNKNOWN if UNKNOWN in statuses else "stale"
    return UNKNOWN if any(row["covered"] == UNKNOWN for row in found) else UNWATCHED


def _side_of(rows: list[Mapping[str, Any]]) -> str:
    """Nothing where a sale closes; else `quote_` where a purchase does, `both_` where neither does.

    A sale closes unless the quote's action is the strictest: it would buy what is at risk. A purchase closes only where
    the quote's action alone forbids.
    """
    buys = [
        _rank(row["quote_action"]) > max(_rank(row["base_action"]), _rank(row["instrument_action"])) for row in rows
    ]
    if not any(buys):
        return ""
    alone = all(row["base_action"] in _MILD and row["instrument_action"] in _MILD for row in rows)
    return QUOTE if alone else BOTH


def _rank(action: str) -> int:
    """One that is not known counts as the strictest."""
    found = (*_MILD, *FORBIDDING)
    return found.index(action) if action in found else len(found)


def state_of(markets: Iterable[Market], rows: Iterable[Mapping[str, Any]], source: str, looked_at: float) -> State:
    """The state by an answer of `can_trade_many` whose `n` counts the markets from 1."""
    by_number: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_number.setdefault(row["n"], []).append(row)
    known = [row for found in by_number.values() for row in found]
    found = {market: by_number.get(number, []) for number, market in enumerate(markets, 1)}
    words = {market: word_of(rows) for market, rows in found.items()}
    nobodys = frozenset(
        market for market, rows in found.items() if rows and all(row["covered"] == UNKNOWN for row in rows)
    )
    dates = [row["as_of"].timestamp() for row in known if row["as_of"] is not None]
    status = "fresh" if all(row["status"] == "fresh" for row in known) else "stale"
    if not known or all(row["status"] == UNKNOWN for row in known):
        status = UNKNOWN
    seq = max((row["seq"] or 0 for row in known), default=0)
    return State(words, status, int(min(dates, default=0)), int(seq), source, looked_at, nobodys)


def topic_of(namespace: str, instance: str) -> str:
    """`hbot/bot1/external/event/token_risk`. Dots become slashes, as in hummingbot's own topics (commlib-py)."""
    return f"{namespace}/{instance}/external/event/{EVENT}".replace(".", "/")


def message_of(bot: BotMarkets, state: State, milliseconds: int, valid_for: int) -> bytes:
    """The JSON text for a bot. milliseconds: timestamp and sequence. valid_for: seconds for which it may be used."""
    data: dict[str, int | str] = {
        "version": VERSION,
        "source": state.source,
        "status": state.status,
        "as_of": state.as_of,
        "seq": state.seq,
        "valid_for": valid_for,
    }
    for connector, pair in bot.markets:
        data[f"{connector}:{pair}"] = state.words.get((connector, pair), UNKNOWN)
    body = {"timestamp": milliseconds, "sequence": milliseconds, "type": "eevent", "data": data}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=True).encode()
