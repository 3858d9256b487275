"""A real TradingNode of nautilus with a sandbox exchange, the actor, the guard and two strategies; talks in JSON lines.

Runs in nautilus' environment. Arguments: the address, the token, and words: `unguarded` (no guard before the execution
engine), `bypass` (the RiskEngine checks nothing), `no_actor`, `beating` (our daemon beats every second).
"""

# mypy: ignore-errors

import asyncio
import json
import os
import sys
import threading
from decimal import Decimal

from ews_client import timeline
from nautilus_trader.adapters.sandbox.config import SandboxExecutionClientConfig
from nautilus_trader.adapters.sandbox.factory import SandboxLiveExecClientFactory
from nautilus_trader.config import LiveRiskEngineConfig, LoggingConfig, StrategyConfig, TradingNodeConfig
from nautilus_trader.examples.algorithms.twap import TWAPExecAlgorithm
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import OrderSide, TriggerType
from nautilus_trader.model.identifiers import ExecAlgorithmId, InstrumentId, TraderId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy
from order_guard import TokenRiskGuarded, guard
from token_risk_actor import TokenRiskActor, TokenRiskActorConfig

if "beating" in sys.argv:
    # In the test's time: for so long the client doubts answers whose dates have gone back.
    timeline.OLDEST_SECONDS = 2.5
PRICES = {"BTCUSDT.BINANCE": 50_000, "BTCUSDT-PERP.BINANCE": 50_000, "ETHUSDT.BINANCE": 3_000, "ADAUSDT.BINANCE": 0.5}


class Plain(Strategy):
    """Sends whatever it is told, past every mixin. Remembers what happened to its orders."""

    def on_start(self):
        self.fates = {}

    def on_event(self, event):
        if hasattr(event, "client_order_id"):
            said = [type(event).__name__, getattr(event, "reason", "")]
            self.fates.setdefault(event.client_order_id.value, []).append(said)


class Guarded(TokenRiskGuarded, Plain):
    pass


def both(self):
    """The start of a block's strategy, and of the one that remembers."""
    super(type(self), self).on_start()
    Plain.on_start(self)


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Stand:
    """Does what the test says, in the node's loop."""

    def __init__(self, url, token, words):
        actors = [] if "no_actor" in words else [
            TokenRiskActor(TokenRiskActorConfig(
                url=url, token=token, instruments=["BTCUSDT.BINANCE"], refresh=0.5, max_age=3.0, timeout=1.0
            ))
        ]  # fmt: skip
        sandbox = SandboxExecutionClientConfig(
            venue="BINANCE", starting_balances=["10000000 USDT", "100 BTC", "1000 ETH"],
            oms_type="NETTING",
        )  # fmt: skip
        self.node = TradingNode(TradingNodeConfig(
            trader_id=TraderId("TEST-001"), logging=LoggingConfig(log_level="OFF"),
            exec_clients={"BINANCE": sandbox}, risk_engine=LiveRiskEngineConfig(bypass="bypass" in words),
            timeout_connection=5.0, timeout_reconciliation=5.0, timeout_portfolio=2.0,
            timeout_disconnection=2.0, timeout_post_stop=0.1,
        ))  # fmt: skip
        self.node.add_exec_client_factory("BINANCE", SandboxLiveExecClientFactory)
        provider = TestInstrumentProvider
        self.instruments = [
            provider.btcusdt_binance(), provider.btcusdt_perp_binance(), provider.ethusdt_binance(),
            provider.adausdt_binance(),
        ]  # fmt: skip
        for instrument in self.instruments:
            self.node.kernel.cache.add_instrument(instrument)
        # The blocks of docs/bots/nautilus.md, if this is about them.
        blocks = json.loads(os.environ.get("EWS_BLOCKS", "{}"))
        shown = {"node": self.node}
        if blocks:
            exec(compile(blocks["strategy"], "nautilus-strategy.py", "exec"), shown)
        guarded = type("Shown", (shown["MyStrategy"], Plain), {"on_start": both}) if blocks else Guarded
        self.strategies = {
            "plain": Plain(StrategyConfig(strategy_id="plain", order_id_tag="001")),
            "guarded": guarded(StrategyConfig(strategy_id="guarded", order_id_tag="002")),
        }
        self.node.trader.add_strategies(list(self.strategies.values()))
        if blocks:
            exec(compile(blocks["node"], "nautilus-node.py", "exec"), shown)
            self.actor = shown["token_risk"]
            return
        for actor in actors:
            self.node.trader.add_actor(actor)
        self.node.trader.add_exec_algorithm(TWAPExecAlgorithm())
        self.node.build()
        if "unguarded" not in words:
            self.guard = guard(self.node.kernel)
        self.actor = actors[0] if actors else None

    def tick(self):
        for instrument in self.instruments:
            price = PRICES[instrument.id.value]
            now = self.node.kernel.clock.timestamp_ns()
            tick = QuoteTick(
                instrument.id, instrument.make_price(price * 0.9999), instrument.make_price(price * 1.0001),
                instrument.make_qty(100_000), instrument.make_qty(100_000), now, now,
            )  # fmt: skip
            self.node.kernel.data_engine.process(tick)

    async def do(self, asked):
        return await getattr(self, asked.pop("do"))(**asked)

    async def state(self):
        found = {
            "may": {},
            "refused": getattr(self, "guard", None) and self.guard.refused,
        }
        for instrument in self.instruments:
            if self.actor is not None:
                risk = self.actor.risk(instrument.id)
                found["may"][instrument.id.value] = [risk.may_open, risk.may_close, risk.action, risk.why]
        return found

    async def order(
        self,
        strategy,
        instrument,
        side="BUY",
        quantity="0.5",
        price=None,
        reduce_only=False,
        emulated=False,
        listed=False,
    ):
        """Send one order; its last event after a while, with what is held then."""
        who = self.strategies[strategy]
        traded = self.node.kernel.cache.instrument(InstrumentId.from_str(instrument))
        size = Quantity(Decimal(quantity), traded.size_precision)
        trigger = TriggerType.BID_ASK if emulated else TriggerType.NO_TRIGGER
        if listed:
            bracket = who.order_factory.bracket(
                traded.id, OrderSide[side], size, sl_trigger_price=traded.make_price(PRICES[instrument] * 0.9),
                tp_price=traded.make_price(PRICES[instrument] * 1.1),
            )  # fmt: skip
            order = bracket.orders[0]
            who.submit_order_list(bracket)
        else:
            if price is None:
                order = who.order_factory.market(traded.id, OrderSide[side], size, reduce_only=reduce_only)
            else:
                order = who.order_factory.limit(
                    traded.id, OrderSide[side], size, traded.make_price(Decimal(price)), reduce_only=reduce_only,
                    emulation_trigger=trigger,
                )  # fmt: skip
            who.submit_order(order)
        await self.settled(order)
        return self.fate(who, order)

    async def flip(self, strategy, instrument, quantity, listed):
        """Sell twice at once what is held once; what is held then."""
        who = self.strategies[strategy]
        traded = self.node.kernel.cache.instrument(InstrumentId.from_str(instrument))
        size = Quantity(Decimal(quantity), traded.size_precision)
        orders = [who.order_factory.market(traded.id, OrderSide.SELL, size) for _ in range(2)]
        if listed:
            who.submit_order_list(who.order_factory.create_list(orders))
        else:
            for order in orders:
                who.submit_order(order)
        for order in orders:
            await self.settled(order)
        return [self.fate(who, order)["status"] for order in orders]

    async def settled(self, order):
        """Wait until the order is somewhere: refused, at the exchange, or held back by the emulator."""
        for _ in range(150):
            known = self.node.kernel.cache.order(order.client_order_id)
            if known is not None and known.status_string() not in ("INITIALIZED", "SUBMITTED", "RELEASED"):
                return
            await asyncio.sleep(0.02)

    async def close(self, strategy, instrument):
        who = self.strategies[strategy]
        who.close_all_positions(InstrumentId.from_str(instrument))
        await asyncio.sleep(0.3)
        return self.held()

    async def modify(self, strategy, order, quantity=None, price=None):
        who = self.strategies[strategy]
        known = next(one for one in self.node.kernel.cache.orders() if one.client_order_id.value == order)
        traded = self.node.kernel.cache.instrument(known.instrument_id)
        who.modify_order(
            known,
            None if quantity is None else traded.make_qty(Decimal(quantity)),
            None if price is None else traded.make_price(Decimal(price)),
        )
        await asyncio.sleep(0.3)
        return self.fate(who, known)

    async def cancel(self, strategy, order):
        who = self.strategies[strategy]
        known = next(one for one in self.node.kernel.cache.orders() if one.client_order_id.value == order)
        who.cancel_order(known)
        await asyncio.sleep(0.3)
        return self.fate(who, known)

    async def price(self, instrument, price):
        PRICES[instrument] = price
        self.tick()
        await asyncio.sleep(0.3)
        return {}

    async def trading_state(self, state):
        from nautilus_trader.model.enums import TradingState

        self.node.kernel.risk_engine.set_trading_state(TradingState[state])
        return {}

    async def enter(self, instrument):
        """By the way that the block's strategy has for it."""
        who = self.strategies["guarded"]
        traded = self.node.kernel.cache.instrument(InstrumentId.from_str(instrument))
        order = who.order_factory.market(traded.id, OrderSide.BUY, Quantity(Decimal("0.5"), traded.size_precision))
        who.enter(order)
        await asyncio.sleep(0.5)
        return self.fate(who, order)

    async def fate_of(self, order):
        known = next(one for one in self.node.kernel.cache.orders() if one.client_order_id.value == order)
        return self.fate(self.strategies["plain"], known)

    async def algorithm(self, instrument):
        """Buy by an execution algorithm, in pieces; what is held after them, and how many were refused."""
        who = self.strategies["plain"]
        traded = self.node.kernel.cache.instrument(InstrumentId.from_str(instrument))
        size = Quantity(Decimal("0.4"), traded.size_precision)
        who.submit_order(who.order_factory.market(
            traded.id, OrderSide.BUY, size,
            exec_algorithm_id=ExecAlgorithmId("TWAP"),
            exec_algorithm_params={"horizon_secs": 1.0, "interval_secs": 0.5},
        ))  # fmt: skip
        await asyncio.sleep(2.0)
        return {"held": self.held().get(instrument, 0.0), "refused": self.guard.refused}

    async def stop_actor(self):
        self.actor.stop()
        return {}

    async def resume_actor(self):
        self.actor.resume()
        return {"tasks": len(self.actor._tasks)}

    async def break_actor(self):
        """An error of ours, at the worst place."""
        self.actor._known = None
        return {}

    def fate(self, who, order):
        known = self.node.kernel.cache.order(order.client_order_id)
        return {
            "order": order.client_order_id.value, "events": who.fates.get(order.client_order_id.value, []),
            "status": None if known is None else known.status_string(), "held": self.held(),
        }  # fmt: skip

    def held(self):
        found = {}
        for position in self.node.kernel.cache.positions_open():
            found[position.instrument_id.value] = found.get(position.instrument_id.value, 0.0) + float(
                position.signed_qty
            )
        return found


async def main():
    stand = Stand(sys.argv[1], sys.argv[2], set(sys.argv[3:]))
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(stand.node.run_async())
    while not stand.strategies["plain"].is_running:
        await asyncio.sleep(0.02)
        if running.done():
            running.result()
            raise RuntimeError("the node ended")
    stand.tick()
    await asyncio.sleep(0.1)
    questions = asyncio.Queue()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(questions.put_nowait, json.loads(line))
        loop.call_soon_threadsafe(questions.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    say({"ready": True})
    while (asked := await questions.get()) is not None:
        try:
            say(await stand.do(asked))
        except Exception as error:  # noqa: BLE001  (the test says what to make of it)
            say({"error": f"{type(error).__name__}: {error}"})
    os._exit(0)


asyncio.run(main())
