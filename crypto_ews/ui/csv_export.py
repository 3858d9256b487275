"""Every list of the admin as CSV: the rows that its filters and its search leave, in its order, with its columns."""

from __future__ import annotations

import csv
import html
import io
import re
from array import array
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol, cast, runtime_checkable

from asgiref.sync import sync_to_async
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.db.models import IntegerField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.safestring import SafeString

ROWS_AT_ONCE = 500
# A spreadsheet runs a cell that begins so as a formula (OWASP, CSV injection); the full-width ones too, in some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_TIME = re.compile(r'<time[^>]* datetime="([^"]+)".*?</time>', re.S)
_MORE = re.compile(r'<span class="ews-chip ews-muted" title="([^"]*)">.*?</span>', re.S)
_TAG = re.compile(r"<[^>]+>")
_TYPE = "text/csv; charset=utf-8"


@runtime_checkable
class OneTable(Protocol):
    """A ModelAdmin whose list is one table of its own, not its model's rows."""

    def table_lines(self) -> Iterable[Sequence[object]]:
        """The columns' names, then the lines."""


def list_csv(request: HttpRequest, app: str, model: str) -> HttpResponseBase:
    """A list of the admin as CSV, to those who may see the list. It is read in portions, and held by no cursor."""
    try:
        model_admin: Any = admin.site._registry.get(apps.get_model(app, model))
    except LookupError:
        model_admin = None
    if model_admin is None:
        raise Http404(f"there is no list of {model}")
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    if isinstance(model_admin, OneTable):
        lines = [[cell(value) for value in line] for line in model_admin.table_lines()]
        return _attached(HttpResponse(BOM_UTF8 + _lines(lines), content_type=_TYPE), model)
    # All pages of the list.
    filters = request.GET.copy()
    for page in ("p", "all"):
        filters.pop(page, None)
    request.GET = cast(Any, filters)
    try:
        shown = model_admin.get_changelist_instance(request)
        queryset = shown.get_queryset(request)
    except IncorrectLookupParameters:
        return HttpResponseRedirect(reverse(f"admin:{app}_{model}_changelist"))
    # Columns of buttons and links say nothing of their rows.
    pressed = {"action_checkbox", *getattr(model_admin, "list_buttons", ())}
    names = [name for name in shown.list_display if name not in pressed]
    portions = _portions(queryset, names, model_admin)
    body: Any = _in_threads(portions) if isinstance(request, ASGIRequest) else portions
    return _attached(StreamingHttpResponse(body, content_type=_TYPE), model)


def _attached(response: HttpResponseBase, model: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{model}.csv"'
    return response


def cell(value: object) -> str:
    """A value as text: times in ISO 8601 and UTC, HTML without its tags, and nothing that a spreadsheet would run."""
    if value is None or value == "":
        return ""
    if isinstance(value, int | float | Decimal):
        # A number below zero is no formula.
        return str(value)
    if isinstance(value, datetime):
        text = _written(value)
    elif isinstance(value, SafeString):
        text = _MORE.sub(r" \1 ", _TIME.sub(lambda found: f" {_written(datetime.fromisoformat(found[1]))} ", value))
        text = " ".join(html.unescape(_TAG.sub(" ", text)).split())
        text = "" if text == "–" else text
    elif isinstance(value, list | tuple):
        text = " ".join(map(str, value))
    else:
        text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _portions(queryset: Any, names: list[str], model_admin: Any) -> Iterator[bytes]:
    heads = [str(label_for_field(name, model_admin.model, model_admin)) for name in names]
    # Without the mark a spreadsheet takes it for the code page of its country.
    yield BOM_UTF8 + _lines([[cell(head) for head in heads]])
    keys = _keys(queryset)
    for start in range(0, len(keys), ROWS_AT_ONCE):
        portion = list(keys[start : start + ROWS_AT_ONCE])
        rows = {row.pk: row for row in queryset.filter(pk__in=portion)}
        yield _lines([[_value(name, rows[key], model_admin) for name in names] for key in portion if key in rows])


def _keys(queryset: Any) -> Sequence[Any]:
    """The keys of the rows in their order: of a million rows 8 MB. Read in portions; the database holds the others."""
    keys = queryset.values_list("pk", flat=True).iterator(chunk_size=10 * ROWS_AT_ONCE)
    return array("q", keys) if isinstance(queryset.model._meta.pk, IntegerField) else list(keys)


def _value(name: str, row: Any, model_admin: Any) -> str:
    field, _, value = lookup_field(name, row, model_admin)
    if field is not None and getattr(field, "flatchoices", None):
        value = dict(field.flatchoices).get(value, value)
    return cell(value)


def _lines(rows: list[list[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


async def _in_threads(portions: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each portion made in a thread: the web server goes on answering, and holds one portion at a time."""
    while portion := await sync_to_async(lambda: next(portions, b""))():
        yield portion
