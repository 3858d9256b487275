"""A day of about 60,000 recorded payloads through `manage.py replay`, twice: speed, and whether the reports are equal.

Run: `python -m benchmarks.replay [HOURS]`. The archive is first written to a temporary folder (3 GB for a day).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from tests.support.daemon_process import manage

LEAST_SPEED = 500.0


def main(hours: float) -> int:
    os.environ.update(EWS_ENV_FILE="", DATABASE_URL="postgresql://nobody:nothing@127.0.0.1:1/none")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
    import django

    django.setup()
    from benchmarks.worlds.recorded_day import RecordedDay
    from crypto_ews.conf import parse_config
    from events.upstream.archive_file import write_archive

    with tempfile.TemporaryDirectory(prefix="ews-benchmark-") as folder:
        archive = Path(folder) / "day.jsonl"
        started = time.monotonic()
        count = write_archive(archive, RecordedDay(parse_config({})).payloads(hours))
        size = archive.stat().st_size / 1e9
        print(f"made {count:,} payloads of {hours:g} hours, {size:.2f} GB, in {time.monotonic() - started:.0f} s")
        reports, speeds, unanswered = set(), [], False
        for _ in range(2):
            out = Path(folder) / "report.json"
            started, cpu = time.monotonic(), _cpu_seconds()
            done = manage(
                "replay", str(archive), "--report", str(out), environment={}, capture_output=True, timeout=3600
            )
            seconds, cpu = time.monotonic() - started, _cpu_seconds() - cpu
            speeds.append(hours * 3600 / seconds)
            reports.add(out.read_bytes())
            # Some sources have nothing to request before the first events of the day.
            unanswered = unanswered or (hours >= 24 and "nothing recorded" in done.stderr)
            print(done.stderr.strip())
            figures = f"{seconds:.1f} s: {speeds[-1]:,.0f} × real time; {cpu:.1f} s CPU, PostgreSQL's included"
            print(f"  full command {figures}")
        events = json.loads(out.read_text())["events"]
    print(f"{len(events)} events: {', '.join(sorted({event['category'] for event in events}))}")
    print("both reports are equal" if len(reports) == 1 else "THE REPORTS DIFFER")
    slow = min(speeds) < LEAST_SPEED
    if slow:
        print(f"TOO SLOW: expected {LEAST_SPEED:,.0f} × real time")
    if unanswered:
        print("THE DAY LACKS SOURCES: add their payloads to benchmarks/worlds/recorded_day.py")
    return 1 if slow or unanswered or len(reports) > 1 else 0


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 24.0))
