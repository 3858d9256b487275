"""Who calls: a token, a logged-in person's session, or nobody. Everything under /api/ comes through here, once."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from api import metrics
from api.connection import UNAVAILABLE
from api.problems import Problem
from api.tokens.buckets import Buckets
from api.tokens.directory import PAIRS_ALONE, Caller, Directory, Refused
from api.tokens.secret import PREFIX
from api.tokens.sessions import Fetch, Sessions, cookie_of

logger = logging.getLogger(__name__)

BURST_SECONDS = 2.0
"""How much of its limit a token may use at once."""
_WRONG_A_SECOND, _WRONG_AT_ONCE = 1.0, 20.0
# Without a digit or capital it is a word, such as views_of_something.
_IN_TEXT = re.compile(r"ews_(?=[a-z_-]*[A-Z0-9])[A-Za-z0-9_-]{12,}")
_SOON = ((b"retry-after", b"1"),)
_ASK_FOR_TOKEN = ((b"www-authenticate", b"Bearer"),)


def tokens_in_url(path: str, query: bytes) -> list[str]:
    """The tokens that stand in a URL, however they are encoded.

    path: decoded. A part of a token counts as one: who cuts a token short still shows most of it.
    """
    text = path
    if query:
        written = query.decode("latin-1")
        text += "?" + (unquote(unquote(written)) if "%" in written else written)
    return _IN_TEXT.findall(text) if PREFIX in text else []


class Callers:
    """Knows callers by what their requests carry. Raises Problem (401, 429, 503) for those that are not let in."""

    def __init__(self, requests_a_second: float) -> None:
        self.directory = Directory()
        self._sessions = Sessions()
        self._limits = Buckets(requests_a_second, max(1.0, requests_a_second * BURST_SECONDS))
        self._wrong = Buckets(_WRONG_A_SECOND, _WRONG_AT_ONCE)
        # Wrong tokens cost nothing: a bot with an old one must not keep out the people of its address.
        self._looked_up = Buckets(_WRONG_A_SECOND, _WRONG_AT_ONCE)

    async def of(
        self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes], now: datetime, monotonic: float, fetch: Fetch
    ) -> Caller:
        """The caller of a request or WebSocket. fetch: one row from the database, for sessions."""
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if kind.lower() == "bearer" and token:
            await self._learn(token.strip(), scope, monotonic, fetch)
            return self._of_token(token.strip(), address_of(scope), now, monotonic)
        session = b"cookie" in headers and (scope["type"] == "websocket" or scope["method"] in ("GET", "HEAD"))
        key = cookie_of(headers[b"cookie"].decode("latin-1")) if session else ""
        if key:
            caller = await self._of_session(key, scope, monotonic, fetch)
            if scope["type"] == "websocket" and not is_ours(headers):
                metrics.refused("origin")
                raise Problem(403, "the Origin of this WebSocket is not one of ours; a session is for our own pages")
            return caller
        metrics.refused("no token")
        raise Problem(
            401, "no token was given, expected the header `Authorization: Bearer ews_…`", headers=_ASK_FOR_TOKEN
        )

    async def of_url(
        self, token: str, scope: Mapping[str, Any], now: datetime, monotonic: float, pairs: bool, fetch: Fetch
    ) -> Caller:
        """The caller whose token stands in the URL: a `pairs` token at a door for it (pairs), else nobody.

        A token that stood in a URL is in the logs and histories of others: its owner is told to revoke it.
        """
        await self._learn(token, scope, monotonic, fetch)
        caller = self._of_token(token, address_of(scope), now, monotonic)
        if pairs and caller.scopes == PAIRS_ALONE:
            return caller
        metrics.refused("in a URL")
        logger.warning("the token %r was sent in a URL by %s: revoke it", caller.name, address_of(scope))
        raise Problem(
            401,
            f"the token {caller.name!r} stands in the URL, where logs and proxies keep it: revoke it "
            f"(manage.py apitoken --revoke {caller.name}), make another, and send that as `Authorization: Bearer`. "
            "Only `pairs` tokens may stand in a URL, at the doors for lists of pairs",
            headers=_ASK_FOR_TOKEN,
        )

    def admit_guess(self, what: str, scope: Mapping[str, Any], monotonic: float) -> None:
        """Before something is looked up in the database for nobody knows whom. Raises Problem (429).

        what: "ticket" or "session"; wrong ones of one kind do not keep out the other.
        """
        if self._looked_up.is_empty((what, address_of(scope)), monotonic):
            self.count_guess(what, scope, monotonic)

    def count_guess(self, what: str, scope: Mapping[str, Any], monotonic: float) -> None:
        """It was wrong. Raises Problem (429)."""
        waits = self._looked_up.take((what, address_of(scope)), monotonic)
        if waits:
            metrics.refused("wrong tokens")
            raise _too_many(waits, f"too many wrong {what}s came from this address")

    def charge(self, caller: Caller, monotonic: float, cost: float = 1.0) -> None:
        """Count a request against the limit of its token or user. Raises Problem (429)."""
        waits = self._limits.take((caller.token_id, caller.user_id), monotonic, cost)
        if waits:
            metrics.refused("limit")
            raise _too_many(
                waits, f"{caller.name!r} made more than {self._limits.rate:g} requests a second (API_RATE_LIMIT)"
            )

    async def _learn(self, token: str, scope: Mapping[str, Any], monotonic: float, fetch: Fetch) -> None:
        """Look up a token that was made since the last reading: whoever just got it uses it at once.

        So many from one address, and no more; beyond that, and in an outage, the next reading has it.
        """
        if self.directory.may_be_new(token) and not self._looked_up.take(("token", address_of(scope)), monotonic):
            with suppress(*UNAVAILABLE):
                await self.directory.learn(token, fetch)

    def _of_token(self, token: str, address: str, now: datetime, monotonic: float) -> Caller:
        if not self.directory.loaded:
            raise Problem(503, "the tokens cannot be read: the database has not answered yet", headers=_SOON)
        try:
            caller = self.directory.caller(token, now)
        except Refused as refused:
            self._count_wrong(address, monotonic)
            metrics.refused(refused.why)
            raise Problem(401, str(refused), headers=_ASK_FOR_TOKEN) from None
        self.directory.note_use(caller, now)
        return caller

    async def _of_session(self, key: str, scope: Mapping[str, Any], monotonic: float, fetch: Fetch) -> Caller:
        fresh, caller = self._sessions.known(key)
        if not fresh:
            # Each unknown cookie costs a query: so many from one address, and no more.
            if caller is None:
                self.admit_guess("session", scope, monotonic)
            try:
                caller = await self._sessions.caller(key, fetch)
            except UNAVAILABLE:
                raise Problem(503, "the session cannot be read: the database does not answer", headers=_SOON) from None
            if caller is None:
                self.count_guess("session", scope, monotonic)
        if caller is None:
            metrics.refused("session")
            message = "the session has ended or is not of staff, expected a login or `Authorization: Bearer ews_…`"
            raise Problem(401, message, headers=_ASK_FOR_TOKEN)
        return caller

    def _count_wrong(self, address: str, monotonic: float) -> None:
        """Raises Problem (429) for an address that sends too many: a right token still gets in from there."""
        waits = self._wrong.take(address, monotonic)
        if waits:
            metrics.refused("wrong tokens")
            raise _too_many(waits, "too many wrong tokens came from this address")


def _too_many(waits: float, why: str) -> Problem:
    seconds = max(1, int(waits + 0.999))
    return Problem(
        429,
        f"{why}; try again in {seconds} s",
        {"retry_after": seconds},
        ((b"retry-after", str(seconds).encode()),),
    )


def address_of(scope: Mapping[str, Any]) -> str:
    """Where a request comes from; of IPv6 the network, since one machine has all addresses of it."""
    host = str((scope.get("client") or ("",))[0])
    if ":" not in host:
        return host
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    return ":".join(address.exploded.split(":")[:4]) if address.version == 6 else host


def is_ours(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a page of ours opened the WebSocket: browsers send a session's cookie along with those of any page."""
    origin, host = (headers.get(name, b"").decode("latin-1").lower() for name in (b"origin", b"host"))
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    scheme, _, place = origin.partition("://")
    named, _ = split_domain_port(place)
    return (
        scheme in ("http", "https") and place == host and bool(named) and validate_host(named, settings.ALLOWED_HOSTS)
    )
