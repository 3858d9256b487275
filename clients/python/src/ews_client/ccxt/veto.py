"""The error that an order ends with which was not sent."""

from __future__ import annotations

import sys
from typing import Any

from ews_client.answers import Answer
from ews_client.ccxt.orders import BUYS, REDUCES, SELLS, Order
from ews_client.sides import spot_side_closes


class OrderVetoed(Exception):
    """Nothing was sent to the exchange.

    What `guard` raises is this and ccxt's `InvalidOrder` as well: a bot takes that as "this order was not placed, and
    sending it again helps nothing". It is no NetworkError (which bots repeat, or take as "perhaps it was placed"), no
    AuthenticationError (after which bots stop altogether), and no OrderNotFound (which bots take as "it is gone").

    `pair` and `venue`: as they were asked. `action`: of the answer. `answer`: None where there was none.
    """

    def __init__(
        self, detail: str, *, venue: str | None = None, pair: str | None = None, answer: Answer | None = None
    ) -> None:
        super().__init__(detail)
        self.venue = venue
        self.pair = pair
        self.answer = answer
        self.action = None if answer is None else answer.action

    def __reduce__(self) -> tuple[Any, ...]:
        # The class that ccxt's error is part of is made for a process; another one knows this class alone.
        return _again, (str(self), self.venue, self.pair, self.answer)


def _again(detail: str, venue: str | None, pair: str | None, answer: Answer | None) -> OrderVetoed:
    return OrderVetoed(detail, venue=venue, pair=pair, answer=answer)


def veto_class(exchange: object) -> tuple[type[OrderVetoed], str]:
    """OrderVetoed that is ccxt's InvalidOrder as well, and what ccxt calls the exchange.

    By its code, since a bot may give it any `id`. Raises TypeError for what is no exchange of ccxt.
    """
    for kind in type(exchange).__mro__:
        errors = sys.modules.get(f"{kind.__module__.partition('.')[0]}.base.errors")
        invalid = getattr(errors, "InvalidOrder", None)
        if kind.__module__.startswith("ccxt.") and isinstance(invalid, type):
            made = type("OrderVetoed", (OrderVetoed, invalid), {"__doc__": OrderVetoed.__doc__})
            made.__module__ = OrderVetoed.__module__
            return made, kind.__module__.rpartition(".")[2]
    raise TypeError(f"exchange was {type(exchange).__name__}, expected one of ccxt, such as ccxt.binance()")


def closes(order: Order, answer: Answer) -> bool:
    """Whether an order closes what the answer says is at risk."""
    if order.way == SELLS:
        return spot_side_closes("sell", answer.rows or (answer,))
    if order.way == BUYS:
        # It gets the base, of which nothing must be in doubt.
        known = answer.fault is None and answer.status == "fresh"
        return known and spot_side_closes("buy", answer.rows or (answer,))
    return order.way == REDUCES


def refusal(order: Order, answer: Answer | None, venues: frozenset[str] | None) -> str | None:
    """Why an order is not sent; None: it may be. What is not plainly a yes is a no."""
    name = f"{order.symbol} on {order.exchange}"
    if answer is None:
        return f"{name}: there was no answer"
    closing = closes(order, answer)
    where = f"{name} may not be {'closed' if closing else 'opened'}"
    if order.way == SELLS and not closing:
        where = f"{where}: a sale gets its quote, which is at {answer.quote_action}"
    if (answer.may_close if closing else answer.may_open) is not True:
        why = f"{answer.fault}: {answer.problem}" if answer.fault else f"action {answer.action}, {answer.status}"
        return f"{where}: {why}"
    # BINANCE_MARGIN trades the spot list; the request says that it goes there. OKX's contracts are asked by name alone.
    venue = order.exchange if order.exchange.isupper() else answer.venue
    if not closing and venues is not None and venue not in venues:
        return f"{where}: it is on {venue}, and this bot may trade on {', '.join(sorted(venues))}"
    return None
