"""Which pairs of a venue may be opened now, in the spelling of bots: what every door for bots serves.

Held per venue and event loop, computed by the database's `can_trade`, and handed on when it changes. What a change of
the picture surely forbids is taken away before anybody is asked; then the pairs that it touches are asked about. All of
them are asked about once in ten seconds, because what may be opened changes with time as well.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from weakref import WeakKeyDictionary

from api.bots.effects import OpenEffects, view_row
from api.bots.line import BATCH, Line, OtherDatabaseError
from api.bots.venue_pairs import (
    FORBIDDING,
    LIST_VERSIONS,
    LISTED,
    SOURCES,
    UNPUBLISHED,
    Followed,
    OnChange,
    VenuePairs,
    VenueState,
    Verdict,
    listed_at,
)
from api.connection import UNAVAILABLE
from api.picture import Picture
from api.runtime import Runtime
from events.clock import monotonic

logger = logging.getLogger(__name__)

FULL_SECONDS = 10.0
"""All pairs of a venue are asked about so often at least."""
OLD_SECONDS = 25.0
"""Where no such computation has ended for so long, nobody knows what may be opened."""
FORGET_SECONDS = 120.0
_TICK_SECONDS = 0.25
_LISTS_SECONDS = 1.0
_EFFECTS_SECONDS = 1.0
_AGAIN_SECONDS = 0.5
_SOON_SECONDS = 1.0
_WAIT_SECONDS = 1.5
"""How long somebody who asks waits for a computation."""

_NO_VERDICTS: Mapping[str, Verdict] = {}


class Tradable:
    """The pairs of all venues that somebody asks for, of one Runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._venues: dict[str, Followed] = {}
        self._effects = OpenEffects()
        self._order = self._connected = self._resets = 0
        self._reported = False
        # What has changed and was not asked about yet; `_changes` counts changes.
        self._marks: set[str] = set()
        self._changes, self._asked = 1, 0
        self._tasks: list[asyncio.Task[None]] = []
        self._quick, self._slow = (Line(runtime, f"crypto_ews api bots {name}") for name in ("touched", "full"))
        self._wake, self._wake_full, self._turn = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def of(self, venue: str) -> VenuePairs:
        """What holds now, never older than this process's picture. Raises nothing: an outage is `unknown`."""
        one = self._venue(venue)
        until, known = monotonic() + _WAIT_SECONDS, self._changes
        # What changes while it waits is taken away at once: who waited for that as well, might wait for ever.
        while (one.full_at is None or self._asked < known) and (left := until - monotonic()) > 0:
            if self._runtime.picture.freshness().status == "unknown":
                break
            turn = self._turn
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await turn.wait()
        self._end(one, self._next())
        return self._nothing(one) if self._asked < known else self._now(one)

    def subscribe(self, venue: str, on_change: OnChange) -> None:
        """Have it called at each change; what holds now, `of` says. The venue is kept in memory until `unsubscribe`."""
        one = self._venue(venue)
        if on_change not in one.listeners:
            one.listeners.append(on_change)

    def unsubscribe(self, venue: str, on_change: OnChange) -> None:
        one = self._venues.get(venue)
        if one is not None and on_change in one.listeners:
            one.listeners.remove(on_change)
            # Who reconnects is not to wait for all pairs to be asked about.
            one.asked_at = monotonic()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._on_picture in self._runtime.listeners:
            self._runtime.listeners.remove(self._on_picture)
        await asyncio.gather(self._quick.stop(), self._slow.stop())
        _made.pop(self._runtime, None)

    def _venue(self, venue: str) -> Followed:
        one = self._venues.get(venue)
        if one is None:
            one = self._venues[venue] = Followed(VenueState(venue), monotonic())
            self._wake_full.set()
        one.asked_at = monotonic()
        if not self._tasks:
            self._connected = self._runtime.connected
            self._runtime.listeners.append(self._on_picture)
            self._runtime.at_stop.append(self.stop)
            works = (self._keep_touched, self._keep_full)
            self._tasks = [asyncio.create_task(work(), name=f"api bots{work.__name__}") for work in works]
            self._wake.set()
        return one

    def _behind(self) -> bool:
        """Whether the picture changed, and what it touches was not asked about yet."""
        return self._asked != self._changes

    def _next(self) -> int:
        self._order += 1
        return self._order

    def _now(self, one: Followed) -> VenuePairs:
        freshness = self._runtime.picture.freshness()
        old = one.full_at is None or monotonic() - one.full_at > OLD_SECONDS
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

    def _nothing(self, one: Followed) -> VenuePairs:
        freshness = self._runtime.picture.freshness()
        return VenuePairs(
            one.state.venue, "unknown", freshness.as_of, freshness.seq, listed=one.state.listed, verdicts=_NO_VERDICTS
        )

    def _publish(self, venues: Iterable[Followed]) -> None:
        """Tell listeners what is another than before, and let those go on who wait."""
        for one in venues:
            now = self._now(one)
            key = (one.state.revision, now.status)
            if key != one.published:
                one.published = key
                for listener in tuple(one.listeners):
                    try:
                        listener(now)
                    except Exception:
                        # It holds an older list: it is told again.
                        one.published = UNPUBLISHED
                        logger.exception("a listener to the pairs of %s failed", one.state.venue)
        self._turn, turn = asyncio.Event(), self._turn
        turn.set()

    def _on_picture(self, before: Picture, now: Picture) -> None:
        """After each look. A fault of ours here must not end the looks."""
        try:
            self._follow(before, now)
        except Exception:
            logger.exception("the pairs of bots cannot follow the risk view")
            self._reset()

    def _follow(self, before: Picture, now: Picture) -> None:
        """What is surely forbidden is taken away at once, the rest is asked about."""
        if self._connected != self._runtime.connected:
            self._connected = self._runtime.connected
            self._reset()
        known, seen = before.seen, now.seen
        if known is None or seen is None:
            self._reset()
        else:
            if (known.seq, known.refreshed_at) != (seen.seq, seen.refreshed_at) or before.rows is not now.rows:
                self._want()
                self._compare(before, now)
            if known.stale_sources != seen.stale_sources:
                self._follow_sources(set(seen.stale_sources) - set(known.stale_sources))
        self._publish(self._venues.values())

    def _want(self) -> None:
        self._changes += 1
        self._wake.set()

    def _compare(self, before: Picture, now: Picture) -> None:
        if before.rows is now.rows:
            return
        order = self._next()
        for token in before.rows.keys() | now.rows.keys():
            texts = [rows[token] for rows in (before.rows, now.rows) if token in rows]
            if len(texts) == 2 and texts[0] == texts[1]:
                continue
            rows = [view_row(text) for text in texts]
            marks = {token, *(ticker for row in rows for ticker in row.tickers)}
            self._marks |= marks
            for one in self._venues.values():
                one.state.touch(one.state.marked(marks), order)
                if token in now.rows:
                    actions = (rows[-1].asset_action, *map(rows[-1].venue_actions.get, _places(one)))
                    for action in FORBIDDING.intersection(actions):
                        one.state.forbid(one.state.marked((token,)), action)

    def _follow_sources(self, silent: Collection[str]) -> None:
        order = self._next()
        for one in self._venues.values():
            needed = [one.sources[source] for source in silent if source in one.sources]
            if needed:
                pegs_alone = all(needed)
                symbols = [symbol for symbol, listed in one.state.listed.items() if listed.pegged or not pegs_alone]
                one.state.forbid(symbols, status="stale")
                one.state.touch(symbols, order)
            one.full_due = True
        self._wake_full.set()

    def _reset(self) -> None:
        """Nothing is known any more: the database may be another one, or it did not answer."""
        self._resets += 1
        self._effects.forget()
        for one in self._venues.values():
            one.forget()
        self._want()
        self._publish(self._venues.values())

    async def _keep_touched(self) -> None:
        """Asks about what has changed, and notices what changes by time alone."""
        while True:
            await _woken(self._wake)
            await self._guarded(self._ask_touched)

    async def _keep_full(self) -> None:
        while True:
            await _woken(self._wake_full)
            for one in tuple(self._venues.values()):
                # What was touched before the effects were read the first time is in what is asked after it.
                if self._effects.known:
                    await self._guarded(partial(self._look_at_one, one))

    async def _look_at_one(self, one: Followed) -> None:
        try:
            await self._look_at(one)
        except (*UNAVAILABLE, OtherDatabaseError):
            raise
        except Exception as error:
            # A fault of ours, such as a name that cannot be spelled, takes the lists of no other venue away.
            if one.failed != repr(error):
                one.failed = repr(error)
                logger.exception("the pairs of %s cannot be computed", one.state.venue)
            one.forget()
            self._publish((one,))

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        resets = self._resets
        try:
            await work()
        except (*UNAVAILABLE, OtherDatabaseError) as error:
            if not self._reported:
                logger.warning("the pairs for bots are unknown: %s: %s", type(error).__name__, error)
                self._reported = True
        except Exception:
            logger.exception("the pairs of bots cannot be computed")
        else:
            return
        if resets == self._resets:
            self._reset()
        await asyncio.sleep(_AGAIN_SECONDS)

    def _pass_time(self) -> None:
        order = self._next()
        for venue, one in tuple(self._venues.items()):
            self._end(one, order)
            if not one.listeners and monotonic() - one.asked_at > FORGET_SECONDS:
                del self._venues[venue]
        self._publish(self._venues.values())

    def _end(self, one: Followed, order: int) -> None:
        """Take away what has ended by the database's clock, which is the one that `can_trade` goes by."""
        seen = self._runtime.picture.seen
        if seen is None:
            return
        ended = one.state.ended(seen.database_now + timedelta(seconds=monotonic() - seen.looked_at))
        if ended:
            one.state.forbid(ended, "halt")
            one.state.touch(ended, order)
            self._marks |= {ticker for symbol in ended for ticker in one.state.listed[symbol].tickers}
            self._want()

    async def _ask_touched(self) -> None:
        self._pass_time()
        if not self._behind() and monotonic() - self._effects.read_at < _EFFECTS_SECONDS:
            return
        changes, (marks, self._marks) = self._changes, (self._marks, set())
        await self._ask(marks)
        first = not self._effects.known
        change = await self._effects.read(self._quick)
        touched = {mark for effect in (*change.came, *change.went) for mark in effect.marks}
        if change.silent is not None:
            self._follow_sources(change.silent)
        if first:
            # All is asked about after this.
            self._wake_full.set()
        elif touched:
            order = self._next()
            for one in self._venues.values():
                one.state.touch(one.state.marked(touched), order)
                for effect in change.came:
                    one.state.forbid(one.state.marked(effect.forbids_at(_places(one))), effect.action)
            self._publish(self._venues.values())
            await self._ask(touched)
        if change.events and not (first or marks or touched):
            # An event itself has changed, such as its category: nobody says what that touches.
            for one in self._venues.values():
                one.full_due = True
        self._asked = changes
        self._publish(self._venues.values())

    async def _ask(self, marks: Iterable[str]) -> None:
        for one in tuple(self._venues.values()):
            symbols = sorted(one.state.marked(marks))
            for begin in range(0, len(symbols), BATCH):
                part, order = symbols[begin : begin + BATCH], self._next()
                one.state.answered(part, await self._quick.may(one.state.venue, part), order, self._next())
                self._publish((one,))

    async def _look_at(self, one: Followed) -> None:
        """Whether lists or settings changed; ask about all pairs where that is due."""
        began = monotonic()
        since = FULL_SECONDS if one.full_at is None else began - one.full_at
        due = since >= FULL_SECONDS or (one.full_due and since >= _SOON_SECONDS)
        if (not due or one.failed) and began - one.lists_at < _LISTS_SECONDS:
            return
        resets = self._resets
        one.full_due = one.full_due and not due
        found = await self._slow.rows(LIST_VERSIONS, one.state.venue)
        lists = tuple(found[0]) if found else (one.state.venue,)
        one.lists_at = began
        if lists != one.lists:
            due, listed_in = True, lists[0]
            rows = await self._slow.rows(LISTED, listed_in)
            sources = await self._slow.rows(SOURCES, listed_in)
            listed = await asyncio.to_thread(listed_at, one.state.venue, listed_in, rows)
            one.state.list_venue, one.lists = listed_in, lists
            one.sources = {row["source"]: row["pegs"] for row in sources}
            one.state.lists(listed, self._next())
        if not due:
            return
        symbols = list(one.state.listed)
        for begin in range(0, len(symbols), BATCH):
            part, order = symbols[begin : begin + BATCH], self._next()
            one.state.answered(part, await self._slow.may(one.state.venue, part), order, self._next())
            if one.full_at is not None:
                self._publish((one,))
        if resets == self._resets:
            one.full_at, one.failed, self._reported = began, "", False
        self._publish((one,))


async def _woken(event: asyncio.Event) -> None:
    """Until it is set, a quarter of a second at most; then it is clear."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_TICK_SECONDS):
            await event.wait()
    event.clear()


def _places(one: Followed) -> tuple[str, str]:
    return one.state.venue, one.state.list_venue


_made: WeakKeyDictionary[Runtime, Tradable] = WeakKeyDictionary()


def tradable_of(runtime: Runtime) -> Tradable:
    """The one of a Runtime."""
    found = _made.get(runtime)
    if found is None:
        found = _made[runtime] = Tradable(runtime)
    return found
