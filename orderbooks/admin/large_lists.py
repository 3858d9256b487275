"""Admin lists of tables with millions of rows: a bounded count, a bounded time window, filters that use indexes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from crypto_ews.ui.model_admin import ReadOnlyAdmin
from events import clock
from streams.feeds import FEEDS

VENUES = sorted({feed.venue for feed in FEEDS.values()})
# A hundred pages; for more rows there are filters and the export.
MOST_COUNTED = 5_000


class BoundedPaginator(Paginator):
    """Counts at most `MOST_COUNTED` rows: `count(*)` over all partitions would take seconds on every click."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())


class WindowFilter(DropdownFilter):
    """The last hours or days, by the list's time column: only their partitions are read."""

    title = "time"
    parameter_name = "window"
    all_option = None
    column = "minute"
    default = "1h"
    windows = {
        "1h": ("last hour", timedelta(hours=1)),
        "24h": ("last 24 hours", timedelta(hours=24)),
        "7d": ("last 7 days", timedelta(days=7)),
        "all": ("all stored", None),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.windows.items()]

    def value(self) -> str:
        chosen = super().value()
        return chosen if chosen in self.windows else self.default

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        span = self.windows[self.value()][1]
        return queryset if span is None else queryset.filter(**{f"{self.column}__gte": clock.now() - span})


class VenueFilter(DropdownFilter):
    title = "venue"
    parameter_name = "venue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(venue, venue) for venue in VENUES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(venue=self.value()) if self.value() else queryset


class SymbolFilter(TextFilter):
    """The full symbol, in upper or lower case."""

    title = "symbol"
    parameter_name = "symbol"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        symbol = (self.value() or "").strip()
        if not symbol:
            return queryset
        # All venues are named so that the index that begins with the venue can be used.
        return queryset.filter(symbol__in={symbol, symbol.upper(), symbol.lower()}, venue__in=VENUES)


class LargeListAdmin(ReadOnlyAdmin):
    """sortable_by: empty, because sorting by a column without an index would read a whole window."""

    paginator = BoundedPaginator
    list_fullwidth = True
    sortable_by: Sequence[str] = ()
