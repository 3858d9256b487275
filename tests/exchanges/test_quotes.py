"""Best bid and ask: the lists of both exchanges, asked once for all who want them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crypto_ews.conf import Config
from events.models import PayloadPoll, SourceHealth
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient, Payload
from events.upstream.errors import RetryableError, SchemaDrift
from exchanges.quotes import ALL_SOURCES, QuoteSnapshot, best_quotes
from exchanges.quotes.lists import BookRow, binance_rows, okx_names, okx_rows, quote_lists
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.support.captures import capture
from tests.support.loopback import loopback_config
from tests.upstreams import Reply, UpstreamServer

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
SPOT, USDM, OKX = "/api/v3/ticker/bookTicker", "/fapi/v1/ticker/bookTicker", "/api/v5/market/tickers"


def ticker(symbol: str, bid: str = "1.0", ask: str = "1.1") -> dict[str, str]:
    return {"symbol": symbol, "bidPrice": bid, "bidQty": "1", "askPrice": ask, "askQty": "1"}


def okx(*names: str, bid: str = "1.0", ask: str = "1.1") -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": [{"instId": name, "bidPx": bid, "askPx": ask} for name in names]}


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with UpstreamServer() as running:
        running.route(SPOT, [ticker("LUNAUSDT"), ticker("ABCBTC")])
        running.route(USDM, [ticker("1000SHIBUSDT"), ticker("BTCUSDT_261225")])
        running.route(OKX, okx("LUNA-USDT"), match_query={"instType": "SPOT"})
        running.route(OKX, okx("LUNA-USDT-SWAP", "BTC-USD-SWAP"), match_query={"instType": "SWAP"})
        yield running


class Reader:
    """Reads the quotes of a configuration at a moment of its own."""

    def __init__(self, config: Config) -> None:
        self.config, self.at = config, NOW
        self._fetcher = ArchivingFetcher(HttpClient(deadline_s=3, user_agent="tests", now=lambda: self.at))

    def read(self, seconds_later: float = 0) -> QuoteSnapshot:
        self.at += timedelta(seconds=seconds_later)
        return best_quotes(self.config).read(self._fetcher.get, self.at, 15)


def payload(body: bytes) -> Payload:
    return Payload("binance.quotes", "http://127.0.0.1/", 200, {}, body, NOW, 0.1, None)


@pytest.mark.django_db
def test_each_list_is_read_split_and_archived_under_its_source(server: UpstreamServer) -> None:
    snapshot = Reader(loopback_config(server)).read()
    assert [(quote.ticker, quote.token, quote.quote, quote.multiplier) for quote in snapshot.quotes] == [
        ("BINANCE:LUNAUSDT", "LUNA", "USDT", 1),
        ("BINANCE:ABCBTC", "ABC", "BTC", 1),
        ("BINANCE_USDM:1000SHIBUSDT", "SHIB", "USDT", 1000),
        ("OKX:LUNA-USDT", "LUNA", "USDT", 1),
        ("OKX_USDM:LUNA-USDT-SWAP", "LUNA", "USDT", 1),
        ("OKX_COINM:BTC-USD-SWAP", "BTC", "USD", 1),
    ]
    polls = dict(PayloadPoll.objects.values_list("source", "body_id"))
    assert polls == snapshot.digests and set(polls) == set(ALL_SOURCES)
    assert snapshot.payload("OKX_USDM") == polls["okx.quotes.swap"] and snapshot.payload("BINANCE_COINM") is None
    assert set(SourceHealth.objects.filter(state="ok").values_list("source", flat=True)) == set(ALL_SOURCES)


@pytest.mark.django_db
def test_two_sources_of_one_configuration_share_an_answer_until_it_is_too_old(server: UpstreamServer) -> None:
    config = loopback_config(server)
    first, second, stranger = Reader(config), Reader(config), Reader(loopback_config(server))
    assert first.read().quotes == second.read(10).quotes
    assert len(server.requests) == 4
    second.read(10)
    assert len(server.requests) == 8
    stranger.read()
    assert len(server.requests) == 12


@pytest.mark.django_db
def test_a_list_that_fails_leaves_the_others_and_backs_off_for_everybody(server: UpstreamServer) -> None:
    server.route(OKX, Reply(status=429, headers={"Retry-After": "120"}), match_query={"instType": "SPOT"})
    config = loopback_config(server)
    reader = Reader(config)
    snapshot = reader.read()
    [error] = snapshot.failures
    assert isinstance(error, RetryableError) and error.source == "okx.quotes"
    assert set(snapshot.digests) == set(ALL_SOURCES) - {"okx.quotes"}
    assert SourceHealth.objects.get(pk="okx.quotes").state == "failing"
    asked = len(server.requests)
    assert Reader(config).read(100).failures and len(server.requests) == asked + 3
    server.route(OKX, okx("LUNA-USDT"), match_query={"instType": "SPOT"})
    assert not reader.read(121).failures
    assert SourceHealth.objects.get(pk="okx.quotes").state == "ok"


@pytest.mark.django_db
def test_the_instruments_table_says_what_a_symbol_is_of(server: UpstreamServer) -> None:
    row = InstrumentRow("BINANCE", "ABCBTC", "ABCB", "TC", "ABCB", "TRADING", True)
    store_instruments("BINANCE", [row], NOW)
    tokens = {quote.symbol: quote.token for quote in Reader(loopback_config(server)).read().quotes}
    assert (tokens["ABCBTC"], tokens["LUNAUSDT"]) == ("ABCB", "LUNA")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[]", "not empty"),
        (b"{}", "a list of pairs"),
        (b'[{"symbol": "A", "bid": "1"}]', "symbol, bidPrice, askPrice"),
        (b'[{"symbol": "A", "bidPrice": "x", "askPrice": "1"}]', "symbol, bidPrice, askPrice"),
        (b'[{"symbol": "A", "bidPrice": "nan", "askPrice": "1"}]', "symbol, bidPrice, askPrice"),
    ],
)
def test_what_is_no_list_of_quotes_is_drift_and_never_no_quotes(body: bytes, expected: str) -> None:
    with pytest.raises(SchemaDrift, match=expected):
        binance_rows(payload(body))


def test_one_odd_row_among_many_is_left_out_and_empty_sides_are_zero() -> None:
    rows = ",".join(['{"symbol": "A", "bidPrice": "1", "askPrice": ""}'] * 12 + ["null"])
    assert binance_rows(payload(f"[{rows}]".encode())) == [BookRow("A", 1.0, 0.0)] * 12


def test_an_answer_of_okx_with_another_code_is_drift() -> None:
    with pytest.raises(SchemaDrift, match="code"):
        okx_rows(payload(b'{"code": "50011", "msg": "Too Many Requests", "data": []}'))


def test_the_captured_tickers_of_okx_are_read() -> None:
    body = capture("rest/tickers_spot_20230104.json").read_bytes()
    assert okx_rows(payload(body)) == [
        BookRow("BCD-BTC", 0.00000592, 0.00000606),
        BookRow("MDT-USDT", 0.0194, 0.01944),
    ]


@pytest.mark.parametrize("symbol", ["BTC-USD-261225", "BTC-USD-261225-50000-C", "BTC", ""])
def test_dated_contracts_of_okx_are_no_price_of_the_token(symbol: str) -> None:
    assert okx_names(symbol) is None


def test_every_list_has_a_url_of_its_own_in_the_configuration(server: UpstreamServer) -> None:
    lists = quote_lists(loopback_config(server))
    assert [wanted.source for wanted in lists] == list(ALL_SOURCES)
    assert len({wanted.url for wanted in lists}) == 4
