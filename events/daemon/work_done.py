"""Whether the daemon does its work: what feeds the watchdog and the dead-man ping. Pure.

A thread that is alive proves nothing. What proves it are jobs that ended well not long ago.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from events.daemon.intervals import Progress

MUST_END_WITHIN: Mapping[str, float] = {
    "housekeeping.heartbeat": 20.0,
    "housekeeping.refresh_view": 150.0,
    "housekeeping.expire": 300.0,
}
"""Jobs that bots rely on, and within how many seconds each must have ended well."""
LATE_SECONDS = 30.0
_SOURCE_INTERVALS = 10.0
_SOURCES_AT_LEAST = 120.0


def unproven(progress: Collection[Progress]) -> list[str]:
    """The jobs that bots rely on and that have not ended well even once. A daemon that is started again and again does
    none of them, and is never late.
    """
    return [job.name for job in progress if job.name in MUST_END_WITHIN and not job.ended]


def undone(progress: Collection[Progress], background: str) -> list[str]:
    """What is not done, in words; empty while all is well.

    background: how the names of jobs begin that are no source. That one source hangs is told by its health; when none
    of them has ended a round for ten intervals it is the daemon that does not work.
    """
    found = []
    for job in progress:
        bound = MUST_END_WITHIN.get(job.name)
        if bound is not None and job.idle > bound:
            how = "runs" if job.running else "fails"
            found.append(f"{job.name} has not ended well for {job.idle:.0f} s, at most {bound:g}; it {how}")
        elif job.late > LATE_SECONDS:
            found.append(f"{job.name} is {job.late:.0f} s late")
    sources = [job for job in progress if not job.name.startswith(background)]
    if sources and all(job.idle > max(_SOURCES_AT_LEAST, _SOURCE_INTERVALS * job.seconds) for job in sources):
        found.append("no source has ended a round")
    return found
