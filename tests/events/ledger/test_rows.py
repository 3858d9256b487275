"""What is written to the ledger, and when: news of events, alerts, people, sources and leaders, whoever writes it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from alerts.models import Acknowledgement, Alert, Silence
from events.daemon.clock_watch import beat
from events.lifecycle import close_event, open_manual_event, record, reopen_event
from events.models import Event, Heartbeat
from events.sources import health
from tests.events.ledger.support import Written, commit, draft, moment_text, unlocked
from tests.events.risk_view.support import make_event, query

pytestmark = pytest.mark.django_db


def opened(now: datetime, **changes: Any) -> Event:
    event = record(draft(**changes), now).event
    assert event is not None
    commit()
    return event


def test_an_event_is_one_row_with_its_effects_and_repeats_are_none(now: datetime) -> None:
    written = Written()
    payload = "ab" * 32
    query("INSERT INTO events_payloadbody VALUES (%s, '', 0, 0, now())", payload)
    event = opened(now, published_at=now - timedelta(minutes=3), payload=payload, facts={"amount": 1.5})
    (row,) = [row for row in written.rows if row.kind.startswith("event.")]
    assert (row.kind, row.event_id, row.payload_sha256) == ("event.opened", event.pk, payload)
    body = row.body["event"]
    assert (body["id"], body["source"], body["status"], body["facts"]) == (event.pk, "binance", "open", {"amount": 1.5})
    assert body["published_at"] == moment_text(now - timedelta(minutes=3))
    (effect,) = row.body["effects"]
    assert (effect["token"], effect["scope"], effect["tickers"]) == ("ABC", "asset", ["BINANCE:ABCUSDT"])
    # A source that says the same, or that only moves its figures: no news.
    record(draft(published_at=now - timedelta(minutes=3), payload=payload, facts={"amount": 1.5}), now)
    record(draft(published_at=now - timedelta(minutes=3), payload=payload, facts={"amount": 1.6}), now)
    query("UPDATE events_event SET step_due_at = now(), draft_digest = 'x', updated_at = now()")
    assert len([row for row in written.rows if row.kind.startswith("event.")]) == 1


def test_the_states_of_an_event_follow_each_other(now: datetime) -> None:
    written = Written()
    event = opened(now)
    assert written.kinds[-1] in ("event.opened", "alert.queued")
    record(draft(title="Another title"), now)
    assert written.rows[-1].body.get("event", {}) and "event.updated" in written.kinds
    # The board needs the effect alone as well.
    query("UPDATE events_effect SET action = 'halt' WHERE event_id = %s", event.pk)
    assert (written.last.kind, written.last.body["effects"][0]["action"]) == ("event.updated", "halt")
    close_event(event.pk, now, by="alice", reason="alice saw that it was a mistake", false_alarm=True)
    closed = [row for row in written.rows if row.kind == "event.closed"][-1]
    assert closed.body["event"]["false_alarm"] and closed.body["event"]["closed_at"] == moment_text(now)
    reopen_event(event.pk, now + timedelta(minutes=1), by="alice", reason="alice was wrong")
    assert "event.reopened" in written.kinds
    query("DELETE FROM events_effect WHERE event_id = %s", event.pk)
    query("DELETE FROM alerts_alert")
    query("DELETE FROM events_event WHERE id = %s", event.pk)
    assert (written.last.kind, written.last.body["event"]["natural_key"]) == ("event.deleted", "ledger:1")
    assert "alice" not in json.dumps([row.body for row in written.rows])


@pytest.mark.parametrize("false_alarm", [False, True])
def test_a_reason_of_a_person_stays_hashed_when_the_source_closes_too(now: datetime, false_alarm: bool) -> None:
    event = opened(now)
    written = Written()
    close_event(event.pk, now, by="alice", reason="alice was sure", false_alarm=false_alarm)
    commit()
    record(draft(state="closed", close_reason="it is over"), now + timedelta(minutes=1))
    commit()
    # As an earlier release stored it.
    query("UPDATE events_event SET close_kind = '' WHERE id = %s", event.pk)
    bodies = [row.body["event"] for row in written.rows if row.kind in ("event.closed", "event.updated")]
    assert {body["close_kind"] for body in bodies} == {"by_hand", "source", ""}
    assert len({body["close_reason"] for body in bodies}) == 1 and "alice" not in json.dumps(bodies)


def test_one_transaction_is_one_row_with_what_it_left_behind(now: datetime) -> None:
    event = opened(now)
    written = Written()
    for title in ("A", "B", "C"):
        query("UPDATE events_event SET title = %s WHERE id = %s", title, event.pk)
    query("UPDATE events_effect SET action = 'halt' WHERE event_id = %s", event.pk)
    (row,) = written.rows
    assert (row.body["event"]["title"], row.body["effects"][0]["action"]) == ("C", "halt")
    # Back to what was: nothing happened that anybody could have seen.
    query("UPDATE events_event SET title = 'D' WHERE id = %s", event.pk)
    query("UPDATE events_event SET title = 'C' WHERE id = %s", event.pk)
    assert len(written.rows) == 1


def test_with_constraints_immediate_each_statement_is_seen(now: datetime) -> None:
    event = opened(now)
    written = Written()
    assert written.rows == []
    query("SET CONSTRAINTS ALL IMMEDIATE")
    query("UPDATE events_event SET title = 'A' WHERE id = %s", event.pk)
    query("UPDATE events_event SET title = 'B' WHERE id = %s", event.pk)
    query("UPDATE events_effect SET action = 'halt' WHERE event_id = %s", event.pk)
    assert written.kinds == ["event.updated"] * 3


def test_what_was_rolled_back_was_not(now: datetime) -> None:
    event = opened(now)
    written = Written()
    with pytest.raises(RuntimeError), transaction.atomic():
        query("UPDATE events_event SET title = 'A' WHERE id = %s", event.pk)
        assert written.kinds == ["event.updated"]
        raise RuntimeError
    assert written.rows == []
    query("UPDATE events_event SET title = 'A' WHERE id = %s", event.pk)
    assert written.kinds == ["event.updated"]


def test_an_effect_that_moves_to_another_event_is_seen_at_both(now: datetime) -> None:
    first = make_event({"token": "ONE"}, {"token": "TWO"})
    second = make_event({"token": "TEN"})
    query("SET CONSTRAINTS ALL IMMEDIATE")
    written = Written()
    query("UPDATE events_effect SET event_id = %s WHERE token = 'TWO'", second.pk)
    tokens = {row.event_id: [one["token"] for one in row.body["effects"]] for row in written.rows}
    assert tokens == {first.pk: ["ONE"], second.pk: ["TWO", "TEN"]}


def test_many_events_of_one_transaction_are_a_row_each() -> None:
    written = Written()
    with transaction.atomic():
        for number in range(40):
            make_event({"token": f"T{number}"}, {"token": f"U{number}"})
    assert len([row for row in written.rows if row.kind == "event.opened"]) == 40
    # More than the list of those that are done remembers.
    query("UPDATE events_effect SET action = 'halt'")
    query("UPDATE events_event SET title = title || '!'")
    assert len([row for row in written.rows if row.kind == "event.updated"]) == 40


def test_people_are_hashes_and_the_same_person_the_same_hash(now: datetime) -> None:
    event = opened(now)
    written = Written()
    manual = open_manual_event(now, by="carol", tokens=["XYZ"], title="Block XYZ", note="carol heard it").event
    assert manual is not None
    given = Acknowledgement.objects.create(event=event, by="bob", at=now, note="bob looks")
    given.note = "another note"
    given.save()
    given.ended_at, given.end_reason = now, "unacknowledged by bob"
    given.save()
    Acknowledgement.objects.create(event=event, by="bob", at=now).delete()
    silence = Silence.objects.create(token="ABC", until=now + timedelta(days=900), reason="bob knows", made_by="bob")
    Silence.objects.filter(pk=silence.pk).update(posted=True)
    Silence.objects.filter(pk=silence.pk).update(until=now + timedelta(days=800))
    Silence.objects.filter(pk=silence.pk).update(until=now - timedelta(days=800))
    people = [row for row in written.rows if row.kind.startswith(("event.ack", "event.unack", "silence."))]
    assert [row.kind for row in people] == [
        "event.acknowledged", "event.unacknowledged", "event.acknowledged", "event.unacknowledged",
        "silence.made", "silence.changed", "silence.ended",
    ]  # fmt: skip
    assert len({row.body.get("by") or row.body["made_by"] for row in people}) == 1
    assert len(people[0].body["by"]) == 64
    assert people[1].body["ended_at"] == moment_text(now)
    text = json.dumps([row.body for row in written.rows])
    assert "bob" not in text and "carol" not in text
    with pytest.raises(DatabaseError), transaction.atomic():
        query("SELECT ledger_append('Bad Kind', NULL, NULL, '{}')")


def test_alerts_are_seen_when_they_are_queued_and_when_they_are_over(now: datetime) -> None:
    event = opened(now, quiet=True)
    written = Written()
    alert = Alert.objects.create(event=event, reason="opened", channel="cex", queued_at=now, due_at=now)
    for state in ("sending", "pending", "grouped", "pending", "held", "pending", "dead", "pending", "sending", "sent"):
        Alert.objects.filter(pk=alert.pk).update(state=state, done_at=now, done_reason="why", attempts=2)
    Alert.objects.create(event=event, reason="closed", channel="cex", queued_at=now, due_at=now, state="muted")
    assert written.kinds == [
        "alert.queued", "alert.deferred", "alert.queued", "alert.failed", "alert.queued", "alert.delivered",
        "alert.suppressed",
    ]  # fmt: skip
    body = written.rows[5].body
    assert (body["alert"], body["event"], body["life"], body["channel"], body["state"], body["done_reason"]) == (
        alert.pk, event.pk, 1, "cex", "sent", "why",
    )  # fmt: skip


def test_a_source_is_seen_when_its_state_changes(now: datetime) -> None:
    written = Written()
    health.register("a_source", 30.0, now)
    for _ in range(3):
        health.succeeded("a_source", now, 5, 0.1, None)
    health.failed("a_source", now, "HTTP 500", 0.1, None, False, None)
    health.failed("a_source", now, "HTTP 500", 0.1, None, False, None)
    health.unregister("a_source", now)
    rows = [row for row in written.rows if row.kind.startswith("source.")]
    assert [(row.kind, row.body["from"], row.body["to"]) for row in rows] == [
        ("source.waiting", None, "waiting"),
        ("source.ok", "waiting", "ok"),
        ("source.failing", "ok", "failing"),
        ("source.removed", "failing", None),
    ]
    assert rows[2].body["error"] == "HTTP 500"


def test_a_leader_is_seen_when_it_begins_to_lead() -> None:
    Heartbeat.objects.all().delete()
    written = Written()
    beat()
    beat()
    query("UPDATE events_heartbeat SET daemon = 'other 7'")
    assert written.kinds == ["daemon.leads", "daemon.leads"]
    assert written.last.body["daemon"] == "other 7"


@pytest.mark.django_db(transaction=True)
def test_a_number_that_comes_again_after_a_truncate_is_another_event(now: datetime) -> None:
    event = make_event({"token": "ONE"})
    written = Written()
    query("TRUNCATE events_event, events_effect RESTART IDENTITY CASCADE")
    again = Event.objects.create(pk=event.pk, **{
        "source": "okx", "category": "hack", "priority": "low", "status": "open", "natural_key": "again",
        "title": "New", "seen_at": now, "opened_at": now, "updated_at": now,
    })  # fmt: skip
    assert [kind for kind in written.kinds if kind != "truncated"] == ["event.opened"]
    tables = sorted(row.body["table"] for row in written.rows if row.kind == "truncated")
    assert tables == ["events_effect", "events_event", "events_review"] and written.last.event_id == again.pk


@pytest.mark.parametrize("table", ["ledger", "ledger_seal", "view_changed"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_nothing_is_changed_even_where_triggers_are_off(table: str, statement: str, role: str) -> None:
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
        query(f"SET LOCAL session_replication_role = {role}")
        query(statement.format(table))


def test_the_owner_of_the_database_may_unlock_it_and_a_session_may_not() -> None:
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
        query("SET LOCAL ews.ledger_unlocked = on")
        query("TRUNCATE ledger_seal")
    with unlocked():
        query("TRUNCATE ledger_seal")


def test_a_bot_reads_and_writes_none_of_it() -> None:
    found = query(
        "SELECT relname FROM pg_class WHERE relname = ANY (%s) AND has_table_privilege('ews_bot', oid,"
        " 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')",
        ["ledger", "ledger_seal", "view_changed", "ledger_state"],
    )
    functions = query(
        "SELECT proname FROM pg_proc WHERE proname ~ '^(ledger|view_changed)_'"
        " AND pronamespace = 'public'::regnamespace AND has_function_privilege('ews_bot', oid, 'EXECUTE')"
    )
    assert (found, functions) == ([], [])


def test_a_row_without_effects_has_an_empty_list(now: datetime) -> None:
    written = Written()
    opened(now, effects=(), priority="low")
    row = next(row for row in written.rows if row.kind == "event.opened")
    assert row.body["effects"] == []
