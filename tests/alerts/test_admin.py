"""Alerts in the admin: seen with every attempt, sent again by hand, silenced, acknowledged; and no secret in sight."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from alerts.admin.alerts import channel_rows
from alerts.audit import Actor
from alerts.models import Acknowledgement, Alert, AlertAttempt, AuditEntry, ChannelState, Silence
from alerts.receivers import all_receivers
from alerts.suppression import silences
from events.models import Event
from tests.alerts.factories import bump, make_config, make_event
from tests.events.admin.support import assert_only_pressed, confirm, page_of, staff

pytestmark = pytest.mark.django_db

ALERTS = "/admin/alerts/alert/"


def make_alert(event: Event, **fields: Any) -> Alert:
    now = timezone.now()
    return Alert.objects.create(
        **{"event": event, "reason": "opened", "channel": "cex", "queued_at": now, "due_at": now, **fields}
    )


def dead_alert(event: Event) -> Alert:
    alert = make_alert(event, state="dead", attempts=3, done_at=timezone.now(), done_reason="no answer")
    AlertAttempt.objects.create(
        alert=alert,
        channel="cex",
        started_at=timezone.now(),
        duration_ms=1200,
        http_status=500,
        decision="dead",
        reason="server-error: the receiver answered 500",
        excerpt="<b>Internal</b>",
    )
    return alert


def acknowledge(client: Client, event: Event, **form: str) -> Any:
    return client.post(f"/admin/alerts/acknowledgement/of/{event.pk}/", form, follow=True)


def test_an_alert_is_shown_with_its_attempts(admin_client: Client) -> None:
    event = make_event()
    alert = dead_alert(event)
    for address in (f"{ALERTS}{alert.pk}/change/", page_of(event)):
        text = admin_client.get(address).content.decode()
        assert "the receiver answered 500" in text and "Send again" in text, address
        assert "<b>Internal" not in text


def test_states_and_decisions_are_shown_in_plain_words(admin_client: Client) -> None:
    decisions = [
        {"stage": stage, "decision": decision, "reason": "", "at": timezone.now().isoformat()}
        for stage, decision in (("mute", "heard"), ("inhibit", "free"), ("dedup", "untold"))
    ]
    alert = make_alert(make_event(), state="muted", muted_by="untold", decisions=decisions)
    shown = admin_client.get(f"{ALERTS}{alert.pk}/change/").content.decode()
    for stage, decision in (("mute", "no silence"), ("inhibit", "not inhibited"), ("dedup", "opening not delivered")):
        assert f"<b>{stage}</b> {decision} " in shown
    assert "suppressed</span>" in shown and "untold" not in shown


def test_a_dead_alert_is_sent_again(admin_client: Client) -> None:
    alert = dead_alert(make_event())
    before = timezone.now()
    response = admin_client.post(f"{ALERTS}{alert.pk}/resend/", follow=True)
    assert "1 alert queued again" in str(next(iter(response.context["messages"])))
    alert.refresh_from_db()
    assert (alert.state, alert.attempts, alert.done_at) == ("pending", 0, None)
    assert alert.due_at >= before


def test_alerts_are_sent_again_from_the_list(admin_client: Client) -> None:
    event = make_event()
    dead, waiting = dead_alert(event), make_alert(event, reason="updated", attempts=2)
    response = admin_client.post(ALERTS, {"action": "resend", "_selected_action": [dead.pk, waiting.pk]}, follow=True)
    said = " ".join(str(message) for message in response.context["messages"])
    assert "1 alert queued again" in said and "1 not queued again" in said
    waiting.refresh_from_db()
    assert waiting.attempts == 2


def test_sending_again_takes_a_post_the_permission_and_the_token_of_a_form(admin_client: Client) -> None:
    alert = dead_alert(make_event())
    address = f"{ALERTS}{alert.pk}/resend/"
    assert_only_pressed(admin_client, address)
    assert admin_client.post(f"{ALERTS}999999/resend/").status_code == 404
    looker = staff("alerts.view_alert", "alerts.change_alert", enforce_csrf_checks=True)
    assert looker.post(address).status_code == 403
    alert.refresh_from_db()
    assert alert.state == "dead"


def test_who_may_only_look_cannot_send_again() -> None:
    alert = dead_alert(make_event())
    client = staff("alerts.view_alert", "events.view_event")
    assert client.post(f"{ALERTS}{alert.pk}/resend/").status_code == 403
    client.post(ALERTS, {"action": "resend", "_selected_action": [alert.pk]})
    assert "Send again" not in client.get(page_of(Event.objects.get())).content.decode()
    alert.refresh_from_db()
    assert alert.state == "dead"


def test_the_list_of_alerts_costs_the_same_whatever_its_length(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        dead_alert(make_event())
    with django_assert_max_num_queries(12):
        assert admin_client.get(ALERTS).status_code == 200


def test_an_event_is_acknowledged_once(admin_client: Client) -> None:
    event = make_event()
    acknowledge(admin_client, event, note=" on it ")
    acknowledgement = Acknowledgement.objects.get()
    assert (acknowledgement.event_id, acknowledgement.by, acknowledgement.note) == (event.pk, "admin", "on it")
    other = staff("events.view_event", "alerts.view_alert", "alerts.add_acknowledgement")
    response = acknowledge(other, event)
    assert "acknowledged by admin" in str(next(iter(response.context["messages"])))
    assert Acknowledgement.objects.get().by == "admin"
    assert "on it" in admin_client.get(page_of(event)).content.decode()


def test_what_is_closed_is_acknowledged_by_nobody(admin_client: Client) -> None:
    event = make_event(status="closed", closed_at=timezone.now(), close_reason="it resumed")
    response = acknowledge(admin_client, event)
    assert "is closed: it resumed" in str(next(iter(response.context["messages"])))
    assert not Acknowledgement.objects.exists() and not AuditEntry.objects.exists() and not Alert.objects.exists()
    assert "Acknowledge<" not in admin_client.get(page_of(event)).content.decode()


def test_nobody_acknowledges_on_a_page_what_it_did_not_show(admin_client: Client) -> None:
    event = make_event()
    page = admin_client.get(page_of(event)).content.decode()
    seen = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    bump(event)
    response = acknowledge(admin_client, event, seen=seen)
    assert "has changed since" in str(next(iter(response.context["messages"])))
    assert not Acknowledgement.objects.exists()
    overview = admin_client.get("/admin/").content.decode()
    acknowledge(admin_client, event, seen=re.findall(r'name="seen" value="([^"]+)"', overview)[0])
    assert Acknowledgement.objects.get().event_id == event.pk


def test_a_note_with_a_character_that_no_database_takes_is_kept_without_it(admin_client: Client) -> None:
    acknowledge(admin_client, make_event(), note="on\x00 it")
    assert Acknowledgement.objects.get().note == "on it"


def test_the_audit_has_what_was_sent_again_and_nothing_else(admin_client: Client) -> None:
    event = make_event()
    dead, waiting = dead_alert(event), make_alert(event, reason="updated", attempts=2)
    admin_client.post(ALERTS, {"action": "resend", "_selected_action": [dead.pk, waiting.pk]})
    admin_client.post(f"{ALERTS}{waiting.pk}/resend/")
    assert [entry.what.partition(",")[0] for entry in AuditEntry.objects.all()] == [f"alert {dead.pk}"]


def test_what_is_sent_again_is_in_the_audit_or_is_not_sent(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = dead_alert(make_event())
    admin_client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE alerts_auditentry ADD CONSTRAINT full_disk CHECK (act <> 'resent')")
    assert admin_client.post(f"{ALERTS}{alert.pk}/resend/").status_code == 500
    alert.refresh_from_db()
    assert alert.state == "dead"


def test_acknowledging_needs_the_permission_and_an_event(admin_client: Client) -> None:
    event = make_event()
    assert acknowledge(staff("events.view_event"), event).status_code == 403
    assert_only_pressed(admin_client, f"/admin/alerts/acknowledgement/of/{event.pk}/")
    assert admin_client.post("/admin/alerts/acknowledgement/of/999999/").status_code == 404
    assert not Acknowledgement.objects.exists()


def test_the_page_of_an_event_costs_the_same_whatever_its_alerts(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    event = make_event()
    for revision in range(20):
        alert = make_alert(event, revision=revision, state="dead")
        AlertAttempt.objects.create(
            alert=alert, channel="cex", started_at=timezone.now(), duration_ms=1, decision="retry", reason="reset"
        )
    with django_assert_max_num_queries(16):
        assert admin_client.get(page_of(event)).status_code == 200


def test_every_channel_is_listed_and_no_webhook_is(admin_client: Client) -> None:
    secret = "https://hooks.example.test/workflows/1?sig=s3cr3t"
    ChannelState.objects.create(
        channel="defi", suspended_at=timezone.now(), suspended_reason="gone: the receiver answered 404"
    )
    dead_alert(make_event())
    config = make_config(CEX_WEBHOOK_URL=secret, DEFI_WEBHOOK_URL=secret)
    rows = channel_rows(all_receivers(config))
    assert [(row["channel"], row["receiver"]) for row in rows] == [
        ("cex", "teams"),
        ("defi", "teams"),
        ("stablecoin", "console"),
        ("token_volatility", "console"),
        ("token_liquidity", "console"),
    ]
    assert rows[0]["dead"] == 1
    exported = admin_client.get("/admin/csv/alerts/channelstate/").content.decode().splitlines()
    assert exported[0].removeprefix("\ufeff").startswith("Channel,Name,Receiver") and len(exported) >= 6
    assert "hooks.example.test" not in "".join(exported)
    page = admin_client.get("/admin/alerts/channelstate/")
    context = {**(page.context_data or {}), "channels": rows, "now": timezone.now()}
    text = render_to_string("admin/alerts/channels.html", context, request=page.wsgi_request)
    assert "the receiver answered 404" in text
    assert "hooks.example.test" not in text and "s3cr3t" not in text and "sig=" not in str(rows)


def test_a_silence_remembers_who_made_it(admin_client: Client) -> None:
    until = (timezone.now() + timedelta(hours=5)).replace(second=0, microsecond=0)
    form = {"token": " luna ", "reason": "known", "until": until.strftime("%Y-%m-%d %H:%M")}
    event = make_event(title="Exchange will remove LUNA")
    shown = admin_client.post("/admin/alerts/silence/add/", form).content.decode()
    assert f"#{event.pk} Exchange will remove LUNA" in shown and "updates of 1 open event" in shown
    assert not Silence.objects.exists() and f"LUNA until {until:%Y-%m-%d %H:%M} UTC" in shown
    confirm(admin_client, "/admin/alerts/silence/add/", form)
    silence = Silence.objects.get()
    assert (silence.token, silence.made_by, silence.until) == ("LUNA", "admin", until)


def test_a_silence_must_end_in_the_future(admin_client: Client) -> None:
    form = {"reason": "known", "until": "2020-01-01 00:00"}
    response = admin_client.post("/admin/alerts/silence/add/", form)
    assert "expected a time in the future" in response.content.decode()
    assert not Silence.objects.exists()


def test_an_acknowledgement_can_be_taken_back(admin_client: Client) -> None:
    event = make_event()
    address = f"/admin/alerts/acknowledgement/of/{event.pk}/release/"
    assert "was not acknowledged" in str(next(iter(admin_client.post(address, follow=True).context["messages"])))
    acknowledge(admin_client, event)
    assert_only_pressed(admin_client, address)
    assert staff("events.view_event").post(address).status_code == 403
    admin_client.post(address)
    assert Acknowledgement.objects.get().end_reason == "unacknowledged by admin"
    acts = AuditEntry.objects.order_by("pk").values_list("act", "by", "where", "user__username")
    assert list(acts) == [("acknowledged", "admin", "admin", "admin"), ("released", "admin", "admin", "admin")]


def test_the_overview_shows_what_nobody_has_acknowledged_and_acts_from_there(admin_client: Client) -> None:
    event = make_event(title="Exchange will remove LUNA")
    page = admin_client.get("/admin/").content.decode()
    assert "Not acknowledged" in page and "Exchange will remove LUNA" in page
    where = {"from": "overview"}
    asked = admin_client.post(f"/admin/alerts/silence/of/{event.pk}/", {"hours": "4", **where})
    assert "required" in str(asked.context["form"].errors["reason"]) and not Silence.objects.exists()
    form = {"hours": "4", "reason": "known", **where}
    silenced = confirm(admin_client, f"/admin/alerts/silence/of/{event.pk}/", form)
    assert silenced["Location"] == "/admin/"
    assert Silence.objects.get().token == "LUNA"
    taken = admin_client.post(f"/admin/alerts/acknowledgement/of/{event.pk}/", where)
    assert taken["Location"] == "/admin/"
    assert f"/acknowledgement/of/{event.pk}/" not in admin_client.get("/admin/").content.decode()


@pytest.mark.parametrize("hours", ["", "0", "-4", "1e3", "99999"])
def test_a_silence_of_no_sensible_length_is_refused(admin_client: Client, hours: str) -> None:
    event = make_event()
    response = admin_client.post(f"/admin/alerts/silence/of/{event.pk}/", {"hours": hours}, follow=True)
    assert "expected a number from 1" in str(response.context["form"].errors["hours"])
    assert not Silence.objects.exists()


def test_silencing_silences_what_waits_already(admin_client: Client) -> None:
    event = make_event()
    alert = make_alert(event)
    other = make_alert(make_event(tokens=("ABC",)))
    confirm(admin_client, f"/admin/alerts/silence/of/{event.pk}/", {"hours": "4", "reason": "known"})
    alert.refresh_from_db()
    other.refresh_from_db()
    assert (alert.state, other.state) == ("silenced", "pending")


def test_a_silence_can_be_ended_and_every_change_of_it_is_kept(admin_client: Client) -> None:
    until = timezone.now() + timedelta(hours=5)
    silence = Silence.objects.create(token="LUNA", until=until, reason="known", made_by="ann")
    chosen = {"action": "end_now", "_selected_action": [silence.pk]}
    admin_client.post("/admin/alerts/silence/", chosen)
    silence.refresh_from_db()
    assert silence.until <= timezone.now()
    admin_client.post(f"/admin/alerts/silence/{silence.pk}/delete/", {"post": "yes"})
    assert not Silence.objects.exists()
    assert list(AuditEntry.objects.values_list("act", flat=True)) == ["silence_ended"] * 2


def test_of_two_who_end_or_delete_a_silence_the_first_one_does_it() -> None:
    """Both have read the list before either is written."""
    now = timezone.now()
    made = Silence.objects.create(token="LUNA", until=now + timedelta(hours=5), reason="known", made_by="ann")
    ann = Actor("ann", "admin")
    assert [silences.end_now([made.pk], ann, now, delete) for delete in (False, False, True, True)] == [1, 0, 1, 0]
    assert AuditEntry.objects.count() == 2


def test_nobody_can_write_the_audit(admin_client: Client) -> None:
    acknowledge(admin_client, make_event())
    entry = AuditEntry.objects.get()
    assert admin_client.post("/admin/alerts/auditentry/add/", {"by": "x"}).status_code == 403
    assert admin_client.post(f"/admin/alerts/auditentry/{entry.pk}/change/", {"by": "x"}).status_code == 403
    assert admin_client.post(f"/admin/alerts/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AuditEntry.objects.get().by == "admin"


@pytest.mark.parametrize("query", ["", "?reason=worse", "?reason=opened&minimal=1"])
def test_a_card_is_shown_as_it_reads_and_as_json(admin_client: Client, query: str) -> None:
    event = make_event(title="<script>alert(1)</script> **LUNA**")
    text = admin_client.get(f"/admin/alerts/alert/preview/{event.pk}/{query}").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **LUNA**" in text
    assert "<script>alert(1)" not in text
    assert "AdaptiveCard" in text and "/act/preview" in text and ":" not in re.findall(r"/act/([^&\"]+)", text)[0]


def test_the_preview_of_an_alert_needs_the_permission_and_acts_on_nothing(admin_client: Client) -> None:
    alert = dead_alert(make_event())
    address = f"{ALERTS}{alert.pk}/preview/"
    assert admin_client.get(address).status_code == 200
    assert staff("events.view_event").get(address).status_code == 403
    assert admin_client.get(f"{ALERTS}999999/preview/").status_code == 404
    assert admin_client.get("/admin/alerts/alert/preview/999999/").status_code == 404
    for reason in ("nonsense", "digest", "test"):
        assert admin_client.get(f"/admin/alerts/alert/preview/{alert.event_id}/?reason={reason}").status_code == 404
    before = alert.state
    alert.refresh_from_db()
    assert alert.state == before and Alert.objects.count() == 1
