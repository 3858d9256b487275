"""Minutes of trades as bars, for what works on bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trades.records import MINUTE_MS, TradeMinute
from trades.volume.bars import Bars


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
