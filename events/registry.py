"""Registry of what apps contribute from `AppConfig.ready()`: event kinds, sources, services, the alert policy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

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


Application = Callable[[Any, Any, Any], Awaitable[None]]
"""Of ASGI: scope, receive, send."""


class AlertPolicy(Protocol):
    """Queues the alerts of an outcome in the caller's transaction."""

    def __call__(self, outcome: Outcome, now: datetime) -> None: ...


class DaemonService(Protocol):
    """A part of the daemon, e.g. the dispatcher; runs in a thread of its own until `stop` is set."""

    def __call__(self, config: Config, stop: StopFlag) -> None: ...


@dataclass(frozen=True)
class Service:
    """A named daemon service.

    drain: delivers what is queued once and returns, for `runschedulers --once`. on_request: the service runs only where
    an option of `runschedulers` names it.
    """

    name: str
    run: DaemonService
    drain: Callable[[Config, float], None] | None = None
    on_request: bool = False


@dataclass(frozen=True)
class Timer:
    """Work that time makes due, beside the events' own steps: reminders, repeats.

    run: does what is due by a moment; idempotent, and the next run makes up for a missed one.
    next_due: the earliest moment (possibly past) at which `run` has something to do, or None. Used by a replay, where
    no scheduler calls `run` every `seconds`.
    by_clock: off where `run` does not need a trusted clock, or checks that itself.
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
_gauges: list[Callable[[], Mapping[str, float]]] = []
_readiness: list[ReadinessCheck] = []
_metrics: list[Callable[[datetime], Iterable[Metric]]] = []
_pruners: dict[str, Callable[[datetime], int]] = {}
_timers: dict[str, Timer] = {}
_venue_sources: set[tuple[str, str, str]] = set()
_feeds: list[Callable[[Config], Mapping[str, ContentRule]]] = []
_unseen: dict[str, str] = {}
_fronts: list[Callable[[Application], Application]] = []
_clock_jump_repairs: list[Callable[[Jump], object]] = []


def register_kind(name: str, model: type[Event]) -> None:
    """Record drafts with `kind=name` as events of `model`."""
    _kinds[name] = model


def event_model(kind: str) -> type[Event]:
    """The model of a kind. Raises KeyError that names the kind and the registered ones."""
    if kind not in _kinds:
        raise KeyError(f"event kind {kind!r} is not registered; known: {', '.join(sorted(_kinds))}")
    return _kinds[kind]


def kind_of(model: type[Event]) -> str:
    """The kind under which a model is registered, or its lower-case class name."""
    return next((name for name, known in _kinds.items() if known is model), model.__name__.lower())


def register_updater(name: str, factory: UpdaterFactory, scheduled: bool = True) -> None:
    """Add a source to `runschedulers` and `replay`. factory: usually the updater's class.

    scheduled: off for a source whose payloads come from the daemon itself, which runs it.
    """
    (_updaters if scheduled else _unscheduled)[name] = factory


def updater_factories() -> dict[str, UpdaterFactory]:
    """The sources that are polled on a schedule."""
    return dict(_updaters)


def replayed_factories() -> dict[str, UpdaterFactory]:
    """All sources: a replay reads whatever the archive has."""
    return _updaters | _unscheduled


def register_service(service: Service) -> None:
    _services[service.name] = service


def services() -> list[Service]:
    return list(_services.values())


def register_alert_policy(policy: AlertPolicy) -> None:
    """Set the alert policy; there is one, and a later call replaces it."""
    _policy[:] = [policy]


def alert_policy() -> AlertPolicy | None:
    return _policy[0] if _policy else None


def register_gauges(read: Callable[[], Mapping[str, float]]) -> None:
    """Add an app's gauges for /healthz and /metrics, such as the count of queued alerts."""
    _gauges.append(read)


def gauges() -> dict[str, float]:
    """The gauges of every app, read now: name → value."""
    return {name: value for read in _gauges for name, value in read().items()}


def register_readiness(check: ReadinessCheck) -> None:
    """Add an app's check for /readyz, such as that no alert is queued for long."""
    _readiness.append(check)


def readiness_checks() -> list[ReadinessCheck]:
    return list(_readiness)


def register_metrics(read: Callable[[datetime], Iterable[Metric]]) -> None:
    """Add metrics that an app reads from the database for /metrics. Process counters need no registration."""
    _metrics.append(read)


def metrics(now: datetime) -> list[Metric]:
    return [metric for read in _metrics for metric in read(now)]


def register_audit(name: str, prune: Callable[[datetime], int]) -> None:
    """Add an audit trail. prune: deletes rows older than the given moment, and returns how many."""
    _pruners[name] = prune


def audit_trails() -> dict[str, Callable[[datetime], int]]:
    return dict(_pruners)


def register_timer(timer: Timer) -> None:
    """Add a timer for the leading daemon's scheduler, `runschedulers --once`, and replay in virtual time."""
    _timers[timer.name] = timer


def timers() -> list[Timer]:
    return list(_timers.values())


def register_venue_source(venue: str, source: str, role: str) -> None:
    """Declare that `can_trade` needs this source for a venue (`VenueSource`): without it the answer is not fresh.

    venue: as in tickers; empty: every venue for which another source is registered.
    """
    _venue_sources.add((venue, source, role))


def venue_sources() -> frozenset[tuple[str, str, str]]:
    """(venue, source, role); a source of every venue is repeated for each."""
    venues = {venue for venue, _, _ in _venue_sources if venue}
    return frozenset(
        (served, source, role) for venue, source, role in _venue_sources for served in ([venue] if venue else venues)
    )


def register_feeds(rules: Callable[[Config], Mapping[str, ContentRule]]) -> None:
    """Add the content rules of sources that are not updaters but have a row of health: quotes, streams."""
    _feeds.append(rules)


def feed_rules(config: Config) -> dict[str, ContentRule]:
    """Source → content rule, of the sources that are not updaters."""
    return {name: rule for rules in _feeds for name, rule in rules(config).items()}


def note_unseen(source: str, words: str) -> None:
    """Describe what is not seen while this source cannot be read, for its cards."""
    _unseen[source] = words


def unseen(source: str) -> str:
    return _unseen.get(source, "")


def register_front(front: Callable[[Application], Application]) -> None:
    """Put an ASGI application in front of Django's: it answers some paths itself, and passes the others on."""
    _fronts.append(front)


def fronted(application: Application) -> Application:
    """Django's ASGI application behind every front."""
    for front in _fronts:
        application = front(application)
    return application


def register_clock_jump(repair: Callable[[Jump], object]) -> None:
    """Add a repair of times that the wrong clock wrote and that are compared with now; called when our time jumps.

    A repair that raises is called again, so it must be one transaction.
    """
    _clock_jump_repairs.append(repair)


def clock_jump_repairs() -> list[Callable[[Jump], object]]:
    return list(_clock_jump_repairs)
