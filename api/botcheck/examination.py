"""Checks adapters against the running system: for each fault, what is read through the proxy, and what its bot does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from api.botcheck.adapters.base import Adapter, Words
from api.botcheck.faults import FAULTS
from api.botcheck.outcomes import Checked, Opens, Row
from api.botcheck.proxy import FaultProxy
from api.botcheck.simulated import AskingClient, Bot, Case, FreqtradeList, FreqtradePush, NotAsked, PlainList
from api.models import ApiToken, Scope
from api.tokens.store import make_token, revoke
from events import clock
from markets.models import Instrument

MINUTES = 10
"""How long the tokens of a check live where nobody revokes them."""
_BY = "manage.py botcheck"
# A pair that an action forbids comes before one that nobody watches.
_PAIRS = """
WITH pair AS (
  SELECT row_number() OVER (ORDER BY name.name) AS n, name.name, instrument.symbol
    FROM markets_instrument AS instrument
    JOIN instrument_name AS name ON name.instrument_id = instrument.id AND name.convention = 'ccxt'
   WHERE instrument.venue = %(venue)s AND instrument.live
), asked AS (
  SELECT array_agg(%(venue)s::text ORDER BY n) AS venues, array_agg(symbol ORDER BY n) AS symbols FROM pair
)
SELECT pair.name, bool_and(may.may_open) AS may_open
  FROM asked, can_trade_many(asked.venues, asked.symbols) AS may JOIN pair ON pair.n = may.n
 GROUP BY pair.name
 ORDER BY max(nullif(may.action, 'none')::risk_action) DESC NULLS LAST, pair.name
"""


def pairs_of(venue: str) -> tuple[str | None, str | None, int]:
    """(a pair that may not be opened now, one that may, how many live pairs the venue has)."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"venue": venue})
        rows = cursor.fetchall()
    denied = next((name for name, may_open in rows if not may_open), None)
    allowed = next((name for name, may_open in rows if may_open), None)
    return denied, allowed, len(rows)


def venues() -> list[str]:
    """The markets that have live instruments."""
    return list(Instrument.objects.filter(live=True).order_by("venue").values_list("venue", flat=True).distinct())


@contextmanager
def tokens(now: datetime) -> Iterator[tuple[str, str]]:
    """Tokens for lists of pairs and to read with, which are revoked at the end; all of it is in the audit log."""
    made: dict[str, str] = {}
    try:
        for scope in (Scope.PAIRS, Scope.READ):
            name = f"botcheck {now:%Y-%m-%d %H:%M:%S.%f} {scope.value}"
            made[name] = make_token(name, [scope], now, _BY, MINUTES / 1440)
        pairs, read = made.values()
        yield pairs, read
    finally:
        for token in ApiToken.objects.filter(name__in=made):
            revoke(token, clock.now(), _BY)


class Bots:
    """The bots of one check. client: ews-client's, None where it is not installed."""

    def __init__(self, proxy: FaultProxy, case: Case, client: Callable[..., Any] | None) -> None:
        self._proxy, self._case = proxy, case
        self._asking = AskingClient(proxy, case, client) if client is not None else None

    def of(self, adapter: Adapter) -> Bot:
        """The bot of an adapter."""
        paths = [path.format(venue=self._case.venue) for path in adapter.asks]
        if adapter.name == "freqtrade-allow":
            return FreqtradeList(self._proxy, self._case, paths[0], "whitelist", keep=False)
        if adapter.name == "freqtrade-block":
            return FreqtradeList(self._proxy, self._case, paths[0], "blacklist", keep=True)
        if adapter.name == "freqtrade-push":
            allow = FreqtradeList(self._proxy, self._case, paths[1], "whitelist", keep=False)
            return FreqtradePush(self._proxy, self._case, allow)
        if adapter.name == "lists":
            return PlainList(self._proxy, self._case, paths[0])
        if not paths:
            return NotAsked("we speak to this bot, it asks nothing")
        why = "not asked: this adapter rests on ews-client, whose httpx is not installed here"
        return self._asking or NotAsked(why)


def check(adapter: Adapter, bot: Bot, words: Words, denied: str | None) -> Checked:
    """The rows of one adapter. Raises OSError where even without a fault nothing can be read.

    denied: the pair that must not be opened. Without one nothing can be tried, and nothing is said of it.
    """
    now = bot.now()
    untried = Opens(note="no pair is denied now", was_asked=False)
    rows = tuple(Row(fault, *words[fault], untried if denied is None else bot.under(fault)) for fault in FAULTS)
    return Checked(adapter.name, adapter.title, adapter.promise, now.text, rows, now.opens)
