"""The worker of one channel: lease an alert, send it outside any transaction, record the result."""

from __future__ import annotations

import logging
import os
import random
import socket
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction

from alerts import outbox
from alerts.channels.base import PER_MINUTE, Answer, Transport
from alerts.delivery import claims, results
from alerts.delivery.claims import Lease, Wait
from alerts.delivery.context import DeliveryContext, load_context
from alerts.delivery.loader import fallback_message, load_message
from alerts.delivery.results import Recorded, Result
from alerts.delivery.retry import Decision, Kind, decide
from alerts.models import ChannelState
from alerts.receiver import CONSOLE
from alerts.receivers import all_receivers, where_set
from crypto_ews.command_line import command
from crypto_ews.ui.text import utc_text
from events.clock import is_untrusted
from events.enums import AlertReason
from events.upstream.text import storable

if TYPE_CHECKING:
    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)

LEASE_MARGIN = timedelta(seconds=7)
"""Beyond the deadline of the request: time to record the answer before another worker takes the alert."""

BATCH = 100
"""Alerts leased at a time in a channel without a rate limit; each is recorded before the next one is sent."""
STALE_AFTER = timedelta(seconds=1)
"""Older leases are released: newer or more urgent cards may have been queued, and a lease must outlast its request."""

_POSITIONS = ("You hold", "You are short", '"positions"', '\\"positions\\"')
_REPEATED = "not kept: it repeats the positions that the card names"

_FAULTS = (RuntimeError, LookupError, TypeError, ValueError, AttributeError)

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Step:
    """What one step did: an attempt with its decision, or a wait."""

    decision: Decision | None = None
    wait: Wait | None = None


class ChannelWorker:
    """Delivers the alerts of one channel one after another. Used by one thread.

    kind: of the receiver; decides whether its cards name positions of the desk.
    """

    def __init__(
        self,
        channel: str,
        transport: Transport,
        config: Config,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
        kind: str = "",
    ) -> None:
        self.channel = channel
        self._transport = transport
        self._config = config
        self._clock = clock
        self._jitter = jitter
        self._positions = kind in config.positions_on
        self._lease_for = timedelta(seconds=config.request_deadline_seconds) + LEASE_MARGIN
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        self._unrecorded: tuple[Lease, Result] | None = None
        self._leased: deque[Lease] = deque()
        self._context: DeliveryContext | None = None

    def step(self, only: int | None = None) -> Step:
        """Deliver the first alert in the queue, or the alert `only`.

        Raises DatabaseError if the database is unavailable. The result of an alert that was sent by then is recorded at
        the start of the next step.
        """
        if self._unrecorded is not None:
            self._record(*self._unrecorded)
            self._unrecorded = None
        taken = self._next(only)
        if isinstance(taken, Wait):
            return Step(wait=taken)
        answer = self._deliver(taken)
        decision = decide(
            answer,
            attempts=taken.alert.attempts,
            # Giving up is final, so a clock that may be wrong must not decide it.
            since=self._clock() if is_untrusted() else taken.since,
            now=self._clock(),
            shrunk=taken.alert.shrunk,
            jitter=self._jitter(),
        )
        result = _result(decision, _without_positions(answer) if self._positions else answer)
        try:
            self._record(taken, result)
        except DatabaseError:
            # The alert may have been accepted: losing that result would send it twice.
            self._unrecorded = (taken, result)
            raise
        return Step(decision=decision)

    def _next(self, only: int | None) -> Lease | Wait:
        """The next alert that is leased already, or of a new claim."""
        now = self._clock()
        if self._leased and (only is not None or now - self._leased[0].claimed_at > STALE_AFTER):
            self._release_leased()
        if not self._leased:
            worker_id = f"{self._process}:{uuid.uuid4().hex[:8]}"
            throttled = self._transport.throttled
            taken = claims.claim(
                self.channel,
                worker_id,
                now,
                self._lease_for,
                throttled=throttled,
                only=only,
                most=BATCH,
                per_minute=getattr(self._transport, "per_minute", PER_MINUTE),
            )
            if isinstance(taken, Wait):
                return taken
            # If the database fails between claim and read, each alert is read by itself.
            self._context = None
            self._leased.extend(taken)
            self._context = load_context([lease.alert for lease in taken], self._config, self._positions)
        return self._leased.popleft()

    def _release_leased(self) -> None:
        claims.release_leases(self._leased)
        self._leased.clear()

    def close(self) -> None:
        """Close the transport; release leases and record an unrecorded result, if the database is available."""
        self._transport.close()
        try:
            self._release_leased()
        except DatabaseError as error:
            logger.warning("channel %s: leases could not be released and will expire: %s", self.channel, error)
        if self._unrecorded is not None:
            lease, result = self._unrecorded
            try:
                self._record(lease, result)
            except DatabaseError:
                logger.error(
                    "alert %s: its result (%s) could not be recorded; it may be sent twice",
                    lease.alert.pk,
                    result.decision,
                )

    def _deliver(self, lease: Lease) -> Answer:
        """Send outside any transaction: its locks would last as long as the receiver takes to answer."""
        started = time.monotonic()
        try:
            alert, now = lease.alert, self._clock()
            message = load_message(alert, self._config, now, alert.shrunk, self._context, positions=self._positions)
            return self._transport.deliver(message)
        except _FAULTS:
            # A rendering fault must not stop the channel or lose the alert.
            logger.exception("alert %s: rendering failed", lease.alert.pk)
        if lease.alert.reason == AlertReason.DIGEST:
            # As if the receiver had refused it: its events are sent one by one, but for the one at fault as cards.
            return Answer(error="fault", explanation="it could not be rendered", verdict="refused")
        try:
            return self._transport.deliver(fallback_message(lease.alert, self._config, self._clock()))
        except _FAULTS as error:
            logger.exception("alert %s: rendering failed; the fallback card failed too", lease.alert.pk)
            spent = time.monotonic() - started
            return Answer(error="fault", explanation=type(error).__name__, duration_seconds=spent)

    def _record(self, lease: Lease, result: Result) -> None:
        now = self._clock()
        if results.needs_no_transaction(lease, result):
            recorded = results.record_result(lease, result, now)
        else:
            with transaction.atomic():
                recorded = results.record_result(lease, result, now)
                self._notify_channel_state(recorded, result, now)
        alert = lease.alert
        what = f"alert {alert.pk} ({alert.reason}, event {alert.event_id}) to {self.channel}"
        outcome = f"{result.decision}: {result.reason}" + (f" ({result.explanation})" if result.explanation else "")
        if result.retry_at:
            outcome += f", again at {result.retry_at:%H:%M:%S} UTC"
        level = {Kind.SENT: logging.INFO, Kind.DEAD: logging.ERROR}.get(Kind(result.decision), logging.WARNING)
        logger.log(level, "%s, attempt %d: %s", what, alert.attempts, outcome)
        if recorded.taken_over:
            logger.warning("%s: the lease had expired; another dispatcher leased the alert and may send it twice", what)

    def _notify_channel_state(self, recorded: Recorded, result: Result, now: datetime) -> None:
        """Notify the other channels that this one was suspended or resumed."""
        if recorded.suspended:
            text = (
                f"Its receiver answered {result.http_status or result.explanation or 'nothing'} ({result.reason}). Its "
                f"alerts wait and are tried once an hour. Correct its address ({where_set(self.channel)}) and run "
                f"`{command('sendtestalert')} {self.channel}`."
            )
            logger.error("channel %s is suspended. %s", self.channel, text)
            self._notify_others(AlertReason.OPENED, f"Alert channel {self.channel} is suspended", text, False, now)
        if recorded.resumed:
            text = "Its waiting alerts are being delivered now."
            logger.warning("channel %s works again. %s", self.channel, text)
            self._notify_others(
                AlertReason.CLOSED, f"Alert channel {self.channel} works again", text, True, now, recorded.down_since
            )
            self._notify_other_suspensions(recorded, now)

    def _notify_other_suspensions(self, recorded: Recorded, now: datetime) -> None:
        """Notify a channel that resumed of the others that were suspended meanwhile and still are."""
        down = ChannelState.objects.filter(suspended_at__gte=recorded.down_since, pk__in=all_receivers(self._config))
        for state in down.exclude(pk=self.channel).order_by("suspended_at", "pk"):
            assert state.suspended_at is not None
            text = (
                f"Since {utc_text(state.suspended_at)}: {state.suspended_reason}. Its alerts wait and are tried once "
                f"an hour. Correct its address ({where_set(state.pk)}) and run `{command('sendtestalert')} {state.pk}`."
            )
            title = f"Alert channel {state.pk} is suspended"
            about = _suspension(state.pk)
            outbox.queue_notice([self.channel], AlertReason.OPENED, title, text, False, now, about=about)

    def _notify_others(
        self, reason: str, title: str, text: str, good: bool, now: datetime, known_since: datetime | None = None
    ) -> None:
        """known_since: a channel suspended after this got the notice of the beginning; it gets the end too, later."""
        # The console has its log line; a suspended channel would deliver the notice when it is no longer true.
        suspended = ChannelState.objects.filter(suspended_at__isnull=False)
        if known_since is not None:
            suspended = suspended.filter(suspended_at__lte=known_since)
        down = set(suspended.values_list("channel", flat=True))
        receivers = all_receivers(self._config).items()
        sinks = (name for name, receiver in receivers if receiver.kind != CONSOLE and receiver.follows)
        others = [channel for channel in sinks if channel != self.channel and channel not in down]
        outbox.queue_notice(others, reason, title, text, good, now, about=_suspension(self.channel))


def _suspension(channel: str) -> str:
    """What the notices of its beginning and its end are about: one incident."""
    return f"channel-{channel}"


def _without_positions(answer: Answer) -> Answer:
    """What is stored of an answer that repeats the card: those who may see attempts may not all see positions. A mail
    server repeats what it refuses in its one line, the explanation."""
    body, explanation = (
        _REPEATED if any(words in text for words in _POSITIONS) else text for text in (answer.body, answer.explanation)
    )
    return replace(answer, body=body, explanation=explanation)


def _result(decision: Decision, answer: Answer) -> Result:
    # An answer that PostgreSQL cannot store would be requested for ever.
    explanation = answer.explanation or (f"HTTP {answer.status}" if answer.status is not None else "")
    return Result(
        decision=decision.kind.value,
        reason=decision.reason,
        explanation=storable(explanation),
        http_status=answer.status,
        duration_seconds=answer.duration_seconds,
        excerpt=storable(answer.body),
        retry_at=decision.retry_at,
        pause_until=decision.pause_until,
    )
