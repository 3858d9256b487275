"""Stablecoins in the admin: the state of each, and whether its peg is watched."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import FieldTextFilter
from unfold.decorators import display

from crypto_ews.ui.display import badge, moment
from crypto_ews.ui.model_admin import AuditedAdmin, ReadOnlyAdmin
from defillama.stablecoins.detect import PegVerdict
from defillama.stablecoins.models import CurrencyRate, PeggedCoin
from events import clock

_COLOURS = {PegVerdict.OFF_PEG: "red", PegVerdict.ON_PEG: "green"}


@admin.register(PeggedCoin)
class PeggedCoinAdmin(AuditedAdmin):
    """Only `fixed_peg` may be edited; everything else comes from the source."""

    list_display = ("symbol", "name", "venue", "coin", "currency", "price", "verdict", "fixed_peg", "read")
    list_filter = ("fixed_peg", ("venue", FieldTextFilter), ("currency", FieldTextFilter))
    list_filter_submit = True
    show_full_result_count = False
    search_fields = ("symbol__iexact", "name", "coin")
    readonly_fields = tuple(field.name for field in PeggedCoin._meta.fields if field.name not in ("id", "fixed_peg"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="Verdict", ordering="standing")
    def verdict(self, coin: PeggedCoin) -> SafeString:
        colour = next((colour for off_or_on, colour in _COLOURS.items() if off_or_on == coin.standing), "grey")
        return badge(coin.standing, colour)

    @display(description="Read", ordering="read_at")
    def read(self, coin: PeggedCoin) -> SafeString:
        return moment(coin.read_at, clock.now())


@admin.register(CurrencyRate)
class CurrencyRateAdmin(ReadOnlyAdmin):
    list_display = ("currency", "per_dollar", "day")
    search_fields = ("currency",)

    @display(description="Day", ordering="dated")
    def day(self, rate: CurrencyRate) -> str:
        return f"{rate.dated:%Y-%m-%d}"
