"""Deleting in bulk: keys only, in batches, with what refers to the rows; and `expire` in bounded transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from alerts import observability
from alerts.models import Alert, AlertAttempt
from events import retention
from events.database.delete import delete_by_key, delete_in_batches
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Status
from events.lifecycle import expire, expiry, record, record_many
from events.models import Event, PayloadBody, PayloadPoll, QuarantinedItem, SourceHealth, TokenRisk
from events.upstream import archive

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def body(number: int, days: float, polls: int = 1, size: int = 1000) -> PayloadBody:
    at = NOW - days * DAY
    made = PayloadBody.objects.create(
        sha256=f"{number:064}", compressed=b"x" * size, size=size, stored_size=size, first_seen_at=at
    )
    for _ in range(polls):
        PayloadPoll.objects.create(source="okx.status", url="u", received_at=at, status=200, body=made)
    return made


def left() -> list[int]:
    return sorted(int(key) for key in PayloadBody.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_pruning_reads_no_body_and_takes_a_batch_at_a_time() -> None:
    for number in range(25):
        body(number, 40 if number < 15 else 1, polls=2)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        archive.prune(NOW, keep_days=30, max_bytes=5_000, batch=4)
    assert left() == [20, 21, 22, 23, 24]
    assert PayloadPoll.objects.count() == 10
    statements = [query["sql"] for query in queries]
    assert not [sql for sql in statements if '"compressed"' in sql], "a body was read"
    deleting = [sql for sql in statements if sql.startswith('DELETE FROM "events_payloadbody"')]
    assert len(deleting) >= 4, "all at once"


@pytest.mark.django_db
def test_what_refers_to_a_body_is_emptied_and_the_evidence_of_an_open_event_stays() -> None:
    evidence, other = body(1, 40), body(2, 40)
    health = SourceHealth.objects.create(source="x", interval_seconds=1, watched_since=NOW, error_payload=other)
    item = QuarantinedItem.objects.create(
        source="x", item_key="k", error="e", payload=other, first_at=NOW, last_at=NOW, attempts=1
    )
    old_item = QuarantinedItem.objects.create(
        source="x", item_key="old", error="e", first_at=NOW, last_at=NOW, resolved_at=NOW - 40 * DAY
    )
    closed = event("closed", payload=other)
    Event.objects.filter(pk=closed.pk).update(status=Status.CLOSED, closed_at=NOW)
    event("open", payload=evidence)
    archive.prune(NOW, keep_days=30, max_bytes=1e9)
    assert left() == [1]
    for row in (health, item, closed):
        row.refresh_from_db()
    assert (health.error_payload_id, item.payload_id, closed.payload_id) == (None, None, None)
    assert not QuarantinedItem.objects.filter(pk=old_item.pk).exists()


def event(key: str, payload: PayloadBody | None = None) -> Event:
    draft = EventDraft(
        "binance", "delisting", f"k:{key}", "T", (EffectDraft("ABC"),), payload=payload.pk if payload else None
    )
    made = record(draft, NOW).event
    assert made is not None
    return made


@pytest.mark.django_db
def test_alerts_go_with_their_attempts_and_the_admins_log_in_batches() -> None:
    made = [Alert(channel="cex", reason="opened", state="sent", done_at=NOW - 9 * DAY, queued_at=NOW, due_at=NOW)]
    alert = Alert.objects.bulk_create(made)[0]
    AlertAttempt.objects.create(alert=alert, channel="cex", started_at=NOW, duration_ms=1, decision="sent", reason="r")
    assert observability.prune(NOW - 5 * DAY) == 1
    assert not Alert.objects.exists() and not AlertAttempt.objects.exists()
    user = User.objects.create(username="ann")
    for _ in range(5):
        LogEntry.objects.create(user=user, action_flag=1, change_message="")
    LogEntry.objects.update(action_time=NOW - 9 * DAY)
    assert retention.prune_admin_log(NOW - 5 * DAY) == 5


@pytest.mark.django_db
def test_a_batch_is_a_statement_of_its_own_and_what_is_gone_is_not_counted() -> None:
    for number in range(5):
        body(number, 40, polls=0)
    with CaptureQueriesContext(connection) as queries:
        assert delete_in_batches(PayloadBody.objects.order_by("pk"), batch=2) == 5
    assert sum('DELETE FROM "events_payloadbody"' in query["sql"] for query in queries) == 3
    assert delete_by_key(PayloadBody, ["absent"]) == 0


@contextmanager
def transactions() -> Iterator[list[int]]:
    """How many events each outermost transaction wrote."""
    counts: list[int] = []

    def count(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith('UPDATE "events_event"') and counts:
            counts[-1] += 1
        return result

    enter = transaction.Atomic.__enter__

    def begin(self: transaction.Atomic) -> None:
        if not connection.in_atomic_block:
            counts.append(0)
        enter(self)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(count):
        patch.setattr(transaction.Atomic, "__enter__", begin)
        yield counts


def due(number: int, at: datetime) -> EventDraft:
    effect = EffectDraft("ABC", venue="BINANCE", scope="venue", in_force_at=at)
    return EventDraft(
        "binance", "delisting", f"due:{number:03}", f"N {number}", (effect,), priority="high",
        important_dates=(ImportantDate(at, "trading ends"),), published_at=NOW,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_many_steps_of_one_token_are_taken_in_order_in_several_short_transactions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expiry, "MOST_AT_ONCE", 4)
    at = NOW + timedelta(hours=1)
    # The later the number the earlier it is due; three fall due together.
    record_many([due(n, at - timedelta(minutes=n // 3)) for n in range(10)], NOW)
    with transactions() as counts:
        outcomes = expire(at)
    keys = [outcome.event.natural_key for outcome in outcomes if outcome.event]
    assert [key[-3:] for key in keys] == ["009", "006", "007", "008", "003", "004", "005", "000", "001", "002"]
    # The first one looks for renamed coins, and finds none.
    assert counts == [0, 4, 4, 2], "each of them commits by itself"
    assert TokenRisk.objects.get().action == "halt"
    assert expire(at) == []


@pytest.mark.django_db(transaction=True)
def test_a_kill_between_two_transactions_leaves_the_rest_to_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "MOST_AT_ONCE", 2)
    at = NOW + timedelta(hours=1)
    record_many([due(n, at) for n in range(5)], NOW)

    class Killed(BaseException):
        pass

    steps = iter(range(99))

    def killed(execute, sql, params, many, context):
        if sql.startswith('UPDATE "events_event"') and next(steps) == 3:
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(killed), pytest.raises(Killed):
        expire(at)
    told = Alert.objects.filter(reason="reminder").count()
    assert Event.objects.filter(step_due_at__lte=at).count() == 3, "the first two are committed"
    assert len(expire(at)) == 3
    assert Alert.objects.filter(reason="reminder").count() == told // 2 * 5


@pytest.mark.django_db(transaction=True)
def test_a_transaction_ends_when_its_time_is_over_however_few_steps_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "_SECONDS_AT_ONCE", 0.0)
    at = NOW + timedelta(hours=1)
    record_many([due(n, at) for n in range(3)], NOW)
    with transactions() as counts:
        assert len(expire(at)) == 3
    assert [count for count in counts if count] == [1, 1, 1]
