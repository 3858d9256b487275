"""Finds silent symbols and late messages: an acknowledgement proves no data, and an open socket may be dead.

Pure: times are monotonic seconds, passed in.
"""

from __future__ import annotations

from dataclasses import dataclass

# With gaps of exponential length, a silence of so many mean gaps comes by chance once in e¹⁶ ≈ 9 million.
_MEAN_GAPS = 16.0
# Over how long the rate of a symbol is averaged.
_MEMORY_SECONDS = 600.0


@dataclass
class _Activity:
    count: int
    since: float
    """When it was subscribed."""
    at: float
    """When its last message came, or when it was subscribed."""
    rate: float
    """Messages a second, decayed; 0 where none ever came."""
    asked: int
    """How often its silence was reported since its last message."""


class SymbolWatch:
    """Finds symbols of a connection that have been silent for longer than their rate explains.

    A busy pair is suspected after `floor` seconds, a quiet one after sixteen of its mean gaps, any after `ceiling`.
    A reported symbol is reported again after twice the time: by then it has been found quiet, not dead.
    """

    def __init__(self, floor: float, ceiling: float) -> None:
        self._floor, self._ceiling = floor, max(floor, ceiling)
        self._activity: dict[str, _Activity] = {}

    def subscribed(self, symbol: str, count: int, now: float) -> None:
        """Silence counts from here; count: messages of the symbol so far."""
        self._activity[symbol] = _Activity(count, now, now, 0.0, 0)

    def forget(self, symbol: str) -> None:
        self._activity.pop(symbol, None)

    def is_suspect(self, symbol: str, count: int, now: float) -> bool:
        """Whether the symbol has become suspicious; count: its messages so far. Call this about once a second."""
        state = self._activity[symbol]
        if count != state.count:
            # Learnt only from messages: a silence must not lower the rate that it is compared with.
            span = max(now - state.at, 1e-3)
            # At first the plain mean: a decayed rate that starts at 0 would need minutes to be right.
            decay = max(0.0, 1 - span / min(max(now - state.since, 1e-3), _MEMORY_SECONDS))
            state.rate = decay * state.rate + (1 - decay) * (count - state.count) / span
            state.count, state.at, state.asked = count, now, 0
            return False
        if now - state.at < self.patience(symbol):
            return False
        state.asked += 1
        return True

    def spoke_at(self, symbol: str) -> float:
        """When its last message came, in monotonic seconds; 0 where none ever came."""
        state = self._activity.get(symbol)
        return state.at if state and state.at != state.since else 0.0

    def is_silent(self, symbol: str, count: int) -> bool:
        """Whether no message has come since the symbol was subscribed."""
        state = self._activity.get(symbol)
        return state is not None and state.count == count and state.at == state.since

    def asked(self, symbol: str) -> int:
        """How often the symbol was reported since its last message."""
        return self._activity[symbol].asked

    def patience(self, symbol: str) -> float:
        """How long the symbol may be silent, in seconds."""
        state = self._activity[symbol]
        # A symbol without any message since the subscription gets no more time than a busy pair.
        expected = _MEAN_GAPS / state.rate if state.rate > 0 else self._floor
        return min(max(expected, self._floor) * 2**state.asked, self._ceiling * (1 + state.asked))


class Lag:
    """Measures how late messages are, without comparing two clocks.

    The offset between the clocks is unknown and may be seconds. Lag is how much later a message comes than the earliest
    of the last minutes, relative to the exchange's stamps.
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
        # The least late since the last call of `take`: one message with an old stamp is not a late stream.
        if self._latest is None or offset < self._latest:
            self._latest = offset

    def take(self) -> float | None:
        """The least delay since the last call, in seconds; None without a message."""
        if self._latest is None or self._least is None:
            return None
        least = self._least if self._least_before is None else min(self._least, self._least_before)
        late, self._latest = self._latest - least, None
        return max(0.0, late)
