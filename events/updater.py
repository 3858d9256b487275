"""`EventUpdater`: the base class of every source. Fetches outside any transaction, records the cycle in one."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Condition
from threading import Event as StopFlag

from django.db import transaction

from crypto_ews.conf import Config
from events import clock
from events.drafts import EventDraft
from events.enums import OutcomeKind
from events.lifecycle import record_many
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources import health
from events.sources.content import ContentRule
from events.sources.content_watch import ContentWatch, Lost, age_header
from events.upstream.client import Payload
from events.upstream.errors import RetryableError, SchemaDrift, UpstreamError

logger = logging.getLogger(__name__)


class Stopping(UpstreamError):
    """The round was aborted because the daemon is stopping; this is no failure of the source."""


@dataclass
class Cycle:
    """The result of one round of a source.

    items: how many items the payloads contained. drafts: recorded in order. on_recorded: called with the outcomes, one
    per draft, in the recording transaction, to persist what must be committed with them. failures: parts that could not
    be read while others could; the cycle is recorded and still counts as failed.
    """

    items: int = 0
    drafts: list[EventDraft] = field(default_factory=list)
    on_recorded: Callable[[Sequence[Outcome]], None] | None = None
    failures: list[UpstreamError] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """The result of one run of a source; `str()` is one line."""

    source: str
    ok: bool
    items: int
    outcomes: Mapping[str, int]
    seconds: float
    error: str = ""

    def __str__(self) -> str:
        if not self.ok:
            return f"{self.source}: FAILED after {self.seconds:.1f} s: {self.error}"
        counted = ", ".join(f"{count} {kind}" for kind, count in self.outcomes.items() if count) or "no events"
        return f"{self.source}: ok, {self.items} items, {counted}, {self.seconds:.1f} s"


class EventUpdater(ABC):
    """One source. Subclasses set `name` and `interval_seconds` and implement `cycle`."""

    name: str
    interval_seconds: float

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        self.config = config
        self.fetcher = fetcher
        self.now = now
        # Set by the daemon: no request and no transaction begins after it.
        self.stop = StopFlag()
        # Errors of the last round; a round may fail in parts.
        self.failures: Sequence[UpstreamError] = ()
        # The round was not recorded, because its clock was wrong or not settled.
        self.put_off = False
        self._idle = Condition()
        self._running = 0
        self._content_watch: ContentWatch | None = None
        # Of the last answer of the round: its age in a cache, and its key in the archive.
        self._cached_seconds: float | None = None
        self._archived_as: str | None = None

    def content(self) -> ContentRule | None:
        """How old this source's content may be, and what it must contain. A test requires one of every source."""
        return None

    @property
    def content_watch(self) -> ContentWatch | None:
        """Checks this source's content by that rule, with the configured bounds."""
        if self._content_watch is None:
            rule = self.content()
            if rule is None:
                return None
            self._content_watch = ContentWatch(self.name, rule.bounded(self.config.content_max_age, self.name))
        return self._content_watch

    def saw(
        self,
        part: str,
        *,
        at: datetime | None = None,
        digest: str | None = None,
        rows: int | None = None,
        names: Collection[str] | None = None,
        asked: str = "",
        lost: Lost | None = None,
    ) -> None:
        """Report the content of the last answer before it is used: `ContentWatch.saw`.

        Raises SchemaDrift where the part's name or most of the rows known before are missing.
        """
        if watch := self.content_watch:
            cached = self._cached_seconds
            watch.saw(
                part,
                self.now(),
                at=at,
                digest=digest,
                rows=rows,
                names=names,
                asked=asked,
                cached_seconds=cached,
                lost=lost,
            )

    def fetch(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        """The answer of `url`. Raises UpstreamError; `Stopping` when the daemon is stopping."""
        if self.stop.is_set():
            raise Stopping(self.name, url, "the daemon is stopping")
        payload = self.fetcher.get(source, url, params)
        self._cached_seconds, self._archived_as = age_header(payload), payload.archived_as
        return payload

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait for the running round to end; returns whether it did."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._running, seconds)

    @abstractmethod
    def cycle(self) -> Cycle:
        """Poll the upstream and detect; writes no event. Raises UpstreamError where no part could be read."""

    def run(self, even_if_backing_off: bool = False) -> Report | None:
        """One round: fetch, detect, record, write the source's health. None where no round was completed."""
        if not even_if_backing_off and not health.is_due(self.name, self.now()):
            return None
        with self._idle:
            self._running += 1
        try:
            return self._round()
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _round(self) -> Report | None:
        started, jumps = time.monotonic(), clock.jumps()
        health.attempted(self.name, self.interval_seconds, self.now())
        watch = self.content_watch
        if watch:
            watch.begin()
        self.failures, self._cached_seconds, self._archived_as = (), None, None
        try:
            cycle = self.cycle()
            self.failures = cycle.failures
            if self.stop.is_set():
                return None
            if not clock.is_settled() or clock.jumps() != jumps:
                # A wrong clock would decide what is too old or over, and those items would never be read again.
                self.put_off = True
                return None
            outcomes = self._record(cycle)
        except Stopping:
            return None
        except UpstreamError as error:
            self.failures = (error,)
            return self._failed([error], started)
        seconds = time.monotonic() - started
        counts = {str(kind): sum(outcome.kind == kind for outcome in outcomes) for kind in OutcomeKind}
        if cycle.failures:
            if watch:
                watch.failed(self.now())
            return replace(self._failed(cycle.failures, started, partly=True), items=cycle.items, outcomes=counts)
        if watch:
            watch.succeeded(self.now(), cycle.items, seconds, self.fetcher.clock_skew)
        else:
            health.succeeded(self.name, self.now(), cycle.items, seconds, self.fetcher.clock_skew)
        return Report(self.name, True, cycle.items, counts, seconds)

    def _record(self, cycle: Cycle) -> list[Outcome]:
        if not cycle.drafts and not cycle.on_recorded:
            return []
        with transaction.atomic():
            outcomes = record_many(cycle.drafts, self.now())
            if cycle.on_recorded:
                cycle.on_recorded(outcomes)
        return outcomes

    def _failed(self, errors: Sequence[UpstreamError], started: float, partly: bool = False) -> Report:
        seconds = time.monotonic() - started
        waits = [error.after for error in errors if isinstance(error, RetryableError) and error.after]
        drift = next((error for error in errors if isinstance(error, SchemaDrift)), None)
        # Every line about the source begins with its name already.
        message = str(drift or errors[0]).removeprefix(f"{self.name}: ")
        health.failed(
            self.name,
            self.now(),
            message,
            seconds,
            max(waits, default=None),
            drift is not None,
            # A round that continued after the error fetched other answers since.
            self._archived_as if drift and not partly else None,
            back_off=not partly,
        )
        return Report(self.name, False, 0, {}, seconds, message)


def read_through(updaters: Sequence[EventUpdater]) -> dict[str, float]:
    """The sources (lists of quotes) that these updaters read besides their own, with the interval in seconds.

    Their rows of health survive a restart: content that was old before it is not fresh because of it.
    """
    found: dict[str, float] = {}
    for updater in updaters:
        rule = updater.content()
        for source in rule.reported_by if rule else ():
            found[source] = min(updater.interval_seconds, found.get(source, updater.interval_seconds))
    return found
