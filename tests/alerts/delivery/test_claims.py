"""The queue of a channel: order, lease, pace, suspension, and what is written after an attempt."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from alerts import outbox
from alerts.delivery.claims import Lease, Wait, claim
from alerts.delivery.loader import load_message
from alerts.delivery.results import Result, record_result
from alerts.models import Alert, AlertAttempt, ChannelState
from tests.alerts.factories import NOW, Clock, bump, make_config, make_event, tell

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=15)


def take(clock: Clock, holder: str = "one", throttled: bool = False, channel: str = "cex", **options) -> Any:
    taken = claim(channel, holder, clock(), LEASE, throttled=throttled, **options)
    if isinstance(taken, Wait):
        return taken
    (only,) = taken
    return only


def result(decision: str = "sent", **fields) -> Result:
    fields = {"reason": "test", "explanation": "", "http_status": 202, "duration_seconds": 0.1, "excerpt": "", **fields}
    return Result(decision, **fields)


def send_all(clock: Clock, **options) -> list[int]:
    sent = []
    while isinstance(taken := take(clock, **options), Lease):
        record_result(taken, result(), clock())
        sent.append(taken.alert.pk)
    return sent


def test_an_empty_queue_has_nothing_to_wait_for():
    assert take(Clock()) == Wait(None)


def test_the_most_urgent_goes_first_and_then_the_oldest():
    clock = Clock()
    operations = tell(make_event("operations", tokens=()), now=NOW - timedelta(minutes=2))
    newer = tell(make_event(), now=NOW - timedelta(seconds=10))
    older = tell(make_event(), now=NOW - timedelta(seconds=20))
    halt = tell(make_event("exchange_halt"), now=NOW)
    assert send_all(clock) == [halt.pk, older.pk, newer.pk, operations.pk]


def test_what_is_not_due_waits_until_it_is():
    clock = Clock()
    tell(make_event(), now=NOW + timedelta(seconds=30))
    assert take(clock) == Wait(NOW + timedelta(seconds=30))
    clock.advance(seconds=30)
    assert isinstance(take(clock), Lease)


def test_a_claimed_alert_is_no_other_workers_until_its_lease_ends():
    clock = Clock()
    alert = tell(make_event())
    assert take(clock, "one").alert.pk == alert.pk
    assert take(clock, "two") == Wait(NOW + LEASE)
    clock.advance(seconds=15)
    again = take(clock, "two")
    assert (again.alert.pk, again.alert.attempts) == (alert.pk, 2)


def test_an_attempt_whose_dispatcher_died_is_kept_as_lost():
    clock = Clock()
    tell(make_event())
    take(clock, "one")
    clock.advance(seconds=15)
    record_result(take(clock, "two"), result(), clock())
    assert list(AlertAttempt.objects.order_by("id").values_list("decision", flat=True)) == ["lost", "sent"]


def test_who_comes_back_after_the_lease_cannot_undo_what_another_did():
    clock = Clock()
    tell(make_event())
    slow = take(clock, "slow")
    clock.advance(seconds=15)
    other = take(clock, "other")
    assert record_result(slow, result("retry", retry_at=clock() + timedelta(hours=1)), clock()).taken_over
    assert Alert.objects.get().state == "sending"
    assert not record_result(other, result(), clock()).taken_over
    assert Alert.objects.get().state == "sent"


def test_a_second_card_of_an_event_waits_while_the_first_is_under_way():
    clock = Clock()
    event = make_event()
    first, other = tell(event), tell(make_event(), now=NOW + timedelta(milliseconds=1))
    clock.advance(seconds=1)
    under_way = take(clock, "one")
    assert under_way.alert.pk == first.pk
    second = tell(bump(event), "updated")
    assert take(clock, "two").alert.pk == other.pk
    assert isinstance(take(clock, "three"), Wait)
    record_result(under_way, result(), clock())
    assert take(clock, "three").alert.pk == second.pk


@pytest.mark.parametrize("what", ["acknowledged", "released"])
def test_a_line_about_an_event_waits_while_its_card_is_under_way_and_the_other_way_round(what: str):
    """Two dispatchers: a pager that got them in another order would have as taken what is nobody's."""
    clock = Clock()
    event, other = make_event(), make_event()
    tell(event)
    clock.advance(seconds=1)
    card = take(clock, "one")
    for one in (event, other):
        taken, given = ([one.pk], []) if what == "acknowledged" else ([], [one.pk])
        outbox.queue_notice(
            ["cex"],
            "updated",
            "acts",
            "",
            True,
            clock(),
            kind="acts",
            lines=["by ann"],
            acknowledged=taken,
            released=given,
        )
    free = take(clock, "two")
    assert free.alert.detail["notice"][what] == [other.pk]
    assert isinstance(take(clock, "two"), Wait)
    record_result(card, result(), clock())
    line = take(clock, "two")
    assert line.alert.detail["notice"][what] == [event.pk]
    clock.advance(seconds=1)
    tell(bump(event), "updated", now=clock())
    tell(bump(other), "updated", now=clock())
    assert isinstance(take(clock, "one"), Wait)
    record_result(line, result(), clock())
    assert take(clock, "one").alert.event_id == event.pk


def test_a_message_keeps_its_key_through_a_suspension_and_has_another_when_it_is_sent_again():
    """The receiver may have taken it before its answer was lost: as the same message it is taken once."""
    clock = Clock()
    tell(make_event())
    first = take(clock, throttled=True)

    def key() -> str:
        return load_message(Alert.objects.get(pk=first.alert.pk), make_config(), clock(), False).key

    known = key()
    record_result(first, result("retry", retry_at=clock()), clock())
    clock.advance(seconds=5)
    record_result(take(clock, throttled=True), result("suspend"), clock())
    tell(make_event(), now=clock())
    clock.advance(hours=1)
    probe = take(clock, throttled=True)
    other = Alert.objects.exclude(pk=probe.alert.pk).get()
    assert record_result(probe, result(), clock()).resumed
    restarted = Alert.objects.get(pk=other.pk)
    assert "restarted_at" in restarted.detail
    assert load_message(restarted, make_config(), clock(), False).key == f"alert-{other.pk}"
    assert known == f"alert-{first.alert.pk}" == key()
    outbox.resend([probe.alert.pk], clock())
    resent = Alert.objects.get(pk=probe.alert.pk)
    assert load_message(resent, make_config(), clock(), False).key not in ("", f"alert-{resent.pk}")


def test_a_card_that_failed_is_replaced_by_the_one_that_came_meanwhile():
    clock = Clock()
    event = make_event()
    first = tell(event)
    under_way = take(clock)
    second = tell(bump(event), "updated")
    record_result(under_way, result("retry", retry_at=clock() + timedelta(seconds=5)), clock())
    clock.advance(seconds=6)
    taken = take(clock)
    assert taken.alert.pk == second.pk
    assert taken.alert.detail["said"] == ["opened"]
    first.refresh_from_db()
    assert (first.state, first.done_reason) == ("superseded", f"replaced by alert {second.pk}")


def test_a_card_whose_dispatcher_died_is_replaced_by_the_newer_one():
    clock = Clock()
    event = make_event()
    first = tell(event)
    take(clock, "killed")
    second = tell(bump(event), "closed")
    clock.advance(seconds=15)
    assert send_all(clock) == [second.pk]
    first.refresh_from_db()
    assert first.state == "superseded"


@pytest.mark.parametrize(
    ("decision", "state", "due_in"),
    [("sent", "sent", 0), ("dead", "dead", 0), ("suspend", "pending", 3600), ("retry", "pending", 45)],
)
def test_a_decision_becomes_the_alerts_state(decision, state, due_in):
    clock = Clock()
    tell(make_event())
    record_result(take(clock), result(decision, retry_at=NOW + timedelta(seconds=45)), clock())
    alert = Alert.objects.get()
    assert (alert.state, alert.due_at, alert.leased_by) == (state, NOW + timedelta(seconds=due_in), "")
    assert (alert.done_at is not None) == (state in ("sent", "dead"))


def test_a_channel_without_pace_that_cannot_be_used_is_tried_once_an_hour():
    clock = Clock()
    tell(make_event())
    record_result(take(clock), result("suspend"), clock())
    assert take(clock) == Wait(NOW + timedelta(hours=1))


def test_a_refused_card_is_made_smaller_once():
    clock = Clock()
    tell(make_event())
    record_result(take(clock), result("shrink"), clock())
    assert Alert.objects.get().shrunk
    assert take(clock).alert.shrunk


def test_a_throttled_channel_sends_once_a_second():
    clock = Clock()
    for _ in range(2):
        tell(make_event())
    record_result(take(clock, throttled=True), result(), clock())
    wait = take(clock, throttled=True)
    assert isinstance(wait, Wait)
    assert wait.due
    assert wait.until is not None
    assert wait.until - NOW >= timedelta(seconds=1)
    clock.at = wait.until
    assert isinstance(take(clock, "two", throttled=True), Lease)


@pytest.mark.long
def test_a_throttled_channel_sends_at_most_30_in_any_minute():
    clock = Clock()
    for _ in range(70):
        tell(make_event())
    # As if each had been sent again by hand, so that they are not told in one card.
    Alert.objects.update(alone=True)
    sent: list[datetime] = []
    while len(sent) < 70:
        taken = take(clock, holder=str(len(sent)), throttled=True)
        if isinstance(taken, Wait):
            assert taken.until is not None
            assert taken.until > clock()
            clock.at = taken.until
            continue
        sent.append(clock())
        record_result(taken, result(), clock())
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(sent))
    assert all(later - earlier > timedelta(minutes=1) for earlier, later in zip(sent, sent[30:], strict=False))


def test_a_clock_that_was_put_back_does_not_stop_a_channel():
    clock = Clock()
    tell(make_event())
    ChannelState.objects.create(channel="cex", last_started_at=NOW + timedelta(hours=2))
    wait = take(clock, throttled=True)
    assert wait.until - NOW < timedelta(seconds=2)


def test_a_console_channel_has_no_pace():
    clock = Clock()
    alerts = [tell(make_event()).pk for _ in range(40)]
    assert send_all(clock) == alerts


def test_a_refused_webhook_suspends_the_channel_and_keeps_its_rows():
    clock = Clock()
    tell(make_event())
    tell(make_event())
    recorded = record_result(take(clock, throttled=True), result("suspend", reason="webhook_refused"), clock())
    assert recorded.suspended
    assert set(Alert.objects.values_list("state", flat=True)) == {"pending"}
    clock.advance(minutes=59)
    assert take(clock, throttled=True) == Wait(NOW + timedelta(hours=1))
    clock.advance(minutes=1)
    probe = take(clock, throttled=True)
    assert isinstance(probe, Lease)
    assert not record_result(probe, result("suspend"), clock()).suspended
    assert take(clock, throttled=True) == Wait(clock() + timedelta(hours=1))


def test_only_one_of_several_dispatchers_probes():
    clock = Clock()
    tell(make_event())
    tell(make_event())
    record_result(take(clock, throttled=True), result("suspend"), clock())
    clock.advance(hours=1)
    assert isinstance(take(clock, "one", throttled=True), Lease)
    clock.advance(seconds=2)
    assert isinstance(take(clock, "two", throttled=True), Wait)


def test_an_accepted_probe_lifts_the_suspension_and_gives_every_row_its_whole_day():
    clock = Clock()
    tell(make_event())
    tell(make_event())
    record_result(take(clock, throttled=True), result("suspend"), clock())
    clock.advance(hours=30)
    probe = take(clock, throttled=True)
    assert probe.since == clock()
    assert record_result(probe, result(), clock()).resumed
    clock.advance(seconds=2)
    following = take(clock, throttled=True)
    assert (following.since, following.alert.attempts) == (clock(), 1)


def test_a_receiver_that_asks_to_wait_is_left_alone_by_every_alert():
    clock = Clock()
    tell(make_event())
    tell(make_event())
    until = NOW + timedelta(seconds=90)
    record_result(take(clock, throttled=True), result("retry", retry_at=until, pause_until=until), clock())
    clock.advance(seconds=60)
    assert take(clock, throttled=True) == Wait(until, due=True)
    clock.advance(seconds=30)
    assert isinstance(take(clock, throttled=True), Lease)
    assert ChannelState.objects.get().suspended_at is None


def test_the_day_of_retries_counts_from_the_first_attempt():
    clock = Clock()
    tell(make_event())
    clock.advance(hours=40)
    first = take(clock)
    assert first.since == clock()
    started = clock()
    record_result(first, result("retry", retry_at=clock()), clock())
    clock.advance(hours=5)
    assert take(clock).since == started


def test_a_dead_alert_can_be_sent_again_with_the_whole_ladder():
    clock = Clock()
    tell(make_event())
    record_result(take(clock), result("dead"), clock())
    clock.advance(hours=30)
    assert outbox.resend([Alert.objects.get().pk], clock()) == 1
    again = take(clock)
    assert (again.alert.attempts, again.since, again.alert.done_at) == (1, clock(), None)


def test_what_still_waits_is_not_sent_again():
    alert = tell(make_event())
    assert outbox.resend([alert.pk], NOW) == 0


def test_one_alert_can_be_asked_for_past_suspension():
    clock = Clock()
    tell(make_event())
    record_result(take(clock, throttled=True), result("suspend"), clock())
    clock.advance(seconds=5)
    chosen = tell(make_event())
    assert take(clock, throttled=True, only=chosen.pk).alert.pk == chosen.pk


def test_every_attempt_is_kept_with_status_duration_and_excerpt():
    clock = Clock()
    tell(make_event())
    told = result(
        "retry", reason="server_error", explanation="HTTP 503", http_status=503, excerpt="busy", duration_seconds=1.25
    )
    record_result(take(clock), told, clock())
    attempt = AlertAttempt.objects.get()
    assert (attempt.http_status, attempt.duration_ms, attempt.excerpt) == (503, 1250, "busy")
    assert (attempt.decision, attempt.reason) == ("retry", "server_error: HTTP 503")
