"""Whether the daemon does its work, for the watchdog and the dead-man ping. Pure.

A thread that is alive proves nothing; jobs that succeeded recently do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from events.daemon.intervals import Progress

MUST_END_WITHIN: Mapping[str, float] = {
    "housekeeping.heartbeat": 20.0,
    "housekeeping.refresh_view": 150.0,
    "housekeeping.expire": 300.0,
}
"""Jobs that bots rely on, with the seconds within which each must have succeeded."""
LATE_SECONDS = 30.0
_SOURCE_INTERVALS = 10.0
_SOURCES_AT_LEAST = 120.0


def unproven(progress: Collection[Progress]) -> list[str]:
    """The jobs that bots rely on and that have not succeeded once. A daemon that is restarted again and again runs none
    of them, and is never late.
    """
    return [job.name for job in progress if job.name in MUST_END_WITHIN and not job.ended]


def undone(progress: Collection[Progress], background: str) -> list[str]:
    """Jobs that are late or fail, in words; empty where there are none.

    background: prefix of the names of jobs that are no sources. A single source that hangs is reported by its health;
    where no source has ended a round for ten intervals, the daemon itself does not work.
    """
    found = []
    for job in progress:
        bound = MUST_END_WITHIN.get(job.name)
        if bound is not None and job.idle > bound:
            how = "runs" if job.running else "fails"
            found.append(f"{job.name} has not succeeded for {job.idle:.0f} s, at most {bound:g}; it {how}")
        elif job.late > LATE_SECONDS:
            found.append(f"{job.name} is {job.late:.0f} s late")
    sources = [job for job in progress if not job.name.startswith(background)]
    if sources and all(job.idle > max(_SOURCES_AT_LEAST, _SOURCE_INTERVALS * job.seconds) for job in sources):
        found.append("no source has ended a round")
    return found
