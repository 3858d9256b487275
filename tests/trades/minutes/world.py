"""A venue that tells trades over real WebSockets on loopback, and the engine of streams that makes minutes of them."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Iterable
from fractions import Fraction
from types import TracebackType
from typing import Self

from crypto_ews.conf import parse_config
from events.upstream.client import HttpClient
from streams.engine.frames import FrameScheduler
from streams.engine.snapshots import SnapshotFetcher
from streams.engine.venue_streams import VenueStreams
from streams.feeds.trades.binance import BinanceTrades
from tests.streams.engine_support import SHORT
from tests.streams.small_feeds import SmallBinance
from tests.support.daemon_process import eventually
from tests.trades.minutes.tape import Fill, buys_of, figures, kline, reckoned, tape
from tests.upstreams.streams.dialects import Change, Market
from tests.upstreams.streams.server import StreamVenue
from trades.minutes.gaps import RepairReason
from trades.minutes.repair import checked
from trades.minutes.venue import MinutesTarget, VenueMinutes
from trades.records import TradeMinute


class Tape:
    """Binance's dialect, of trades alone."""

    path = "/stream"

    def subscribed(self, frame: str) -> tuple[list[str], list[str], list[str]]:
        request = json.loads(frame)
        symbols = [f"trades {name.partition('@')[0].upper()}" for name in request["params"]]
        answers = [json.dumps({"result": None, "id": request["id"]})]
        return (symbols, [], answers) if request["method"] == "SUBSCRIBE" else ([], symbols, answers)

    def first(self, market: Market) -> str | None:
        return None

    def update(self, change: Change) -> str:
        raise NotImplementedError("no books come here")

    def trade(self, symbol: str, price: str, size: str) -> str:
        """price: a whole frame, so that the tape decides what is told."""
        return price


class TradeWorld:
    """`tell` says fills to whoever is subscribed; the reference is made of all fills of the tape."""

    def __init__(self, symbols: Iterable[str] = ("AUSDT", "BUSDT"), number: int = 60, **facts: object) -> None:
        self.symbols = tuple(symbols)
        source = random.Random(11)
        self.tape = sorted(
            (fill for symbol in self.symbols for fill in tape(source, symbol, number)), key=lambda fill: fill.at
        )
        self.venue = StreamVenue(Tape(), [])
        self.feed = BinanceTrades(SmallBinance())
        for name, value in facts.items():
            setattr(self.feed, name, value)
        self.rows: dict[tuple[str, int], TradeMinute] = {}
        self.repairs: set[tuple[str, int]] = set()
        self.reasons: set[RepairReason] = set()
        self.malformed: list[tuple[bytes, str]] = []
        self.minutes = VenueMinutes("BINANCE", self.feed.numbering, self._take, self._ask)
        self.streams: VenueStreams
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)

    def __enter__(self) -> Self:
        self.venue.__enter__()
        self._thread.start()
        self._do(self._start)
        eventually(lambda: self.carried() == len(self.symbols), 5, "every symbol is subscribed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.venue.__exit__(kind, error, trace)

    # What tests do

    def tell(self, fills: Iterable[Fill]) -> None:
        for fill in fills:
            self.venue.trade(fill.symbol, fill.frame)

    def carried(self) -> int:
        return sum(len(names) for names in self.venue._subscribers.values())

    def come(self, fill: Fill) -> None:
        """Wait until this fill has come."""
        eventually(lambda: self.has(fill), 5, f"{fill} has come")

    def reconnected(self, opened: int) -> None:
        """Wait until there is another connection than the first `opened`, with every subscription."""
        eventually(lambda: self.venue.opened > opened and self.carried() == len(self.symbols), 5, "a new connection")

    def has(self, fill: Fill) -> bool:
        """Whether this fill's number was seen."""
        last = self.minutes.last_id(fill.symbol)
        return last is not None and last >= fill.last

    def settle(self) -> None:
        """Wait until the last fills have come, and give the rows of all minutes."""
        ends = [
            max((fill for fill in self.tape if fill.symbol == name), key=lambda fill: fill.last)
            for name in self.symbols
        ]
        eventually(lambda: all(map(self.has, ends)), 5, "the last trades have come")
        self._do(self.minutes.finish)

    # What tests see

    def unequal(self) -> set[tuple[str, int]]:
        """Minutes of the reference that the rows do not have so."""
        reference = reckoned(self.tape)
        found = {key for key, those in reference.items() if key not in self.rows or figures(self.rows[key]) != those}
        assert not {key for key, row in self.rows.items() if key not in reference and row.n_trades}
        return found

    def falsely_complete(self) -> set[tuple[str, int]]:
        return {key for key in self.unequal() if key in self.rows and self.rows[key].complete}

    def incomplete(self) -> set[tuple[str, int]]:
        """Minutes with trades that are not proven: at least the first of each symbol."""
        return {key for key, row in self.rows.items() if row.n_trades and not row.complete}

    def repair(self) -> None:
        """What the collector does with the venue's candles."""
        reference = reckoned(self.tape)
        for key in self.repairs:
            those = reference.get(key)
            row = checked(self.rows.get(key), kline("BINANCE", *key, those, Fraction(100))).row
            assert row is not None
            self.rows[key] = row if row.n_buys is not None else row._replace(n_buys=buys_of(those))

    # Behind it

    def _take(self, row: TradeMinute) -> None:
        self.rows[row.symbol, row.minute_ms] = row

    def _ask(self, venue: str, symbol: str, minute_ms: int, reason: RepairReason) -> None:
        self.repairs.add((symbol, minute_ms))
        self.reasons.add(reason)

    def _do(self, work: object) -> None:
        async def run() -> None:
            work()  # type: ignore[operator]

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(20)

    def _start(self) -> None:
        config = parse_config({"BINANCE_STREAM_URL": f"{self.venue.url}{Tape.path}"})
        limits = SHORT.of_trades()
        scheduler = FrameScheduler(limits.slice)
        self._fetcher = SnapshotFetcher(HttpClient(deadline_s=2, user_agent="tests"), config, limits)
        for symbol in self.symbols:
            self.minutes.add(symbol)
        self.streams = VenueStreams(
            self.feed,
            config,
            scheduler,
            self._fetcher,
            lambda symbol: MinutesTarget(self.minutes, symbol, lambda: int(time.monotonic() * 1000)),
            lambda frame, error: self.malformed.append((frame, error)),
            limits,
        )
        self._reading = self._loop.create_task(scheduler.run())
        self.streams.set_symbols(self.symbols)

    async def _stop(self) -> None:
        await self.streams.close()
        self._reading.cancel()
        self._fetcher.close()
