"""The tokens of the installation, in memory: who calls, and what may they do?

The whole table is read at once and again; in an outage of the database the known tokens go on being accepted, so that a
bot reads "unknown" instead of an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from api.tokens.secret import digest_of, is_token, masked

_ALL = "SELECT id, name, sha256, scopes, expires_at FROM api_apitoken WHERE revoked_at IS NULL"


@dataclass(frozen=True)
class Caller:
    """Who calls the API. kind: "token" or "session"."""

    name: str
    scopes: frozenset[str]
    token_id: int | None = None
    user_id: int | None = None
    kind: str = "token"

    def may(self, scope: str) -> bool:
        """Whether the caller has a scope; `admin` has every one but `pairs`' place in a URL."""
        return scope in self.scopes or "admin" in self.scopes


class Refused(Exception):
    """The caller is not let in. The message never has the token."""

    def __init__(self, message: str) -> None:
        super().__init__(masked(message))


class Directory:
    """Every token that is not revoked, by its digest."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Caller, datetime | None]] = {}
        self.loaded = False

    async def load(self, connection: asyncpg.Connection[Any]) -> None:
        rows = await connection.fetch(_ALL)
        self._known = {
            row["sha256"]: (Caller(row["name"], frozenset(row["scopes"]), row["id"]), row["expires_at"]) for row in rows
        }
        self.loaded = True

    def caller(self, token: str, now: datetime) -> Caller:
        """Whose token this is. Raises Refused."""
        if not is_token(token):
            raise Refused("the token has not the form ews_…, expected one that `manage.py apitoken` printed")
        found = self._known.get(digest_of(token))
        if found is None:
            raise Refused("the token is unknown or revoked")
        caller, expires_at = found
        if expires_at is not None and expires_at <= now:
            raise Refused(f"the token {caller.name!r} expired at {expires_at:%Y-%m-%d %H:%M} UTC")
        return caller
