"""Filters by names that people spell in many ways: tokens and venues."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from api.rest.inputs import unusable
from markets.identity_store import known_identity
from markets.models import VenueSpelling
from markets.names import WrongName, typed_name


def asset_named(field: str, typed: str, now: datetime) -> str:
    """The asset that a typed name means now. Raises Problem (422) for a text that cannot be a currency's name."""
    try:
        return typed_name(typed, known_identity(), now).asset
    except WrongName as wrong:
        raise unusable([(field, typed, f"the name of a currency: {wrong}")]) from None


def tokens_named(field: str, typed: Iterable[str], now: datetime) -> list[str]:
    """The tokens that rows of any time carry for these names: FTM finds S, and the reverse. Raises Problem (422)."""
    identity = known_identity()
    found: set[str] = set()
    for name in typed:
        asset = asset_named(field, name, now)
        found |= {asset, *identity.former_names(asset, now), *identity.names_everywhere(asset, now)}
    return sorted(found)


def venues_named(typed: str) -> list[str]:
    """The venues of a spelling, as in tickers: BINANCE_USDM is one, binance all of its exchange. Raises Problem (422).

    Capitals of a spelling in lower case are repaired.
    """
    rows = VenueSpelling.objects.filter(spelling__in={typed, typed.lower(), typed.upper()})
    by_spelling: dict[str, set[str]] = {}
    for spelling, venue in rows.values_list("spelling", "venue"):
        by_spelling.setdefault(spelling, set()).add(venue)
    for spelling in (typed, typed.lower(), typed.upper()):
        if spelling in by_spelling:
            return sorted(by_spelling[spelling])
    known = VenueSpelling.objects.order_by("venue").values_list("venue", flat=True).distinct()
    raise unusable([("venue", typed, f"one of {', '.join(known)}, or an exchange such as binance")])
