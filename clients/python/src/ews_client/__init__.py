"""Client of CRYPTO_EWS, the early-warning system for a crypto trading desk.

>>> from ews_client import Client
>>> with Client("http://127.0.0.1:8000", token, fail="closed") as ews:
...     if ews.can_trade("binance", "BTC/USDT").may_open: ...
"""

from ews_client.aio import VERSION as __version__
from ews_client.aio import AsyncClient
from ews_client.answers import ACTIONS, Answer, AssetRisk, Event, Page, Risks, Row, StoredBook, TokenRisk
from ews_client.client import Client
from ews_client.faults import FAULTS, EwsError
from ews_client.messages import Heartbeat, Message, Notice, Resync, RiskChange, Snapshot

__all__ = [
    "ACTIONS",
    "FAULTS",
    "Answer",
    "AssetRisk",
    "AsyncClient",
    "Client",
    "Event",
    "EwsError",
    "Heartbeat",
    "Message",
    "Notice",
    "Page",
    "Resync",
    "RiskChange",
    "Risks",
    "Row",
    "Snapshot",
    "StoredBook",
    "TokenRisk",
    "__version__",
]
