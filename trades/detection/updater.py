"""Unusual volume as events: an updater like the others, whose upstream is the daemon's own tracker.

Run by `trades.live.service` after each minute, and by `replay` on archived ones. It has no memory: cool-downs and the
day's budget are read from what was stored, so that a restart tells nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from crypto_ews.conf import Config
from events.drafts import EventDraft
from events.models import plain_events
from events.outcomes import Outcome
from events.protocols import Fetcher
from events.sources.content import Age, AgeFrom, ContentRule
from events.updater import Cycle, EventUpdater
from trades.detection.observations import SOURCE, URL, Passed, VolumeObservations, parse_observations
from trades.detection.unusual import digest_draft, market_draft, moment, natural_key, pair_draft
from trades.models import UnusualVolume
from trades.volume.bars import DAY_MS
from trades.volume.budget import COOL_DOWN_MS, Budget

# Every minute is observed.
INTERVAL_SECONDS = 60.0


class VolumeEventUpdater(EventUpdater):
    """Events of unusual volume. After a failed cycle, open events are left to expire."""

    name = SOURCE

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.interval_seconds = INTERVAL_SECONDS

    def content(self) -> ContentRule:
        return ContentRule(
            unseen="unusual volume of the watched pairs",
            ages=(Age(AgeFrom.RELEASE, timedelta(minutes=10)),),
            exempt={
                "frozen": "observations are made by the daemon itself, each once",
                "rows": "observations, not a list: the watch lists decide which pairs there are",
                "name": "the source is the daemon itself",
            },
        )

    def cycle(self) -> Cycle:
        payload = self.fetch(SOURCE, URL)
        seen = parse_observations(payload)
        now, at = payload.received_at, moment(seen.at_ms)
        self.saw("", at=at)
        cycle = Cycle(items=seen.known)
        rows = _within_budget(seen, at)
        cycle.drafts += _digests(at.date(), now)
        cycle.drafts += [pair_draft(one, at, seen.followed, now) for one, over in rows if not over]
        stored = [_row(seen.venue, one, at, over) for one, over in rows]
        if seen.market is not None and not _is_quiet(seen.venue, at):
            cycle.drafts.append(market_draft(seen.venue, seen.market, at, now))
            market = Passed("", f"{seen.venue}:*", "", "", *seen.market, None, None, None, None)
            stored.append(_row(seen.venue, market, at, False))
        if stored:

            def store(_outcomes: Sequence[Outcome]) -> None:
                UnusualVolume.objects.bulk_create(stored, ignore_conflicts=True)

            cycle.on_recorded = store
        return cycle


def _within_budget(seen: VolumeObservations, at: datetime) -> list[tuple[Passed, bool]]:
    """What passed and is not in its cool-down, and whether it is over the day's budget."""
    if not seen.passed:
        return []
    begin = datetime.combine(at.date(), time(), UTC)
    earliest = min(begin, at - timedelta(milliseconds=COOL_DOWN_MS))
    recent = UnusualVolume.objects.filter(at__gte=earliest, at__lte=at).exclude(symbol="")
    quiet: dict[str, int] = {}
    told = 0
    for row in recent.order_by("at"):
        quiet[row.ticker] = round(row.at.timestamp() * 1000) + COOL_DOWN_MS
        told += row.at >= begin and not row.over_budget
    by_ticker = {one.ticker: one for one in seen.passed}
    budget = Budget(quiet, seen.at_ms // DAY_MS, told)
    found = budget.take(seen.at_ms, [(one.ticker, one.surprise) for one in seen.passed])
    return [(by_ticker[ticker], over) for ticker, _, over in found]


def _is_quiet(venue: str, at: datetime) -> bool:
    """Whether a market card of the venue was made within six hours."""
    since = at - timedelta(milliseconds=COOL_DOWN_MS)
    return UnusualVolume.objects.filter(venue=venue, symbol="", at__gt=since).exists()


def _digests(today: date, now: datetime) -> list[EventDraft]:
    """The digest of the last day, where something waits for it."""
    yesterday = today - timedelta(days=1)
    begin = datetime.combine(yesterday, time(), UTC)
    waiting = list(
        UnusualVolume.objects.filter(over_budget=True, at__gte=begin, at__lt=begin + timedelta(days=1)).order_by("at")
    )
    key = natural_key(f"digest:{yesterday.isoformat()}")
    if not waiting or plain_events().filter(natural_key=key).exists():
        return []
    passed = [
        Passed(row.symbol, row.ticker, row.token, "", row.surprise, row.threshold, row.price, row.move, None, None)
        for row in waiting
    ]
    return [digest_draft(yesterday, passed, [row.at for row in waiting], now)]


def _row(venue: str, one: Passed, at: datetime, over: bool) -> UnusualVolume:
    return UnusualVolume(
        venue=venue,
        symbol=one.symbol,
        ticker=one.ticker,
        token=one.token,
        at=at,
        surprise=one.surprise,
        threshold=one.threshold,
        over_budget=over,
        price=one.price,
        move=one.move,
    )
