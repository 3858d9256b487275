"""Events for the tests of the view, written as rows, and a bot that reads while they are."""

from __future__ import annotations

import itertools
import json
import select
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg2
import psycopg2.extensions
from django.db import connection, transaction

from events.models import Effect, Event

NOON = datetime(2026, 10, 2, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def make_event(*effects: dict[str, Any], **fields: Any) -> Event:
    """Inserts an open, high-priority event with these effects (of an effect only `token` is required)."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "source": "binance",
        "category": "delisting",
        "priority": "high",
        "status": "open",
        "natural_key": f"test:{number}",
        "title": f"Notice {number}",
        "url": f"https://example.org/{number}",
        "seen_at": NOON,
        "opened_at": NOON,
        "updated_at": NOON,
        **fields,
    }
    if values["status"] == "closed":
        values.setdefault("closed_at", NOON)
    with transaction.atomic():
        event = Event.objects.create(**values)
        Effect.objects.bulk_create(Effect(event=event, **{"action": "reduce_only", **one}) for one in effects)
    return event


def query(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall() if cursor.description else []


def view_events() -> dict[str, list[int]]:
    """token -> event ids, as the materialized view has it."""
    return dict(query("SELECT token, event_ids FROM token_risk_view"))


def true_events() -> dict[str, list[int]]:
    """token -> event ids, as the tables have it."""
    rows = Effect.objects.filter(event__status="open", event__priority="high")
    found: dict[str, set[int]] = {}
    for token, event_id in rows.values_list("token", "event_id"):
        found.setdefault(token, set()).add(event_id)
    return {token: sorted(ids, reverse=True) for token, ids in found.items()}


def raw_connection(**options: Any) -> psycopg2.extensions.connection:
    """A connection of its own to the test database, in autocommit."""
    settings = connection.get_connection_params()
    settings = {key: settings[key] for key in ("dbname", "user", "password", "host", "port") if key in settings}
    opened = psycopg2.connect(**settings, **options)
    opened.autocommit = True
    return opened


class Listener:
    """A bot that listens to `token_risk`."""

    def __init__(self) -> None:
        self._connection = raw_connection()
        with self._connection.cursor() as cursor:
            cursor.execute("LISTEN token_risk")

    def messages(self, at_least: int = 0, seconds: float = 10.0) -> list[dict[str, Any]]:
        """What arrived since the last call; waits for `at_least` messages, and then for what is on its way."""
        deadline = time.monotonic() + seconds
        # A notification of our own, sent last, says that all before it have arrived.
        with self._connection.cursor() as cursor:
            cursor.execute("LISTEN test_end; SELECT pg_notify('test_end', '')")
        found: list[dict[str, Any]] = []
        ended = False
        while (not ended or len(found) < at_least) and time.monotonic() < deadline:
            select.select([self._connection], [], [], 0.05)
            self._connection.poll()
            while self._connection.notifies:
                notify = self._connection.notifies.pop(0)
                if notify.channel == "test_end":
                    ended = True
                else:
                    found.append(json.loads(notify.payload))
        return found

    def close(self) -> None:
        self._connection.close()


@dataclass
class Reader:
    """What a polling bot met."""

    reads: int = 0
    failures: list[str] = field(default_factory=list)


@contextmanager
def polling_reader() -> Iterator[Reader]:
    """Polls the view and its status as `ews_bot` with lock_timeout = 50 ms while the block runs."""
    reader, stop = Reader(), threading.Event()

    def poll() -> None:
        opened = raw_connection(options="-c lock_timeout=50ms")
        try:
            with opened.cursor() as cursor:
                cursor.execute("SET ROLE ews_bot")
                while not stop.is_set():
                    try:
                        cursor.execute("SELECT token, action FROM token_risk_view WHERE action >= 'avoid_new'")
                        cursor.fetchall()
                        cursor.execute("SELECT * FROM token_risk_view_status")
                        reader.reads += len(cursor.fetchall())
                    except psycopg2.Error as error:
                        reader.failures.append(str(error))
                    stop.wait(0.002)
        finally:
            opened.close()

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield reader
    finally:
        stop.set()
        thread.join()


def run_together(*tasks: Callable[[], None]) -> list[BaseException]:
    """Runs the tasks in threads, each with its own connection, from one starting line; returns what they raised."""
    line = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        try:
            connection.ensure_connection()
            line.wait(10)
            task()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
        futures = [pool.submit(run, task) for task in tasks]
    return [error for future in futures if (error := future.exception()) is not None]
