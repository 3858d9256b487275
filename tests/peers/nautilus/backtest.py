"""A real BacktestEngine of nautilus with the block of docs/bots/nautilus.md; prints what became of its orders.

Argument: the block.
"""

# mypy: ignore-errors

import json
import sys

from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.core.datetime import dt_to_unix_nanos
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy
from pandas import Timestamp

BTC, ETH = TestInstrumentProvider.btcusdt_binance(), TestInstrumentProvider.ethusdt_binance()
found = []


class Eager(Strategy):
    """Buys at every tick of the odd seconds, and sells what it has at 90 s."""

    def on_start(self):
        self.subscribe_quote_ticks(BTC.id)
        self.subscribe_quote_ticks(ETH.id)

    def on_quote_tick(self, tick):
        traded = self.cache.instrument(tick.instrument_id)
        second = (tick.ts_event - START) // 1_000_000_000
        side, held = OrderSide.BUY, self.portfolio.net_position(traded.id)
        if second == 90 and held:
            side = OrderSide.SELL
        order = self.order_factory.market(traded.id, side, traded.make_qty(held if side == OrderSide.SELL else 1))
        self.submit_order(order)
        found.append([traded.id.value, second, side.name, order])


START = dt_to_unix_nanos(Timestamp("2026-01-01T00:00:00Z"))
engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(log_level="OFF")))
engine.add_venue(Venue("BINANCE"), OmsType.NETTING, AccountType.MARGIN, [Money(10_000_000, USDT)])
for instrument, price in ((BTC, 50_000), (ETH, 3_000)):
    engine.add_instrument(instrument)
    moments = [START + second * 1_000_000_000 for second in (10, 70, 90)]
    engine.add_data([
        QuoteTick(
            instrument.id, instrument.make_price(price), instrument.make_price(price + 1), instrument.make_qty(100),
            instrument.make_qty(100), moment, moment,
        ) for moment in moments
    ])  # fmt: skip
engine.add_strategy(Eager())
exec(compile(sys.argv[1], "nautilus-backtest.py", "exec"), {"engine": engine})
engine.run()
print(json.dumps([[name, second, side, order.status_string()] for name, second, side, order in found]), flush=True)
