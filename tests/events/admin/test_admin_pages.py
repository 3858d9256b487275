"""Every page of the admin answers, for everybody who may see it, and asks nothing of the internet."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.models import AuditEntry
from events.admin.dashboard import HEARTBEAT_FRESH, trust
from events.admin.sources import mark_resolved
from events.models import Heartbeat, PayloadPoll, QuarantinedItem, SourceHealth, TokenRisk
from tests.events.admin.support import archived, open_event, page_of, staff

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
LISTS = [reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in MODELS] + [
    reverse("admin:exchanges_classification"),
    reverse("admin:index"),
]


def health(source: str = "binance.announcements", **fields: Any) -> SourceHealth:
    now = timezone.now()
    return SourceHealth.objects.create(
        **{
            "source": source,
            "state": "ok",
            "interval_seconds": 30,
            "last_success_at": now,
            "watched_since": now,
            **fields,
        }
    )


def quarantined(**fields: Any) -> QuarantinedItem:
    now = timezone.now()
    return QuarantinedItem.objects.create(
        **{
            "source": "binance.announcements",
            "item_key": "article:7",
            "title": "<b>Notice</b>",
            "error": "node was 7, expected a list",
            "excerpt": "<script>alert(1)</script>",
            "first_at": now,
            "last_at": now,
            **fields,
        }
    )


@pytest.mark.django_db
@pytest.mark.parametrize("address", LISTS)
def test_every_page_answers_and_names_no_host_of_the_internet(admin_client: Client, address: str) -> None:
    open_event()
    health(last_error="GET https://upstream.test/list: no answer", consecutive_failures=2)
    quarantined()
    response = admin_client.get(address)
    assert response.status_code == 200
    loaded = re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']?([^\"' >]+)", response.content.decode())
    assert loaded
    assert [url for url in loaded if not url.startswith("/")] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", LISTS)
def test_who_may_see_nothing_is_refused_everywhere_but_on_the_overview(address: str) -> None:
    status = staff().get(address).status_code
    assert status == (200 if address == reverse("admin:index") else 403)


@pytest.mark.django_db
def test_the_pages_that_add_and_change_what_admins_own_answer(admin_client: Client) -> None:
    from events.models import ActionRule, RetentionRule

    for name in (
        "alerts_silence",
        "markets_watchlistentry",
        "markets_asset",
        "markets_quoteasset",
        "events_actionrule",
    ):
        assert admin_client.get(reverse(f"admin:{name}_add")).status_code == 200, name
    for row in (ActionRule.objects.first(), RetentionRule.objects.first()):
        assert row is not None
        address = reverse(f"admin:events_{row._meta.model_name}_change", args=[row.pk])
        assert admin_client.get(address).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_overview_shows_the_view_as_the_bots_see_it(admin_client: Client) -> None:
    open_event("abc", tokens=("FLM", "KDA"))
    open_event("low", tokens=("BTC",), priority="low")
    response = admin_client.get("/admin/")
    text = response.content.decode()
    assert [row.token for row in response.context["at_risk"]] == list(
        TokenRisk.objects.order_by("token").values_list("token", flat=True)
    )
    assert [row.token for row in response.context["at_risk"]] == ["FLM", "KDA"]
    figures = {figure.label: figure.value for figure in response.context["figures"]}
    assert figures["Tokens at risk, 0 critical"] == 2
    assert figures["Open, high priority"] == 1
    assert figures["Open, low priority"] == 1
    assert "No daemon has run yet" in text


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_tokens_and_instruments_at_risk_show_the_views(admin_client: Client) -> None:
    event = open_event("abc", tokens=("FLM",))
    for address in ("/admin/events/tokenrisk/", "/admin/events/instrumentrisk/", "/admin/events/tokenrisk/FLM/change/"):
        text = admin_client.get(address).content.decode()
        assert "FLM" in text and "reduce only" in text and page_of(event) in text, address
    assert "FLM" in admin_client.get("/admin/events/tokenrisk/?action=reduce_only&category=delisting").content.decode()
    empty = admin_client.get("/admin/events/tokenrisk/?action=halt")
    assert list(empty.context["cl"].result_list) == []


@pytest.mark.django_db
def test_a_silent_daemon_is_the_first_thing_that_the_overview_says() -> None:
    now = timezone.now()
    Heartbeat.objects.create(beat_at=now, daemon="host 1")
    assert trust(now + timedelta(seconds=5))["tone"] == "good"
    silent = trust(now + HEARTBEAT_FRESH + timedelta(seconds=1))
    assert silent["tone"] == "bad"
    assert "last heartbeat was 13 s ago" in silent["text"]


@pytest.mark.django_db
def test_the_overview_hides_what_one_may_not_see() -> None:
    open_event()
    health("okx.announcements", state="failing", last_error="no answer")
    client = staff("events.view_sourcehealth")
    response = client.get("/admin/")
    assert "okx.announcements" in response.content.decode()
    assert "at_risk" not in response.context and "latest" not in response.context
    assert [figure.label for figure in response.context["figures"]] == ["Sources that answer"]


@pytest.mark.django_db
def test_the_page_of_a_source_shows_its_trouble_escaped(admin_client: Client) -> None:
    body = archived(b"<html>challenge</html>")
    now = timezone.now()
    health(
        state="drift",
        last_error="SchemaDrift: <b>data</b> was absent",
        consecutive_failures=3,
        next_attempt_at=now + timedelta(minutes=5),
        clock_skew_seconds=-3.4,
        error_payload=body,
    )
    quarantined()
    text = admin_client.get("/admin/events/sourcehealth/binance.announcements/change/").content.decode()
    for shown in ("SchemaDrift: &lt;b&gt;data", "-3.4 s", "skewed", body.pk[:12], "&lt;b&gt;Notice", "node was 7"):
        assert shown in text, shown
    assert "<script>alert" not in text
    listed = admin_client.get("/admin/events/sourcehealth/").content.decode()
    assert "3 in a row" in listed and "next poll" in listed and "-3.4 s" in listed


@pytest.mark.django_db
def test_a_source_shows_the_polls_of_its_further_requests_and_no_others(admin_client: Client) -> None:
    health("binance.instruments")
    for name in ("binance.instruments", "binance.instruments.usdm", "binance.instruments_other", "okx.instruments"):
        PayloadPoll.objects.create(source=name, url="https://x.test", received_at=timezone.now(), status=200)
    response = admin_client.get("/admin/events/sourcehealth/binance.instruments/change/")
    assert {poll.source for poll in response.context["polls"]} == {"binance.instruments", "binance.instruments.usdm"}


@pytest.mark.django_db
def test_a_source_that_does_not_exist_leads_back(admin_client: Client) -> None:
    response = admin_client.get("/admin/events/sourcehealth/nobody/change/")
    assert response.status_code == 302


@pytest.mark.django_db
def test_quarantined_items_are_marked_as_resolved(admin_client: Client) -> None:
    item = quarantined()
    address = "/admin/events/quarantineditem/"
    for _ in range(2):
        admin_client.post(address, {"action": "resolve", "_selected_action": [item.pk]})
    item.refresh_from_db()
    assert item.resolved_at is not None
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.address) == ("admin", "127.0.0.1") and "marked as resolved" in entry.what
    assert list(admin_client.get(address).context["cl"].result_list) == []
    assert list(admin_client.get(f"{address}?resolved=yes").context["cl"].result_list) == [item]


@pytest.mark.django_db
def test_resolving_keeps_the_first_time(now: datetime) -> None:
    item = quarantined()
    everything = QuarantinedItem.objects.all()
    assert mark_resolved(everything, now) == [item]
    assert mark_resolved(everything, now + timedelta(days=1)) == []
    item.refresh_from_db()
    assert item.resolved_at == now


@pytest.mark.django_db
def test_who_may_only_look_cannot_resolve() -> None:
    item = quarantined()
    client = staff("events.view_quarantineditem")
    client.post("/admin/events/quarantineditem/", {"action": "resolve", "_selected_action": [item.pk]})
    item.refresh_from_db()
    assert item.resolved_at is None


@pytest.mark.django_db
def test_the_list_of_polls_never_reads_the_bodies(admin_client: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        archived(b"body %d" % number)
    with django_assert_max_num_queries(12) as captured:
        assert admin_client.get("/admin/events/payloadpoll/").status_code == 200
    assert not any("compressed" in query["sql"] for query in captured.captured_queries)
