"""The rows of `token_risk_view` and `instrument_risk_view`, as bots read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from crypto_ews.ui.display import NOTHING, badge, chips, moment
from crypto_ews.ui.model_admin import ReadOnlyAdmin
from events import clock
from events.enums import Action, Category, RiskLevel, TradingStatus
from events.models import InstrumentRisk, TokenRisk
from markets.admin_search import TokenSearchMixin


def event_links(ids: Iterable[int]) -> SafeString:
    links = ((reverse("admin:events_event_change", args=[pk]), pk) for pk in list(ids)[:8])
    return format_html_join(" ", '<a class="ews-link" href="{}">#{}</a>', links) or NOTHING


def _value_filter(field: str, choices: Any) -> type[DropdownFilter]:
    """A filter by an enum column of a view; such a column has no choices of its own."""

    class ValueFilter(DropdownFilter):
        title = field.replace("_", " ")
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(value, value.replace("_", " ")) for value in choices.values]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() in choices.values else queryset

    return ValueFilter


class CategoryFilter(DropdownFilter):
    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value.replace("_", " ")) for value in Category.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TokenRisk]) -> QuerySet[TokenRisk]:
        return queryset.filter(categories__contains=[self.value()]) if self.value() else queryset


class RiskColumns:
    """The columns that both views have."""

    @display(description="Action", ordering="action")
    def do_now(self, row: Any) -> SafeString:
        return badge(row.action)

    @display(description="Trading status", ordering="trading_status")
    def trading(self, row: Any) -> SafeString:
        return badge(row.trading_status)

    @display(description="Trading ends", ordering="trading_ends_at")
    def ends(self, row: Any) -> SafeString:
        return moment(row.trading_ends_at, clock.now())

    @display(description="Events")
    def events(self, row: Any) -> SafeString:
        return event_links(row.event_ids)


@admin.register(TokenRisk)
class TokenRiskAdmin(TokenSearchMixin, RiskColumns, ReadOnlyAdmin):
    list_display = (
        "token",
        "do_now",
        "risk",
        "trading",
        "ends",
        "next_date",
        "where",
        "why",
        "events",
    )
    list_filter = (
        _value_filter("action", Action),
        _value_filter("risk_level", RiskLevel),
        _value_filter("trading_status", TradingStatus),
        CategoryFilter,
    )
    list_fullwidth = True
    search_fields = ("token__iexact",)
    search_help_text = "Token"
    ordering = ("-action", "-risk_level", "token")
    fields = (
        "token",
        "do_now",
        "risk",
        "trading",
        "ends",
        "next_date",
        "where",
        "why",
        "from_sources",
        "instruments",
        "events",
        "first_seen",
        "updated",
        "open_until",
        "reason_list",
    )
    readonly_fields = fields

    @display(description="Risk", ordering="risk_level")
    def risk(self, row: TokenRisk) -> SafeString:
        return badge(row.risk_level)

    @display(description="Next date", ordering="next_important_at")
    def next_date(self, row: TokenRisk) -> SafeString:
        return moment(row.next_important_at, clock.now())

    @display(description="Venues")
    def where(self, row: TokenRisk) -> SafeString:
        return chips(row.venues or ["everywhere"])

    @display(description="Categories")
    def why(self, row: TokenRisk) -> SafeString:
        return chips(category.replace("_", " ") for category in row.categories)

    @display(description="Sources")
    def from_sources(self, row: TokenRisk) -> SafeString:
        return chips(row.sources)

    @display(description="Instruments")
    def instruments(self, row: TokenRisk) -> SafeString:
        return chips(row.tickers, limit=200)

    @display(description="First seen")
    def first_seen(self, row: TokenRisk) -> SafeString:
        return moment(row.first_seen_at, clock.now())

    @display(description="Updated")
    def updated(self, row: TokenRisk) -> SafeString:
        return moment(row.updated_at, clock.now())

    @display(description="Open until")
    def open_until(self, row: TokenRisk) -> SafeString:
        return moment(row.valid_until, clock.now())

    @display(description="Reasons")
    def reason_list(self, row: TokenRisk) -> SafeString:
        reasons = (
            (
                reverse("admin:events_event_change", args=[reason["id"]]),
                reason["id"],
                reason["title"],
                reason["category"].replace("_", " "),
                reason["source"],
            )
            for reason in row.reasons
        )
        return format_html_join(
            "",
            '<p><a class="ews-link" href="{}">#{}</a> {} <span class="ews-muted">({}, {})</span></p>',
            reasons,
        )


@admin.register(InstrumentRisk)
class InstrumentRiskAdmin(TokenSearchMixin, RiskColumns, ReadOnlyAdmin):
    list_display = ("symbol", "exchange", "token", "do_now", "trading", "ends", "events")
    list_display_links = None
    list_filter = (_value_filter("action", Action), _value_filter("trading_status", TradingStatus))
    search_fields = ("token__iexact", "symbol__istartswith")
    search_help_text = "Token or symbol"
    ordering = ("-action", "exchange", "symbol")
