"""The cost of the ledger, and what holds of it: `python -m benchmarks.ledger [--only NAME] [--seconds 60] [--rows …]`.

Runs on a temporary cluster. For the rate of writers two databases run side by side, one with the ledger and one of the
migrations before it; their rounds alternate, so that other load on the machine affects both alike.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

import psycopg2

from tests.support.postgres_cluster import ThrowawayCluster

WRITERS = 8
RATE_BOUND = 0.9
VIEW_BOUND_SECONDS = 0.010
REFRESH_BOUND_SECONDS = 0.001
UNSEALED_BOUND_SECONDS = 5.0
# What a database had before the ledger.
BEFORE = (("events", "0010"), ("alerts", "0006"))
TOKENS = 400


def _django(url: str) -> None:
    os.environ.update(EWS_ENV_FILE="", DATABASE_URL=url, DJANGO_SETTINGS_MODULE="crypto_ews.settings")
    import django

    django.setup()
    import logging

    logging.disable(logging.WARNING)


def _migrated(url: str, before_the_ledger: bool) -> None:
    """In a process of its own, as settings are read once."""
    _django(url)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    if before_the_ledger:
        for app, name in reversed(BEFORE):
            call_command("migrate", app, name, verbosity=0, interactive=False)


def _draft(writer: int, number: int, moved: int, *, closed: bool = False) -> Any:
    from events.drafts import EffectDraft, EventDraft

    token = f"TOK{writer}X{number % 50}"
    return EventDraft(
        source="binance",
        category="delisting",
        natural_key=f"bench:{writer}:{number}",
        title=f"Binance will delist {token}, notice {moved}",
        url=f"https://exchange.example/notice/{number}",
        priority="high",
        published_at=datetime.now(UTC) - timedelta(minutes=1),
        state="closed" if closed else "open",
        close_reason="it is over" if closed else "",
        effects=(
            EffectDraft(token, "asset", "", (f"BINANCE:{token}USDT",)),
            EffectDraft(token, "venue", "BINANCE", (f"BINANCE:{token}USDT", f"BINANCE:{token}USDC")),
        ),
    )


def _one_writer(urls: Sequence[str], writer: int, orders: Connection) -> None:
    """Records drafts on the database that it is told, for as long as it is told; answers how many it recorded."""
    _django(urls[0])
    from django.db import connections

    from events.lifecycle import record
    from events.lifecycle.recorder import Reference

    names = [url.rpartition("/")[2] for url in urls]
    number = [0] * len(urls)
    reference: list[Reference | None] = [None] * len(urls)
    while (order := orders.recv()) is not None:
        which, until = order
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = names[which]
        reference[which] = reference[which] or Reference()
        done = 0
        while time.monotonic() < until:
            step, at = divmod(number[which], 3)
            record(_draft(writer, step, at, closed=at == 2), datetime.now(UTC), reference[which])
            number[which] += 1
            done += 1
        orders.send(done)


def rates(urls: Sequence[str], seconds: float, round_seconds: float = 4.0) -> list[list[float]]:
    """Records a second of eight writers, by database and round; the databases alternate."""
    spawn = multiprocessing.get_context("spawn")
    pipes = [spawn.Pipe() for _ in range(WRITERS)]
    writers = [
        spawn.Process(target=_one_writer, args=(urls, number, theirs), daemon=True)
        for number, (_ours, theirs) in enumerate(pipes)
    ]
    for writer in writers:
        writer.start()
    found: list[list[float]] = [[] for _ in urls]
    try:
        for turn in range(max(2, round(seconds / round_seconds / len(urls))) + 1):
            order = range(len(urls)) if turn % 2 else reversed(range(len(urls)))
            for which in order:
                # The first turn starts processes and fills caches.
                until = time.monotonic() + round_seconds + (10.0 if turn == 0 else 0.0)
                for ours, _theirs in pipes:
                    ours.send((which, until))
                rate = sum(ours.recv() for ours, _theirs in pipes) / round_seconds
                if turn:
                    found[which].append(rate)
        for ours, _theirs in pipes:
            ours.send(None)
    finally:
        for writer in writers:
            writer.join(10)
    return found


def writer_rate(with_ledger: str, without: str, seconds: float) -> bool:
    logged, unlogged = rates([with_ledger, without], seconds)
    ratio = statistics.median(logged) / statistics.median(unlogged)
    paired = statistics.median(a / b for a, b in zip(logged, unlogged, strict=True))
    print(
        f"{WRITERS} writers: {statistics.median(logged):.0f} records a second with the ledger, "
        f"{statistics.median(unlogged):.0f} without: {ratio:.1%}, by pairs of rounds {paired:.1%} "
        f"(at least {RATE_BOUND:.0%})"
    )
    return max(ratio, paired) >= RATE_BOUND


def refresh_cost(with_ledger: str, without: str) -> bool:
    """The time of one statement that changes one token's row, commit included, in turns."""
    sessions = [psycopg2.connect(url) for url in (with_ledger, without)]
    times: list[list[float]] = [[], []]
    for session in sessions:
        session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute(
                "INSERT INTO events_event (source, category, priority, status, natural_key, title, url,"
                " network_tokens, important_dates, seen_at, opened_at, recorded_at, updated_at, close_reason,"
                " false_alarm, revision, facts, pinned, draft_digest)"
                " SELECT 'binance', 'delisting', 'high', 'open', 'cost:' || i, 'Notice ' || i, '', '{}', '[]',"
                " now(), now(), now(), now(), '', false, 1, '{}', '{}', '' FROM generate_series(1, 200) AS i"
            )
            cursor.execute(
                "INSERT INTO events_effect (event_id, token, scope, venue, tickers, trading_status, action,"
                " risk_level, declared, open) SELECT id, 'COST' || id, 'asset', '', '{}', 'trading', 'watch',"
                " 'high', '{}', true FROM events_event WHERE natural_key LIKE 'cost:%'"
            )
    for turn in range(300):
        for which, session in enumerate(sessions):
            with session.cursor() as cursor:
                began = time.perf_counter()
                cursor.execute("UPDATE events_event SET title = %s WHERE natural_key = 'cost:7'", [f"Notice {turn}"])
                times[which].append(time.perf_counter() - began)
    for session in sessions:
        session.close()
    logged, unlogged = (statistics.median(one[50:]) for one in times)
    more = statistics.median(a - b for a, b in zip(times[0][50:], times[1][50:], strict=True))
    print(
        f"a commit that changes one token of 200: {logged * 1e3:.2f} ms with view_changed and ledger, "
        f"{unlogged * 1e3:.2f} ms without: by pairs +{more * 1e3:.2f} ms (of which the refresh may add 1)"
    )
    return more <= 2 * REFRESH_BOUND_SECONDS


def _mixed(url: str, commits: int) -> bool:
    """Commits of every kind from eight threads by raw SQL, beside the sealing: no deadlock, and nothing waits long."""
    statements: tuple[Callable[[random.Random], tuple[str, list[Any]]], ...] = (
        lambda r: ("UPDATE events_event SET title = %s WHERE id = %s", [f"T{r.random()}", r.choice(ids)]),
        lambda r: ("UPDATE events_event SET revision = revision + 1 WHERE id = ANY (%s)", [r.sample(ids, 2)]),
        lambda r: (
            "UPDATE events_event SET status = CASE status WHEN 'open' THEN 'closed' ELSE 'open' END,"
            " closed_at = CASE status WHEN 'open' THEN now() END WHERE id = %s",
            [r.choice(ids)],
        ),
        lambda r: (
            "UPDATE events_effect SET action = %s WHERE event_id = %s",
            [r.choice(["watch", "avoid_new", "halt"]), r.choice(ids)],
        ),
        lambda r: (
            "UPDATE events_sourcehealth SET state = CASE state WHEN 'ok' THEN 'failing' ELSE 'ok' END"
            " WHERE source = %s",
            [f"source{r.randrange(5)}"],
        ),
        lambda r: (
            "INSERT INTO alerts_alert (event_id, reason, channel, revision, state, urgency, detail, queued_at, due_at,"
            " attempts, leased_by, shrunk, done_reason, decisions, muted_by, severity, alone)"
            " VALUES (%s, 'updated', 'cex', %s, 'pending', 0, '{}', now(), now(), 0, '', false, '', '[]', '', 0,"
            " false)",
            [r.choice(ids), r.randrange(10**9)],
        ),
        lambda r: (
            "UPDATE alerts_alert SET state = 'sent', done_at = now() WHERE id ="
            " (SELECT id FROM alerts_alert WHERE state = 'pending' LIMIT 1 FOR UPDATE SKIP LOCKED)",
            [],
        ),
        lambda r: ("SELECT refresh_token_risk_view_now()", []),
    )
    setup = psycopg2.connect(url)
    setup.autocommit = True
    with setup.cursor() as cursor:
        cursor.execute("SELECT id FROM events_event WHERE natural_key LIKE 'cost:%'")
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO events_sourcehealth (source, state, interval_seconds, consecutive_failures,"
            " last_error, watched_since, content, content_overdue) SELECT 'source' || i, 'ok', 60, 0, '',"
            " now(), '{}', '[]' FROM generate_series(0, 4) AS i ON CONFLICT DO NOTHING"
        )
    errors: list[str] = []
    done = [0] * WRITERS
    stop = threading.Event()
    worst = [0.0]

    def write(writer: int) -> None:
        mine = random.Random(writer)
        session = psycopg2.connect(url)
        while sum(done) < commits:
            try:
                with session, session.cursor() as cursor:
                    # One kind a transaction: an order of locks of their own is what callers keep, not the ledger.
                    statement, values = mine.choice(statements)(mine)
                    cursor.execute(statement, values)
                done[writer] += 1
            except psycopg2.Error as error:
                errors.append(str(error).splitlines()[0])
        session.close()

    def seal() -> None:
        session = psycopg2.connect(url)
        session.autocommit = True
        with session.cursor() as cursor:
            while not stop.is_set():
                cursor.execute("SELECT ledger_seal_now()")
                cursor.execute(
                    "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float FROM ledger WHERE"
                    " (era, xid) >= (SELECT era, to_xid FROM ledger_seal ORDER BY n DESC LIMIT 1)"
                )
                worst[0] = max(worst[0], cursor.fetchone()[0])  # type: ignore[index]
                stop.wait(1.0)
        session.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    sealer = threading.Thread(target=seal)
    began = time.monotonic()
    for thread in [*threads, sealer]:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    sealer.join()
    spent = time.monotonic() - began
    wrong = _differences(setup)
    setup.close()
    print(
        f"{sum(done)} mixed commits in {spent:.0f} s: {len(errors)} errors {sorted(set(errors))[:3]}, "
        f"{wrong} events whose last row is not what the table says; oldest unsealed row after a seal {worst[0]:.2f} s "
        f"(below {UNSEALED_BOUND_SECONDS:g} s with a seal each second)"
    )
    return not errors and not wrong and worst[0] + 1.0 < UNSEALED_BOUND_SECONDS


def _differences(session: Any) -> int:
    with session.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM events_event AS event CROSS JOIN LATERAL (SELECT body FROM ledger"
            "  WHERE event_id = event.id AND kind LIKE 'event.%' AND body ? 'event' ORDER BY n DESC LIMIT 1) AS last"
            " WHERE ledger_news(last.body) <> ledger_news(ledger_event_body(event.id))"
        )
        return int(cursor.fetchone()[0])


def view_at_any_second(url: str, rows: int) -> bool:
    session = psycopg2.connect(url)
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute(
            # A snapshot after each 1,500 changes, as the leader keeps it.
            "INSERT INTO view_changed (n, era, xid, at, seq, base, token, snapshot, row) OVERRIDING SYSTEM VALUE"
            " SELECT i, 1, pg_current_xact_id(), timestamptz '2026-01-01' + seq * interval '20 seconds', seq,"
            " i - place, 'COIN' || coin, place < %(tokens)s,"
            " CASE WHEN place >= %(tokens)s AND i %% 7 = 0 THEN NULL ELSE"
            " jsonb_build_object('token', 'COIN' || coin, 'action', 'reduce_only', 'number', i,"
            " 'venues', '[]'::jsonb, 'tickers', '[\"BINANCE:ABCUSDT\", \"OKX:ABC-USDT\"]'::jsonb, 'reasons',"
            " jsonb_build_array(jsonb_build_object('id', i, 'title', repeat('Binance will delist ABC ', 6),"
            " 'url', 'https://exchange.example/notice', 'important_dates', '[]'::jsonb))) END"
            " FROM (SELECT i, i %% %(span)s AS place,"
            "              i - least(i %% %(span)s, %(tokens)s - 1) AS seq,"
            "              CASE WHEN i %% %(span)s < %(tokens)s THEN i %% %(span)s"
            "                   ELSE abs(hashint4(i)) %% %(tokens)s END AS coin"
            "         FROM generate_series(%(span)s, %(rows)s + %(span)s) AS i) AS made",
            {"tokens": TOKENS, "rows": rows, "span": TOKENS + 1500},
        )
        cursor.execute("VACUUM ANALYZE view_changed")
        cursor.execute("SELECT pg_total_relation_size('view_changed') / count(*) FROM view_changed")
        size = cursor.fetchone()[0]  # type: ignore[index]
    session.close()
    _django(url)
    from events.ledger.history import view_at

    chooser = random.Random(14)
    spent, tokens = [], []
    for _ in range(300):
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chooser.randrange(20 * rows // 10, 20 * rows))
        began = time.perf_counter()
        tokens.append(len(view_at(moment)))
        spent.append(time.perf_counter() - began)
    spent = sorted(spent[20:])
    p50, p99 = spent[len(spent) // 2], spent[len(spent) * 99 // 100]
    print(
        f"the view at any second of {rows} rows, {statistics.mean(tokens):.0f} of {TOKENS} tokens: "
        f"p50 {p50 * 1e3:.1f} ms, "
        f"p99 {p99 * 1e3:.1f} ms (at most {VIEW_BOUND_SECONDS * 1e3:.0f} ms); {size} bytes a row with indexes"
    )
    return p50 <= VIEW_BOUND_SECONDS


@contextmanager
def _database(admin: Any, address: str, name: str) -> Iterator[str]:
    with admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield f"{address}/{name}"


def _in_process(work: Callable[..., object], *arguments: object) -> bool:
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_exit_with, args=(work, *arguments))
    process.start()
    process.join()
    return process.exitcode == 0


def _exit_with(work: Callable[..., object], *arguments: object) -> None:
    sys.exit(0 if work(*arguments) in (None, True) else 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["rate", "refresh", "mixed", "view"])
    parser.add_argument("--seconds", type=float, default=64.0, help="of writing, both databases together")
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    ok = True
    with ThrowawayCluster() as url:
        admin = psycopg2.connect(url)
        admin.autocommit = True
        address = url.rpartition("/")[0]
        with _database(admin, address, "logged") as logged, _database(admin, address, "unlogged") as unlogged:
            ok &= _in_process(_migrated, logged, False) and _in_process(_migrated, unlogged, True)
            if options.only in (None, "rate"):
                ok &= writer_rate(logged, unlogged, options.seconds)
            if options.only in (None, "refresh", "mixed"):
                ok &= refresh_cost(logged, unlogged)
            if options.only in (None, "mixed"):
                ok &= _mixed(logged, options.commits)
            if options.only in (None, "view"):
                with _database(admin, address, "long_history") as history:
                    ok &= _in_process(_migrated, history, False)
                    ok &= _in_process(view_at_any_second, history, options.rows)
        admin.close()
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
