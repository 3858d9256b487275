"""Invented markets in the database, and the tracker over them with an injected clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from crypto_ews.conf import Config, parse_config
from events.lifecycle import expire
from markets.models import Instrument
from tests.exchanges.support import Clock
from trades.daily.benchmark import close_day
from trades.daily.pairs import stored_pairs
from trades.daily.thresholds import store_thresholds
from trades.live.service import VolumeService
from trades.models import TradedInstrument, VolumeJob
from trades.records import MinuteSource, TradeMinute
from trades.storage.days import date_of
from trades.storage.rows import TradeRows
from trades.storage.tables import moment_of
from trades.volume.bars import DAY_MS, MINUTE_MS, Bars

VENUE = "BINANCE"
TABLES = ("trades_minutebar", "trades_fiveminutebar", "trades_trackerrow")


def config(symbols: Sequence[str], **environment: str) -> Config:
    """These pairs are watched."""
    return parse_config({"SPOT_CURRENCIES": ",".join(symbol.removesuffix("USDT") for symbol in symbols), **environment})


def list_pairs(symbols: Sequence[str], at: datetime) -> None:
    Instrument.objects.bulk_create(
        Instrument(
            venue=VENUE, symbol=symbol, base=symbol.removesuffix("USDT"), quote="USDT",
            token=symbol.removesuffix("USDT"), status="TRADING", live=True, since=at, first_seen_at=at, last_seen_at=at,
        )
        for symbol in symbols
    )  # fmt: skip
    TradedInstrument.objects.bulk_create(TradedInstrument(venue=VENUE, symbol=symbol) for symbol in symbols)


def exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def minute(bars: Bars, row: int, column: int) -> TradeMinute | None:
    volume, bought = bars.volume[row, column], bars.bought[row, column]
    if np.isnan(volume):
        return None
    return TradeMinute(
        VENUE,
        bars.symbols[row],
        bars.start_ms + column * MINUTE_MS,
        exact(bars.open[row, column]),
        exact(bars.high[row, column]),
        exact(bars.low[row, column]),
        exact(bars.close[row, column]),
        n_trades=1,
        n_buys=None,
        volume=exact(volume),
        buy_volume=None if np.isnan(bought) else exact(bought),
        complete=True,
        source=MinuteSource.STREAM,
    )


def store(bars: Bars, first: int = 0, end: int | None = None, rows: TradeRows | None = None) -> None:
    columns = range(first, bars.columns if end is None else end)
    found = [minute(bars, row, column) for column in columns for row in range(len(bars.symbols))]
    (rows or TradeRows()).write_minutes([one for one in found if one is not None])


def close_days(settings: Config, first: int, last: int) -> None:
    """As the daily job does, one day after the other."""
    pairs = stored_pairs(settings, moment_of(last * DAY_MS))
    for day in range(first, last + 1):
        store_thresholds(pairs, {venue: {day: close_day(of_venue, day)} for venue, of_venue in pairs.items()})
    at = moment_of((last + 1) * DAY_MS) - timedelta(seconds=30)
    VolumeJob.objects.update_or_create(
        name="benchmark", defaults={"day": date_of(last), "finished_at": at, "seconds": 0.1}
    )


def live(service: VolumeService, clock: Clock, bars: Bars, first: int, end: int, rows: TradeRows) -> None:
    """The minutes of these columns come one by one, each 4.2 s after its close."""
    for column in range(first, end):
        store(bars, column, column + 1, rows)
        # As the daemon does once a minute.
        expire(moment_of(bars.at(column)))
        clock.at = moment_of(bars.at(column) + 4_200)
        service.work()
