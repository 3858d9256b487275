"""The full path of the order books' collector for benchmarks: a temporary database, real WebSockets on loopback, and
the load generator (`tests.upstreams.streams.load`) in a second process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.support.postgres_cluster import ThrowawayCluster

ROOT = Path(__file__).resolve().parent.parent.parent
CAPTURES = [ROOT.parent / "shared/captures/streams" / name for name in
            ("spot_btcusdt_20240808.gz", "spot_ethusdt_20240808.gz")]  # fmt: skip


@contextmanager
def database() -> Iterator[None]:
    """A temporary PostgreSQL with the schema, as Django's database; settings are first read here."""
    with ThrowawayCluster() as url:
        os.environ.update(DATABASE_URL=url, EWS_ENV_FILE="", LOG_LEVEL="WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        try:
            yield
        finally:
            connections.close_all()


class Generator:
    """The load generator as a child process; `lines` is its output. Use it in a `with` block."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.upstreams.streams.load", *map(str, CAPTURES), *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        first = self._process.stdout.readline()
        self.port = int(first.rpartition(" ")[2])
        self.lines: list[str] = []
        self.ended = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.strip())
        self.ended.set()

    def __enter__(self) -> Generator:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(10)


def watch(pairs: Sequence[str]) -> None:
    """Make the generator's pairs instruments of Binance."""
    from markets.instruments import store_instruments
    from markets.knowledge import InstrumentRow

    rows = [InstrumentRow("BINANCE", f"{coin}USDT", coin, "USDT", coin, "TRADING", True) for coin in pairs]
    store_instruments("BINANCE", rows, datetime.now(UTC))
