"""Starts the drill of DRILL_AT, and drops what drills left that were killed. Run by the leading daemon."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import datetime, time, timedelta
from pathlib import Path

from crypto_ews.conf import PROJECT_ROOT, Config
from crypto_ews.conf.drills import DAYS
from drills.database import DrillDatabaseError, drop_left_behind

logger = logging.getLogger(__name__)

SECONDS = 30.0
# A drill that was missed is not made up for in the middle of something else.
LATE_BY = timedelta(minutes=10)
_CLEAN_EVERY = timedelta(minutes=10)
FOLDER = "drills"


def due_at(drill_at: str, now: datetime) -> datetime | None:
    """When the latest drill was due, or None if none is, or it is too late for it. drill_at: "HH:MM", "mon HH:MM"."""
    if not drill_at:
        return None
    day, _, at = drill_at.rpartition(" ")
    for back in (0, 1):
        moment = datetime.combine(now.date() - timedelta(days=back), time.fromisoformat(at), tzinfo=now.tzinfo)
        if timedelta(0) <= now - moment <= LATE_BY and day in ("", DAYS[moment.weekday()]):
            return moment
    return None


def run(config: Config, now: datetime) -> bool:
    """What is due by now; whether a drill was started."""
    _clean(now)
    at = due_at(config.drill_at, now)
    return at is not None and _start(config, at)


_cleaned: list[datetime] = []
_children: list[subprocess.Popen[bytes]] = []


def _clean(now: datetime) -> None:
    """At the start of a daemon, then every ten minutes."""
    if _cleaned and timedelta(0) <= now - _cleaned[0] < _CLEAN_EVERY:
        return
    _cleaned[:] = [now]
    try:
        for name in drop_left_behind():
            logger.warning("dropped %s, which a drill left that was killed", name)
    except DrillDatabaseError as error:
        logger.warning("what drills left cannot be looked for: %s", error)


def _start(config: Config, at: datetime) -> bool:
    """Start the drill of that time in a process of its own, unless one has been; its report lies in the data folder.

    A file, not a row, says that it was started: nothing of a drill stands in the production's database.
    """
    _children[:] = [child for child in _children if child.poll() is None]
    folder = Path(config.data_dir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{at:%Y-%m-%dT%H%M}-{config.drill_crisis}"
    try:
        log = (folder / f"{name}.log").open("xb")
    except FileExistsError:
        return False
    command = [
        sys.executable, str(PROJECT_ROOT / "manage.py"), "drill", config.drill_crisis,
        "--report", str(folder / f"{name}.html"),
    ]  # fmt: skip
    if config.drill_receiver:
        command += ["--receiver", config.drill_receiver, "--wait", f"{config.drill_wait_minutes * 60:g}"]
    with log:
        _children.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
    logger.info("the drill %s has begun; its report will be in %s", config.drill_crisis, folder)
    return True
