"""Replay: recorded payloads through the production path with a virtual clock.

At each payload's `received_at` the sources that read it run, with the payloads recorded by then as their upstream. A
round that requests several URLs gets the answers that follow, and its time is that of the last of them, as in the
daemon. `expire` and the registered timers run on each minute of virtual time at which one of them is due. Which source
reads which payloads is learnt from its requests, so a new source needs no line here. Nothing is sent: no dispatcher
runs, and alerts are read from the outbox.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Min

from crypto_ews.conf import Config
from events import registry
from events.enums import Status
from events.lifecycle import expire
from events.models import QuarantinedItem, SourceHealth, TokenRisk, plain_events
from events.replay.timeline import ITEM_SOURCES, Seen, Timeline, asked_for
from events.updater import EventUpdater
from events.upstream.archive_file import RecordedPayload
from events.upstream.client import NOT_FOUND_STATUSES, Payload
from events.upstream.errors import PermanentError, RetryableError, UpstreamError
from markets.models import Instrument
from markets.versions import version_of

logger = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
# Sources for which an unchanged answer is skipped. Of prices, depths and instruments every payload is a sample.
_ANNOUNCING = (".announcements", ".article", ".hacks", ".bridge_hacks", ".stablecoins", ".rates")
# Sources whose result also depends on the known instruments: skipped while these have not changed either.
_STATES_BY_INSTRUMENTS = (".status",)
# How often all sources are tried for payloads that none of them has requested so far.
_DISCOVERIES = 3


class NotRecorded(UpstreamError):
    """The archive has no answer to a request at that moment."""


class VirtualClock:
    """The time of one source: that of the last payload it was given."""

    def __init__(self) -> None:
        self.at = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward_to(self, moment: datetime) -> None:
        self.at = max(self.at, moment)


class ReplayFetcher:
    """A `Fetcher` that answers requests from the archive."""

    def __init__(self, timeline: Timeline, clock: VirtualClock) -> None:
        self._timeline, self._clock = timeline, clock
        self.clock_skew: float | None = None
        self.sources: set[str] = set()
        self.missing: set[str] = set()
        self.seen = Seen()
        self.served: list[RecordedPayload] = []
        self.refused: list[UpstreamError] = []

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        """The recorded answer. Raises NotRecorded, or the error that the recorded status means."""
        self.sources.add(source)
        try:
            return self._answer(source, url, params)
        except UpstreamError as error:
            self.refused.append(error)
            raise

    def _answer(self, source: str, url: str, params: Mapping[str, str] | None) -> Payload:
        recorded = self._timeline.answer(source, asked_for(url, params), self._clock(), self.seen)
        if recorded is None:
            self.missing.add(source)
            raise NotRecorded(source, url, "the archive has no answer to this request")
        self._clock.forward_to(recorded.received_at)
        message = f"it answered {recorded.status}"
        if recorded.status in (408, 418, 429) or recorded.status >= 500:
            raise RetryableError(source, recorded.url, message)
        if not 200 <= recorded.status < 300:
            not_found = recorded.status in NOT_FOUND_STATUSES
            raise PermanentError(source, recorded.url, message, not_found=not_found)
        self.served.append(recorded)
        # Not `archived_as`: bodies stay in the archive's file, and no row of the replay's database may refer to them.
        return Payload(
            source,
            recorded.url,
            recorded.status,
            {},
            recorded.body,
            recorded.received_at,
            duration=0.0,
            clock_skew=None,
        )


@dataclass(frozen=True)
class ParseFailure:
    """A payload whose parse raised."""

    payload: RecordedPayload
    error: str


@dataclass(frozen=True)
class ViewChange:
    """Tokens that entered or left the view at a moment of virtual time."""

    at: datetime
    added: Sequence[str]
    removed: Sequence[str]


@dataclass
class Replayed:
    """The result of a replay, beside the rows that it left in its database.

    unread: number of payloads that no source requests, by their source. unanswered: sources without any payload in the
    archive.
    """

    payloads: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    failures: list[ParseFailure] = field(default_factory=list)
    view: list[ViewChange] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)


@dataclass
class _Source:
    updater: EventUpdater
    fetcher: ReplayFetcher
    clock: VirtualClock
    tried: bool = False


class Replay:
    """One replay into the default database, which must be empty except for the schema."""

    def __init__(self, config: Config, payloads: Iterator[RecordedPayload]) -> None:
        self._config = config
        self._timeline = Timeline(payloads)
        self._sources = [self._source(config, factory) for factory in registry.replayed_factories().values()]
        self._discoveries: Counter[str] = Counter()
        self._takers: dict[str, _Source] = {}
        self._expired_until: datetime | None = None
        self._view_seq: int | None = None
        self._quarantine_mark: object = None
        self._known: dict[str, object] = {}
        self._view: frozenset[str] = frozenset()
        self.result = Replayed()

    def _source(self, config: Config, factory: registry.UpdaterFactory) -> _Source:
        clock = VirtualClock()
        fetcher = ReplayFetcher(self._timeline, clock)
        # A copy: sources share answers through one configuration object, but here each has its own time.
        return _Source(factory(replace(config), fetcher, clock), fetcher, clock)

    def run(self, until: datetime | None = None) -> Replayed:
        """Play every payload, then advance the time to `until`."""
        while (step := self._timeline.advance()) is not None:
            payload, previous = step
            self._pass_time(payload.received_at)
            self.result.payloads += 1
            self.result.first_at = self.result.first_at or payload.received_at
            self.result.last_at = payload.received_at
            if not self._is_unchanged(payload, previous):
                self._play(payload)
        if until is not None:
            self._pass_time(until)
        recorded = self._timeline.sources
        self.result.unanswered = [
            source.updater.name
            for source in self._sources
            if not source.fetcher.seen.last and not any(self._reads(source, name) for name in recorded)
        ]
        return self.result

    def _is_unchanged(self, payload: RecordedPayload, previous: RecordedPayload | None) -> bool:
        if payload.source.endswith(_ANNOUNCING):
            return _is_same_content(payload, previous)
        if payload.source.endswith(_STATES_BY_INSTRUMENTS):
            known, now_known = self._known.get(payload.source), version_of(Instrument)
            self._known[payload.source] = now_known
            return known == now_known and _is_same_content(payload, previous)
        return False

    def _play(self, payload: RecordedPayload) -> None:
        name = payload.source
        self._end_back_off(name)
        played = [source for source in self._sources if self._reads(source, name)]
        self._give(payload, played)
        if any(name in source.fetcher.sources for source in played):
            return
        # No source is known to read this: try those that were never tried, then all.
        untried = [source for source in self._sources if not source.tried and source not in played]
        for source in untried:
            self._run(source, payload)
        if any(name in source.fetcher.sources for source in untried):
            return
        if self._discoveries[name] == _DISCOVERIES:
            self.result.unread[name] += 1
            return
        self._discoveries[name] += 1
        for source in self._sources:
            if source not in played and source not in untried:
                self._run(source, payload)

    def _give(self, payload: RecordedPayload, readers: Sequence[_Source]) -> None:
        """Run the readers, except those that got the payload already as a later answer of their round.

        An article has one reader: the others would only find it known.
        """
        one_is_enough = payload.source.endswith(ITEM_SOURCES)
        if one_is_enough:
            readers = sorted(readers, key=lambda source: source is not self._takers.get(payload.source))
        if one_is_enough and any(source.fetcher.seen.has(payload) for source in readers):
            return
        for source in readers:
            if source.fetcher.seen.has(payload):
                continue
            self._run(source, payload)
            if one_is_enough and source.fetcher.seen.has(payload):
                self._takers[payload.source] = source
                break

    def _end_back_off(self, name: str) -> None:
        """An answer was recorded, so the source was polled then, and its back-off in the replay must end."""
        missing = [source for source in self._sources if name in source.fetcher.missing]
        if missing:
            SourceHealth.objects.filter(pk=name).update(next_attempt_at=None)
        for source in missing:
            source.fetcher.missing.discard(name)

    @staticmethod
    def _reads(source: _Source, name: str) -> bool:
        """Whether a source reads payloads of this name, by its requests so far or by its name."""
        reader = source.updater.name
        if name in source.fetcher.sources or name == reader or name.startswith(f"{reader}."):
            return True
        # A source that reads articles again has no request while there is no such article.
        exchange = name.partition(".")[0]
        return name.endswith(".article") and not source.fetcher.sources and reader.startswith(f"{exchange}.")

    def _run(self, source: _Source, payload: RecordedPayload) -> None:
        source.tried = True
        mark = self._quarantine_mark
        source.clock.forward_to(payload.received_at)
        source.fetcher.served.clear()
        source.fetcher.refused.clear()
        started = source.clock()
        try:
            source.updater.run(even_if_backing_off=True)
        except Exception as error:
            # A fault of ours: it is reported and the replay goes on, as the daemon does.
            logger.exception("%s failed on the payload of %s", source.updater.name, payload.received_at)
            self.result.failures.append(ParseFailure(payload, f"internal error: {type(error).__name__}: {error}"))
        else:
            seq, self._quarantine_mark = _progress_marks()
            self._note_failures(source, payload, started, mark != self._quarantine_mark)
            self._note_view(source.clock(), seq)

    def _note_failures(self, source: _Source, payload: RecordedPayload, started: datetime, quarantined: bool) -> None:
        refused = {id(error) for error in source.fetcher.refused}
        errors = [(error.source, str(error)) for error in source.updater.failures if id(error) not in refused]
        if quarantined:
            errors += self._quarantined(source, started)
        for (upstream, text), count in Counter(errors).items():
            # A payload that cannot be read fails again while it is the latest of its URL: it counts once.
            known = [f for f in self.result.failures if f.error == text and self._timeline.is_latest(f.payload)]
            if count <= len(known):
                continue
            served = [recorded for recorded in source.fetcher.served if recorded.source == upstream]
            blamed = payload if payload in served or not served else served[-1]
            if not any(f.payload is blamed for f in self.result.failures):
                self.result.failures.append(ParseFailure(blamed, text))

    @staticmethod
    def _quarantined(source: _Source, started: datetime) -> list[tuple[str, str]]:
        """Schema drifts that a source quarantined, of an article or a currency: upstream and error."""
        served = {recorded.source for recorded in source.fetcher.served}
        items = QuarantinedItem.objects.filter(
            source=source.updater.name, last_at__gte=started, last_at__lte=source.clock(), resolved_at=None
        )
        texts = [text for text in items.order_by("id").values_list("error", flat=True) if ": expected " in text]
        return [(name, text) for text in texts for name in sorted(served) if text.startswith(f"{name}: ")]

    def _pass_time(self, now: datetime) -> None:
        """Run `expire` and the timers on every minute up to `now` at which one of them is due."""
        if self._expired_until is None:
            self._expired_until = now.replace(second=0, microsecond=0)
        while self._expired_until + _MINUTE <= now:
            due = self._next_due()
            if due is None:
                break
            minute = max(_minute_from(due), self._expired_until + _MINUTE)
            if minute > now:
                break
            expire(minute)
            for timer in registry.timers():
                timer.run(self._config, minute)
            self._expired_until = minute
            self._note_view(minute, _progress_marks()[0])
        self._expired_until = max(self._expired_until, now.replace(second=0, microsecond=0))

    def _next_due(self) -> datetime | None:
        assert self._expired_until is not None, "time begins with the first payload"
        step = plain_events().filter(status=Status.OPEN).aggregate(due=Min("step_due_at"))["due"]
        timers = [timer.next_due(self._config, self._expired_until) for timer in registry.timers()]
        return min((at for at in (step, *timers) if at is not None), default=None)

    def _note_view(self, at: datetime, seq: int) -> None:
        if seq == self._view_seq:
            return
        self._view_seq = seq
        view = frozenset(TokenRisk.objects.values_list("token", flat=True))
        if view != self._view:
            self.result.view.append(ViewChange(at, sorted(view - self._view), sorted(self._view - view)))
        self._view = view


def _progress_marks() -> tuple[int, object]:
    """The number of refreshes of the view, and a value that changes with each quarantined item. Read per round."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT seq FROM token_risk_view_status), (SELECT (count(*), sum(attempts), max(last_at))::text"
            " FROM events_quarantineditem)"
        )
        seq, mark = cursor.fetchone()
    return seq, mark


def _is_same_content(payload: RecordedPayload, previous: RecordedPayload | None) -> bool:
    return previous is not None and (payload.body, payload.status) == (previous.body, previous.status)


def _minute_from(moment: datetime) -> datetime:
    """The full minute at or after a moment."""
    minute = moment.replace(second=0, microsecond=0)
    return minute if minute == moment else minute + _MINUTE
