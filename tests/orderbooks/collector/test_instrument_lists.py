"""What Bybit and Bitfinex list, what contracts are worth, and which symbols the streams carry."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crypto_ews.conf import parse_config
from events.upstream.client import HttpClient
from events.upstream.errors import SchemaDrift
from markets.knowledge import InstrumentRow
from markets.models import Instrument
from markets.watch import WatchLists
from orderbooks.collector.service import chosen_feeds
from orderbooks.watched import streamed, watched_symbols
from streams.feeds import FEEDS
from streams.listings.contract_values import contract_source
from streams.listings.instrument_lists import InstrumentLists, instrument_source
from tests.support.captures import capture
from tests.upstreams import UpstreamServer

BYBIT_PATH, BITFINEX_PATH = "/v5/market/instruments-info", "/v2/conf/pub:list:pair:exchange,pub:map:currency:sym"


def bybit(base: str, quote: str = "USDT", status: str = "Trading", **more: str) -> dict[str, str]:
    return {"symbol": base + quote, "baseCoin": base, "quoteCoin": quote, "status": status, **more}


def bybit_page(rows: list[dict[str, str]], cursor: str = "") -> dict[str, object]:
    return {"retCode": 0, "retMsg": "OK", "result": {"category": "spot", "list": rows, "nextPageCursor": cursor}}


@pytest.fixture
def lists(server: UpstreamServer, now: datetime) -> InstrumentLists:
    url = server.url("").rstrip("/")
    config = parse_config(
        {
            "BYBIT_BASE_TRADING_URL": url,
            "BITFINEX_BASE_TRADING_URL": url,
            "BINANCE_COINM_BASE_TRADING_URL": url,
            "OKX_BASE_TRADING_URL": url,
        }
    )
    return InstrumentLists(config, HttpClient(2, user_agent="tests"), lambda: now)


@pytest.mark.django_db
def test_bybits_list_is_read_over_all_its_pages(lists: InstrumentLists, server: UpstreamServer) -> None:
    server.route(BYBIT_PATH, bybit_page([bybit("BTC"), bybit("OLD", status="Delivering")], "next%3D2"))
    server.route(BYBIT_PATH, bybit_page([bybit("ETH", deliveryTime="1798700400000")]), match_query={"cursor": "next=2"})
    assert lists.refresh("BYBIT", "streams.bybit.instruments") == 3
    rows = {row.symbol: row for row in Instrument.objects.filter(venue="BYBIT")}
    assert {symbol: row.live for symbol, row in rows.items()} == {"BTCUSDT": True, "OLDUSDT": False, "ETHUSDT": True}
    assert rows["ETHUSDT"].ends_at == datetime(2026, 12, 31, 7, 0, tzinfo=UTC)
    assert rows["BTCUSDT"].ends_at is None and rows["BTCUSDT"].token == "BTC"


@pytest.mark.django_db
def test_bitfinex_names_are_those_that_others_use(lists: InstrumentLists, server: UpstreamServer) -> None:
    pairs = ["BTCUSD", "BTCUST", "AVAX:UST", "IOTUSD", "TESTBTC:TESTUSD"]
    server.route(BITFINEX_PATH, [pairs, [["UST", "USDt"], ["IOT", "IOTA"], ["BAD"]]])
    assert lists.refresh("BITFINEX", "streams.bitfinex.instruments") == 4
    rows = Instrument.objects.filter(venue="BITFINEX").values_list("symbol", "base", "quote", "live")
    assert sorted(rows) == [
        ("AVAX:UST", "AVAX", "USDT", True),
        ("BTCUSD", "BTC", "USD", True),
        ("BTCUST", "BTC", "USDT", True),
        ("IOTUSD", "IOTA", "USD", True),
    ]


def test_the_recorded_list_of_bitfinex_is_read(lists: InstrumentLists, server: UpstreamServer) -> None:
    lines = gzip.decompress(capture("streams/cryptofeed_BITFINEX.0.gz").read_bytes()).decode().splitlines()
    recorded = json.loads(lines[0][lines[0].index("[[") :])
    server.route(BITFINEX_PATH, recorded)
    source = instrument_source(parse_config({"BITFINEX_BASE_TRADING_URL": server.url("").rstrip("/")}), "BITFINEX")
    assert source is not None
    rows = source.parse(HttpClient(2, user_agent="tests").get(source.url, source="tests")).rows
    assert len(rows) > 200 and {"BTCUSD", "AAVE:UST"} <= {row.symbol for row in rows}


@pytest.mark.django_db
def test_a_list_that_lacks_too_much_is_believed_only_when_the_next_one_says_the_same(
    lists: InstrumentLists, server: UpstreamServer
) -> None:
    coins = [f"C{number}" for number in range(30)]
    whole, short = (bybit_page([bybit(coin) for coin in part]) for part in (coins, coins[:20]))
    server.route(BYBIT_PATH, whole, short)
    lists.refresh("BYBIT", "streams.bybit.instruments")
    with pytest.raises(SchemaDrift, match="10 less"):
        lists.refresh("BYBIT", "streams.bybit.instruments")
    assert Instrument.objects.filter(live=True).count() == 30
    lists.refresh("BYBIT", "streams.bybit.instruments")
    assert Instrument.objects.filter(live=True).count() == 20


@pytest.mark.parametrize(
    "answer",
    [{"retCode": 10006, "retMsg": "Too many visits!"}, bybit_page([]), bybit_page([{"symbol": "X"}]), [], "null"],
    ids=["refused", "empty", "a row without its coins", "a list", "null"],
)
def test_a_list_in_another_shape_is_drift(answer: object, lists: InstrumentLists, server: UpstreamServer) -> None:
    server.route(BYBIT_PATH, answer)  # type: ignore[arg-type]
    with pytest.raises(SchemaDrift):
        lists.refresh("BYBIT", "streams.bybit.instruments")


def test_contracts_are_worth_what_the_venues_say(lists: InstrumentLists, server: UpstreamServer) -> None:
    symbols = [{"symbol": "BTCUSD_PERP", "contractSize": 100}, {"symbol": "ODD_PERP"}]
    server.route("/dapi/v1/exchangeInfo", {"symbols": symbols})
    swaps = [
        {"instId": "BTC-USDT-SWAP", "ctVal": "0.01", "ctMult": "1", "ctType": "linear"},
        {"instId": "BTC-USD-SWAP", "ctVal": "100", "ctMult": "1", "ctType": "inverse"},
        {"instId": "TEST", "ctVal": "", "ctMult": "", "ctType": ""},
    ]
    server.route("/api/v5/public/instruments", {"code": "0", "data": swaps})
    coinm = lists.contracts("BINANCE_COINM", "tests")
    assert coinm is not None and coinm.keys() == {"BTCUSD_PERP"}
    assert coinm["BTCUSD_PERP"].in_base(5, 50_000.0) == pytest.approx(0.01)
    okx = lists.contracts("OKX_USDM", "tests")
    assert okx is not None and okx.keys() == {"BTC-USDT-SWAP", "BTC-USD-SWAP"}
    assert okx["BTC-USDT-SWAP"].in_base(5, 50_000.0) == pytest.approx(0.05)
    assert okx["BTC-USD-SWAP"].in_base(5, 50_000.0) == pytest.approx(0.01)
    assert lists.contracts("BINANCE", "tests") is None
    server.route("/dapi/v1/exchangeInfo", {"symbols": [{"symbol": "ODD_PERP"}]})
    with pytest.raises(SchemaDrift):
        lists.contracts("BINANCE_COINM", "tests")


@pytest.mark.parametrize(("written", "amount"), [(".5", 0.5), (" 5 ", 5.0), ("5.", 5.0), (5, 5.0)])
def test_a_contract_value_may_be_written_in_any_way(
    written: object, amount: float, lists: InstrumentLists, server: UpstreamServer
) -> None:
    server.route("/dapi/v1/exchangeInfo", {"symbols": [{"symbol": "BTCUSD_PERP", "contractSize": written}]})
    coinm = lists.contracts("BINANCE_COINM", "tests")
    assert coinm is not None and coinm["BTCUSD_PERP"].amount == amount
    swap = {"instId": "BTC-USDT-SWAP", "ctVal": "2", "ctMult": written, "ctType": None}
    # A multiplier of 0 is none.
    server.route("/api/v5/public/instruments", {"code": "0", "data": [swap, {**swap, "instId": "B", "ctMult": 0}]})
    okx = lists.contracts("OKX_USDM", "tests")
    assert okx is not None and [okx[name].amount for name in ("BTC-USDT-SWAP", "B")] == [2 * amount, 2.0]


@pytest.mark.django_db
def test_bybits_list_is_not_lost_for_an_odd_end_or_kind(lists: InstrumentLists, server: UpstreamServer) -> None:
    odd: dict[str, Any] = {"deliveryTime": 1.5, "contractType": 7}
    server.route(BYBIT_PATH, bybit_page([bybit("BTC"), {**bybit("ETH"), **odd}]))
    assert lists.refresh("BYBIT", "streams.bybit.instruments") == 2
    (row,) = Instrument.objects.filter(symbol="ETHUSDT")
    assert (row.ends_at, row.contract_type) == (None, "7")


def test_the_recorded_swaps_of_okx_all_have_a_value(server: UpstreamServer) -> None:
    body = gzip.decompress(capture("instruments/cryptofeed__instruments_SWAP_2022-05-13.json.gz").read_bytes())
    server.route("/api/v5/public/instruments", body)
    source = contract_source(parse_config({"OKX_BASE_TRADING_URL": server.url("").rstrip("/")}), "OKX_USDM")
    assert source is not None
    values = source.parse(HttpClient(2, user_agent="tests").get(source.url, source="tests"))
    assert len(values) == 166 and values["BTC-USD-SWAP"].in_quote and values["BTC-USDT-SWAP"].amount == 0.01


def test_the_streams_carry_live_watched_pairs_and_perpetuals_only(now: datetime) -> None:
    def row(symbol: str, base: str, quote: str, **changes: object) -> InstrumentRow:
        return InstrumentRow("BINANCE_USDM", symbol, base, quote, base, "TRADING", True, **changes)  # type: ignore[arg-type]

    rows = [
        row("BTCUSDT", "BTC", "USDT"),
        row("BTCUSDT_270625", "BTC", "USDT", ends_at=now),
        row("BTCTRY", "BTC", "TRY"),
        row("XYZUSDT", "XYZ", "USDT"),
        InstrumentRow("BINANCE_USDM", "BTCUSDC", "BTC", "USDC", "BTC", "SETTLING", False),
    ]
    watch = WatchLists(frozenset({"XYZ"}), frozenset({"BTC"}), frozenset({"USDT", "USDC"}))
    assert streamed(rows, watch, FEEDS["binance", "usdm"]).keys() == {"BTCUSDT"}


def test_every_feed_can_be_chosen_and_nothing_else() -> None:
    every = {feed.venue for feed in FEEDS.values()}
    config = parse_config({})
    assert len(every) == len(FEEDS) and {feed.venue for feed in chosen_feeds(config)} == every
    assert [feed.venue for feed in chosen_feeds(config, ["okx", "BYBIT_USDM"])] == ["OKX", "BYBIT_USDM"]
    few = parse_config({"ORDERBOOK_VENUES": "binance, KRAKEN"})
    assert {feed.venue for feed in chosen_feeds(few)} == {"BINANCE", "KRAKEN"}
    with pytest.raises(ValueError, match="OKX; ORDERBOOK_VENUES has BINANCE, KRAKEN"):
        chosen_feeds(few, ["OKX"])


@pytest.mark.django_db
def test_symbols_of_the_lists_are_what_the_streams_call_them(
    lists: InstrumentLists, server: UpstreamServer, now: datetime
) -> None:
    server.route(BITFINEX_PATH, [["BTCUST", "AVAX:UST", "ETHTRY"], [["UST", "USDt"]]])
    server.route(BYBIT_PATH, bybit_page([bybit("BTC"), bybit("ETH", "USDC")]))
    lists.refresh("BITFINEX", "streams.bitfinex.instruments")
    lists.refresh("BYBIT", "streams.bybit.instruments")
    config = parse_config({})
    assert watched_symbols(config, FEEDS["bitfinex", "spot"], now).keys() == {"tBTCUST", "tAVAX:UST"}
    assert watched_symbols(config, FEEDS["bybit", "spot"], now).keys() == {"BTCUSDT", "ETHUSDC"}
