"""Kills the daemon again and again while events are recorded, then counts.

Run: `python -m tests.crash.crashtest --kills 50`.

What must hold: every published notice is an event, every event has its alert, every alert was delivered, and no kill
cost more than one duplicate.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg2

from tests.support.daemon_process import DaemonProcess, eventually, manage
from tests.support.loopback import loopback_environment
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import Reply, TeamsSink, UpstreamServer
from tests.upstreams.binance import Article, announcement_site
from tests.upstreams.binance_instruments import coinm_symbol, instrument_site, spot_symbol, usdm_symbol

# A channel accepts thirty cards a minute: what is queued at the end needs its time.
_SECONDS_PER_CARD = 2.1
# What the notices come through; the other sources would only tell of their missing upstreams.
SOURCES = ("--only", "binance.instruments", "binance.announcements", "binance.edits")


@dataclass(frozen=True)
class Count:
    """What a run came to."""

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


def notices(number: int, over_seconds: float) -> list[tuple[float, Article]]:
    """Delistings of as many coins, with the second after the start at which each appears."""
    started = datetime.now(UTC)
    ends = started + timedelta(days=5)
    found = []
    for index in range(number):
        at = over_seconds * index / max(1, number)
        article = Article(
            f"Binance Will Delist COIN{index} on {ends:%Y-%m-%d}",
            started + timedelta(seconds=at),
            (
                f"Binance will delist COIN{index} and cease trading on the following spot trading pairs at "
                f"{ends:%Y-%m-%d} 03:00 (UTC): COIN{index}/USDT",
            ),
        )
        found.append((at, article))
    return found


def run(kills: int, events: int, seed: int, shortest: float = 0.5, longest: float = 7.0) -> Count:
    """One crash test on a throw-away cluster. Bounded: raises AssertionError where it does not come to rest."""
    random_source = random.Random(seed)
    lifetimes = [random_source.uniform(shortest, longest) for _ in range(kills)]
    with ThrowawayCluster() as database_url, UpstreamServer() as server:
        sink = TeamsSink(server)
        # As slow as the real one, so that kills land in mid-delivery too.
        sink.answers(Reply(status=202, delay=0.3))
        coins = [f"COIN{index}" for index in range(events)]
        site = announcement_site(server)
        instrument_site(
            server,
            spot=[spot_symbol(f"{coin}/USDT") for coin in [*coins, "BTC"]],
            usdm=[usdm_symbol("BTC/USDT")],
            coinm=[coinm_symbol("BTC")],
        )
        environment = loopback_environment(
            server,
            DATABASE_URL=database_url,
            SPOT_CURRENCIES=" ".join(coins),
            CEX_WEBHOOK_URL=sink.url,
            UPDATE_REFRESH_INCREMENT_MINS="0.02",
            LOG_LEVEL="WARNING",
        )
        manage("migrate", "--verbosity", "0", environment=environment)
        begun = server.elapsed
        # Starting takes a second or two of each life: the notices come while daemons live and die.
        for at, article in notices(events, over_seconds=sum(lifetimes)):
            site.publish(article, at=begun + at)
        for lifetime in lifetimes:
            with DaemonProcess(environment, *SOURCES) as daemon:
                time.sleep(lifetime)
                daemon.kill()
        connection = psycopg2.connect(database_url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor, DaemonProcess(environment, *SOURCES) as daemon:

                def unfinished() -> int:
                    cursor.execute("SELECT count(*) FROM events_event WHERE source = 'binance'")
                    recorded = cursor.fetchone()
                    cursor.execute("SELECT count(*) FROM alerts_alert WHERE state IN ('pending', 'sending', 'grouped')")
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
        for card in sink.cards:
            told = {coin for coin in coins if f"Delist {coin} " in card.text}
            # A list that comes twice is one card too many, like any other.
            duplicates += bool(told) and told <= seen
            seen |= told
        return Count(
            published=events,
            events=len({event for event, _ in rows}),
            alerts=sum(state is not None for _, state in rows),
            unsent=sum(state not in (None, "sent", "digested") for _, state in rows),
            cards=len(sink.cards),
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
