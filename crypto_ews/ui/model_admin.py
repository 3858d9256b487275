"""What the admin pages of all apps share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import DateTimeField, Model, QuerySet
from django.forms import ChoiceField, ModelChoiceField, PasswordInput
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateFilter

from crypto_ews.ui.text import utc_text, words


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


# Of a changed field in the audit.
_NAMED, _LONGEST = 10, 200
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

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and isinstance(db_field, DateTimeField):
            field.label = f"{field.label} (UTC)"
        return field

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """As Django's, where each changed field has what it is and what it was: "Action = halt (was watch)"."""
        message = super().construct_change_message(request, form, formsets, add)
        for part in message if isinstance(message, list) else []:
            named = part.get("changed", {})
            if "name" not in named and len(named.get("fields", ())) == len(form.changed_data):
                pairs = zip(named["fields"], form.changed_data, strict=True)
                named["fields"] = [_recorded(form, str(shown), name) for shown, name in pairs]
        return message

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


def _recorded(form: Any, shown: str, name: str) -> str:
    """A changed field with its values; of a password, and of what is stored in another form, the name alone."""
    field = form.fields.get(name)
    stored = {column.name for column in form._meta.model._meta.get_fields()}
    if field is None or name not in stored or isinstance(field.widget, PasswordInput):
        return shown
    was, now = (_as_text(field, value) for value in (form[name].initial, form.cleaned_data.get(name)))
    return f"{shown} = {now or 'none'} (was {was or 'none'})"


def _as_text(field: Any, value: object) -> str:
    """A value as the form's page shows it, of many the first ten."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | QuerySet):
        more = f" and {len(value) - _NAMED} more" if len(value) > _NAMED else ""
        return ", ".join(_as_text(field, one) for one in value[:_NAMED]) + more
    text = "" if value is None else str(value)
    if isinstance(field, ModelChoiceField) and text and not isinstance(value, Model):
        choices: Any = field.choices
        text = next((str(shown) for key, shown in choices if str(key) == text), text)
    elif isinstance(field, ChoiceField):
        text = words(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def only_pressed(request: HttpRequest, page: str) -> HttpResponse:
    """The answer to a request that presses no button. page: where the button is.

    Who pressed it, and had to log in first, comes by GET: that does nothing, and must say so.
    """
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["POST"])
    messages.warning(request, "Nothing was done. Press the button again.")
    return HttpResponseRedirect(page)


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
