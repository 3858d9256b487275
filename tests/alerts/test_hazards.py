"""Ways in which an alert could be lost, suppressed for ever, or sent although nobody wants it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from alerts import outbox, reminders
from alerts.audit import Actor
from alerts.channels.base import Answer
from alerts.delivery.batches import MOST_LISTED
from alerts.delivery.results import Result, record_result
from alerts.delivery.worker import ChannelWorker
from alerts.models import Alert, ChannelState, Silence
from alerts.policy import queue_for
from alerts.rendering.message import Digest, DigestLine
from alerts.rendering.teams_card import MAX_BYTES, card_size, escape, render_card
from alerts.suppression import silences, transitions
from alerts.suppression.acknowledgements import acknowledge, current
from events.models import Event
from tests.alerts.conftest import eventually
from tests.alerts.delivery.test_claims import LEASE, take
from tests.alerts.factories import NOW, Clock, bump, make_config, make_effect, make_event, tell
from tests.alerts.suppression.test_pipeline import Pair, states, told

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUIET = make_config(ALERT_REPEAT_HOURS="0")


def muted_pair() -> tuple[Event, Event, Alert]:
    """A delisting, and a dry market of the same token that it explains."""
    cause = make_event()
    tell(cause)
    dry = make_event("low_liquidity")
    return cause, dry, tell(dry)


def flapping_return() -> Pair:
    """Something that has come back at NOW + 3 h, for the fourth time in a day."""
    pair = Pair()
    for hour in range(4):
        pair.comes(NOW + hour * HOUR)
        if hour < 3:
            pair.goes(NOW + hour * HOUR + 20 * MINUTE)
    return pair


def test_a_receiver_that_is_switched_off_takes_no_repeats_and_no_escalation_from_the_others():
    event = make_event("depeg")
    tell(event)
    Alert.objects.create(event=event, reason="opened", channel="desk", queued_at=NOW, due_at=NOW)
    transitions.cancel_for("desk", NOW)
    (watched,) = reminders.read_open_events(NOW + HOUR)
    assert (watched.updated_at, list(watched.escalate)) == (NOW, [1])


def test_a_receiver_that_is_switched_off_does_not_restart_flapping():
    pair = Pair()
    for hour in range(3):
        pair.comes(NOW + hour * HOUR)
        pair.goes(NOW + hour * HOUR + 20 * MINUTE)
    said = Alert.objects.get(detail__has_key="flaps")
    gone = {"reason": "opened", "channel": "desk", "queued_at": said.queued_at, "due_at": NOW, "detail": said.detail}
    Alert.objects.create(event=said.event, **gone)
    transitions.cancel_for("desk", NOW)
    assert pair.comes(NOW + 3 * HOUR).muted_by == "flapping"


def test_what_was_tried_before_it_was_deferred_has_its_whole_day_afterwards():
    clock = Clock()
    dry = make_event("low_liquidity")
    tell(dry)
    tried = take(clock, channel="token_liquidity")
    record_result(tried, Result("retry", "test", "", 503, 0.1, "", retry_at=NOW + MINUTE), NOW)
    cause = make_event()
    tell(cause)
    assert Alert.objects.get(event=dry).state == "held"
    Event.objects.filter(pk=cause.pk).update(status="closed", closed_at=NOW)
    clock.at = NOW + 3 * DAY
    reminders.run(QUIET, clock.at)
    again = take(clock, channel="token_liquidity")
    assert (again.alert.event_id, again.alert.attempts, again.since) == (dry.pk, 1, clock.at)


def test_what_is_released_still_obeys_silences():
    cause, dry, _ = muted_pair()
    silence = Silence.objects.create(token="LUNA", until=NOW + DAY, reason="known", made_by="ops")
    Event.objects.filter(pk=cause.pk).update(status="closed", closed_at=NOW)
    assert reminders.run(QUIET, NOW + HOUR) == 0
    row = Alert.objects.get(event=dry)
    assert (row.state, row.muted_by, row.silence_id, row.inhibitor_id) == ("silenced", "silence", silence.pk, None)
    assert row.done_at == NOW + HOUR


def test_what_is_deferred_is_released_once_its_cause_no_longer_explains_it():
    cause, dry, _ = muted_pair()
    reminders.run(QUIET, NOW + HOUR)
    assert Alert.objects.get(event=dry).state == "held"
    # The notice is corrected: it concerned another token, and stays open.
    cause.effects.update(token="BTC", tickers=["BINANCE:BTCUSDT"])
    reminders.run(QUIET, NOW + 2 * HOUR)
    assert Alert.objects.get(event=dry).state == "pending"


def test_what_another_open_event_explains_stays_deferred():
    cause, dry, _ = muted_pair()
    second = make_event("hack", tokens=())
    make_effect(second, "LUNA", scope="asset", venue="", tickers=[], action="exit")
    Event.objects.filter(pk=cause.pk).update(status="closed", closed_at=NOW)
    reminders.run(QUIET, NOW + HOUR)
    row = Alert.objects.get(event=dry)
    assert (row.state, row.inhibitor_id, row.muted_by) == ("held", second.pk, "token_hacked")
    Event.objects.filter(pk=second.pk).delete()
    reminders.run(QUIET, NOW + 2 * HOUR)
    assert Alert.objects.get(event=dry).state == "pending"


def test_what_is_deferred_can_be_sent_manually():
    _, _, held = muted_pair()
    assert outbox.resend([held.pk], NOW + HOUR) == 1
    reminders.run(QUIET, NOW + HOUR)
    held.refresh_from_db()
    assert (held.state, held.muted_by, held.due_at) == ("pending", "", NOW + HOUR)


def test_the_end_of_what_was_deferred_for_days_is_not_sent():
    _, dry, _ = muted_pair()
    Event.objects.filter(pk=dry.pk).update(status="closed", closed_at=NOW + 3 * DAY)
    dry.refresh_from_db()
    ended = tell(bump(dry), "closed", NOW + 3 * DAY)
    assert (ended.state, ended.muted_by) == ("muted", "untold")


def test_updates_of_a_deferred_reopening_neither_leak_nor_prevent_its_release():
    pair = flapping_return()
    for minutes in (15, 30, 45):
        tell(bump(pair.event), "updated", NOW + 3 * HOUR + minutes * MINUTE)
    of_return = Alert.objects.filter(event=pair.event).order_by("id")
    assert [row.state for row in of_return] == ["superseded"] * 3 + ["held"]
    reminders.run(QUIET, NOW + 4 * HOUR)
    assert told()[-1] == ("updated", 4)


def test_the_end_of_a_deferred_reopening_that_was_updated_is_not_sent():
    pair = flapping_return()
    tell(bump(pair.event), "updated", NOW + 3 * HOUR + 15 * MINUTE)
    pair.goes(NOW + 3 * HOUR + 20 * MINUTE)
    assert states()[-1] == ("closed", "muted", "untold")


def test_the_lease_of_a_receiver_that_is_gone_keeps_nothing_waiting_for_ever():
    clock = Clock()
    tell(make_event())
    take(clock)
    assert transitions.waiting_channels(NOW) == set()
    assert transitions.cancel_for("cex", NOW) == 0
    later = NOW + LEASE
    assert transitions.waiting_channels(later) == {"cex"}
    assert transitions.cancel_for("cex", later) == 1
    assert (row := Alert.objects.get()).state == "muted" and row.leased_until is None


def test_a_suspended_receiver_that_is_taken_away_is_not_reported_as_suspended_for_ever():
    for channel in ("cex", "desk"):
        ChannelState.objects.create(channel=channel, suspended_at=NOW, probe_at=NOW + HOUR)
    assert transitions.clear_orphaned_suspensions({"cex"}, NOW + MINUTE) == 1
    assert outbox.health_gauges()["channels_suspended"] == 1
    assert list(ChannelState.objects.exclude(suspended_at=None).values_list("channel", flat=True)) == ["cex"]


def test_what_a_silence_hid_is_repeated_when_it_ends_if_the_event_is_open():
    silence = Silence.objects.create(token="LUNA", until=NOW + 10 * DAY, reason="known", made_by="ops")
    event = make_event("depeg")
    assert tell(event).state == "silenced"
    config = make_config()
    for hours in range(0, 10 * 24, 6):
        assert not Alert.objects.filter(muted_by="").exists()
        reminders.run(config, NOW + hours * HOUR)
    ends = silence.until + MINUTE
    assert reminders.next_due(config, NOW + 9 * DAY) == ends
    for at in (ends, ends + HOUR, ends + DAY):
        reminders.run(config, at)
    assert [reason for reason, _ in told()] == ["repeat"]


@pytest.mark.parametrize("hours", [0.1, 4.1, 100])
def test_what_a_silence_hid_is_repeated_soon_after_the_silence_is_taken_away(hours: float):
    silence = Silence.objects.create(token="LUNA", until=NOW + 10 * DAY, reason="known", made_by="ops")
    tell(make_event("depeg"))
    reminders.run(make_config(), NOW + hours * HOUR)
    silence.delete()
    for minutes in range(1, 4):
        reminders.run(make_config(), NOW + hours * HOUR + minutes * MINUTE)
    assert [reason for reason, _ in told()] == ["repeat"]


def test_what_a_silence_hid_is_repeated_soon_after_the_silence_is_changed_to_hide_something_else():
    silence = Silence.objects.create(token="LUNA", until=NOW + 10 * DAY, reason="known", made_by="ops")
    event = make_event("depeg")
    hidden = tell(event)
    silence.reason = "known since Monday"
    silences.put_in_force(silence, Actor("ann", "admin"), NOW + HOUR, "another reason")
    hidden.refresh_from_db()
    assert hidden.silence == silence, "it still hides that"
    silence.token = "ETH"
    silences.put_in_force(silence, Actor("ann", "admin"), NOW + HOUR, "another token")
    for minutes in range(1, 4):
        reminders.run(make_config(), NOW + HOUR + minutes * MINUTE)
    assert list(Alert.objects.filter(event=event).order_by("pk").values_list("reason", "state")) == [
        ("opened", "silenced"),
        ("repeat", "pending"),
    ]


def test_what_a_silence_hid_is_not_repeated_once_the_event_was_alerted_again_or_acknowledged():
    until = NOW + HOUR
    Silence.objects.create(token="LUNA", until=until, reason="known", made_by="ops")
    worse, taken = make_event("depeg"), make_event("depeg")
    tell(worse), tell(taken)
    tell(bump(worse), "worse", NOW + MINUTE)
    acknowledge(taken.pk, Actor("ann", "admin"), "", NOW)
    reminders.run(make_config(), until + MINUTE)
    assert [reason for reason, _ in told()] == ["worse"]


def test_a_repeat_that_supersedes_an_unsent_update_is_not_cancelled_by_an_acknowledgement():
    event = make_event("depeg")
    tell(event)
    queue_for(event, "repeat", 100, NOW + 4 * HOUR)
    acknowledge(event.pk, Actor("ann", "admin"), "", NOW + 5 * HOUR)
    sent = take(Clock(NOW + 5 * HOUR), channel="stablecoin")
    assert (sent.alert.reason, sent.alert.detail["said"]) == ("repeat", ["opened"])


def test_a_silence_that_lets_worse_through_lets_an_update_through_that_supersedes_it():
    event = make_event("depeg")
    tell(event)
    Alert.objects.update(state="sent")
    tell(bump(event), "worse", NOW + MINUTE)
    waiting = tell(bump(event), "updated", NOW + 2 * MINUTE)
    silence = Silence.objects.create(token="LUNA", until=NOW + DAY, reason="known", made_by="ops")
    assert silences.silence_waiting([silence], NOW + 3 * MINUTE) == 0
    Silence.objects.update(lets_worse_through=False)
    assert silences.silence_waiting([silence], NOW + 3 * MINUTE) == 1
    waiting.refresh_from_db()
    assert waiting.silence_id == silence.pk


def test_a_clock_that_was_put_back_does_not_leave_a_suspended_channel_alone_for_as_long():
    tell(make_event(), now=NOW - DAY)
    ChannelState.objects.create(channel="cex", suspended_at=NOW + DAY, probe_at=NOW + DAY)
    assert take(Clock(), throttled=True).probe


def test_a_clock_that_was_put_back_loses_no_reminder():
    event = make_event(important_dates=[{"at": (NOW + 2 * HOUR).isoformat(), "what": "trading ends"}])
    tell(event, now=NOW + DAY)
    Alert.objects.update(state="sent")
    reminders.run(QUIET, NOW + HOUR)
    assert Alert.objects.filter(reason="reminder", queued_at=NOW + HOUR).count() == 1


def test_a_channel_that_was_suspended_and_prints_to_the_console_now_is_suspended_no_longer():
    alert = tell(make_event())
    ChannelState.objects.create(channel="cex", suspended_at=NOW - DAY, probe_at=NOW + HOUR)
    record_result(take(Clock()), Result("sent", "accepted", "", None, 0.0, ""), NOW)
    alert.refresh_from_db()
    assert (alert.state, ChannelState.objects.get().suspended_at) == ("sent", None)


def test_an_answer_that_the_database_cannot_store_does_not_stop_the_channel():
    class Odd:
        name, throttled = "odd", True

        def deliver(self, message: object) -> Answer:
            return Answer(verdict="accepted", body="thanks\x00", explanation="2.0.0 ok\x00")

        def close(self) -> None:
            """Nothing is open."""

    alert = tell(make_event())
    assert ChannelWorker("cex", Odd(), make_config(), Clock()).step().decision is not None
    alert.refresh_from_db()
    assert alert.state == "sent"


@pytest.mark.parametrize("minimal", [False, True])
def test_two_hundred_events_fit_into_a_digest_whatever_their_tokens_are_called(
    minimal: bool,
):
    tokens = ("\N{FIRE}" * 12, "LUNA")
    lines = tuple(
        DigestLine(1_000_000 + number, ("opened",), "volatility", "moves", tokens, "watch", "open")
        for number in range(MOST_LISTED)
    )
    card = render_card(Digest("market", "tokens are moving", lines), NOW, "https://ews.example", minimal)
    assert card_size(card) <= MAX_BYTES
    assert all(f"#{row.event_id}" in str(card) for row in lines)


@pytest.mark.parametrize("text", ["{{DATE(2026-10-02T08:00:00Z, SHORT)}}", "{{{TIME(2026-10-02T08:00:00Z)}}"])
def test_a_title_cannot_make_teams_compute_a_date(text: str):
    assert "{{" not in escape(text, 100)
    assert escape(text, 100).replace("\\", "") == text


@pytest.mark.django_db(transaction=True)
def test_acknowledging_an_event_while_it_gets_worse_waits_for_what_it_becomes():
    event = make_event()
    ready = threading.Event()

    def take_in_hand() -> None:
        try:
            ready.set()
            acknowledge(event.pk, Actor("ann", "admin"), "", NOW)
        finally:
            connection.close()

    thread = threading.Thread(target=take_in_hand)
    with transaction.atomic():
        Event.objects.filter(pk=event.pk).update(revision=2)
        queue_for(event, "repeat", 100, NOW)
        thread.start()
        ready.wait(5)
        eventually(_somebody_waits_for_a_lock, "the acknowledgement waits for the event")
    thread.join(10)
    assert current(event.pk) is not None
    # A repeat that was queued meanwhile is withdrawn with it.
    assert Alert.objects.get().muted_by == "acknowledged"


def _somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
