"""Typed names of currencies: the asset that a name means at a time, and a note for the person. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches

from crypto_ews.conf.token_names import WrongName, currency_name
from markets.identity import Identity, multiple_of_known

__all__ = ["TypedName", "WrongName", "typed_name", "typed_names"]
# Least likeness of a suggestion: two letters of eight may differ, or one letter of three may be extra.
_LIKENESS = 0.75


@dataclass(frozen=True)
class TypedName:
    """A typed name in upper case, and the asset that it means; one unit of it is `multiplier` units of the asset."""

    name: str
    asset: str
    multiplier: Decimal
    known: bool
    note: str

    def __str__(self) -> str:
        return self.asset if self.name == self.asset else f"{self.name} → {self.asset}"


def typed_name(text: str, identity: Identity, at: datetime, stablecoin: bool = False) -> TypedName:
    """One name, resolved as of `at`. An unknown name is its own asset, with a note.

    Raises WrongName, with a suggestion, for a text that cannot be a currency's name.
    """
    name = currency_name(text, identity.assets, stablecoin)
    found = identity.meant(name, at)
    if found is None:
        return TypedName(name, name, Decimal(1), False, _unknown(name, identity))
    if found.asset == name:
        return TypedName(name, name, Decimal(1), True, "")
    units = f" × {found.multiplier.normalize():,f}" if found.multiplier != 1 else ""
    return TypedName(name, found.asset, found.multiplier, True, f"{name} means {found.asset}{units}")


def typed_names(text: str, identity: Identity, at: datetime) -> list[TypedName]:
    """Names separated by spaces, commas or semicolons, each asset once. Raises WrongName that lists all wrong names."""
    found: dict[str, TypedName] = {}
    wrong = []
    for word in re.split(r"[\s,;]+", text):
        if not word:
            continue
        try:
            typed = typed_name(word, identity, at)
        except WrongName as error:
            wrong.append(error)
            continue
        found.setdefault(typed.asset, typed)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise WrongName("; ".join(map(str, wrong)))
    return list(found.values())


def _unknown(name: str, identity: Identity) -> str:
    multiple = multiple_of_known(name, identity.assets)
    names = identity.assets | {row.name for row in identity.rows}
    near = [multiple.asset] if multiple else get_close_matches(name, sorted(names), n=1, cutoff=_LIKENESS)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"{name} is not known in any list{meant}"
