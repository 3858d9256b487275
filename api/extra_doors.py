"""Doors of apps above this one: where `AppConfig.ready` says that they exist, before anything that serves is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.doors.routes import At

Maker = Callable[[], "At"]

_makers: list[Maker] = []


def register_door(make: Maker) -> None:
    """Serve one more path below /api/. make: called when the web server starts, so that commands load nothing of it."""
    _makers.append(make)


def extra_doors() -> tuple[At, ...]:
    return tuple(make() for make in _makers)
