"""The audit log of alerts: who did what, when, and from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import HttpRequest

from alerts.models import AuditEntry
from alerts.rendering.links import AnyLink, Link
from events import clock
from events.database.delete import delete_in_batches

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Act = AuditEntry.Act

_SENT_TWICE_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Actor:
    """Who acts, and where: "admin", "command line", or the card of a channel. link: the one-click link used.

    told: the channel whose service reported the act, if one did.
    """

    by: str
    where: str
    user: User | None = None
    address: str | None = None
    link: AnyLink | None = None
    told: str = ""


def actor_of(request: HttpRequest, by: str = "", link: AnyLink | None = None) -> Actor:
    """The person behind a request: the user who is logged in, else the name given in `by`."""
    user = request.user if request.user.is_authenticated else None
    where = f"card in {link.channel}" if link else "admin"
    return Actor(user.get_username() if user else by, where, user, address_in(request), link)


def address_in(request: HttpRequest) -> str | None:
    """Where a request comes from; None where that is no address: a proxy's header may have any text there."""
    given = request.META.get("REMOTE_ADDR") or ""
    try:
        return str(ip_address(given.partition("%")[0]))
    except ValueError:
        return None


def note_address(request: HttpRequest, logged: Sequence[int]) -> None:
    """Add where it came from to the entries that were made of these rows of Django's log."""
    AuditEntry.objects.filter(log_id__in=logged).update(address=address_in(request))


def record(act: AuditEntry.Act, actor: Actor, now: datetime, what: str, event_id: int | None = None) -> AuditEntry:
    """Write an audit entry. Raises IntegrityError if the actor's link was used before: a link works once."""
    entry = _entry(act, actor, now, what, event_id)
    entry.save(force_insert=True)
    return entry


def record_each(act: AuditEntry.Act, actor: Actor, now: datetime, what: Mapping[int, str]) -> None:
    """Write an audit entry for each event of one act, the first of which uses up the actor's link, as in `record`.

    what: by the number of the event.
    """
    entries = [_entry(act, actor, now, text, event_id) for event_id, text in what.items()]
    for entry in entries[1:]:
        entry.link = entry.link_ends_at = None
    AuditEntry.objects.bulk_create(entries)


def _entry(act: AuditEntry.Act, actor: Actor, now: datetime, what: str, event_id: int | None) -> AuditEntry:
    return AuditEntry(
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


def actor_once(request: HttpRequest, once: str, now: datetime) -> Actor:
    """The person behind a form that was confirmed: its number is used up as a one-click link is."""
    actor = actor_of(request)
    return replace(actor, link=Link(0, "form", "admin", now + _SENT_TWICE_WITHIN, f"form.{once}")) if once else actor


def used_up(once: str) -> AuditEntry | None:
    """The entry of what was done under this number of a confirmation, or None."""
    return AuditEntry.objects.filter(link=f"form.{once}").first() if once else None


def used_by(link: AnyLink) -> AuditEntry | None:
    """The entry that used up the link, or None."""
    return AuditEntry.objects.filter(link=link.nonce).first()


def prune(before: datetime) -> int:
    """Delete older entries; the number deleted. Those of unexpired links stay, or a link could work twice."""
    ended = Q(link_ends_at=None) | Q(link_ends_at__lt=clock.now())
    old = AuditEntry.objects.filter(ended, at__lt=before)
    return delete_in_batches(old.order_by("at"))
