"""Token risk inside nautilus_trader: an actor that asks the early-warning system, and tells strategies and the guard.

It answers `may_open(instrument_id)` from memory, at once. An instrument may be opened only on a fresh answer of the
server that is young enough, and that nothing which was pushed since has put in doubt. Everything else is a "no" to
opening and never one to closing: no answer, an error, a stale system, a silent one, an instrument nobody knows.

Written against nautilus_trader 1.231.0 and ews-client 0.1.0.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ews_client import Answer, AsyncClient, EwsError, Message, Resync, RiskChange
from ews_client.messages import Freshness
from ews_client.picture import EVERYTHING, touches
from ews_client.sides import spot_side_closes
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import LiveClock
from nautilus_trader.config import ActorConfig
from nautilus_trader.core.data import Data
from nautilus_trader.model.data import DataType
from nautilus_trader.model.identifiers import InstrumentId
from order_guard import ASK, Question

FRESH = "fresh"
TOPIC = "data.TokenRisk*"
"""On the message bus, for all instruments."""
_SHORTEST_PAUSE = 0.05
"""Between two questions, in seconds: many messages of one moment are one question."""


def _awake() -> float:
    """Seconds that count on while the machine sleeps, where the system has such a clock: what was known is old then."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class TokenRisk(Data):
    """What holds for one instrument, published whenever it is another than before.

    Subscribe: `self.msgbus.subscribe(TOPIC, self.on_token_risk)`. (`subscribe_data` would look for a data client.)
    """

    def __init__(
        self, instrument_id: InstrumentId, may_open: bool, may_close: bool, action: str, status: str, why: str, ts: int
    ) -> None:
        self.instrument_id = instrument_id
        self.may_open = may_open
        self.may_close = may_close
        self.action = action
        self.status = status
        self.why = why
        self._ts = ts

    @property
    def ts_event(self) -> int:
        return self._ts

    @property
    def ts_init(self) -> int:
        return self._ts

    def same(self, other: TokenRisk | None) -> bool:
        return other is not None and _told(self) == _told(other)

    def __repr__(self) -> str:
        may = "may be opened" if self.may_open else "may not be opened"
        return f"TokenRisk({self.instrument_id} {may}: {self.why})"


def _told(risk: TokenRisk) -> tuple[object, ...]:
    return risk.may_open, risk.may_close, risk.action, risk.status


class TokenRiskActorConfig(ActorConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """What the actor asks, and how long it believes an answer. Seconds.

    - `token`: `ews_…` with the scope `read`; empty: the environment variable EWS_TOKEN. It stands in no log.
    - `instruments`: those to ask about from the start; others are asked about as soon as somebody names them.
    - `refresh`: how often it asks where nothing is pushed; `max_age`: after how long an answer counts no longer.
    - `exchanges`: nautilus' venue → exchange, where a node has renamed one: {"BINANCE_FUTURES": "BINANCE"}.
    - `table`: for backtests, which ask nobody: instrument → [[time, may open], …], times in ISO format with an offset.
      What has no row yet may not be opened.
    """

    url: str = "http://127.0.0.1:8000"
    token: str = ""
    instruments: list[str] = []
    refresh: float = 2.0
    max_age: float = 8.0
    timeout: float = 2.0
    exchanges: dict[str, str] = {}
    table: dict[str, list[tuple[str, bool]]] | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(url={self.url!r}, token=ews_…, instruments={self.instruments!r})"


class TokenRiskActor(Actor):
    """Knows for each instrument whether it may be opened. One to a node; `guard` and `TokenRiskGuarded` ask it."""

    def __init__(self, config: TokenRiskActorConfig) -> None:
        super().__init__(config)
        if not 0 < config.refresh < config.max_age <= 30:
            raise ValueError(f"max_age was {config.max_age!r}, expected seconds above refresh and up to 30")
        self._known: dict[InstrumentId, tuple[Answer, float]] = {}
        self._doubted: dict[InstrumentId, float] = {}
        self._quotes: dict[InstrumentId, str] = {}
        self._watched: dict[InstrumentId, None] = {InstrumentId.from_str(one): None for one in config.instruments}
        self._published: dict[InstrumentId, TokenRisk] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()
        self._table = _table(config.table)
        self._live = False
        self._problem = "not asked yet"

    # ------------------------------------------------------------------------------------------------ what others ask

    def may_open(self, instrument_id: InstrumentId) -> bool:
        """Whether the instrument may be opened now. Raises nothing."""
        return self.risk(instrument_id).may_open

    def risk(self, instrument_id: InstrumentId) -> TokenRisk:
        """What holds for an instrument now. Raises nothing."""
        try:
            return self._risk(instrument_id)
        except Exception as error:  # noqa: BLE001  (an exception in a hook may be taken for a yes)
            return self._no(instrument_id, f"{type(error).__name__} in the TokenRiskActor")

    def _risk(self, instrument_id: InstrumentId) -> TokenRisk:
        if not self._live:
            return self._from_table(instrument_id)
        if instrument_id not in self._watched:
            self._watched[instrument_id] = None
            self._ask_soon()
        if instrument_id not in self._known:
            return self._no(instrument_id, self._problem)
        answer, asked_at = self._known[instrument_id]
        age = _awake() - asked_at
        may_open = answer.may_open and answer.status == FRESH and answer.fault is None
        status, why = answer.status, answer.problem or f"{answer.action}, {answer.status}"
        if not 0 <= age <= self.config.max_age:
            may_open, status, why = False, "unknown", f"the last answer is {age:.1f} s old: {self._problem}"
        elif may_open and asked_at <= self._doubted.get(instrument_id, float("-inf")):
            may_open, why = False, "something about it has changed, and it is being asked about"
        return TokenRisk(
            instrument_id, may_open, answer.may_close, answer.action, status, why, self.clock.timestamp_ns()
        )

    def _no(self, instrument_id: InstrumentId, why: str) -> TokenRisk:
        return TokenRisk(instrument_id, False, True, "unknown", "unknown", why, self.clock.timestamp_ns())

    def _from_table(self, instrument_id: InstrumentId) -> TokenRisk:
        now = self.clock.timestamp_ns()
        may_open = None
        for since, said in self._table.get(instrument_id.value, ()):
            if since <= now:
                may_open = said
        if may_open is None:
            return self._no(instrument_id, "the table has no row for it at this time")
        action = "none" if may_open else "avoid_new"
        return TokenRisk(instrument_id, may_open, True, action, FRESH, "as the table of the backtest has it", now)

    def _answer(self, question: Question) -> None:
        risk = self.risk(question.instrument_id)
        question.may_open, question.may_close, question.why = risk.may_open, risk.may_close, risk.why
        question.closing_side = "sell"
        if question.instrument_id in self._quotes:
            # What was at risk when it was last known is no way out while nothing is known.
            question.closing_side = self._quotes[question.instrument_id] if risk.status == FRESH else ""

    # ------------------------------------------------------------------------------------------------------ life cycle

    def on_start(self) -> None:
        self._live = isinstance(self.clock, LiveClock)
        if ASK not in self.msgbus.endpoints():
            self.msgbus.register(ASK, self._answer)
        if not self._live:
            self.log.warning(f"a backtest asks nobody: {len(self._table)} instruments stand in its table of token risk")
            return
        if self.config.table is not None:
            self._live, self._table = True, {}
            self.log.error("table was given to a live node: it is for backtests, and not used")
        for instrument in self.cache.instruments():
            self._watched[instrument.id] = None
        self._tasks = [asyncio.get_running_loop().create_task(self._for_ever(), name="token risk")]

    def on_resume(self) -> None:
        self.on_start()

    def on_stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self._known.clear()
        self._problem = "the TokenRiskActor was stopped"

    def on_instrument(self, instrument: Any) -> None:
        self._watched[instrument.id] = None
        self._ask_soon()

    # -------------------------------------------------------------------------------------------------- asking, pushed

    async def _for_ever(self) -> None:
        while True:
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001  (what is known ages meanwhile, and nothing may be opened then)
                self._problem = f"{type(error).__name__} in the TokenRiskActor"
                self.log.error(f"{self._problem}: {error}")
                self._doubt(list(self._watched))
            await asyncio.sleep(1.0)

    async def _work(self) -> None:
        token = self.config.token or os.environ.get("EWS_TOKEN", "")
        client = AsyncClient(self.config.url, token, fail="closed", timeout=self.config.timeout, push=False)
        async with client:
            listener = asyncio.create_task(self._listen(client), name="token risk stream")
            try:
                while True:
                    await self._ask(client)
                    await self._pause()
            finally:
                listener.cancel()

    async def _ask(self, client: AsyncClient) -> None:
        wanted = list(self._watched)
        begun = _awake()
        answers = await client.can_trade_many([self._question(one) for one in wanted])
        for instrument_id, answer in zip(wanted, answers, strict=True):
            self._known[instrument_id] = (answer, begun)
            if answer.fault is None and answer.status == FRESH:
                self._quotes.pop(instrument_id, None)
                if (side := _closing_side(answer)) != "sell":
                    self._quotes[instrument_id] = side
            self._problem = answer.problem or "not asked again in time"
        self._publish_changes()

    def _question(self, instrument_id: InstrumentId) -> tuple[str, str]:
        venue = instrument_id.venue.value
        exchange = self.config.exchanges.get(venue, venue)
        # In small letters it is the exchange with all its markets; in capitals it would be the spot market alone.
        return exchange.lower(), f"{instrument_id.symbol.value}.{exchange}"

    async def _pause(self) -> None:
        await asyncio.sleep(_SHORTEST_PAUSE)
        try:
            await asyncio.wait_for(self._wake.wait(), max(self.config.refresh - _SHORTEST_PAUSE, _SHORTEST_PAUSE))
        except TimeoutError:
            return
        finally:
            self._wake.clear()

    async def _listen(self, client: AsyncClient) -> None:
        """What is pushed only takes away, and makes the actor ask. Without it, it asks all the same."""
        while True:
            try:
                async for message in client.watch(kinds=("risk", "event", "source")):
                    self._hear(message)
            except EwsError as fault:
                self.log.warning(f"no stream of token risk: {fault}")
            except Exception as error:  # noqa: BLE001
                self.log.error(f"{type(error).__name__} in the stream of token risk: {error}")
                self._doubt(list(self._watched))
            await asyncio.sleep(2.0)

    def _hear(self, message: Message) -> None:
        if isinstance(message, Resync) or (isinstance(message, Freshness) and message.status != FRESH):
            self._doubt(list(self._watched))
        elif isinstance(message, RiskChange):
            self._doubt([one for one, (answer, _) in self._known.items() if _concerns(message, answer)])
        if message.kind != "heartbeat":
            self._ask_soon()

    def _doubt(self, instruments: Sequence[InstrumentId]) -> None:
        now = _awake()
        for instrument_id in instruments:
            self._doubted[instrument_id] = now
        self._publish_changes()

    def _ask_soon(self) -> None:
        self._wake.set()

    def _publish_changes(self) -> None:
        for instrument_id in list(self._watched):
            risk = self.risk(instrument_id)
            if not risk.same(self._published.get(instrument_id)):
                self._published[instrument_id] = risk
                self.publish_data(DataType(TokenRisk, metadata={"instrument_id": instrument_id.value}), risk)


def _closing_side(answer: Answer) -> str:
    """Which spot order gets rid of what is at risk: "sell", "buy", or "" for none."""
    return next((side for side in ("sell", "buy") if spot_side_closes(side, answer.rows or (answer,))), "")


def _concerns(change: RiskChange, answer: Answer) -> bool:
    return any(row.token == EVERYTHING or touches(answer, row) for row in change.changed)


def _table(given: Mapping[str, Sequence[tuple[str, bool]]] | None) -> dict[str, list[tuple[int, bool]]]:
    """Instrument → (nanoseconds, may open), the oldest first. Raises ValueError."""
    table = {}
    for instrument, rows in (given or {}).items():
        moments = [(datetime.fromisoformat(at), bool(said)) for at, said in rows]
        if any(at.tzinfo is None for at, _ in moments):
            raise ValueError(f"table of {instrument} had a time without an offset, expected such as 2026-01-01T00:00Z")
        table[instrument] = sorted((int(at.timestamp() * 1_000_000_000), said) for at, said in moments)
    return table
