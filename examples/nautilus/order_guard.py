"""Orders that would open something risky are refused: in each strategy, and on the message bus for all of them.

nautilus' own brakes are no veto: `TradingState.REDUCING` lets an order through that opens from flat (it only looks
whether an open position would grow), `HALTED` stops closings as well, and both hold for everything that is traded.
So the guard stands where every order passes, at the endpoint `ExecEngine.execute` of the message bus: behind the
RiskEngine (also where that is bypassed), behind the OrderEmulator, which releases orders without asking the RiskEngine
again, and behind execution algorithms.

Written against nautilus_trader 1.231.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import ModifyOrder, SubmitOrder, SubmitOrderList
from nautilus_trader.model.enums import AccountType, InstrumentClass, OrderSide, OrderStatus, PositionSide
from nautilus_trader.model.events import OrderDenied, OrderModifyRejected

if TYPE_CHECKING:
    from nautilus_trader.model.identifiers import InstrumentId

ASK = "TokenRisk.ask"
"""The endpoint at which `TokenRiskActor` answers a `Question`."""
GATE = "ExecEngine.execute"
_EVENTS = "ExecEngine.process"


class Question:
    """What is known about an instrument. Nobody answers: nothing may be opened, and what is open may be closed."""

    def __init__(self, instrument_id: InstrumentId) -> None:
        self.instrument_id = instrument_id
        self.may_open = False
        self.may_close = True
        # Of a spot order: "sell", or "buy" where the quote currency is what is at risk, or "" where both may be.
        self.closing_side = "sell"
        self.why = "no TokenRiskActor answers"


def asked(bus: Any, instrument_id: InstrumentId) -> Question:
    """Ask the actor over the message bus. Raises nothing."""
    question = Question(instrument_id)
    try:
        bus.send(ASK, question)
    except Exception as error:  # noqa: BLE001  (an exception in a hook may be taken for a yes)
        question.may_open, question.why = False, f"{type(error).__name__} while the TokenRiskActor was asked"
    return question


def closes(cache: Any, order: Any, quantity: Decimal, position_id: Any = None, beside: Sequence[Any] = ()) -> bool:
    """Whether an order can do nothing but reduce what nautilus knows to be open.

    The flag `reduce_only` alone proves nothing: spot venues have none, and adapters may be told not to send it. It
    counts in so far as the venue then keeps several orders from closing the same position twice. beside: orders of the
    same list.
    """
    if order.is_quote_quantity:
        return False
    if position_id is not None:
        position = cache.position(position_id)
        open_positions = [position] if position is not None and position.is_open else []
    else:
        open_positions = list(cache.positions_open(instrument_id=order.instrument_id))
    sides = {position.side for position in open_positions}
    opposite = PositionSide.LONG if order.side == OrderSide.SELL else PositionSide.SHORT
    if sides != {opposite} or any(position.instrument_id != order.instrument_id for position in open_positions):
        return False
    held = sum((position.quantity.as_decimal() for position in open_positions), Decimal(0))
    if not order.is_reduce_only:
        # Also those that are on their way: two that close the whole position open one on the other side.
        known = cache.orders(instrument_id=order.instrument_id, side=order.side)
        others = {other.client_order_id: other for other in (*known, *beside)}
        others.pop(order.client_order_id, None)
        quantity += sum((_left(other) for other in others.values() if _beside(other, order)), Decimal(0))
    return quantity <= held


def _beside(other: Any, order: Any) -> bool:
    same = other.instrument_id == order.instrument_id and other.side == order.side
    return same and not other.is_closed and not other.is_reduce_only


def _is_spot(cache: Any, order: Any) -> bool:
    instrument = cache.instrument(order.instrument_id)
    return instrument is None or instrument.instrument_class == InstrumentClass.SPOT


def _paid_from_what_is_held(cache: Any, order: Any) -> bool:
    """Whether a purchase can spend nothing but what the account has: on margin it may borrow what is at risk."""
    account = cache.account_for_venue(order.instrument_id.venue)
    return (
        account is not None and cache.instrument(order.instrument_id) is not None and account.type == AccountType.CASH
    )


def _left(order: Any) -> Decimal:
    return order.leaves_qty.as_decimal()


def refusal(
    bus: Any,
    cache: Any,
    order: Any,
    quantity: Decimal | None = None,
    position_id: Any = None,
    beside: Sequence[Any] = (),
) -> str | None:
    """Why an order is not to be sent; None: it may be. Raises nothing: what goes wrong here is a refusal."""
    try:
        answer = asked(bus, order.instrument_id)
        if answer.may_open and answer.may_close:
            return None
        if answer.closing_side != "sell" and _is_spot(cache, order):
            # A sale buys what is at risk; a purchase is the way out of it.
            if (
                answer.may_close
                and order.side == OrderSide.BUY
                and answer.closing_side == "buy"
                and _paid_from_what_is_held(cache, order)
            ):
                return None
            return f"token risk: {order.instrument_id} may not be opened: {answer.why} (its quote currency)"
        left = _left(order) if quantity is None else quantity - order.filled_qty.as_decimal()
        if closes(cache, order, left, position_id, beside):
            return None if answer.may_close else f"token risk: {order.instrument_id} may not be closed: {answer.why}"
        return f"token risk: {order.instrument_id} may not be opened: {answer.why}"
    except Exception as error:  # noqa: BLE001
        return f"token risk: {type(error).__name__} in the guard"


def refusal_of_list(bus: Any, cache: Any, orders: Sequence[Any], position_id: Any) -> str | None:
    """Why a list of orders is not to be sent: all of it, for any one of them."""
    found = (refusal(bus, cache, order, None, position_id, orders) for order in orders)
    return next((reason for reason in found if reason is not None), None)


def refusal_of_change(bus: Any, cache: Any, order: Any, quantity: Any, price: Any, trigger_price: Any) -> str | None:
    """Why an order is not to be changed; None: it may be. A change that only makes it smaller always may."""
    try:
        if price is None and trigger_price is None and quantity is not None and quantity <= order.quantity:
            return None
        wanted = (order.quantity if quantity is None else quantity).as_decimal()
        return refusal(bus, cache, order, wanted, cache.position_id(order.client_order_id))
    except Exception as error:  # noqa: BLE001
        return f"token risk: {type(error).__name__} in the guard"


def refuse(bus: Any, cache: Any, clock: Any, order: Any, reason: str) -> None:
    """The order is denied, as the RiskEngine denies one: its strategy gets `OrderDenied`."""
    if order.status not in (OrderStatus.INITIALIZED, OrderStatus.RELEASED):
        return
    if not cache.order_exists(order.client_order_id):
        cache.add_order(order)
        bus.publish(f"events.order.{order.strategy_id.value}", order.init_event)
    denied = OrderDenied(
        order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id, reason, UUID4(),
        clock.timestamp_ns(),
    )  # fmt: skip
    bus.send(_EVENTS, denied)


class OrderGuard:
    """Stands before the execution engine of a node or a backtest: `guard(node.kernel)`, after `node.build()`."""

    def __init__(self, kernel: Any) -> None:
        self._bus, self._cache, self._clock, self._log = kernel.msgbus, kernel.cache, kernel.clock, kernel.logger
        self._forward = kernel.exec_engine.execute
        # In this order: without the first there would be two, and without the second nothing would be sent at all.
        self._bus.deregister(GATE, self._forward)
        self._bus.register(GATE, self.execute)
        self.refused = 0

    def execute(self, command: Any) -> None:
        """Hands on every cancellation and question, and each order and change that is not refused."""
        if not isinstance(command, SubmitOrder | SubmitOrderList | ModifyOrder):
            self._forward(command)
            return
        reason = self._refusal(command)
        if reason is None:
            self._forward(command)
            return
        self.refused += 1
        try:
            self._log.warning(reason)
            self._refuse(command, reason)
        except Exception as error:  # noqa: BLE001  (it is not sent, whatever else fails)
            self._log.error(f"{type(error).__name__} while an order was refused: it was not sent")

    def _refusal(self, command: Any) -> str | None:
        try:
            if isinstance(command, SubmitOrder):
                return refusal(self._bus, self._cache, command.order, None, command.position_id)
            if isinstance(command, SubmitOrderList):
                return refusal_of_list(self._bus, self._cache, command.order_list.orders, command.position_id)
            order = self._cache.order(command.client_order_id)
            if order is None:
                return f"token risk: {command.client_order_id} is to be changed and not known"
            change = command.quantity, command.price, command.trigger_price
            return refusal_of_change(self._bus, self._cache, order, *change)
        except Exception as error:  # noqa: BLE001
            return f"token risk: {type(error).__name__} in the guard"

    def _refuse(self, command: Any, reason: str) -> None:
        if isinstance(command, SubmitOrder):
            refuse(self._bus, self._cache, self._clock, command.order, reason)
            return
        if isinstance(command, SubmitOrderList):
            for order in command.order_list.orders:
                refuse(self._bus, self._cache, self._clock, order, reason)
            return
        order = self._cache.order(command.client_order_id)
        if order is None:
            return
        now = self._clock.timestamp_ns()
        rejected = OrderModifyRejected(
            order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id, order.venue_order_id,
            order.account_id, reason, UUID4(), now, now,
        )  # fmt: skip
        self._bus.send(_EVENTS, rejected)


def guard(kernel: Any) -> OrderGuard:
    """Put the guard before the execution engine of a `TradingNode` (`node.kernel`) or a `BacktestEngine`.

    Call it once, after `build`. Raises ValueError where somebody else stands there already.
    """
    return OrderGuard(kernel)


class TokenRiskGuarded:
    """A mixin: `class MyStrategy(TokenRiskGuarded, Strategy)`. Refuses before anything is stored or sent.

    `close_position` and `close_all_positions` come through `submit_order` as well. What a strategy sends past these
    methods, and what it overrides without `super()`, only `guard` stops.
    """

    msgbus: Any
    cache: Any
    clock: Any
    log: Any

    def may_open(self, instrument_id: InstrumentId) -> bool:
        """Whether the instrument may be opened now. Asks nobody outside the process; raises nothing."""
        return asked(self.msgbus, instrument_id).may_open

    def submit_order(self, order, position_id=None, client_id=None, params=None) -> None:  # type: ignore[no-untyped-def]
        reason = refusal(self.msgbus, self.cache, order, None, position_id)
        if reason is None:
            super().submit_order(order, position_id, client_id, params)  # type: ignore[misc]
            return
        self.log.warning(reason)
        refuse(self.msgbus, self.cache, self.clock, order, reason)

    def submit_order_list(self, order_list, position_id=None, client_id=None, params=None) -> None:  # type: ignore[no-untyped-def]
        reason = refusal_of_list(self.msgbus, self.cache, order_list.orders, position_id)
        if reason is None:
            super().submit_order_list(order_list, position_id, client_id, params)  # type: ignore[misc]
            return
        self.log.warning(reason)
        for order in order_list.orders:
            refuse(self.msgbus, self.cache, self.clock, order, reason)

    def modify_order(self, order, quantity=None, price=None, trigger_price=None, client_id=None, params=None) -> None:  # type: ignore[no-untyped-def]
        reason = refusal_of_change(self.msgbus, self.cache, order, quantity, price, trigger_price)
        if reason is None:
            super().modify_order(order, quantity, price, trigger_price, client_id, params)  # type: ignore[misc]
            return
        self.log.warning(reason)
