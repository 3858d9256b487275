"""A process that counts a tape from a place on, to be killed; its arguments: FOLDER FIRST BEGINS_MS.

It writes into FOLDER/position how far it has counted. At the end of the tape it settles every doubt and is done.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path


def main(folder: Path, first: int, begins_ms: int) -> None:
    import django

    django.setup()
    from crypto_ews.conf import get_config
    from events.upstream.client import HttpClient
    from streams.engine.host_budget import HostBudgets
    from streams.feeds.trades.base import Numbering
    from tests.trades.tape import MINUTE_MS, SYMBOLS, Tape
    from trades.collector.recorder import TradeRecorder
    from trades.history.repair import Repairer
    from trades.klines.base import TradedPair
    from trades.klines.client import KlineClient
    from trades.klines.venues import KLINE_VENUES
    from trades.minutes.gaps import RepairReason
    from trades.minutes.venue import VenueMinutes
    from trades.models import RepairMinute
    from trades.storage.queue import queue_incomplete
    from trades.storage.rows import TradeRows
    from trades.storage.stored import last_minutes
    from trades.storage.tables import moment_of

    config = get_config()
    tape = Tape(begins_ms, 120)
    clock_ms = tape.trades[first].exchange_ms if first < len(tape.trades) else tape.ends_ms

    def now_ms() -> int:
        return clock_ms

    rows = TradeRows()
    recorder = TradeRecorder(config, rows, lambda: moment_of(now_ms()))
    rows.ids.ensure({("BINANCE", symbol) for symbol in SYMBOLS})
    since = moment_of(now_ms()) - timedelta(hours=16)
    queue_incomplete("BINANCE", since, moment_of(now_ms()), RepairReason.RESTART)
    stored = last_minutes("BINANCE", since)
    minutes = VenueMinutes("BINANCE", Numbering.CONSECUTIVE, recorder.take_row, recorder.take_doubt)
    for symbol in SYMBOLS:
        minutes.add(symbol)
        if row := stored.get(symbol):
            minutes.resume(symbol, row.minute_ms, row.last_id, row.close)
    for number, trade in enumerate(tape.trades[first:], first):
        clock_ms = trade.exchange_ms
        minutes.traded(trade, clock_ms)
        if number % 7 == 0:
            (folder / "position").write_text(str(number))
        if number % 50 == 0:
            recorder.work()
            time.sleep(0.002)
    clock_ms = tape.ends_ms + 10 * MINUTE_MS
    minutes.finish()
    recorder.work()
    (folder / "position").write_text(str(len(tape.trades)))
    with HttpClient(5, user_agent="tests") as http:
        client = KlineClient(http, config, HostBudgets(), lambda: tape.ends_ms)
        pairs = [TradedPair("BINANCE", symbol, symbol, symbol[:3], "USDT") for symbol in SYMBOLS]
        repairer = Repairer(KLINE_VENUES["BINANCE"], client, rows, lambda: moment_of(now_ms()))
        while RepairMinute.objects.exists():
            repairer.run(pairs)
    (folder / "done").touch()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
