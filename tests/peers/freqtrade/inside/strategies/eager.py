"""A strategy that opens whatever it may: whatever stands open shows what was tradable."""

from typing import Any

from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Eager(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi: dict[str, float] = {}
    stoploss = -0.99
    startup_candle_count = 0
    process_only_new_candles = False
    use_exit_signal = True
    order_types = {"entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": False}

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["exit_long"] = 0
        return dataframe


class Watching(Eager):
    """Opens nothing of its own."""

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["enter_long"] = 0
        return dataframe


class Adding(Eager):
    """Opens whatever it may, and adds to ETH in each loop."""

    position_adjustment_enable = True

    def adjust_trade_position(self, trade: Any, *_: Any, **__: Any) -> float | None:
        return 20.0 if trade.pair == "ETH/USDT" else None
