"""Who is silent, and who is late: an acknowledgement proves no data, and a socket may be open and dead.

Pure: times are monotonic seconds, handed in.
"""

from __future__ import annotations

from dataclasses import dataclass

# With gaps of exponential length, a silence of so many mean gaps comes by chance once in e¹⁶ ≈ 9 million.
_MEAN_GAPS = 16.0
# How long the rate of a symbol is remembered.
_MEMORY_SECONDS = 600.0


@dataclass
class _Heard:
    count: int
    since: float
    """When it was subscribed."""
    at: float
    """When it was heard last, or subscribed."""
    rate: float
    """Messages a second, decayed; 0 where it never spoke."""
    asked: int
    """How often its silence was reported since it was heard last."""


class SymbolWatch:
    """Which symbols of a connection have been silent for longer than their own rate explains.

    A busy pair is suspected after `floor` seconds, a quiet one after sixteen of its mean gaps, any after `ceiling`.
    What was reported is reported again after twice the time: whoever asks has found it quiet, not deaf.
    """

    def __init__(self, floor: float, ceiling: float) -> None:
        self._floor, self._ceiling = floor, max(floor, ceiling)
        self._heard: dict[str, _Heard] = {}

    def subscribed(self, symbol: str, count: int, now: float) -> None:
        """Silence counts from here; count: messages of the symbol so far."""
        self._heard[symbol] = _Heard(count, now, now, 0.0, 0)

    def forget(self, symbol: str) -> None:
        self._heard.pop(symbol, None)

    def look(self, symbol: str, count: int, now: float) -> bool:
        """Whether the symbol has become suspicious; count: messages so far. To be called about once a second."""
        state = self._heard[symbol]
        if count != state.count:
            # Learnt only when it speaks: a silence that is to be judged must not lower the rate that judges it.
            span = max(now - state.at, 1e-3)
            # At first the plain mean: a rate that starts at nothing would take minutes to be believed.
            keep = max(0.0, 1 - span / min(max(now - state.since, 1e-3), _MEMORY_SECONDS))
            state.rate = keep * state.rate + (1 - keep) * (count - state.count) / span
            state.count, state.at, state.asked = count, now, 0
            return False
        if now - state.at < self.patience(symbol):
            return False
        state.asked += 1
        return True

    def is_unheard(self, symbol: str, count: int) -> bool:
        """Whether nothing has come of the symbol since it was subscribed."""
        state = self._heard.get(symbol)
        return state is not None and state.count == count and state.at == state.since

    def asked(self, symbol: str) -> int:
        """How often the symbol was reported since it was heard last."""
        return self._heard[symbol].asked

    def patience(self, symbol: str) -> float:
        """How long the symbol may be silent, in seconds."""
        state = self._heard[symbol]
        # What has never spoken since the subscription gets no more time than a busy pair.
        expected = _MEAN_GAPS / state.rate if state.rate > 0 else self._floor
        return min(max(expected, self._floor) * 2**state.asked, self._ceiling * (1 + state.asked))


class Lag:
    """How late messages are, without comparing two clocks.

    Their offset is unknown and may be seconds: what counts is how much later than the earliest of the last minutes a
    message comes, by the exchange's stamp.
    """

    def __init__(self, memory: float = 300.0) -> None:
        self._memory = memory
        self._least: float | None = None
        self._least_before: float | None = None
        self._turned_at: float | None = None
        self._latest: float | None = None

    def saw(self, exchange_ms: int, now: float) -> None:
        offset = now - exchange_ms / 1000
        if self._turned_at is None or now - self._turned_at > self._memory:
            self._least_before, self._least, self._turned_at = self._least, None, now
        if self._least is None or offset < self._least:
            self._least = offset
        # The least late of those since it was read: one message with an old stamp is not a late stream.
        if self._latest is None or offset < self._latest:
            self._latest = offset

    def take(self) -> float | None:
        """Seconds of delay since the last call, at its least; None without a message."""
        if self._latest is None or self._least is None:
            return None
        least = self._least if self._least_before is None else min(self._least, self._least_before)
        late, self._latest = self._latest - least, None
        return max(0.0, late)
