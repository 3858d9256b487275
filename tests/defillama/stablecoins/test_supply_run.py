"""Redemption runs: a watched stablecoin that stays on its peg while its supply melts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from defillama.stablecoins.client import parse_stablecoins
from defillama.stablecoins.detect import supply_change
from defillama.stablecoins.supply_run import fallen
from events.models import Event, TokenRisk
from tests.defillama.stablecoins.support import Bench, coin, listing, payload, reasons
from tests.upstreams import UpstreamServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with UpstreamServer() as server:
        yield Bench(server)


def run_event() -> Event:
    return Event.objects.get(natural_key__startswith="supply_run:")


def falling(supply: float, price: Any = 1.0, **more: Any) -> dict[str, Any]:
    return coin(price=price, supply=supply, day_ago=100.0, **more)


def test_a_run_on_a_coin_that_stays_on_its_peg_is_told_at_the_reading_that_confirms_it(bench: Bench) -> None:
    bench.read(falling(91.0))
    assert not Event.objects.exists()
    bench.read(falling(90.0))
    event = run_event()
    assert (event.source, event.category, event.priority, reasons()) == ("defillama", "risk_warning", "high", [])
    bench.read(falling(88.0))
    event = run_event()
    assert reasons() == ["opened"] and event.alerts.get().channel == "stablecoin"
    assert event.title == "USDC: supply fell by 12% in a day, a redemption run"
    assert (event.facts["supply_change_day"], event.facts["supply_day_ago"]) == (-0.12, 100.0)
    risk = TokenRisk.objects.get()
    assert (risk.token, risk.action, risk.categories) == ("USDC", "avoid_new", ["risk_warning"])


def test_it_is_told_again_when_twice_as_much_is_gone_and_once_when_it_is_over(bench: Bench) -> None:
    for supply in (89.0, 88.0, 80.0, 75.0, 74.0):
        bench.read(falling(supply))
    assert reasons() == ["opened", "worse"]
    for supply in (93.0, 96.0, 97.0, 94.0, 96.0, 97.0):
        bench.read(falling(supply))
    assert run_event().status == "open"
    bench.read(falling(96.0))
    event = run_event()
    assert (event.status, reasons()) == ("closed", ["opened", "worse", "closed"])
    assert event.facts["worst_supply_change_day"] == pytest.approx(-0.26)
    assert not TokenRisk.objects.exists()


def test_a_run_of_a_coin_that_the_list_drops_ends_after_several_whole_readings(bench: Bench) -> None:
    other = coin("1", "USDT", 1.0)
    for supply in (89.0, 88.0):
        bench.read(falling(supply), other)
    assert reasons() == ["opened"]
    for _ in range(3):
        bench.read(other)
    event = run_event()
    assert (event.status, event.close_kind, reasons()) == ("closed", "retracted", ["opened", "closed"])


def test_equal_bytes_confirm_nothing_and_a_single_reading_tells_nobody(bench: Bench) -> None:
    answer = listing(falling(80.0))
    bench.read_raw(answer)
    bench.read_raw(answer)
    assert reasons() == []
    for supply in (97.0, 98.0, 99.0):
        bench.read(falling(supply))
    assert (run_event().status, reasons()) == ("closed", [])


def test_a_run_that_its_depeg_tells_of_is_not_told_twice(bench: Bench) -> None:
    bench.read(coin(price=0.98, supply=100.0, day_ago=100.0))
    bench.read(coin(price=0.981, supply=100.0, day_ago=100.0))
    bench.read(falling(85.0, price=0.982))
    bench.read(falling(84.0, price=0.983))
    assert reasons() == ["opened", "updated"]
    assert not Event.objects.filter(category="risk_warning").exists()


def test_without_a_price_the_supply_still_counts(bench: Bench) -> None:
    bench.read(falling(85.0, price=None))
    bench.read(falling(84.0, price=0))
    assert reasons() == ["opened"]


def test_a_coin_that_retires_ends_its_run_and_one_that_is_missing_leaves_it_open(bench: Bench) -> None:
    bench.read(falling(85.0))
    bench.read(falling(84.0))
    bench.read(coin("1", "USDT"))
    bench.read(falling(0.0))
    assert run_event().status == "open"
    bench.read(falling(84.0, deadFrom="2026-10-10"))
    assert (run_event().close_reason, reasons()) == ("it is no longer watched", ["opened", "closed"])


CHAINS = {
    "Ethereum": {"current": {"peggedUSD": 80.0}, "circulatingPrevDay": {"peggedUSD": 80.0}},
    "Tron": {"current": {"peggedUSD": 0}, "circulatingPrevDay": {"peggedUSD": 20.0}},
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("row", "change"),
    [
        (coin(supply=89.0, day_ago=100.0), -0.11),
        (coin(supply="89.0", day_ago="100.0"), -0.11),
        # New since yesterday, or not reported: nothing is known of a change.
        (coin(circulatingPrevDay={"peggedUSD": 0}), None),
        (coin(circulatingPrevDay={"peggedUSD": None}), None),
        (coin(circulatingPrevDay={}), None),
        (coin(circulatingPrevDay=None), None),
        (coin(circulatingPrevDay={"peggedUSD": -5}), None),
        (coin(circulatingPrevDay={"peggedUSD": "n/a"}), None),
        (coin(supply=0, day_ago=100.0), None),
        (coin(circulating=None), None),
        # A chain that fell out of the report was not emptied in a day.
        (coin(supply=80.0, day_ago=100.0, chainCirculating=CHAINS), 0.0),
        (coin(supply=80.0, day_ago=100.0, chainCirculating=[]), -0.2),
        (coin(supply=80.0, day_ago=100.0, chainCirculating={"Tron": None}), -0.2),
    ],
)
def test_broken_values_are_no_run(row: dict[str, Any], change: float | None) -> None:
    (read,), bad = parse_stablecoins(payload(listing(row)))
    assert not bad
    assert supply_change(read) == (change if change is None else pytest.approx(change))
    assert bool(fallen([read], frozenset({"USDC"}))) == (change is not None and change <= -0.1)


def test_other_coins_and_small_namesakes_are_not_watched() -> None:
    rows = [
        coin("1", "USDC", supply=1e9),
        coin("2", "USDC", supply=1e5, day_ago=1e6),
        coin("3", "XUSD", supply=1.0, day_ago=2.0),
    ]
    coins, _ = parse_stablecoins(payload(listing(*rows)))
    assert fallen(coins, frozenset({"USDC"})) == frozenset()
    # A snapshot without the large one's supply makes the small one no larger.
    rows[0] = coin("1", "USDC", supply=0, day_ago=1e9)
    coins, _ = parse_stablecoins(payload(listing(*rows)))
    assert fallen(coins, frozenset({"USDC"})) == frozenset()
