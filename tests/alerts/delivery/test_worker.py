"""One channel's worker against a webhook, step by step, with a clock that the test moves."""

from __future__ import annotations

import json
import logging

import pytest
from django.db import DatabaseError

from alerts.channels import transport_for
from alerts.delivery import results
from alerts.delivery.retry import Decision
from alerts.delivery.worker import ChannelWorker
from alerts.models import Alert, AlertAttempt, ChannelState
from alerts.receivers import configured_receivers
from events.models import Event, SourceHealth
from tests.alerts.conftest import SECRET, Hooks
from tests.alerts.factories import NOW, Clock, bump, make_event, tell
from tests.upstreams.steps import Hang, Reply, Reset, too_many_requests

pytestmark = pytest.mark.django_db


def worker_for(hooks: Hooks, clock: Clock, channel: str = "cex", *hooked: str, **variables: str) -> ChannelWorker:
    config = hooks.config(*hooked, **variables)
    transport = transport_for(configured_receivers(config)[channel], config)
    return ChannelWorker(channel, transport, config, clock, jitter=lambda: 0.0)


def attempt(worker: ChannelWorker) -> Decision:
    """What was decided from the attempt that can be made now."""
    step = worker.step()
    assert step.decision is not None, f"nothing could be sent: {step.wait}"
    return step.decision


def is_idle(worker: ChannelWorker) -> bool:
    step = worker.step()
    return step.wait is not None and step.wait.until is None


def step_when_possible(worker: ChannelWorker, clock: Clock) -> Decision:
    """The next attempt, moving the clock to when it may be made."""
    while (step := worker.step()).decision is None:
        assert step.wait is not None
        assert step.wait.until is not None, "nothing is queued"
        clock.at = step.wait.until
    return step.decision


def test_an_alert_is_posted_as_a_card_and_done_once_it_is_accepted(hooks):
    clock = Clock()
    alert = tell(make_event(title="Exchange will remove LUNA"))
    worker = worker_for(hooks, clock)
    assert attempt(worker).kind == "sent"
    assert is_idle(worker)
    (request,) = hooks.requests("cex")
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body)["attachments"][0]["content"]["version"] == "1.4"
    assert b"Exchange will remove LUNA" in request.body
    alert.refresh_from_db()
    assert (alert.state, alert.done_reason) == ("sent", "accepted")


def test_a_card_shows_the_event_as_it_is_when_it_is_sent(hooks):
    event = make_event(title="First title")
    tell(event)
    event.title = "Corrected title"
    event.save()
    worker_for(hooks, Clock()).step()
    assert "Corrected title" in hooks.cards("cex")[0]


def test_a_failing_webhook_is_tried_by_the_ladder_until_it_accepts(hooks):
    clock = Clock()
    tell(make_event())
    hooks.answers("cex", 503, Reset(), Reply("Webhook message delivery failed with error: HTTP error 502"), 202)
    worker = worker_for(hooks, clock)
    seen = []
    while Alert.objects.get().state == "pending":
        decision = step_when_possible(worker, clock)
        seen.append((decision.kind, decision.reason, (clock.at - NOW).total_seconds()))
    assert seen == [
        ("retry", "server_error", 0),
        ("retry", "reset", 5),
        ("retry", "server_error", 20),
        ("sent", "accepted", 65),
    ]
    assert AlertAttempt.objects.count() == 4


def test_an_alert_that_nobody_takes_for_a_day_is_dead_and_visible(hooks):
    clock = Clock()
    tell(make_event())
    hooks.answers("cex", 500)
    worker = worker_for(hooks, clock)
    while step_when_possible(worker, clock).kind == "retry":
        pass
    alert = Alert.objects.get()
    assert (alert.state, alert.done_reason) == ("dead", "server_error_for_24_hours")
    assert (clock.at - NOW).total_seconds() == 24 * 3600
    assert alert.attempts == AlertAttempt.objects.count() > 24


def test_a_throttled_channel_waits_as_long_as_it_is_asked(hooks):
    clock = Clock()
    tell(make_event())
    hooks.answers("cex", too_many_requests(after=120), 202)
    worker = worker_for(hooks, clock)
    assert attempt(worker).reason == "throttled"
    assert step_when_possible(worker, clock).kind == "sent"
    assert (clock.at - NOW).total_seconds() == 120


@pytest.mark.parametrize("code", [400, 413])
def test_a_refused_card_is_sent_once_more_as_a_minimal_one(hooks, code):
    clock = Clock()
    tell(make_event())
    hooks.answers("cex", code)
    worker = worker_for(hooks, clock)
    assert step_when_possible(worker, clock).kind == "shrink"
    assert step_when_possible(worker, clock).kind == "dead"
    whole, minimal = hooks.cards("cex")
    assert len(minimal) < len(whole)
    assert Alert.objects.get().state == "dead"


def test_a_hanging_webhook_ends_at_the_deadline_and_is_retried(hooks):
    tell(make_event())
    hooks.answers("cex", Hang())
    decision = attempt(worker_for(hooks, Clock(), TIMEOUT="0.3"))
    assert (decision.kind, decision.reason) == ("retry", "timeout")
    assert AlertAttempt.objects.get().duration_ms < 2000


@pytest.mark.parametrize("code", [401, 403, 404, 410, 302])
def test_a_webhook_that_refuses_suspends_its_channel_and_the_others_are_notified_once(hooks, code):
    clock = Clock()
    tell(make_event())
    hooks.answers("cex", code)
    worker = worker_for(hooks, clock)
    assert attempt(worker).kind == "suspend"
    clock.advance(hours=1)
    assert attempt(worker).kind == "suspend"
    state = ChannelState.objects.get(pk="cex")
    assert state.suspended_at == NOW
    notices = Alert.objects.filter(event=None)
    assert sorted(notices.values_list("channel", flat=True)) == [
        "defi",
        "stablecoin",
        "token_liquidity",
        "token_volatility",
    ]
    # A channel is no source: its suspension is told here and nowhere else.
    assert state.suspended_reason and not SourceHealth.objects.exists()
    assert attempt(worker_for(hooks, clock, "defi")).kind == "sent"
    assert "Alert channel cex is suspended" in hooks.cards("defi")[0]


def test_channels_on_the_console_are_not_notified_of_a_suspension_that_the_log_has(hooks):
    tell(make_event())
    hooks.answers("cex", 404)
    worker_for(hooks, Clock(), "cex", "cex", "defi").step()
    assert list(Alert.objects.filter(event=None).values_list("channel", flat=True)) == ["defi"]


def test_a_suspended_channel_that_accepts_again_delivers_what_waited_and_posts_it(hooks):
    clock = Clock()
    for _ in range(3):
        tell(make_event())
    hooks.answers("cex", 403, 202)
    worker = worker_for(hooks, clock, "cex", "cex", "defi")
    worker.step()
    clock.advance(hours=1)
    while Alert.objects.filter(channel="cex", state="pending").exists():
        assert step_when_possible(worker, clock).kind == "sent"
    assert ChannelState.objects.get(pk="cex").suspended_at is None
    assert not SourceHealth.objects.exists()
    titles = [alert.detail["notice"]["title"] for alert in Alert.objects.filter(channel="defi").order_by("id")]
    assert titles == ["Alert channel cex is suspended", "Alert channel cex works again"]


def test_channels_that_are_down_together_are_notified_of_each_other_when_they_are_back(hooks):
    """cex fails, then defi. cex resumes first and is notified of defi; defi, once it resumes, is notified of cex."""
    clock = Clock()
    tell(make_event())
    tell(make_event("hack"))
    hooks.answers("cex", 404, 202)
    hooks.answers("defi", 404, 202)
    cex, defi = (worker_for(hooks, clock, name, "cex", "defi") for name in ("cex", "defi"))
    assert attempt(cex).kind == "suspend"
    clock.advance(minutes=1)
    # It hears of the other's suspension once it works again, and has not heard of it before: it goes on its first card.
    assert attempt(defi).kind == "suspend"
    clock.advance(hours=1)
    for worker in (cex, defi):
        while Alert.objects.filter(channel=worker.channel, state="pending").exists():
            assert step_when_possible(worker, clock).kind == "sent"
    told = {
        name: [row.detail["notice"]["title"] for row in Alert.objects.filter(channel=name, event=None).order_by("id")]
        for name in ("cex", "defi")
    }
    assert told == {
        "cex": ["Alert channel defi is suspended", "Alert channel defi works again"],
        "defi": ["Alert channel cex is suspended", "Alert channel cex works again"],
    }


def test_an_answer_that_could_not_be_recorded_is_recorded_before_anything_is_sent_again(hooks, monkeypatch):
    clock = Clock()
    tell(make_event())
    worker = worker_for(hooks, clock)
    real_record_result = results.record_result

    def fail_to_record(*_args):
        raise DatabaseError("the server closed the connection unexpectedly")

    monkeypatch.setattr(results, "record_result", fail_to_record)
    with pytest.raises(DatabaseError):
        worker.step()
    monkeypatch.setattr(results, "record_result", real_record_result)
    clock.advance(seconds=5)
    assert is_idle(worker)
    assert len(hooks.requests("cex")) == 1
    assert Alert.objects.get().state == "sent"


def test_an_event_that_cannot_be_summarised_is_sent_as_a_plain_card(hooks):
    event = make_event(title="Broken dates", important_dates=[{"at": "not a time"}])
    tell(event)
    assert attempt(worker_for(hooks, Clock())).kind == "sent"
    (card,) = hooks.cards("cex")
    assert "Broken dates" in card
    assert f"/admin/events/event/{event.pk}/change/" in card


def test_an_event_that_cannot_be_summarised_hides_no_other_of_its_digest(hooks):
    events = [make_event("wallet_suspension", title=f"Wallet {number} is closed") for number in range(12)]
    events[3].important_dates = [{"at": "not a time"}]
    events[3].save()
    for event in events:
        tell(event)
    clock = Clock()
    worker = worker_for(hooks, clock)
    while Alert.objects.filter(state__in=["pending", "grouped"]).exists():
        step_when_possible(worker, clock)
    said = " ".join(hooks.cards("cex"))
    assert [event.title for event in events if event.title not in said] == []
    assert "An alert" not in said and (clock.at - NOW).total_seconds() < 60


def test_a_transport_that_breaks_does_not_lose_the_alert(hooks):
    class Broken:
        name, throttled = "broken", False

        def deliver(self, message):
            raise TypeError("a fault of ours")

        def close(self):
            """Nothing to close."""

    tell(make_event())
    worker = ChannelWorker("cex", Broken(), hooks.config(), Clock(), jitter=lambda: 0.0)
    decision = attempt(worker)
    assert (decision.kind, decision.reason) == ("retry", "fault")


def test_the_console_prints_the_card_of_a_channel_without_webhook(hooks, capsys):
    tell(make_event("hack", title="A protocol was drained"))
    assert attempt(worker_for(hooks, Clock(), "defi", "cex")).kind == "sent"
    assert "[defi] REDUCE ONLY · LUNA · Binance spot" in (printed := capsys.readouterr().out)
    assert "A protocol was drained" in printed


@pytest.mark.parametrize(
    "step",
    [
        lambda request: Reply(f"no such flow {request.target} at sig={SECRET}", 404),
        lambda request: Reply(f"Webhook delivery failed for {request.target}"),
        lambda request: Reply("moved", 302, {"Location": f"http://127.0.0.1{request.target}"}),
        lambda request: Reply(f"bad {SECRET.upper()}", 400),
        Reset(),
        Hang(),
    ],
)
def test_the_webhooks_secret_is_in_no_log_line_and_in_no_row(hooks, caplog, step):
    caplog.set_level(logging.DEBUG)
    for logger in ("alerts", "events"):
        logging.getLogger(logger).addHandler(caplog.handler)
    clock = Clock()
    tell(make_event())
    hooks.answers("cex", step)
    worker = worker_for(hooks, clock, TIMEOUT="0.3")
    try:
        step_when_possible(worker, clock)
        step_when_possible(worker, clock)
    finally:
        for logger in ("alerts", "events"):
            logging.getLogger(logger).removeHandler(caplog.handler)
    assert hooks.requests("cex"), "nothing was sent, so that nothing was proved"
    rows = [list(model.objects.values()) for model in (Alert, AlertAttempt, ChannelState, SourceHealth)]
    assert AlertAttempt.objects.exists()
    assert caplog.records
    assert SECRET.lower() not in f"{rows}{caplog.text}".lower()


def test_delivery_does_not_touch_the_event(hooks):
    event = make_event()
    before = Event.objects.non_polymorphic().filter(pk=event.pk).values().get()
    tell(event)
    tell(bump(event), "updated")
    before["revision"] = event.revision
    worker_for(hooks, Clock()).step()
    assert Event.objects.non_polymorphic().filter(pk=event.pk).values().get() == before
