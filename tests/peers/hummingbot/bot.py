"""A real hummingbot's MQTT gateway and script base, with the example script, in hummingbot's environment.

Its application is played: it gives the gateway its configuration, a loop and a logger. Its exchange is hummingbot's own
MockPaperExchange, in memory. Talks in lines of JSON: {"do": "look" | "buy" | "sell" | "hear" …}.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import logging
import sys
import threading
import time
import types
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

# commlib logs to standard output, which is for messages alone.
_output, sys.stdout = sys.stdout, sys.stderr
ROOT = Path(__file__).resolve().parents[3]
# hummingbot loads scripts from its folder `scripts`.
scripts = types.ModuleType("scripts")
scripts.__path__ = [str(ROOT / "examples" / "hummingbot")]
sys.modules["scripts"] = scripts

import yaml  # noqa: E402
from hummingbot.client.config.client_config_map import MQTTBridgeConfigMap  # noqa: E402
from hummingbot.connector.test_support.mock_paper_exchange import MockPaperExchange  # noqa: E402
from hummingbot.core.clock import Clock, ClockMode  # noqa: E402
from hummingbot.core.event.events import OrderType  # noqa: E402
from hummingbot.remote_iface.mqtt import ExternalEventFactory, MQTTGateway  # noqa: E402
from hummingbot.strategy.script_strategy_base import ScriptStrategyBase  # noqa: E402
from scripts import risk_guard  # noqa: E402
from scripts.risk_guard import OrderVetoed  # noqa: E402
from scripts.token_risk_script import TokenRiskScript  # noqa: E402

CONNECTOR = "binance_paper_trade"
PAIRS = ("BTC-USDT", "ETH-USDT", "SOL-USDT")


class Application:
    """What MQTTGateway asks of HummingbotApplication."""

    strategy = None

    def __init__(self, instance: str, bridge: MQTTBridgeConfigMap, loop: asyncio.AbstractEventLoop) -> None:
        self.instance_id, self.ev_loop = instance, loop
        self.notifiers: list[Any] = []
        self.markets: dict[str, Any] = {}
        # What it does beside hearing events needs more of the application.
        bridge.mqtt_commands = bridge.mqtt_logger = bridge.mqtt_notifier = False
        self.client_config_map = types.SimpleNamespace(mqtt_bridge=bridge)

    def logger(self) -> logging.Logger:
        return logging.getLogger("application")


class Script(TokenRiskScript):
    """The example without its own trading: the test says what to order."""

    markets = {CONNECTOR: set(PAIRS)}

    def on_tick(self) -> None:
        """Nothing."""


def say(message: Any) -> None:
    print(json.dumps(message), flush=True, file=_output)


def talk_by(questions: IO[str], answers: IO[str]) -> None:
    """Other streams than this process's own, from now on."""
    global _output
    sys.stdin, _output = questions, answers


def new_gateway(application: Application) -> MQTTGateway:
    """As `mqtt start` makes it."""
    gateway = MQTTGateway(application)
    gateway._INTERVAL_RESTART_SHORT, gateway._INTERVAL_RESTART_LONG = 0.3, 0.3
    # In the test's time: five seconds, five times.
    gateway._params.reconnect_delay = 1.0
    gateway.start()
    return gateway


async def main(instance: str, bridge: MQTTBridgeConfigMap, script_class: type[ScriptStrategyBase]) -> None:
    loop = asyncio.get_running_loop()
    application = Application(instance, bridge, loop)
    exchange = MockPaperExchange()
    for pair in PAIRS:
        base, quote = pair.split("-")
        exchange.set_balanced_order_book(pair, 100, 1, 200, 1, 10)
        exchange.set_balance(base, 1_000_000)
        exchange.set_balance(quote, 1_000_000)
    script = script_class({CONNECTOR: exchange})
    heard: list[list[Any]] = []
    asked: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(asked.put_nowait, json.loads(line))
        loop.call_soon_threadsafe(asked.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()

    def note(message: Any, _name: str) -> None:
        heard.append([time.time(), message.sequence, message.data])

    async def ticks() -> None:
        with Clock(ClockMode.REALTIME, 0.1) as clock:
            clock.add_iterator(exchange)
            clock.add_iterator(script)
            await clock.run()

    gateway = new_gateway(application)
    ExternalEventFactory.create_async("token_risk", note)
    clock_task = asyncio.create_task(ticks())
    clock_task.add_done_callback(lambda task: task.cancelled() or task.result())
    say({"ready": True})
    while (question := await asked.get()) is not None:
        what = question["do"]
        pair = question.get("pair", "BTC-USDT")
        if what == "look":
            why = {one: script.risk.why_not(CONNECTOR, one) for one in PAIRS}
            say({"open": [one for one in PAIRS if script.may_open(CONNECTOR, one)], "why": why})
        elif what in ("buy", "sell"):
            try:
                order = getattr(script, what)(
                    CONNECTOR, pair, Decimal(1), OrderType.LIMIT, Decimal(50 if what == "buy" else 500)
                )
                say({"order": order})
            except OrderVetoed as veto:
                say({"veto": str(veto)})
        elif what == "orders":
            say([[order.trading_pair, order.is_buy] for order in script.get_active_orders(CONNECTOR)])
        elif what == "heard":
            say(heard)
            heard.clear()
        elif what == "wait":
            # Until a pair may, or may not, be opened; answers when that was.
            ends = time.monotonic() + question.get("seconds", 20)
            while script.may_open(CONNECTOR, pair) is not question["open"] and time.monotonic() < ends:
                await asyncio.sleep(0.0005)
            say(
                {
                    "at": time.time(),
                    "open": script.may_open(CONNECTOR, pair),
                    "why": script.risk.why_not(CONNECTOR, pair),
                }
            )
        elif what == "restart":
            # As `mqtt restart` (hummingbot/client/command/mqtt_command.py).
            gateway.stop()
            gateway = new_gateway(application)
            say({})
        elif what == "patience":
            risk_guard._SILENCE_SECONDS = question["seconds"]
            say({})
    clock_task.cancel()


def configured(file: str) -> tuple[str, MQTTBridgeConfigMap]:
    """The instance and the bridge of a conf_client.yml."""
    found = yaml.safe_load(Path(file).read_text())
    return found["instance_id"], MQTTBridgeConfigMap(**found["mqtt_bridge"])


def loaded(file: str) -> type[ScriptStrategyBase]:
    """The script's class, found as hummingbot finds it (core/trading_core.py)."""
    scripts.__path__.append(str(Path(file).parent))
    module = importlib.import_module(f"scripts.{Path(file).stem}")
    members = [member for _, member in inspect.getmembers(module, inspect.isclass)]
    return next(one for one in members if issubclass(one, ScriptStrategyBase) and one is not ScriptStrategyBase)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    _, first, second = sys.argv
    if second.isdigit():
        bridge = MQTTBridgeConfigMap(mqtt_host="127.0.0.1", mqtt_port=int(second))
        asyncio.run(main(first, bridge, Script))
    else:
        asyncio.run(main(*configured(first), loaded(second)))
