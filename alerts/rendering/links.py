"""One-click links in cards: signed, for one action and one channel, and for one event or all of a digest; each works
once.

Opening a link shows a page that asks to confirm and changes nothing: Teams and Outlook open links to inspect them.
Anybody with a link may act without an account, under a name that the page asks for: only the people of the channel see
its cards, and a response at night must not fail on a password. The audit log has the action, the name and the channel.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.signing import BadSignature, Signer

from alerts.rendering.message import ActLink

TITLES = {"acknowledge": "Acknowledge", "silence": "Silence"}
TITLES_OF_ALL = {"acknowledge": "Acknowledge all", "silence": "Silence all"}

# Not the path of this module: a link in a card that was sent earlier must keep its signature.
_SALT = "alerts.links"
_FIELDS = 5
_DIGEST = "digest"
_SET = 24
"""Hex digits that stand for a set of events: 96 bits."""


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

    @property
    def about(self) -> str:
        return str(self.event_id)


@dataclass(frozen=True)
class DigestLink:
    """A link for all events of a digest. The digest's row has their numbers, as two hundred would make a long address;
    `events` is what the signature binds them by (`set_mark`)."""

    digest_id: int
    events: str
    act: str
    channel: str
    ends_at: datetime
    nonce: str

    @property
    def about(self) -> str:
        return f"{_DIGEST}-{self.digest_id}-{self.events}"


AnyLink = Link | DigestLink


def act_links(event_id: int, channel: str, public_base_url: str, now: datetime, hours: float) -> tuple[ActLink, ...]:
    """New links for one card."""
    ends_at = now + timedelta(hours=hours)
    return tuple(
        _act_link(Link(event_id, act, channel, ends_at, _nonce()), title, public_base_url)
        for act, title in TITLES.items()
    )


def digest_links(
    digest_id: int, event_ids: Collection[int], channel: str, public_base_url: str, now: datetime, hours: float
) -> tuple[ActLink, ...]:
    """New links for all events of a digest."""
    ends_at, events = now + timedelta(hours=hours), set_mark(event_ids)
    return tuple(
        _act_link(DigestLink(digest_id, events, act, channel, ends_at, _nonce()), title, public_base_url)
        for act, title in TITLES_OF_ALL.items()
    )


def links_without_effect(public_base_url: str, of_all: bool = False) -> tuple[ActLink, ...]:
    """Links for a preview: as a card shows them, but invalid."""
    base = public_base_url.rstrip("/")
    titles = TITLES_OF_ALL if of_all else TITLES
    return tuple(ActLink(act, title, f"{base}/act/preview") for act, title in titles.items())


def set_mark(event_ids: Collection[int]) -> str:
    """Stands for a set of events in a link: no other set has the same mark."""
    ids = ",".join(map(str, sorted(set(event_ids))))
    return hashlib.sha256(ids.encode()).hexdigest()[:_SET]


def _nonce() -> str:
    return secrets.token_urlsafe(9)


def _act_link(link: AnyLink, title: str, public_base_url: str) -> ActLink:
    ends = int(link.ends_at.timestamp())
    token = Signer(salt=_SALT).sign(f"{link.act}.{link.about}.{link.channel}.{ends}.{link.nonce}")
    return ActLink(link.act, title, f"{public_base_url.rstrip('/')}/act/{token}")


def read_link(token: str, now: datetime) -> AnyLink:
    """The link that a token encodes. Raises LinkRefused."""
    try:
        signed = Signer(salt=_SALT).unsign(token)
    except BadSignature:
        raise LinkRefused("altered") from None
    act, about, channel, ends, nonce = signed.split(".", _FIELDS - 1)
    ends_at = datetime.fromtimestamp(int(ends), UTC)
    link: AnyLink
    if about.startswith(f"{_DIGEST}-"):
        _, digest_id, events = about.split("-")
        link = DigestLink(int(digest_id), events, act, channel, ends_at, nonce)
    else:
        link = Link(int(about), act, channel, ends_at, nonce)
    if now >= link.ends_at:
        raise LinkRefused("expired")
    return link
