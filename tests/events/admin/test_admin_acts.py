"""What admins do to events goes through forms and the lifecycle; a refusal is a message, never an error page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from alerts.models import AuditEntry
from events.lifecycle import close_event
from events.models import Event, KeySuppression, ManualEvent
from tests.events.admin.support import LIST, act_page, confirm, open_event, page_of, staff

pytestmark = pytest.mark.django_db

MANUAL = f"{LIST}open-manual/"


def typed(at: datetime) -> str:
    """A time as a browser's field sends it."""
    return at.strftime("%Y-%m-%d %H:%M")


def correction(event: Event, **changes: Any) -> dict[str, Any]:
    """The form of corrections as the page first shows it, with changes."""
    return {
        "title": event.title,
        "category": event.category,
        "priority": event.priority,
        "valid_until": typed(event.valid_until) if event.valid_until else "",
        "url": event.url,
        "reason": "the notice says so",
        **changes,
    }


def manual(**changes: Any) -> dict[str, Any]:
    return {
        "tokens": "ust, luna",
        "title": "Block UST",
        "action": "halt",
        "risk_level": "critical",
        "trading_status": "trading",
        "category": "manual",
        "note": "Kim called",
        **changes,
    }


def block(client: Client, form: dict[str, Any]) -> Any:
    """Look at what it would do, and confirm that."""
    shown = client.post(MANUAL, form)
    assert shown.status_code == 200 and not Event.objects.exists(), "it is shown before it is saved"
    return client.post(MANUAL, {**form, "confirmed": shown.context["form"]["confirmed"].value()})


def refusals(response: Any) -> str:
    """What the form says against what was sent; the page itself must have come back."""
    assert response.status_code == 200, response.status_code
    return str(response.context["form"].errors)


def test_closing_closes_and_keeps_the_key_away(admin_client: Client) -> None:
    event = open_event()
    until = timezone.now() + timedelta(days=3)
    form = {"reason": "relisted", "suppress_until": typed(until)}
    response = confirm(admin_client, act_page(event, "close"), form, follow=True)
    assert response.redirect_chain == [(page_of(event), 302)]
    event.refresh_from_db()
    assert (event.status, event.false_alarm) == ("closed", False)
    assert event.close_reason == "closed by admin: relisted"
    assert KeySuppression.objects.get(natural_key=event.natural_key).until == until.replace(second=0, microsecond=0)


def test_a_false_alarm_is_recorded_as_such_and_stays_away_for_ever(admin_client: Client) -> None:
    event = open_event()
    confirm(admin_client, act_page(event, "false-alarm"), {"reason": "an advertisement"})
    event.refresh_from_db()
    assert (event.status, event.false_alarm) == ("closed", True)
    assert KeySuppression.objects.get(natural_key=event.natural_key).until is None
    assert ">false alarm</span>" in admin_client.get(page_of(event)).content.decode()


def test_a_reason_is_asked_for(admin_client: Client) -> None:
    event = open_event()
    assert "required" in refusals(confirm(admin_client, act_page(event, "close"), {"reason": " "}))
    event.refresh_from_db()
    assert event.status == "open"


@pytest.mark.parametrize("value", ["2020-01-01T00:00", "yesterday", "9999-99-99T00:00"])
def test_a_suppression_must_end_in_the_future(admin_client: Client, value: str) -> None:
    event = open_event()
    response = confirm(admin_client, act_page(event, "close"), {"reason": "x", "suppress_until": value})
    assert "suppress_until" in refusals(response)


def test_reopening_opens_again_and_lifts_the_suppression(admin_client: Client) -> None:
    event = open_event()
    close_event(event.pk, timezone.now(), by="sam", reason="mistake")
    confirm(admin_client, act_page(event, "reopen"), {"reason": "it was real"})
    event.refresh_from_db()
    assert event.status == "open"
    assert not KeySuppression.objects.filter(natural_key=event.natural_key).exists()


def test_reopening_beside_an_open_event_of_the_key_is_refused_with_a_sentence(admin_client: Client) -> None:
    first = open_event("same", reopen="always")
    now = timezone.now()
    close_event(first.pk, now, by="sam", reason="over", suppress_until=now + timedelta(seconds=1))
    second = open_event("same", now=now + timedelta(minutes=1), reopen="always")
    assert second.pk != first.pk
    response = confirm(admin_client, act_page(first, "reopen"), {"reason": "again"})
    assert "is open; correct that one instead" in refusals(response)
    first.refresh_from_db()
    assert first.status == "closed"


def test_closing_what_somebody_else_has_closed_is_refused_with_a_sentence(admin_client: Client) -> None:
    event = open_event()
    close_event(event.pk, timezone.now(), by="kim", reason="first")
    assert "closed already" in refusals(confirm(admin_client, act_page(event, "close"), {"reason": "second"}))


def test_an_act_that_does_not_apply_leads_back_to_the_event(admin_client: Client) -> None:
    event = open_event()
    response = admin_client.get(act_page(event, "reopen"), follow=True)
    assert response.redirect_chain == [(page_of(event), 302)]
    assert "does not apply" in str(next(iter(response.context["messages"])))


def test_a_correction_holds_only_what_was_changed_and_is_pinned(admin_client: Client) -> None:
    event = open_event("abc", tokens=("FLM", "KDA"))
    form = correction(event, title="Corrected", **{"effect-1-action": "exit"})
    assert confirm(admin_client, act_page(event, "correct"), form).status_code == 302
    event.refresh_from_db()
    assert event.title == "Corrected"
    assert event.pinned == {"title": "Corrected", "effects": {"KDA": {"action": "exit"}}}
    assert dict(event.effects.values_list("token", "action")) == {"FLM": "reduce_only", "KDA": "exit"}
    # The source says its old title again, and the correction stands.
    assert open_event("abc", tokens=("FLM", "KDA")).title == "Corrected"


def test_an_expiry_can_be_taken_away(admin_client: Client) -> None:
    event = open_event("abc", valid_until=timezone.now() + timedelta(days=4))
    assert confirm(admin_client, act_page(event, "correct"), correction(event, valid_until="")).status_code == 302
    event.refresh_from_db()
    assert event.valid_until is None


def test_a_correction_that_changes_nothing_is_said_to_be_one(admin_client: Client) -> None:
    event = open_event()
    assert "Nothing was changed" in refusals(confirm(admin_client, act_page(event, "correct"), correction(event)))
    event.refresh_from_db()
    assert event.pinned == {}


@pytest.mark.parametrize(
    "field, value",
    [
        ("title", "  "),
        ("category", "nonsense"),
        ("priority", "medium"),
        ("valid_until", "2020-01-01T00:00"),
        ("url", "javascript:alert(1)"),
        ("effect-0-action", "panic"),
    ],
)
def test_a_correction_with_a_value_that_no_event_can_have_is_refused(
    admin_client: Client, field: str, value: str
) -> None:
    event = open_event()
    assert field in refusals(confirm(admin_client, act_page(event, "correct"), correction(event, **{field: value})))
    event.refresh_from_db()
    assert event.pinned == {}


def test_giving_up_a_correction_lets_the_source_speak_again(admin_client: Client) -> None:
    event = open_event()
    told = event.title
    confirm(admin_client, act_page(event, "correct"), correction(event, title="Mine"))
    confirm(admin_client, act_page(event, "unpin"), {"pins": ["title"]})
    event.refresh_from_db()
    assert event.pinned == {}
    assert open_event().title == told


def test_tokens_are_blocked_by_hand(admin_client: Client) -> None:
    response = block(admin_client, manual(note="Kim called", venues=["BINANCE", "OKX"]))
    event = ManualEvent.objects.get()
    assert response["Location"] == page_of(event)
    assert (event.priority, event.status) == ("high", "open")
    assert sorted(event.effects.values_list("token", "venue", "action")) == [
        ("LUNA", "BINANCE", "halt"),
        ("LUNA", "OKX", "halt"),
        ("USTC", "BINANCE", "halt"),
        ("USTC", "OKX", "halt"),
    ]
    assert (event.opened_by, event.note) == ("admin", "Kim called")


@pytest.mark.parametrize(
    "field, value",
    [
        ("tokens", " , ; "),
        ("tokens", "X" * 65),
        ("title", ""),
        ("action", "panic"),
        ("venues", ["MARS"]),
        ("valid_until", "2020-01-01T00:00"),
        ("url", "nonsense with spaces"),
    ],
)
def test_a_manual_event_with_a_bad_value_names_the_field(admin_client: Client, field: str, value: Any) -> None:
    assert field in refusals(admin_client.post(MANUAL, manual(**{field: value})))
    assert not Event.objects.exists()


def test_who_did_what_stands_on_the_event(admin_client: Client) -> None:
    event = open_event()
    confirm(admin_client, act_page(event, "correct"), correction(event, title="Mine"))
    confirm(admin_client, act_page(event, "close"), {"reason": "over"})
    text = admin_client.get(page_of(event)).content.decode()
    was = f"(was {event.title})"
    assert f"corrected an event: Title = Mine {was}; Reason = the notice says so" in text
    assert "closed an event: Reason = over" in text
    acts = AuditEntry.objects.filter(event=event).order_by("pk").values_list("act", "by", "where", "address")
    assert list(acts) == [("corrected", "admin", "admin", "127.0.0.1"), ("closed", "admin", "admin", "127.0.0.1")]
    assert not LogEntry.objects.exists(), "one trail, not two"


@pytest.mark.parametrize("name", ["close", "false-alarm", "correct", "reopen", "unpin"])
def test_who_may_only_look_cannot_act(name: str) -> None:
    event = open_event()
    client = staff("events.view_event")
    assert client.get(act_page(event, name)).status_code == 403
    assert client.post(act_page(event, name), {"reason": "x"}).status_code == 403
    assert "/act/" not in client.get(page_of(event)).content.decode()
    event.refresh_from_db()
    assert event.status == "open"


def test_opening_by_hand_needs_the_permission_to_add() -> None:
    client = staff("events.view_event", "events.change_event")
    assert client.post(MANUAL, manual()).status_code == 403
    assert MANUAL not in client.get(LIST).content.decode()


def test_an_act_needs_the_token_of_its_form() -> None:
    event = open_event()
    client = staff("events.view_event", "events.change_event", enforce_csrf_checks=True)
    assert client.post(act_page(event, "close"), {"reason": "x"}).status_code == 403
    event.refresh_from_db()
    assert event.status == "open"


def test_showing_a_form_changes_nothing(admin_client: Client) -> None:
    event = open_event()
    for name in ("close", "false-alarm", "correct"):
        assert admin_client.get(act_page(event, name), {"reason": "x"}).status_code == 200
    event.refresh_from_db()
    assert (event.status, event.revision) == ("open", 1)


def test_what_cannot_be_done_or_does_not_exist_is_a_404(admin_client: Client) -> None:
    event = open_event()
    assert admin_client.get(act_page(event, "explode")).status_code == 404
    assert admin_client.get(f"{LIST}999999/act/close/").status_code == 404


def test_a_stranger_is_sent_to_the_login(client: Client) -> None:
    event = open_event()
    response = client.post(act_page(event, "close"), {"reason": "x"})
    assert response.status_code == 302 and "/admin/login/" in response["Location"]
