"""Sessions of the admin as callers of the API: staff who are logged in may read with their browser.

Read by the event loop's own connections, since a thread of Django's for each request would be the slowest part of it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare

from api.connection import UNAVAILABLE
from api.tokens.directory import Caller
from events.clock import monotonic

Fetch = Callable[[str, Any], Awaitable[Any]]
"""One row for a statement and its parameter, or None."""

KNOWN_SECONDS = 1.0
"""How long a session that has ended may go on: as long as a token that was revoked."""
_NOBODY_SECONDS = 5.0
OUTAGE_SECONDS = 600.0
"""How long a session that was read goes on being accepted while the database cannot be asked."""
_PATIENCE_SECONDS = 2.0
_AGAIN_SECONDS = 5.0
_MOST = 2_000
_SESSION = "SELECT session_data FROM django_session WHERE session_key = $1 AND expire_date > clock_timestamp()"
_USER = "SELECT id, username, password FROM auth_user WHERE id = $1 AND is_active AND is_staff"


def cookie_of(header: str) -> str:
    """The session's key out of a Cookie header, "" where there is none."""
    if settings.SESSION_COOKIE_NAME not in header:
        return ""
    try:
        found = SimpleCookie(header).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found is not None and found.value.isalnum() and len(found.value) <= 40 else ""


class _Known(NamedTuple):
    """caller: None for nobody's session. read_at: when the database said so; asked_again: when it is to be asked."""

    caller: Caller | None
    read_at: float
    asked_again: float


class Sessions:
    """Callers by the digest of their session's key, remembered for a second; keys that nobody has for five."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def known(self, key: str) -> tuple[bool, Caller | None]:
        """Whether the answer is known without asking, and whose session it is."""
        found = self._known.get(_digest(key))
        return (False, None) if found is None else (monotonic() < found.asked_again, found.caller)

    async def caller(self, key: str, fetch: Fetch) -> Caller | None:
        """Whose session this is; None: nobody's who may read.

        While the database cannot be asked, or does not answer within two seconds, one that was known goes on for ten
        minutes, and others do not wait for it; else what `fetch` raises is raised.
        """
        digest = _digest(key)
        fresh, caller = self.known(key)
        if fresh:
            return caller
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                caller = await _read(key, fetch)
        except UNAVAILABLE:
            known = self._known.get(digest)
            if known is None or known.caller is None or monotonic() - known.read_at > OUTAGE_SECONDS:
                raise
            self._known[digest] = known._replace(asked_again=monotonic() + _AGAIN_SECONDS)
            return known.caller
        self._known.pop(digest, None)
        if len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]
        now = monotonic()
        self._known[digest] = _Known(caller, now, now + (KNOWN_SECONDS if caller else _NOBODY_SECONDS))
        return caller


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


async def _read(key: str, fetch: Fetch) -> Caller | None:
    """As `django.contrib.auth.get_user` does it: a session ends when its owner's password changes."""
    stored = await fetch(_SESSION, key)
    if stored is None:
        return None
    data = SessionStore().decode(stored["session_data"])
    number = str(data.get(SESSION_KEY, ""))
    row = await fetch(_USER, int(number)) if number.isdigit() else None
    if row is None:
        return None
    user = User(pk=row["id"], username=row["username"], password=row["password"])
    expected = str(data.get(HASH_SESSION_KEY, ""))
    if not expected or not constant_time_compare(expected, user.get_session_auth_hash()):
        return None
    return Caller(user.get_username(), frozenset({"read"}), user_id=user.pk, kind="session")
