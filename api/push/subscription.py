"""What a reader of the streams wants: kinds of messages, assets, venues. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

KINDS = ("risk", "event", "alert", "source", "whale", "volume", "arbitrage")
STANDARD = ("risk", "event", "alert", "source")
"""Whoever names no kind gets these."""
ALWAYS = ("snapshot", "heartbeat", "resync")
_MOST_NAMES = 500


# Of these, all markets of an exchange are one place, as `can_trade` has it.
EXCHANGE_WIDE = frozenset({"depeg", "wallet_suspension", "exchange_halt"})


class _Place(msgspec.Struct):
    token: str
    venues: list[str] = []
    categories: list[str] = []


@dataclass(frozen=True)
class Subscription:
    """assets, venues: None for all; exchanges: of the venues. Equal subscriptions share their encoded messages."""

    kinds: frozenset[str] = frozenset(STANDARD)
    assets: frozenset[str] | None = None
    venues: frozenset[str] | None = None
    exchanges: frozenset[str] = frozenset()

    @property
    def rows_asked(self) -> tuple[bool, frozenset[str] | None, frozenset[str] | None]:
        """What of the view its reader holds."""
        return "risk" in self.kinds, self.assets, self.venues

    def takes(self, row: bytes) -> bool:
        """Whether a row of the view, as JSON, is asked for: its asset, and a venue where it holds."""
        if self.assets is None and self.venues is None:
            return True
        place = _place(row)
        if place is None:
            return True
        if self.assets is not None and place.token not in self.assets:
            return False
        # No venue: it holds everywhere.
        if self.venues is None or not place.venues or not self.venues.isdisjoint(place.venues):
            return True
        wide = not EXCHANGE_WIDE.isdisjoint(place.categories)
        return wide and any(venue.partition("_")[0] in self.exchanges for venue in place.venues)

    def takes_any(self, kind: str, places: Collection[tuple[str, str]]) -> bool:
        """Whether a message about these tokens and venues ("" for every venue, "*" for every token) is asked for.

        What names no token is never held back: it may concern all of them.
        """
        if kind not in self.kinds:
            return False
        return not places or any(self._takes_place(token, venue) for token, venue in places)

    def _takes_place(self, token: str, venue: str) -> bool:
        asset = self.assets is None or token == "*" or token in self.assets
        # What is about one market of an exchange may be about all of them.
        return asset and (self.venues is None or not venue or venue.partition("_")[0] in self.exchanges)


@lru_cache(maxsize=4_000)
def _place(row: bytes) -> _Place | None:
    try:
        return msgspec.json.decode(row, type=_Place)
    except msgspec.ValidationError:
        # Another form: the row is kept from nobody.
        return None


def requested(asked: Mapping[str, Iterable[str]]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Kinds, names of assets and venues of a request: members `kinds`, `assets`, `venues`, lists of texts that may be
    separated by commas themselves. Raises ValueError that says what was wrong."""
    kinds, assets, venues = (frozenset(_names(name, asked.get(name, ()))) for name in ("kinds", "assets", "venues"))
    unknown = sorted(kinds - {*KINDS, *ALWAYS})
    if unknown:
        raise ValueError(f"kinds had {', '.join(unknown)[:100]}, expected some of: {', '.join(KINDS)}")
    return kinds - {*ALWAYS} or (kinds and frozenset()) or frozenset(STANDARD), assets, venues


def _names(member: str, texts: object) -> list[str]:
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise ValueError(f"{member} was {texts!r:.100}, expected a list of texts")
    found = []
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"{member} had {text!r:.100}, expected texts")
        found += [word.strip() for word in text.split(",") if word.strip()]
    if len(found) > _MOST_NAMES or any(len(word) > 64 for word in found):
        raise ValueError(f"{member} had {len(found)} names, expected at most {_MOST_NAMES} of at most 64 characters")
    return found


def subscribe_frame(text: str) -> tuple[dict[str, Any], str]:
    """The members of a WebSocket's frame `{"subscribe": {…}, "last_id": "…"}`, and its last id.

    Raises ValueError that says what was wrong.
    """
    try:
        frame = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise ValueError('the frame was no JSON, expected {"subscribe": {"kinds": [], …}}') from None
    asked = frame.get("subscribe") if isinstance(frame, dict) else None
    if not isinstance(asked, dict):
        raise ValueError('the frame had no object `subscribe`, expected {"subscribe": {"kinds": [], …}}')
    last_id = frame.get("last_id") or ""
    if not isinstance(last_id, str):
        raise ValueError("last_id was no text, expected the id of a message")
    return asked, last_id
