# ruff: noqa: E501 (lists of names)
"""Notices made from phrases: `[a|b]` is a choice, `{pair}` a name, a date or another slot. One seed gives one text.

A theme has titles and bodies of one meaning. Each notice takes a title of its theme, or one that says nothing, and a
body of its theme, or none where the title says it all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")

COINS = (
    "VORN", "KELP", "ZUNI", "MIRA", "TANQ", "OBSI", "GRIT", "PLUM", "QBIT", "SOLV", "HEXA", "NIMB", "ARKO", "DUSKY", "LYRA",
    "FERN", "WISP", "OPAL", "RUNA", "BYTE", "CLOV", "JADE", "ONYX", "PYRO", "TERN", "VELA", "XENO", "YARA", "ZEAL", "EMBR",
    "HOT", "FOR", "OPEN", "ONE", "W", "G", "1FLUX", "0Q", "1000PUP", "BTC", "ETH", "SOL", "TRX", "XRP", "BNB", "AVAX",
)  # fmt: skip
_NAMES = ("Vorn", "Kelp Network", "Zuni", "Mira Protocol", "Tanq Finance", "Obsidian", "Gritchain", "Plume", "Qbit", "Hexa Labs", "Nimbus", "Ethereum", "Solana", "Tron", "Polygon", "Avalanche")  # fmt: skip
_QUOTES = ("USDT", "USDC", "BTC", "EUR", "ETH", "TRY", "KRW", "FDUSD")
_EXCHANGES = ("Binance", "OKX", "Bybit", "KuCoin", "Kraken", "Gate", "Bitget", "HTX", "MEXC", "Bitstamp")  # fmt: skip
_MONTHS = ("January", "March", "April", "May", "June", "July", "September", "October", "Nov", "Dec", "Feb")


@dataclass(frozen=True)
class Theme:
    """Phrases of one meaning. own: the titles say it without a body."""

    event: bool
    titles: str
    bodies: str = ""
    own: bool = True


@dataclass(frozen=True)
class Made:
    """A notice that the grammar made."""

    title: str
    text: str
    event: bool
    language: str


class Writer:
    """Fills phrases. Only `Random.random` is used: Python promises its sequence for a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._slots: Mapping[str, Callable[[], str]] = {
            "coin": lambda: self.of(COINS),
            "name": lambda: self.of(_NAMES),
            "pair": lambda: f"{self.of(COINS)}/{self.of(_QUOTES)}",
            "perp": lambda: f"{self.of(COINS)}USDT",
            "quote": lambda: self.of(_QUOTES),
            "ex": lambda: self.of(_EXCHANGES),
            "n": lambda: str(2 + int(self._random.random() * 30)),
            "amount": lambda: self.of(("5,000", "20,000", "100,000", "1,000,000", "350", "12,500")),
            "date": self._date,
            "time": lambda: f"{int(self._random.random() * 24):02}:{self.of(('00', '30', '15'))}",
            "pairs": lambda: self._list("{pair}"),
            "coins": lambda: self._list("{coin}"),
            "perps": lambda: self._list("{perp}"),
        }

    def of(self, choices: Sequence[str]) -> str:
        return choices[int(self._random.random() * len(choices))]

    def is_true(self, share: float) -> bool:
        return self._random.random() < share

    def filled(self, phrase: str) -> str:
        """A phrase with its choices made and its slots filled."""
        while _CHOICE.search(phrase):
            phrase = _CHOICE.sub(lambda found: self.of(found[1].split("|")), phrase)
        while _SLOT.search(phrase):
            phrase = _SLOT.sub(lambda found: self._slots[found[1]](), phrase)
        return " ".join(phrase.split())

    def _list(self, slot: str) -> str:
        return ", ".join(slot for _ in range(1 + int(self._random.random() * 4)))

    def _date(self) -> str:
        month, day = 1 + int(self._random.random() * 12), 1 + int(self._random.random() * 28)
        name = self.of(_MONTHS)
        hour = self.of(("03:00", "08:00", "10:00", "23:59", "06:30"))
        return self.of(
            (
                f"2026-{month:02}-{day:02} {hour} (UTC)", f"{day} {name} 2026", f"{name} {day}, {hour} UTC",
                f"{day:02}.{month:02}.2026 {hour}", f"{name} {day}th", f"{hour} UTC on {day} {name}", f"2026-{month:02}-{day:02}",
                f"{day:02}/{month:02}/2026",
            )
        )  # fmt: skip


def lines(text: str) -> list[str]:
    """The phrases of a block, one a line."""
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


@dataclass(frozen=True)
class Language:
    """The themes of a language. vague: titles that say nothing. greetings, closings: stand around any body."""

    name: str
    themes: tuple[Theme, ...]
    vague: str
    greetings: str
    closings: str

    def notices(self, seed: int, rounds: int) -> Iterator[Made]:
        """Each title and each body of every theme, `rounds` times."""
        writer = Writer(seed)
        for theme in self.themes:
            titles, bodies = lines(theme.titles), lines(theme.bodies)
            longest = max(len(titles), len(bodies))
            for number in range(rounds * longest):
                title, body = titles[number % len(titles)], ""
                if bodies and (not theme.own or writer.is_true(0.6)):
                    body = bodies[number % len(bodies)]
                    if writer.is_true(0.3):
                        title = writer.of(lines(self.vague))
                if body and writer.is_true(0.3):
                    body += " " + writer.of(bodies)
                text = " ".join(
                    part
                    for part, share in (
                        (writer.of(lines(self.greetings)), 0.5), (body, 1.0), (writer.of(lines(self.closings)), 0.5),
                    )
                    if body and writer.is_true(share)
                )  # fmt: skip
                made = writer.filled(title)
                yield Made(
                    made.upper() if self.name == "en" and writer.is_true(0.04) else made,
                    writer.filled(text), theme.event, self.name,
                )  # fmt: skip
