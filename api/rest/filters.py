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
    """The venues of a spelling, as in tickers, with those whose effects hold there as well. Raises Problem (422).

    BINANCE_USDM is one; BINANCE_MARGIN is also BINANCE, whose pairs it trades; binance is every venue of its exchange.
    Capitals and separators are repaired.
    """
    name = typed.strip()
    forms = (name, name.lower().translate(_SEPARATORS), name.upper().translate(_SEPARATORS))
    rows = list(
        VenueSpelling.objects.filter(spelling__in=forms).values_list("spelling", "exchange", "venue", "list_venue")
    )
    spelling = next((form for form in forms if any(row[0] == form for row in rows)), None)
    if spelling is None:
        known = VenueSpelling.objects.order_by("venue").values_list("venue", flat=True).distinct()
        raise unusable([("venue", typed, f"one of {', '.join(known)}, or an exchange such as binance")])
    found = {venue for row in rows if row[0] == spelling for venue in row[2:]}
    if any(row[:2] == (spelling, spelling) for row in rows):
        # Its own name does not spell its margin market, since that has no list.
        found |= set(VenueSpelling.objects.filter(exchange=spelling).values_list("venue", flat=True))
    return sorted(found)


_SEPARATORS = str.maketrans(" -.", "___")
