"""What a crisis is made of: how the world is before it, and chapters that change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from drills.upstreams.world import World


@dataclass(frozen=True)
class Chapter:
    """One change of the world. after: since the beginning of the crisis. what: for people, one line.

    token, category, source: of the event that it must lead to a card of; "" for a change that no card is due for, and
    for any source.
    """

    after: timedelta
    what: str
    happens: Callable[[World, datetime], object]
    token: str = ""
    category: str = ""
    source: str = ""


@dataclass(frozen=True)
class Crisis:
    """name: as typed. pairs: (exchange, symbol) that the drill's bot trades and must be stopped from opening.

    prepare: the world before the crisis, with the moment at which the drill begins. watched, stablecoins: coins that
    must be on the watch lists, whatever the configuration watches. lasts: from the first chapter to the end.
    """

    name: str
    title: str
    watched: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    prepare: Callable[[World, datetime], object]
    chapters: Sequence[Chapter]
    lasts: timedelta
    stablecoins: tuple[str, ...] = ()
