"""No order of a ccxt exchange leaves without an answer of the early-warning system.

>>> from ews_client.ccxt import OrderVetoed, guard
>>> exchange = guard(ccxt.binance({...}), Client(url, token, fail="closed"))
"""

from ews_client.ccxt.guard import guard
from ews_client.ccxt.veto import OrderVetoed

__all__ = ["OrderVetoed", "guard"]
