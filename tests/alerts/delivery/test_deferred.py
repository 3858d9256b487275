"""Deferred alerts that are released, with since when; and notices of what people did, posted once in each channel."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.utils import timezone

from alerts import notices, reminders
from alerts.audit import Actor
from alerts.channels.teams import TeamsTransport
from alerts.delivery.claims import claim
from alerts.delivery.loader import load_message
from alerts.delivery.worker import ChannelWorker
from alerts.models import Alert, Silence
from alerts.rendering.plain_text import plain_lines
from alerts.rendering.summary import EventSummary
from alerts.suppression import silences, transitions
from alerts.suppression.acknowledgements import acknowledge, expire, unacknowledge
from events.drafts import EffectDraft, EventDraft
from events.enums import Status
from events.lifecycle import close_event, correct_event, open_manual_event, record
from events.models import Event
from markets.models import Instrument
from tests.alerts.conftest import Hooks
from tests.alerts.factories import NOW, Clock, bump, make_config, make_effect, make_event, tell
from tests.events.admin.support import confirm

pytestmark = pytest.mark.django_db

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ANN, BOB = Actor("ann", "admin"), Actor("bob", "admin")


def silence(**fields: Any) -> Silence:
    return Silence.objects.create(**{"until": NOW + 4 * HOUR, "reason": "known", "made_by": "ops", **fields})


def close(event: Event, now: Any, reason: str = "resumed") -> Alert:
    event.status, event.closed_at, event.close_reason = Status.CLOSED, now, reason
    event.save()
    return tell(bump(event), "closed", now)


def text_of(alert: Alert, now: Any) -> str:
    message = load_message(alert, make_config(), now, False)
    return "\n".join(plain_lines(message))


def lines_in(channel: str = "cex") -> list[str]:
    rows = Alert.objects.filter(channel=channel, event=None).order_by("id")
    return [line for row in rows for line in row.detail["notice"]["lines"]]


def test_what_ended_while_it_was_silenced_is_sent_when_the_silence_ends() -> None:
    event = make_event("depeg")
    Alert.objects.filter(pk=tell(event).pk).update(state="sent", done_at=NOW)
    made = silence(token="LUNA")
    ended = close(event, NOW + HOUR)
    assert (ended.state, ended.muted_by, ended.silence_id) == ("held", "silence", made.pk)
    config = make_config()
    assert reminders.next_due(config, NOW + HOUR) == made.until
    reminders.run(config, made.until - MINUTE)
    ended.refresh_from_db()
    assert ended.state == "held"
    reminders.run(config, made.until)
    ended.refresh_from_db()
    assert (ended.state, ended.muted_by) == ("pending", "")
    said = text_of(ended, made.until)
    heading, why, *facts = said.splitlines()
    assert heading == "OVER · LUNA · Binance spot · no restriction now"
    assert why.startswith("Closed, silenced since 2 Oct 09:00 UTC: resumed.")
    assert facts[:2] == ["Was:            reduce only on Binance spot", "Lasted:         1 h"]
    reminders.run(config, made.until + HOUR)
    assert Alert.objects.filter(event=event, reason="closed").count() == 1


def test_what_opened_and_ended_within_a_silence_is_sent_as_over_and_not_as_new() -> None:
    made = silence(token="LUNA")
    event = make_event("depeg")
    assert tell(event).state == "silenced"
    ended = close(event, NOW + HOUR)
    made.delete()
    reminders.run(make_config(), NOW + 2 * HOUR)
    ended.refresh_from_db()
    assert ended.state == "pending" and "New" not in text_of(ended, NOW + 2 * HOUR)


def test_a_silence_made_while_the_end_waits_keeps_it_until_it_is_over() -> None:
    event = make_event("depeg")
    ended = close(event, NOW)
    made = silence(token="LUNA")
    assert silences.silence_waiting([made], NOW) == 1
    ended.refresh_from_db()
    assert ended.state == "held"
    # Another silence that still holds goes on keeping it.
    other = silence(category="depeg", until=NOW + 8 * HOUR)
    reminders.run(make_config(), made.until)
    ended.refresh_from_db()
    assert ended.state == "held"
    reminders.run(make_config(), other.until)
    ended.refresh_from_db()
    assert ended.state == "pending"


def test_an_end_that_a_silence_kept_is_dropped_where_the_event_is_back() -> None:
    silence(token="LUNA")
    event = make_event("depeg")
    ended = close(event, NOW + HOUR)
    Event.objects.filter(pk=event.pk).update(status="open", closed_at=None)
    reminders.run(make_config(), NOW + 5 * HOUR)
    ended.refresh_from_db()
    assert (ended.state, ended.muted_by) == ("muted", "over")


def test_a_second_end_within_a_silence_is_not_lost_behind_the_first() -> None:
    silence(token="LUNA")
    event = make_event("depeg")
    tell(event)
    close(event, NOW + HOUR)
    Event.objects.filter(pk=event.pk).update(status="open", closed_at=None)
    event.refresh_from_db()
    tell(bump(event), "opened", NOW + 2 * HOUR)
    close(event, NOW + 3 * HOUR)
    reminders.run(make_config(), NOW + 5 * HOUR)
    assert list(Alert.objects.filter(event=event, state="pending").values_list("reason", flat=True)) == ["closed"]


@pytest.mark.parametrize("how", ["inhibited", "flapping"])
def test_a_deferred_alert_that_is_released_shows_since_when_and_is_not_new(how: str) -> None:
    event = make_event("volatility")
    alert = tell(event)
    if how == "inhibited":
        cause = make_event("delisting")
        transitions.defer(alert, "token_delisted", cause.pk, "x", NOW)
        Event.objects.filter(pk=cause.pk).update(status="closed", closed_at=NOW)
    else:
        Alert.objects.filter(pk=alert.pk).update(state="held", muted_by="flapping")
    reminders.run(make_config(), NOW + 2 * HOUR)
    alert.refresh_from_db()
    assert alert.state == "pending"
    said = text_of(alert, NOW + 2 * HOUR)
    assert not re.search(r"\bNew\b", said) and "since 2 Oct 08:00 UTC" in said.splitlines()[1]


def test_an_update_that_overtakes_a_deferred_alert_is_not_new_either() -> None:
    event = make_event("volatility")
    held = tell(event)
    cause = make_event("delisting")
    transitions.defer(held, "token_delisted", cause.pk, "x", NOW)
    Event.objects.filter(pk=cause.pk).update(status="closed", closed_at=NOW)
    worse = tell(bump(event), "worse", NOW + HOUR)
    assert worse.state == "pending"
    why = text_of(worse, NOW + HOUR).splitlines()[1]
    assert why.startswith("Opened, then worse, deferred since 2 Oct 08:00 UTC: ")


def test_a_repeat_after_a_silence_shows_since_when_it_was_silenced() -> None:
    made = silence(token="LUNA")
    event = make_event("depeg")
    tell(event)
    tell(bump(event), "updated", NOW + HOUR)
    reminders.run(make_config(), made.until + MINUTE)
    repeat = Alert.objects.get(event=event, reason="repeat", state="pending")
    said = text_of(repeat, made.until + MINUTE)
    assert said.splitlines()[1].startswith("Still open, silenced since 2 Oct 08:00 UTC")


def test_a_card_that_waited_for_its_channel_shows_since_when() -> None:
    alert = tell(make_event())
    assert "delayed" not in text_of(alert, NOW + MINUTE)
    assert "\nNew, delayed since 2 Oct 08:00 UTC: " in text_of(alert, NOW + 3 * HOUR)


def test_lines_of_a_digest_show_since_when_and_what_was() -> None:
    ended = []
    for number in range(12):
        event = make_event("depeg")
        silence(token="LUNA", until=NOW + HOUR)
        ended.append(close(event, NOW + number * MINUTE))
    reminders.run(make_config(), NOW + HOUR)
    leases = claim("stablecoin", "me", NOW + HOUR, MINUTE, throttled=True)
    assert isinstance(leases, list)
    message = load_message(leases[0].alert, make_config(), NOW + HOUR, False)
    rows = [line for line in plain_lines(message) if line.startswith("#")]
    assert len(rows) == 12
    for row in rows:
        assert "OVER · LUNA · Binance spot · no restriction now" in row and "Was: reduce only on Binance spot" in row
        assert "New" not in row and "REDUCE ONLY" not in row


# -- What people did


def test_an_acknowledgement_and_its_end_are_one_line_each_in_the_channel_of_the_event() -> None:
    event = make_event(title="Exchange will remove LUNA")
    tell(event)
    acknowledge(event.pk, ANN, "on it", NOW)
    assert unacknowledge(event.pk, BOB, NOW + HOUR)
    first, second = lines_in()
    assert first == (
        f"Acknowledged by ann: #{event.pk} Exchange will remove LUNA (on it); until unacknowledged, worse or over"
    )
    assert second == (
        f"Acknowledgement ended by bob: #{event.pk} Exchange will remove LUNA; repeats and escalation resume"
    )
    assert not lines_in("defi")


def test_the_card_of_a_worsening_shows_that_the_acknowledgement_expired() -> None:
    event = make_event()
    acknowledge(event.pk, ANN, "", NOW)
    worse = tell(bump(event), "worse", NOW + HOUR)
    assert "nobody; was ann, until the event got worse" in text_of(worse, NOW + HOUR)
    assert not expire(event.pk, "worse", NOW + HOUR)
    assert len(lines_in()) == 1, "and is not said twice"


def test_that_an_acknowledgement_expired_is_posted_where_its_card_is_silenced() -> None:
    event = make_event(title="Exchange will remove LUNA")
    tell(event)
    acknowledge(event.pk, ANN, "", NOW)
    silence(token="LUNA", lets_worse_through=False)
    assert tell(bump(event), "worse", NOW + HOUR).state == "silenced"
    assert lines_in()[1:] == [
        f"Acknowledgement of ann expired because the event got worse: #{event.pk} Exchange will remove LUNA; "
        "repeats and escalation resume"
    ]


def test_a_silence_and_its_end_are_one_line_each_and_posted_once() -> None:
    event = make_event(tokens=("LUNA", "ABC", "BTC"))
    tell(event)
    silences.silence_event(event, event.effects.all(), NOW + HOUR, "known", ANN, NOW)
    assert lines_in() == [
        "Silenced by ann until 2026-10-02 09:00 UTC: ABC, BTC, LUNA delisting (known); "
        "alerts that get worse are still sent"
    ]
    for at in (NOW + HOUR, NOW + HOUR + MINUTE):
        reminders.run(make_config(), at)
    assert lines_in()[1:] == ["Silence expired: ABC, BTC, LUNA delisting (made by ann, until 2026-10-02 09:00 UTC)"]


def test_a_silence_made_changed_and_ended_in_the_admin_is_posted(admin_client: Client) -> None:
    make_event(tokens=("LUNA",))
    until = (timezone.now() + timedelta(hours=5)).replace(second=0, microsecond=0)
    form = {"token": "luna", "category": "hack", "reason": "known", "lets_worse_through": "on"}
    form["until"] = f"{until:%Y-%m-%d %H:%M}"
    confirm(admin_client, "/admin/alerts/silence/add/", form)
    made = Silence.objects.get()
    confirm(admin_client, f"/admin/alerts/silence/{made.pk}/change/", {**form, "reason": "still"})
    admin_client.post("/admin/alerts/silence/", {"action": "end_now", "_selected_action": [made.pk]})
    admin_client.post(f"/admin/alerts/silence/{made.pk}/delete/", {"post": "yes"})
    reminders.run(make_config(), until + MINUTE)
    at = f"{until:%Y-%m-%d %H:%M} UTC"
    assert lines_in("defi") == [
        f"Silenced by admin until {at}: LUNA hack (known); alerts that get worse are still sent",
        f"Silence changed by admin until {at}: LUNA hack (still); alerts that get worse are still sent",
        f"Silence ended by admin: LUNA hack (made by admin, until {at})",
    ]
    assert not lines_in("cex"), "nobody there would have heard of a hack"


def test_a_silence_of_everything_is_posted_in_every_channel() -> None:
    made = silence(token="", lets_worse_through=False)
    assert set(notices.channels_of_silence(made)) == {
        "cex",
        "defi",
        "stablecoin",
        "token_volatility",
        "token_liquidity",
    }
    notices.silenced([made], "ann", NOW)
    assert lines_in("token_liquidity") == ["Silenced by ann until 2026-10-02 12:00 UTC: everything (known)"]


def test_thirty_acknowledgements_are_two_messages() -> None:
    for number in range(30):
        acknowledge(make_event(title=f"Notice {number}").pk, ANN, "", NOW)
    assert len(lines_in()) == 30
    assert Alert.objects.filter(event=None, channel="cex").count() == 2


def test_the_lines_reach_the_channel_as_one_card(hooks: Hooks) -> None:
    events = [make_event(title=f"Exchange will remove {token}") for token in ("LUNA", "ABC")]
    acknowledge(events[0].pk, ANN, "", NOW)
    config = hooks.config()
    worker = ChannelWorker("cex", TeamsTransport(hooks.sinks["cex"].url, 2.0), config, Clock(NOW))
    worker.step()
    assert "Acknowledged by ann" in hooks.cards("cex")[0]
    # What was tried is another message for its receiver.
    for event in events:
        acknowledge(event.pk, BOB, "", NOW) if event is events[1] else unacknowledge(event.pk, ANN, NOW)
    worker = ChannelWorker("cex", TeamsTransport(hooks.sinks["cex"].url, 2.0), config, Clock(NOW + MINUTE))
    worker.step()
    card = hooks.cards("cex")[1]
    assert "2 things were done about alerts" in card
    assert "Acknowledgement ended by ann" in card and "Acknowledged by bob" in card
    worker.close()


def test_a_channel_that_got_no_alert_of_an_event_gets_no_notice_of_its_acknowledgement() -> None:
    silence(token="LUNA")
    event = make_event()
    tell(event)
    acknowledge(event.pk, ANN, "", NOW)
    assert lines_in() == []


# -- By hand, through the lifecycle


def test_a_manual_block_and_its_end_name_author_and_note_and_never_the_old_order() -> None:
    outcome = open_manual_event(NOW, by="ann", tokens=["XYZ"], title="Keep away", action="exit", note="rumours")
    assert outcome.event is not None
    opened = Alert.objects.get(reason="opened")
    said = text_of(opened, NOW)
    assert said.startswith("EXIT · XYZ · everywhere\n")
    assert "\nann blocks XYZ: rumours.\n" in said and "Other token" not in said
    make_effect(make_event("risk_warning", tokens=()), "XYZ", action="avoid_new", trading_status="trading")
    close_event(outcome.event.pk, NOW + HOUR, by="bob", reason="nothing in it", false_alarm=True)
    closed = Alert.objects.get(reason="closed")
    said = text_of(closed, NOW + HOUR)
    assert said.startswith("FALSE ALARM · XYZ · everywhere · now open nothing new on Binance spot (#")
    assert "False alarm by bob: nothing in it" in said and "ann: rumours" in said
    assert "Was wrong:      exit everywhere\nNow:            open nothing new on Binance spot (another event, #" in said
    assert said.lower().count("exit") == 1


def draft(**fields: Any) -> EventDraft:
    effect = EffectDraft("ETH", scope="pairs", venue="BINANCE", tickers=("BINANCE:ETHUSDC",), action="exit")
    return EventDraft(
        **{
            "source": "binance",
            "category": "delisting",
            "natural_key": "test:pairs",
            "title": "A notice",
            "effects": (effect,),
            **fields,
        }
    )


def test_a_correction_of_single_pairs_shows_what_was_and_names_the_pairs() -> None:
    event = record(draft(), NOW).event
    assert event is not None
    outcome = correct_event(event.pk, NOW + HOUR, by="ann", fields={}, effects={"ETH": {"action": "watch"}})
    assert outcome.changes == {"BINANCE:ETHUSDC": ("action exit", "action watch")}
    said = text_of(Alert.objects.get(reason="updated"), NOW + HOUR)
    assert "ETH/USDC on Binance spot: was: exit · now: watch" in said
    assert said.startswith("WATCH · ETH/USDC · Binance spot\n")


def test_an_event_that_is_lowered_is_alerted_as_demanding_nothing() -> None:
    event = record(draft(), NOW).event
    assert event is not None
    correct_event(event.pk, NOW + HOUR, by="ann", fields={"priority": "low"})
    said = text_of(Alert.objects.get(reason="updated"), NOW + HOUR)
    assert said.startswith("OVER · ETH/USDC · Binance spot · no restriction now\nLow priority now: ")
    assert "\nWas:            ETH/USDC: exit\n" in said
    correct_event(event.pk, NOW + 2 * HOUR, by="ann", fields={"title": "Another"})
    assert Alert.objects.filter(event=event).exclude(state="superseded").count() == 1, "nobody hears of it after that"


def test_a_lowering_within_a_silence_is_sent_when_the_silence_ends() -> None:
    event = record(draft(), NOW).event
    assert event is not None
    silence(token="ETH")
    correct_event(event.pk, NOW + HOUR, by="ann", fields={"priority": "low"})
    lowered = Alert.objects.get(reason="updated")
    assert (lowered.state, lowered.muted_by) == ("held", "silence")
    reminders.run(make_config(), NOW + 4 * HOUR)
    lowered.refresh_from_db()
    assert lowered.state == "pending" and "silenced since" in text_of(lowered, NOW + 4 * HOUR)


def test_the_present_state_is_what_the_view_says() -> None:
    event = record(draft(), NOW).event
    assert event is not None
    other = record(draft(natural_key="test:other", effects=(EffectDraft("ETH", action="reduce_only"),)), NOW).event
    assert other is not None
    close_event(event.pk, NOW + HOUR, by="ann", reason="over")
    alert = Alert.objects.get(reason="closed")
    content = load_message(alert, make_config(), NOW + HOUR, False).content
    assert isinstance(content, EventSummary) and content.now is not None
    assert (content.now.action, content.now.event_ids) == ("reduce_only", (other.pk,))


@pytest.mark.parametrize(("live", "text"), [(False, "no longer traded"), (True, "no restriction now")])
def test_a_removal_that_is_closed_does_not_claim_that_the_coin_trades_again(live: bool, text: str) -> None:
    event = make_event("delisting")
    Instrument.objects.create(
        venue="BINANCE",
        symbol="LUNAUSDT",
        base="LUNA",
        quote="USDT",
        token="LUNA",
        status="BREAK",
        live=live,
        since=NOW,
        first_seen_at=NOW,
        last_seen_at=NOW,
    )
    said = text_of(close(event, NOW + HOUR), NOW + HOUR)
    assert said.startswith(f"OVER · LUNA · Binance spot · {text}\n") and "Lasted:         1 h" in said


@pytest.mark.django_db(transaction=True)
def test_silences_of_the_last_release_that_are_in_force_are_posted_as_over_with_what_ended_meanwhile() -> None:
    loader = MigrationLoader(connection)
    migration = loader.get_migration("alerts", "0004_silence_posted")
    before = loader.project_state(("alerts", "0003_people"))
    with connection.schema_editor() as editor:
        migration.unapply(before.clone(), editor)
    try:
        rows = [("LUNA", timezone.now() + HOUR), ("ABC", timezone.now() - HOUR)]
        old = before.apps.get_model("alerts", "Silence").objects
        made = [old.create(token=token, until=until, reason="known", made_by="ops").pk for token, until in rows]
        for silence_id in made:
            Alert.objects.create(
                event=make_event(status="closed", closed_at=NOW),
                reason="closed",
                channel="cex",
                state="silenced",
                muted_by="silence",
                silence_id=silence_id,
                queued_at=NOW,
                due_at=NOW,
                done_at=NOW,
            )
    finally:
        with connection.schema_editor() as editor:
            migration.apply(before.clone(), editor)
    assert list(Silence.objects.order_by("pk").values_list("posted", flat=True)) == [True, False]
    ends = Alert.objects.filter(reason="closed").order_by("silence")
    assert list(ends.values_list("silence", "state")) == [(made[0], "held"), (made[1], "silenced")]
