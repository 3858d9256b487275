"""Sessions of the admin as callers of the API: staff who are logged in may read with their browser.

Read by the event loop's own connections, since a thread of Django's for each request would be the slowest part of it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare

from api.connection import UNAVAILABLE
from api.tokens.directory import Caller

Fetch = Callable[[str, Any], Awaitable[Any]]
"""One row for a statement and its parameter, or None."""

KNOWN_SECONDS = 5.0
OUTAGE_SECONDS = 600.0
"""How long a session that was read goes on being accepted while the database cannot be asked."""
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


class Sessions:
    """Callers by the digest of their session's key, remembered for five seconds; so are keys that nobody has."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Caller | None]] = {}

    def known(self, key: str) -> tuple[bool, Caller | None]:
        """Whether the answer is known without asking, and whose session it is."""
        at, caller = self._known.get(_digest(key), (-KNOWN_SECONDS, None))
        return time.monotonic() - at < KNOWN_SECONDS, caller

    async def caller(self, key: str, fetch: Fetch) -> Caller | None:
        """Whose session this is; None: nobody's who may read.

        While the database cannot be asked, one that was known goes on for ten minutes; else what `fetch` raises is
        raised.
        """
        digest = _digest(key)
        fresh, caller = self.known(key)
        if fresh:
            return caller
        try:
            caller = await _read(key, fetch)
        except UNAVAILABLE:
            at, caller = self._known.get(digest, (0.0, None))
            if caller is None or time.monotonic() - at > OUTAGE_SECONDS:
                raise
            return caller
        if len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]
        self._known.pop(digest, None)
        self._known[digest] = (time.monotonic(), caller)
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
