"""One channel's worker: claim an alert, send it outside any transaction, record what became of it."""

from __future__ import annotations

import logging
import os
import random
import socket
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction

from alerts import outbox
from alerts.channels.base import Answer, Transport
from alerts.delivery import claims, results
from alerts.delivery.claims import Lease, Wait
from alerts.delivery.loading import Read, fallback_message, load_message, read_for
from alerts.delivery.results import Recorded, Result
from alerts.delivery.retry import Decision, Kind, decide
from alerts.models import ChannelState
from alerts.receiver import CONSOLE
from alerts.receivers import all_receivers, where_set
from alerts.rendering.wording import utc_text
from crypto_ews.command_line import command
from events.clock import is_untrusted
from events.enums import AlertReason

if TYPE_CHECKING:
    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)

LEASE_MARGIN = timedelta(seconds=7)
"""Beyond the request's deadline: time to record the answer before somebody else takes the alert."""

BATCH = 100
"""So many are claimed at a time where the channel has no pace; each is recorded before the next one is sent."""
STALE_AFTER = timedelta(seconds=1)
"""What was claimed before is given back: newer cards and more urgent ones have come, and the lease has to last."""

_FAULTS = (RuntimeError, LookupError, TypeError, ValueError, AttributeError)

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Step:
    """What one look at the queue did: an attempt that was decided, or a wait."""

    decision: Decision | None = None
    wait: Wait | None = None


class ChannelWorker:
    """Delivers one channel's alerts one after another. Used by one thread."""

    def __init__(
        self,
        channel: str,
        transport: Transport,
        config: Config,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.channel = channel
        self._transport = transport
        self._config = config
        self._clock = clock
        self._jitter = jitter
        self._lease = timedelta(seconds=config.request_deadline_seconds) + LEASE_MARGIN
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        self._unrecorded: tuple[Lease, Result] | None = None
        self._in_hand: deque[Lease] = deque()
        self._read: Read | None = None

    def step(self, only: int | None = None) -> Step:
        """Deliver the alert that is first in line, or the one asked for.

        Raises DatabaseError when the database is away. What was sent by then is recorded by the next step before
        anything else.
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
            # What is given up cannot be told any more: never by a clock that may be wrong.
            since=self._clock() if is_untrusted() else taken.since,
            now=self._clock(),
            shrunk=taken.alert.shrunk,
            jitter=self._jitter(),
        )
        result = _result(decision, answer)
        try:
            self._record(taken, result)
        except DatabaseError:
            # It may have been accepted: forgetting that would send it again.
            self._unrecorded = (taken, result)
            raise
        return Step(decision=decision)

    def _next(self, only: int | None) -> Lease | Wait:
        """The next alert of those claimed before, or of a new claim."""
        now = self._clock()
        if self._in_hand and (only is not None or now - self._in_hand[0].claimed_at > STALE_AFTER):
            self._give_back()
        if not self._in_hand:
            holder = f"{self._process}:{uuid.uuid4().hex[:8]}"
            paced = self._transport.paced
            taken = claims.claim(self.channel, holder, now, self._lease, paced=paced, only=only, most=BATCH)
            if isinstance(taken, Wait):
                return taken
            # Where the database goes away between claim and reading, each alert is read for itself.
            self._read = None
            self._in_hand.extend(taken)
            self._read = read_for([claim.alert for claim in taken], self._config)
        return self._in_hand.popleft()

    def _give_back(self) -> None:
        claims.give_back(self._in_hand)
        self._in_hand.clear()

    def close(self) -> None:
        """Give the transport's connections back, and record what could not be recorded, if the database is there."""
        self._transport.close()
        try:
            self._give_back()
        except DatabaseError as error:
            logger.warning("channel %s: what was claimed waits for its lease to end: %s", self.channel, error)
        if self._unrecorded is not None:
            claim, result = self._unrecorded
            try:
                self._record(claim, result)
            except DatabaseError:
                logger.error(
                    "alert %s: its result (%s) could not be recorded; it may be sent twice",
                    claim.alert.pk,
                    result.decision,
                )

    def _deliver(self, claim: Lease) -> Answer:
        """Outside of any transaction: a request would hold its locks for as long as the receiver likes."""
        started = time.monotonic()
        try:
            alert, now = claim.alert, self._clock()
            return self._transport.deliver(load_message(alert, self._config, now, alert.shrunk, self._read))
        except _FAULTS:
            # A card that cannot be made must not stop the channel, nor may its alert be lost.
            logger.exception("alert %s: its card could not be made", claim.alert.pk)
        try:
            return self._transport.deliver(fallback_message(claim.alert, self._config, self._clock()))
        except _FAULTS as error:
            logger.exception("alert %s: nor could a plain one", claim.alert.pk)
            spent = time.monotonic() - started
            return Answer(error="fault", explanation=type(error).__name__, duration_seconds=spent)

    def _record(self, claim: Lease, result: Result) -> None:
        now = self._clock()
        if results.is_one_statement(claim, result):
            recorded = results.finish(claim, result, now)
        else:
            with transaction.atomic():
                recorded = results.finish(claim, result, now)
                self._tell_channel_state(recorded, result, now)
        alert = claim.alert
        what = f"alert {alert.pk} ({alert.reason}, event {alert.event_id}) to {self.channel}"
        outcome = f"{result.decision}: {result.reason}" + (f" ({result.explanation})" if result.explanation else "")
        if result.retry_at:
            outcome += f", again at {result.retry_at:%H:%M:%S} UTC"
        level = {Kind.SENT: logging.INFO, Kind.DEAD: logging.ERROR}.get(Kind(result.decision), logging.WARNING)
        logger.log(level, "%s, attempt %d: %s", what, alert.attempts, outcome)
        if recorded.taken_over:
            logger.warning("%s: the lease had ended, another dispatcher has it and may send it twice", what)

    def _tell_channel_state(self, recorded: Recorded, result: Result, now: datetime) -> None:
        """Say on every way that is left that the channel is suspended, or works again."""
        if recorded.suspended:
            text = (
                f"It answered {result.http_status or result.explanation or 'nothing'} ({result.reason}). Its alerts "
                f"wait and are tried once an hour. Correct its address ({where_set(self.channel)}) and run "
                f"`{command('sendtestalert')} {self.channel}`."
            )
            logger.error("channel %s is suspended. %s", self.channel, text)
            self._tell_others(AlertReason.OPENED, f"Alert channel {self.channel} is suspended", text, False, now)
        if recorded.resumed:
            text = "What waited in it is being delivered now."
            logger.warning("channel %s works again. %s", self.channel, text)
            self._tell_others(
                AlertReason.CLOSED, f"Alert channel {self.channel} works again", text, True, now, recorded.down_since
            )
            self._tell_what_it_missed(recorded, now)

    def _tell_what_it_missed(self, recorded: Recorded, now: datetime) -> None:
        """Say in a channel that works again which others were suspended meanwhile and still are."""
        down = ChannelState.objects.filter(suspended_at__gte=recorded.down_since, pk__in=all_receivers(self._config))
        for state in down.exclude(pk=self.channel).order_by("suspended_at", "pk"):
            assert state.suspended_at is not None
            text = (
                f"Since {utc_text(state.suspended_at)}: {state.suspended_reason}. Its alerts wait and are tried once "
                f"an hour. Correct its address ({where_set(state.pk)}) and run `{command('sendtestalert')} {state.pk}`."
            )
            title = f"Alert channel {state.pk} is suspended"
            outbox.queue_notice([self.channel], AlertReason.OPENED, title, text, False, now)

    def _tell_others(
        self, reason: str, title: str, text: str, good: bool, now: datetime, heard_since: datetime | None = None
    ) -> None:
        """heard_since: who was suspended after this has heard of the beginning, and so is told of the end, later."""
        # The console has its log line; a channel that is suspended itself would tell it when it is no longer true.
        not_told = ChannelState.objects.filter(suspended_at__isnull=False)
        if heard_since is not None:
            not_told = not_told.filter(suspended_at__lte=heard_since)
        down = set(not_told.values_list("channel", flat=True))
        told = (name for name, receiver in all_receivers(self._config).items() if receiver.kind != CONSOLE)
        others = [channel for channel in told if channel != self.channel and channel not in down]
        outbox.queue_notice(others, reason, title, text, good, now)


def _result(decision: Decision, answer: Answer) -> Result:
    explanation = answer.explanation or (f"HTTP {answer.status}" if answer.status is not None else "")
    return Result(
        decision=decision.kind.value,
        reason=decision.reason,
        explanation=_storable(explanation),
        http_status=answer.status,
        duration_seconds=answer.duration_seconds,
        excerpt=_storable(answer.body),
        retry_at=decision.retry_at,
        pause_until=decision.pause_until,
    )


def _storable(text: str) -> str:
    """PostgreSQL's text takes no NUL, and an answer that cannot be recorded would be asked for again and again."""
    return text.replace("\x00", "\ufffd")
