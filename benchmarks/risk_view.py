"""The cost of `token_risk_view`: `python -m benchmarks.risk_view [--events 1000000] [--open 200]`.

Runs on a temporary cluster. Two databases run side by side, one with a thousand closed events and one with `--events`.
Their transactions alternate, so that other load on the machine affects both alike.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import psycopg2
import psycopg2.extensions

from tests.support.postgres_cluster import ThrowawayCluster

FEW_CLOSED = 1_000
RATIO_BOUND = 1.3
COMMIT_BOUND_SECONDS = 0.2
CYCLE_EVENTS = 2_000

Connection = psycopg2.extensions.connection


class Database:
    """One database and the statements that write into it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = self.connect()
        self._columns = {
            table: [name for (name,) in self.rows(self.session, _COLUMNS, (table,))]
            for table in ("events_event", "events_effect")
        }

    def connect(self) -> Connection:
        session = psycopg2.connect(self.url)
        session.autocommit = True
        return session

    @staticmethod
    def rows(session: Connection, sql: str, parameters: tuple[object, ...] | None = None) -> list[tuple]:
        with session.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def insert(self, session: Connection, prefix: str, count: int, *, closed: bool = False) -> None:
        """Inserts `count` high-priority events with an effect each, as copies of the template event 1."""
        state = "'closed'" if closed else "'open'"
        event = {
            "natural_key": "%(prefix)s || number",
            "status": state,
            "closed_at": "opened_at" if closed else "NULL",
            "id": "nextval(pg_get_serial_sequence('events_event', 'id'))",
        }
        effect = {
            "event_id": "made.id",
            "token": "replace(made.natural_key, ':', '')",
            "tickers": "ARRAY['BINANCE:' || made.natural_key || 'USDT', 'OKX:' || made.natural_key || '-USDT']",
            "id": "nextval(pg_get_serial_sequence('events_effect', 'id'))",
        }
        parameters = {"prefix": prefix, "count": count}
        sql = (
            f"WITH made AS (INSERT INTO events_event ({', '.join(self._columns['events_event'])})"
            f" SELECT {self._values('events_event', event)} FROM events_event AS template,"
            " generate_series(1, %(count)s) AS number WHERE template.natural_key = 'template'"
            " RETURNING id, natural_key)"
            f" INSERT INTO events_effect ({', '.join(self._columns['events_effect'])})"
            f" SELECT {self._values('events_effect', effect)} FROM made, events_effect AS template"
            " WHERE template.token = 'TEMPLATE'"
        )
        with session.cursor() as cursor:
            cursor.execute(sql, parameters)

    def close_events(self, session: Connection, prefix: str) -> None:
        self.rows(
            session,
            "UPDATE events_event SET status = 'closed', closed_at = opened_at"
            " WHERE natural_key LIKE %s AND status = 'open'",
            (prefix + "%",),
        )

    def fill_history(self, count: int) -> None:
        for table in ("events_event", "events_effect"):
            self.rows(self.session, f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.insert(self.session, f"history{count}:", count, closed=True)
        for table in ("events_event", "events_effect"):
            self.rows(self.session, f"ALTER TABLE {table} ENABLE TRIGGER USER")
        self.rows(self.session, "VACUUM (ANALYZE) events_event, events_effect")

    def stale(self) -> bool:
        """Whether the view has other events than the tables."""
        ((stale,),) = self.rows(
            self.session,
            "SELECT (SELECT array_agg(id ORDER BY id) FROM events_event WHERE status = 'open' AND priority = 'high')"
            " IS DISTINCT FROM"
            " (SELECT array_agg(DISTINCT id ORDER BY id) FROM token_risk_view, unnest(event_ids) AS id)",
        )
        return bool(stale)

    def _values(self, table: str, changed: dict[str, str]) -> str:
        return ", ".join(changed.get(column, f"template.{column}") for column in self._columns[table])


_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def milliseconds(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=20)
    return f"p50 {statistics.median(seconds) * 1000:.1f} ms, p95 {cuts[18] * 1000:.1f} ms"


@contextmanager
def naive_statement_trigger(database: Database) -> Iterator[None]:
    tables = ("events_event", "events_effect")
    database.rows(
        database.session,
        "CREATE FUNCTION naive_refresh() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN REFRESH MATERIALIZED VIEW CONCURRENTLY token_risk_view; RETURN NULL; END'",
    )
    for table in tables:
        database.rows(database.session, f"ALTER TABLE {table} DISABLE TRIGGER USER")
        database.rows(
            database.session,
            f"CREATE TRIGGER naive_refresh AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION naive_refresh()",
        )
    try:
        yield
    finally:
        database.rows(database.session, "DROP FUNCTION naive_refresh() CASCADE")
        for table in tables:
            database.rows(database.session, f"ALTER TABLE {table} ENABLE TRIGGER USER")
        database.rows(database.session, "SELECT refresh_token_risk_view_now()")


def cost_against_history(small: Database, large: Database, rounds: int = 200) -> float:
    """Median cost of one event (inserted, then closed, a transaction each) with much history over that with little."""
    seconds: dict[str, list[float]] = {"small": [], "large": []}
    pairs = [("small", small), ("large", large)]
    for number in range(rounds + 10):
        for name, database in pairs if number % 2 else reversed(pairs):
            prefix = f"round{number}:"
            both = timed(partial(database.insert, database.session, prefix, 1))
            both += timed(partial(database.close_events, database.session, prefix))
            if number >= 10:  # plans and caches are warm by then
                seconds[name].append(both)
    ratio = statistics.median(seconds["large"]) / statistics.median(seconds["small"])
    print(f"  little history: {milliseconds(seconds['small'])}; much: {milliseconds(seconds['large'])}")
    return ratio


def commit_of_a_cycle(database: Database) -> list[float]:
    """Seconds that the COMMIT alone of a transaction with CYCLE_EVENTS new events takes, five times."""
    session = database.connect()
    session.autocommit = False
    commits = []
    for number in range(5):
        database.insert(session, f"cycle{number}:", CYCLE_EVENTS)
        commits.append(timed(session.commit))
        database.close_events(session, f"cycle{number}:")
        session.commit()
    session.close()
    return commits


def run_writers(
    database: Database, writers: int, each: int, write: Callable[[Connection, int, int], None]
) -> list[float]:
    """Seconds of every transaction of `writers` that start together with `each` transactions."""
    line = threading.Barrier(writers)

    def run(writer: int) -> list[float]:
        session = database.connect()
        line.wait()
        seconds = [timed(partial(write, session, writer, one)) for one in range(each)]
        session.close()
        return seconds

    with ThreadPoolExecutor(max_workers=writers) as pool:
        return [second for share in pool.map(run, range(writers)) for second in share]


def stale_bursts(database: Database, name: str, bursts: int) -> int:
    """Of bursts of four writers, five transactions of one event each: how many leave the view stale."""
    stale = 0
    for burst in range(bursts):
        for writer in range(4):
            database.insert(database.session, f"{name}{burst}w{writer}e", 5, closed=True)

        def open_one(session: Connection, writer: int, one: int, burst: int = burst) -> None:
            key = f"{name}{burst}w{writer}e{one + 1}"
            Database.rows(
                session,
                "UPDATE events_event SET status = 'open', closed_at = NULL WHERE natural_key = %s",
                (key,),
            )

        run_writers(database, 4, 5, open_one)
        stale += database.stale()
        database.close_events(database.session, name)
    return stale


def make_databases(url: str, events: int, open_events: int) -> tuple[Database, Database]:
    """Two databases that differ only in their history."""
    os.environ["EWS_ENV_FILE"] = ""
    os.environ["DATABASE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "crypto_ews.settings"
    import django
    from django.core.management import call_command
    from django.db import connections
    from django.utils import timezone

    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    from events.models import Effect, Event

    now = timezone.now()
    event = Event.objects.create(
        source="binance",
        category="delisting",
        priority="high",
        natural_key="template",
        title="Will Delist a Token on 2026-10-02",
        url="https://example.org/notice",
        important_dates=[{"at": "2026-10-02T08:00:00Z", "what": "trading ends", "tickers": []}],
        seen_at=now,
        opened_at=now,
        updated_at=now,
    )
    Effect.objects.create(event=event, token="TEMPLATE", scope="venue", venue="BINANCE", action="reduce_only")
    connections.close_all()

    small = Database(url)
    small.insert(small.session, "open:", open_events)
    small.fill_history(FEW_CLOSED)
    name = small.session.info.dbname
    small.session.close()
    admin = psycopg2.connect(url, dbname="template1")
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE {name}_large TEMPLATE "{name}"')
    admin.close()
    small = Database(url)
    large = Database(psycopg2.extensions.make_dsn(url, dbname=f"{name}_large"))
    print(f"filling: {open_events:,} open events; {FEW_CLOSED:,} and {events:,} closed ones", flush=True)
    large.fill_history(events - FEW_CLOSED)
    return small, large


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000, help="closed events of the larger database")
    parser.add_argument("--open", type=int, default=200, help="open events of both")
    arguments = parser.parse_args()
    with ThrowawayCluster() as url:
        small, large = make_databases(url, arguments.events, arguments.open)

        print("one event opened and closed, each a transaction:")
        ratio = cost_against_history(small, large)
        print(f"  ratio {ratio:.2f} (bound {RATIO_BOUND})")

        commits = commit_of_a_cycle(large)
        listed = ", ".join(f"{seconds * 1000:.0f}" for seconds in commits)
        print(f"COMMIT of {CYCLE_EVENTS:,} events in one transaction: {listed} ms (bound 200 ms)")

        started = time.perf_counter()
        each = run_writers(small, 8, 20, lambda session, writer, one: small.insert(session, f"w{writer}e{one}:", 1))
        rate = len(each) / (time.perf_counter() - started)
        print(f"8 writers, single-event transactions: {milliseconds(each)}, {rate:.0f} commits a second")
        small.close_events(small.session, "w")

        ours = stale_bursts(small, "deferred", 20)
        with naive_statement_trigger(small):
            naive = stale_bursts(small, "naive", 20)
        print(f"stale after bursts of 4 writers x 5 events: ours {ours} of 20, plain statement trigger {naive} of 20")

        def hundred_statements(prefix: str) -> None:
            session = small.connect()
            session.autocommit = False
            for number in range(100):
                small.insert(session, f"{prefix}{number}:", 1)
            session.commit()
            session.close()

        at_once = timed(lambda: hundred_statements("ours"))
        with naive_statement_trigger(small):
            per_statement = timed(lambda: hundred_statements("naive"))
        print(
            f"100 events in one transaction: ours {at_once * 1000:.0f} ms,"
            f" plain statement trigger {per_statement * 1000:.0f} ms"
        )
        for database in (small, large):
            database.session.close()
    within = ratio <= RATIO_BOUND and max(commits) < COMMIT_BOUND_SECONDS and ours == 0
    print("within all bounds" if within else "A BOUND IS EXCEEDED")
    return 0 if within else 1


if __name__ == "__main__":
    raise SystemExit(main())
