"""One-click links in cards: signed, for one event, one action and one channel; each works once.

Opening a link shows a page that asks to confirm and changes nothing: Teams and Outlook open links to inspect them.
Anybody with a link may act without an account, under a name that the page asks for: only the people of the channel see
its cards, and a response at night must not fail on a password. The audit log has the action, the name and the channel.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.signing import BadSignature, Signer

from alerts.rendering.message import ActLink

TITLES = {"acknowledge": "Acknowledge", "silence": "Silence"}

# Not the path of this module: a link in a card that was sent earlier must keep its signature.
_SALT = "alerts.links"
_FIELDS = 5


class LinkRefused(Exception):
    """`reason` is "altered" or "expired"."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Link:
    """nonce: makes the link unique, so that its use can be recorded."""

    event_id: int
    act: str
    channel: str
    ends_at: datetime
    nonce: str


def act_links(event_id: int, channel: str, public_base_url: str, now: datetime, hours: float) -> tuple[ActLink, ...]:
    """New links for one card."""
    base = public_base_url.rstrip("/")
    ends_at = now + timedelta(hours=hours)
    return tuple(
        ActLink(act, title, f"{base}/act/{_token(Link(event_id, act, channel, ends_at, secrets.token_urlsafe(9)))}")
        for act, title in TITLES.items()
    )


def links_without_effect(public_base_url: str) -> tuple[ActLink, ...]:
    """Links for a preview: as a card shows them, but invalid."""
    base = public_base_url.rstrip("/")
    return tuple(ActLink(act, title, f"{base}/act/preview") for act, title in TITLES.items())


def _token(link: Link) -> str:
    ends = int(link.ends_at.timestamp())
    return Signer(salt=_SALT).sign(f"{link.act}.{link.event_id}.{link.channel}.{ends}.{link.nonce}")


def read_link(token: str, now: datetime) -> Link:
    """The link that a token encodes. Raises LinkRefused."""
    try:
        signed = Signer(salt=_SALT).unsign(token)
    except BadSignature:
        raise LinkRefused("altered") from None
    act, event_id, channel, ends, nonce = signed.split(".", _FIELDS - 1)
    link = Link(int(event_id), act, channel, datetime.fromtimestamp(int(ends), UTC), nonce)
    if now >= link.ends_at:
        raise LinkRefused("expired")
    return link
