"""Publishers and relays in one thread of the test, each stopped in order at the end."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from threading import Event as StopFlag
from typing import Any, TypeVar

from api.bots.mqtt_publisher import Publisher
from crypto_ews.conf.bots import BotMarkets, Broker
from tests.peers.hummingbot.relay import Relay

T = TypeVar("T")
MARKETS = tuple(("binance", f"{base}-USDT") for base in ("BTC", "ETH", "SOL"))
REPEAT_SECONDS, VALID_SECONDS = 0.5, 3


class Publishers:
    """An event loop in a thread. `add` starts one publisher; `relay` a relay."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._stops: list[tuple[StopFlag, Any]] = []
        self._relays: list[Relay] = []

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def relay(self, broker_port: int, outward: bool) -> tuple[Relay, int]:
        """A relay and its port."""
        relay = Relay(broker_port, outward)
        self._relays.append(relay)
        return relay, self.do(relay.start())

    def play(self, relay: Relay, fault: str | None) -> None:
        async def play() -> None:
            relay.play(fault)

        self.do(play())

    def add(
        self,
        port: int,
        *instances: str,
        wall_clock: Callable[[], float] = time.time,
        repeat_seconds: float = REPEAT_SECONDS,
        markets: tuple[tuple[str, str], ...] = MARKETS,
    ) -> StopFlag:
        """A publisher for these instances; the flag stops it."""
        stop = StopFlag()
        bots = [BotMarkets(instance, markets) for instance in instances]

        async def run() -> None:
            publisher = Publisher(
                Broker("127.0.0.1", port, False), bots, "hbot",
                repeat_seconds=repeat_seconds, valid_seconds=VALID_SECONDS, wall_clock=wall_clock,
            )  # fmt: skip
            await publisher.run(stop)

        self._stops.append((stop, asyncio.run_coroutine_threadsafe(run(), self.loop)))
        return stop

    def __enter__(self) -> Publishers:
        return self

    def __exit__(self, *_: object) -> None:
        for flag, _running in self._stops:
            flag.set()
        for _flag, running in self._stops:
            running.result(10)
        self.do(asyncio.sleep(0.1))
        for relay in self._relays:
            self.do(relay.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
