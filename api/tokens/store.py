"""Makes and revokes tokens, for the command line and the admin."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction

from alerts.audit import Act, Actor, record
from api.models import ApiToken, Scope
from api.tokens.secret import SHOWN, digest_of, new_token

CHANNEL = "api_token"
"""NOTIFY: tokens have changed. Without payload; whoever listens reads them again."""
_LONGEST_DAYS = 3650.0


def make_token(name: str, scopes: Collection[str], now: datetime, by: str | Actor, days: float | None = None) -> str:
    """Store a new token and return its text, which nobody can read again.

    by: who makes it, at the command line unless an Actor says otherwise. days: until it expires; None: never. Raises
    ValueError for wrong scopes, for a name that is taken, empty or too long, and for a time that is no future.
    """
    check(name, scopes, days)
    actor = by if isinstance(by, Actor) else Actor(by, "command line")
    token = new_token()
    ends = now + timedelta(days=days) if days is not None else None
    with transaction.atomic():
        made, created = ApiToken.objects.get_or_create(
            name=name,
            defaults={
                "shown": token[:SHOWN],
                "sha256": digest_of(token),
                "scopes": sorted(set(scopes)),
                "created_at": now,
                "created_by": actor.by[:150],
                "expires_at": ends,
            },
        )
        if not created:
            raise ValueError(_taken(name))
        until = f"until {ends:%Y-%m-%d %H:%M} UTC" if ends else "without an end"
        record(Act.TOKEN_MADE, actor, now, f"{made}: {', '.join(made.scopes)}, {until}")
        announce()
    return token


def check(name: str, scopes: Collection[str], days: float | None) -> None:
    """Raises ValueError that says what of a new token is wrong."""
    if not name.strip() or len(name) > 64 or not name.isprintable() or name.startswith("-"):
        raise ValueError(f"the name was {name[:80]!r}, expected 1 to 64 printable characters that begin with no dash")
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        raise ValueError(f"scopes were {', '.join(unknown) or 'none'}, expected some of: {', '.join(Scope.values)}")
    if Scope.PAIRS in scopes and len(set(scopes)) > 1:
        raise ValueError(
            f"scopes were {', '.join(sorted(set(scopes)))}, expected pairs alone or without it: a token that may stand "
            "in a URL must be able to do nothing else"
        )
    if days is not None and not 0 < days <= _LONGEST_DAYS:
        raise ValueError(f"days were {days:g}, expected a number above 0 and up to {_LONGEST_DAYS:g}")
    if ApiToken.objects.filter(name=name).exists():
        raise ValueError(_taken(name))


def revoke(token: ApiToken, now: datetime, by: str | Actor = "command line") -> bool:
    """From the next second on nobody gets in with it; whether it was not revoked before."""
    actor = by if isinstance(by, Actor) else Actor(by, "command line")
    with transaction.atomic():
        revoked = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
        if revoked:
            record(Act.TOKEN_REVOKED, actor, now, str(token))
        announce()
    return bool(revoked)


def announce() -> None:
    """Let every process that serves the API read the tokens again, at commit."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def _taken(name: str) -> str:
    return f"the name {name!r} is taken by another token, also a revoked one keeps its name; expected a new one"
