"""Regular expressions for freqtrade's lists of pairs.

freqtrade compiles each entry and compares with `fullmatch` and IGNORECASE (its `expand_pairlist`); one entry that it
cannot compile voids the whole list, so each is compiled here first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from api.bots.venue_pairs import FORBIDDING, Listed, VenuePairs
from api.push.subscription import EXCHANGE_WIDE
from markets.instrument_names import CCXT

NOTHING = "EWS/NOTHING"
"""A pair that does not exist: freqtrade takes an empty list for a failure, and where it does not, for no filter."""
EVERYTHING = ".*"
# Perpetuals on cheap coins are traded by the thousand: 1000SHIB/USDT:USDT, 1000000MOG, 1MBABYDOGE. ccxt keeps the name.
_BUNDLE = r"(?:1(?:0{3,7}|M))?"
_BUNDLED = re.compile(r"1(?:0{3,7}|M)(?=.)")
_MOST_COMPILED = 50_000

_compiled: set[str] = set()


def allowed_entries(pairs: VenuePairs) -> list[str]:
    """The pairs that may be opened, each as an expression that fits it and no pair that is denied.

    Never empty. Raises ValueError for an entry that cannot be compiled (a fault of ours).
    """
    if pairs.status != "fresh":
        return [NOTHING]
    denied = {name.casefold() for name in pairs.denied}
    # Letters outside ASCII have equals that only the matching itself knows: K and the sign of kelvin.
    foreign = [name for name in pairs.denied if not name.isascii()]
    found = []
    for name in pairs.allowed:
        entry = _checked(re.escape(name))
        others = foreign if name.isascii() else pairs.denied
        if name.casefold() in denied or any(re.fullmatch(entry, other, re.IGNORECASE) for other in others):
            continue
        found.append(entry)
    return found or [NOTHING]


def blocked_entries(pairs: VenuePairs, rows: Iterable[Mapping[str, object]]) -> list[str]:
    """What may not be opened: whatever is at risk, also where no list of ours has it yet, and each pair that is denied.

    rows: of token_risk_view. Never empty. Raises ValueError as `allowed_entries` does.
    """
    if pairs.status != "fresh":
        return [EVERYTHING]
    places = _Places(pairs)
    found = {_checked(re.escape(name)) for name in pairs.denied}
    for row in rows:
        if forbids(row, pairs.venue):
            found.update(_checked(entry) for entry in places.expressions(str(row["token"])))
    return sorted(found) or [NOTHING]


def forbids(row: Mapping[str, object], venue: str) -> bool:
    """Whether a row of the view forbids to open what has its asset on a venue."""
    exchange = venue.partition("_")[0]
    categories: Collection[str] = row["categories"]  # type: ignore[assignment]
    actions: Mapping[str, str] = row["venue_actions"]  # type: ignore[assignment]
    # Margin trades the spot list.
    wide = venue.endswith("_MARGIN") or not EXCHANGE_WIDE.isdisjoint(categories)
    here = (
        action for place, action in actions.items() if place == venue or (wide and place.partition("_")[0] == exchange)
    )
    return row["asset_action"] in FORBIDDING or not FORBIDDING.isdisjoint(here)


class _Places:
    """Which names an asset has on a venue, and which allowed pairs an expression with a name would fit."""

    def __init__(self, pairs: VenuePairs) -> None:
        self._names: dict[str, set[str]] = {}
        self._allowed: dict[str, list[str]] = {}
        allowed = frozenset(pairs.allowed)
        for one in pairs.listed.values():
            parts = dict(_parts(one))
            for token, name in parts.items():
                self._names.setdefault(token, set()).add(name)
            pair = one.names.get(CCXT, "")
            if pair in allowed:
                for name in {_BUNDLED.sub("", name, count=1) for name in parts.values()} | set(parts.values()):
                    self._allowed.setdefault(name.casefold(), []).append(pair)

    def expressions(self, token: str) -> Iterator[str]:
        """They fit every pair with an asset, under any of its names, but none that may be opened: it is another's."""
        for name in {token, *self._names.get(token, ())}:
            others = sorted({*self._allowed.get(name.casefold(), ())})
            but = f"(?!(?:{'|'.join(map(re.escape, others))})\\Z)" if others else ""
            written = re.escape(name)
            yield from (rf"{but}{_BUNDLE}{written}/.*", rf"{but}.*/{written}(?::.*)?", rf"{but}.*/.*:{written}(?:-.*)?")


def _parts(one: Listed) -> Iterator[tuple[str, str]]:
    """Asset and its name in ccxt, for base, quote and settlement."""
    base, _, rest = one.names.get(CCXT, "").partition("/")
    quote, _, settle = rest.partition(":")
    for token, name in zip(one.assets, (base, quote, settle.partition("-")[0]), strict=True):
        if token and name:
            yield token, name


def _checked(entry: str) -> str:
    if entry not in _compiled:
        try:
            re.compile(entry, re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"the expression {entry!r} cannot be compiled: {error}") from None
        if len(_compiled) >= _MOST_COMPILED:
            _compiled.clear()
        _compiled.add(entry)
    return entry
