"""`GET /api/v1/risk` and `/api/v1/risk/{asset}`: the rows of `token_risk_view`, from memory.

In an outage: the last known rows with the status `unknown`. A body is encoded once for each picture and filter.

The ETag is weak, because `as_of` moves on with each heartbeat. It is made of the status, the silent sources, `seq`, the
moment of the last change, and a digest of the rows themselves in place of an id of the database: every id that
PostgreSQL keeps (of the cluster, of the database) is the same again after a backup was restored into it, where `seq`
counts up to the same numbers with other rows. A digest of what is answered cannot be wrong about it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from api.doors.answers import (
    JSON,
    Headers,
    Receive,
    Scope,
    Send,
    aged,
    checked,
    header,
    invalid,
    parameters_of,
    send_bytes,
    send_empty,
)
from api.freshness import Freshness
from api.names import Names, Places
from api.picture import Picture
from api.problems import Problem
from api.runtime import Runtime
from events.enums import Action

ACTIONS = ("none", *(str(action) for action in Action))
_RANK = {action: rank for rank, action in enumerate(ACTIONS)}
# Of these, all markets of an exchange are one place, as `can_trade` has it.
_ON_EVERY_MARKET = frozenset({"depeg", "wallet_suspension", "exchange_halt"})
_MOST_TOKENS = 500
_MOST_CACHED = 64
_CACHING = ((b"cache-control", b"private, no-cache"), (b"vary", b"Authorization, Cookie, Accept-Encoding"))
# Less than a packet is sent as it is; more than this is compressed in a thread.
_GZIP_FROM, _GZIP_IN_THREAD = 1_400, 100_000


class _Row(msgspec.Struct):
    """What filters look at."""

    action: str
    venues: list[str]
    categories: list[str]
    asset_action: str | None
    venue_actions: dict[str, str]


@dataclass(frozen=True)
class Filter:
    """venue, min_action: "" for any. tokens: asset → as it was asked for; None for any."""

    venue: str = ""
    min_action: str = ""
    tokens: tuple[tuple[str, str], ...] | None = None


class Answers:
    """The bodies for one picture, by filter. Kept until the picture or its freshness changes."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] = ()
        self._rows: Any = None
        self._decoded: dict[str, _Row] = {}
        self.tags: dict[Any, bytes] = {}
        self.bodies: dict[Any, bytes] = {}

    def follow(self, picture: Picture, freshness: Freshness) -> None:
        """Forget what was kept for another picture."""
        refreshed = picture.seen and picture.seen.refreshed_at
        key = (freshness.as_of, freshness.seq, freshness.status, freshness.stale_sources, refreshed, picture.digest)
        if picture.rows is not self._rows:
            self._rows, self._decoded = picture.rows, {}
        if key != self._key or len(self.tags) > _MOST_CACHED or len(self.bodies) > _MOST_CACHED:
            self._key, self.tags, self.bodies = key, {}, {}

    def rows(self, picture: Picture, chosen: Filter, places: Places | None) -> list[bytes]:
        """The rows that pass a filter."""
        if chosen.tokens is None:
            tokens = list(picture.rows)
        else:
            tokens = sorted({asset for asset, _ in chosen.tokens if asset in picture.rows})
        if places is None and not chosen.min_action:
            return [picture.rows[token] for token in tokens]
        least = _RANK[chosen.min_action or "none"]
        return [picture.rows[token] for token in tokens if self._passes(picture, token, places, least)]

    def _passes(self, picture: Picture, token: str, places: Places | None, least: int) -> bool:
        row = self._decoded.get(token)
        if row is None:
            row = self._decoded[token] = msgspec.json.decode(picture.rows[token], type=_Row)
        if places is None:
            return _RANK[row.action] >= least
        action = action_at(row, places)
        return action is not None and _RANK[action] >= least


def action_at(row: _Row, places: Places) -> str | None:
    """What a row demands at some venues; None where it does not hold there.

    A row without venues holds everywhere. What concerns a whole exchange holds on each of its markets.
    """
    found = [row.asset_action] if row.asset_action is not None else []
    if not row.venues and row.asset_action is None:
        found.append(row.action)
    everywhere = not _ON_EVERY_MARKET.isdisjoint(row.categories)
    for venue, action in row.venue_actions.items():
        if venue in places.venues or (everywhere and venue.partition("_")[0] in places.exchanges):
            found.append(action)
    return max(found, key=_RANK.__getitem__, default=None)


_cache: WeakKeyDictionary[Runtime, Answers] = WeakKeyDictionary()
_PARAMETERS = {"venue": False, "min_action": False, "token": True}


async def risk(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """Every token at risk that passes `?venue=&min_action=&token=` (the last is repeatable; any alias).

    With `token` the answer says in `covered` whether each name is `watched`, `listed` or `unknown`: no row of an
    unknown name is no "no". Raises Problem: 422 for a wrong filter, 503 before the database was ever read.
    """
    chosen, places = _filter_of(runtime, scope)
    picture, freshness = _known(runtime)
    now = runtime.now()
    more: dict[str, Any] = {}
    if chosen.tokens is not None:
        freshness = with_names(runtime.names, freshness)
        more["covered"] = {asked: runtime.names.covered(asset, asked, now) for asset, asked in chosen.tokens}
    answers = _cache.setdefault(runtime, Answers())
    answers.follow(picture, freshness)
    # What a venue's name means belongs to it: lists of venues change without the view.
    key = (chosen, places and places.key, tuple(more.get("covered", {}).items()))
    tag = answers.tags.get(key)
    if tag is None:
        tag = answers.tags[key] = _tag(picture, freshness, key)
    headers = ((b"etag", tag), *aged(freshness))
    if _matches(header(scope, b"if-none-match"), tag):
        await send_empty(send, 304, (*headers, *_CACHING))
        return
    packed = "gzip" in header(scope, b"accept-encoding")
    # While a body is compressed the picture may be followed by another, and this body is none of its.
    bodies = answers.bodies
    body = bodies.get((key, packed))
    if body is None:
        body = (
            _head(picture, freshness, more) + b',"tokens":[' + b",".join(answers.rows(picture, chosen, places)) + b"]}"
        )
        if packed and len(body) >= _GZIP_FROM:
            body = await _gzip(body)
        bodies[key, packed] = body
    encoding: Headers = ((b"content-encoding", b"gzip"),) if body[:2] == b"\x1f\x8b" else ()
    await send_bytes(send, 200, JSON, body, (*headers, *encoding), _CACHING)


async def risk_of_asset(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """One asset by any name of it: {…, asset, token, covered, risk: its row or null}.

    An unknown name: `covered` and `status` are `unknown`. Raises Problem: 422 for text that no name can be.
    """
    parameters_of(scope, {})
    asked = checked("asset", scope["ews_path"]["asset"])
    picture, freshness = _known(runtime)
    freshness = with_names(runtime.names, freshness)
    now = runtime.now()
    token = _asset(runtime, asked, now)
    covered = runtime.names.covered(token, asked, now)
    row = picture.rows.get(token)
    if row is None and covered == "unknown":
        freshness = _unknown(freshness)
    more = {"asset": asked, "token": token, "covered": covered}
    body = _head(picture, freshness, more) + b',"risk":' + (row or b"null") + b"}"
    await send_bytes(send, 200, JSON, body, aged(freshness))


def with_names(names: Names, freshness: Freshness) -> Freshness:
    """An answer that rests on names which were never read is unknown."""
    if names.loaded:
        return freshness
    return _unknown(freshness, "names")


def _unknown(freshness: Freshness, *missing: str) -> Freshness:
    return Freshness("unknown", freshness.as_of, freshness.age_ms, freshness.seq, (*freshness.stale_sources, *missing))


def _known(runtime: Runtime) -> tuple[Picture, Freshness]:
    """Raises Problem (503) where this process never read the database: without rows nobody may think of "none"."""
    picture = runtime.picture
    if not picture.digest:
        raise Problem(503, "the database has not answered yet", headers=((b"retry-after", b"1"),))
    return picture, picture.freshness()


def _filter_of(runtime: Runtime, scope: Scope) -> tuple[Filter, Places | None]:
    if not scope["query_string"]:
        return Filter(), None
    given = parameters_of(scope, _PARAMETERS)
    least = given.get("min_action", [""])[0]
    if "min_action" in given and least not in _RANK:
        raise invalid("min_action", least, f"one of {', '.join(ACTIONS)}")
    venue = given.get("venue", [""])[0]
    places = None
    if "venue" in given:
        places = runtime.names.places(venue)
        if places is None and not runtime.names.loaded:
            raise Problem(503, "the names of the venues have not been read yet", headers=((b"retry-after", b"1"),))
        if places is None:
            raise invalid("venue", venue, f"an exchange, or one of {', '.join(runtime.names.venues())}")
    asked = given.get("token")
    if asked is not None and ("" in asked or len(asked) > _MOST_TOKENS):
        raise invalid("token", f"given {len(asked)} times", f"1 to {_MOST_TOKENS} names, none of them empty")
    now = runtime.now()
    tokens = None if asked is None else tuple(sorted({(_asset(runtime, name, now), name) for name in asked}))
    return Filter(venue, least, tokens), places


def _asset(runtime: Runtime, name: str, now: datetime) -> str:
    """The asset that a name means; a name under which a row stands means that one."""
    asset = runtime.names.asset(name, now)
    written = name.strip().upper()
    return written if asset not in runtime.picture.rows and written in runtime.picture.rows else asset


def _head(picture: Picture, freshness: Freshness, more: dict[str, Any]) -> bytes:
    """The members before the rows, without the closing brace."""
    return msgspec.json.encode(
        {
            "as_of": freshness.as_of,
            "seq": freshness.seq,
            "status": freshness.status,
            "stale_sources": freshness.stale_sources,
            "refreshed_at": picture.seen and picture.seen.refreshed_at,
            **more,
        }
    )[:-1]


def _tag(picture: Picture, freshness: Freshness, key: object) -> bytes:
    refreshed = picture.seen and picture.seen.refreshed_at
    parts = (freshness.seq, freshness.status, freshness.stale_sources, refreshed, picture.digest, key)
    return (
        b'W/"'
        + hashlib.blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=12).hexdigest().encode()
        + b'"'
    )


def _matches(given: str, tag: bytes) -> bool:
    """Whether an If-None-Match names the answer (weak comparison, RFC 9110 section 13.1.2)."""
    if not given:
        return False
    bare = tag.decode().removeprefix("W/")
    return given.strip() == "*" or any(one.strip().removeprefix("W/") == bare for one in given.split(","))


async def _gzip(body: bytes) -> bytes:
    if len(body) < _GZIP_IN_THREAD:
        return gzip.compress(body, 1)
    return await asyncio.to_thread(gzip.compress, body, 1)
