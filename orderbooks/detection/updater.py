"""Whales and depth drops as events: an updater like the others, whose upstream is the daemon's own collector.

Run by `orderbooks.collector.recorder` when the collector has observations, and by `replay` on archived ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from crypto_ews.conf import Config
from events.enums import Category, Status
from events.models import plain_events
from events.protocols import Fetcher
from events.sources.content import Age, AgeFrom, ContentRule, newest
from events.updater import Cycle, EventUpdater
from markets.watch import WatchLists
from markets.watch_store import effective_watch_lists
from orderbooks.detection.depth_drop import DepthWatch, OpenEvent
from orderbooks.detection.observations import SOURCE, URL, Depth, PairName, parse_observations
from orderbooks.detection.whale import WhaleRules, WhaleWatch

# Every minute brings rows.
INTERVAL_SECONDS = 60.0


class BookEventUpdater(EventUpdater):
    """Events of the order books. After a failed cycle, open events are left to expire."""

    name = SOURCE

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self._names: dict[str, PairName] = {}
        self.interval_seconds = INTERVAL_SECONDS
        self.depths = DepthWatch(config.depth_drop_percent / 100)
        self.whales = WhaleWatch(
            WhaleRules(config.whale_event_score, persists_ms=round(config.whale_persists_seconds * 1000))
        )

    def content(self) -> ContentRule:
        return ContentRule(
            unseen="whales and vanishing depth in the order books",
            # Each minute brings a row of every pair.
            ages=(Age(AgeFrom.RELEASE, timedelta(minutes=10)),),
            exempt={
                "frozen": "observations are made by the daemon itself, each once",
                "rows": "observations, not a list: the collector decides which pairs there are",
                "name": "the source is the daemon itself",
            },
        )

    def remember(self, depth: Depth) -> None:
        """Add a minute from before the start; they come oldest first."""
        self.depths.remember(depth)

    def cycle(self) -> Cycle:
        payload = self.fetch(SOURCE, URL)
        observations = parse_observations(payload)
        at = payload.received_at
        minutes = [datetime.fromtimestamp(depth.minute_ms / 1000, UTC) for depth in observations.depths]
        self.saw("", at=newest(minutes, at))
        # A pair's name is only sent with its observations; it is remembered for later cycles.
        self._names.update(observations.pairs)
        names = self._names
        open_events = _open_events()
        watched = _watched(names, effective_watch_lists(self.config, at))
        cycle = Cycle(items=len(observations.depths) + len(observations.placed) + len(observations.ended))
        cycle.drafts += self.depths.take(observations.depths, names, watched, open_events, at)
        cycle.drafts += self.whales.take(observations, names, watched, open_events, at)
        return cycle


def _open_events() -> Mapping[str, OpenEvent]:
    rows = plain_events().filter(
        status=Status.OPEN, category__in=(Category.WHALE, Category.DEPTH_DROP), source="orderbooks"
    )
    return {
        key: OpenEvent(title, facts, valid_until)
        for key, title, facts, valid_until in rows.values_list("natural_key", "title", "facts", "valid_until")
    }


def _watched(names: Mapping[str, PairName], lists: WatchLists) -> Mapping[str, bool]:
    return {pair: lists.pair(name.token, name.quote, name.ticker.partition(":")[0]) for pair, name in names.items()}
