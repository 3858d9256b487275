"""One audit of what people do: changes of any table in the admin are entries of it, old ones of Django's log too."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from alerts.models import AuditEntry, Silence
from markets.models import QuoteAsset
from tests.alerts.factories import make_event
from tests.events.admin.support import confirm, page_of

pytestmark = pytest.mark.django_db

SQL = import_module("migrations.alerts.0012_one_audit_rows")
AUDIT = "/admin/alerts/auditentry/"


def test_a_change_of_any_table_is_in_the_audit(admin_client: Client) -> None:
    admin_client.post("/admin/markets/quoteasset/add/", {"code": "XYZ", "note": "new"})
    row = QuoteAsset.objects.get(code="XYZ")
    admin_client.post(f"/admin/markets/quoteasset/{row.pk}/change/", {"code": "XYZ", "note": "other"})
    admin_client.post("/admin/markets/quoteasset/", {
        "action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})  # fmt: skip
    assert list(AuditEntry.objects.order_by("pk").values_list("act", "by", "where", "what")) == [
        ("added", "admin", "admin", "quoteasset XYZ"),
        ("changed", "admin", "admin", "quoteasset XYZ: Note"),
        ("deleted", "admin", "admin", "quoteasset XYZ"),
    ]
    page = admin_client.get(AUDIT).content.decode()
    assert "quoteasset XYZ: Note" in page


def test_there_is_one_page_of_it(admin_client: Client) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("admin:admin_logentry_changelist")
    assert "Admin log" not in admin_client.get(AUDIT).content.decode()


def test_what_writes_the_audit_itself_is_there_once(admin_client: Client) -> None:
    until = f"{timezone.now() + timedelta(hours=5):%Y-%m-%d %H:%M}"
    confirm(admin_client, "/admin/alerts/silence/add/", {"token": "ETH", "reason": "known", "until": until})
    admin_client.post(f"/admin/alerts/silence/{Silence.objects.get().pk}/delete/", {"post": "yes"})
    assert list(AuditEntry.objects.order_by("pk").values_list("act", flat=True)) == ["silenced", "silence_ended"]


def test_rows_of_the_old_log_stay_readable(admin_client: Client) -> None:
    """The migration's own statements, on a log that was written before."""
    user, event = User.objects.get(username="admin"), make_event()
    with connection.cursor() as cursor:
        cursor.execute(SQL.DROP)
    kind = ContentType.objects.get(app_label="events", model="event")
    at = timezone.now() - timedelta(days=40)
    for message in ("Close: reason = over", "[not JSON", '[{"changed": {"fields": ["Title", "Link"]}}]'):
        LogEntry.objects.create(
            user=user, content_type=kind, object_id=str(event.pk), object_repr="LUNA", action_flag=CHANGE,
            change_message=message, action_time=at,
        )  # fmt: skip
    assert not AuditEntry.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute(SQL.CREATE)
    entries = list(AuditEntry.objects.order_by("log_id").values_list("act", "by", "at", "event_id", "what"))
    said = ("Close: reason = over", "[not JSON", "Title, Link")
    assert entries == [("changed", "admin", at, event.pk, f"event LUNA: {text}") for text in said]
    assert LogEntry.objects.count() == 3
    assert "Close: reason = over" in admin_client.get(page_of(event)).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(audit_admin_log(logged)) FROM django_admin_log AS logged")
    assert AuditEntry.objects.count() == 3, "run twice, it adds nothing"
