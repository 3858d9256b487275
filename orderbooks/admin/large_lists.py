"""Lists of tables with millions of rows: a count that ends, a time that is always bounded, filters that use indexes."""

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
# Nobody turns a hundred pages; whoever wants more narrows the filters or exports.
MOST_COUNTED = 5_000


class BoundedPaginator(Paginator):
    """Counts no further than its last page: `count(*)` over all partitions would take seconds on every click."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())


class WindowFilter(DropdownFilter):
    """The last hours or days, by the list's time column: it leaves only their partitions to be read."""

    title = "time"
    parameter_name = "window"
    all_option = None
    column = "minute"
    default = "1h"
    windows = {
        "1h": ("last hour", timedelta(hours=1)),
        "24h": ("last 24 hours", timedelta(hours=24)),
        "7d": ("last 7 days", timedelta(days=7)),
        "all": ("all that is kept", None),
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
    """The whole symbol, in any case."""

    title = "symbol"
    parameter_name = "symbol"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        symbol = (self.value() or "").strip()
        if not symbol:
            return queryset
        # With all venues named the index that begins with the venue can be used.
        return queryset.filter(symbol__in={symbol, symbol.upper(), symbol.lower()}, venue__in=VENUES)


class LargeListAdmin(ReadOnlyAdmin):
    """sortable_by: sorting by a column without an index would read a whole window."""

    paginator = BoundedPaginator
    list_fullwidth = True
    sortable_by: Sequence[str] = ()
