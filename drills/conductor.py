"""Plays a crisis: runs the sources, timers and steps of a leading daemon in the time of the crisis.

Around a chapter, and around a step that is due, every source runs on its own interval. In the quiet between, where a
round would find what the round before found, all of them run every `QUIET`: what they see is the same, and a day is
played in minutes.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event as StopFlag

from django.db import connection
from django.db.models import Min, Q

from alerts.models import Alert
from alerts.outbox import NOTIFY_CHANNEL
from crypto_ews.conf import Config
from drills.answers import LATEST_CARD, Happened, answer_to
from drills.bot import DrillBot
from drills.crises.crisis import Chapter, Crisis
from drills.crisis_clock import CrisisClock
from drills.receiver import Mailbox
from drills.upstreams.world import SOURCES, World
from events import registry
from events.daemon.clock_watch import beat
from events.daemon.process import USER_AGENT, build_updaters
from events.enums import Status
from events.lifecycle import expire
from events.models import plain_events
from events.sources import health
from events.updater import Cycle, EventUpdater, read_through
from events.upstream.client import HttpClient

logger = logging.getLogger(__name__)

CALM = timedelta(minutes=2)
"""How long the drill watches before the crisis, so that each source has answered and prices have a past."""
QUIET = timedelta(minutes=20)
_BEFORE, _AFTER = timedelta(minutes=2), timedelta(minutes=6)
_STEP_AFTER = timedelta(minutes=2)
_DELIVERED_WITHIN = 20.0
# The canary is no part of a crisis, drills do not start drills, and nobody anchors the ledger of a drill.
_NOT_HERE = frozenset({"canary", "drills", "ledger"})
_SHORTEST = 15.0
_MARK = "DRILL · "


@dataclass
class _Job:
    name: str
    work: Callable[[], object]
    every: timedelta
    due: datetime


@dataclass
class Conductor:
    """One drill in the default database, whose schema and clock are ready. happened: in order.

    lasts: how long the crisis is played, from its first chapter.
    """

    config: Config
    crisis: Crisis
    lasts: timedelta
    world: World
    clock: CrisisClock
    bot: DrillBot
    mailbox: Mailbox
    stop: StopFlag
    happened: list[Happened] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def play(self) -> None:
        """Ends early when `stop` is set."""
        now = self.clock.now
        client = HttpClient(self.config.request_deadline_seconds, user_agent=USER_AGENT, now=now)
        try:
            updaters = [_marking(updater) for updater in build_updaters(self.config, client, SOURCES, now)]
            began = now()
            for source, seconds in ({u.name: u.interval_seconds for u in updaters} | read_through(updaters)).items():
                health.register(source, seconds, began)
            self._jobs = self._all_jobs(updaters, began)
            begins = began + CALM + timedelta(seconds=random.uniform(0, 60))
            chapters = [(begins + chapter.after, chapter) for chapter in self.crisis.chapters]
            # Nothing is published in step with our polls: each begins at another distance from them.
            befores = [_BEFORE + timedelta(seconds=random.uniform(0, 60)) for _ in chapters]
            self._windows = [(began, begins)]
            self._windows += [(at - before, at + _AFTER) for (at, _), before in zip(chapters, befores, strict=True)]
            ends = begins + self.lasts
            while not self.stop.is_set() and now() < ends:
                next_at = min([ends, self._next_work(), *(at for at, _ in chapters[:1])])
                self.clock.wait_until(next_at, self.stop)
                while chapters and chapters[0][0] <= now():
                    _, chapter = chapters.pop(0)
                    self._turn_to(chapter)
                self._work()
        finally:
            client.close()

    def _turn_to(self, chapter: Chapter) -> None:
        at = self.clock.now()
        logger.info("%s", chapter.what)
        chapter.happens(self.world, at)
        self.happened.append(Happened(chapter, at))

    def _all_jobs(self, updaters: Sequence[EventUpdater], began: datetime) -> list[_Job]:
        timers = [timer for timer in registry.timers() if timer.name not in _NOT_HERE]
        jobs: list[tuple[str, Callable[[], object], float]] = [
            *((timer.name, _timer_work(timer, self.config, self.clock), timer.seconds) for timer in timers),
            *((updater.name, _round(updater, self.failures), updater.interval_seconds) for updater in updaters),
            ("expire", lambda: expire(self.clock.now()), min(60.0, self.config.manager_refresh_minutes * 60)),
            ("stale_sources", lambda: health.mark_stale(self.clock.now()), 15.0),
        ]
        return [_Job(name, work, timedelta(seconds=max(every, _SHORTEST)), began) for name, work, every in jobs]

    def _next_work(self) -> datetime:
        """When something is to be done next: on its interval in a window, else by `QUIET` or at the next window."""
        now = self.clock.now()
        due = plain_events().filter(status=Status.OPEN).aggregate(at=Min("step_due_at"))["at"]
        alert = _next_alert()
        # A step that is long overdue is one that waits for something else.
        steps = [(due, due + _STEP_AFTER)] if due is not None and due > now - _STEP_AFTER else []
        windows = [*self._windows, *steps]
        if self._owes_card(now) or any(begins <= now < ends for begins, ends in windows):
            soonest = min(job.due for job in self._jobs)
        else:
            soonest = min([now + QUIET, *(begins for begins, _ in windows if begins > now)])
        return max(now, min(soonest, alert) if alert is not None else soonest)

    def _owes_card(self, now: datetime) -> bool:
        """Whether the latest chapter waits for its card: the time until then is measured, not skipped."""
        latest = self.happened[-1] if self.happened else None
        if latest is None or not latest.chapter.category or now > latest.at + LATEST_CARD:
            return False
        return answer_to(latest, self.mailbox.cards)[0] is None

    def _work(self) -> None:
        now = self.clock.now()
        quiet = not self._owes_card(now) and not any(begins <= now < ends for begins, ends in self._windows)
        # After a quiet stretch sources are stale, as they never are in the daemon, until all of them have been asked.
        catches_up = quiet or not self.bot.changes or any(now - job.due > job.every for job in self._jobs)
        beat()
        for job in self._jobs:
            if self.stop.is_set():
                return
            if quiet or job.due <= self.clock.now():
                job.work()
                job.due = self.clock.now() + job.every
                if not catches_up:
                    self.bot.ask()
        beat()
        self.bot.ask()
        self.deliver()

    def deliver(self) -> None:
        """Wait until no card is due: its time is real. One that its receiver refused is tried again later."""
        until = time.monotonic() + _DELIVERED_WITHIN
        if not _is_due(self.clock.now()):
            return
        with connection.cursor() as cursor:
            # Workers that wait for a moment that was skipped look again.
            cursor.execute(f"NOTIFY {NOTIFY_CHANNEL}")
        while _is_due(self.clock.now()) and time.monotonic() < until and not self.stop.wait(0.02):
            pass


def _is_due(now: datetime) -> bool:
    due = Q(state=Alert.State.PENDING, due_at__lte=now) | Q(state=Alert.State.SENDING)
    return Alert.objects.filter(due).exists()


def _next_alert() -> datetime | None:
    at: datetime | None = Alert.objects.filter(state=Alert.State.PENDING).aggregate(at=Min("due_at"))["at"]
    return at


def _timer_work(timer: registry.Timer, config: Config, clock: CrisisClock) -> Callable[[], object]:
    return lambda: timer.run(config, clock.now())


def _round(updater: EventUpdater, failures: list[str]) -> Callable[[], None]:
    def run() -> None:
        report = updater.run()
        if report is not None and not report.ok:
            logger.warning("%s", report)
            failures.append(str(report))

    return run


def marked(title: str) -> str:
    """A title that is taken from an event of the drill is marked already."""
    return title if title.startswith(_MARK) else f"{_MARK}{title}"


def _marking(updater: EventUpdater) -> EventUpdater:
    """Let the titles of all that this source reports begin with DRILL: pages, views and rows show them."""
    detect = updater.cycle

    def cycle() -> Cycle:
        found = detect()
        found.drafts = [replace(draft, title=marked(draft.title)) for draft in found.drafts]
        return found

    updater.cycle = cycle  # type: ignore[method-assign]
    return updater
