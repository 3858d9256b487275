"""What a hummingbot may open, by the messages of CRYPTO_EWS over MQTT. Pure: it needs neither hummingbot nor a broker.

Copy this file beside your script, into hummingbot's folder `scripts/`. Everything that is not known is "no": before
the second message, after 90 seconds of silence, and after a message that cannot be believed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

OPEN = "open"
EVENT = "token_risk"
LONGEST_SECONDS = 90
_VERSION = 1
_STATUSES = ("fresh", "stale", "unknown")
_OUR_KEYS = frozenset({"version", "source", "status", "as_of", "seq", "valid_for"})
_PAPER = "_paper_trade"
_QUOTE, _BOTH = "quote_", "both_"
_UNKNOWN = ("stale", "unknown")
# Two clocks that run freely part by less than this; a message that is later than that was held up on its way.
_DRIFT = 200e-6
# Two messages prove that they are new if they came so far apart, as a part of the time for which one may be used, and
# as they were sent but for so many seconds: a queue that is emptied proves nothing.
_APART, _UNEVEN = 1 / 30, 1.0


def monotonic() -> float:
    """Seconds that no clock's setting moves, and that count on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class RiskTable:
    """The last message, and how far it may be believed. Used from one thread, hummingbot's own."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._words: dict[str, str] = {}
        self._quotes_at_risk: set[str] = set()
        self._status = "unknown"
        self._why = "no message has come yet"
        self._begun: tuple[float, int] | None = None
        self._proven = False
        self._heard_at: float | None = None
        self._sequence = 0
        self._source = ""
        self._valid_until = float("-inf")
        self._rivals_until = float("-inf")
        self._offset: float | None = None
        self._offset_at = 0.0
        self._late_by = 0.0

    def receive(self, sequence: Any, data: Any) -> None:
        """Take a message: `sequence` and `data` of hummingbot's ExternalEventMessage. Raises nothing."""
        now = self._clock()
        self._heard_at = now
        try:
            words, status, source, seconds = _read(sequence, data)
        except ValueError as error:
            self._distrust(f"a message cannot be used: {error}")
            return
        if now >= self._valid_until:
            # Nothing is believed any more: what comes now is a new beginning, whatever its number.
            self._begun, self._proven = None, False
            if sequence <= self._sequence:
                self._sequence, self._offset = 0, None
        if source and self._source and source != self._source and now < self._valid_until:
            # Whatever its number is: of two clocks one is behind.
            self._rivals_until = now + LONGEST_SECONDS
        if sequence == self._sequence and words == self._words:
            return
        if sequence <= self._sequence:
            self._distrust(f"the sequence went back, from {self._sequence} to {sequence}: two publishers, or a clock")
            return
        self._source = source or self._source
        self._late_by = self._late(now, sequence)
        self._proven = self._proven or self._proves(now, sequence, seconds)
        self._sequence, self._words, self._status, self._why = sequence, words, status, ""
        for key, word in words.items():
            if word.startswith((_QUOTE, _BOTH)):
                self._quotes_at_risk.add(key)
            elif word not in _UNKNOWN:
                self._quotes_at_risk.discard(key)
        self._valid_until = now + seconds - self._late_by

    def may_open(self, connector: str, pair: str) -> bool:
        """Whether an order that opens or adds may be placed. Every doubt is False."""
        return not self.why_not(connector, pair)

    def may_close(self, connector: str, pair: str) -> bool:
        """False while trading is halted and that is known. What is not known forbids no closing."""
        return self._word(connector, pair) != "halt"

    def closing_side(self, connector: str, pair: str) -> str:
        """Which spot order gets rid of what is at risk: "sell", "buy" (the quote currency is), or "" (both are)."""
        if (self._word(connector, pair) or "").startswith(_QUOTE):
            return "buy"
        # What was at risk when it was last known is no way out while nothing is known.
        return "" if _key(connector, pair) in self._quotes_at_risk else "sell"

    def word(self, connector: str, pair: str) -> str:
        """What the last message says: `open`, `exit`, `quote_exit`, …; `unknown` where nothing is known."""
        return self._word(connector, pair) or "unknown"

    def action(self, connector: str, pair: str) -> str:
        """As `word`, without saying which of the two currencies it is."""
        return self.word(connector, pair).removeprefix(_QUOTE).removeprefix(_BOTH)

    def why_not(self, connector: str, pair: str) -> str:
        """Why nothing may be opened, for a log; empty where it may."""
        now = self._clock()
        if self._why:
            return self._why
        if now >= self._valid_until:
            if self._late_by >= LONGEST_SECONDS:
                return (
                    f"messages come {self._late_by:.0f} s late: they are held up on their way, or the sender's clock "
                    "was set back while it was down (then restart this script)"
                )
            return f"the last message is too old: {self.silent_seconds():.0f} s"
        if now < self._rivals_until:
            return "two systems send messages to this bot"
        if not self._proven:
            return "one message has come, and one alone may be an old one: the next one counts"
        word = self._word(connector, pair)
        if word is None:
            return f"messages do not name {_key(connector, pair)}: MQTT_BOTS must have it"
        if word == OPEN and self._status in ("fresh", "stale"):
            return ""
        return f"{_key(connector, pair)} is at {word}"

    def silent_seconds(self) -> float:
        """Seconds since the last message of any kind; infinite before the first."""
        return float("inf") if self._heard_at is None else self._clock() - self._heard_at

    def _word(self, connector: str, pair: str) -> str | None:
        if self._clock() >= self._valid_until:
            return None
        return self._words.get(_key(connector, pair))

    def _distrust(self, why: str) -> None:
        self._words, self._status, self._why = {}, "unknown", why

    def _proves(self, now: float, sequence: int, seconds: int) -> bool:
        """Whether a message and one before it, of this beginning, came as they were sent, one after the other."""
        if self._begun is not None:
            came, sent = now - self._begun[0], (sequence - self._begun[1]) / 1000
            if abs(sent - came) <= _UNEVEN:
                return came >= seconds * _APART
        self._begun = now, sequence
        return False

    def _late(self, now: float, sequence: int) -> float:
        """Seconds by which a message was later than the swiftest one: the sequence counts the sender's milliseconds."""
        offset = now - sequence / 1000
        if self._offset is None:
            best = offset
        else:
            best = min(offset, self._offset + _DRIFT * (now - self._offset_at))
        self._offset, self._offset_at = best, now
        return offset - best


def _key(connector: str, pair: str) -> str:
    return f"{connector.lower().removesuffix(_PAPER)}:{pair}"


def _read(sequence: Any, data: Any) -> tuple[dict[str, str], str, str, int]:
    """(market → word, status, source, seconds for which it may be used). Raises ValueError."""
    if type(sequence) is not int or sequence <= 0:
        raise ValueError(f"the sequence was {sequence!r}, expected a number greater than 0")
    if not isinstance(data, Mapping):
        raise ValueError("it has no data")
    if data.get("version") != _VERSION or type(data["version"]) is not int:
        raise ValueError(f"the version was {data.get('version')!r}, expected {_VERSION}")
    seconds, status, source = data.get("valid_for"), data.get("status"), data.get("source")
    if type(seconds) is not int or seconds <= 0:
        raise ValueError(f"valid_for was {seconds!r}, expected seconds")
    if status not in _STATUSES:
        raise ValueError(f"the status was {status!r}, expected one of {', '.join(_STATUSES)}")
    if not isinstance(source, str):
        raise ValueError(f"the source was {source!r}, expected a text")
    words: dict[str, str] = {}
    for name, word in data.items():
        if name in _OUR_KEYS:
            continue
        connector, colon, pair = name.partition(":") if isinstance(name, str) else ("", "", "")
        if not colon or not isinstance(word, str):
            raise ValueError(f"{name!r} was {word!r}, expected a market and a word")
        key = _key(connector, pair)
        # Of two words for one market, as of a paper and a real connector, the one that forbids counts.
        words[key] = word if words.get(key, OPEN) == OPEN else words[key]
    return words, status, source, min(seconds, LONGEST_SECONDS)
