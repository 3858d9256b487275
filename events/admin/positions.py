"""Positions of the desk in the admin: a list to read, the panel of an event, and the column of the event list.

All of it is for those who may view positions; the event list is as it is for everybody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    QuerySet,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from crypto_ews.conf import get_config
from crypto_ews.ui.display import NOTHING, badge, chips, moment
from crypto_ews.ui.model_admin import ReadOnlyAdmin
from events import clock
from events.admin.panels import EventPanel, register_event_panel
from events.enums import Status
from events.models import Event, Position, PositionBook
from events.positions.exposure import by_size
from events.positions.phrases import age_text, exposure_text, plain_number
from events.positions.store import exposures_of_open, stored_positions

MAY_VIEW = "events.view_position"


@admin.register(Position)
class PositionAdmin(ReadOnlyAdmin):
    list_display = ("account", "at", "what", "amount", "worth", "unknown", "age", "received", "posted_by")
    list_display_links = None
    list_filter = ("book",)
    list_fullwidth = True
    search_fields = ("token__iexact", "asset__iexact", "symbol__istartswith", "venue__istartswith")
    search_help_text = "Asset, symbol or venue"
    ordering = ("book__account", "row")
    fields = (*list_display, "tickers", "money")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Position]:
        return super().get_queryset(request).select_related("book")

    @display(description="Account", ordering="book__account")
    def account(self, row: Position) -> str:
        return row.book.account

    @display(description="Venue", ordering="venue")
    def at(self, row: Position) -> str:
        return row.venue or "on no exchange"

    @display(description="Asset or contract", ordering="token")
    def what(self, row: Position) -> SafeString:
        written = "" if row.asset.upper() == row.token or not row.asset else f"written {row.asset}"
        return format_html('{} <span class="ews-muted">{}</span>', row.symbol or row.token, written)

    @display(description="Quantity", ordering="quantity")
    def amount(self, row: Position) -> str:
        return plain_number(row.quantity)

    @display(description="Value in USD", ordering="value_usd")
    def worth(self, row: Position) -> SafeString | str:
        return NOTHING if row.value_usd is None else plain_number(row.value_usd)

    @display(description="Unknown")
    def unknown(self, row: Position) -> SafeString:
        return chips(row.unresolved)

    @display(description="As of", ordering="book__as_of")
    def age(self, row: Position) -> SafeString:
        now = clock.now()
        if now - row.book.as_of > get_config().positions_max_age:
            return badge(age_text(row.book.as_of, now), "amber")
        return moment(row.book.as_of, now)

    @display(description="Received", ordering="book__received_at")
    def received(self, row: Position) -> SafeString:
        return moment(row.book.received_at, clock.now())

    @display(description="By", ordering="book__by")
    def posted_by(self, row: Position) -> str:
        return row.book.by


class ExposureMixin:
    """The column of the event list that says what the desk holds of what an open event touches, and sorts by it."""

    @display(description="Exposure", ordering="exposure_place")
    def exposure(self, event: Event) -> SafeString:
        text = getattr(event, "exposure_text", "")
        return format_html('<span class="ews-title">{}</span>', text) if text else NOTHING

    def by_exposure(self, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """The events with their place by exposure: the largest is 1, without one it is NULL."""
        positions = stored_positions(clock.now())
        found = exposures_of_open(positions) if positions else {}
        largest_first = sorted(found, key=lambda pk: (by_size(found[pk]), -pk))
        ids: Any = ArrayField(BigIntegerField())
        place = Func(Cast(Value(largest_first, output_field=ids), ids), F("pk"), function="array_position")
        return queryset.annotate(exposure_place=ExpressionWrapper(place, output_field=IntegerField()))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page of the list, its open events with what the desk holds in words."""
        shown = super().get_changelist_instance(request)  # type: ignore[misc]
        shown.result_list = add_exposure(shown.result_list, request, clock.now())
        return shown


def add_exposure(events: Iterable[Event], request: HttpRequest, now: datetime) -> list[Event]:
    """The events; open ones say in `exposure_text` what the desk holds of them, to those who may see it."""
    listed = list(events)
    positions = stored_positions(now) if may_view(request) else None
    if positions is not None:
        prefetch_related_objects(listed, "effects")
        fresh_for = get_config().positions_max_age
        for event in listed:
            if event.status == Status.OPEN:
                rows = positions.touched(event.effects.all(), event.category)
                event.exposure_text = exposure_text(rows, now, fresh_for)  # type: ignore[attr-defined]
    return listed


def may_view(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.has_perm(MAY_VIEW))


def panel_context(event: Event, request: HttpRequest) -> dict[str, Any]:
    """What the desk holds of what the event touches, and of when each book is."""
    now = clock.now()
    positions = stored_positions(now)
    fresh_for = get_config().positions_max_age
    rows = positions.touched(event.effects.all(), event.category) if positions else ()
    return {
        "text": exposure_text(rows, now, fresh_for),
        "rows": [
            {
                "one": one,
                "quantity": plain_number(one.quantity),
                "value": None if one.value_usd is None else plain_number(one.value_usd),
                "accounts": ", ".join(one.accounts),
                "late": age_text(one.as_of, now) if now - one.as_of > fresh_for else "",
            }
            for one in rows[:100]
        ],
        "more": max(len(rows) - 100, 0),
        "books": [
            {"book": book, "late": age_text(book.as_of, now) if now - book.as_of > fresh_for else ""}
            for book in PositionBook.objects.all()
        ],
    }


def register() -> None:
    register_event_panel(
        EventPanel("Positions of the desk", "admin/events/position_panel.html", MAY_VIEW, panel_context)
    )
