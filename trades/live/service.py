"""The volume tracker as a service of the leading daemon: a step a minute for every venue whose minutes are stored.

It reads minutes from the database, whichever process counts them, and goes on after a restart where it was. A minute
counts as done with its tracker rows; what it found was stored before, and storing it again changes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import close_old_connections, connection
from django.db.models import Max

from crypto_ews.conf import Config
from events import clock
from events.clock import is_untrusted
from events.database.table_writer import UNAVAILABLE
from events.models import SourceHealth
from events.upstream import archive
from events.upstream.client import Payload
from events.upstream.errors import RetryableError
from trades.daily.pairs import stored_pairs
from trades.detection.observations import SOURCE, VolumeObservations
from trades.detection.updater import VolumeEventUpdater
from trades.live.keys import KeysInForce, keys_in_force
from trades.live.tracked import TrackedVenue
from trades.models import VolumeJob
from trades.storage.tracker import TrackerRows

if TYPE_CHECKING:
    from threading import Event as StopFlag

logger = logging.getLogger(__name__)

TURN_SECONDS = 0.5
IDLE_SECONDS = 5.0
_PAIRS_SECONDS = 60.0
_MAINTAIN_SECONDS = 3600.0
_LONGEST_WAIT_SECONDS = 30.0

_services: list[VolumeService] = []


def volume_gauges() -> dict[str, float]:
    """For /metrics, where the tracker runs in this process."""
    return {f"volume_{name}": value for service in list(_services) for name, value in service.gauges().items()}


class ObservationFetcher:
    """A `Fetcher` whose upstream is this process: it archives its answers like the one for the network."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.next: VolumeObservations | None = None
        self.clock_skew: float | None = None

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        """The minute to be looked at. Raises RetryableError where there is none."""
        if self.next is None:
            raise RetryableError(source, url, "the tracker has no new minute")
        payload = Payload(source, url, 200, {}, self.next.to_json(), self._now(), 0.0, None)
        return replace(payload, archived_as=archive.store(payload))


class VolumeService:
    """now: aware UTC."""

    def __init__(self, config: Config, now: Callable[[], datetime] = clock.now) -> None:
        self._config, self._now = config, now
        self.venues: dict[str, TrackedVenue] = {}
        self._rows = TrackerRows()
        self._fetcher = ObservationFetcher(now)
        self._updater = VolumeEventUpdater(config, self._fetcher, now)
        self._keys = KeysInForce((), (), False)
        self._noted: tuple[str, ...] = ()
        self._looked_at = self._maintained_at = -float("inf")
        self._benchmark_at: datetime | None = None
        self._seconds = 0.0

    def gauges(self) -> dict[str, float]:
        venues = list(self.venues.values())
        last = [venue.close_ms for venue in venues if venue.close_ms is not None]
        now_ms = self._now().timestamp() * 1000
        return {
            "instruments": sum(len(venue.pairs) for venue in venues),
            "minutes": sum(venue.ticks for venue in venues),
            "minutes_corrected": sum(venue.corrected for venue in venues),
            "seconds_behind": max(((now_ms - close) / 1000 for close in last), default=0.0),
            "last_turn_seconds": self._seconds,
            "unreadable_keys": len(self._keys.faults),
        }

    def run(self, stop: StopFlag) -> None:
        """Track until `stop` is set. Blocks: it needs a thread of its own."""
        wait, unavailable = TURN_SECONDS, False
        self._updater.stop = stop
        _services.append(self)
        try:
            while not stop.wait(wait):
                close_old_connections()
                try:
                    self.work()
                except UNAVAILABLE as error:
                    if not unavailable:
                        logger.error("the volume tracker waits for the database: %s", str(error).strip())
                    unavailable, wait = True, min(2 * wait, _LONGEST_WAIT_SECONDS)
                    connection.close()
                    continue
                if unavailable:
                    logger.info("the volume tracker goes on")
                unavailable, wait = False, TURN_SECONDS if self.venues else IDLE_SECONDS
        finally:
            _services.remove(self)
            connection.close()

    def work(self) -> int:
        """One turn: the minutes that are ready; how many. Raises DatabaseError."""
        if not clock.is_settled():
            return 0
        self._look()
        began = time.monotonic()
        taken = sum(venue.work(self._keys) for venue in list(self.venues.values()))
        if taken:
            self._seconds = time.monotonic() - began
            self._note_faults()
        return taken

    def _look(self) -> None:
        """Pairs, keys and the benchmark, once a minute."""
        steady = time.monotonic()
        if steady - self._looked_at < _PAIRS_SECONDS:
            return
        now = self._now()
        found = {
            venue: tracked
            for venue, pairs in stored_pairs(self._config, now).items()
            if (tracked := [pair for pair in pairs if pair.tracked])
        }
        self.venues = {
            venue: known
            if (known := self.venues.get(venue)) is not None and known.pairs == pairs
            else TrackedVenue(venue, pairs, self._rows, self._detect, self._now)
            for venue, pairs in found.items()
        }
        self._keys = keys_in_force(self._config)
        made = VolumeJob.objects.aggregate(last=Max("finished_at"))["last"]
        if made != self._benchmark_at:
            self._benchmark_at = made
            for venue in self.venues.values():
                venue.outdated()
        if self.venues and steady - self._maintained_at >= _MAINTAIN_SECONDS:
            # A clock that may be wrong drops nothing.
            self._rows.maintain(now, self._config.volume_keep_days, drop=not is_untrusted())
            self._maintained_at = steady
        self._looked_at = steady

    def _detect(self, observations: VolumeObservations) -> None:
        self._fetcher.next = observations
        try:
            report = self._updater.run(even_if_backing_off=True)
        finally:
            self._fetcher.next = None
        if report is not None and not report.ok:
            logger.error("%s", report)

    def _note_faults(self) -> None:
        """Unreadable keys: once in the log, and on the row of health as long as there are any."""
        faults = tuple(map(str, self._keys.faults))
        if faults != self._noted:
            for fault in faults:
                logger.error("volume: %s; the other keys go on", fault)
            if self._noted and not faults:
                SourceHealth.objects.filter(pk=SOURCE).update(last_error="", last_error_at=None)
            self._noted = faults
        if faults:
            SourceHealth.objects.filter(pk=SOURCE).update(
                last_error="\n".join(faults), last_error_at=clock.as_database(self._now())
            )


def run(config: Config, stop: StopFlag) -> None:
    """The daemon's service. After an unexpected error the tracker starts again from what is stored."""
    while not stop.is_set():
        try:
            VolumeService(config).run(stop)
        except Exception:
            logger.exception("the volume tracker failed; it starts again in %g s", IDLE_SECONDS)
            stop.wait(IDLE_SECONDS)
