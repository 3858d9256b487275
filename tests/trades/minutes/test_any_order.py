"""Whatever the order in which trades come, and whatever is lost: a row is the venue's minute, or it is asked again."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.feeds.base import ExactTrade
from streams.feeds.trades.base import Numbering
from tests.trades.minutes.tape import MINUTE, START, Figures, Fill, buys_of, figures, kline, reckoned, tape
from trades.minutes.gaps import RepairReason
from trades.minutes.pair import GRACE_MS
from trades.minutes.repair import checked
from trades.minutes.venue import VenueMinutes
from trades.records import TradeMinute

SYMBOLS = ("AUSDT", "BUSDT", "CUSDT")


@dataclass
class Case:
    """A tape and what happens to it on the way. outages: begin and end, in milliseconds of the venue."""

    seed: int
    number: int
    most_late_ms: int
    duplicates: float
    losses: float
    outages: list[tuple[int, int]]
    numbering: Numbering
    fills: list[Fill] = field(default_factory=list)
    delivered: list[tuple[int, Fill | None]] = field(default_factory=list)
    """With the time of the delivery, in its order; None: the connection was lost."""

    def __post_init__(self) -> None:
        source = random.Random(self.seed)
        if self.outages and self.numbering is not Numbering.CONSECUTIVE:
            # Only numbers tell that a trade was lost which is older than those that came.
            self.most_late_ms = min(self.most_late_ms, GRACE_MS - 100)
        for symbol in SYMBOLS:
            fills = tape(source, symbol, self.number)
            if self.numbering is not Numbering.CONSECUTIVE:
                # Numbers that say nothing of what lies between them.
                fills = [replace(fill, first=fill.first * 7, last=fill.first * 7) for fill in fills]
            if self.numbering is Numbering.NONE:
                # Of one millisecond only the order of arrival would tell which was first.
                fills = [replace(fill, at=fill.at + place) for place, fill in enumerate(fills)]
            self.fills += fills
            for place, fill in enumerate(fills):
                # Nothing after the last one could show that it was lost.
                last = place == len(fills) - 1
                when = fill.at + (0 if last else source.randint(0, self.most_late_ms))
                lost = any(fill.at < end and when >= begin for begin, end in self.outages)
                if self.numbering is Numbering.CONSECUTIVE:
                    lost = lost or source.random() < self.losses
                if lost and not last:
                    continue
                self.delivered.append((when, fill))
                while source.random() < self.duplicates:
                    self.delivered.append((when + source.randint(0, 20_000), fill))
        self.delivered += [(begin, None) for begin, _ in self.outages]
        self.delivered.sort(key=lambda item: item[0])

    def play(self) -> Played:
        played = Played()
        minutes = VenueMinutes("BINANCE", self.numbering, played.take, played.ask)
        for symbol in SYMBOLS:
            minutes.add(symbol)
        for when, fill in self.delivered:
            if fill is not None:
                minutes.traded(self.trade(fill), when)
                continue
            for symbol in SYMBOLS:
                minutes.interrupted(symbol)
        minutes.finish()
        played.duplicates = minutes.counters.duplicates
        return played

    def trade(self, fill: Fill) -> ExactTrade:
        if self.numbering is Numbering.NONE:
            return msgspec.structs.replace(fill.exact, first_id=None, last_id=None, name=str(fill.first))
        return fill.exact


@dataclass
class Played:
    rows: dict[tuple[str, int], TradeMinute] = field(default_factory=dict)
    asked: set[tuple[str, int]] = field(default_factory=set)
    duplicates: int = 0

    def take(self, row: TradeMinute) -> None:
        before = self.rows.get((row.symbol, row.minute_ms))
        assert row.revision == (0 if before is None else before.revision + 1)
        assert before is None or row._replace(revision=before.revision) != before
        self.rows[row.symbol, row.minute_ms] = row

    def ask(self, venue: str, symbol: str, minute_ms: int, reason: RepairReason) -> None:
        self.asked.add((symbol, minute_ms))


def of_the_venue(row: TradeMinute | None, reference: dict[tuple[str, int], Figures], key: tuple[str, int]) -> bool:
    if row is None:
        return False
    return row.volume == 0 and key not in reference if not row.n_trades else figures(row) == reference.get(key)


outage = st.tuples(st.integers(0, 900_000), st.integers(1, 240_000)).map(
    lambda pair: (START + pair[0], START + pair[0] + pair[1])
)
cases = st.builds(
    Case,
    seed=st.integers(0, 2**32),
    number=st.integers(1, 60),
    most_late_ms=st.sampled_from([0, 200, GRACE_MS - 100, 60_000]),
    duplicates=st.sampled_from([0.0, 0.2]),
    losses=st.sampled_from([0.0, 0.02, 0.3]),
    outages=st.lists(outage, max_size=3).map(sorted),
    numbering=st.sampled_from([*Numbering, Numbering.CONSECUTIVE, Numbering.CONSECUTIVE]),
)


@given(cases)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_row_is_the_venues_minute_or_is_asked_again(case: Case) -> None:
    played = case.play()
    reference = reckoned(case.fills)
    for key, row in played.rows.items():
        if row.complete:
            assert of_the_venue(row, reference, key), row
    for symbol in SYMBOLS:
        for minute_ms in seen(case, symbol):
            key = symbol, minute_ms
            assert of_the_venue(played.rows.get(key), reference, key) or key in played.asked, key
    repair(played, reference)
    for symbol in SYMBOLS:
        for minute_ms in seen(case, symbol):
            assert of_the_venue(played.rows.get((symbol, minute_ms)), reference, (symbol, minute_ms))


@given(cases)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_late_within_the_grace_or_comes_twice_changes_nothing(case: Case) -> None:
    late = min(case.most_late_ms, GRACE_MS - 100)
    numbering = case.numbering
    case = Case(case.seed, case.number, late, case.duplicates, 0.0, [], numbering)
    played = case.play()
    reference = reckoned(case.fills)
    for symbol in SYMBOLS:
        minutes = list(seen(case, symbol))
        rows = [played.rows[symbol, minute_ms] for minute_ms in minutes]
        for minute_ms, row in zip(minutes, rows, strict=True):
            assert of_the_venue(row, reference, (symbol, minute_ms))
        assert not rows[0].complete
        assert {row.complete for row in rows[1:]} <= {numbering is not Numbering.NONE}


def seen(case: Case, symbol: str) -> Iterable[int]:
    """The minutes from the first trade that came to the last one."""
    first = next(fill for _, fill in case.delivered if fill is not None and fill.symbol == symbol)
    last = max(fill.at for fill in case.fills if fill.symbol == symbol)
    return range(first.at // MINUTE * MINUTE, last + 1, MINUTE)


def repair(played: Played, reference: dict[tuple[str, int], Figures]) -> None:
    """What the collector does with the venue's candles of the minutes that were asked for."""
    for symbol, minute_ms in played.asked:
        those = reference.get((symbol, minute_ms))
        candle = kline("BINANCE", symbol, minute_ms, those, Fraction(100))
        found = checked(played.rows.get((symbol, minute_ms)), candle).row
        assert found is not None
        played.rows[symbol, minute_ms] = found if found.n_buys is not None else found._replace(n_buys=buys_of(those))
