"""Memory while the archive is pruned, and the longest transaction of `expire` when thousands of events are due.

Run: `python -m benchmarks.pruning [GIGABYTES] [EVENTS]`. It starts a temporary PostgreSQL, fills the archive with
bodies that do not compress, and prunes it once by size and once by age; then 3,000 events of one token are due at one
moment. Limits: memory grows by less than 100 MB; no transaction of `expire` is longer than 2 s.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.postgres_cluster import ThrowawayCluster

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
BODY_BYTES = 500_000
LIMIT_MEMORY_MB, LIMIT_SECONDS = 100, 2.0


def main(gigabytes: float, events: int) -> int:
    free = shutil.disk_usage("/tmp").free / 1e9
    if free < gigabytes * 2.5:
        print(f"{free:.0f} GB of disk are free, {gigabytes:g} GB of archive need {gigabytes * 2.5:.0f}: 1 GB instead")
        gigabytes = 1.0
    with ThrowawayCluster() as url:
        os.environ.update(DATABASE_URL=url, EWS_ENV_FILE="", LOG_LEVEL="WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        try:
            holds = _prune(gigabytes)
            return 0 if _expire(events) and holds else 1
        finally:
            connections.close_all()


def _memory_mb(what: str) -> float:
    """VmRSS (resident now) or VmHWM (the peak since `_begin_peak`), in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return float(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/self/status has no {what}")


def _begin_peak() -> float:
    """Reset the peak (proc(5), clear_refs); returns the resident memory now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory_mb("VmRSS")


def _fill(gigabytes: float) -> int:
    """Insert bodies of random bytes, each polled twice, within the database; how many."""
    from django.db import connection

    count = round(gigabytes * 1e9 / BODY_BYTES)
    with connection.cursor() as cursor:
        for start in range(0, count, 200):
            cursor.execute(
                """
                WITH made AS (
                    INSERT INTO events_payloadbody (sha256, compressed, size, stored_size, first_seen_at)
                    SELECT md5(n::text) || md5('x' || n::text),
                           (SELECT string_agg(decode(md5(n::text || '.' || i::text), 'hex'), ''::bytea)
                            FROM generate_series(1, %(blocks)s) AS i),
                           %(bytes)s, %(bytes)s, %(now)s::timestamptz - n * interval '1 minute'
                    FROM generate_series(%(start)s, %(end)s) AS n
                    RETURNING sha256, first_seen_at
                )
                INSERT INTO events_payloadpoll (source, url, received_at, status, duration_ms, body_id)
                SELECT 'binance.instruments', 'http://127.0.0.1/', first_seen_at + k * interval '1 s', 200, 1, sha256
                FROM made, generate_series(0, 1) AS k
                """,
                {
                    "blocks": BODY_BYTES // 16,
                    "bytes": BODY_BYTES,
                    "now": NOW,
                    "start": start,
                    "end": min(start + 200, count) - 1,
                },
            )
    return count


def _prune(gigabytes: float) -> bool:
    from events.models import PayloadBody, PayloadPoll
    from events.upstream import archive

    count = _fill(gigabytes)
    before = _begin_peak()
    started = time.monotonic()
    archive.prune(NOW, keep_days=10_000, max_bytes=count * BODY_BYTES / 2)
    half = PayloadBody.objects.count()
    archive.prune(NOW + timedelta(days=20_000), keep_days=1, max_bytes=1e15)
    grown = _memory_mb("VmHWM") - before
    seconds = time.monotonic() - started
    print(
        f"pruned {gigabytes:g} GB of archive ({count} bodies, {2 * count} polls) in {seconds:.1f} s: "
        f"memory grew by {grown:.1f} MB (limit {LIMIT_MEMORY_MB})"
    )
    gone = half <= count / 2 and not PayloadBody.objects.exists() and not PayloadPoll.objects.exists()
    return gone and grown < LIMIT_MEMORY_MB


def _expire(events: int) -> bool:
    from django.db import connection, transaction

    from events.drafts import EffectDraft, EventDraft, ImportantDate
    from events.lifecycle import expire, record_many
    from events.models import Event

    falls_due = NOW + timedelta(hours=1)
    drafts = [
        EventDraft(
            source="binance",
            category="delisting",
            natural_key=f"benchmark:{number}",
            title=f"ABC goes, notice {number}",
            effects=(EffectDraft("ABC", venue="BINANCE", scope="venue", in_force_at=falls_due),),
            important_dates=(ImportantDate(falls_due, "trading ends"),),
            priority="high",
            published_at=NOW,
        )
        for number in range(events)
    ]
    for start in range(0, events, 500):
        record_many(drafts[start : start + 500], NOW)
    lengths: list[float] = []
    began: list[float] = []

    original_enter, original_exit = transaction.Atomic.__enter__, transaction.Atomic.__exit__

    def enter(self: transaction.Atomic) -> None:
        if not connection.in_atomic_block:
            began.append(time.monotonic())
        original_enter(self)

    def leave(self: transaction.Atomic, *error: object) -> None:
        original_exit(self, *error)  # type: ignore[arg-type]
        if not connection.in_atomic_block:
            lengths.append(time.monotonic() - began.pop())

    transaction.Atomic.__enter__, transaction.Atomic.__exit__ = enter, leave  # type: ignore[method-assign]
    try:
        started = time.monotonic()
        outcomes = expire(falls_due + timedelta(seconds=1))
        seconds = time.monotonic() - started
    finally:
        transaction.Atomic.__enter__, transaction.Atomic.__exit__ = original_enter, original_exit  # type: ignore[method-assign]
    print(
        f"expire took {len(outcomes)} steps of one token in {seconds:.1f} s, {len(lengths)} transactions: "
        f"the longest {max(lengths):.2f} s (limit {LIMIT_SECONDS:g})"
    )
    due = Event.objects.filter(step_due_at__lte=falls_due, status="open").count()
    return max(lengths) < LIMIT_SECONDS and len(outcomes) == events and not due


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0, int(sys.argv[2]) if len(sys.argv) > 2 else 3000))
