"""Messages as transports get them: content that is rendered for its receiver when it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from alerts.rendering.summary import Deferral, EventSummary
from events.positions.phrases import Touched


@dataclass(frozen=True)
class Notice:
    """A message that is not about an event: a test, the state of another channel, an action on alerts.

    good: no cause for concern. lines: one per message, if several notices are merged into one. page: where something is
    to be done, as a path of the admin. runbook: its page of `docs/cards`. ended: the event is over. of_acts: about
    acts on alerts; acknowledged: the events that these acknowledged. about: what has a beginning and an end of its own
    beside events, such as the suspension of a channel; "" for nothing.
    """

    title: str
    text: str
    good: bool = False
    event_id: int | None = None
    lines: tuple[str, ...] = ()
    page: str = ""
    runbook: str = ""
    ended: bool = False
    of_acts: bool = False
    acknowledged: tuple[int, ...] = ()
    about: str = ""


@dataclass(frozen=True)
class ActLink:
    """A one-click action on the event, with a page that asks to confirm. The URL is a secret."""

    act: str
    title: str
    url: str = field(repr=False)


@dataclass(frozen=True)
class DigestLine:
    """One event in a digest. Its field names are payload keys.

    reasons: why it is listed, oldest first. subjects: names of what is at risk, coins or single pairs; empty: `tokens`.
    order: what to do, if that is more than the action (it may be for single pairs only). ended: what the event was and
    what is in force now, if it is over; action is None then. deferred: set if it is sent later than it was queued.
    positions: as on the event's card. heading: as on the event's card; under_action: of the subjects
    those that the action is for; venues: where, empty for everywhere; deadline: the next moment that counts, and how,
    as "by"; why: one sentence.
    acknowledged_by: as on the event's card. urgent: its card is in the most urgent colour. acts: for this event alone;
    a long digest has none, as they would not fit.
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
    positions: Touched | None = None
    trading_ends_at: datetime | None = None
    heading: str = ""
    under_action: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    risk_level: str | None = None
    deadline: datetime | None = None
    deadline_is: str = ""
    why: str = ""
    acknowledged_by: str = ""
    urgent: bool = False
    acts: tuple[ActLink, ...] = ()

    @property
    def over(self) -> bool:
        return bool(self.ended) or self.status == "closed"

    @property
    def named(self) -> tuple[str, ...]:
        return self.subjects or self.tokens


@dataclass(frozen=True)
class Digest:
    """Many alerts in one message. kind: `digest` or `market`. A rendering must name the event of every line."""

    kind: str
    title: str
    lines: tuple[DigestLine, ...]


@dataclass(frozen=True)
class Unanswered:
    """Who got the alert that was escalated, and when it was queued for them."""

    channel: str
    since: datetime


@dataclass(frozen=True)
class Message:
    """One message for one channel.

    minimal: the shortest form, because the receiver refused the full one. key: the same for every attempt to deliver
    the message. acknowledged_by: who acknowledged the event, since when, and the note; "" for nobody.
    acts: on the event, or on all events of a digest. unanswered: of an escalation. correction: who corrected the event,
    and why; "" where no person did. revision: of the event, as read for its card; 0: not known.

    For services that keep a state of their own. acknowledged: events of the message that somebody has. anew: those
    whose acknowledgement ended since this channel last heard of them. released: the cards of events that were
    unacknowledged by what the message tells. reopened: events of whose former life the message tells the end, and whose
    present life this channel knows: nothing of theirs is over. paged: of those that page nobody by themselves (lists of
    what moves the market, events of low priority), the ones whose incident may be open.

    drill: the name of the crisis that is drilled, of which every card says that nothing has happened; "" for real.
    """

    content: EventSummary | Notice | Digest
    now: datetime
    public_base_url: str
    minimal: bool = False
    channel: str = ""
    key: str = ""
    acts: tuple[ActLink, ...] = ()
    acknowledged_by: str = ""
    unanswered: Unanswered | None = None
    correction: str = ""
    acknowledged: frozenset[int] = frozenset()
    anew: frozenset[int] = frozenset()
    released: tuple[Message, ...] = ()
    reopened: frozenset[int] = frozenset()
    paged: frozenset[int] = frozenset()
    revision: int = 0
    drill: str = ""


def event_url(public_base_url: str, event_id: int) -> str:
    """The event's page in the admin."""
    return f"{public_base_url.rstrip('/')}/admin/events/event/{event_id}/change/"


def runbook_url(public_base_url: str, page: str) -> str:
    """What a card means and what to do: a page of `docs/cards`, by a category's name."""
    return f"{public_base_url.rstrip('/')}/runbook/{page}/"


REVIEWS_PAGE = "/admin/events/review/"
"""The queue of reviews, as a path of the admin."""


def review_page(review_id: int) -> str:
    """The page on which a review is decided, as a path of the admin."""
    return f"{REVIEWS_PAGE}{review_id}/change/"


def page_url(public_base_url: str, page: str) -> str:
    """The address of a path of the admin."""
    return f"{public_base_url.rstrip('/')}{page}"
