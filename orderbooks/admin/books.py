"""Minute rows and whale orders in the admin, and a page with the day of one pair."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from crypto_ews.ui.display import NOTHING, badge, moment
from events import clock
from orderbooks.admin.large_lists import LargeListAdmin, SymbolFilter, VenueFilter, WindowFilter
from orderbooks.admin.sparkline import sparkline
from orderbooks.models import BookMinute, WhaleOrder

DAY = timedelta(hours=24)
_MINUTE = timedelta(minutes=1)
_COLUMNS = ("mid", "bias_1", "bid_depth_1", "ask_depth_1", "order_flow_imbalance")


def number(value: float | None) -> str | SafeString:
    return NOTHING if value is None else f"{value:,.8g}" if abs(value) < 100_000 else f"{value:,.0f}"


def percent(value: float | None) -> str | SafeString:
    return NOTHING if value is None else f"{value * 100:+.1f} %"


def pair_link(venue: str, symbol: str) -> SafeString:
    url = f"{reverse('admin:orderbooks_pair')}?{urlencode({'venue': venue, 'symbol': symbol})}"
    return format_html('<a class="ews-link" href="{}">{}:{}</a>', url, venue, symbol)


class PartialFilter(DropdownFilter):
    title = "minutes"
    parameter_name = "partial"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "complete"), ("yes", "partial")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BookMinute]) -> QuerySet[BookMinute]:
        return queryset.filter(partial=self.value() == "yes") if self.value() else queryset


@admin.register(BookMinute)
class BookMinuteAdmin(LargeListAdmin):
    list_display = ("when", "pair", "condition", "price", "spread_share", "bias", "depth", "flow", "updates", "trades")
    list_filter = (WindowFilter, VenueFilter, SymbolFilter, PartialFilter)
    sortable_by = ("when",)

    @display(description="Minute", ordering="minute")
    def when(self, row: BookMinute) -> SafeString:
        return moment(row.minute, clock.now())

    @display(description="Pair")
    def pair(self, row: BookMinute) -> SafeString:
        return pair_link(row.venue, row.symbol)

    @display(description="State")
    def condition(self, row: BookMinute) -> SafeString:
        return badge("partial", "amber") if row.partial else badge("complete", "green")

    @display(description="Mid")
    def price(self, row: BookMinute) -> str | SafeString:
        return number(row.mid)

    @display(description="Spread")
    def spread_share(self, row: BookMinute) -> str | SafeString:
        return NOTHING if row.spread is None or not row.mid else f"{row.spread / row.mid * 10_000:.2f} bp"

    @display(description="Bias ±1 %")
    def bias(self, row: BookMinute) -> str | SafeString:
        return percent(row.bias_1)

    @display(description="Depth ±1 %, bid / ask")
    def depth(self, row: BookMinute) -> SafeString:
        if row.bid_depth_1 is None or row.ask_depth_1 is None:
            return NOTHING
        covered = min(row.bid_coverage_1 or 0.0, row.ask_coverage_1 or 0.0)
        note = "" if covered >= 0.999 else f"{covered * 100:.0f} % of the band known"
        return format_html(
            '{} / {} <span class="ews-distance">{}</span>', number(row.bid_depth_1), number(row.ask_depth_1), note
        )

    @display(description="Order flow")
    def flow(self, row: BookMinute) -> str | SafeString:
        return number(row.order_flow_imbalance)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("pair/", self.admin_site.admin_view(self.pair_view), name="orderbooks_pair"),
            *super().get_urls(),
        ]

    def pair_view(self, request: HttpRequest) -> HttpResponse:
        """The last 24 hours of one pair, `?venue=…&symbol=…`."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        venue, symbol = request.GET.get("venue", ""), request.GET.get("symbol", "")
        now = clock.now()
        rows = day_of_pair(venue, symbol, now)
        whales: Any = None
        if request.user.has_perm("orderbooks.view_whaleorder"):
            whales = WhaleOrder.objects.filter(venue=venue, symbol=symbol, at__gte=now - DAY).order_by("-at")[:30]
        context = {
            **self.admin_site.each_context(request),
            "title": f"{venue}:{symbol}"[:200],
            "opts": self.opts,
            "now": now,
            "known": sum(row is not None for row in rows["mid"]),
            "charts": [
                ("Mid", sparkline(("ews-line", rows["mid"]))),
                ("Book bias within ±1 %", sparkline(("ews-line", rows["bias_1"]), zero=True)),
                (
                    "Depth within ±1 %: bid (blue), ask (red)",
                    sparkline(("ews-bid", rows["bid_depth_1"]), ("ews-ask", rows["ask_depth_1"]), zero=True),
                ),
                ("Order-flow imbalance", sparkline(("ews-line", rows["order_flow_imbalance"]), zero=True)),
            ],
            "whales": whales,
        }
        return TemplateResponse(request, "admin/orderbooks/pair.html", context)


def day_of_pair(venue: str, symbol: str, now: datetime) -> dict[str, list[float | None]]:
    """Column → a value per minute of the last 24 hours, None where it is unknown."""
    end = now.replace(second=0, microsecond=0)
    series: dict[str, list[float | None]] = {name: [None] * 1440 for name in _COLUMNS}
    stored = BookMinute.objects.filter(venue=venue, symbol=symbol, minute__gte=end - DAY, minute__lt=end)
    for minute, *values in stored.values_list("minute", *_COLUMNS):
        place = 1440 - int((end - minute) / _MINUTE)
        for name, value in zip(_COLUMNS, values, strict=True):
            series[name][place] = value
    return series


class WhaleWindowFilter(WindowFilter):
    column = "at"
    default = "24h"


class ScoreFilter(DropdownFilter):
    title = "score"
    parameter_name = "score"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(score), f"{score} and above") for score in range(2, 7)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WhaleOrder]) -> QuerySet[WhaleOrder]:
        value = self.value()
        # A list of scores, as the index on (score, time) needs it.
        return queryset.filter(score__in=range(int(value), 7)) if value in map(str, range(2, 7)) else queryset


class EndFilter(DropdownFilter):
    title = "end"
    parameter_name = "end"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("spoof", "possible spoof"), ("gone", "gone"), ("stands", "open or unknown")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WhaleOrder]) -> QuerySet[WhaleOrder]:
        if self.value() == "spoof":
            return queryset.filter(possible_spoof=True)
        if self.value() in ("gone", "stands"):
            return queryset.filter(ended_at__isnull=self.value() == "stands")
        return queryset


@admin.register(WhaleOrder)
class WhaleOrderAdmin(LargeListAdmin):
    list_display = ("when", "pair", "points", "side", "amount", "price_and_distance", "deviation", "lifetime")
    list_filter = (WhaleWindowFilter, VenueFilter, SymbolFilter, ScoreFilter, EndFilter)
    sortable_by = ("when",)

    @display(description="Placed", ordering="at")
    def when(self, order: WhaleOrder) -> SafeString:
        return moment(order.at, clock.now())

    @display(description="Pair")
    def pair(self, order: WhaleOrder) -> SafeString:
        return pair_link(order.venue, order.symbol)

    @display(description="Score")
    def points(self, order: WhaleOrder) -> SafeString:
        return badge(order.score, "red" if order.score >= 5 else "amber" if order.score == 4 else "grey")

    @display(description="Side")
    def side(self, order: WhaleOrder) -> SafeString:
        return badge("bid", "blue") if order.is_bid else badge("ask", "orange")

    @display(description="Size, and its value")
    def amount(self, order: WhaleOrder) -> SafeString:
        value = f"{order.size * order.price:,.0f} in the quote"
        return format_html('{} <span class="ews-distance">{}</span>', number(order.size), value)

    @display(description="Price, from the mid")
    def price_and_distance(self, order: WhaleOrder) -> SafeString:
        distance = f"{order.distance * 100:.2f} %"
        return format_html('{} <span class="ews-distance">{}</span>', number(order.price), distance)

    @display(description="Deviations")
    def deviation(self, order: WhaleOrder) -> str | SafeString:
        return NOTHING if order.sigmas is None else f"{order.sigmas:.1f} σ"

    @display(description="Lasted")
    def lifetime(self, order: WhaleOrder) -> SafeString:
        if order.ended_at is None:
            return NOTHING
        seconds = f"{(order.ended_at - order.at).total_seconds():,.1f} s"
        return format_html("{} {}", seconds, badge("possible spoof", "red") if order.possible_spoof else "")
