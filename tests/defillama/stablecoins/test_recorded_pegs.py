"""Recorded series of USDC, wrapped in DeFiLlama's payload, through the updater."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from alerts import reminders
from crypto_ews.conf import parse_config
from defillama.models import DepegEvent, PeggedCoin
from defillama.stablecoins.client import parse_stablecoins
from defillama.stablecoins.detect import PegKnowledge, PegVerdict, classify_coins
from tests.defillama.stablecoins.support import Bench, Recorded, coin, listing, payload, reasons, recorded_closes
from tests.upstreams import UpstreamServer

# Thousands of commits would each refresh the view, which is not looked at here.
CONFIG = parse_config({})
pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with UpstreamServer() as server:
        yield Bench(server)


def test_usdc_in_march_2023_is_one_event_told_at_the_confirming_reading_with_its_worst_price() -> None:
    with UpstreamServer() as server:
        recorded = Recorded()
        bench = Bench(server, recorded)
    closes = recorded_closes("large_depeg_2023")
    beyond = [at for at, price in closes if abs(price - 1) > 0.01]
    for at, price in closes:
        recorded.answer = payload(listing(coin(price=price)), at=at)
        bench.read_at(at)
        # Nobody acknowledges it, and its budget of six cards in ten days holds with the repeats.
        reminders.run(CONFIG, at)
        if at == beyond[0]:
            assert (DepegEvent.objects.get().opened_at, reasons()) == (at, [])
        if at == beyond[1]:
            assert reasons() == ["opened"]
    event = DepegEvent.objects.get()
    assert event.status == "closed"
    assert event.opened_at == beyond[0]
    worst = min(price for _, price in closes)
    assert event.facts["worst_price"] == worst
    assert event.facts["worst_deviation"] == pytest.approx(worst - 1, abs=1e-9)
    assert event.facts["duration_minutes"] == (beyond[-1] - beyond[0]) / timedelta(minutes=1)
    assert reasons(event) == ["opened", "worse", "worse", "closed", "opened", "closed"]


def test_a_calm_series_gives_no_event(bench: Bench) -> None:
    for at, price in recorded_closes("normal_depeg_1"):
        bench.clock.at = at
        bench.read(coin(price=price), minutes=0)
    assert PeggedCoin.objects.count() == 1
    assert not DepegEvent.objects.exists()


@pytest.mark.parametrize("name", ["no_depeg_1", "normal_depeg_1"])
def test_no_reading_of_a_calm_series_is_off_the_peg(name: str) -> None:
    for at, price in recorded_closes(name):
        coins, _ = parse_stablecoins(payload(listing(coin(price=price)), at=at))
        (found,) = classify_coins(
            coins, PegKnowledge(threshold=0.01, now=at, snapshot=str(at), watch=frozenset({"USDC"}))
        )
        assert found.verdict == PegVerdict.ON_PEG
