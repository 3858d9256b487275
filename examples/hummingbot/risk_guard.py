"""The guard of a hummingbot script: what CRYPTO_EWS forbids is not opened, and on `exit` opening orders are cancelled.

Copy this file and token_risk.py into hummingbot's folder `scripts/`, and put `RiskGuard` before hummingbot's base:

    class MyScript(RiskGuard, ScriptStrategyBase): ...
    class MyStrategy(RiskGuard, StrategyV2Base): ...

Every order of a script, and of the executors of strategy V2 (ExecutorBase.place_order), goes through the two methods
that are guarded here. An order that a script gives to a connector itself (`self.connectors[name].buy`) does not: ask
`self.may_open` before such a one. Written for hummingbot 20251103.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hummingbot.core.event.events import PositionAction
from hummingbot.remote_iface.mqtt import ExternalEventFactory, MQTTGateway
from scripts.token_risk import EVENT, RiskTable, monotonic

# Messages come every 30 s. Where one is missing, hummingbot may have lost us: MQTTGateway forgets who listens when it
# connects to the broker again.
_SILENCE_SECONDS = 35.0


# The class behind the guard is hummingbot's, whose methods it calls.
_Base: Any = object


class OrderVetoed(Exception):
    """An order that may not be placed. hummingbot logs it, and its clock goes on."""


class RiskGuard(_Base):
    """Put it first among the bases. Whatever fails in here is "no"."""

    cancel_on: tuple[str, ...] = ("exit", "halt")
    """Words on which opening orders of a market are cancelled. Closing ones stay: they are the way out."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.risk = RiskTable()
        self._listened_at: float | None = None
        self._said = False
        super().__init__(*arguments, **options)

    def may_open(self, connector_name: str, trading_pair: str) -> bool:
        """Whether an order that opens or adds may be placed on a market."""
        return self.risk.may_open(connector_name, trading_pair)

    def tick(self, timestamp: float) -> None:
        """hummingbot's second: listen, cancel, then the script's own work."""
        logger = self.logger()
        try:
            self._listen()
            self._cancel()
        except Exception:
            logger.exception("the risk guard failed; what it forbids stays forbidden")
        super().tick(timestamp)

    async def on_stop(self) -> None:
        """hummingbot's end of a script."""
        self._forget()
        await super().on_stop()

    def buy_with_specific_market(self, market_trading_pair_tuple: Any, *arguments: Any, **options: Any) -> str:
        """As hummingbot's, or OrderVetoed."""
        self._veto_market(market_trading_pair_tuple, True, _position_action(arguments, options, 4))
        return super().buy_with_specific_market(market_trading_pair_tuple, *arguments, **options)

    def sell_with_specific_market(self, market_trading_pair_tuple: Any, *arguments: Any, **options: Any) -> str:
        """As hummingbot's, or OrderVetoed."""
        self._veto_market(market_trading_pair_tuple, False, _position_action(arguments, options, 4))
        return super().sell_with_specific_market(market_trading_pair_tuple, *arguments, **options)

    def _veto_market(self, market: Any, is_buy: bool, action: Any) -> None:
        # A connector's own name is another than the one in `markets`: binance_PaperTrade for binance_paper_trade.
        names = [name for name, connector in self.connectors.items() if connector is market.market]
        if not names:
            raise OrderVetoed(f"{market.trading_pair}: its connector is none of this script's")
        self._veto(names[0], market.trading_pair, is_buy, action)

    def _veto(self, connector: str, pair: str, is_buy: bool, action: Any) -> None:
        if self._closes(connector, pair, is_buy, action):
            if not self.risk.may_close(connector, pair):
                raise OrderVetoed(f"{connector} {pair}: trading is halted")
        elif why := self.risk.why_not(connector, pair):
            raise OrderVetoed(f"{connector} {pair} may not be opened: {why}")

    def _listen(self) -> None:
        now = monotonic()
        waited = float("inf") if self._listened_at is None else now - self._listened_at
        if min(waited, self.risk.silent_seconds()) < _SILENCE_SECONDS:
            return
        if MQTTGateway.main() is None:
            if not self._said:
                self.logger().warning("hummingbot's MQTT gateway does not run (mqtt start), so nothing may be opened")
            self._said = True
            return
        self._forget()
        ExternalEventFactory.create_async(EVENT, self._on_risk)
        self._listened_at, self._said = now, False

    def _forget(self) -> None:
        gateway = MQTTGateway.main()
        if gateway is not None:
            # A gateway that has connected again knows nobody, and says so by ValueError.
            with suppress(ValueError):
                ExternalEventFactory.remove_listener(EVENT, self._on_risk)

    def _on_risk(self, message: Any, _name: str) -> None:
        self.risk.receive(message.sequence, message.data)

    def _cancel(self) -> None:
        for connector in self.connectors:
            for order in self.get_active_orders(connector):
                pair = order.trading_pair
                opens = not self._closes(connector, pair, order.is_buy, getattr(order, "position", None))
                if opens and self.risk.action(connector, pair) in self.cancel_on:
                    self.logger().warning(
                        f"{connector} {pair} is at {self.risk.word(connector, pair)}: an order is cancelled"
                    )
                    self.cancel(connector, pair, order.client_order_id)

    def _closes(self, connector: str, pair: str, is_buy: bool, action: Any) -> bool:
        """A contract's order closes where it says so. On spot a sale does, unless the quote currency is at risk."""
        if "perpetual" in connector:
            return action == PositionAction.CLOSE
        return self.risk.closing_side(connector, pair) == ("buy" if is_buy else "sell")


def _position_action(arguments: tuple[Any, ...], options: dict[str, Any], place: int) -> Any:
    given = options.get("position_action")
    return arguments[place] if given is None and len(arguments) > place else given
