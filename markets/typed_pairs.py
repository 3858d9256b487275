"""What people mean by the words of a form: a currency, or a pair with the live instruments of it (`ETH/USDC`).

Names are resolved by `markets.names`; here a pair finds its instruments. Nothing is guessed: a word that means neither
is refused with what was expected and the nearest that is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from markets.identity import Identity
from markets.models import Instrument
from markets.names import TypedName, WrongName, typed_name
from markets.venues import venue_choices

_CONTRACT = re.compile(r"[-_](PERP|PERPETUAL|SWAP)$|:\w+$")


@dataclass(frozen=True)
class TypedPair:
    """A typed pair: the asset of its base, and every live VENUE:SYMBOL that it means."""

    name: str
    asset: str
    tickers: tuple[str, ...]

    @property
    def note(self) -> str:
        return f"{self.name} means {len(self.tickers)} pair{'s' if len(self.tickers) > 1 else ''} of {self.asset}"


@dataclass(frozen=True)
class Typed:
    """The words of a field, each meaning once: whole currencies and single pairs."""

    names: tuple[TypedName, ...]
    pairs: tuple[TypedPair, ...]


def typed_words(text: str, identity: Identity, at: datetime, venues: Sequence[str] = ()) -> Typed:
    """Currencies and pairs separated by spaces, commas or semicolons, as of `at`; pairs on these venues, or on all.

    Raises WrongName that lists every wrong word.
    """
    names: dict[str, TypedName] = {}
    pairs: dict[str, TypedPair] = {}
    wrong: list[WrongName] = []
    for word in filter(None, re.split(r"[\s,;]+", text)):
        try:
            try:
                name = typed_name(word, identity, at)
                names.setdefault(name.asset, name)
            except WrongName as no_currency:
                pair = _typed_pair(word, no_currency, identity, at, venues)
                pairs.setdefault(pair.name, pair)
        except WrongName as error:
            wrong.append(error)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else WrongName("; ".join(map(str, wrong)))
    return Typed(tuple(names.values()), tuple(pairs.values()))


def typed_tickers(text: str, identity: Identity, at: datetime, venues: Sequence[str] = ()) -> tuple[TypedPair, ...]:
    """As `typed_words`, for a field of pairs alone. Raises WrongName, also for a currency."""
    typed = typed_words(text, identity, at, venues)
    if typed.names:
        raise WrongName(f"{typed.names[0].name!r} is a currency, expected a pair such as ETH/USDC")
    return typed.pairs


def _typed_pair(
    word: str, no_currency: WrongName, identity: Identity, at: datetime, venues: Sequence[str]
) -> TypedPair:
    """The pair that a word is. Raises `no_currency` where it is none either."""
    text = word.strip().upper()
    known_venues = [venue for venue, _ in venue_choices()]
    prefix, colon, rest = text.partition(":")
    if colon and "/" not in prefix:
        if prefix not in known_venues:
            near = get_close_matches(prefix, known_venues, n=1, cutoff=0.5)
            what = f"{text!r} names the venue {prefix}, expected one of {', '.join(known_venues)}"
            raise WrongName(what, f"{near[0]}:{rest}" if near else "")
        venues = [prefix]
        row = Instrument.objects.filter(venue=prefix, symbol__iexact=rest, live=True).first()
        if row is not None:
            return TypedPair(str(row), identity.asset(row.venue, row.base, at), (str(row),))
        text = rest
    parts = [part for part in re.split(r"[/_-]", _CONTRACT.sub("", text)) if part]
    if len(parts) == 1 and no_currency.suggestion and parts[0].startswith(no_currency.suggestion):
        # The resolver has split it: what is behind the base is the quote.
        parts = [no_currency.suggestion, parts[0].removeprefix(no_currency.suggestion)]
    if len(parts) != 2 or not parts[1].isalnum():
        raise no_currency
    base, quote = (typed_name(part, identity, at) for part in parts)
    shown = f"{base.asset}/{quote.asset}"
    if not base.known:
        raise WrongName(f"{word!r}: {base.note or base.name}, expected a pair of a listed currency")
    found = [
        (f"{venue}:{symbol}", identity.asset(venue, written, at))
        for venue, symbol, written, written_quote in _live_rows(base.asset, identity)
        if identity.asset(venue, written, at) == base.asset and identity.asset(venue, written_quote, at) == quote.asset
    ]
    here = tuple(sorted(ticker for ticker, _ in found if not venues or ticker.partition(":")[0] in venues))
    if here:
        return TypedPair(shown, base.asset, here)
    if found:
        on = ", ".join(sorted({ticker.partition(":")[0] for ticker, _ in found}))
        raise WrongName(f"{shown} does not trade on {', '.join(venues)}, expected a venue that lists it: {on}")
    raise WrongName(f"{shown} is no live pair, expected one that a list has", _near(base.asset, quote.asset, identity))


def _live_rows(asset: str, identity: Identity) -> list[tuple[str, str, str, str]]:
    rows = Instrument.objects.filter(live=True, base__in=identity.names(asset))
    return list(rows.values_list("venue", "symbol", "base", "quote"))


def _near(asset: str, quote: str, identity: Identity) -> str:
    """The live pair of an asset whose quote is written most like this one."""
    quotes = sorted({written for _, _, _, written in _live_rows(asset, identity)})
    near = get_close_matches(quote, quotes, n=1, cutoff=0.4) or quotes[:1]
    return f"{asset}/{near[0]}" if near else asset
