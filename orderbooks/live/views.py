"""The live page of the order books, and the stream of server-sent events behind it.

The page shows public market data and changes nothing: on the loopback interface it needs no login. The watch lists are
the desk's private matter: on any other interface it needs one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from asgiref.sync import sync_to_async
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crypto_ews.conf import Config, get_config
from crypto_ews.ui.text import words
from events import clock
from events.daemon.page_access import login_off_loopback
from events.daemon.webserver import STOPPING
from events.enums import EVERYTHING, Action, Priority, Scope
from events.models import Effect
from markets.identity_store import known_identity
from markets.knowledge import InstrumentRow
from orderbooks.fields import MINUTE_NAMES, WHALE_VALUES, minute_row, scored_order
from orderbooks.live.hub import HUB, BookState, Depth, LiveItem, TradeSum
from orderbooks.live.relay import ensure_receiver
from orderbooks.models import BookMinute, StreamStatus, WhaleOrder
from orderbooks.models.streams import REPORTED_WITHIN
from orderbooks.records import MinuteRow, ScoredOrder
from orderbooks.watched import watched_symbols
from streams.feeds import FEEDS

# An empty event is sent at least this often, so that the page can tell a quiet market from a dead connection. Less
# than the time that the web server waits for its connections when it stops.
QUIET_SECONDS = 0.5
_NAME = re.compile(r"[!-~]{1,64}")
# How far back the page starts.
_ORDERS_BACK, _MINUTES_BACK = timedelta(hours=1), timedelta(hours=2)
_MOST_ORDERS = 2000
_BUSY_BACK = timedelta(minutes=10)
_MOST_EVENTS = 12


@login_off_loopback
@require_GET
def live_page(request: HttpRequest) -> HttpResponse:
    """The live page; `?venue=…&symbol=…` chooses a pair."""
    now = clock.now()
    pairs = known_pairs(get_config(), now)
    return render(
        request,
        "orderbooks/live.html",
        {"pairs": pairs, "names": names_of(pairs, now), "busiest": busiest(now)},
    )


@login_off_loopback
@require_GET
def pairs(request: HttpRequest) -> JsonResponse:
    """The symbols of each venue's streams: `{"venues": {venue: [symbol, …]}}`."""
    return JsonResponse({"venues": known_pairs(get_config(), clock.now())})


@login_off_loopback
@require_GET
def pair_events(request: HttpRequest) -> JsonResponse:
    """The open events of high priority on the coins of `?venue=&symbol=`: `{"events": […]}`, the worst first."""
    venue, symbol = request.GET.get("venue", ""), request.GET.get("symbol", "")
    row = instruments_of(venue, get_config(), clock.now()).get(symbol)
    if row is None:
        # Not "none": what is open on the coins of a pair that nobody knows cannot be told.
        return JsonResponse({"error": f"the pair {venue[:40]}:{symbol[:60]} is not known now"}, status=404)
    return JsonResponse({"events": open_events({row.token, row.quote}, venue, symbol)})


@login_off_loopback
async def live_stream(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events of one pair: first its history and whether it is collected, then the live items.

    Each event's data is an object of lists (`orders`, `states`, `trades`, `minutes`) with `dropped`, how many items
    this reader has lost by being slow. 400 where venue or symbol is missing.
    """
    venue, symbol = request.GET.get("venue", ""), request.GET.get("symbol", "")
    # Checked, because a subscribed name is passed to other processes by NOTIFY.
    if request.method != "GET" or not _NAME.fullmatch(venue) or not _NAME.fullmatch(symbol):
        return JsonResponse(
            {"error": "GET with venue and symbol is expected, as in ?venue=BINANCE&symbol=BTCUSDT"}, status=400
        )
    ensure_receiver(HUB, STOPPING)
    response = StreamingHttpResponse(_events(venue, symbol), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    # Proxies must not buffer the stream.
    response["X-Accel-Buffering"] = "no"
    return response


def _past(venue: str, symbol: str) -> dict[str, Any]:
    now = clock.now()
    return {**as_lists(history(venue, symbol, now)), "collected": is_collected(venue, now)}


async def _events(venue: str, symbol: str) -> AsyncIterator[bytes]:
    # Subscribed before the history is read: items that come meanwhile wait in the queue, and the page drops an order
    # that it has already. Inside the generator, so that the subscription ends with the answer, however that ends.
    with HUB.subscribe([(venue, symbol)]) as subscription:
        past = await sync_to_async(_past)(venue, symbol)
        yield b"retry: 1000\n" + event("history", past)
        async for batch in subscription.batches(QUIET_SECONDS):
            if STOPPING.is_set():
                return
            yield event("live", {**as_lists(batch), "dropped": subscription.dropped})


def event(name: str, data: object) -> bytes:
    """One server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"


_LISTS: dict[type, str] = {
    ScoredOrder: "orders",
    BookState: "states",
    TradeSum: "trades",
    Depth: "depths",
    MinuteRow: "minutes",
}


def as_lists(items: Iterable[LiveItem]) -> dict[str, list[dict[str, Any]]]:
    """The items by kind; kinds without items are left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        found.setdefault(_LISTS[type(item)], []).append(_fields(item))
    return found


def _fields(item: LiveItem) -> dict[str, Any]:
    """The fields of an item without its pair; bands with their bias."""
    fields = {name: value for name, value in item._asdict().items() if name not in ("venue", "symbol")}
    if isinstance(item, MinuteRow):
        fields["bands"] = [{**band._asdict(), "bias": band.bias} for band in item.bands]
    return fields


def known_pairs(config: Config, now: datetime) -> dict[str, list[str]]:
    """venue → the symbols that its streams carry, by today's instruments and watch lists, in the order of names."""
    feeds = [feed for feed in FEEDS.values() if feed.venue in config.orderbook_venues]
    found = {feed.venue: sorted(watched_symbols(config, feed, now)) for feed in feeds}
    return {venue: symbols for venue, symbols in found.items() if symbols}


def instruments_of(venue: str, config: Config, now: datetime) -> dict[str, InstrumentRow]:
    """The stream's symbol → its instrument, of one venue."""
    feed = next((feed for feed in FEEDS.values() if feed.venue == venue), None)
    return {} if feed is None else watched_symbols(config, feed, now)


def names_of(pairs: Mapping[str, list[str]], now: datetime) -> dict[str, str]:
    """VENUE:SYMBOL → every name that a person may type for it, for the search of the page."""
    identity, config = known_identity(), get_config()
    found = {}
    for venue in pairs:
        for symbol, row in instruments_of(venue, config, now).items():
            assets = (row.token, row.quote)
            names = {name for asset in assets for name in (asset, *identity.names_everywhere(asset, now))}
            found[f"{venue}:{symbol}"] = " ".join(sorted({*names, f"{row.base}/{row.quote}", row.symbol, venue}))
    return found


def busiest(now: datetime) -> dict[str, str] | None:
    """The pair with most updates in the last minutes: the page opens on it."""
    rows = BookMinute.objects.filter(minute__gt=now - _BUSY_BACK).values("venue", "symbol")
    found = rows.annotate(count=Sum("updates")).order_by("-count", "venue", "symbol").first()
    return None if found is None else {"venue": found["venue"], "symbol": found["symbol"]}


def open_events(tokens: Collection[str], venue: str, symbol: str) -> list[dict[str, Any]]:
    """What is open on these coins there or everywhere, what is about this pair first, then the strictest.

    pairs: the symbols that alone are meant, empty where the coin is. other: this pair is none of them: EXIT of ETH/USDC
    is none of ETH/USDT.
    """
    places = Q(venue="") | Q(venue=venue) | Q(venue=venue.partition("_")[0])
    rows = (
        Effect.objects.filter(places, token__in=[*tokens, EVERYTHING], open=True, event__priority=Priority.HIGH)
        .order_by("trading_ends_at", "event_id")
        .values("event_id", "event__title", "token", "action", "trading_ends_at", "scope", "tickers")
    )
    found = [(row, row["scope"] == Scope.PAIRS and f"{venue}:{symbol}" not in row["tickers"]) for row in rows]
    strictest = sorted(found, key=lambda one: (one[1], -Action(one[0]["action"]).severity))
    return [
        {
            "id": row["event_id"],
            "title": row["event__title"],
            "token": row["token"],
            "action": words(row["action"]),
            "ends": row["trading_ends_at"].isoformat() if row["trading_ends_at"] else None,
            "pairs": _symbols(row["tickers"]) if row["scope"] == Scope.PAIRS else [],
            "other": other,
        }
        for row, other in strictest[:_MOST_EVENTS]
    ]


def is_collected(venue: str, now: datetime) -> bool:
    """Whether some process collects this venue's books now."""
    return StreamStatus.objects.filter(venue=venue, at__gt=now - REPORTED_WITHIN).exists()


def history(venue: str, symbol: str, now: datetime) -> list[LiveItem]:
    """The whale orders of the last hour and the minutes of the last two, oldest first, as they were published."""
    orders = WhaleOrder.objects.filter(venue=venue, symbol=symbol, at__gt=now - _ORDERS_BACK).order_by("-at")
    minutes = BookMinute.objects.filter(venue=venue, symbol=symbol, minute__gt=now - _MINUTES_BACK).order_by("minute")
    newest = list(map(scored_order, orders.values(*WHALE_VALUES)[:_MOST_ORDERS]))
    return [*reversed(newest), *map(minute_row, minutes.values(*MINUTE_NAMES))]


def _symbols(tickers: Collection[str]) -> list[str]:
    return list(dict.fromkeys(ticker.rpartition(":")[2] for ticker in tickers))[:_MOST_EVENTS]
