"""The daemon while its PostgreSQL is restarted and unavailable.

Run: `python -m tests.crash.database_outage --restarts 5 --away 60`.

Expected: the daemon lives on, every published notice is an event, a card about every event arrived, no alert is left or
dead, and the daemon has no more connections than before.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from crypto_ews.postgres.cluster_use import connection_url, ensure_running, release
from tests.crash.delistings import RECORDED, SOURCES, WAITING, Delistings
from tests.support.daemon_process import DaemonProcess, eventually
from tests.support.postgres_cluster import cluster_folder
from tests.upstreams import UpstreamServer
from tests.upstreams.teams import events_on

_UP_SECONDS = 6.0
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Count:
    """The result of a run. connections: of the daemon, before the first and after the last outage."""

    outages: int
    published: int
    events: int
    notified: int
    unfinished: int
    connections: tuple[int, int]

    @property
    def holds(self) -> bool:
        before, after = self.connections
        return self.published == self.events == self.notified and not self.unfinished and after <= before + 2

    def __str__(self) -> str:
        return (
            f"{self.outages} outages, {self.published} notices: {self.events} events, {self.notified} notified, "
            f"{self.unfinished} alerts not sent, {self.connections[0]} connections before and {self.connections[1]} "
            f"after: {'holds' if self.holds else 'DOES NOT HOLD'}"
        )


class Database:
    """A cluster that is stopped and started again on its port, with its data."""

    def __init__(self) -> None:
        self._folder: Path = cluster_folder()
        self.url = self.start()

    def start(self) -> str:
        return connection_url(ensure_running(self._folder))

    def stop(self) -> None:
        assert release(self._folder), "PostgreSQL did not stop"

    def ask(self, query: str) -> Any:
        with closing(psycopg2.connect(self.url, application_name="tests")) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def remove(self) -> None:
        release(self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)


def run(restarts: int, away_seconds: float, events: int) -> Count:
    database = Database()
    try:
        with UpstreamServer() as server:
            return _run(database, server, restarts, away_seconds, events)
    finally:
        database.remove()


def _run(database: Database, server: UpstreamServer, restarts: int, away_seconds: float, events: int) -> Count:
    world = Delistings(server, database.url, events, card_seconds=0.1, log_level="ERROR")
    # The last notices come after the last outage.
    world.publish(over_seconds=(restarts + 3) * _UP_SECONDS + away_seconds)
    with DaemonProcess(world.environment, *SOURCES) as daemon:
        eventually(lambda: world.sink.cards, 60, "the first card")
        before = _connections(database)
        for seconds in [*[0.0] * restarts, away_seconds]:
            time.sleep(_UP_SECONDS)
            database.stop()
            time.sleep(seconds)
            assert database.start() == database.url, "PostgreSQL has another address after the restart"
        eventually(lambda: not _unfinished(database, events), _PATIENCE_SECONDS, "everything is recorded and sent")
        eventually(lambda: _connections(database) > 1, 30, "the daemon is connected again")
        after = _connections(database)
        assert daemon.process.poll() is None, "the daemon has ended"
        daemon.terminate()
    recorded = {row[0] for row in database.ask("SELECT id FROM events_event WHERE source = 'binance'")}
    notified = {number for card in world.sink.cards if card.message for number in events_on(card.message)}
    [(unsent,)] = database.ask(
        "SELECT count(*) FROM alerts_alert WHERE state NOT IN ('sent', 'superseded', 'digested')"
    )
    return Count(restarts + 1, events, len(recorded), len(notified & recorded), unsent, (before, after))


def _connections(database: Database) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'crypto_ews%'"
    return int(database.ask(query)[0][0])


def _unfinished(database: Database, events: int) -> int:
    [(recorded, waiting)] = database.ask(f"SELECT ({RECORDED}), ({WAITING})")
    return int(events - recorded + waiting)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restarts", type=int, default=5)
    parser.add_argument("--away", type=float, default=60.0)
    parser.add_argument("--events", type=int, default=60)
    options = parser.parse_args()
    count = run(options.restarts, options.away, options.events)
    print(count)
    return 0 if count.holds else 1


if __name__ == "__main__":
    sys.exit(main())
