"""The record of what people did about alerts: who, what, when, from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import HttpRequest

from alerts.models import AuditEntry
from alerts.rendering.links import Link
from events import clock
from events.database.delete import delete_in_batches

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Act = AuditEntry.Act


@dataclass(frozen=True)
class Actor:
    """Who acts, and from where: "admin", "command line", or the card of a channel. link: that is used up by the act."""

    by: str
    where: str
    user: User | None = None
    address: str | None = None
    link: Link | None = None


def actor_of(request: HttpRequest, by: str = "", link: Link | None = None) -> Actor:
    """The person behind a request: the user who is logged in, else the name that was given."""
    user = request.user if request.user.is_authenticated else None
    where = f"card in {link.channel}" if link else "admin"
    return Actor(user.get_username() if user else by, where, user, request.META.get("REMOTE_ADDR") or None, link)


def note(act: AuditEntry.Act, actor: Actor, now: datetime, what: str, event_id: int | None = None) -> AuditEntry:
    """Write it down, once for each link. Raises IntegrityError where the actor's link was used before."""
    return AuditEntry.objects.create(
        at=now,
        act=act,
        by=actor.by[:150],
        user=actor.user,
        where=actor.where[:80],
        address=actor.address,
        event_id=event_id,
        what=what,
        link=actor.link.nonce if actor.link else None,
        link_ends_at=actor.link.ends_at if actor.link else None,
    )


def used_by(link: Link) -> AuditEntry | None:
    """What the link was used up by."""
    return AuditEntry.objects.filter(link=link.nonce).first()


def prune(before: datetime) -> int:
    """Drop what is older, but for the use of links that have not ended: else one could be used twice."""
    ended = Q(link_ends_at=None) | Q(link_ends_at__lt=clock.now())
    old = AuditEntry.objects.filter(ended, at__lt=before)
    return delete_in_batches(old.order_by("at"))
