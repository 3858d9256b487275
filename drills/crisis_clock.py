"""The time of a drill: it passes as ours does while the code works, and what lies between is skipped.

So whatever is measured in it is what it would be on a real day: the wait for the next poll, then the real seconds of
reading, recording and sending. The database of the drill has the same time: its `clock_timestamp()` is replaced.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Event as StopFlag
from threading import Lock

from django.db import connection

from events import clock

# Found before PostgreSQL's own by whoever has `public` ahead of `pg_catalog` in the search path: see `install`.
_DATABASE_CLOCK = """
CREATE UNLOGGED TABLE public.drill_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), ahead interval NOT NULL
);
INSERT INTO public.drill_clock (ahead) VALUES ('0');
-- Functions of the ledger's owner read it too. Nobody else can connect.
GRANT SELECT ON public.drill_clock TO PUBLIC;
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() + ahead FROM public.drill_clock';
"""
_PINNED = """
DO $$
DECLARE routine regprocedure;
BEGIN
    FOR routine IN
        SELECT p.oid FROM pg_proc AS p
         WHERE p.pronamespace = 'public'::regnamespace
           AND EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_catalog, pg_temp', routine);
    END LOOP;
END
$$
"""


class CrisisClock:
    """speed: how many seconds are skipped per second of waiting."""

    def __init__(self, begins_at: datetime, speed: float) -> None:
        self._begins, self._speed = begins_at.timestamp(), speed
        self._lock = Lock()
        self._real = time.monotonic()
        self._skipped = 0.0
        # The machine's clock minus the crisis's, at the start.
        self._offset = self._begins - time.time()

    def seconds(self) -> float:
        """Since the beginning."""
        with self._lock:
            return time.monotonic() - self._real + self._skipped

    def epoch(self) -> float:
        return self._begins + self.seconds()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.epoch(), UTC)

    def wait_until(self, at: datetime, stop: StopFlag) -> None:
        """Let the time pass until `at`: it takes the distance divided by the speed. Ends at once when `stop` is set."""
        distance = at.timestamp() - self.epoch()
        if distance > 0 and not stop.wait(distance / self._speed):
            self._skip(at.timestamp() - self.epoch())

    def _skip(self, seconds: float) -> None:
        if seconds > 0:
            with self._lock:
                self._skipped += seconds
            self.set_database()

    def set_database(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE public.drill_clock SET ahead = %s * interval '1 second'", [self._offset + self._skipped]
            )

    def install(self) -> None:
        """Make it the time of this process, and that of the drill's database once its schema is complete."""
        with connection.cursor() as cursor:
            cursor.execute(_PINNED)
        self.set_database()
        guard = clock.Guard(wall=self.epoch, steady=self.seconds)
        # Nobody sets this clock: it is trusted from the start.
        at = guard.clocks
        guard.look(clock.DatabaseTime(at.time(at.monotonic), at.monotonic))
        guard.confirm()
        clock.install(guard)


def prepare_database() -> None:
    """Give the default database, which must be empty, a clock of its own. Connections made from now on find it."""
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE_CLOCK)
        cursor.execute("SELECT current_database()")
        name = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog")
    connection.close()
