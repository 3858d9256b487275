"""Event keys: `buy_vol_<w1>m:<b>/vol_<w2>m:<v>/timeframe:<minutes>/lvl:<rank>` (DESIGN_MARKETS.md, section 16).

A key fires where the mean minute volume of the last w2 minutes is at least v times the mean of 28 days, the instrument
ranks at `rank` or better by that mean, and the share bought in the last w1 minutes is at least b (b above a half) or at
most b (b below a half; 0: any share, also an unknown one). Its canonical text is its identity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

WINDOWS = (1, 5, 15, 30, 60)
"""Minutes of the windows that a key can name."""
MOST_TIMEFRAME = 10_080
FORM = "buy_vol_<minutes>m:<share>/vol_<minutes>m:<times>/timeframe:<minutes>/lvl:<rank>"
HALF = Decimal("0.5")
_LONGEST = 200
_PARTS = ("buy_vol_…m:…", "vol_…m:…", "timeframe:…", "lvl:…")
_SHARE = re.compile(r"buy_vol_([^:/]*):([^:/]*)")
_VOLUME = re.compile(r"vol_([^:/]*):([^:/]*)")
_MINUTES = re.compile(r"([0-9]{1,6})m")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_INTEGER = re.compile(r"[0-9]{1,9}")
_LADDER = ((10, (10, 5, 3)), (50, (25, 10, 7)), (125, (50, 20, 12)), (200, (75, 30, 18)))


class UnreadableKey(ValueError):
    """A text that is no event key; `str()` names the part, its value and what was expected."""


@dataclass(frozen=True)
class EventKey:
    """A readable event key. share: of the volume that was bought, 0 … 1. times: of the 28-day mean minute volume.
    timeframe: minutes for which a fire is observed. rank: the worst that fires."""

    share_window: int
    share: Decimal
    window: int
    times: Decimal
    timeframe: int
    rank: int

    def __str__(self) -> str:
        return (
            f"buy_vol_{self.share_window}m:{_plain(self.share)}/vol_{self.window}m:{_plain(self.times)}"
            f"/timeframe:{self.timeframe}/lvl:{self.rank}"
        )

    def share_holds(self, share: float | None) -> bool:
        """Whether the share bought meets the condition. None (no volume, or the venue tells no side) meets only 0."""
        if self.share == 0:
            return True
        if share is None or share != share:
            return False
        # As a float: 7 of 10 is the share that 0.7 asks for, and just below the decimal.
        bound = float(self.share)
        return share >= bound if bound > 0.5 else share <= bound

    def fires(self, volume: float | None, share: float | None, rank: int | None) -> bool:
        """volume: of `window`, in 28-day means; share: of `share_window`. None: unknown, which fires nothing."""
        if volume is None or volume != volume or rank is None or rank > self.rank:
            return False
        return volume >= float(self.times) and self.share_holds(share)

    def strength(self, volume: float) -> tuple[float, int, str]:
        """Sorts the keys that fire together: the smallest is the strongest."""
        return (-volume / float(self.times), self.window, str(self))


class KeyFault(NamedTuple):
    """A text that is no key. place: where it stands, as its reader finds it ("key 3", "keys.txt line 3")."""

    place: str
    text: str
    reason: str

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= _LONGEST else self.text[:_LONGEST] + "…"
        return f"{self.place}: {shown!r} is no event key: {self.reason}"


def parse_key(text: str) -> EventKey:
    """Raises UnreadableKey."""
    if len(text) > _LONGEST:
        raise UnreadableKey(f"it has {len(text)} characters, expected at most {_LONGEST}")
    if text != text.strip() or any(sign.isspace() for sign in text):
        raise UnreadableKey(f"it has spaces, expected none in {FORM}")
    parts = text.split("/")
    known = _unknown_form(parts)
    if known:
        raise UnreadableKey(known)
    if len(parts) != len(_PARTS):
        raise UnreadableKey(f"it has {len(parts)} parts, expected four in this order: {FORM}")
    share_window, share = _pair(parts[0], _SHARE, _PARTS[0])
    window, times = _pair(parts[1], _VOLUME, _PARTS[1])
    if share > 1:
        raise UnreadableKey(f"the share bought is {_plain(share)}, expected 0 to 1")
    if share == HALF:
        raise UnreadableKey("the share bought is 0.5, which can never fire: expected 0 (any), below a half or above it")
    if times <= 0:
        raise UnreadableKey(f"the volume is {_plain(times)} times the mean, expected more than 0")
    return EventKey(
        share_window,
        share,
        window,
        times,
        _integer(parts[2], "timeframe", 1, MOST_TIMEFRAME, "minutes"),
        _integer(parts[3], "lvl", 1, 10**9, "a rank"),
    )


def parse_keys(places: Iterable[tuple[str, str]]) -> tuple[list[EventKey], list[KeyFault]]:
    """The keys of (place, text), each once, and what could not be read. The readable ones go on without the others."""
    keys: dict[str, EventKey] = {}
    faults = []
    for place, text in places:
        try:
            key = parse_key(text)
        except UnreadableKey as fault:
            faults.append(KeyFault(place, text, str(fault)))
        else:
            keys.setdefault(str(key), key)
    return list(keys.values()), faults


def strongest(fired: Mapping[EventKey, float]) -> EventKey | None:
    """Of keys that fired at one moment, with the volume of each one's window."""
    return min(fired, key=lambda key: key.strength(fired[key]), default=None)


def _unknown_form(parts: list[str]) -> str:
    """What is said of the forms of other trackers' keys."""
    for part in parts:
        name, _, _ = part.partition(":")
        if name == "vlty":
            return f"{part!r} (a level of volatility) is not known here, expected lvl:<rank>"
        if re.fullmatch(r"(buy_)?vol_[0-9]+[hd]", name):
            return f"the window of {part!r} is not in minutes, expected one of {_listed()} minutes"
    return ""


def _pair(part: str, form: re.Pattern[str], expected: str) -> tuple[int, Decimal]:
    found = form.fullmatch(part)
    if found is None:
        raise UnreadableKey(f"{part!r} stands where {expected} was expected")
    minutes = _MINUTES.fullmatch(found[1])
    if minutes is None or int(minutes[1]) not in WINDOWS or found[1] != f"{int(minutes[1])}m":
        raise UnreadableKey(f"the window of {part!r} was {found[1]!r}, expected one of {_listed()} minutes, as 5m")
    return int(minutes[1]), _number(part, found[2])


def _listed() -> str:
    return ", ".join(str(window) for window in WINDOWS)


def _number(part: str, text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise UnreadableKey(f"the number of {part!r} was {text!r}, expected digits with at most one point")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UnreadableKey(f"the number of {part!r} was {text!r}, expected digits with at most one point") from None


def _integer(part: str, name: str, least: int, most: int, what: str) -> int:
    found, colon, text = part.partition(":")
    if found != name or not colon:
        raise UnreadableKey(f"{part!r} stands where {name}:… was expected")
    if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
        raise UnreadableKey(f"{name} was {text!r}, expected {what} from {least} to {most}")
    return int(text)


def _plain(number: Decimal) -> str:
    """Without zeros at its ends: 5.0 and 05 are 5."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


DEFAULT_LADDER: tuple[EventKey, ...] = tuple(
    EventKey(window, Decimal(0), window, Decimal(times), 1440, rank)
    for rank, steps in _LADDER
    for window, times in zip((1, 5, 15), steps, strict=True)
)
"""Observed where nothing else is configured: no condition on the side, a day each."""
