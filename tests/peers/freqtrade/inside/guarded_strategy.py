"""Runs in freqtrade's environment: a strategy, loaded by its StrategyResolver, whose hooks are called as by the bot.

Answers each line of JSON with another; `load` (`folder`, `strategy`, `config`, `pairs`) comes first, maybe again.
"""

from __future__ import annotations

import json
import logging
import pickle
import sys
import time
import traceback
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle  # type: ignore[import-not-found]
import fence  # noqa: F401  (before anything that may connect)
from freqtrade.enums import RunMode, TradingMode
from freqtrade.persistence import PairLocks, Trade, init_db
from freqtrade.resolvers.strategy_resolver import StrategyResolver
from freqtrade.strategy.strategy_wrapper import strategy_safe_wrapper
from freqtrade.wallets import Wallets

DEFAULTS = {"confirm_trade_entry": True, "confirm_trade_exit": True, "custom_exit": False, "check_entry_timeout": False}
"""What freqtradebot.py and interface.py take for a hook that raises."""


class Lines(logging.Handler):
    """The log, kept for the test."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.levelname} {record.getMessage()}")


class Provider:
    """Stands for the DataProvider."""

    def __init__(self, pairs: list[str]) -> None:
        self.pairs = pairs

    def current_whitelist(self) -> list[str]:
        return list(self.pairs)


class Purse(Wallets):
    """freqtrade's own Wallets, with a balance that no exchange was asked for."""

    def __init__(self) -> None:
        pass

    def get_available_stake_amount(self) -> float:
        return 1000.0

    def _local_log(self, msg: str, level: str = "info") -> None:
        pass


def trade_of(pair: str) -> Trade:
    return Trade(
        id=1, pair=pair, base_currency=pair.split("/")[0], stake_currency=pair.split("/")[1], stake_amount=50.0,
        amount=1.0, open_rate=50.0, fee_open=0.001, fee_close=0.001, open_date=datetime.now(UTC), is_open=True,
        exchange="binance", leverage=1.0, is_short=False, stop_loss=1.0, stop_loss_pct=-0.98, initial_stop_loss=1.0,
        initial_stop_loss_pct=-0.98,
    )  # fmt: skip


class Bench:
    def __init__(self, given: dict[str, Any]) -> None:
        self.log = Lines()
        logging.getLogger().handlers = [self.log]
        logging.getLogger().setLevel(logging.INFO)
        config = {
            "exchange": {"name": "binance"}, "stake_currency": "USDT", "trading_mode": TradingMode.SPOT,
            "strategy": given["strategy"], "strategy_path": given["folder"], "user_data_dir": Path(given["folder"]),
            **given["config"],
        }  # fmt: skip
        if "runmode" in config:
            config["runmode"] = RunMode(config["runmode"])
        init_db("sqlite://")
        PairLocks.timeframe = "5m"
        self.strategy = StrategyResolver.load_strategy(config)
        self.strategy.dp = Provider(given["pairs"])
        self.strategy.wallets = Purse()

    def do(self, what: str, **more: Any) -> Any:
        return getattr(self, f"do_{what}")(**more)

    def do_start(self) -> Any:
        self.strategy.ft_bot_start()

    def do_loop(self, pairs: list[str] | None = None) -> Any:
        if pairs is not None:
            self.strategy.dp.pairs = pairs
        strategy_safe_wrapper(self.strategy.bot_loop_start, supress_error=True)(current_time=datetime.now(UTC))
        return self.do_locks()

    def do_locks(self) -> Any:
        locks = PairLocks.get_pair_locks(None)
        return sorted([lock.pair, lock.reason, lock.lock_end_time_utc.isoformat()] for lock in locks)

    def do_hook(self, name: str, pair: str, **named: Any) -> Any:
        """With everything that freqtradebot.py passes."""
        now, shared = datetime.now(UTC), {"current_time": datetime.now(UTC)}
        order = {"order": None, "proposed_rate": 51.0, "current_order_rate": 50.0, "entry_tag": None, "side": "long"}
        rates = {
            "current_rate": 50.0, "current_profit": 0.0, "min_stake": 5.0, "max_stake": 100.0,
            "current_entry_rate": 50.0, "current_exit_rate": 50.0,
            "current_entry_profit": 0.0, "current_exit_profit": 0.0,
        }  # fmt: skip
        entry = {"order_type": "limit", "amount": 1.0, "rate": 50.0, "time_in_force": "GTC", "entry_tag": None}
        trade = trade_of(pair)
        if name == "adjust_trade_position":
            return self.strategy._adjust_trade_position_internal(trade=trade, **shared, **rates, **named)
        if name == "should_exit":
            found = self.strategy.should_exit(
                trade, 50.0, now, enter=False, exit_=named.get("exit_", False), force_stoploss=0
            )
            return [[one.exit_type.value, one.exit_reason] for one in found]
        given: dict[str, Any] = {
            "confirm_trade_entry": {"pair": pair, "side": "long", **entry},
            "confirm_trade_exit": {"pair": pair, "trade": trade, **entry, "exit_reason": "roi"},
            "adjust_order_price": {"trade": trade, "pair": pair, "is_entry": True, **order},
            "adjust_entry_price": {"trade": trade, "pair": pair, **order},
            "custom_exit": {"pair": pair, "trade": trade, "current_rate": 50.0, "current_profit": 0.0},
            "check_entry_timeout": {"pair": pair, "trade": trade, "order": None},
        }[name]
        default = DEFAULTS.get(name, 50.0)
        return strategy_safe_wrapper(getattr(self.strategy, name), default_retval=default)(
            **shared, **{**given, **named}
        )

    def do_stake(self, pair: str, trade_amount: float | None) -> Any:
        return self.strategy.wallets.validate_stake_amount(
            pair=pair, stake_amount=50.0, min_stake_amount=5.0, max_stake_amount=500.0, trade_amount=trade_amount
        )

    def do_pickle(self) -> Any:
        """As hyperopt does it: the modules of the strategy's bases by value."""
        held = self.strategy.dp, self.strategy.wallets
        self.strategy.dp = self.strategy.wallets = None
        for base in type(self.strategy).__mro__:
            if base.__module__ != "builtins" and "freqtrade.strategy" not in base.__module__:
                module = sys.modules.get(base.__module__)
                if module is not None:
                    cloudpickle.register_pickle_by_value(module)
        copied = pickle.loads(cloudpickle.dumps(self.strategy))
        self.strategy.dp, self.strategy.wallets = held
        return type(copied).__name__

    def do_log(self) -> Any:
        said, self.log.said = self.log.said, []
        return said

    def do_time(self, attribute: str, times: int) -> Any:
        begun = time.perf_counter()
        for _ in range(times):
            getattr(self.strategy, attribute)
        return (time.perf_counter() - begun) / times


def said(work: Any) -> dict[str, Any]:
    begun = time.monotonic()
    try:
        answer = {"result": work()}
    except BaseException as error:  # noqa: BLE001 (the test is told)
        traceback.print_exc()
        answer = {"error": f"{type(error).__name__}: {error}"}
    return {**answer, "seconds": time.monotonic() - begun}


def main() -> None:
    benches: list[Bench] = []

    def work(what: str, **given: Any) -> Any:
        if what != "load":
            return benches[0].do(what, **given)
        benches.clear()
        benches.append(Bench(given))
        return type(benches[0].strategy).__name__

    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(said(partial(work, **json.loads(line))), default=str), flush=True)


main()
