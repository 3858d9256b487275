"""The tokens of the installation, in memory: who calls, and what may they do?

The whole table is read at once and again; in an outage of the database the known tokens go on being accepted, so that a
bot reads "unknown" instead of an error.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from api.tokens.secret import digest_of, is_token
from crypto_ews.logs import masked

_ALL = "SELECT id, name, sha256, scopes, expires_at FROM api_apitoken WHERE revoked_at IS NULL"
_ONE = f"{_ALL} AND sha256 = $1"
_USED = """
UPDATE api_apitoken AS token SET last_used_at = used.at
  FROM unnest($1::bigint[], $2::timestamptz[]) AS used (id, at)
 WHERE token.id = used.id AND (token.last_used_at IS NULL OR token.last_used_at < used.at)
"""
# A scope that includes others. `pairs` includes nothing: it may stand in URLs.
_INCLUDES = {"admin": frozenset({"read", "act", "trade", "pairs"}), "read": frozenset({"pairs"})}
PAIRS_ALONE = frozenset({"pairs"})


@dataclass(frozen=True)
class Caller:
    """Who calls the API. kind: "token", "session", or "ticket" (one-time, of a session or token)."""

    name: str
    scopes: frozenset[str]
    token_id: int | None = None
    user_id: int | None = None
    kind: str = "token"

    def may(self, scope: str) -> bool:
        """Whether the caller has a scope, or one that includes it."""
        return scope in self.scopes or any(scope in _INCLUDES.get(scope_given, ()) for scope_given in self.scopes)

    @property
    def pairs_alone(self) -> bool:
        """Whether the caller may read lists of pairs, and nothing else."""
        return self.scopes == PAIRS_ALONE


class Refused(Exception):
    """The caller is not let in. The message never has the token. why: for the metrics."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(masked(message))
        self.why = why


class Directory:
    """Every token that is not revoked, by its digest."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Caller, datetime | None]] = {}
        self._by_id: dict[int, tuple[Caller, datetime | None]] = {}
        self._used: dict[int, datetime] = {}
        self.loaded = False

    async def load(self, connection: asyncpg.Connection[Any]) -> None:
        """Read every token. Raises asyncpg.PostgresError or OSError, and keeps what is known."""
        rows = await connection.fetch(_ALL)
        self._known, self._by_id = {}, {}
        for row in rows:
            self._add(row)
        self.loaded = True

    def _add(self, row: Mapping[str, Any]) -> None:
        entry = Caller(row["name"], frozenset(row["scopes"]), row["id"]), row["expires_at"]
        self._known[row["sha256"]] = self._by_id[row["id"]] = entry

    def may_be_new(self, token: str) -> bool:
        """Whether a text is a token by its form, and none that was read."""
        return self.loaded and is_token(token) and digest_of(token) not in self._known

    async def learn(self, token: str, fetch: Callable[[str, Any], Awaitable[Any]]) -> None:
        """Read one token, if there is one. fetch: one row for a statement and its parameter; raises what it raises."""
        row = await fetch(_ONE, digest_of(token))
        if row is not None:
            self._add(row)

    def caller(self, token: str, now: datetime) -> Caller:
        """Whose token this is. Raises Refused."""
        if not is_token(token):
            message = (
                "the token has not the form ews_ and 43 characters, expected one that `manage.py apitoken` printed"
            )
            raise Refused(message, "malformed")
        found = self._known.get(digest_of(token))
        if found is None:
            raise Refused("the token is unknown or revoked, expected one that `manage.py apitoken` printed", "unknown")
        caller, expires_at = found
        if expires_at is not None and expires_at <= now:
            message = f"the token {caller.name!r} expired at {expires_at:%Y-%m-%d %H:%M} UTC, expected a later one"
            raise Refused(message, "expired")
        return caller

    def of_id(self, token_id: int, now: datetime) -> Caller | None:
        """The token that has this number, while it is valid."""
        caller, expires_at = self._by_id.get(token_id, (None, None))
        return caller if expires_at is None or expires_at > now else None

    def note_use(self, caller: Caller, now: datetime) -> None:
        """Remember that a token was used; `write_uses` stores it."""
        if caller.token_id is not None:
            self._used[caller.token_id] = now

    async def write_uses(self, connection: asyncpg.Connection[Any]) -> None:
        """Store when each token was used last. Raises asyncpg.PostgresError or OSError, and forgets nothing then."""
        used = dict(self._used)
        if used:
            await connection.execute(_USED, list(used), list(used.values()))
            self._used = {key: at for key, at in self._used.items() if used.get(key) != at}
