"""What a detection function gives to `events.lifecycle`: plain frozen data, free of Django and of the clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class ImportantDate:
    """A moment (UTC) at which something happens, what, and to which instruments (none: to all of the event).

    tickers: VENUE:SYMBOL; in a parsed notice as the notice names them, without venue.
    """

    at: datetime
    what: str = ""
    tickers: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ImportantDate:
        """From an item of `Event.important_dates`."""
        return cls(datetime.fromisoformat(stored["at"]), stored["what"], tuple(stored["tickers"]))

    def as_json(self) -> dict[str, Any]:
        """An item of `Event.important_dates`: the time in ISO 8601, UTC."""
        return {"at": self.at.astimezone(UTC).isoformat(), "what": self.what, "tickers": list(self.tickers)}


@dataclass(frozen=True)
class EffectDraft:
    """What an event does to one token. Only `token` is required.

    trading_ends_at, in_force_at: give the scheduled transitions (section 7 of the design); without both, the effect is
    at `stage` ("announced" where that is absent too).
    action, risk_level, trading_status: used as given; where absent they follow from the action rules and the clock.
    in_force_status: trading status from `in_force_at` on, where the source reports another one than the rules.
    """

    token: str
    scope: str = "asset"
    venue: str = ""
    tickers: tuple[str, ...] = ()
    trading_status: str | None = None
    action: str | None = None
    risk_level: str | None = None
    trading_ends_at: datetime | None = None
    in_force_at: datetime | None = None
    stage: str | None = None
    in_force_status: str | None = None


@dataclass(frozen=True)
class EventDraft:
    """An event as its source reports it now. All times are timezone-aware UTC.

    kind: registered subclass (`events.registry.register_kind`); empty: a plain event.
    facts: details by kind, see `events.facts`.
    extra: fields of that subclass.
    state: "open", or "closed" to close the open event of this key with `close_reason`.
    alert: alert reason instead of "opened", "updated" or "closed". It makes an update due a card even where the card
        is the same ("worse", "turned").
    quiet: no alert, whatever the outcome (a notice older than the look-back).
    reopen: whether the key may open again after it was closed: "always", "new_date" (only for an important date in the
        future that the closed event did not have), "resume" (the closed event continues and keeps its `opened_at`), or
        "auto" (by category).
    payload: sha256 of the archived body that reported it.
    retracted: with state "closed": the source no longer lists the event, which does not mean that it is over. The key
        may open again without a new date.
    based_on: digest of the recorded draft that this one was made from. Where another writer has recorded something else
        since, this draft is stale and changes nothing.
    """

    source: str
    category: str
    natural_key: str
    title: str
    effects: tuple[EffectDraft, ...]
    kind: str = ""
    priority: str = "high"
    url: str = ""
    network_tokens: tuple[str, ...] = ()
    important_dates: tuple[ImportantDate, ...] = ()
    valid_until: datetime | None = None
    published_at: datetime | None = None
    seen_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    state: str = "open"
    close_reason: str = ""
    alert: str | None = None
    quiet: bool = False
    reopen: str = "auto"
    payload: str | None = None
    based_on: str | None = None
    retracted: bool = False

    def digest(self) -> str:
        """Digest of all that the source reported (not `seen_at`, `payload`, `based_on`); equal digests: no update."""
        left_out = ("seen_at", "payload", "based_on", "retracted")
        content = {key: value for key, value in asdict(self).items() if key not in left_out}
        # A field added after the first release is left out where it is absent: old digests stay valid.
        for effect in content["effects"]:
            if effect["in_force_status"] is None:
                del effect["in_force_status"]
        text = json.dumps(content, sort_keys=True, default=_json_value)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class ReviewDraft:
    """A notice that its source cannot judge, for a person. All times are timezone-aware UTC.

    natural_key: that of the event which the notice may be.
    reason: one of `events.models.Review.Reason`.
    ending: it has a word of ending. first: it also names something watched, and is shown first.
    tokens: assets that it names. tickers: VENUE:SYMBOL. venues: as in tickers; a token that it names may be concerned
        on every market of their exchanges.
    released_at: when it was published, or first seen.
    payload: sha256 of the archived body that it came in.
    """

    source: str
    natural_key: str
    title: str
    reason: str
    released_at: datetime
    text: str = ""
    url: str = ""
    ending: bool = False
    first: bool = False
    tokens: tuple[str, ...] = ()
    tickers: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    payload: str | None = None

    def digest(self) -> str:
        """Digest of title and text: what a person decided holds for these, however they are laid out."""
        return text_digest(self.title, self.text)


def text_digest(title: str, text: str) -> str:
    """Digest of a notice's letters and digits, however they are laid out."""
    letters = filter(str.isalnum, f"{title}{text}".casefold())
    return hashlib.sha256("".join(letters).encode()).hexdigest()


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
