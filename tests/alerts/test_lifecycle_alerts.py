"""The whole way from a draft to a card, through the lifecycle."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.channels.base import Answer
from alerts.delivery.worker import ChannelWorker
from alerts.models import Alert
from alerts.rendering.message import Message
from alerts.rendering.summary import EventSummary
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.lifecycle import expire, record
from events.lifecycle.default_rules import load_reference_data
from tests.alerts.factories import NOW, Clock, make_config

pytestmark = pytest.mark.django_db
ENDS = NOW + timedelta(days=3)
REMOVAL = EventDraft(
    source="binance",
    category="delisting",
    natural_key="binance:article:1",
    title="Notice of removal of LUNA",
    url="https://exchange.example/1",
    effects=(EffectDraft("LUNA", scope="venue", venue="BINANCE", tickers=("BINANCE:LUNAUSDT",), trading_ends_at=ENDS),),
    important_dates=(ImportantDate(ENDS, "trading ends", ("BINANCE:LUNAUSDT",)),),
)


@pytest.fixture(autouse=True)
def _rules():
    load_reference_data()


class Reader:
    """A receiver that keeps what it was given."""

    name, throttled = "reader", False

    def __init__(self) -> None:
        self.summaries: list[EventSummary] = []

    def deliver(self, message: Message) -> Answer:
        assert isinstance(message.content, EventSummary)
        self.summaries.append(message.content)
        return Answer(status=202)

    def close(self) -> None:
        """Nothing to close."""


def told(clock: Clock) -> list[EventSummary]:
    """What is delivered by now."""
    reader = Reader()
    worker = ChannelWorker("cex", reader, make_config(), clock)
    while worker.step().decision is not None:
        pass
    return reader.summaries


def test_an_opened_event_is_alerted_with_its_effects_and_dates():
    record(REMOVAL, NOW)
    (summary,) = told(Clock())
    assert summary.reasons == ("opened",)
    assert (summary.action, summary.trading_status) == ("reduce_only", "delisting")
    assert summary.our_pairs == ("BINANCE:LUNAUSDT",)
    assert summary.trading_ends_at == ENDS
    assert [line.what for line in summary.dates] == ["trading ends"]


def test_the_same_report_again_is_not_alerted_again():
    record(REMOVAL, NOW)
    assert len(told(Clock())) == 1
    record(REMOVAL, NOW + timedelta(minutes=1))
    assert told(Clock(NOW + timedelta(minutes=2))) == []


def test_an_edit_is_alerted_with_what_it_changed():
    record(REMOVAL, NOW)
    told(Clock())
    later = ENDS + timedelta(days=1)
    effect = replace(REMOVAL.effects[0], trading_ends_at=later)
    date = replace(REMOVAL.important_dates[0], at=later)
    record(replace(REMOVAL, effects=(effect,), important_dates=(date,)), NOW + timedelta(minutes=1))
    (summary,) = told(Clock(NOW + timedelta(minutes=2)))
    assert summary.reasons == ("updated",)
    changed = {change.field: (change.before, change.after) for change in summary.changes}
    assert "2026-10-05 08:00" in changed["important_dates"][0]
    assert "2026-10-06 08:00" in changed["important_dates"][1]


def test_a_step_that_time_takes_is_a_reminder():
    record(REMOVAL, NOW)
    told(Clock())
    expire(ENDS - timedelta(hours=24))
    (summary,) = told(Clock(ENDS - timedelta(hours=24)))
    assert (summary.reasons, summary.action) == (("reminder",), "exit")


def test_an_event_opened_updated_and_closed_while_nothing_could_be_sent_is_one_card():
    record(REMOVAL, NOW)
    record(replace(REMOVAL, title="Updated notice of removal of LUNA"), NOW + timedelta(minutes=1))
    record(replace(REMOVAL, state="closed", close_reason="withdrawn"), NOW + timedelta(minutes=2))
    (summary,) = told(Clock(NOW + timedelta(minutes=3)))
    assert summary.reasons == ("opened", "updated", "closed")
    assert summary.status == "closed"
    assert sorted(Alert.objects.values_list("state", flat=True)) == ["sent", "superseded", "superseded"]


def test_low_priority_is_recorded_and_not_alerted():
    record(replace(REMOVAL, priority="low"), NOW)
    assert told(Clock()) == []
    assert not Alert.objects.exists()
