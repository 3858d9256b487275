"""Which pairs of a venue may be opened now, in the spelling of bots: what every door for bots serves.

Held per venue and event loop, computed by the database's `can_trade`, and handed on when it changes. What a change of
the picture surely forbids is taken away before anybody is asked; then the pairs that it touches are asked about. All of
them are asked about once in ten seconds, because what may be opened changes with time as well.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from api.bots.effects import OpenEffects
from api.bots.line import BATCH, Line, OtherDatabaseError
from api.bots.venue_pairs import FORBIDDING, LISTED, VenuePairs, VenueState, Verdict, listed_at
from api.connection import UNAVAILABLE
from api.picture import Picture
from api.runtime import Runtime
from events.clock import monotonic

__all__ = ("OnChange", "Tradable", "VenuePairs", "tradable_of")

logger = logging.getLogger(__name__)

WHOLE_SECONDS = 10.0
"""All pairs of a venue are asked about so often at least."""
OLD_SECONDS = 25.0
"""Where no such computation has ended for so long, nobody knows what may be opened."""
FORGET_SECONDS = 120.0
_TICK_SECONDS = 0.25
_LISTS_SECONDS = 2.0
_AGAIN_SECONDS = 0.5
_WAIT_SECONDS = 1.5
"""How long somebody who asks waits for a computation."""

# As `markets.versions.version_of` counts.
_VERSION = "SELECT concat(count(*), ' ', sum(xmin::text::bigint)) FROM"
_LISTS = f"""
SELECT place.list_venue,
       ({_VERSION} markets_instrument WHERE venue = place.list_venue), ({_VERSION} watch_effective),
       ({_VERSION} trade_setting), ({_VERSION} venue_source WHERE venue = place.list_venue)
  FROM venue_spelling AS place WHERE place.venue = $1 AND place.spelling = $1
"""
_SOURCES = "SELECT source, bool_and(role = 'pegs') AS pegs FROM venue_source WHERE venue = $1 GROUP BY source"

OnChange = Callable[[VenuePairs], None]
"""Called in the loop with what holds now, whenever a status or verdict is another than before."""


class _Row(msgspec.Struct):
    """What a row of the view says about orders."""

    asset_action: str | None = None
    venue_actions: dict[str, str] = {}
    tickers: list[str] = []


_row = msgspec.json.Decoder(_Row).decode
_NO_VERDICTS: Mapping[str, Verdict] = {}


@dataclass
class _Venue:
    """A venue that somebody asks for. Times are of the monotonic clock, in seconds.

    whole_at: when the last computation of all its pairs that ended had begun. sources: its sources, and whether each
    counts for stablecoins alone. handed: revision and status that listeners know.
    """

    state: VenueState
    asked_at: float
    listeners: list[OnChange] = field(default_factory=list)
    whole_at: float | None = None
    whole_due: bool = True
    tried_at: float = float("-inf")
    lists: tuple[Any, ...] = ()
    lists_at: float = float("-inf")
    sources: dict[str, bool] = field(default_factory=dict)
    built: tuple[int, VenuePairs] | None = None
    handed: tuple[int, str] = (-1, "")


class Tradable:
    """The pairs of all venues that somebody asks for, of one Runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._venues: dict[str, _Venue] = {}
        self._effects = OpenEffects()
        self._order = self._connected = self._resets = 0
        self._said = False
        # What has changed and was not asked about yet; `_wanted` counts changes.
        self._marks: set[str] = set()
        self._wanted, self._asked = 1, 0
        self._tasks: list[asyncio.Task[None]] = []
        self._quick, self._slow = (Line(runtime, f"crypto_ews api bots {name}") for name in ("touched", "whole"))
        self._wake, self._wake_whole, self._turn = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def of(self, venue: str) -> VenuePairs:
        """What holds now, never older than this process's picture. Raises nothing: an outage is `unknown`."""
        one = self._venue(venue)
        until = monotonic() + _WAIT_SECONDS
        while (one.whole_at is None or self._behind()) and (left := until - monotonic()) > 0:
            if self._runtime.picture.freshness().status == "unknown":
                break
            turn = self._turn
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await turn.wait()
        return self._nothing(one) if self._behind() else self._now(one)

    def subscribe(self, venue: str, on_change: OnChange) -> None:
        """Have it called at each change; what holds now, `of` says. The venue is kept in memory until `unsubscribe`."""
        one = self._venue(venue)
        if on_change not in one.listeners:
            one.listeners.append(on_change)

    def unsubscribe(self, venue: str, on_change: OnChange) -> None:
        one = self._venues.get(venue)
        if one is not None and on_change in one.listeners:
            one.listeners.remove(on_change)

    @property
    def kept(self) -> tuple[str, ...]:
        """The venues that are in memory."""
        return tuple(sorted(self._venues))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._on_picture in self._runtime.listeners:
            self._runtime.listeners.remove(self._on_picture)
        await asyncio.gather(self._quick.stop(), self._slow.stop())
        _made.pop(self._runtime, None)

    def _venue(self, venue: str) -> _Venue:
        one = self._venues.get(venue)
        if one is None:
            one = self._venues[venue] = _Venue(VenueState(venue), monotonic())
            self._wake_whole.set()
        one.asked_at = monotonic()
        if not self._tasks:
            self._connected = self._runtime.connected
            self._runtime.listeners.append(self._on_picture)
            self._runtime.at_stop.append(self.stop)
            works = (self._keep_touched, self._keep_whole)
            self._tasks = [asyncio.create_task(work(), name=f"api bots{work.__name__}") for work in works]
            self._wake.set()
        return one

    def _behind(self) -> bool:
        """Whether the picture changed, and what it touches was not asked about yet."""
        return self._asked != self._wanted

    def _next(self) -> int:
        self._order += 1
        return self._order

    def _now(self, one: _Venue) -> VenuePairs:
        freshness = self._runtime.picture.freshness()
        old = one.whole_at is None or monotonic() - one.whole_at > OLD_SECONDS
        status = "unknown" if old or freshness.status == "unknown" else one.state.status()
        if status == "unknown":
            return self._nothing(one)
        known = one.built[1] if one.built is not None and one.built[0] == one.state.revision else None
        if known is None or known.status != status:
            allowed, denied = one.state.by_name()
            known = VenuePairs(one.state.venue, status, freshness.as_of, freshness.seq, allowed, denied,
                               one.state.listed, dict(one.state.verdicts))  # fmt: skip
        elif (known.as_of, known.seq) != (freshness.as_of, freshness.seq):
            known = replace(known, as_of=freshness.as_of, seq=freshness.seq)
        one.built = (one.state.revision, known)
        return known

    def _nothing(self, one: _Venue) -> VenuePairs:
        freshness = self._runtime.picture.freshness()
        return VenuePairs(
            one.state.venue, "unknown", freshness.as_of, freshness.seq, listed=one.state.listed, verdicts=_NO_VERDICTS
        )

    def _hand_on(self, venues: Iterable[_Venue]) -> None:
        """Tell listeners what is another than before, and let those go on who wait."""
        for one in venues:
            now = self._now(one)
            key = (one.state.revision, now.status)
            if key != one.handed:
                one.handed = key
                for listener in tuple(one.listeners):
                    try:
                        listener(now)
                    except Exception:
                        logger.exception("a listener to the pairs of %s failed", one.state.venue)
        self._turn, turn = asyncio.Event(), self._turn
        turn.set()

    # --------------------------------------------------------------------------------------------- what has changed

    def _on_picture(self, before: Picture, now: Picture) -> None:
        """After each look: what is surely forbidden is taken away at once, the rest is asked about."""
        if self._connected != self._runtime.connected:
            self._connected = self._runtime.connected
            self._reset()
        known, seen = before.seen, now.seen
        if known is None or seen is None:
            self._want()
        else:
            if (known.seq, known.refreshed_at) != (seen.seq, seen.refreshed_at) or before.rows is not now.rows:
                self._want()
                self._compare(before, now)
            if known.stale_sources != seen.stale_sources:
                self._follow_sources(set(seen.stale_sources) - set(known.stale_sources))
        self._hand_on(self._venues.values())

    def _want(self) -> None:
        self._wanted += 1
        self._wake.set()

    def _compare(self, before: Picture, now: Picture) -> None:
        if before.rows is now.rows:
            return
        order = self._next()
        for token in before.rows.keys() | now.rows.keys():
            texts = [rows[token] for rows in (before.rows, now.rows) if token in rows]
            if len(texts) == 2 and texts[0] == texts[1]:
                continue
            rows = [_row(text) for text in texts]
            marks = {token, *(ticker for row in rows for ticker in row.tickers)}
            self._marks |= marks
            for one in self._venues.values():
                one.state.touch(one.state.marked(marks), order)
                if token in now.rows:
                    actions = (rows[-1].asset_action, *map(rows[-1].venue_actions.get, _places(one)))
                    for action in FORBIDDING.intersection(actions):
                        one.state.forbid(one.state.marked((token,)), action)

    def _follow_sources(self, silent: set[str]) -> None:
        order = self._next()
        for one in self._venues.values():
            needed = [one.sources[source] for source in silent if source in one.sources]
            if needed:
                pegs_alone = all(needed)
                symbols = [symbol for symbol, listed in one.state.listed.items() if listed.pegged or not pegs_alone]
                one.state.forbid(symbols, status="stale")
                one.state.touch(symbols, order)
            one.whole_due = True
        self._wake_whole.set()

    def _reset(self) -> None:
        """Nothing is known any more: the database may be another one, or it did not answer."""
        self._resets += 1
        self._effects.forget()
        for one in self._venues.values():
            one.whole_at, one.whole_due, one.lists = None, True, ()
        self._want()
        self._hand_on(self._venues.values())

    # ------------------------------------------------------------------------------------------------------ asking

    async def _keep_touched(self) -> None:
        """Asks about what has changed, and notices what changes by time alone."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            self._pass_time()
            if self._behind():
                await self._guarded(self._ask_touched)

    async def _keep_whole(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._wake_whole.wait()
            self._wake_whole.clear()
            for one in tuple(self._venues.values()):
                # What was touched before the effects were read the first time is in what is asked after it.
                if self._effects.known:
                    await self._guarded(lambda one=one: self._look_at(one))  # type: ignore[misc]

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        resets = self._resets
        try:
            await work()
        except (*UNAVAILABLE, OtherDatabaseError) as error:
            if not self._said:
                logger.warning("the pairs for bots are unknown: %s: %s", type(error).__name__, error)
                self._said = True
        except Exception:
            logger.exception("the pairs of bots cannot be computed")
        else:
            return
        if resets == self._resets:
            self._reset()
        await asyncio.sleep(_AGAIN_SECONDS)

    def _pass_time(self) -> None:
        now, order = self._runtime.now(), self._next()
        for venue, one in tuple(self._venues.items()):
            ended = one.state.ended(now)
            if ended:
                one.state.forbid(ended, "halt")
                one.state.touch(ended, order)
                self._marks |= {ticker for symbol in ended for ticker in one.state.listed[symbol].tickers}
                self._want()
            if not one.listeners and monotonic() - one.asked_at > FORGET_SECONDS:
                del self._venues[venue]
        self._hand_on(self._venues.values())

    async def _ask_touched(self) -> None:
        wanted, (marks, self._marks) = self._wanted, (self._marks, set())
        await self._ask(marks)
        first = not self._effects.known
        came, went = await self._effects.read(self._quick)
        if first:
            # All is asked about after this.
            self._wake_whole.set()
        elif came or went:
            order = self._next()
            marks = {mark for effect in (*came, *went) for mark in effect.marks}
            for one in self._venues.values():
                one.state.touch(one.state.marked(marks), order)
                for effect in came:
                    one.state.forbid(one.state.marked(effect.forbids_at(_places(one))), effect.action)
            self._hand_on(self._venues.values())
            await self._ask(marks)
        self._asked = wanted
        self._hand_on(self._venues.values())

    async def _ask(self, marks: Iterable[str]) -> None:
        for one in tuple(self._venues.values()):
            symbols = sorted(one.state.marked(marks))
            for begin in range(0, len(symbols), BATCH):
                part, order = symbols[begin : begin + BATCH], self._next()
                one.state.answered(part, await self._quick.may(one.state.venue, part), order)
                self._hand_on((one,))

    async def _look_at(self, one: _Venue) -> None:
        """Whether lists or settings changed; ask about all pairs where that is due."""
        began = monotonic()
        due = one.whole_due or one.whole_at is None or began - one.whole_at >= WHOLE_SECONDS
        if not due and began - one.lists_at < _LISTS_SECONDS:
            return
        resets = self._resets
        one.whole_due = False
        found = await self._slow.rows(_LISTS, one.state.venue)
        lists = tuple(found[0]) if found else (one.state.venue,)
        one.lists_at = began
        if lists != one.lists:
            due, listed_in = True, lists[0]
            rows = await self._slow.rows(LISTED, listed_in)
            sources = await self._slow.rows(_SOURCES, listed_in)
            listed = await asyncio.to_thread(listed_at, one.state.venue, listed_in, rows)
            one.state.list_venue, one.lists = listed_in, lists
            one.sources = {row["source"]: row["pegs"] for row in sources}
            one.state.lists(listed)
        if not due:
            return
        symbols = list(one.state.listed)
        for begin in range(0, len(symbols), BATCH):
            part, order = symbols[begin : begin + BATCH], self._next()
            one.state.answered(part, await self._slow.may(one.state.venue, part), order)
            if one.whole_at is not None:
                self._hand_on((one,))
        if resets == self._resets:
            one.whole_at, self._said = began, False
        self._hand_on((one,))


def _places(one: _Venue) -> tuple[str, str]:
    return one.state.venue, one.state.list_venue


_made: WeakKeyDictionary[Runtime, Tradable] = WeakKeyDictionary()


def tradable_of(runtime: Runtime) -> Tradable:
    """The one of a Runtime."""
    return _made.setdefault(runtime, Tradable(runtime))
