"""The live page of the order books, and the stream of server-sent events behind it.

The page shows public market data and changes nothing: on the loopback interface it needs no login. The watch lists are
the desk's private matter: on any other interface it needs one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crypto_ews.conf import Config, get_config
from events import clock
from events.daemon.page_access import login_off_loopback
from events.daemon.webserver import STOPPING
from orderbooks.fields import MINUTE_NAMES, WHALE_VALUES, minute_row, scored_order
from orderbooks.live.hub import HUB, BookState, LiveItem, TradeSum
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


@login_off_loopback
@require_GET
def live_page(request: HttpRequest) -> HttpResponse:
    """The live page; `?venue=…&symbol=…` chooses a pair."""
    pairs = known_pairs(get_config(), clock.now())
    return render(request, "orderbooks/live.html", {"pairs": pairs})


@login_off_loopback
@require_GET
def pairs(request: HttpRequest) -> JsonResponse:
    """The symbols of each venue's streams: `{"venues": {venue: [symbol, …]}}`."""
    return JsonResponse({"venues": known_pairs(get_config(), clock.now())})


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


_LISTS: dict[type, str] = {ScoredOrder: "orders", BookState: "states", TradeSum: "trades", MinuteRow: "minutes"}


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


def is_collected(venue: str, now: datetime) -> bool:
    """Whether some process collects this venue's books now."""
    return StreamStatus.objects.filter(venue=venue, at__gt=now - REPORTED_WITHIN).exists()


def history(venue: str, symbol: str, now: datetime) -> list[LiveItem]:
    """The whale orders of the last hour and the minutes of the last two, oldest first, as they were published."""
    orders = WhaleOrder.objects.filter(venue=venue, symbol=symbol, at__gt=now - _ORDERS_BACK).order_by("-at")
    minutes = BookMinute.objects.filter(venue=venue, symbol=symbol, minute__gt=now - _MINUTES_BACK).order_by("minute")
    newest = list(map(scored_order, orders.values(*WHALE_VALUES)[:_MOST_ORDERS]))
    return [*reversed(newest), *map(minute_row, minutes.values(*MINUTE_NAMES))]
