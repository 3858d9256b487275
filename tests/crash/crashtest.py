"""Kills the daemon repeatedly while events are recorded, then counts.

Run: `python -m tests.crash.crashtest --kills 50`.

Expected: every published notice is an event, every event has its alert, every alert was delivered, and no kill
cost more than one duplicate.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from dataclasses import dataclass

import psycopg2

from tests.crash.delistings import RECORDED, SOURCES, WAITING, Delistings
from tests.support.daemon_process import DaemonProcess, eventually
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import UpstreamServer

# A channel accepts thirty cards a minute: alerts that are queued at the end need their time.
_SECONDS_PER_CARD = 2.1


@dataclass(frozen=True)
class Count:
    """The result of a run."""

    published: int
    events: int
    alerts: int
    unsent: int
    cards: int
    duplicates: int
    missing: int
    kills: int

    @property
    def holds(self) -> bool:
        complete = self.published == self.events == self.alerts and not self.unsent and not self.missing
        return complete and self.duplicates <= self.kills

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.published} notices: {self.events} events, {self.alerts} alerts, "
            f"{self.unsent} not sent, {self.missing} without a card, {self.cards} cards, "
            f"{self.duplicates} duplicates: {'holds' if self.holds else 'DOES NOT HOLD'}"
        )


def run(kills: int, events: int, seed: int, shortest: float = 0.5, longest: float = 7.0) -> Count:
    """One crash test on a throw-away cluster. Bounded: raises AssertionError where alerts stay unfinished."""
    random_source = random.Random(seed)
    lifetimes = [random_source.uniform(shortest, longest) for _ in range(kills)]
    with ThrowawayCluster() as database_url, UpstreamServer() as server:
        world = Delistings(server, database_url, events, card_seconds=0.3, log_level="WARNING")
        # Starting takes a second or two of each life: the notices come while daemons live and die.
        world.publish(over_seconds=sum(lifetimes))
        for lifetime in lifetimes:
            with DaemonProcess(world.environment, *SOURCES) as daemon:
                time.sleep(lifetime)
                daemon.kill()
        connection = psycopg2.connect(database_url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor, DaemonProcess(world.environment, *SOURCES) as daemon:

                def unfinished() -> int:
                    cursor.execute(RECORDED)
                    recorded = cursor.fetchone()
                    cursor.execute(WAITING)
                    waiting = cursor.fetchone()
                    assert recorded and waiting
                    return int(events - recorded[0] + waiting[0])

                patience = 90 + events * _SECONDS_PER_CARD
                eventually(lambda: not unfinished(), patience, "all events recorded and all alerts done")
                daemon.terminate()
                cursor.execute(
                    "SELECT e.id, a.state FROM events_event e LEFT JOIN alerts_alert a ON a.event_id = e.id "
                    "WHERE e.source = 'binance'"
                )
                rows = cursor.fetchall()
        finally:
            connection.close()
        seen: set[str] = set()
        duplicates = 0
        for card in world.sink.cards:
            named = {coin for coin in world.coins if re.search(rf"\b{coin}\b", card.text)}
            # A digest that comes twice is one card too many, like any other.
            duplicates += bool(named) and named <= seen
            seen |= named
        return Count(
            published=events,
            events=len({event for event, _ in rows}),
            alerts=sum(state is not None for _, state in rows),
            unsent=sum(state not in (None, "sent", "digested") for _, state in rows),
            cards=len(world.sink.cards),
            duplicates=duplicates,
            missing=events - len(seen),
            kills=kills,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    count = run(options.kills, options.events, options.seed)
    print(count)
    return 0 if count.holds else 1


if __name__ == "__main__":
    sys.exit(main())
