"""Acts on the clock guard in the leading daemon: heartbeat, card, stored state for other processes, repairs."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event as StopFlag
from threading import Lock

from django.db import DatabaseError, InterfaceError, close_old_connections, connection, models, transaction
from django.db.models import F

from events import clock, registry
from events.clock_guard import Clocks, Distrust, Why, database_step, is_new_step
from events.drafts import EventDraft
from events.enums import Category, Status
from events.lifecycle import record
from events.models import ClockState, Heartbeat, SourceHealth, plain_events

logger = logging.getLogger(__name__)

_KEY = "operations:clock:"
_CONFIRMED = f"(SELECT confirmed_by FROM {ClockState._meta.db_table})"
_BEAT = (
    f"INSERT INTO {Heartbeat._meta.db_table} (only_row, beat_at, daemon)"
    " VALUES (true, coalesce(%s, clock_timestamp()), %s)"
    " ON CONFLICT (only_row) DO UPDATE SET beat_at = excluded.beat_at, daemon = excluded.daemon"
)
_FOLLOW_SECONDS = 5.0
_TITLES = {
    Why.STEPPED: "A clock was set",
    Why.DIFFER: "The clocks of this machine and of the database differ",
    Why.WRONG: "The clock is wrong",
}


def beat(at: datetime | None = None) -> None:
    """Write the heartbeat that bots read as `token_risk_view_status.heartbeat_at`.

    at: by the database's clock; None for its present time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [at, f"{socket.gethostname()} {os.getpid()}"])


def is_untrusted() -> bool:
    """Whether irreversible actions must wait: by this process's guard, else by the state that the daemon stored."""
    if clock.installed() is not None:
        return clock.is_untrusted()
    return ClockState.objects.filter(held=True).exists()


class ClockWatch:
    """The clocks of a leading daemon. `beat` is its heartbeat; the main thread may call `look` in between.

    on_step: called once per step of a clock. on_trust: called when deferred actions may run.
    """

    on_step: Callable[[], None]
    on_trust: Callable[[], None]

    def __init__(self, guard: clock.Guard) -> None:
        self.on_step = self.on_trust = lambda: None
        self._guard = guard
        self._last_reported = 0
        # An earlier daemon may have left a card open.
        self._may_be_open = True
        self._shift = 0.0
        # By how many seconds the database's clock was known to be back at our start: we cannot measure that.
        self._back_already = 0.0
        self._repaired = len(guard.jumps)
        self._repaired_by = 0
        self._last_written: tuple[object, ...] | None = None
        self._noticing = Lock()
        self._noticed_last = guard.clocks

    def look(self) -> None:
        """Compare the wall clock with the monotonic one, without the database."""
        self._guard.look()
        self._notice()

    def begin(self) -> None:
        """The first comparison with the database's clock. Raises OperationalError."""
        at, _ = clock.database_time()
        self._guard.look(at)
        self._notice()
        self._guard.apply_offset()
        known = ClockState.objects.filter(held=True).values_list("database_off_seconds", flat=True).first()
        self._back_already = min(known or 0.0, 0.0)
        now = clock.database_now()
        written = Heartbeat.objects.values_list("beat_at", flat=True).first()
        ahead = (written - now).total_seconds() if written else 0.0
        if ahead > clock.FUTURE_SECONDS:
            self._guard.set_back(ahead)
            self._shift -= ahead
            self._back_already -= ahead
        self.beat()

    def beat(self) -> None:
        """Compare all clocks, write the heartbeat, and act on what changed. Raises django.db.Error."""
        at, confirmed_by = clock.database_time(_CONFIRMED)
        before, after = self._guard.look(at)
        self._shift += database_step(before, after)
        self._notice()
        if confirmed_by and after.distrust and after.database_off is not None:
            logger.warning("%s confirms the database's clock", confirmed_by)
            self._guard.confirm()
            self._notice()
        if self._shift:
            # Times that the old clock wrote are moved in the transaction of the heartbeat that they are compared with,
            # or every source would be silent, or in the future, for a moment.
            with clock.BASE:
                self._write(timedelta(seconds=self._shift), bool(confirmed_by))
                self._guard.apply_offset()
            self._shift = 0.0
        else:
            self._write(timedelta(0), bool(confirmed_by))
            self._guard.apply_offset()
        self._report(self._guard.clocks)
        self._repair()

    def _repair(self) -> None:
        """Run each repair once per jump, oldest first. One that raises is run again; those before it are not."""
        repairs = registry.clock_jump_repairs()
        for jump in self._guard.jumps[self._repaired :]:
            for repair in repairs[self._repaired_by :]:
                repair(jump)
                self._repaired_by += 1
            self._repaired, self._repaired_by = self._repaired + 1, 0

    def _write(self, shift: timedelta, answered: bool) -> None:
        with transaction.atomic():
            if shift:
                _shift_health(shift)
            # Whoever else writes the clocks takes the heartbeat's row after them, too: nobody waits in a circle.
            written = self._write_state(self._guard.clocks, answered)
            beat()
        self._last_written = written

    def _notice(self) -> None:
        """Log and act on what has changed since the last call, whichever thread caused it."""
        with self._noticing:
            before, after = self._noticed_last, self._guard.clocks
            self._noticed_last = after
        if is_new_step(before, after):
            logger.error("%s", describe(after))
            self.on_step()
        trusted = before.distrust is not None and after.distrust is None
        if trusted:
            level = logging.INFO if before.distrust and before.distrust.why == Why.STARTED else logging.WARNING
            logger.log(level, "the clocks are trusted")
        if trusted or after.settled > before.settled:
            self.on_trust()

    def _write_state(self, clocks: Clocks, answered: bool) -> tuple[object, ...]:
        """Store the state for web pages and other processes, where it changed; returns what is stored then."""
        distrust = clocks.distrust
        off = round(clocks.database_off or 0.0), round(clocks.wall_off)
        state = (distrust and (distrust.number, distrust.why, distrust.wall_by, distrust.database_by), off)
        if state == self._last_written and not answered:
            return state
        since = None if distrust is None else clock.moment(clocks.time(distrust.since))
        database_off = clocks.database_off or 0.0
        if distrust is not None and not clocks.settled:
            # `can_trade` must not treat ended effects as current again because this daemon restarted.
            database_off = min(database_off, self._back_already)
        ClockState.objects.update_or_create(
            only_row=True,
            defaults={
                "held": distrust is not None,
                "why": distrust.why.value if distrust else "",
                "says": describe(clocks),
                "since": since,
                "database_off_seconds": database_off,
                "wall_off_seconds": clocks.wall_off,
                "confirmed_by": "",
            },
        )
        return state

    def _report(self, clocks: Clocks) -> None:
        """One card per step, and its end."""
        distrust, now = clocks.distrust, clock.now()
        if distrust is None:
            if self._may_be_open:
                self._close_reports(now, "the database's clock and upstreams agree again, or an operator confirmed it")
                self._may_be_open = False
        elif distrust.number > self._last_reported:
            self._close_reports(now, "a clock was set again")
            self._may_be_open = True
            record(_card(clocks, distrust, now), now)
            self._last_reported = distrust.number

    def _close_reports(self, now: datetime, why: str) -> None:
        open_ones = plain_events().filter(natural_key__startswith=_KEY, status=Status.OPEN)
        for key in open_ones.values_list("natural_key", flat=True):
            record(_draft(key, "The clocks are right", {}, closed=why), now)


_LEADER_LOOKS_WITHIN = 15.0


def follow(guard: clock.Guard, stop: StopFlag) -> None:
    """Watch the clocks in a process beside the daemon until `stop` is set; see `look_beside`."""
    while not stop.is_set():
        guard.look()
        try:
            close_old_connections()
            look_beside(guard)
        except (DatabaseError, InterfaceError) as error:
            logger.debug("the database's clock cannot be read: %s", str(error).strip())
        finally:
            connection.close()
        stop.wait(_FOLLOW_SECONDS)


def look_beside(guard: clock.Guard) -> None:
    """Compare the clocks by this process's upstreams, or else trust them where the daemon does.

    From now on this process converts times by this comparison; the daemon moves what was written before.
    Raises django.db.Error.
    """
    before, clocks = guard.look(clock.database_time()[0])
    if is_new_step(before, clocks):
        logger.error("%s", describe(clocks))
    distrust = clocks.distrust
    # The daemon must have had time to notice a step.
    seen = distrust is not None and (
        distrust.why == Why.STARTED or clocks.monotonic - distrust.since > _LEADER_LOOKS_WITHIN
    )
    if seen and clocks.database_off is not None and _the_daemon_trusts_them():
        guard.confirm()
    with clock.BASE:
        guard.apply_offset()


def _the_daemon_trusts_them() -> bool:
    beat_at = Heartbeat.objects.values_list("beat_at", flat=True).first()
    fresh = clock.is_fresh(beat_at, clock.database_now(), timedelta(seconds=_LEADER_LOOKS_WITHIN))
    return fresh and ClockState.objects.filter(held=False).exists()


def _shift_health(by: timedelta) -> None:
    with connection.cursor() as cursor:
        # A transaction that has a row locked may wait for the base, which is ours: fail, and try with the next beat.
        cursor.execute("SET LOCAL lock_timeout = '1s'")
    columns = [field.name for field in SourceHealth._meta.concrete_fields if isinstance(field, models.DateTimeField)]
    SourceHealth.objects.update(**{column: F(column) + by for column in columns})


def _card(clocks: Clocks, distrust: Distrust, now: datetime) -> EventDraft:
    title = _TITLES[distrust.why]
    if by := distrust.wall_by or distrust.database_by:
        title = f"{title} {'ahead' if by > 0 else 'back'} by {_span(by)}"
    return _draft(f"{_KEY}{now:%Y%m%dT%H%M%S.%f}", title, {"error": describe(clocks)})


def _draft(key: str, title: str, facts: dict[str, str], closed: str = "") -> EventDraft:
    return EventDraft(
        source="operations",
        category=Category.OPERATIONS,
        natural_key=key,
        title=title,
        kind="operations",
        priority="low",
        effects=(),
        facts=facts,
        extra={"subject": "clock"},
        state="closed" if closed else "open",
        close_reason=closed,
        reopen="always",
    )


def describe(clocks: Clocks) -> str:
    """For people: what the clocks show, and what waits for them."""
    distrust = clocks.distrust
    if distrust is None:
        return "the machine's clock is wrong; the database's is followed" if clocks.by_database else ""
    if distrust.why == Why.STARTED:
        return "no upstream has confirmed the clock since the start; nothing is closed by time or deleted until then"
    parts = [
        f"the {name} clock was set {'ahead' if by > 0 else 'back'} by {_span(by)}"
        for name, by in (("machine's", distrust.wall_by), ("database's", distrust.database_by))
        if by
    ]
    if distrust.why == Why.DIFFER:
        parts.append(f"the database's clock is {_span(clocks.database_off or 0.0)} off this machine's")
    if distrust.why == Why.WRONG:
        off = _span(clocks.database_off or 0.0)
        parts.append(f"upstreams agree with each other, and the database's clock is {off} off them")
    right = "that upstreams say" if distrust.why == Why.WRONG else "that was right until then"
    return (
        f"{', '.join(parts)}. Sources are asked as before, by the time {right} "
        f"({clock.moment(clocks.time(clocks.monotonic)):%Y-%m-%d %H:%M} UTC). No event is closed by time and nothing "
        "is deleted until the database's clock and two upstreams agree, or `manage.py confirmclock` is run."
    )


def _span(seconds: float) -> str:
    seconds = abs(seconds)
    for size, name in ((365.25 * 86_400, "years"), (86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size * 0.995:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds:.1f} s"
