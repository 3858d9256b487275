"""Where the lives of an event, suppression, halts of whole venues and cards meet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts import outbox, reminders
from alerts.audit import Actor
from alerts.delivery.loader import load_message
from alerts.models import Alert, Silence
from alerts.rendering.plain_text import plain_lines, subject
from alerts.suppression.acknowledgements import acknowledge
from events.drafts import EffectDraft, EventDraft
from events.lifecycle import record
from events.lifecycle.default_rules import load_reference_data
from tests.alerts.factories import NOW, bump, make_config, make_effect, make_event, tell

pytestmark = pytest.mark.django_db

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ANN = Actor("ann", "admin")


def text_of(alert: Alert, now: Any) -> str:
    message = load_message(alert, make_config(), now, False)
    return "\n".join([subject(message), *plain_lines(message)])


def silence(**fields: Any) -> Silence:
    return Silence.objects.create(**{"until": NOW + 4 * HOUR, "reason": "known", "made_by": "ops", **fields})


def depeg(**changes: Any) -> EventDraft:
    return EventDraft(
        **{
            "source": "binance", "category": "trading_suspension", "natural_key": "k", "title": "LUNA stands still",
            "effects": (EffectDraft("LUNA", "venue", "BINANCE", ("BINANCE:LUNAUSDT",), action="halt"),),
            "reopen": "resume", **changes,
        }
    )  # fmt: skip


def sent() -> None:
    Alert.objects.filter(state="pending").update(state="sent", done_at=NOW)


def test_an_end_that_waits_while_its_event_opens_again_unseen_is_no_card_of_orders() -> None:
    """The channel is slow: the end still waits when the event is back, and its return is silenced."""
    load_reference_data()
    event = record(depeg(), NOW).event
    assert event is not None
    sent()
    record(depeg(state="closed", close_reason="resumed"), NOW + HOUR)
    silence(token="LUNA")
    record(depeg(title="LUNA stands still again"), NOW + HOUR + MINUTE)
    waiting = Alert.objects.get(event=event, state="pending")
    assert (waiting.reason, waiting.life) == ("closed", 1)
    text = text_of(waiting, NOW + HOUR + 2 * MINUTE)
    assert "halt" not in text.lower().replace("stands", "")
    assert "Resumed" in text and "lasted 1 h" in text
    assert "it is open again" in text


def test_a_new_life_was_not_deferred_since_the_former_one() -> None:
    load_reference_data()
    event = record(depeg(), NOW).event
    assert event is not None
    Alert.objects.filter(event=event).update(state="held", muted_by="flapping")
    record(depeg(state="closed", close_reason="resumed", quiet=True), NOW + HOUR)
    record(depeg(), NOW + 2 * HOUR)
    waiting = Alert.objects.get(event=event, state="pending")
    assert "since" not in text_of(waiting, NOW + 2 * HOUR)


@pytest.mark.parametrize(("state", "word"), [("held", "deferred as flapping"), ("silenced", "silenced")])
def test_what_was_never_sent_and_is_sent_manually_shows_since_when_and_is_not_new(state: str, word: str) -> None:
    alert = tell(make_event())
    muted = {"held": "flapping", "silenced": "silence"}[state]
    Alert.objects.filter(pk=alert.pk).update(state=state, muted_by=muted)
    outbox.resend([alert.pk], NOW + HOUR)
    alert.refresh_from_db()
    text = text_of(alert, NOW + HOUR)
    assert f"Opened, {word} since 2 Oct 08:00 UTC" in text and "New" not in text


def test_what_was_sent_and_is_sent_again_manually_was_not_delayed() -> None:
    alert = tell(make_event())
    Alert.objects.filter(pk=alert.pk).update(state="sent", done_at=NOW)
    outbox.resend([alert.pk], NOW + 3 * HOUR)
    alert.refresh_from_db()
    text = text_of(alert, NOW + 3 * HOUR)
    assert "delayed" not in text.lower() and "New" not in text
    assert "sent before, at 2 Oct 08:00 UTC" in text


def test_what_ends_while_its_whole_venue_is_halted_is_not_free_of_restriction() -> None:
    halt = make_event("exchange_halt", tokens=())
    make_effect(halt, "*", tickers=[], action="halt", trading_status="trading_suspended")
    event = make_event("risk_warning", tokens=("LUNA",), status="closed", closed_at=NOW + HOUR, close_reason="lifted")
    other = make_event("risk_warning", tokens=(), status="closed", closed_at=NOW + HOUR, close_reason="lifted")
    make_effect(other, "LUNA", venue="OKX", tickers=["OKX:LUNA-USDT"], action="avoid_new")
    text = text_of(tell(bump(event), "closed", NOW + HOUR), NOW + HOUR)
    assert f"Now:            halt on Binance spot (another event, #{halt.pk})" in text
    assert " · no restriction now" in text_of(tell(bump(other), "closed", NOW + HOUR), NOW + HOUR)


def test_the_effect_on_whatever_a_venue_trades_is_no_line_of_a_card() -> None:
    event = make_event("exchange_halt", tokens=("LUNA",))
    make_effect(event, "*", tickers=[])
    changes = {
        "* on BINANCE": ["halt trading", "halt trading_suspended"],
        "effects": [["*: venue on BINANCE"], ["*: venue on BINANCE_USDM", "LUNA: venue on BINANCE_USDM"]],
    }
    text = text_of(tell(bump(event), "updated", NOW, changes), NOW)
    assert "*" not in text and "LUNA on Binance USD-M futures" in text


def test_what_nobody_has_read_before_has_not_changed() -> None:
    event = make_event("depeg")
    changes = {"title": ["USDC, not confirmed", "USDC"], "effects": [["USDC: asset"], ["USDC: asset, stage severe"]]}
    assert "Changed" not in text_of(tell(event, "opened", NOW, changes), NOW)


def test_a_resumed_episode_is_not_escalated_for_what_was_acknowledged_in_its_former_life() -> None:
    load_reference_data()
    event = record(depeg(), NOW).event
    assert event is not None
    sent()
    acknowledge(event.pk, ANN, "mine", NOW + MINUTE)
    record(depeg(state="closed", close_reason="resumed"), NOW + HOUR)
    record(depeg(), NOW + 2 * HOUR)
    (watched,) = reminders.read_open_events(NOW + 2 * HOUR)
    schedule = reminders.Schedule.of(make_config(ALERT_ESCALATE_TO="stablecoin"))
    due = [due.at for due in reminders.plan(watched, schedule, NOW + 2 * HOUR) if due.reason == "escalated"]
    assert due == [NOW + 2 * HOUR + schedule.escalate_after]


def test_a_card_of_a_failure_that_is_over_does_not_show_what_cannot_be_seen() -> None:
    facts = {"not seen": "Hacks: what came since 01 Oct is not seen", "error": "its newest entry is old"}
    event = make_event("operations", tokens=(), priority="low", source="operations", facts=facts)
    assert "We do not see hacks" in text_of(tell(event), NOW)
    event.status, event.closed_at, event.close_reason = "closed", NOW + HOUR, "the source answers again"
    event.save()
    text = text_of(tell(bump(event), "closed", NOW + HOUR), NOW + HOUR)
    assert "not seen" not in text.lower() and "Error was:      its newest entry is old" in text
