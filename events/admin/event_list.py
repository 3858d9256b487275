"""The filters and the search of the event list."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from events.enums import Status
from events.models import Effect, Event
from markets.admin_search import searched_tokens
from markets.venues import exchange_names, venue_choices

# Contract 6 closes this vocabulary; a query for the distinct sources would scan a table of millions.
OTHER_SOURCES = ("defillama", "coinmarketcap", "orderbooks", "manual", "operations")


class StatusFilter(DropdownFilter):
    """Shows open events by default: the history is long, and people look for what applies now."""

    title = "status"
    parameter_name = "status"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(Status.OPEN.value, "open"), (Status.CLOSED.value, "closed"), ("all", "all")]

    def value(self) -> str:
        return super().value() or Status.OPEN.value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset if self.value() == "all" else queryset.filter(status=self.value())


class SourceFilter(DropdownFilter):
    title = "source"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(source, source) for source in (*exchange_names(), *OTHER_SOURCES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(source=self.value()) if self.value() else queryset


class TokenFilter(TextFilter):
    title = "token"
    parameter_name = "token"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        tokens = searched_tokens(self.value() or "")
        if not tokens:
            return queryset
        return queryset.filter(pk__in=Effect.objects.filter(token__in=tokens).values("event_id"))


def ticker_spellings(term: str) -> list[str]:
    """The tickers that a typed term may mean: `luna/usdt` is BINANCE:LUNAUSDT or OKX:LUNA-USDT."""
    term = term.upper()
    if ":" in term:
        return [term]
    symbols = {term, term.replace("/", ""), term.replace("/", "-")}
    return sorted(f"{venue}:{symbol}" for venue, _ in venue_choices() for symbol in symbols)


def search_events(queryset: QuerySet[Event], text: str) -> QuerySet[Event]:
    """Events where every term is in the title, or is a token by any of its names, a ticker or the event's number."""
    for term in text.split():
        effects = Effect.objects.filter(Q(token__in=searched_tokens(term)) | Q(tickers__overlap=ticker_spellings(term)))
        condition = Q(title__icontains=term) | Q(pk__in=effects.values("event_id"))
        number = term.removeprefix("#")
        if number.isascii() and number.isdigit() and len(number) <= 18:
            condition |= Q(pk=int(number))
        queryset = queryset.filter(condition)
    return queryset
