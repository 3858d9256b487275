"""What a transport is given to deliver: content to be rendered for its receiver at the moment of sending."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from alerts.rendering.summary import Deferral, EventSummary


@dataclass(frozen=True)
class Notice:
    """A message that tells of no event: a test, the state of another channel, what somebody did about alerts.

    good: nothing to worry about. lines: one each, where several such messages are merged into one.
    """

    title: str
    text: str
    good: bool = False
    event_id: int | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActLink:
    """Something that a reader can do about the event with one click and a confirmation. The URL is a secret."""

    act: str
    title: str
    url: str = field(repr=False)


@dataclass(frozen=True)
class DigestLine:
    """One event in a list of many. reasons: why it is told, oldest first.

    subjects: what is at risk by name, coins or single pairs; empty: the tokens. order: what to do in words, where it
    is more than the action (it may hold for single pairs of a coin). ended: what it was and what holds now, where it is
    over; action is None then. deferred: where it is told later than it was queued.
    """

    event_id: int
    reasons: tuple[str, ...]
    category: str
    title: str
    tokens: tuple[str, ...]
    action: str | None
    status: str
    subjects: tuple[str, ...] = ()
    order: str = ""
    ended: str = ""
    deferred: Deferral | None = None

    @property
    def named(self) -> tuple[str, ...]:
        return self.subjects or self.tokens


@dataclass(frozen=True)
class Digest:
    """Many alerts in one message. kind: `digest` or `market`; every line's event must be named."""

    kind: str
    title: str
    lines: tuple[DigestLine, ...]


@dataclass(frozen=True)
class Message:
    """minimal: as short as it can be, because the receiver refused the whole of it.

    channel: whom it is for. key: the same for every attempt to deliver it. in_hand: who has acknowledged the event,
    and what there is to say of it; "" for nobody.
    """

    content: EventSummary | Notice | Digest
    now: datetime
    public_base_url: str
    minimal: bool = False
    channel: str = ""
    key: str = ""
    acts: tuple[ActLink, ...] = ()
    in_hand: str = ""


def event_url(public_base_url: str, event_id: int) -> str:
    """The event's page in the admin."""
    return f"{public_base_url.rstrip('/')}/admin/events/event/{event_id}/change/"
