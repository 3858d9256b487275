"""One-click links in cards: signed, bound to an event, an act and the channel that got the card; each works once.

Opening a link changes nothing, because Teams and Outlook open links to look at them: it shows a page to confirm. Who
holds a link may act without an account, under a name that is asked for: a card is read by the people of its channel,
and an alert at night must not fail on a password. What was done is in the audit with the name and the channel.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.signing import BadSignature, Signer

from alerts.rendering.message import ActLink

TITLES = {"acknowledge": "Acknowledge", "silence": "Silence"}

_SALT = "alerts.rendering.links"
_FIELDS = 5


class LinkRefused(Exception):
    """`reason` is "altered" or "expired"."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Link:
    """number: makes it one of its own, so that its use can be remembered."""

    event_id: int
    act: str
    channel: str
    ends_at: datetime
    number: str


def act_links(event_id: int, channel: str, public_base_url: str, now: datetime, hours: float) -> tuple[ActLink, ...]:
    """New links for one card."""
    base = public_base_url.rstrip("/")
    ends_at = now + timedelta(hours=hours)
    return tuple(
        ActLink(act, title, f"{base}/act/{_token(Link(event_id, act, channel, ends_at, secrets.token_urlsafe(9)))}")
        for act, title in TITLES.items()
    )


def links_without_effect(public_base_url: str) -> tuple[ActLink, ...]:
    """For a preview: as a card shows them, leading to a page that says that they are none of ours."""
    base = public_base_url.rstrip("/")
    return tuple(ActLink(act, title, f"{base}/act/preview") for act, title in TITLES.items())


def _token(link: Link) -> str:
    ends = int(link.ends_at.timestamp())
    return Signer(salt=_SALT).sign(f"{link.act}.{link.event_id}.{link.channel}.{ends}.{link.number}")


def read_link(token: str, now: datetime) -> Link:
    """What a token says. Raises LinkRefused."""
    try:
        signed = Signer(salt=_SALT).unsign(token)
    except BadSignature:
        raise LinkRefused("altered") from None
    act, event_id, channel, ends, number = signed.split(".", _FIELDS - 1)
    link = Link(int(event_id), act, channel, datetime.fromtimestamp(int(ends), UTC), number)
    if now >= link.ends_at:
        raise LinkRefused("expired")
    return link
