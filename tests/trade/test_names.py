"""Every name that programs have for an instrument leads to it: the captured lists of Binance and OKX, and Kraken's."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from events.upstream.client import Payload
from exchanges.instruments.binance import parse_exchange_info
from exchanges.instruments.kraken import parse_pairs
from exchanges.instruments.okx import parse_instruments
from markets.instrument_names import names_of
from markets.instruments import store_lists
from markets.knowledge import InstrumentRow
from tests.support.captures import capture, kraken_asset_pairs

SEEN = datetime(2026, 10, 1, tzinfo=UTC)
KRAKEN = {
    "error": [],
    "result": {
        "XXBTZUSD": {"altname": "XBTUSD", "wsname": "XBT/USD", "status": "online"},
        "XDGUSD": {"altname": "XDGUSD", "wsname": "XDG/USD", "status": "online"},
        "XETHZEUR": {"altname": "ETHEUR", "wsname": "ETH/EUR", "status": "online"},
        "SOLUSD": {"altname": "SOLUSD", "wsname": "SOL/USD", "status": "online"},
    },
}


def payload(source: str, body: bytes) -> Payload:
    return Payload(
        source=source,
        url="https://example.org",
        status=200,
        body=body,
        received_at=SEEN,
        headers={},
        duration=0,
        clock_skew=None,
    )


def rows(read: Callable[[Payload], tuple], body: bytes, source: str) -> list[InstrumentRow]:
    found, bad = read(payload(source, body))
    assert not bad
    return list(found)


def captured(name: str) -> bytes:
    path = capture(f"instruments/{name}")
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def all_lists() -> dict[str, list[InstrumentRow]]:
    lists: dict[str, list[InstrumentRow]] = {}
    for row in (
        *rows(lambda p: parse_exchange_info(p, "BINANCE"),
              captured("davijr__api_v3_exchangeInfo_2024-09-08.json.gz"), "binance.instruments"),
        *rows(lambda p: parse_exchange_info(p, "BINANCE_USDM"),
              captured("cryptofeed__fapi_v1_exchangeInfo_2021-07-21.json.gz"), "binance.instruments.usdm"),
        *rows(lambda p: parse_instruments(p, "SPOT"),
              captured("cryptofeed__instruments_SPOT_2022-05-13.json.gz"), "okx.instruments"),
        *rows(lambda p: parse_instruments(p, "SWAP"),
              captured("cryptofeed__instruments_SWAP_2022-05-13.json.gz"), "okx.instruments"),
        *rows(parse_pairs, kraken_asset_pairs(), "kraken.instruments"),
    ):  # fmt: skip
        lists.setdefault(row.venue, []).append(row)
    return lists


def resolved(asked: list[tuple[str | None, str]]) -> list[set[tuple[str, str]]]:
    """(venue, symbol) of the rows that each question gets."""
    found: list[set[tuple[str, str]]] = [set() for _ in asked]
    with connection.cursor() as cursor:
        for start in range(0, len(asked), 2000):
            part = asked[start : start + 2000]
            cursor.execute(
                "SELECT n, venue, symbol FROM can_trade_many(%s, %s) WHERE covered <> 'unknown'",
                ([exchange for exchange, _ in part], [symbol for _, symbol in part]),
            )
            for n, venue, symbol in cursor.fetchall():
                found[start + n - 1].add((venue, symbol))
    return found


@pytest.mark.long
def test_every_name_of_every_captured_instrument_leads_to_it_and_to_the_few_that_share_it(db: None) -> None:
    lists = all_lists()
    store_lists(lists, SEEN)
    owners: dict[tuple[str, str], set[tuple[str, str]]] = {}
    names = []
    for venue, instruments in lists.items():
        for row in instruments:
            day = f"{row.ends_at:%y%m%d}" if row.ends_at else ""
            for _, name in names_of(row, day, row.aliases):
                names.append((venue, row.symbol, name))
                owners.setdefault((venue, name), set()).add((venue, row.symbol))
    on_venue = resolved([(venue, name) for venue, _, name in names])
    for (venue, symbol, name), found in zip(names, on_venue, strict=True):
        # As it is written, in a venue: the instrument and whoever has exactly this name there.
        assert found == owners[venue, name], (venue, symbol, name)
    on_exchange = resolved([(venue.split("_")[0].lower(), name.lower()) for venue, _, name in names])
    for (venue, symbol, name), found in zip(names, on_exchange, strict=True):
        assert (venue, symbol) in found, (venue, symbol, name)
        assert len(found) <= 3, (name, found)
    # By a venue nearly every name is one instrument's; without it spot and perpetual share many.
    # Kraken's former Augur token is REPV1 in ccxt and REP at Kraken, where ccxt's REP is called REPV2: both are asked.
    in_one_venue = {name for (_, name), own in owners.items() if len(own) > 1}
    assert in_one_venue == {f"REP/{quote}" for quote in ("ETH", "EUR", "USD", "BTC")}
    shared = {name for (_, _, name), found in zip(names, on_exchange, strict=True) if len(found) > 1}
    assert len(names) > 9000 and len(shared) < len(names) // 20, (len(names), len(shared))


@pytest.mark.parametrize(
    ("exchange", "symbol", "expected"),
    [
        ("binance", "BTC/USDT", {("BINANCE", "BTCUSDT")}),
        ("BINANCE_USDM", "BTCUSDT", {("BINANCE_USDM", "BTCUSDT")}),
        ("okx", "BTC-USDT-SWAP", {("OKX_USDM", "BTC-USDT-SWAP")}),
        (None, "BTC/USDT:USDT", {("BINANCE_USDM", "BTCUSDT"), ("OKX_USDM", "BTC-USDT-SWAP")}),
        (None, "BTCUSDT-PERP.BINANCE", {("BINANCE_USDM", "BTCUSDT")}),
        (None, "BINANCE_USDM:BTCUSDT", {("BINANCE_USDM", "BTCUSDT")}),
        # A venue is spot alone; an exchange in any other case is all of it.
        ("BINANCE", "BTCUSDT", {("BINANCE", "BTCUSDT")}),
        ("binance", "btcusdt", {("BINANCE", "BTCUSDT"), ("BINANCE_USDM", "BTCUSDT")}),
        ("Binance", " btc_usdt ", {("BINANCE", "BTCUSDT"), ("BINANCE_USDM", "BTCUSDT")}),
        # What is written like the exchange finds its other markets, too.
        ("BINANCE", "BTC/USDT:USDT", {("BINANCE_USDM", "BTCUSDT")}),
        ("BINANCE", "BTCUSDT-PERP", {("BINANCE_USDM", "BTCUSDT")}),
        ("binance_perpetual", "BTC-USDT", {("BINANCE_USDM", "BTCUSDT")}),
        ("binanceusdm", "BTC/USDT:USDT", {("BINANCE_USDM", "BTCUSDT")}),
        ("BINANCE_FUTURES", "BTC-USDT-PERP", {("BINANCE_USDM", "BTCUSDT")}),
        ("BINANCE_MARGIN", "BTCUSDT", {("BINANCE_MARGIN", "BTCUSDT")}),
        ("binance_margin", "btc-usdt", {("BINANCE_MARGIN", "BTCUSDT")}),
        ("okx", "BTC/USD:BTC", {("OKX_COINM", "BTC-USD-SWAP")}),
        ("kraken", "XXBTZUSD", {("KRAKEN", "XXBTZUSD")}),
        ("kraken", "XBTUSD", {("KRAKEN", "XXBTZUSD")}),
        ("kraken", "XBT/USD", {("KRAKEN", "XXBTZUSD")}),
        ("kraken", "BTC/USD", {("KRAKEN", "XXBTZUSD")}),
        ("kraken", "btc-usd", {("KRAKEN", "XXBTZUSD")}),
        # What no list has is unknown; nothing is guessed.
        ("binance", "BTC", set()),
        ("binance", "ETH", set()),
        ("BINANCE_COINM", "BTC/USDT", set()),
        ("binance_options", "BTC/USDT", set()),
        ("okx", "BINANCE:BTCUSDT", set()),
        ("gate", "BTC/USDT", set()),
        ("binance", "", set()),
        ("", "", set()),
        (None, None, set()),
        ("binance", "*", set()),
        ("%", "BTC'; DROP", set()),
    ],
)
def test_a_name_leads_to(few: None, exchange: str | None, symbol: str | None, expected: set[tuple[str, str]]) -> None:
    assert resolved([(exchange, symbol or "")]) == [expected]


@pytest.fixture
def few(db: None) -> None:
    def made(venue: str, symbol: str, quote: str, settle: str = "", kind: str = "") -> InstrumentRow:
        return InstrumentRow(venue, symbol, "BTC", quote, "BTC", "TRADING", True, contract_type=kind, settle=settle)

    lists = [
        made("BINANCE", "BTCUSDT", "USDT"),
        made("BINANCE_USDM", "BTCUSDT", "USDT", "USDT", "PERPETUAL"),
        made("BINANCE_COINM", "BTCUSD_PERP", "USD", "BTC", "PERPETUAL"),
        made("OKX", "BTC-USDT", "USDT"),
        made("OKX_USDM", "BTC-USDT-SWAP", "USDT", "USDT", "SWAP"),
        made("OKX_COINM", "BTC-USD-SWAP", "USD", "BTC", "SWAP"),
        *rows(parse_pairs, json.dumps(KRAKEN).encode(), "kraken.instruments"),
    ]
    store_lists({row.venue: [one for one in lists if one.venue == row.venue] for row in lists}, SEEN)
