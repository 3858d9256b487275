"""Makes and revokes tokens, for the command line and the admin."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction

from api.models import ApiToken, Scope
from api.tokens.secret import SHOWN, digest_of, new_token

CHANNEL = "api_token"
"""NOTIFY: tokens have changed. Without payload; whoever listens reads them again."""


def make_token(name: str, scopes: Collection[str], now: datetime, by: str, days: float | None = None) -> str:
    """Store a new token and return its text, which nobody can read again.

    days: until it expires; None: never. Raises ValueError for an unknown scope, for none, and for a name that is taken.
    """
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        raise ValueError(f"scopes were {', '.join(unknown) or 'none'}, expected some of: {', '.join(Scope.values)}")
    if ApiToken.objects.filter(name=name).exists():
        raise ValueError(f"the name {name!r} is taken by another token, expected a new one")
    token = new_token()
    with transaction.atomic():
        ApiToken.objects.create(
            name=name,
            shown=token[:SHOWN],
            sha256=digest_of(token),
            scopes=sorted(set(scopes)),
            created_at=now,
            created_by=by,
            expires_at=now + timedelta(days=days) if days is not None else None,
        )
        announce()
    return token


def revoke(token: ApiToken, now: datetime) -> None:
    """From the next second on nobody gets in with it."""
    with transaction.atomic():
        ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
        announce()


def announce() -> None:
    """Let every process that serves the API read the tokens again, at commit."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
