"""Rows of every list that are odd in a part that nobody reads: they are read like all others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from events.upstream.client import Payload
from exchanges.announcements.sites.binance import parse_list
from exchanges.announcements.sites.okx_lists import parse_announcements
from exchanges.halts.system_status import parse_binance_status, parse_okx_status
from exchanges.instruments.binance import parse_exchange_info
from exchanges.instruments.kraken import parse_pairs
from exchanges.instruments.okx import parse_instruments, parse_single
from exchanges.quotes.lists import binance_rows, okx_rows
from exchanges.tags.binance import parse_products

# Half of an emoji: JSON may escape it, UTF-8 cannot encode it.
HALF = {"\ud83d": 1}
PAIR = {"symbol": "ABCUSDT", "status": "TRADING", "baseAsset": "ABC", "quoteAsset": "USDT", **HALF}
CONTRACT = {**PAIR, "marginAsset": "USDT", "contractType": "PERPETUAL", "deliveryDate": 4133404800000}
PENDING = {"symbol": "", "status": "PENDING_TRADING", **HALF}
SWAP = {"instId": "ABC-USDT-SWAP", "state": "live", "ctType": "linear", "settleCcy": "USDT", "expTime": "", **HALF}
MAINTENANCE = {"title": "Spot", "state": "ongoing", "begin": "1790000000000", "serviceType": "1", "env": "1", **HALF}
ARTICLE = {"code": "abc", "title": "A notice", "releaseDate": 1790000000000, **HALF}
NOTICE = {"title": "A notice", "pTime": "1790000000000", "url": "https://www.okx.com/help/abc", **HALF}


def payload(answer: Any) -> Payload:
    return Payload(
        source="a.list", url="http://127.0.0.1/", status=200, headers={}, body=json.dumps(answer).encode(),
        received_at=datetime(2026, 10, 1, tzinfo=UTC), duration=0.0, clock_skew=None,
    )  # fmt: skip


def okx(*rows: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(rows)}


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (lambda p: parse_list(p, "http://x/").rows, {"data": {"catalogs": [{"articles": [ARTICLE]}]}}),
        (lambda p: parse_announcements(p, "http://x/").rows, okx({"details": [NOTICE]})),
        (lambda p: parse_exchange_info(p, "BINANCE")[0], {"symbols": [PAIR]}),
        (lambda p: parse_exchange_info(p, "BINANCE_USDM")[0], {"symbols": [CONTRACT]}),
        (lambda p: parse_instruments(p, "SWAP")[0], okx(SWAP)),
        (lambda p: [parse_single(p, "SWAP")], okx(SWAP)),
        (lambda p: parse_pairs(p)[0], {"error": [], "result": {"ABCUSD": {"wsname": "ABC/USD", **HALF}}}),
        (lambda p: parse_products(p).tags, {"data": [{"b": "ABC", "tags": ["Seed"], **HALF}]}),
        (lambda p: parse_products(p).tags, {"data": [{"b": "ABC", "tags": {}, **HALF}]}),
        (binance_rows, [{"symbol": "ABCUSDT", "bidPrice": "1", "askPrice": "", **HALF}]),
        (okx_rows, okx({"instId": "ABC-USDT", "bidPx": "1", "askPx": "", **HALF})),
        (lambda p: parse_okx_status(p)[0], okx(MAINTENANCE)),
    ],
)  # fmt: skip
def test_an_unknown_key_that_utf_8_cannot_encode_does_not_cost_the_row(
    read: Callable[[Payload], Any], answer: Any
) -> None:
    assert len(read(payload(answer))) == 1


def test_nor_the_status_of_binance_nor_a_placeholder() -> None:
    assert parse_binance_status(payload({"status": 1, **HALF})) is True
    assert parse_binance_status(payload({"status": 1.0})) is True
    # A pending row without a symbol does not count against the list.
    rows, bad_rows = parse_exchange_info(payload({"symbols": [PAIR, PENDING]}), "BINANCE")
    assert ([row.symbol for row in rows], len(bad_rows)) == (["ABCUSDT"], 1)


def test_a_contract_on_a_base_that_is_no_multiple_of_its_coin_is_not_read() -> None:
    """XBT is Bitcoin, so that 1000XBT is a thousand of it: read as one, its price would be off by a factor of 1000."""
    listed = [
        CONTRACT | {"symbol": f"{base}USDT", "baseAsset": base} for base in ("1000SHIB", *"ABCDEFGHIJ", "1000XBT")
    ]
    rows, bad_rows = parse_exchange_info(payload({"symbols": listed}), "BINANCE_USDM")
    assert (rows[0].token, rows[0].multiplier) == ("SHIB", 1000)
    assert [bad.key for bad in bad_rows] == ["1000XBTUSDT"]


def test_an_asset_in_small_letters_is_not_read() -> None:
    listed = [PAIR | {"symbol": f"{base}USDT", "baseAsset": base} for base in (*"ABCDEFGHIJ", "abc")]
    rows, bad_rows = parse_exchange_info(payload({"symbols": listed}), "BINANCE")
    assert (len(rows), [bad.key for bad in bad_rows]) == (10, ["abcUSDT"])


@pytest.mark.parametrize("name", ["A\0B", "A\ud83dB"])
def test_a_name_that_postgresql_cannot_store_costs_its_row_only(name: str) -> None:
    rows, bad_rows = parse_exchange_info(payload({"symbols": [*[PAIR] * 10, PAIR | {"baseAsset": name}]}), "BINANCE")
    assert (len(rows), len(bad_rows)) == (10, 1)
    pairs = {f"K{number}": {"wsname": "ABC/USD"} for number in range(10)} | {
        "X": {"wsname": "ABC/USD", "altname": name}
    }
    rows, bad_rows = parse_pairs(payload({"error": [], "result": pairs}))
    assert (len(rows), len(bad_rows)) == (10, 1)


def test_texts_beside_the_names_are_stored_without_what_postgresql_refuses() -> None:
    ((contract,), _) = parse_exchange_info(
        payload({"symbols": [CONTRACT | {"contractType": "A\0\ud83d"}]}), "BINANCE_USDM"
    )
    listed = parse_list(
        payload({"data": {"catalogs": [{"catalogName": "N\0ews", "articles": [ARTICLE]}]}}), "http://x/"
    )
    ((maintenance,), _) = parse_okx_status(payload(okx(MAINTENANCE | {"title": "Sp\0ot \ud83d"})))
    assert (contract.contract_type, listed.rows[0].catalogue, maintenance.title) == ("A?", "News", "Spot ?")
