"""Tells hummingbots over MQTT what they may open: a service of the daemon, so that one publisher runs, the leader's.

It needs aiomqtt, which the default install has not. Messages are sent at QoS 0, never retained: a retained "open"
would outlive us. There is no last will: a connection has one, which is for one topic, and its sequence is an old one.
Bots take silence for "no" (valid_for), and a publisher that stops in order says "unknown" before it goes.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiomqtt
import asyncpg

from api.bots import mqtt_metrics
from api.bots.mqtt_message import Market, State, message_of, nothing_known, state_of, topic_of
from api.connection import UNAVAILABLE, close, connect
from crypto_ews.backoff import backoff
from crypto_ews.conf.bots import BotMarkets, Broker
from events.clock import monotonic
from markets.venues import exchange_names

if TYPE_CHECKING:
    from threading import Event as StopFlag

    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)

REPEAT_SECONDS = 30.0
VALID_SECONDS = 90
"""How long a message may be used: two may be lost."""
LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 5.0
_SHARE = 20.0
"""Between two looks at the database passes so many times what a look takes: five percent of a connection."""
_LONGEST_PAUSE_SECONDS = 4.0
_AGAIN_SECONDS = 5.0
_CONNECT_SECONDS = 5.0
_FAREWELL_SECONDS = 2.0
_KEEPALIVE_SECONDS = 10
_STEADY_SECONDS = 10.0
"""A connection that lasts so long was a good one: what follows its end is a new outage."""
_PAPER = "_paper_trade"
_NAMED = 5

_ASK = """
SELECT n, may_open, action, base_action, quote_action, instrument_action, status, covered, as_of, seq
  FROM can_trade_many($1::text[], $2::text[])
"""
_SOURCE = """
SELECT substr(md5(system_identifier || '/' || current_database()), 1, 12) FROM pg_control_system()
"""


def run(config: Config, stop: StopFlag) -> None:
    """Publish until `stop` is set: the daemon's service. After an unexpected error it begins anew."""
    if config.mqtt_broker is None:
        return
    mqtt_metrics.begin()
    try:
        while not stop.is_set():
            try:
                asyncio.run(Publisher(config.mqtt_broker, config.mqtt_bots, config.mqtt_namespace).run(stop))
            except Exception:
                logger.exception("the MQTT publisher failed; it starts again in %g s", _AGAIN_SECONDS)
                stop.wait(_AGAIN_SECONDS)
    finally:
        mqtt_metrics.end()


def exchange_of(connector: str) -> str:
    """A connector of hummingbot as `can_trade` knows it. `binance` is the spot market there, and paper trade is real.

    Of the exchange's own name `can_trade` would answer for all of its markets.
    """
    name = connector.lower().removesuffix(_PAPER)
    return name.upper() if name in exchange_names() else name


class Publisher:
    """One connection to a broker and one to the database."""

    def __init__(
        self,
        broker: Broker,
        bots: Sequence[BotMarkets],
        namespace: str,
        *,
        repeat_seconds: float = REPEAT_SECONDS,
        valid_seconds: int = VALID_SECONDS,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._broker, self._bots, self._namespace = broker, tuple(bots), namespace
        self._repeat, self._valid = repeat_seconds, valid_seconds
        self._markets: list[Market] = list(dict.fromkeys(market for bot in bots for market in bot.markets))
        self._exchanges = [exchange_of(connector) for connector, _ in self._markets]
        self._pairs = [pair for _, pair in self._markets]
        self._state = State()
        self._changed = asyncio.Event()
        self._wake = asyncio.Event()
        self._stopping = False
        self._nobodys: frozenset[Market] = frozenset()
        self._wall_clock = wall_clock
        self._base = float("-inf")
        self._last = 0

    async def run(self, stop: StopFlag) -> None:
        """Until `stop` is set, and two seconds longer at most. Raises nothing that an outage raises."""
        work = [asyncio.create_task(one(), name=one.__name__) for one in (self._keep_looking, self._keep_notifying)]
        try:
            while not stop.is_set() and not any(task.done() for task in work):
                await asyncio.sleep(0.1)
            self._stopping = True
            self._changed.set()
            # A task that has ended has failed; its error is raised here.
            await asyncio.wait(work, timeout=_FAREWELL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for task in work:
                if task.done():
                    task.result()
        finally:
            for task in work:
                task.cancel()
            # A broker that takes nothing must not hold up the stop; what is left ends with the loop.
            await asyncio.wait(work, timeout=_FAREWELL_SECONDS)

    # The database.

    async def _keep_looking(self) -> None:
        said = False
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await connect("crypto_ews mqtt", command_timeout=_PATIENCE_SECONDS)
                source = await connection.fetchval(_SOURCE)
                await connection.add_listener("token_risk", lambda *_: self._wake.set())
                said = False
                while True:
                    await self._look(connection, source)
            except UNAVAILABLE as error:
                if not said:
                    logger.warning(
                        "the MQTT publisher cannot read the database, and tells bots `unknown`: %s: %s",
                        type(error).__name__, error,
                    )  # fmt: skip
                    said = True
            finally:
                if connection is not None:
                    connection.terminate()
            self._become(nothing_known(self._state))
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, connection: asyncpg.Connection[Any], source: str) -> None:
        self._wake.clear()
        began = monotonic()
        try:
            rows = await connection.fetch(_ASK, self._exchanges, self._pairs)
            self._become(state_of(self._markets, rows, source, began))
            self._name_what_nobody_knows(self._state.nobodys)
            pause = min(max(LOOK_SECONDS, _SHARE * (monotonic() - began)), _LONGEST_PAUSE_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)
        except asyncio.CancelledError:
            await close(connection)
            raise

    def _become(self, state: State) -> None:
        before, self._state = self._state, state
        if not state.same_as(before):
            self._changed.set()

    def _name_what_nobody_knows(self, nobodys: frozenset[Market]) -> None:
        if nobodys - self._nobodys:
            names = sorted(f"{connector}:{pair}" for connector, pair in nobodys)
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            logger.warning("MQTT_BOTS names markets that nobody knows: %s%s", ", ".join(names[:_NAMED]), more)
        self._nobodys = nobodys

    def _now(self) -> State:
        """What holds now: a look that is too old says nothing, however it came about."""
        if self._stopping or monotonic() - self._state.looked_at > _LONGEST_PAUSE_SECONDS + _PATIENCE_SECONDS:
            return nothing_known(self._state)
        return self._state

    # The broker.

    async def _keep_notifying(self) -> None:
        failures = 0
        said = False
        while not self._stopping:
            connected_at = float("inf")
            try:
                async with self._client() as client:
                    if not said:
                        logger.info("hummingbots are told of risk by %s:%d", self._broker.host, self._broker.port)
                    said, connected_at = True, monotonic()
                    mqtt_metrics.is_connected(True)
                    await self._notify_until_the_end(client)
            except (aiomqtt.MqttError, OSError, TimeoutError, ValueError) as error:
                mqtt_metrics.faults.inc()
                if monotonic() - connected_at > _STEADY_SECONDS:
                    failures, said = 0, False
                if not failures and not self._stopping:
                    logger.warning(
                        "the MQTT broker %s:%d cannot be used: %s", self._broker.host, self._broker.port, error
                    )
                failures += 1
            finally:
                mqtt_metrics.is_connected(False)
            if not self._stopping:
                await asyncio.sleep(backoff(failures, 0.5, _AGAIN_SECONDS))

    async def _notify_until_the_end(self, client: aiomqtt.Client) -> None:
        # Nothing is subscribed to: the iteration only ends, with the error that ended the connection.
        gone = asyncio.create_task(_receive(client), name="mqtt broker gone")
        try:
            while True:
                self._changed.clear()
                last = self._stopping
                await self._notify_all(client)
                if last:
                    return
                update = asyncio.create_task(self._changed.wait())
                try:
                    await asyncio.wait((gone, update), timeout=self._repeat, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    update.cancel()
                if gone.done():
                    gone.result()
                    raise aiomqtt.MqttError("the connection has ended")
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)

    async def _notify_all(self, client: aiomqtt.Client) -> None:
        for bot in self._bots:
            body = message_of(bot, self._now(), self._next_number(), self._valid)
            await client.publish(
                topic_of(self._namespace, bot.instance), body, qos=0, retain=False, timeout=_CONNECT_SECONDS
            )
            mqtt_metrics.messages.inc()

    def _next_number(self) -> int:
        """Milliseconds since 1970, never the same one twice. They go on evenly where this machine's time is set back.

        Bots notice by them what was held up on its way.
        """
        self._base = max(self._base, self._wall_clock() - monotonic())
        self._last = max(self._last + 1, int((self._base + monotonic()) * 1000))
        return self._last

    def _client(self) -> aiomqtt.Client:
        broker = self._broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.user or None,
            password=broker.password or None,
            tls_context=ssl.create_default_context() if broker.tls else None,
            timeout=_CONNECT_SECONDS,
            keepalive=_KEEPALIVE_SECONDS,
            clean_session=True,
        )


async def _receive(client: aiomqtt.Client) -> None:
    async for _ in client.messages:
        pass
