"""A coin's peg on one exchange, from its own pair there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from defillama.models import DepegEvent, PeggedCoin
from defillama.stablecoins.venue_detect import CoinOnRecord, VenueKnowledge, VenueReading, venue_readings
from events.models import TokenRisk
from exchanges.quotes import Quote
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.defillama.stablecoins.support import START, Bench, coin, reasons
from tests.upstreams import UpstreamServer

pytestmark = pytest.mark.django_db(transaction=True)

DOLLARS = {"USDCUSDT": (0.9997, 0.9999), "FDUSDUSDT": (0.9984, 0.9986), "TUSDUSDT": (0.9975, 0.9979)}
WATCH = frozenset({"USDT", "USDC", "USDE", "FRAX", "EURC", "USDX"})


@pytest.fixture
def bench() -> Iterator[Bench]:
    with UpstreamServer() as server:
        yield Bench(server)


def test_usde_at_65_cents_on_one_exchange_is_an_event_of_that_venue_within_two_readings(bench: Bench) -> None:
    elsewhere = {"USDE-USDT": (0.9979, 0.9981), "USDC-USDT": (0.9998, 0.9999)}
    bench.read_binance({**DOLLARS, "USDEUSDT": (0.9994, 0.9996)})
    bench.read_okx(elsewhere)
    first = bench.clock.forward(minutes=5)
    bench.read_binance({**DOLLARS, "USDEUSDT": (0.651, 0.653)}, seconds=0)
    event = DepegEvent.objects.get()
    assert (event.natural_key, event.opened_at, reasons()) == ("depeg:BINANCE:USDE", first, [])
    bench.read_binance({**DOLLARS, "USDEUSDT": (0.649, 0.651)})
    bench.read_okx(elsewhere | {"USDC-USDT": (0.9997, 0.9999)})
    event = DepegEvent.objects.get()
    assert reasons() == ["opened"]
    assert event.facts["worst_deviation"] == pytest.approx(-0.35, abs=0.003)
    assert event.source == "binance"
    row = TokenRisk.objects.get()
    assert (row.token, row.action, row.risk_level, row.venues) == ("USDE", "exit", "critical", ["BINANCE"])
    assert row.tickers == ["BINANCE:USDEUSDT"]


def test_equal_bytes_twice_are_one_reading_of_the_venue(bench: Bench) -> None:
    quotes = {**DOLLARS, "USDEUSDT": (0.649, 0.651)}
    bench.read_binance(quotes)
    bench.read_binance(quotes)
    assert (DepegEvent.objects.get().facts["readings"], reasons()) == (1, [])
    bench.read_binance({**quotes, "BTCUSDT": (100_000, 100_001)})
    assert reasons() == ["opened"]


def test_a_venue_depeg_closes_after_three_readings_at_the_peg(bench: Bench) -> None:
    for price in (0.9, 0.91, 0.9996, 0.9997, 0.9998):
        bench.read_binance({**DOLLARS, "USDEUSDT": (price, price + 0.0001)})
    assert DepegEvent.objects.get().status == "closed"
    assert reasons() == ["opened", "closed"]
    assert not TokenRisk.objects.exists()


def test_a_depeg_on_a_venue_that_lists_no_pair_of_the_coin_any_more_is_over_there(bench: Bench) -> None:
    usde = InstrumentRow("BINANCE", "USDEUSDT", "USDE", "USDT", "USDE", "TRADING", True)
    usdc = InstrumentRow("BINANCE", "USDCUSDT", "USDC", "USDT", "USDC", "TRADING", True)
    store_instruments("BINANCE", [usde, usdc], bench.clock.at)
    for price in (0.9, 0.91):
        bench.read_binance({**DOLLARS, "USDEUSDT": (price, price + 0.0001)})
    # What stands still is not quoted and is not back at its peg either.
    store_instruments("BINANCE", [replace(usde, status="BREAK", live=False), usdc], bench.clock.at)
    for bid in (0.9996, 0.9997, 0.9998, 0.9997):
        bench.read_binance({**DOLLARS, "USDCUSDT": (bid, 0.9999)})
    assert DepegEvent.objects.get().status == "open"
    store_instruments("BINANCE", [usdc], bench.clock.at)
    bench.read_binance(DOLLARS)
    event = DepegEvent.objects.get()
    assert (event.status, event.close_reason) == ("closed", "BINANCE no longer lists a pair of USDE")
    assert reasons() == ["opened", "closed"]


def test_an_exchange_that_fails_is_its_own_failure(bench: Bench) -> None:
    bench.read_binance({"USDEUSDT": (0.649, 0.651)})
    bench.server.route("/api/v3/ticker/bookTicker", 503)
    assert not bench.read_binance({}).ok
    assert bench.read_okx({"USDE-USDT": (0.9979, 0.9981)}).ok
    assert DepegEvent.objects.get().status == "open"


def test_a_coin_first_seen_above_its_peg_on_the_venue_is_left_alone_there(bench: Bench) -> None:
    for price in (1.12, 1.13, 0.8):
        bench.read_binance({**DOLLARS, "USDEUSDT": (price, price + 0.0001)})
    assert not DepegEvent.objects.exists()
    assert not PeggedCoin.objects.get(venue="BINANCE", coin="USDE").fixed_peg


def test_what_defillama_knows_to_bear_yield_is_not_watched_on_a_venue(bench: Bench) -> None:
    bench.read(coin("146", "USDe", 1.0))
    bench.read(coin("146", "USDe", 1.0, yieldBearing=True))
    bench.read_binance({**DOLLARS, "USDEUSDT": (0.9, 0.9001)})
    assert not DepegEvent.objects.exists()


def quote(symbol: str, quoted: str, bid: float, ask: float, venue: str = "BINANCE", multiplier: float = 1.0) -> Quote:
    return Quote(venue, symbol + quoted, symbol, quoted, symbol, bid, ask, START, multiplier)


def readings(*quotes: Quote, on_record: Mapping[str, CoinOnRecord] | None = None) -> Mapping[str, VenueReading]:
    known = VenueKnowledge("BINANCE", 0.01, WATCH, on_record or {})
    return {found.subject.coin: found for found in venue_readings(quotes, "x", known)}


def test_a_quote_that_falls_is_not_the_depeg_of_the_coins_quoted_in_it() -> None:
    in_tether = [quote(name, "USDT", 1.0525, 1.0527) for name in ("USDC", "USDE", "FDUSD", "TUSD")]
    for found in readings(*in_tether).values():
        assert abs(found.reading.deviation) < 0.001


def test_a_coin_is_converted_through_a_quote_that_is_itself_off_its_peg() -> None:
    found = readings(
        quote("USDC", "USDT", 0.9, 0.9001), quote("FDUSD", "USDT", 1, 1.0001), quote("TUSD", "USDT", 1, 1.0001),
        quote("USDE", "USDC", 1.1108, 1.111),
    )  # fmt: skip
    assert found["USDE"].reading.deviation == pytest.approx(0, abs=0.001)
    assert found["USDC"].reading.deviation == pytest.approx(-0.1, abs=0.001)


@pytest.mark.parametrize(("bid", "ask"), [(0, 0.9), (0.9, 0), (0.95, 0.9), (0.5, 1.5), (0.97, 1.02)])
def test_a_book_that_says_no_price_is_no_reading(bid: float, ask: float) -> None:
    assert readings(quote("USDE", "USDT", bid, ask)) == {}


def test_contracts_other_venues_and_coins_of_unknown_peg_are_no_readings() -> None:
    assert not readings(
        quote("USDE", "USDT", 0.6, 0.601, venue="BINANCE_USDM"),
        quote("USDE", "USDT", 0.6, 0.601, venue="OKX"),
        quote("USDX", "USDT", 0.6, 0.601),
        quote("FRAX", "USDT", 0.6, 0.601),
        quote("USDC", "BTC", 0.00001, 0.000011),
    )


def test_a_euro_coin_is_held_against_the_venues_own_euro_or_defillamas() -> None:
    pair, euro = quote("EURC", "USDT", 1.049, 1.051), quote("EUR", "USDT", 1.0999, 1.1001)
    assert readings(pair, euro)["EURC"].reading.deviation == pytest.approx(-0.04545, abs=0.001)
    assert readings(pair) == {}
    on_record = {"EURC": CoinOnRecord("EUR", 1.05)}
    assert readings(pair, on_record=on_record)["EURC"].reading.deviation == pytest.approx(0, abs=0.001)
    own = quote("EURC", "EUR", 0.98, 0.9801)
    assert readings(own, pair, euro)["EURC"].reading.deviation == pytest.approx(-0.02, abs=0.001)
