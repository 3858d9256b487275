"""`make benchmark`: every measurement in turn. Each also runs alone, with options: `python -m benchmarks.<name>`."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = (
    "announcements",
    "alert_latency",
    "alert_throughput",
    "volatility",
    "volume",
    "volume.tick",
    "risk_view",
    "can_trade",
    "api",
    "push",
    "board",
    "bots",
    "ledger",
    "pruning",
    "replay",
    "orderbooks",
    "order_streams",
    "book_minutes",
    "trades",
)


def main() -> int:
    failed = []
    for name in BENCHMARKS:
        print(f"\n=== python -m benchmarks.{name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
