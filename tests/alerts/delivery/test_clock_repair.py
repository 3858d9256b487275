"""Alerts whose times were written by a clock that was ahead are told all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.delivery import clock_repair
from alerts.delivery.dispatcher import Dispatcher
from alerts.models import Alert, AlertAttempt, ChannelState, Silence
from events import clock
from tests.alerts.conftest import Hooks
from tests.alerts.delivery.test_worker import attempt, worker_for
from tests.alerts.factories import NOW, Clock, make_event, tell
from tests.upstreams.steps import Reply

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_an_alert_that_was_queued_a_day_ahead_is_sent_once_the_clock_is_back(hooks: Hooks) -> None:
    alert = tell(make_event(), now=NOW + DAY)
    assert alert.due_at == NOW + DAY
    Dispatcher(hooks.config("cex"), clock=Clock()).drain(5)
    alert.refresh_from_db()
    assert alert.state == "sent" and alert.queued_at <= NOW


def test_a_retry_that_was_put_off_by_a_clock_ahead_comes_now() -> None:
    ahead = Clock(NOW + HOUR)
    alert = tell(make_event())
    AlertAttempt.objects.create(
        alert=alert, channel="cex", started_at=ahead.at, duration_ms=1, decision="retry", reason="server_error"
    )
    Alert.objects.filter(pk=alert.pk).update(due_at=ahead.at + timedelta(seconds=5), attempts=1)
    assert clock_repair.mend(NOW) == 1
    alert.refresh_from_db()
    assert alert.due_at == NOW
    assert clock_repair.mend(NOW) == 0


def test_a_lease_and_a_suspension_from_the_future_end() -> None:
    alert = tell(make_event())
    Alert.objects.filter(pk=alert.pk).update(state="sending", leased_until=NOW + DAY, leased_by="x")
    ChannelState.objects.create(channel="cex", suspended_at=NOW, probe_at=NOW + DAY)
    clock_repair.mend(NOW)
    alert.refresh_from_db()
    assert alert.leased_until == NOW and ChannelState.objects.get().probe_at == NOW


def test_what_waits_for_a_good_reason_is_left_alone() -> None:
    alert = tell(make_event())
    Alert.objects.filter(pk=alert.pk).update(due_at=NOW + HOUR, attempts=8)
    AlertAttempt.objects.create(
        alert=alert, channel="cex", started_at=NOW - HOUR, duration_ms=1, decision="retry", reason="server_error"
    )
    assert clock_repair.mend(NOW) == 0
    alert.refresh_from_db()
    assert alert.due_at == NOW + HOUR


@pytest.mark.parametrize("off", [DAY, -DAY, 3652 * DAY, -3652 * DAY])
def test_a_correction_of_our_time_keeps_the_distances_of_what_the_wrong_clock_wrote(off: timedelta) -> None:
    wrong = NOW + off
    before, alert = tell(make_event(), now=NOW - HOUR), tell(make_event(), now=wrong)
    Alert.objects.filter(pk=alert.pk).update(due_at=wrong + HOUR, attempts=1)
    AlertAttempt.objects.create(
        alert=alert, channel="cex", started_at=wrong, duration_ms=1, decision="retry", reason="server_error"
    )
    clock_repair.move(clock.Jump(wrong - HOUR / 2, wrong + HOUR / 2, NOW + HOUR / 2))
    alert.refresh_from_db()
    assert (alert.queued_at, alert.due_at) == (NOW, NOW + HOUR)
    assert AlertAttempt.objects.get().started_at == NOW, "its day of retries is not over"
    before.refresh_from_db()
    assert before.queued_at == NOW - HOUR


def test_no_alert_is_given_up_by_a_clock_that_is_not_trusted(hooks: Hooks) -> None:
    at = Clock()
    worker = worker_for(hooks, at)
    alert = tell(make_event())
    hooks.answers("cex", Reply(status=503))
    assert attempt(worker).kind == "retry"
    at.advance(days=2)
    guard = clock.Guard()
    clock.install(guard)
    try:
        assert guard.untrusted
        assert attempt(worker).kind == "retry"
    finally:
        clock.install(None)
    at.advance(hours=2)
    assert attempt(worker).kind == "dead"
    alert.refresh_from_db()
    assert alert.state == "dead"


@pytest.mark.django_db(transaction=True)
def test_a_channel_that_was_used_last_in_the_future_is_used_again(hooks: Hooks) -> None:
    ChannelState.objects.create(channel="cex", last_started_at=NOW + DAY, market_card_at=NOW + DAY)
    alert = tell(make_event())
    assert alert.due_at <= NOW
    clock_repair.mend(NOW)
    Dispatcher(hooks.config("cex"), clock=Clock(NOW + timedelta(seconds=2))).drain(5)
    alert.refresh_from_db()
    assert alert.state == "sent"
    assert ChannelState.objects.get(channel="cex").market_card_at <= NOW + timedelta(seconds=5)  # type: ignore[operator]


def test_a_silence_that_a_clock_ahead_made_ends_when_it_was_meant_to_and_no_other_is_moved() -> None:
    ahead = NOW + 3652 * DAY
    wrong = Silence.objects.create(token="ABC", until=ahead + HOUR, reason="x", made_by="x")
    named = Silence.objects.create(token="DEF", until=NOW + HOUR, reason="x", made_by="x")
    Silence.objects.update(made_at=ahead)
    older = Silence.objects.create(token="GHI", until=ahead + HOUR, reason="x", made_by="x")
    Silence.objects.filter(pk=older.pk).update(made_at=NOW - DAY)
    clock_repair.move(clock.Jump(ahead - MINUTE, ahead + MINUTE, NOW + MINUTE))
    ends = dict(Silence.objects.values_list("pk", "until"))
    assert ends == {wrong.pk: NOW + HOUR, named.pk: NOW + HOUR, older.pk: ahead + HOUR}
    Silence.objects.filter(pk=named.pk).update(made_at=NOW - DAY)
    clock_repair.move(clock.Jump(NOW - DAY, NOW - DAY + MINUTE, NOW))
    assert Silence.objects.get(pk=named.pk).until == NOW + HOUR, "it is never made longer"
