"""Why a card comes, as far as its event does not know: who did not answer, who corrected, what nobody sees."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts import reminders
from alerts.delivery.loader import load_message
from alerts.models import Alert
from alerts.rendering.cards.build import card_of
from alerts.rendering.cards.card import Card, Kind, Tone
from alerts.routes import URGENT
from events.drafts import EffectDraft, EventDraft
from events.lifecycle import correct_event, record
from events.models import Event
from tests.alerts.factories import NOW, make_config, make_event, tell

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def card(alert: Alert, now: object = NOW) -> Card:
    return card_of(load_message(alert, make_config(), now, False))  # type: ignore[arg-type]


def delisting() -> Event:
    effect = EffectDraft("LUNA", scope="venue", venue="BINANCE", tickers=("BINANCE:LUNAUSDT",), action="exit")
    draft = EventDraft(
        source="binance", category="delisting", natural_key="test:7", title="A notice", effects=(effect,)
    )
    event = record(draft, NOW).event
    assert event is not None
    return event


def test_an_escalation_says_which_channel_did_not_answer_and_for_how_long() -> None:
    event = make_event()
    tell(event)
    reminders.run(make_config(ALERT_ESCALATE_TO="stablecoin"), NOW + 35 * MINUTE)
    escalation = Alert.objects.get(event=event, reason="escalated")
    assert escalation.channel == "stablecoin"
    shown = card(escalation, NOW + 35 * MINUTE)
    assert shown.kind == Kind.ESCALATED and shown.why.startswith("Nobody in cex acknowledged for 35 min. ")
    # Of one that the last release queued it is not known.
    del escalation.detail["unanswered"]
    assert card(escalation, NOW).why.startswith("Nobody has acknowledged it. ")


def test_a_correction_says_who_made_it_and_why() -> None:
    event = delisting()
    Alert.objects.all().update(state="sent")
    correct_event(event.pk, NOW, by="ann", fields={}, effects={"LUNA": {"action": "watch"}}, reason="a renaming")
    shown = card(Alert.objects.get(reason="updated"))
    assert shown.kind == Kind.CORRECTION and shown.heading == "WATCH · LUNA · Binance spot"
    assert shown.why.startswith("Corrected by ann: a renaming. ")
    assert [fact.text for fact in shown.facts] == ["was: exit · now: watch"]


@pytest.mark.parametrize(
    ("unseen", "heading", "tone", "urgent"),
    [
        ("Delistings on Binance", "BLIND · delistings on Binance", Tone.URGENT, True),
        ("Hacks of protocols, chains and bridges", "BLIND · hacks of protocols, chains and bridges", Tone.URGENT, True),
        ("Fast moves of prices", "PARTLY BLIND · fast moves of prices", Tone.WARNING, False),
    ],
)
def test_what_is_blind_decides_how_urgent_an_outage_is(unseen: str, heading: str, tone: Tone, urgent: bool) -> None:
    facts = {"error": "HTTP 503", "not seen": f"{unseen}: what came since 02 Oct 2026 07:25 UTC is not seen"}
    event = make_event("operations", tokens=(), source="operations", priority="low", facts=facts)
    alert = tell(event)
    assert (alert.urgency >= URGENT) == urgent
    shown = card(alert)
    assert (shown.heading, shown.tone) == (f"{heading} · since 2 Oct 07:25 UTC, 35 min", tone)
