"""A swap that is moved, called off or edited, and renamed lists: what it is swapped for is never to be reduced."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.database.view_refresh import refresh_now
from events.lifecycle import expire
from events.models import TokenRisk
from markets.identity import NameRow
from markets.identity_store import add_names
from tests.exchanges.announcements.swaps.test_swaps_in_force import (
    AFTER,
    DAY,
    MINUTE,
    RELEASED,
    STRONG,
    answers,
    told,
    trade,
)

pytestmark = pytest.mark.django_db

TITLE = "Binance Will Support the Fantom (FTM) Token Swap and Rebranding to Sonic (S)"
BODY = "<p>FTM/USDT ceases trading at {} 03:00 (UTC). S/USDT opens at 2026-06-12 03:00 (UTC).</p>"


def strong() -> set[str]:
    refresh_now()
    return set(TokenRisk.objects.filter(action__in=STRONG).values_list("token", flat=True))


def spared(name: str, *exchanges: str) -> bool:
    refresh_now()
    return not any(found and STRONG & set(found) for one in exchanges for found in answers(one, name).values())


@pytest.mark.long
@pytest.mark.parametrize("known", [None, RELEASED - timedelta(days=400), DAY, DAY + MINUTE])
@pytest.mark.parametrize("venue", ["", "BINANCE"])
def test_the_target_is_spared_whatever_is_known_of_its_name(known: object, venue: str) -> None:
    """Lists show the new ticker before the day, on it and after it; the change of name is known before, or not."""
    trade("BINANCE", "FTM")
    trade("BYBIT", "S", "FTM")
    if known:
        add_names([NameRow(venue, "FTM", "S", valid_from=known)], "a person")  # type: ignore[arg-type]
    told(TITLE, BODY.format("2026-06-01"))
    for at in (RELEASED, DAY, DAY + 2 * MINUTE, AFTER):
        expire(at)
        if at == DAY:
            trade("BINANCE", "FTM", "S", at=at)
        if at == AFTER:
            trade("BINANCE", "S", at=at)
        assert "S" not in strong(), at
        assert spared("S", "binance", "bybit"), at
        assert "FTM" in strong(), at


def test_the_target_is_spared_when_the_swap_is_moved_edited_and_called_off() -> None:
    trade("BINANCE", "FTM", "S")
    told(TITLE, BODY.format("2026-06-01"))
    told(TITLE, BODY.format("2026-06-02"))
    told("Fantom (FTM) Swap to Sonic (S) Postponed", BODY.format("2026-06-08"), RELEASED + timedelta(days=1))
    told("Fantom (FTM) Swap to Sonic (S) Cancelled", None, RELEASED + timedelta(days=2))
    for at in (RELEASED + timedelta(days=3), DAY, AFTER):
        expire(at)
        assert "S" not in strong(), at
        assert spared("S", "binance"), at


def test_two_that_merge_are_spared_until_it_is_told_who_stays() -> None:
    trade("BINANCE", "AGIX", "FET")
    told("Merger of Fetch.ai (FET) and SingularityNET (AGIX)", "<p>Details will follow.</p>")
    assert strong() == set()
    told("Merger of Fetch.ai (FET) and SingularityNET (AGIX)", "<p>AGIX will be turned to FET.</p>", DAY)
    assert strong() == {"AGIX"}
