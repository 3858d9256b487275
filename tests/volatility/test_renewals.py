"""A halt, an absence, another unit: what was before is no baseline, and a fall among those who trade is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import Asset, AssetName
from tests.upstreams import UpstreamServer
from tests.volatility.support import START
from tests.volatility.test_flow import Market
from volatility.models import VolatilityEvent
from volatility.store import PriceChangeStore, Reading

pytestmark = pytest.mark.django_db(transaction=True)

LUNA = InstrumentRow("BINANCE", "LUNAUSDT", "LUNA", "USDT", "LUNA", "TRADING", True)
BTC = InstrumentRow("BINANCE", "BTCUSDT", "BTC", "USDT", "BTC", "TRADING", True)


@pytest.fixture
def market() -> Iterator[Market]:
    with UpstreamServer() as server:
        market = Market(server)
        store_instruments("BINANCE", [LUNA, BTC], market.at)
        for _ in range(4):
            market.poll()
        yield market


def listed(market: Market, **changes: object) -> None:
    """The venue's list as it reads now."""
    store_instruments("BINANCE", [replace(LUNA, **changes), BTC], market.at)  # type: ignore[arg-type]


def test_a_redenomination_after_a_halt_is_no_fall(market: Market) -> None:
    listed(market, status="BREAK", live=False)
    for _ in range(3):
        market.poll()  # It is quoted at its last price while it is halted.
    # The new price is quoted before the list has it trading.
    market.poll(LUNAUSDT=0.1)
    listed(market)
    for price in (0.1, 0.101, 0.1):
        market.poll(LUNAUSDT=price)
    assert not VolatilityEvent.objects.exists()
    # From there on it is watched as before.
    market.poll(LUNAUSDT=0.09)
    assert market.alerts() == ["opened"]


def test_nor_is_it_after_a_restart(market: Market) -> None:
    listed(market, status="BREAK", live=False)
    market.poll()
    listed(market)
    market.poll(LUNAUSDT=0.1)
    market.restart()
    market.poll(LUNAUSDT=0.1)
    assert not VolatilityEvent.objects.exists()


def test_a_pair_that_was_away_while_its_venue_was_quoted_begins_anew(market: Market) -> None:
    price = market.binance.pop("LUNAUSDT")
    for _ in range(12):
        market.poll()
    market.poll(LUNAUSDT=price / 1000)
    market.restart()
    market.poll(LUNAUSDT=price / 1000)
    assert not VolatilityEvent.objects.exists()


def test_a_few_missing_readings_or_a_venue_that_did_not_answer_hide_no_fall(market: Market) -> None:
    price = market.binance.pop("LUNAUSDT")
    market.poll()
    market.poll(LUNAUSDT=price * 0.8)
    assert market.alerts() == ["opened"]


def test_an_outage_of_everything_hides_no_fall(market: Market) -> None:
    market.poll(minutes=45, LUNAUSDT=70.0)
    assert market.alerts() == ["opened"]


def test_a_contract_of_another_size_is_no_move(market: Market) -> None:
    listed(market, multiplier=Decimal(1))
    named = {"base": "1000LUNA"}
    market.poll()
    luna = Asset.objects.get_or_create(code="LUNA")[0]
    AssetName.objects.create(asset=luna, venue="BINANCE", name="1000LUNA", multiplier=1000)
    listed(market, **named)
    market.poll(minutes=6)
    assert not VolatilityEvent.objects.exists()


def test_what_is_forgotten_counts_in_no_window_and_its_room_is_used_again() -> None:
    store = PriceChangeStore(timedelta(minutes=1))
    for day in range(4):
        for minute in range(3):
            at = START + timedelta(days=2 * day, minutes=minute)
            change = store.update(Reading(at, ["A:B", "A:C"], [100.0 + minute, 5.0]))
        store.forget(["A:B", "unknown"])
        change = store.update(Reading(at + timedelta(minutes=1), ["A:B", "A:C"], [0.1, 5.0]))
        assert change is not None
        assert change.high[:, change.pairs.index("A:B")].tolist() == [0.1] * len(store.windows)
        assert change.high[:, change.pairs.index("A:C")].tolist() == [5.0] * len(store.windows)
    assert store.nbytes < 400_000
