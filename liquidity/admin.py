"""The last reading of every currency in `CURRENCY_NAMES`."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from crypto_ews.ui.display import NOTHING, moment
from crypto_ews.ui.model_admin import ReadOnlyAdmin
from events import clock
from liquidity.models import TokenLiquidity
from markets.admin_search import TokenSearchMixin


@admin.register(TokenLiquidity)
class TokenLiquidityAdmin(TokenSearchMixin, ReadOnlyAdmin):
    list_display = ("token", "depth", "market", "volume", "low_in_a_row", "clear_in_a_row", "read")
    search_fields = ("token", "market")

    @display(description="±2 % depth, USD", ordering="depth_usd")
    def depth(self, row: TokenLiquidity) -> str:
        return f"{row.depth_usd:,.0f}"

    @display(description="24 h volume, USD", ordering="volume_24h_usd")
    def volume(self, row: TokenLiquidity) -> str | SafeString:
        return NOTHING if row.volume_24h_usd is None else f"{row.volume_24h_usd:,.0f}"

    @display(description="Read", ordering="read_at")
    def read(self, row: TokenLiquidity) -> SafeString:
        return moment(row.read_at, clock.now())
