"""A day of about 60,000 recorded payloads through `manage.py replay`, twice: speed, and whether the reports are equal.

Run: `python -m benchmarks.replay [HOURS]`. The archive is made first and lies in a temporary folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.daemon_process import manage

LEAST_SPEED = 500.0


def main(hours: float) -> int:
    os.environ.update(EWS_ENV_FILE="", DATABASE_URL="postgresql://nobody:nothing@127.0.0.1:1/none")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
    import django

    django.setup()
    from benchmarks.recorded_day import RecordedDay
    from crypto_ews.conf import parse_config
    from events.archive_file import write_archive

    with tempfile.TemporaryDirectory(prefix="ews-benchmark-") as folder:
        archive = Path(folder) / "day.jsonl"
        started = time.monotonic()
        count = write_archive(archive, RecordedDay(parse_config({})).payloads(hours))
        size = archive.stat().st_size / 1e9
        print(f"made {count} payloads of {hours:g} hours, {size:.2f} GB, in {time.monotonic() - started:.0f} s")
        digests, speeds = set(), []
        for _ in range(2):
            out = Path(folder) / "report.json"
            started = time.monotonic()
            done = manage(
                "replay", str(archive), "--report", str(out), environment={}, capture_output=True, timeout=3600
            )
            seconds = time.monotonic() - started
            speeds.append(hours * 3600 / seconds)
            digests.add(hashlib.sha256(out.read_bytes()).hexdigest())
            report = json.loads(out.read_text())
            kinds = sorted({event["category"] for event in report["events"]})
            print(f"{done.stderr.strip()}; whole command {seconds:.1f} s, {speeds[-1]:,.0f} × real time; {kinds}")
    print("the same report twice" if len(digests) == 1 else "THE REPORTS DIFFER")
    return 0 if len(digests) == 1 and min(speeds) >= LEAST_SPEED else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 24.0))
