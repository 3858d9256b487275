"""Every list as CSV: what its filters leave, whole cells, and nothing that a spreadsheet would run; 24 hours, UTC."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.template import Context, Template
from django.test import Client
from django.utils import timezone
from django.utils.safestring import mark_safe

from alerts.models import AuditEntry
from crypto_ews.ui import csv_export
from crypto_ews.ui.csv_export import cell
from events.lifecycle import close_event
from tests.events.admin.support import LIST, open_event, staff
from tests.exchanges.reviews.support import opened

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.django_db

LISTS = sorted((model._meta.app_label, model._meta.model_name) for model in admin.site._registry)


def rows(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


@pytest.mark.parametrize(("app", "model"), LISTS)
def test_every_list_is_exported_and_says_so(admin_client: Client, app: str, model: str) -> None:
    response: Any = admin_client.get(f"/admin/csv/{app}/{model}/")
    assert response.status_code == 200 and response["Content-Type"].startswith("text/csv")
    assert (b"".join(response.streaming_content) if response.streaming else response.content).splitlines()
    assert f"/admin/csv/{app}/{model}/" in admin_client.get(f"/admin/{app}/{model}/", follow=True).content.decode()


def test_the_filters_and_the_search_of_the_list_hold(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_export, "ROWS_AT_ONCE", 2)
    for number in range(5):
        open_event(f"k{number}", tokens=(f"AB{number}",))
    closed = open_event("over", tokens=("KDA",))
    close_event(closed.pk, closed.opened_at + timedelta(seconds=1), by="sam", reason="over")
    found = rows(admin_client.get("/admin/csv/events/event/"))
    assert [row["Tokens"] for row in found] == ["AB4", "AB3", "AB2", "AB1", "AB0"]
    assert [row["Tokens"] for row in rows(admin_client.get("/admin/csv/events/event/?q=AB3"))] == ["AB3"]
    assert [row["Tokens"] for row in rows(admin_client.get("/admin/csv/events/event/?status=closed"))] == ["KDA"]
    page = admin_client.get(f"{LIST}?q=AB3").content.decode()
    assert '/admin/csv/events/event/?q=AB3"' in page


def test_more_tokens_than_the_page_shows_are_all_there(admin_client: Client) -> None:
    open_event("many", tokens=tuple(f"AB{number}" for number in range(9)))
    (row,) = rows(admin_client.get("/admin/csv/events/event/"))
    assert row["Tokens"].replace(",", "").split() == [f"AB{number}" for number in range(9)]
    assert datetime.fromisoformat(row["Opened"]).tzinfo is not None


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1+1",
        "\u00a0@SUM(A1)",
        "\uff1d1+1",
        mark_safe("<b>=1</b>"),
        mark_safe("&#61;1"),
    ],
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'") and csv.reader(io.StringIO(cell(text))), text


def test_a_number_below_zero_is_a_number() -> None:
    assert [cell(value) for value in (-1, -0.35, Decimal("-2.5"), True)] == ["-1", "-0.35", "-2.5", "True"]


def test_a_title_that_is_a_formula_is_quoted_in_the_export(admin_client: Client) -> None:
    open_event("evil", title="=HYPERLINK(1)")
    assert rows(admin_client.get("/admin/csv/events/event/"))[0]["Event"].startswith("'=HYPERLINK(1)")


def test_buttons_are_no_columns(admin_client: Client) -> None:
    opened(timezone.now(), text="FOO/USDT")
    (row,) = rows(admin_client.get("/admin/csv/events/review/"))
    assert list(row) == ["Notice", "Why", "Names", "Released", "State"]


def test_only_who_may_see_a_list_may_export_it(client: Client) -> None:
    assert client.get("/admin/csv/events/event/").status_code == 302
    assert staff("events.view_event").get("/admin/csv/alerts/silence/").status_code == 403


def test_what_is_no_list_is_a_404(admin_client: Client) -> None:
    assert admin_client.get("/admin/csv/events/nothing/").status_code == 404


def test_times_are_written_in_24_hours() -> None:
    at = datetime(2026, 12, 1, 15, 4, tzinfo=UTC)
    assert Template("{{ at }} {{ at|date }} {{ at|time }}").render(Context({"at": at})) == (
        "2026-12-01 15:04:00 2026-12-01 15:04:00"
    )
    # A browser's own field shows the hours of its user's country: 3 PM, and no zone.
    forms = [path for path in ROOT.glob("*/admin/**/*.py") if "datetime-local" in path.read_text()]
    assert forms == [], "expected events.admin.typed_fields.time_field"


@pytest.mark.long
def test_a_long_list_is_never_held_at_once(admin_client: Client) -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    entries = (AuditEntry(at=at, act="closed", by="sam", where="admin", what="x" * 1000) for _ in range(20_000))
    AuditEntry.objects.bulk_create(entries, batch_size=1000)
    response: Any = admin_client.get("/admin/csv/alerts/auditentry/?p=9&all=")
    tracemalloc.start()
    try:
        size = sum(len(portion) for portion in response.streaming_content)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 20_000_000 and most < 10_000_000, (size, most)


def test_nothing_secret_is_in_a_list() -> None:
    """The columns of lists that have secrets beside them: what a list shows is what its export has."""
    names = {name for one in admin.site._registry.values() for name in map(str, one.list_display)}
    assert not {name for name in names if re.search("secret|password|sealed|target|sha256|link$", name)}, names
