"""The state of each venue's streams."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from crypto_ews.ui.display import NOTHING, moment
from crypto_ews.ui.model_admin import ReadOnlyAdmin
from events import clock
from orderbooks.models import StreamStatus


@admin.register(StreamStatus)
class StreamStatusAdmin(ReadOnlyAdmin):
    list_display = (
        "venue", "reported", "books", "connections", "lag", "queue", "gaps", "resyncs", "dropped", "malformed",
        "silences", "disconnects",
    )  # fmt: skip
    list_fullwidth = True

    @display(description="Reported", ordering="at")
    def reported(self, row: StreamStatus) -> SafeString:
        return moment(row.at, clock.now())

    @display(description="Books in sync", ordering="in_sync")
    def books(self, row: StreamStatus) -> str:
        return f"{row.in_sync} of {row.symbols}"

    @display(description="Lag", ordering="lag_ms")
    def lag(self, row: StreamStatus) -> str | SafeString:
        return NOTHING if row.lag_ms is None else f"{row.lag_ms:.0f} ms"
