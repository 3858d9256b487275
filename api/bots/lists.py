"""`/bots/…`: lists of pairs for bots that fetch them. They fail as text, never as a list.

A body is made once for each state of a venue, in a thread, however many bots ask for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

from api.bots.files import SPELLINGS, allowed_lines, blocked_lines, csv, freqtrade_json
from api.bots.patterns import allowed_entries, blocked_entries
from api.bots.tradable import tradable_of
from api.bots.venue_pairs import VenuePairs
from api.doors.answers import JSON, Receive, Scope, Send, aged, invalid, parameters_of, send_bytes
from api.names import Names
from api.problems import Problem
from api.runtime import Runtime
from events.clock import monotonic
from markets.instrument_names import CCXT

_CSV, _TEXT = b"text/csv; charset=utf-8; header=present", b"text/plain; charset=utf-8"

_AGED_SECONDS = 1.0
"""What took longer to write may not hold any more: this process was stopped meanwhile, or others are at work."""

Writer = Callable[[VenuePairs], bytes]


async def allow(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """The pairs that may be opened, for freqtrade's RemotePairList in the mode `whitelist`: the door to recommend.

    While nobody knows or a source is silent, one pair that does not exist. Raises Problem (422, 503).
    """
    venue = market_of(runtime.names, _asked(scope)["venue"])
    await _send(runtime, venue, send, "allow", lambda one: freqtrade_json(one, allowed_entries(one)), JSON)


async def block(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """What may not be opened, for the mode `blacklist`: second choice, because a list that fails blocks nothing.

    While nobody knows, everything. Raises Problem (422, 503).
    """
    venue = market_of(runtime.names, _asked(scope)["venue"])

    def write(one: VenuePairs) -> bytes:
        picture = runtime.picture
        rows = [row for token in picture.rows if (row := picture.row(token)) is not None]
        return freqtrade_json(one, blocked_entries(one, rows))

    await _send(runtime, venue, send, "block", write, JSON, by_rows=True)


async def pairs_csv(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """Every live pair of a venue with its verdict. `spelling`: one of `SPELLINGS`. Raises Problem (422, 503)."""
    await _send_file(runtime, scope, send, "csv", csv, _CSV)


async def allow_lines(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """The pairs that may be opened, one a line. Raises Problem (422, 503)."""
    await _send_file(runtime, scope, send, "allow lines", allowed_lines, _TEXT)


async def block_lines(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """The pairs that may not be opened, one a line. Raises Problem (422, 503)."""
    await _send_file(runtime, scope, send, "block lines", blocked_lines, _TEXT)


async def _send_file(
    runtime: Runtime, scope: Scope, send: Send, kind: str, write: Callable[[VenuePairs, str], bytes], content: bytes
) -> None:
    asked = _asked(scope, "spelling")
    spelling = asked["spelling"] or CCXT
    if spelling not in SPELLINGS:
        raise invalid("spelling", spelling, f"one of {', '.join(SPELLINGS)}")
    venue = market_of(runtime.names, asked["venue"])
    await _send(runtime, venue, send, f"{kind} {spelling}", lambda one: write(one, spelling), content)


async def _send(
    runtime: Runtime, venue: str, send: Send, kind: str, write: Writer, content: bytes, by_rows: bool = False
) -> None:
    """by_rows: the body depends on the rows of the view as well."""
    for _ in range(2):
        found = await _found(runtime, venue)
        began = monotonic()
        body = await _body(runtime, (kind, venue), found, write, runtime.picture.digest if by_rows else "")
        if monotonic() - began < _AGED_SECONDS:
            await send_bytes(send, 200, content, body, aged(runtime.picture.freshness()))
            return
    raise Problem(503, "the list had aged before it was written", headers=((b"retry-after", b"1"),))


def _asked(scope: Scope, *more: str) -> dict[str, str]:
    """The parameters by name, "" for what is not given. Raises Problem (422)."""
    names = ("venue", "key", *more)
    given = parameters_of(scope, dict.fromkeys(names, False))
    return {name: given.get(name, [""])[0].strip() for name in names}


async def _found(runtime: Runtime, venue: str) -> VenuePairs:
    if not runtime.names.loaded:
        # Whatever a stranger calls a venue would be kept in memory.
        return VenuePairs(venue, "unknown", None, None)
    return await tradable_of(runtime).of(venue)


def market_of(names: Names, given: str) -> str:
    """The one market that a spelling names, as tickers have it. Raises Problem (422) where it is none or several."""
    expected = "one market, such as BINANCE (spot) or BINANCE_USDM"
    if not given:
        raise invalid("venue", "missing", expected)
    venues = names.venues()
    if given in venues:
        return given
    found = names.places(given)
    if found is None:
        if not names.loaded:
            # Nobody can say which venues there are: what is not known forbids, it is no mistake of the caller.
            return given
        raise invalid("venue", given, f"{expected}; known are {', '.join(venues)}")
    # Margin trades the spot list, which is another market.
    margin = {venue for venue in found.venues if venue.endswith("_MARGIN")}
    meant = sorted(margin if len(found.venues) == 2 and margin else found.venues)
    if len(meant) > 1:
        raise invalid("venue", given, f"{expected}; {given} is each of {', '.join(meant)}")
    return meant[0]


# --------------------------------------------------------------------------------------------------------- the bodies


class _Bodies:
    """The latest body of each list, and for which state it was made."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str], tuple[VenuePairs, str, bytes]] = {}
        self.guards: dict[tuple[str, str], asyncio.Lock] = {}


_bodies: WeakKeyDictionary[Runtime, _Bodies] = WeakKeyDictionary()
_MOST_BODIES = 100


async def _body(runtime: Runtime, key: tuple[str, str], found: VenuePairs, write: Writer, more: str = "") -> bytes:
    """more: what else than `found` the body depends on."""
    bodies = _bodies.setdefault(runtime, _Bodies())
    if len(bodies.guards) > _MOST_BODIES:
        bodies.made.clear()
        bodies.guards.clear()
    async with bodies.guards.setdefault(key, asyncio.Lock()):
        known = bodies.made.get(key)
        if known is None or not _same(known[0], found) or known[1] != more:
            known = bodies.made[key] = (found, more, await asyncio.to_thread(write, found))
    return known[2]


def _same(known: VenuePairs, found: VenuePairs) -> bool:
    """Whether both have the same body."""
    return known is found or (known == found and known.listed is found.listed and known.verdicts is found.verdicts)
