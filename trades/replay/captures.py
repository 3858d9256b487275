"""From a recorded stream to minutes, by the code that follows live ones."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from streams.capture import Line, LineKind, read_lines
from streams.feeds.base import Decoder, ExactTrade, MalformedFrame, Notice, NoticeKind
from streams.feeds.trades import trade_feed_for
from streams.feeds.trades.base import ExactTradeFeed, Numbering, SizeUnit
from trades.minutes.exact import Contract
from trades.minutes.gaps import RepairReason
from trades.minutes.venue import VenueMinutes
from trades.records import MINUTE_MS, TradeMinute
from trades.volume.bars import Bars

_DOLLARS = Contract(Decimal(1), in_quote=True)


class NothingReadable(ValueError):
    """No line was in this exchange's protocol; `str()` is one line."""


def minutes_of(
    paths: Sequence[Path], exchange: str, market: str | None = None, contracts: Mapping[str, Contract] | None = None
) -> list[TradeMinute]:
    """The last row of every minute of recordings (see `streams.capture`), by instrument and minute.

    Several files are merged by receive time. market: spot, usdm or coinm; None: as the first trade shows it, spot where
    it does not. contracts: the value of one contract by symbol, where the venue counts in contracts. Raises
    UnsupportedFeed, OSError, and NothingReadable where no line is in the exchange's protocol.
    """
    capture = CaptureMinutes(exchange, market or market_of(paths, exchange), contracts)
    lines = [read_lines(path) for path in paths]
    capture.play(heapq.merge(*lines, key=lambda line: line.received_ns) if len(lines) > 1 else lines[0])
    return capture.rows()


def market_of(paths: Sequence[Path], exchange: str) -> str:
    """The market of a recording by its first trade; spot where that does not show it."""
    for path in paths:
        for line in read_lines(path):
            market = _market_in(line, exchange.lower())
            if market is not None:
                return market
    return "spot"


def _market_in(line: Line, exchange: str) -> str | None:
    content = line.content
    if line.kind is not LineKind.FRAME:
        return None
    if exchange == "binance" and (b'"e":"trade"' in content or b'"e":"aggTrade"' in content):
        # Trades of spot have a field M, which means nothing; those of futures have none.
        return "spot" if b'"M":' in content else "usdm"
    if exchange == "okx" and b'"channel":"trades' in content and b'"data"' in content:
        if b'-SWAP"' not in content:
            return "spot"
        return "coinm" if b'-USD-SWAP"' in content else "usdm"
    return None


def bars_of(rows: Sequence[TradeMinute]) -> Bars:
    """The minutes on one grid. A minute that is not complete is no bar: its volume may be too small. A minute without
    any price yet is none either. Raises ValueError where there is no row."""
    if not rows:
        raise ValueError("no minutes, expected at least one")
    symbols = sorted({row.symbol for row in rows})
    places = {symbol: index for index, symbol in enumerate(symbols)}
    start = min(row.minute_ms for row in rows)
    columns = (max(row.minute_ms for row in rows) - start) // MINUTE_MS + 1
    table = np.full((6, len(symbols), columns), np.nan)
    for row in rows:
        if not row.complete or row.open is None or row.high is None or row.low is None or row.close is None:
            continue
        bought = np.nan if row.buy_volume is None else float(row.buy_volume)
        prices = (float(row.open), float(row.high), float(row.low), float(row.close))
        table[:, places[row.symbol], (row.minute_ms - start) // MINUTE_MS] = (*prices, float(row.volume), bought)
    return Bars(symbols, start, MINUTE_MS, *table)


class CaptureMinutes:
    """The minutes of a recording, the repairs that they would need, and the symbols that could not be counted."""

    def __init__(self, exchange: str, market: str, contracts: Mapping[str, Contract] | None = None) -> None:
        self.feed: ExactTradeFeed = trade_feed_for(exchange, market)
        self.minutes = VenueMinutes(self.feed.venue, self.feed.numbering, self._emit, self._needs_repair)
        self.given: list[TradeMinute] = []
        """Every row in the order in which it was given, revisions too."""
        self.repairs: list[tuple[str, int, RepairReason]] = []
        self.left_out: dict[str, str] = {}
        self.readable = self.malformed = 0
        self._contracts = contracts or {}
        self._symbols: set[str] = set()
        self._decoder: Decoder = self.feed.decoder()
        self._connected = False

    def rows(self) -> list[TradeMinute]:
        """The last row of every minute, by symbol and minute."""
        last = {(row.symbol, row.minute_ms): row for row in self.given}
        return [last[key] for key in sorted(last)]

    def play(self, lines: Iterable[Line]) -> None:
        """Raises NothingReadable where there are lines but none can be read."""
        fault = ""
        for line in lines:
            try:
                self.take(line)
            except MalformedFrame as error:
                self.malformed += 1
                fault = fault or f"line {line.number}: {error}"
                if self.feed.numbering is Numbering.NONE:
                    self._interrupt(self._symbols)
        self.minutes.finish()
        if self.malformed and not self.readable:
            raise NothingReadable(f"nothing here is the protocol of {self.feed.exchange} {self.feed.market}: {fault}")

    def take(self, line: Line) -> None:
        """One line of a recording. Raises MalformedFrame."""
        if line.kind is LineKind.CONNECT:
            if self._connected:
                self._interrupt(self._symbols)
                self._decoder = self.feed.decoder()
            self._connected = True
        if line.kind is not LineKind.FRAME:
            return
        now_ms = line.received_ns // 1_000_000 or None
        for message in self._decoder.decode(line.content):
            if isinstance(message, ExactTrade):
                if message.symbol in self._symbols or self._begins(message.symbol):
                    self.minutes.traded(message, now_ms)
            elif isinstance(message, Notice) and message.kind is NoticeKind.LOST_MESSAGES:
                self._interrupt(message.symbols or self._symbols)
        self.readable += 1

    def _begins(self, symbol: str) -> bool:
        """Whether a symbol's trades can be counted."""
        if symbol in self.left_out:
            return False
        contract = None
        if self.feed.unit is SizeUnit.QUOTE:
            contract = _DOLLARS
        elif self.feed.unit is SizeUnit.CONTRACTS:
            contract = self._contracts.get(symbol)
            if contract is None:
                self.left_out[symbol] = "the value of its contracts is not known"
                return False
        elif self.feed.exchange == "okx" and symbol.count("-") > 1:
            self.left_out[symbol] = "no spot pair"
            return False
        self._symbols.add(symbol)
        self.minutes.add(symbol, contract)
        return True

    def _interrupt(self, symbols: Iterable[str]) -> None:
        for symbol in symbols:
            self.minutes.interrupted(symbol)

    def _emit(self, row: TradeMinute) -> None:
        self.given.append(row)

    def _needs_repair(self, venue: str, symbol: str, minute_ms: int, reason: RepairReason) -> None:
        self.repairs.append((symbol, minute_ms, reason))
