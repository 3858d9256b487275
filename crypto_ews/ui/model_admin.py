"""What the admin pages of all apps share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateFilter


class DayRangeFilter(RangeDateFilter):
    """Whole days in UTC, the last one included; the theme's own filter compares with midnight without a time zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self._day("from"), self._day("to")
        if first is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": first})
        if last is not None:
            queryset = queryset.filter(**{f"{self.field_path}__lt": last + timedelta(days=1)})
        return queryset

    def _day(self, end: str) -> datetime | None:
        """The midnight that the day begins with, or None where no day was typed, or nonsense."""
        try:
            return datetime.strptime(self.used_parameters.get(f"{self.field_path}_{end}", ""), "%Y-%m-%d").replace(
                tzinfo=UTC
            )
        except ValueError:
            return None


_listeners: list[Callable[[HttpRequest, Sequence[int]], None]] = []


def register_logged(note: Callable[[HttpRequest, Sequence[int]], None]) -> None:
    """note: (request, ids of rows that Django's log has just got from it), in the transaction that wrote them."""
    _listeners.append(note)


class AuditedAdmin(ModelAdmin):
    """Every table of the admin: an act on a list is done with its entries in the audit, or not at all."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        with transaction.atomic():
            return super().changelist_view(request, extra_context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        with transaction.atomic():
            return self._pass_on(request, [super().log_addition(request, obj, message)])[0]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        with transaction.atomic():
            return self._pass_on(request, [super().log_change(request, obj, message)])[0]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        with transaction.atomic():
            return self._pass_on(request, list(super().log_deletions(request, queryset)))

    def log_changes(self, request: HttpRequest, rows: Iterable[Model], message: str) -> None:
        """Log one act on several rows. In the transaction of the act."""
        logged = LogEntry.objects.log_actions(request.user.pk, list(rows), CHANGE, message)  # type: ignore[arg-type]
        self._pass_on(request, logged)

    @staticmethod
    def _pass_on(request: HttpRequest, logged: Sequence[LogEntry]) -> Sequence[LogEntry]:
        for note in _listeners:
            note(request, [entry.pk for entry in logged])
        return logged


class ReadOnlyAdmin(AuditedAdmin):
    """Rows that only the daemon writes: to be looked at, by those who may view them."""

    list_filter_submit = True
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Rows of a parent that nobody edits."""

    extra = 0
    max_num = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
