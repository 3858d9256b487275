"""What people mean by the words of a form: a currency, or a pair with the live instruments of it (`ETH/USDC`).

Names are resolved by `markets.names`; here a pair finds its instruments. Nothing is guessed: a word that means neither
is refused with what was expected and the nearest that is known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from markets.identity import Identity
from markets.models import Instrument
from markets.names import TypedName, WrongName, typed_name
from markets.venues import venue_choices

# The end of a contract's name, as exchanges and trading programs write it.
_CONTRACT = re.compile(r"[-_](PERP|PERPETUAL|SWAP|[0-9]{6})$|:\w+(-[0-9]{6})?$")
_MOST_NEAR = 2000


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
    for word in filter(None, re.split(r"[\s,;]+", re.sub(r"\s*/\s*", "/", text))):
        try:
            name, pair = _meant(word, identity, at, venues)
        except WrongName as error:
            wrong.append(error)
            continue
        if pair is not None:
            pairs.setdefault(pair.name, pair)
        elif name is not None:
            names.setdefault(name.asset, name)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else WrongName("; ".join(map(str, wrong)))
    return Typed(tuple(names.values()), tuple(pairs.values()))


def typed_tickers(text: str, identity: Identity, at: datetime, venues: Sequence[str] = ()) -> tuple[TypedPair, ...]:
    """As `typed_words`, for a field of pairs alone. Raises WrongName, also for a currency."""
    typed = typed_words(text, identity, at, venues)
    if typed.names:
        raise WrongName(f"{typed.names[0].name!r} is a currency, expected a pair such as ETH/USDC")
    return typed.pairs


def _meant(
    word: str, identity: Identity, at: datetime, venues: Sequence[str]
) -> tuple[TypedName | None, TypedPair | None]:
    """The currency or the pair that a word means; one of them is None. Raises WrongName."""
    try:
        name = typed_name(word, identity, at)
    except WrongName as no_currency:
        return None, _typed_pair(word, no_currency, identity, at, venues)
    # What no list knows as a currency may be the name of a pair on its exchange, such as XETHZUSD.
    return name, None if name.known else _named(word.strip().upper(), identity, at, venues)


def _typed_pair(
    word: str, no_currency: WrongName, identity: Identity, at: datetime, venues: Sequence[str]
) -> TypedPair:
    """The pair that a word is. Raises `no_currency` where it is none either."""
    text = word.strip().upper()
    wide = unicodedata.normalize("NFKC", text)
    if wide != text and "/" in wide:
        raise WrongName(f"{word!r} has unusual letters in it, expected Latin letters and digits", wide)
    known_venues = [venue for venue, _ in venue_choices()]
    prefix, colon, rest = text.partition(":")
    if colon and "/" not in prefix:
        if prefix not in known_venues:
            near = get_close_matches(prefix, known_venues, n=1, cutoff=0.5)
            meant = f"{near[0]}:{rest}" if near else f"{prefix}/{rest}" if prefix in identity.assets else ""
            raise WrongName(f"{text!r} names the venue {prefix}, expected one of {', '.join(known_venues)}", meant)
        if venues and prefix not in venues:
            raise WrongName(f"{text!r} is on {prefix}, expected a pair on the chosen venues: {', '.join(venues)}")
        return _on_venue(prefix, rest, identity, at)
    if contract := _CONTRACT.search(text):
        found = _named(text, identity, at, venues)
        if found is None:
            where = f" on {', '.join(venues)}" if venues else ""
            what = f"{text!r} is no live contract{where}, expected a name of one, or a pair such as ETH/USDC"
            raise WrongName(what, text[: contract.start()])
        return found
    parts = re.split(r"[/_-]", text)
    if len(parts) == 1 and no_currency.suggestion and text.startswith(no_currency.suggestion):
        # The resolver has split it: what is behind the base is the quote.
        parts = [no_currency.suggestion, text.removeprefix(no_currency.suggestion)]
    if len(parts) != 2 or not all(parts) or not parts[1].isalnum():
        raise no_currency
    base, quote = (typed_name(part, identity, at) for part in parts)
    shown = f"{base.asset}/{quote.asset}"
    if not base.known:
        raise WrongName(f"{word!r}, expected a pair of a listed currency: {base.note}")
    found_on = [
        (f"{venue}:{symbol}", identity.asset(venue, written, at))
        for venue, symbol, written, written_quote in _live_rows(base.asset, identity)
        if identity.asset(venue, written, at) == base.asset and identity.asset(venue, written_quote, at) == quote.asset
    ]
    here = tuple(sorted(ticker for ticker, _ in found_on if not venues or ticker.partition(":")[0] in venues))
    if here:
        return TypedPair(shown, base.asset, here)
    if found_on:
        on = ", ".join(sorted({ticker.partition(":")[0] for ticker, _ in found_on}))
        raise WrongName(f"{shown} does not trade on {', '.join(venues)}, expected a venue that lists it: {on}")
    meant = _near(base.asset, quote.asset, identity)
    if "/" not in meant and (turned := _near(quote.asset, base.asset, identity)) == f"{quote.asset}/{base.asset}":
        meant = turned
    raise WrongName(f"{shown} is no live pair, expected one that a list has", meant)


def _on_venue(venue: str, name: str, identity: Identity, at: datetime) -> TypedPair:
    """The pair or contract of VENUE:NAME. Raises WrongName, with one of this venue."""
    row = Instrument.objects.filter(venue=venue, symbol__iexact=name, live=True).first()
    if row is not None:
        return TypedPair(str(row), identity.asset(row.venue, row.base, at), (str(row),))
    found = _named(name, identity, at, [venue])
    if found is not None:
        return found
    try:
        typed_name(name, identity, at)
    except WrongName as no_currency:
        try:
            return _typed_pair(name, no_currency, identity, at, [venue])
        except WrongName as wrong:
            if wrong is not no_currency:
                raise
    begins = Instrument.objects.filter(venue=venue, live=True, symbol__istartswith=name[:2])
    near = get_close_matches(name, begins.values_list("symbol", flat=True)[:_MOST_NEAR], n=1, cutoff=0.5)
    what = f"'{venue}:{name}' is no live pair, expected VENUE:SYMBOL such as {venue}:ETHUSDC"
    raise WrongName(what, f"{venue}:{near[0]}" if near and name else "")


def _named(name: str, identity: Identity, at: datetime, venues: Sequence[str]) -> TypedPair | None:
    """The live instruments that have this very name on an exchange or in trading programs; None where they differ."""
    where = {"venue__in": venues} if venues else {}
    found = list(Instrument.objects.filter(live=True, names__name=name, **where).distinct())
    assets = {identity.asset(row.venue, row.base, at) for row in found}
    return TypedPair(name, assets.pop(), tuple(sorted(map(str, found)))) if len(assets) == 1 else None


def _live_rows(asset: str, identity: Identity) -> list[tuple[str, str, str, str]]:
    rows = Instrument.objects.filter(live=True, base__in=identity.names(asset))
    return list(rows.values_list("venue", "symbol", "base", "quote"))


def _near(asset: str, quote: str, identity: Identity) -> str:
    """The live pair of an asset whose quote is written most like this one."""
    quotes = sorted({written for _, _, _, written in _live_rows(asset, identity)})
    near = get_close_matches(quote, quotes, n=1, cutoff=0.4) or quotes[:1]
    return f"{asset}/{near[0]}" if near else asset
