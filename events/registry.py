"""Where apps make themselves known from `AppConfig.ready()`: event kinds, sources, services, the alert policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from events.outcomes import Outcome

if TYPE_CHECKING:
    from threading import Event as StopFlag

    from prometheus_client.core import Metric

    from crypto_ews.conf import Config
    from events.clock import Jump
    from events.models import Event
    from events.protocols import Fetcher, ReadinessCheck
    from events.sources.content import ContentRule
    from events.updater import EventUpdater

    UpdaterFactory = Callable[[Config, Fetcher, Callable[[], datetime]], EventUpdater]


class AlertPolicy(Protocol):
    """Queues the alerts of an outcome, in the caller's transaction."""

    def __call__(self, outcome: Outcome, now: datetime) -> None: ...


class DaemonService(Protocol):
    """A part of the daemon that runs in a thread of its own until `stop` is set, e.g. the dispatcher."""

    def __call__(self, config: Config, stop: StopFlag) -> None: ...


@dataclass(frozen=True)
class Service:
    """A named daemon service. `drain` delivers what is queued once and returns, for `runschedulers --once`.

    on_request: it runs only where `runschedulers` is told so.
    """

    name: str
    run: DaemonService
    drain: Callable[[Config, float], None] | None = None
    on_request: bool = False


@dataclass(frozen=True)
class Timer:
    """What time alone brings, beside the events' own steps: reminders, repeats.

    run: takes what is due by a moment; idempotent, so that a missed run is made up for by the next.
    next_due: the earliest moment at which `run` has something to do (it may lie in the past), or None. A replay asks
    it, where no scheduler calls `run` every `seconds`.
    by_clock: off where `run` need not wait for a clock that can be relied on, or sees to that itself.
    """

    name: str
    run: Callable[[Config, datetime], object]
    next_due: Callable[[Config, datetime], datetime | None]
    seconds: float
    by_clock: bool = True


_kinds: dict[str, type[Event]] = {}
_updaters: dict[str, UpdaterFactory] = {}
_unscheduled: dict[str, UpdaterFactory] = {}
_services: dict[str, Service] = {}
_policy: list[AlertPolicy] = []
_health_numbers: list[Callable[[], Mapping[str, float]]] = []
_readiness: list[ReadinessCheck] = []
_metrics: list[Callable[[datetime], Iterable[Metric]]] = []
_pruners: dict[str, Callable[[datetime], int]] = {}
_timers: dict[str, Timer] = {}
_venue_sources: set[tuple[str, str, str]] = set()
_feeds: list[Callable[[Config], Mapping[str, ContentRule]]] = []
_unseen: dict[str, str] = {}
_clock_jump_repairs: list[Callable[[Jump], object]] = []


def register_kind(name: str, model: type[Event]) -> None:
    """Make drafts with `kind=name` events of `model`."""
    _kinds[name] = model


def event_model(kind: str) -> type[Event]:
    """The model of a kind; raises KeyError naming the kind and the known ones."""
    if kind not in _kinds:
        raise KeyError(f"event kind {kind!r} is not registered; known: {', '.join(sorted(_kinds))}")
    return _kinds[kind]


def kind_of(model: type[Event]) -> str:
    """The kind that a model is registered under, or its lower-case class name."""
    return next((name for name, known in _kinds.items() if known is model), model.__name__.lower())


def register_updater(name: str, factory: UpdaterFactory, scheduled: bool = True) -> None:
    """Make a source known to `runschedulers` and `replay`; the class itself will do as `factory`.

    scheduled: off for a source whose payloads come from within the daemon, which runs it by itself.
    """
    (_updaters if scheduled else _unscheduled)[name] = factory


def updater_factories() -> dict[str, UpdaterFactory]:
    """The sources that are asked on a schedule."""
    return dict(_updaters)


def replayed_factories() -> dict[str, UpdaterFactory]:
    """All sources: whatever is in the archive is replayed."""
    return _updaters | _unscheduled


def register_service(service: Service) -> None:
    _services[service.name] = service


def services() -> list[Service]:
    return list(_services.values())


def register_alert_policy(policy: AlertPolicy) -> None:
    """There is one policy; a later one replaces it."""
    _policy[:] = [policy]


def alert_policy() -> AlertPolicy | None:
    return _policy[0] if _policy else None


def register_health_numbers(read: Callable[[], Mapping[str, float]]) -> None:
    """Numbers of an app for /healthz and /metrics, such as queued alerts."""
    _health_numbers.append(read)


def health_numbers() -> dict[str, float]:
    """What every app has to say of itself, read now."""
    return {name: number for read in _health_numbers for name, number in read().items()}


def register_readiness(check: ReadinessCheck) -> None:
    """A check of an app for /readyz, such as that no alert waits for long."""
    _readiness.append(check)


def readiness_checks() -> list[ReadinessCheck]:
    return list(_readiness)


def register_metrics(read: Callable[[datetime], Iterable[Metric]]) -> None:
    """Metrics that an app reads from the database for /metrics. Counters of its own process need no registration."""
    _metrics.append(read)


def metrics(now: datetime) -> list[Metric]:
    return [metric for read in _metrics for metric in read(now)]


def register_audit(name: str, prune: Callable[[datetime], int]) -> None:
    """A trail that is kept for a while: `prune` drops what is older than the moment given, and says how many rows."""
    _pruners[name] = prune


def audit_trails() -> dict[str, Callable[[datetime], int]]:
    return dict(_pruners)


def register_timer(timer: Timer) -> None:
    """Run by the leading daemon's scheduler, by `runschedulers --once`, and by replay in virtual time."""
    _timers[timer.name] = timer


def timers() -> list[Timer]:
    return list(_timers.values())


def register_venue_source(venue: str, source: str, role: str) -> None:
    """Answers of `can_trade` about a venue rest on this source (`VenueSource`): without it they are not fresh.

    venue: as in tickers; empty: every venue that another source is registered for.
    """
    _venue_sources.add((venue, source, role))


def venue_sources() -> frozenset[tuple[str, str, str]]:
    """(venue, source, role), those of every venue written out."""
    venues = {venue for venue, _, _ in _venue_sources if venue}
    return frozenset(
        (place, source, role) for venue, source, role in _venue_sources for place in ([venue] if venue else venues)
    )


def register_feeds(rules: Callable[[Config], Mapping[str, ContentRule]]) -> None:
    """The content rules of sources that are no updaters, and yet have a row of health: quotes, streams."""
    _feeds.append(rules)


def feed_rules(config: Config) -> dict[str, ContentRule]:
    """By source, the rules of those that are no updaters."""
    return {name: rule for rules in _feeds for name, rule in rules(config).items()}


def note_unseen(source: str, words: str) -> None:
    """What nobody sees while this source cannot be read, for its cards."""
    _unseen[source] = words


def unseen(source: str) -> str:
    return _unseen.get(source, "")


def register_clock_jump(repair: Callable[[Jump], object]) -> None:
    """Called when our time was corrected: what was written by the wrong clock and is compared with now must be moved.

    Called again where it raised, so that it must be one transaction.
    """
    _clock_jump_repairs.append(repair)


def clock_jump_repairs() -> list[Callable[[Jump], object]]:
    return list(_clock_jump_repairs)
