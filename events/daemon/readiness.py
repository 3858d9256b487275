"""The readiness checks of /readyz, and the check for migrations before a command."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.management import CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from crypto_ews.command_line import command
from events import clock
from events.clock_guard import Why
from events.models import ClockState, Heartbeat, TokenRiskStatus
from events.protocols import Check, ReadinessCheck

# Six heartbeats of two seconds. Bots use the same bound: while the scheduler hangs nothing is known.
HEARTBEAT_TOO_OLD = timedelta(seconds=12)
# Three refreshes of thirty seconds.
VIEW_TOO_OLD = timedelta(seconds=90)


def pending_migrations() -> int:
    """How many migrations the database lacks. Raises OperationalError where it cannot be reached."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_empty() -> bool:
    """Whether no migration was ever applied to the database. Raises OperationalError where it cannot be reached."""
    return not MigrationRecorder(connection).applied_migrations()


def migrate_first(pending: int) -> str:
    """The message for a database that lacks `pending` migrations."""
    lacks = "one migration" if pending == 1 else f"{pending} migrations"
    return f"the database lacks {lacks}; run: {command('migrate')}"


def unreachable(error: Exception) -> str:
    """The message for an error of the database."""
    return f"the database cannot be reached: {str(error).strip()}"


def require_migrated(exit_code: int) -> None:
    """Raises CommandError with that exit code where the database cannot be reached or lacks a migration."""
    try:
        pending = pending_migrations()
    except OperationalError as error:
        raise CommandError(unreachable(error), returncode=exit_code) from None
    if pending:
        raise CommandError(migrate_first(pending), returncode=exit_code)


def migrations_are_applied(now: datetime) -> Check:
    pending = pending_migrations()
    return Check("migrations", not pending, f"{pending} not applied" if pending else "all applied")


def heartbeat_is_fresh(now: datetime) -> Check:
    beat = Heartbeat.objects.values_list("beat_at", flat=True).first()
    return _no_older("heartbeat", beat, HEARTBEAT_TOO_OLD)


def view_is_fresh(now: datetime) -> Check:
    refreshed = TokenRiskStatus.objects.values_list("refreshed_at", flat=True).first()
    return _no_older("view", refreshed, VIEW_TOO_OLD)


def clocks_are_trusted(now: datetime) -> Check:
    state = ClockState.objects.first()
    # A clock that is not confirmed yet since the start is no fault; a step of the clock is.
    held = state is not None and state.held and state.why != Why.STARTED
    return Check("clock", not held, (state.says if state else "") or "the clocks agree")


def _no_older(name: str, at: datetime | None, limit: timedelta) -> Check:
    """By the database's clock, which wrote the time, and not by this machine's."""
    if at is None:
        return Check(name, False, "never")
    now = clock.database_now()
    age = (now - at).total_seconds()
    seen = f"{age:.1f} s old" if age >= -clock.FUTURE_SECONDS else f"{-age:.1f} s in the future"
    return Check(name, clock.is_fresh(at, now, limit), f"{seen}, at most {limit.total_seconds():g}")


STANDARD: tuple[ReadinessCheck, ...] = (
    migrations_are_applied,
    heartbeat_is_fresh,
    view_is_fresh,
    clocks_are_trusted,
)
