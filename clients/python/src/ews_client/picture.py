"""What push has said, and the answers that are remembered: what may be served without asking, and what may not. Pure.

Push carries rows of the token view, and a row is not the answer for a pair: it knows neither events of low priority nor
the state of the instrument. So a row never allows anything. It takes remembered answers away, and where no answer can
be had it makes the remembered one stricter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ews_client.answers import FRESH_MS, FUTURE_MS, Answer, Row, TokenRisk, strictest
from ews_client.messages import Heartbeat, Message, Notice, Resync, RiskChange, Snapshot

SILENCE_SECONDS: Final = 12.0
"""A stream without heartbeat for so long is dead. The server sends one each 5 s."""

MOST_REMEMBERED: Final = 50_000
"""Pairs. All exchanges together list fewer instruments."""

EVERYTHING: Final = "*"
"""The token of an effect on all that a venue trades."""

# What a person did about an event changes no answer.
_NO_CHANGE: Final = frozenset({"event.acknowledged", "event.unacknowledged", "silence.made", "silence.ended"})


@dataclass
class Remembered:
    """The last answer of the server to one question. Times are monotonic, in seconds."""

    answer: Answer
    asked_at: float
    changed: bool = False
    """Something that it rests on has changed since, or may have."""


def touches(answer: Answer, row: TokenRisk) -> bool:
    """Whether a row of the view is about one of the instruments of an answer."""
    return any(_row_touches(one, row) for one in answer.rows or (answer,))


def _row_touches(one: Row, row: TokenRisk) -> bool:
    if row.token in (one.base, one.quote, one.settle) or f"{one.venue}:{one.symbol}" in row.tickers:
        return True
    return row.token == EVERYTHING


def _same_exchange(place: str, one: Row) -> bool:
    return not one.exchange or place.partition("_")[0].lower() == one.exchange.partition("_")[0].lower()


def action_now(answer: Answer, rows: Mapping[str, TokenRisk]) -> str:
    """The strictest action that rows of the view put on the instruments of an answer.

    A row counts for all markets of its exchange, and a row that names the instrument counts as it is at its worst.
    """
    found = ["none"]
    for one in answer.rows or (answer,):
        for token in {one.base, one.quote, one.settle, EVERYTHING} & rows.keys():
            row = rows[token]
            found.append(row.asset_action or "none")
            found += [action for place, action in row.venue_actions.items() if _same_exchange(place, one)]
        ticker = f"{one.venue}:{one.symbol}"
        if one.base in rows and ticker in rows[one.base].tickers:
            found.append(rows[one.base].action)
    return strictest(found)


_EXCHANGES: Final = (
    "ascendex", "binance", "bingx", "bitfinex", "bitflyer", "bitget", "bithumb", "bitmart", "bitmex", "bitstamp",
    "bitvavo", "blofin", "bybit", "coinbase", "coinex", "crypto_com", "cryptocom", "delta", "deribit", "dydx", "gate",
    "gemini", "hashkey", "hitbtc", "htx", "huobi", "hyperliquid", "kraken", "kucoin", "lbank", "mexc", "okcoin", "okex",
    "okx", "phemex", "poloniex", "probit", "upbit", "whitebit", "woo", "xt",
)  # fmt: skip
_RENAMED: Final = {"huobi": "htx", "okex": "okx", "crypto_com": "cryptocom"}
_CODES: Final = {"BTC": ("XBT",), "DOGE": ("XDG",)}


def _exchange_of(written: str) -> str | None:
    """binanceusdm, Gate.io, KRAKEN_FUTURES → binance, gate, kraken; None: nobody that is known here."""
    found = [one for one in _EXCHANGES if written.lower().startswith(one)]
    return _RENAMED.get(found[0], found[0]) if found else None


def action_by_name(exchange: str, symbol: str, rows: Mapping[str, TokenRisk]) -> str:
    """The strictest action for a pair that was never answered: of all tokens that its name may hold.

    What is wrong on some exchange counts where it is the named one, however that is written, or either is unknown.
    """
    written = symbol.upper()
    asked = _exchange_of(exchange)
    found = ["none"]
    for token, row in rows.items():
        if token == EVERYTHING or _may_hold(written, token):
            found.append(row.asset_action or "none")
            for place, action in row.venue_actions.items():
                at = _exchange_of(place)
                if asked is None or at is None or asked == at:
                    found.append(action)
        if any(_bare(ticker.partition(":")[2]) == _bare(written.partition(":")[0]) for ticker in row.tickers):
            found.append(row.action)
    return strictest(found)


def _bare(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _may_hold(written: str, token: str) -> bool:
    """1000SHIBUSDT may be about SHIB, PI_XBTUSD about BTC; a code of one or two letters stands at an end."""
    if len(token) >= 3:
        return any(code in written for code in (token, *_CODES.get(token, ())))
    return any(part.startswith(token) or part.endswith(token) for part in re.split(r"[^A-Z0-9]+", written))


class Picture:
    """What push has said until now. It is `complete` only while nothing can have been missed."""

    def __init__(self) -> None:
        self.rows: dict[str, TokenRisk] = {}
        self.status = "unknown"
        self.seq: int | None = None
        self.reported = False
        self._snapshot = False
        self._beat_at = float("-inf")
        self._age_ms: int | None = None

    def complete(self, now: float) -> bool:
        """A snapshot was seen, nothing was missed since, and the last heartbeat is young and says `fresh`."""
        since = now - self._beat_at
        return (
            self._snapshot
            and self.status == "fresh"
            and since < SILENCE_SECONDS
            and self._age_ms is not None
            and self._age_ms >= FUTURE_MS
            and self._age_ms + since * 1000.0 <= FRESH_MS
        )

    def lost(self) -> None:
        """The stream is gone. What it said stays said; that nothing was missed does not."""
        self._snapshot = False

    def doubt(self) -> None:
        """What came is another database's, or an old copy. It is not learnt, and what was known before stays known."""
        self.lost()
        self.reported = True
        self.status = "unknown"

    def take(self, message: Message, now: float) -> Change:
        """Learns from a message, and says which answers it takes away."""
        if isinstance(message, Resync):
            self.lost()
            return EVERY_ANSWER
        if isinstance(message, Notice):
            if message.kind == "alert" or message.what in _NO_CHANGE:
                return NO_ANSWER
            return EVERY_ANSWER
        if not isinstance(message, Snapshot | RiskChange | Heartbeat):
            return NO_ANSWER
        self.reported = True
        status_changed = message.status != self.status
        self.status = message.status
        before, self.seq = self.seq, message.seq
        if isinstance(message, Heartbeat):
            self._beat_at, self._age_ms = now, message.age_ms
            return EVERY_ANSWER if status_changed or before != message.seq else NO_ANSWER
        if isinstance(message, Snapshot):
            self.rows = {row.token: row for row in message.tokens}
            self._snapshot = message.seq is not None
            return EVERY_ANSWER
        gone = [self.rows[token] for token in message.removed if token in self.rows]
        previous = [self.rows[row.token] for row in message.changed if row.token in self.rows]
        for row in message.changed:
            self.rows[row.token] = row
        for token in message.removed:
            self.rows.pop(token, None)
        if before is None or message.seq is None or message.seq < before:
            self.lost()
            return EVERY_ANSWER
        if status_changed or message.seq > before + 1 or EVERYTHING in message.removed:
            return EVERY_ANSWER
        return Change(False, (*message.changed, *previous, *gone), frozenset(message.removed))


@dataclass(frozen=True)
class Change:
    """Which remembered answers a message takes away: all, or those that rest on these rows and tokens."""

    all: bool
    rows: tuple[TokenRisk, ...] = ()
    tokens: frozenset[str] = frozenset()

    def concerns(self, answer: Answer) -> bool:
        if self.all:
            return True
        named = {token for one in answer.rows or (answer,) for token in (one.base, one.quote, one.settle)}
        return bool(named & self.tokens) or any(touches(answer, row) for row in self.rows)


EVERY_ANSWER: Final = Change(True)
NO_ANSWER: Final = Change(False)


class Memory:
    """The last answer of the server to each question."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Remembered] = {}
        self.changes = 0
        """Counts what took answers away, so that an answer that was on its way meanwhile is not taken for current."""

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, exchange: str, symbol: str) -> Remembered | None:
        return self._answers.get((exchange, symbol))

    def put(self, answer: Answer, asked_at: float, changed: bool) -> None:
        key = (answer.asked_exchange, answer.asked_symbol)
        known = self._answers.pop(key, None)
        if known is not None and known.asked_at > asked_at:
            # Two questions at once, and the earlier one was answered last.
            self._answers[key] = known
            return
        self._answers[key] = Remembered(answer, asked_at, changed)
        if len(self._answers) > MOST_REMEMBERED:
            self._answers.pop(next(iter(self._answers)))

    def take_away(self, change: Change) -> None:
        if change is NO_ANSWER:
            return
        self.changes += 1
        for known in self._answers.values():
            if not known.changed and change.concerns(known.answer):
                known.changed = True

    def forget(self) -> None:
        """Another database answers now: nothing that is remembered is about it."""
        self._answers.clear()
        self.changes += 1
