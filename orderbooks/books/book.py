"""One symbol's order book. Sizes inside are in the venue's units; `best` and `bands` return base and quote units."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from decimal import Decimal

from orderbooks.books.distribution import Distribution, distribution
from orderbooks.books.side import Grown, Side, parse_levels
from orderbooks.records import BANDS_PERCENT, Band, Ladder
from streams.feeds.base import ContractValue, NumberLevel, Snapshot, TextLevel

# The near band follows the mid in steps of this share of it, as each step sums the levels again.
_NEAR_STEP = 0.001
# A large level further from the mid is no wall that the price meets soon.
_WALLS_WITHIN = 0.03


class Book:
    """Both sides of one symbol. A message that raises has changed nothing."""

    def __init__(
        self,
        *,
        keeps_text: bool,
        depths: frozenset[int],
        window: bool,
        truncates: bool = False,
        contract: ContractValue | None = None,
    ) -> None:
        self.bids = Side(True, keeps_text)
        self.asks = Side(False, keeps_text)
        self._keeps_text = keeps_text
        self._depths = depths
        self._is_window = window
        self._truncates = truncates
        self.contract = contract
        self._window: int | None = None
        self._decimals = (0, 0)
        # While the mid is between these, the near band stays where it is.
        self._stays_from = self._stays_to = 0.0

    def load(self, snapshot: Snapshot) -> None:
        """Replace the book with a snapshot. Raises BadLevel, and then nothing has changed."""
        sides = (
            (self.bids, parse_levels(snapshot.bids), snapshot.bids),
            (self.asks, parse_levels(snapshot.asks), snapshot.asks),
        )
        longest = max(len(snapshot.bids), len(snapshot.asks))
        self._window = None
        if self._is_window:
            # Where the requested depth is unknown, it is the smallest of the venue's depths that fits.
            self._window = snapshot.depth or min((depth for depth in self._depths if depth >= longest), default=longest)
        for side, parsed, levels in sides:
            side.load(parsed, levels, complete=self._is_window or len(levels) not in self._depths)
        self._decimals = _decimals(snapshot)
        self._stays_from = self._stays_to = 0.0
        self._recentre()

    def apply(
        self, bids: Sequence[TextLevel] | Sequence[NumberLevel], asks: Sequence[TextLevel] | Sequence[NumberLevel]
    ) -> tuple[list[Grown] | None, list[Grown] | None]:
        """Apply changed levels. Returns additions above each side's cut. Raises BadLevel, and then nothing changed."""
        if self._keeps_text:
            return self._apply_texts(bids, asks)  # type: ignore[arg-type]
        grown_bids = self.bids.apply(bids) if bids else None  # type: ignore[arg-type]
        grown_asks = self.asks.apply(asks) if asks else None  # type: ignore[arg-type]
        self._recentre()
        return grown_bids, grown_asks

    def _apply_texts(
        self, bids: Sequence[TextLevel], asks: Sequence[TextLevel]
    ) -> tuple[list[Grown] | None, list[Grown] | None]:
        grown: list[list[Grown] | None] = []
        changes = ((self.bids, bids, parse_levels(bids)), (self.asks, asks, parse_levels(asks)))
        for side, levels, parsed in changes:
            edge = self._edge(side) if self._window is not None and parsed else None
            above_cut = side.apply(parsed)
            side.keep_texts(parsed, levels)
            if self._truncates and self._window is not None:
                side.truncate(self._window)
            if above_cut and edge is not None:
                # A level that enters a full window from behind its edge may have been there all the time.
                above_cut = [one for one in above_cut if one.known or (one.price - edge) * side.sign <= 0]
            grown.append(above_cut)
        self._recentre()
        return grown[0], grown[1]

    def _edge(self, side: Side) -> float | None:
        """The last price of a full window; None where the side is complete, or where nothing is scored yet."""
        if side.cut == math.inf or self._window is None or len(side.levels) < self._window:
            return None
        return min(side.levels) if side.is_bid else max(side.levels)

    def contains(
        self, bids: Sequence[TextLevel] | Sequence[NumberLevel], asks: Sequence[TextLevel] | Sequence[NumberLevel]
    ) -> bool:
        """Whether these changes would change nothing. Raises BadLevel."""
        for side, changes in ((self.bids, bids), (self.asks, asks)):
            parsed: Sequence[NumberLevel] = parse_levels(changes) if self._keeps_text else changes  # type: ignore[arg-type, assignment]
            if any(side.levels.get(price, 0.0) != size for price, size in parsed):
                return False
        return True

    def is_equal(self, snapshot: Snapshot) -> bool:
        """Whether a snapshot shows this same book. Raises BadLevel."""
        return all(
            side.levels == {price: size for price, size in parse_levels(levels) if size}
            for side, levels in ((self.bids, snapshot.bids), (self.asks, snapshot.asks))
        )

    def has_best_of(self, snapshot: Snapshot) -> bool:
        """Whether the best prices and sizes are the snapshot's."""
        for side, levels in ((self.bids, snapshot.bids), (self.asks, snapshot.asks)):
            price, size = (float(levels[0][0]), float(levels[0][1])) if levels else (None, None)
            if side.best != price or (price is not None and side.levels.get(price) != size):
                return False
        return True

    def forget_gains(self) -> None:
        self.bids.gains.clear()
        self.asks.gains.clear()

    def _recentre(self) -> None:
        bid, ask = self.bids.best, self.asks.best
        if bid is not None and ask is not None:
            mid = (bid + ask) / 2
            if not self._stays_from <= mid <= self._stays_to:
                self._stays_from, self._stays_to = mid * (1 - _NEAR_STEP), mid * (1 + _NEAR_STEP)
                self.bids.centre(mid)
                self.asks.centre(mid)

    @property
    def mid(self) -> float | None:
        bid, ask = self.bids.best, self.asks.best
        return None if bid is None or ask is None else (bid + ask) / 2

    @property
    def best(self) -> tuple[float, float, float, float] | None:
        """bid, bid size, ask, ask size; None while a side is empty."""
        bid, ask = self.bids.best, self.asks.best
        if bid is None or ask is None:
            return None
        return bid, self.in_base(self.bids.levels[bid], bid), ask, self.in_base(self.asks.levels[ask], ask)

    def in_base(self, size: float, price: float) -> float:
        return size if self.contract is None else self.contract.in_base(size, price)

    def best_as_written(self) -> tuple[TextLevel | None, TextLevel | None]:
        """Price and size of the best bid and ask in the venue's own characters."""
        return self._as_written(self.bids), self._as_written(self.asks)

    def _as_written(self, side: Side) -> TextLevel | None:
        if side.best is None:
            return None
        if side.texts is not None:
            price, size = side.texts[side.best][:2]
            return price, size
        price_decimals, size_decimals = self._decimals
        return fixed(side.best, price_decimals), fixed(side.levels[side.best], size_decimals)

    def texts(self, side: Side, count: int) -> list[TextLevel]:
        """The best levels as written, of a book that keeps text."""
        assert side.texts is not None
        return [side.texts[price] for price in side.best_first(count)]

    @property
    def nears_the_end_of_its_snapshot(self) -> bool:
        """Whether the price nears levels beyond the snapshot, which no update has brought."""
        bids, asks = self.bids, self.asks
        return (bids.edge is not None and bids.best is not None and bids.best <= bids.edge) or (
            asks.edge is not None and asks.best is not None and asks.best >= asks.edge
        )

    def _reach(self, side: Side) -> float:
        """How far behind the best price all levels are known, in the price's unit."""
        if side.best is None:
            return math.inf
        if self._window is not None:
            if len(side.levels) < self._window:
                return math.inf
            return abs(side.best - (min(side.levels) if side.is_bid else max(side.levels)))
        return side.best - side.known_from if side.is_bid and side.known_from else side.known_to - side.best

    def reaches(self, share: float, mid: float) -> bool:
        """Whether all levels within this share of the mid are known, on both sides."""
        return all(self._known(side, mid) >= share * mid for side in (self.bids, self.asks))

    def _known(self, side: Side, mid: float) -> float:
        """How far from the mid all levels are known, in the price's unit."""
        known = abs(mid - side.best) + self._reach(side) if side.best is not None else math.inf
        return max(known, 0.0)

    def bands(self, percents: tuple[float, ...] = BANDS_PERCENT) -> tuple[Band, ...]:
        """Depth by band around the present mid, of the known levels; coverage is the known share of the band."""
        mid = self.mid
        if mid is None:
            return ()
        bids, asks = self._depths_within(self.bids, mid, percents), self._depths_within(self.asks, mid, percents)
        return tuple(
            Band(percent, bid, ask, bid_coverage, ask_coverage)
            for percent, (bid, bid_coverage), (ask, ask_coverage) in zip(percents, bids, asks, strict=True)
        )

    def ladder(self, levels: int, walls: int) -> tuple[Ladder, Ladder]:
        """Bids and asks: the best levels and the largest ones behind them within `_WALLS_WITHIN` of the mid."""
        mid = self.mid
        if mid is None:
            return (), ()
        return self._ladder(self.bids, mid, levels, walls), self._ladder(self.asks, mid, levels, walls)

    def _ladder(self, side: Side, mid: float, levels: int, walls: int) -> Ladder:
        near = [price for price in side.levels if abs(price - mid) <= _WALLS_WITHIN * mid]
        pick = heapq.nlargest if side.is_bid else heapq.nsmallest
        chosen = set(pick(levels, side.levels))
        chosen |= set(heapq.nlargest(walls, near, key=lambda price: self.in_base(side.levels[price], price) * price))
        return tuple((price, self.in_base(side.levels[price], price)) for price in sorted(chosen, reverse=side.is_bid))

    def _depths_within(self, side: Side, mid: float, percents: Sequence[float]) -> list[tuple[float, float]]:
        """Depth in quote currency and share of the band that is known, by band."""
        known = self._known(side, mid)
        widths = [mid * percent / 100 for percent in percents]
        order = sorted(range(len(widths)), key=widths.__getitem__)
        sums = [0.0] * len(widths)
        widest = min(max(widths, default=0.0), known)
        contract = self.contract
        for price, size in side.levels.items():
            distance = abs(price - mid)
            if distance <= widest:
                value = size * price if contract is None else contract.in_base(size, price) * price
                for index in order:
                    if distance <= widths[index]:
                        sums[index] += value
                        break
        total = 0.0
        for index in order:
            total += sums[index]
            sums[index] = total
        return [(depth, min(1.0, known / width)) for depth, width in zip(sums, widths, strict=True)]

    def distributions(self) -> tuple[Distribution, Distribution] | None:
        """Bids and asks by distance from the mid; None while a side is empty. The cost grows with the levels."""
        mid = self.mid
        if mid is None:
            return None
        return self._distribution(self.bids, mid), self._distribution(self.asks, mid)

    def _distribution(self, side: Side, mid: float) -> Distribution:
        contract = self.contract
        values = (
            (price, size * price if contract is None else contract.in_base(size, price) * price)
            for price, size in side.levels.items()
        )
        return distribution(values, mid, self._known(side, mid))

    def level_counts(self) -> tuple[int, int]:
        """Levels known, bids and asks; more than the snapshot had where updates brought others."""
        return len(self.bids.levels), len(self.asks.levels)


def _decimals(snapshot: Snapshot) -> tuple[int, int]:
    """The decimals of prices and sizes, for a venue that writes a fixed number of them."""
    for level in (*snapshot.bids[:1], *snapshot.asks[:1]):
        return len(level[0].partition(".")[2]), len(level[1].partition(".")[2])
    return 0, 0


def fixed(number: float, decimals: int) -> str:
    """The shortest text that is this number (up to 15 digits: the one it was read from), filled up with zeros."""
    integer, _, fraction = format(Decimal(repr(number)), "f").partition(".")
    fraction = fraction.rstrip("0").ljust(decimals, "0")
    return f"{integer}.{fraction}" if fraction else integer
