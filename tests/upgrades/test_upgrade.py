"""A database of each release so far comes to the current code with `migrate`, while a bot goes on reading.

`release_*.sql` are dumps made by `make_dump` with the code of their release. Nothing here names a migration: whatever
the leaves are is migrated to.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection

from events.daemon.readiness import pending_migrations
from events.database.view_refresh import refresh_now
from events.lifecycle import expire
from tests.upgrades.databases import RELEASES, fresh_database, load, server
from tests.upgrades.make_dump import AS_OF

# A migration that rebuilds the view holds its readers up until it commits (README, "The view"); nothing beyond that.
LONGEST_WAIT_SECONDS = 5.0
# Rows that a migration may drop, by table. Whoever adds one says why.
MAY_SHRINK: dict[str, str] = {}
# Kept by Django and the harness, not by a release.
_NOT_OURS = {"django_session"}


@dataclass
class Bot:
    """What a bot met that read all the time: answers per question, errors, and its longest wait in seconds."""

    answers: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    longest: float = 0.0


@contextmanager
def reading_bot(name: str) -> Iterator[Bot]:
    """Two connections of `ews_bot` that read without a pause: views, a join, and `can_trade` once there is one."""
    bot, stop = Bot(), threading.Event()

    def poll() -> None:
        opened = psycopg2.connect(**server(), dbname=name)
        opened.autocommit = True
        with opened.cursor() as cursor:
            cursor.execute("SET SESSION AUTHORIZATION ews_bot")
            while not stop.is_set():
                for question in (
                    "SELECT token, action, venues FROM token_risk_view",
                    "SELECT exchange, symbol, action FROM instrument_risk_view",
                    "SELECT heartbeat_at, stale_sources FROM token_risk_view_status",
                    "SELECT count(*) + 1 FROM token_risk_view JOIN token_risk_view_status ON stale_sources = '{}'",
                    "SELECT * FROM can_trade('binance', 'BTC/USDT')",
                ):
                    if "can_trade" in question:
                        cursor.execute("SELECT count(*) FROM pg_proc WHERE proname = 'can_trade'")
                        if cursor.fetchone() == (0,):
                            continue
                    began = time.monotonic()
                    try:
                        cursor.execute(question)
                        if not cursor.fetchall() and "can_trade" not in question:
                            bot.errors.append(f"{question}: no row")
                        bot.answers[question] = bot.answers.get(question, 0) + 1
                    except psycopg2.Error as error:
                        bot.errors.append(f"{question}: {error}")
                        if opened.closed:
                            return
                    bot.longest = max(bot.longest, time.monotonic() - began)
        opened.close()

    # Two, so that one reads while the other waits.
    threads = [threading.Thread(target=poll, name=f"bot {number}") for number in (1, 2)]
    for thread in threads:
        thread.start()
    try:
        yield bot
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def rows_of(relation: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        # As text: Django's cursors hand jsonb over as it is written.
        cursor.execute(f"SELECT to_jsonb(row)::text FROM {relation} AS row")
        return [json.loads(row) for (row,) in cursor.fetchall()]


def counts() -> dict[str, int]:
    """Rows per table; a partitioned table counts as one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            (found[name],) = cursor.fetchone()
    return found


def _common(before: list[dict[str, Any]], after: list[dict[str, Any]], key: str) -> tuple[Any, Any]:
    """Both by `key`, reduced to the columns of the old one: what is new is no difference, what is gone is one."""
    columns = set(before[0]) if before else set()
    return (
        {row[key]: row for row in before},
        {row[key]: {name: value for name, value in row.items() if name in columns} for row in after},
    )


@pytest.mark.parametrize("dump", RELEASES, ids=lambda dump: dump.stem)
def test_a_database_of_a_release_migrates_with_a_bot_reading_and_says_the_same_as_before(
    dump: Path, django_db_setup: None, django_db_blocker: Any
) -> None:
    with fresh_database("ews_upgrade", django_db_blocker) as name:
        load(name, dump)
        before = {view: rows_of(view) for view in ("token_risk_view", "instrument_risk_view")}
        status = rows_of("token_risk_view_status")
        held = counts()
        assert len(before["token_risk_view"]) > 30 and len(before["instrument_risk_view"]) > 30

        with reading_bot(name) as bot:
            while not bot.answers:
                time.sleep(0.01)
            call_command("migrate", verbosity=0, interactive=False)
            migrated = dict(bot.answers)
            while any(bot.answers[question] == migrated[question] for question in migrated):
                time.sleep(0.01)
        assert bot.errors == []
        assert bot.longest < LONGEST_WAIT_SECONDS
        assert pending_migrations() == 0

        for again in (False, True):
            if again:
                assert not refresh_now(), "the view that the migration left behind was not the one a refresh makes"
            for view, key in (("token_risk_view", "token"), ("instrument_risk_view", "ticker")):
                old, new = _common(before[view], rows_of(view), key)
                assert new == old
        (old_status,), (new_status,) = status, rows_of("token_risk_view_status")
        assert set(old_status) <= set(new_status)
        assert new_status["open_events"] == old_status["open_events"]
        assert new_status["seq"] >= old_status["seq"], "a listener takes a lower number for an old message"
        lost = {
            table: (count, counts().get(table))
            for table, count in held.items()
            if counts().get(table, 0) < count and table not in {*MAY_SHRINK, *_NOT_OURS}
        }
        assert lost == {}
        # A ledger that is new begins with what is open, and its history with the view.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM ledger WHERE kind = 'snapshot'),"
                " (SELECT count(*) FROM events_event WHERE status = 'open'),"
                " (SELECT count(*) FROM view_changed WHERE snapshot), (SELECT count(*) FROM token_risk_view)"
            )
            events, open_events, tokens, rows = cursor.fetchone()
        assert "ledger" in held or (events, tokens) == (open_events, rows)
        # What people did before is in the one audit, with its time; what wrote an entry itself has that one.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), count(entry.id) FROM django_admin_log AS logged"
                " JOIN django_content_type AS kind ON kind.id = logged.content_type_id"
                " LEFT JOIN alerts_auditentry AS entry ON entry.log_id = logged.id AND entry.at = logged.action_time"
                " WHERE kind.model NOT IN ('silence', 'addedreceiver', 'apitoken')"
            )
            logged, entries = cursor.fetchone()
        assert logged == entries > 0
        # The rows are ones that the current code can go on with.
        expire(AS_OF + timedelta(days=60))
        assert rows_of("token_risk_view") != before["token_risk_view"]


def test_no_model_lacks_its_migration(db: None) -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, verbosity=1)
    except SystemExit:
        pytest.fail(f"a model was changed without a migration:\n{said.getvalue()}")


def test_dumps_of_releases_are_small_and_name_no_role_but_the_bots() -> None:
    assert RELEASES
    for dump in RELEASES:
        text = dump.read_text(encoding="utf-8")
        assert len(text.encode()) < 300_000, dump.name
        roles = [
            line for line in text.splitlines() if line.startswith(("GRANT", "REVOKE", "ALTER")) and "ews_bot" in line
        ]
        assert roles
        assert "OWNER TO" not in text and "CREATE ROLE ews_bot" in text
