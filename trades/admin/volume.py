"""Observations of event keys and unusual volume, as lists."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from crypto_ews.ui.display import NOTHING, moment
from crypto_ews.ui.model_admin import ReadOnlyAdmin
from events import clock
from trades.models import UnusualVolume, VolumeObservation


def share(value: float | None) -> str | SafeString:
    return NOTHING if value is None else f"{value * 100:+.2f} %"


@admin.register(VolumeObservation)
class VolumeObservationAdmin(ReadOnlyAdmin):
    list_display = ("when", "instrument", "key", "entry", "delay", "after_timeframe", "highest", "lowest", "strongest")
    list_select_related = ("instrument",)
    search_fields = ("key", "instrument__symbol")
    show_full_result_count = False

    @display(description="Fired", ordering="at")
    def when(self, row: VolumeObservation) -> SafeString:
        return moment(row.at, clock.now())

    @display(description="Known after")
    def delay(self, row: VolumeObservation) -> str:
        return f"{row.delay_ms / 1000:.1f} s"

    @display(description="After one timeframe")
    def after_timeframe(self, row: VolumeObservation) -> str | SafeString:
        return share(None if row.due_close is None else row.due_close / row.entry - 1)

    @display(description="Highest")
    def highest(self, row: VolumeObservation) -> str | SafeString:
        return share(None if row.due_high is None else row.due_high / row.entry - 1)

    @display(description="Lowest")
    def lowest(self, row: VolumeObservation) -> str | SafeString:
        return share(None if row.due_low is None else row.due_low / row.entry - 1)


@admin.register(UnusualVolume)
class UnusualVolumeAdmin(ReadOnlyAdmin):
    list_display = ("when", "ticker", "surprise", "threshold", "before", "after", "top", "over_budget")
    list_filter = ("over_budget", "venue")
    search_fields = ("ticker", "token")
    show_full_result_count = False

    @display(description="Measured", ordering="at")
    def when(self, row: UnusualVolume) -> SafeString:
        return moment(row.at, clock.now())

    @display(description="Hour before")
    def before(self, row: UnusualVolume) -> str | SafeString:
        return share(row.move)

    @display(description="Hour after")
    def after(self, row: UnusualVolume) -> str | SafeString:
        return share(row.next_move)
