"""Bars of invented markets."""

from __future__ import annotations

import numpy as np

from trades.volume.bars import DAY_MS, Bars

START_MS = 1_735_689_600_000  # 2025-01-01
HOUR = 3_600_000


def market(instruments: int, days: int, seed: int, interval_ms: int = HOUR, start_ms: int = START_MS) -> Bars:
    """Log-normal volumes of slowly changing level, a day's rhythm, prices that walk. Row i is named C00i."""
    rng = np.random.default_rng(seed)
    columns = days * DAY_MS // interval_ms
    hours = np.arange(columns) * interval_ms / HOUR
    level = rng.normal(10, 2, (instruments, 1)) + np.cumsum(rng.normal(0, 0.01, (instruments, columns)), axis=1)
    rhythm = 0.4 * np.sin(hours / 24 * 2 * np.pi)
    volume = np.exp(level + rhythm + rng.normal(0, 0.6, (instruments, columns)))
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.005, (instruments, columns)), axis=1))
    opened = np.concatenate([np.full((instruments, 1), 100.0), close[:, :-1]], axis=1)
    spread = np.exp(np.abs(rng.normal(0, 0.003, (2, instruments, columns))))
    high, low = np.maximum(opened, close) * spread[0], np.minimum(opened, close) / spread[1]
    bought = volume * rng.beta(5, 5, (instruments, columns))
    names = [f"C{index:03}USDT" for index in range(instruments)]
    return Bars(names, start_ms, interval_ms, opened, high, low, close, volume, bought)
