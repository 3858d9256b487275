"""Reads and writes the state of depegs between readings: the facts of their events, and a row per coin and venue."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from django.db.models import Q, QuerySet

from defillama.stablecoins.client import Rate
from defillama.stablecoins.detect import GLOBAL
from defillama.stablecoins.models import CurrencyRate, DepegEvent, PeggedCoin
from defillama.stablecoins.supply_run import KEY_PREFIX, SOURCE, SupplyRun
from defillama.stablecoins.track import RESUMES_WITHIN, PegTrack
from events.enums import Status
from events.facts import DepegFacts, facts_as
from events.models import plain_events
from markets.knowledge import GONE
from markets.models import Instrument
from markets.versions import version_of_rows

# A depeg that ended within this time may be resumed.
_LATELY = 2 * RESUMES_WITHIN
_UPSERTED = ("symbol", "name", "currency", "standing", "price", "peg", "supply", "read_at")


def stored_rates() -> Mapping[str, Rate]:
    return {row.currency: Rate(row.per_dollar, row.dated) for row in CurrencyRate.objects.all()}


@dataclass(frozen=True)
class DepegTracks:
    """The depegs of a venue by coin: open events with their tracks, and the tracks of those that closed lately."""

    open: Mapping[str, DepegEvent] = field(default_factory=dict)
    tracks: Mapping[str, PegTrack] = field(default_factory=dict)
    earlier: Mapping[str, PegTrack] = field(default_factory=dict)

    def alerted(self, coin: str) -> bool:
        """Whether the coin's open event has alerted."""
        track = self.tracks.get(coin)
        return track is not None and bool(track.side)

    @classmethod
    def of(cls, venue: str, now: datetime) -> DepegTracks:
        lately = Q(status=Status.CLOSED, closed_at__gt=now - _LATELY)
        # The manager's type is lost in polymorphic's.
        rows = cast("QuerySet[DepegEvent]", DepegEvent.objects.non_polymorphic())
        events = rows.filter(Q(status=Status.OPEN) | lately, on_venue=venue)
        still_open, tracks, earlier = {}, {}, {}
        for event in events.order_by("id"):
            track = _track(event)
            if event.status == Status.OPEN:
                still_open[event.coin] = event
                if track is not None:
                    tracks[event.coin] = track
            # A false alarm is never resumed.
            elif track is not None and not event.false_alarm:
                earlier[event.coin] = track
        return cls(still_open, tracks, earlier)


def version_of_pegs(venue: str, now: datetime) -> Hashable:
    """A value that changes with the depegs of a venue and with the coins on record, there or globally."""
    return version_of_rows(
        (
            "events_event AS item JOIN defillama_depegevent AS depeg ON depeg.event_ptr_id = item.id"
            " WHERE depeg.on_venue = %s AND (item.status = %s OR item.closed_at > %s)",
            (venue, Status.OPEN, now - _LATELY),
        ),
        ("defillama_peggedcoin AS item WHERE item.venue IN (%s, %s)", (venue, GLOBAL)),
    )


def open_supply_runs() -> Mapping[str, SupplyRun]:
    """Coin id → the state of its open redemption run."""
    rows = plain_events().filter(status=Status.OPEN, source=SOURCE, natural_key__startswith=KEY_PREFIX)
    stored = rows.values_list("natural_key", "facts__run")
    return {key.removeprefix(KEY_PREFIX): SupplyRun.from_json(run) for key, run in stored if run}


def _track(event: DepegEvent) -> PegTrack | None:
    stored = facts_as(DepegFacts, event.facts).get("track")
    return PegTrack.from_json(stored) if stored else None


def no_longer_listed(tokens: Iterable[str], venue: str) -> frozenset[str]:
    """Those of the tokens whose instruments have all left the venue's list, which is guarded against truncation.

    A suspended pair counts as listed. A token without instruments on record is left out.
    """
    rows = Instrument.objects.filter(venue=venue, token__in=sorted(set(tokens))).values_list("token", "status")
    listed = {token for token, status in rows if status != GONE}
    return frozenset(token for token, _ in rows if token not in listed)


def upsert(rows: Sequence[PeggedCoin]) -> None:
    """Store the present state of coins. First sightings and the admins' choice of `fixed_peg` stay."""
    PeggedCoin.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["venue", "coin"], update_fields=list(_UPSERTED)
    )
