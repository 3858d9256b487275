"""Crash injection for delivery: dispatchers and writers are killed at chosen points and at random, then it is counted.

What must hold: every alert of a committed event is told, and no kill costs more than one duplicate, which names the
same event. Run in full: `python -m tests.crash.dispatch_crash --kills 200`; it also runs the loops that must not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Any

from tests.support.daemon_process import ROOT, clean_environment, eventually
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import Reply, TeamsSink, UpstreamServer
from tests.upstreams.teams import events_on

# The smallest deadline gives the shortest lease: what a killed dispatcher held is told after it.
TIMEOUT = "0.3"
LEASE_SECONDS = 7.3
DISPATCH_POINTS = ("after_claim", "during_http", "before_mark")
_CHANNELS = ("cex", "defi", "stablecoin")


class Nursery:
    """Starts processes that may be killed; ends those that are left."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.support.dispatcher_child"],
            cwd=ROOT,
            env=clean_environment({"DJANGO_SETTINGS_MODULE": "crypto_ews.settings", **environment}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running: set[int] = set()

    def start(self, role: str, **options: Any) -> int:
        assert self._zygote.stdin is not None and self._zygote.stdout is not None
        self._zygote.stdin.write(json.dumps({"role": role, **options}) + "\n")
        self._zygote.stdin.flush()
        pid = int(self._zygote.stdout.readline())
        self._running.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        os.kill(pid, SIGKILL)
        self.wait(pid)

    def wait(self, pid: int, seconds: float = 15.0) -> None:
        """Until a process has ended, by itself or by a kill."""
        eventually(lambda: not Path(f"/proc/{pid}").exists(), seconds, f"process {pid} ends")
        self._running.discard(pid)

    def close(self) -> None:
        for pid in list(self._running):
            self.kill(pid)
        assert self._zygote.stdin is not None
        self._zygote.stdin.close()
        self._zygote.wait(10)


@dataclass(frozen=True)
class Count:
    """What a run came to. foreign: cards that name no event of the run."""

    alerts: int
    told: int
    lost: int
    duplicates: int
    kills: int
    foreign: int = 0

    @property
    def holds(self) -> bool:
        return not self.lost and not self.foreign and self.duplicates <= self.kills

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.alerts} alerts: {self.told} events told, {self.lost} lost, "
            f"{self.duplicates} duplicates, {self.foreign} cards of unknown events: "
            f"{'holds' if self.holds else 'DOES NOT HOLD'}"
        )


class Bench:
    """A database with the schema, webhooks, and processes on both."""

    def __init__(self, database_url: str, server: UpstreamServer) -> None:
        self.server = server
        self.sinks = {channel: TeamsSink(server, path=f"/workflows/{channel}") for channel in _CHANNELS}
        hooks = {f"{channel.upper()}_WEBHOOK_URL": sink.url for channel, sink in self.sinks.items()}
        self.nursery = Nursery({"DATABASE_URL": database_url, "TIMEOUT": TIMEOUT, "LOG_LEVEL": "ERROR", **hooks})
        self.kills = 0

    def queue(self, number: int, category: str = "delisting") -> None:
        """So many events with their alerts, in one transaction."""
        from django.db import transaction
        from django.utils import timezone

        from tests.alerts.factories import make_event, tell

        with transaction.atomic():
            for _ in range(number):
                tell(make_event(category), now=timezone.now())

    def kill(self, pid: int) -> None:
        self.nursery.kill(pid)
        self.kills += 1

    def dies(self, role: str, **options: Any) -> None:
        """A process that kills itself at its fault."""
        self.nursery.wait(self.nursery.start(role, **options))
        self.kills += 1

    def at_every_point(self) -> None:
        """A kill at each point of the way, each on a channel of its own; what they held waits for its lease."""
        self.dies("producer", key="crash:before", fault="before_commit")
        # The next cycle reads the same news.
        self.nursery.wait(self.nursery.start("producer", key="crash:before"))
        self.dies("producer", key="crash:after", fault="after_commit")
        self.nursery.wait(self.nursery.start("producer", key="crash:after"))
        for channel, category, point in zip(_CHANNELS, ("delisting", "hack", "depeg"), DISPATCH_POINTS, strict=True):
            self.queue(1, category)
            if point == "during_http":
                sink = self.sinks[channel]
                sink.answers(Reply(status=202, delay=5), 202)
                pid = self.nursery.start("worker", channel=channel)
                sink.wait_for(1, 10)
                self.kill(pid)
            else:
                self.dies("worker", channel=channel, fault=point)

    def at_random(self, kills: int, seed: int, longest: float = 0.5) -> None:
        """Two dispatchers under load, of which one or the other is killed and replaced again and again."""
        chance = random.Random(seed)
        for sink in self.sinks.values():
            sink.answers(Reply(status=202, delay=0.01))
        pair = [self.nursery.start("dispatcher") for _ in range(2)]
        with self.load():
            for _ in range(kills):
                time.sleep(chance.uniform(0.02, longest))
                victim = chance.randrange(2)
                self.kill(pair[victim])
                pair[victim] = self.nursery.start("dispatcher")

    @contextmanager
    def load(self) -> Iterator[None]:
        """Ten alerts a transaction, several times a second."""
        from django.db import connections

        over = threading.Event()
        failures: list[BaseException] = []

        def go_on() -> None:
            try:
                while not over.wait(0.1):
                    self.queue(10)
            except BaseException as error:  # noqa: BLE001 — it is raised in the thread that waits
                failures.append(error)
            finally:
                connections.close_all()

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(30)
        if failures:
            raise failures[0]

    def come_to_rest(self, seconds: float) -> None:
        from alerts.models import Alert

        eventually(
            lambda: not Alert.objects.filter(state__in=["pending", "sending", "grouped"]).exists(),
            seconds,
            "every alert is done",
        )

    def count(self) -> Count:
        """Every alert's event must stand on a card."""
        from alerts.models import Alert

        due = set(Alert.objects.filter(event__isnull=False).values_list("event_id", flat=True))
        # Of a request whose sender was killed within it, the receiver has no card.
        cards = Counter(
            number
            for sink in self.sinks.values()
            for card in sink.cards
            if card.message
            for number in events_on(card.message)
        )
        return Count(
            alerts=len(due),
            told=len(cards.keys() & due),
            lost=len(due - cards.keys()),
            duplicates=sum(count - 1 for count in cards.values()),
            kills=self.kills,
            foreign=len(cards.keys() - due),
        )

    def close(self) -> None:
        self.nursery.close()


@contextmanager
def bench(database_url: str) -> Iterator[Bench]:
    with UpstreamServer() as server:
        one = Bench(database_url, server)
        try:
            yield one
        finally:
            one.close()


def run(database_url: str, kills: int, seed: int, longest: float = 0.5) -> Count:
    """A kill at every point, then so many at random under load."""
    with bench(database_url) as one:
        one.at_every_point()
        one.at_random(kills, seed, longest)
        one.come_to_rest(LEASE_SECONDS + 60)
        return one.count()


def run_naive(database_url: str, mark_first: bool, alerts: int = 60) -> Count:
    """The same against two naive loops, of which one is killed between its two steps."""
    with bench(database_url) as one:
        one.queue(alerts)
        one.sinks["cex"].answers(Reply(status=202, delay=0.01))
        one.dies("naive", channel="cex", mark_first=mark_first, fault="between")
        pair = [one.nursery.start("naive", channel="cex", mark_first=mark_first) for _ in range(2)]
        one.come_to_rest(60)
        del pair
        return one.count()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    results = []
    with own_database() as url:
        from django.core.management import call_command

        count = run(url, options.kills, options.seed)
        print(f"dispatchers: {count}", flush=True)
        results.append(count.holds)
        for mark_first, name in ((False, "send, then mark"), (True, "mark, then send")):
            call_command("flush", verbosity=0, interactive=False)
            count = run_naive(url, mark_first)
            print(f"naive loop ({name}): {count}", flush=True)
            results.append(not count.holds)
    return 0 if all(results) else 1


@contextmanager
def own_database() -> Iterator[str]:
    """A throw-away cluster with the schema, which this process's Django is connected to."""
    with ThrowawayCluster() as url:
        os.environ.update(DATABASE_URL=url, EWS_ENV_FILE="", LOG_LEVEL="ERROR")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        try:
            yield url
        finally:
            connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
