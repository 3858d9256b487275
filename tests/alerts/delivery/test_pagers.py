"""What a pager is told of acknowledgements: never a page for what somebody has, one for what is nobody's again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts import notices
from alerts.audit import Actor
from alerts.channels import transport_for
from alerts.delivery.loader import fallback_message, load_message
from alerts.delivery.worker import ChannelWorker
from alerts.models import AddedReceiver, Alert
from alerts.receivers import configured_receivers
from alerts.rendering.incidents import paging_steps
from alerts.suppression.acknowledgements import acknowledge, unacknowledge
from events.models import Event
from tests.alerts.channels.services import SERVICES
from tests.alerts.conftest import Hooks
from tests.alerts.delivery.test_worker import attempt, step_when_possible
from tests.alerts.factories import NOW, Clock, bump, make_config, make_event, tell

pytestmark = pytest.mark.django_db

ANN = Actor("ann", "admin")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def pager() -> AddedReceiver:
    row = AddedReceiver(name="pager", kind="pagerduty", follows=["cex"], made_by="ann")
    row.set_secrets(f"http://127.0.0.1:1/v2/enqueue{SERVICES['pagerduty'].query}", "")
    row.save()
    return row


def here(**filters: Any) -> Any:
    return Alert.objects.filter(channel="pager", **filters).order_by("-pk")


def told(alert: Alert) -> list[str]:
    """What the pager is told by a message that goes out now."""
    return [step.does for step in paging_steps(load_message(alert, make_config(), NOW, False))]


def deliver(*alerts: Alert, at: Any = NOW) -> None:
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(state="sent", done_at=at)


def acts() -> list[tuple[list[int], list[int]]]:
    rows = here(event=None, state="pending").values_list("detail", flat=True)
    return [(row["notice"]["acknowledged"], row["notice"]["released"]) for row in rows]


@pytest.fixture
def event() -> Event:
    made = make_event()
    tell(made)
    deliver(here().first())
    return made


def test_what_somebody_has_pages_nobody_until_it_gets_worse_and_then_once(event: Event) -> None:
    assert told(here().first()) == ["trigger"]
    acknowledge(event.pk, ANN, "", NOW)
    assert told(here(event=None).first()) == ["acknowledge"]
    tell(bump(event), "updated", now=NOW + MINUTE)
    under_way = here(event=event).first()
    assert told(under_way) == ["acknowledge"]
    Alert.objects.filter(pk=under_way.pk).update(state="sending")
    tell(bump(event), "worse", now=NOW + 2 * MINUTE)
    worse = here(event=event).first()
    # What was rendered before the acknowledgement ended, and arrives after it, said nothing of its end.
    deliver(under_way, at=NOW + 3 * MINUTE)
    assert told(worse) == ["reopen", "trigger"]
    deliver(worse, at=NOW + 3 * MINUTE)
    tell(bump(event), "worse", now=NOW + 4 * MINUTE)
    assert told(here(event=event).first()) == ["trigger"]


def test_a_card_that_replaces_a_worsening_pages_as_the_worsening_would(event: Event) -> None:
    acknowledge(event.pk, ANN, "", NOW)
    tell(bump(event), "worse", now=NOW + MINUTE)
    tell(bump(event), "updated", now=NOW + 2 * MINUTE)
    newest = here(event=event).first()
    assert newest.detail["said"] == ["worse"] and told(newest) == ["reopen", "trigger"]
    deliver(newest, at=NOW + 3 * MINUTE)
    tell(bump(event), "worse", now=NOW + 4 * MINUTE)
    assert told(here(event=event).first()) == ["trigger"]


def test_a_digest_knows_what_somebody_has() -> None:
    events = [make_event() for _ in range(3)]
    for one in events:
        tell(one)
    deliver(*here())
    for one in events[:2]:
        acknowledge(one.pk, ANN, "", NOW)
    members = []
    for one, reason in zip(events, ("updated", "worse", "updated"), strict=True):
        tell(bump(one), reason, now=NOW + MINUTE)
        members.append(here(event=one).first())
    digest = Alert.objects.create(reason="digest", channel="pager", urgency=40, queued_at=NOW, due_at=NOW)
    Alert.objects.filter(pk__in=[member.pk for member in members]).update(state="grouped", digest=digest)
    said = {(step.key, step.does) for step in paging_steps(load_message(digest, make_config(), NOW, False))}
    keys = [f"ews-event-{one.pk}" for one in events]
    assert said == {(keys[0], "acknowledge"), (keys[1], "reopen"), (keys[1], "trigger"), (keys[2], "trigger")}


def test_what_is_given_back_pages_anew_unless_it_is_over_or_taken_again(event: Event) -> None:
    acknowledge(event.pk, ANN, "", NOW)
    deliver(*here(event=None))
    unacknowledge(event.pk, ANN, NOW + MINUTE)
    (line,) = here(event=None, state="pending")
    assert told(line) == ["reopen", "trigger"]
    message = load_message(line, make_config(), NOW, False)
    _, opened = paging_steps(message)
    assert opened.severity == "error" and any(button.act == "acknowledge" for button in opened.links)
    # It gets worse before anybody takes it: the pager has it as nobody's already.
    deliver(line, at=NOW + 2 * MINUTE)
    tell(bump(event), "worse", now=NOW + 3 * MINUTE)
    assert told(here(event=event).first()) == ["trigger"]
    acknowledge(event.pk, ANN, "", NOW + 4 * MINUTE)
    assert told(line) == []
    Event.objects.non_polymorphic().filter(pk=event.pk).update(status="closed", closed_at=NOW)
    assert told(line) == []


def test_an_event_that_opens_again_before_its_end_was_told_pages(event: Event) -> None:
    """Its end waits in a channel that is suspended, or is suppressed as flapping: the incident stays acknowledged."""
    acknowledge(event.pk, ANN, "", NOW)
    deliver(*here(event=None))
    event.status, event.closed_at = "closed", NOW + MINUTE
    event.save()
    tell(bump(event), "closed", now=NOW + MINUTE)
    event.status, event.closed_at, event.life, event.told_since_life = "open", None, 2, 2
    event.save()
    tell(bump(event), "opened", now=NOW + 2 * MINUTE)
    (again,) = here(event=event, state="pending")
    assert (again.reason, told(again)) == ("opened", ["reopen", "trigger"])
    deliver(again, at=NOW + 3 * MINUTE)
    tell(bump(event), "updated", now=NOW + 4 * MINUTE)
    assert told(here(event=event).first()) == ["trigger"]


def test_an_event_that_opens_again_after_its_end_is_a_new_incident(event: Event) -> None:
    event.status, event.closed_at = "closed", NOW + MINUTE
    event.save()
    tell(bump(event), "closed", now=NOW + MINUTE)
    deliver(here(event=event).first(), at=NOW + MINUTE)
    event.status, event.closed_at, event.life, event.told_since_life = "open", None, 2, 2
    event.save()
    tell(bump(event), "opened", now=NOW + 2 * MINUTE)
    assert told(here(event=event).first()) == ["trigger"]


def close(event: Event, at: Any) -> None:
    event.status, event.closed_at = "closed", at
    event.save()
    tell(bump(event), "closed", now=at)


def reopen(event: Event, at: Any, told_since: int = 0) -> None:
    event.status, event.closed_at, event.life = "open", None, event.life + 1
    event.told_since_life = told_since or event.life
    event.save()


def test_the_end_goes_to_whoever_was_told_of_the_event_wherever_its_category_leads_now(event: Event) -> None:
    """Its category was corrected, or the receiver follows other channels now: its incident would never end."""
    event.category = "hack"
    event.save()
    tell(bump(event), "updated", now=NOW + MINUTE, changes={"category": ("delisting", "hack")})
    assert told(here(event=event, state="pending").get()) == ["trigger"], "they know why they hear no more of it"
    deliver(here().first())
    tell(bump(event), "updated", now=NOW + MINUTE)
    assert not here(event=event, state="pending").exists()
    close(event, NOW + 2 * MINUTE)
    assert [told(alert) for alert in here(event=event, reason="closed")] == [["resolve"]]
    assert set(event.alerts.filter(reason="closed").values_list("channel", flat=True)) == {"cex", "defi", "pager"}


def test_what_is_corrected_to_a_category_that_pages_nobody_ends_its_incident(event: Event) -> None:
    event.category = "operations"
    event.save()
    tell(bump(event), "updated", now=NOW + MINUTE, changes={"category": ("delisting", "operations")})
    correction = here(event=event, state="pending").get()
    assert told(correction) == ["resolve"]
    deliver(correction)
    tell(bump(event), "updated", now=NOW + 2 * MINUTE)
    assert told(here(event=event).first()) == []


def card(event: Event, reason: str, state: str = "pending") -> Alert:
    return Alert.objects.create(event=event, reason=reason, revision=event.revision, channel="pager", urgency=10,
                                queued_at=NOW, due_at=NOW, state=state, done_at=NOW)  # fmt: skip


def in_digest(*members: Alert, kind: str = "digest") -> Alert:
    digest = Alert.objects.create(
        reason="digest", channel="pager", urgency=40, queued_at=NOW, due_at=NOW, detail={"digest": {"kind": kind}}
    )
    Alert.objects.filter(pk__in=[member.pk for member in members]).update(state="grouped", digest=digest)
    return digest


def test_a_correction_to_what_pages_nobody_ends_its_incident_from_a_digest_too(event: Event) -> None:
    other = make_event("operations")
    event.category = "operations"
    event.save()
    tell(bump(event), "updated", now=NOW + MINUTE, changes={"category": ("delisting", "operations")})
    tell(other)
    members = [here(event=one, state="pending").get() for one in (event, other)]
    digest = in_digest(*members)
    (step,) = paging_steps(load_message(digest, make_config(), NOW, False))
    assert (step.does, step.key) == ("resolve", f"ews-event-{event.pk}")
    Alert.objects.filter(pk__in=[member.pk for member in members]).update(state="digested", done_at=NOW + MINUTE)
    tell(bump(event), "updated", now=NOW + 2 * MINUTE)
    assert told(here(event=event).first()) == []


def test_the_end_of_what_was_paged_alone_resolves_it_from_a_list_of_the_market() -> None:
    paged, listed = make_event("volatility"), make_event("volatility")
    card(paged, "opened", "sent")
    in_digest(before := card(listed, "opened"), kind="market")
    Alert.objects.filter(pk=before.pk).update(state="digested")
    for one in (paged, listed):
        close(one, NOW + MINUTE)
    ends = [here(event=one, reason="closed").get() for one in (paged, listed)]
    (step,) = paging_steps(load_message(in_digest(*ends, kind="market"), make_config(), NOW, False))
    assert (step.does, step.key) == ("resolve", f"ews-event-{paged.pk}")


def test_what_is_worse_in_a_list_of_the_market_wakes_nobody() -> None:
    paged = make_event("volatility")
    card(paged, "opened", "sent")
    assert told(in_digest(card(bump(paged), "worse"), kind="market")) == []


def test_a_card_that_could_not_be_rendered_wakes_somebody_and_ends_with_its_event(event: Event) -> None:
    """Nothing is known of how bad it is."""
    (step,) = paging_steps(fallback_message(here().first(), make_config(), NOW))
    assert (step.does, step.key, step.severity) == ("trigger", f"ews-event-{event.pk}", "error")
    close(event, NOW + MINUTE)
    (step,) = paging_steps(fallback_message(here().first(), make_config(), NOW))
    assert (step.does, step.key) == ("resolve", f"ews-event-{event.pk}")


def test_the_end_of_an_episode_that_went_on_goes_to_whoever_was_told_before_it_paused(event: Event) -> None:
    """It ended quietly, without an alert, and resumed: what was escalated then is an open incident still."""
    event.category = "depeg"
    event.save()
    reopen(event, NOW + MINUTE, told_since=1)
    close(event, NOW + 2 * MINUTE)
    assert [told(alert) for alert in here(event=event, reason="closed")] == [["resolve"]]


def test_an_end_that_is_sent_again_leaves_the_incident_of_the_next_life_alone(event: Event) -> None:
    close(event, NOW + MINUTE)
    end = here(event=event, reason="closed").get()
    deliver(end, at=NOW + MINUTE)
    reopen(event, NOW + 2 * MINUTE)
    # Nobody was told that it is open again (a silence): what was opened is over.
    assert told(end) == ["resolve"]
    tell(bump(event), "opened", now=NOW + 2 * MINUTE)
    again = here(event=event, reason="opened").first()
    assert told(end) == ["resolve"], "the opening comes after it"
    deliver(again, at=NOW + 3 * MINUTE)
    digest = Alert.objects.create(reason="digest", channel="pager", urgency=40, queued_at=NOW, due_at=NOW)
    assert told(end) == []
    Alert.objects.filter(pk=end.pk).update(state="digested", digest=digest)
    assert told(digest) == []


def test_an_acknowledgement_that_arrives_after_its_end_acknowledges_nothing(event: Event) -> None:
    """The line was refused once and is tried again; meanwhile the act was taken back, or the event got worse."""
    other = make_event()
    tell(other)
    acknowledge(event.pk, ANN, "", NOW)
    acknowledge(other.pk, ANN, "", NOW)
    (line,) = here(event=None)
    Alert.objects.filter(pk=line.pk).update(attempts=1)
    assert told(line) == ["acknowledge", "acknowledge"]
    unacknowledge(event.pk, ANN, NOW + MINUTE)
    tell(bump(other), "worse", now=NOW + MINUTE)
    assert told(line) == []
    acknowledge(event.pk, ANN, "", NOW + 2 * MINUTE)
    assert told(line) == ["acknowledge"]


def test_acts_that_wait_together_leave_what_the_last_one_made(event: Event) -> None:
    other = make_event()
    acknowledge(event.pk, ANN, "", NOW)
    acknowledge(other.pk, ANN, "", NOW)
    assert acts() == [([event.pk, other.pk], [])]
    unacknowledge(event.pk, ANN, NOW)
    assert acts() == [([other.pk], [])], "it was nobody's, and is: nobody is paged for nothing"
    deliver(*here(event=None))
    unacknowledge(other.pk, ANN, NOW)
    assert acts() == [([], [other.pk])]
    acknowledge(other.pk, ANN, "", NOW)
    assert acts() == [([other.pk], [])]
    unacknowledge(other.pk, ANN, NOW)
    assert acts() == [([], [other.pk])], "the pager has it as acknowledged still"


def test_the_service_that_reported_an_act_hears_of_it_and_is_not_told_to_repeat_it(event: Event) -> None:
    acknowledge(event.pk, Actor("ann", "PagerDuty in pager", told="pager"), "", NOW)
    assert acts() == [([], [])]
    assert Alert.objects.get(channel="cex", event=None).detail["notice"]["acknowledged"] == [event.pk]


def test_the_line_of_who_responds_uses_what_is_reserved_for_urgent_alerts(event: Event) -> None:
    acknowledge(event.pk, ANN, "", NOW)
    assert here(event=None).get().urgency == 40
    deliver(*here(event=None))
    notices.post(["pager"], "A silence ended", NOW)
    assert here(event=None).first().urgency == 30


def test_a_channel_that_is_suspended_and_works_again_is_one_incident(hooks: Hooks) -> None:
    config = hooks.config("cex", "defi")
    hooks.answers("defi", 401, 202)
    clock = Clock()
    transport = transport_for(configured_receivers(config)["defi"], config)
    worker = ChannelWorker("defi", transport, config, clock, jitter=lambda: 0.0)
    tell(make_event("hack"))
    assert attempt(worker).kind == "suspend"
    (begin,) = here(event=None)
    elsewhere = Alert.objects.get(channel="cex", event=None)
    Alert.objects.filter(pk=begin.pk).update(state="sent")
    # Refused once: tried again after the end it would be the last that is known of the channel.
    Alert.objects.filter(pk=elsewhere.pk).update(attempts=1, due_at=NOW + 2 * timedelta(hours=1))
    assert step_when_possible(worker, clock).kind == "sent"
    transport.close()
    end = here(event=None).first()
    steps = [(step.does, step.key) for alert in (begin, end)
             for step in paging_steps(load_message(alert, config, NOW, False))]  # fmt: skip
    assert steps == [("trigger", "ews-channel-defi"), ("resolve", "ews-channel-defi")]
    states = Alert.objects.filter(channel="cex", event=None).order_by("pk").values_list("reason", "state")
    assert list(states) == [("opened", "superseded"), ("closed", "pending")]
