"""One audit of what people do: changes of any table in the admin are entries of it, old ones of Django's log too."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from alerts.models import AuditEntry, Silence
from crypto_ews.ui.model_admin import AuditedAdmin
from events.models import ActionRule, KeySuppression
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
    assert list(AuditEntry.objects.order_by("pk").values_list("act", "by", "where", "address", "what")) == [
        ("added", "admin", "admin", "127.0.0.1", "quoteasset XYZ"),
        ("changed", "admin", "admin", "127.0.0.1", "quoteasset XYZ: Note = other (was new)"),
        ("deleted", "admin", "admin", "127.0.0.1", "quoteasset XYZ"),
    ]
    page = admin_client.get(AUDIT).content.decode()
    assert "quoteasset XYZ: Note = other (was new)" in page


def test_what_bots_and_people_may_do_by_a_change_is_in_the_audit_with_what_it_was(admin_client: Client) -> None:
    rule = ActionRule.objects.get(category="delisting", stage="announced")
    form = {name: getattr(rule, name) for name in ("category", "stage", "trading_status", "risk_level", "lead_hours")}
    admin_client.post(f"/admin/events/actionrule/{rule.pk}/change/", {**form, "action": "watch"})
    user = User.objects.create_user("kim", is_staff=True)
    may = Permission.objects.get(codename="change_event")
    form = {"username": "kim", "is_active": "on", "is_staff": "on", "is_superuser": "on", "user_permissions": [may.pk]}
    joined = {"date_joined_0": f"{user.date_joined:%Y-%m-%d}", "date_joined_1": f"{user.date_joined:%H:%M:%S}"}
    admin_client.post(f"/admin/auth/user/{user.pk}/change/", {**form, **joined})
    hidden = KeySuppression.objects.create(
        natural_key="k", until=None, reason="x", made_by="ann", made_at=timezone.now()
    )
    page = f"/admin/events/keysuppression/{hidden.pk}/change/"
    assert "Until (UTC)" in admin_client.get(page).content.decode()
    admin_client.post(page, {"until_0": "2030-01-01", "until_1": "18:30"})
    ruled, promoted, until = AuditEntry.objects.order_by("pk").values_list("what", flat=True)
    assert until.endswith(": Until (UTC) = 2030-01-01 18:30 UTC (was none)")
    assert ruled.endswith(": Action = watch (was reduce only)")
    assert "Superuser status = yes (was no)" in promoted and f"User permissions = {may} (was none)" in promoted


@pytest.mark.parametrize("model", [Silence, QuoteAsset])
def test_rows_of_a_list_are_deleted_with_their_entries_or_not_at_all(admin_client: Client, model: type) -> None:
    row: Any = (
        Silence.objects.create(token="ETH", until=timezone.now() + timedelta(hours=5), reason="known", made_by="ann")
        if model is Silence
        else QuoteAsset.objects.create(code="XYZ")
    )
    table = row._meta.db_table
    admin_client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''full disk''; END';"
            f"CREATE TRIGGER full_disk BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    answer = admin_client.post(f"/admin/{row._meta.app_label}/{row._meta.model_name}/", chosen)
    assert answer.status_code == 500
    assert not AuditEntry.objects.exists() and not LogEntry.objects.exists()


def test_every_table_of_the_admin_writes_it_alike() -> None:
    others = [model for model, one in admin.site._registry.items() if not isinstance(one, AuditedAdmin)]
    assert others == [], "expected crypto_ews.ui.model_admin.AuditedAdmin"


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
