"""Candles of every venue, as documented, and what is no candle."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from events.upstream.client import Payload
from events.upstream.errors import ChallengePage, PermanentError, RetryableError, SchemaDrift
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer
from trades.klines.bars import filled, minute_of, quote_volume
from trades.klines.base import KlineQuery, Span, TradedPair
from trades.klines.venues import KLINE_VENUES
from trades.records import MINUTE_MS, Kline, MinuteSource

OPEN = 1_790_856_000_000
NOW = datetime.fromtimestamp(OPEN / 1000 + 90, UTC)

BODIES: dict[str, Callable[[list[int]], Any]] = {
    "BINANCE": lambda opens: [
        [at, "0.01634790", "0.80000000", "0.01575800", "0.01577100", "148976.11427815", at + 59_999, "2434.19055334",
         308, "1756.87402397", "28.46694368", "0"]
        for at in opens
    ],
    "OKX": lambda opens: {
        "code": "0", "msg": "",
        "data": [
            [str(at), "0.01634790", "0.8", "0.015758", "0.015771", "148976.1", "2434.19055334", "2434.19055334",
             "1" if at == OPEN else "0"]
            for at in reversed(opens)
        ],
    },
    "BYBIT": lambda opens: {
        "retCode": 0, "retMsg": "OK", "time": 1,
        "result": {
            "category": "spot", "symbol": "AAAUSDT",
            "list": [
                [str(at), "0.01634790", "0.8", "0.015758", "0.015771", "148976.1", "2434.19055334"]
                for at in reversed(opens)
            ],
        },
    },
    "KRAKEN": lambda opens: {
        "error": [],
        "result": {
            "XAAAZUSD": [
                [at // 1000, "0.01634790", "0.8", "0.015758", "0.015771", "0.02", "121709.527667", 308] for at in opens
            ],
            "last": OPEN // 1000,
        },
    },
    "BITFINEX": lambda opens: [[at, 0.0163479, 0.015771, 0.8, 0.015758, 148976.1] for at in opens],
}  # fmt: skip
BODIES["BINANCE_USDM"] = BODIES["BINANCE"]


def query(venue: str, minutes: int = 2) -> KlineQuery:
    pair = TradedPair(venue, "tAAAUSD" if venue == "BITFINEX" else "AAAUSDT", "AAAUSDT", "AAA", "USDT")
    return KlineQuery(pair, MINUTE_MS, Span(OPEN, OPEN + minutes * MINUTE_MS), OPEN + 90_000)


def payload(body: object, **changes: Any) -> Payload:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    values = {"received_at": NOW, "clock_skew": 0.0, **changes}
    return Payload("trades.klines", "http://127.0.0.1/k", 200, {}, content, duration=0.1, **values)


def parsed(venue: str, body: object, **changes: Any) -> list[Kline]:
    return list(KLINE_VENUES[venue].parse(payload(body, **changes), query(venue)))


@pytest.mark.parametrize("venue", sorted(KLINE_VENUES))
def test_candles_are_read_by_time_and_only_ended_ones_are_final(venue: str) -> None:
    klines = parsed(venue, BODIES[venue]([OPEN, OPEN + MINUTE_MS]))
    assert [(kline.open_ms, kline.final) for kline in klines] == [(OPEN, True), (OPEN + MINUTE_MS, False)]
    first, row = klines[0], KLINE_VENUES[venue]
    assert (first.open, first.high, first.low, first.close) == tuple(
        map(Decimal, ("0.0163479", "0.8", "0.015758", "0.015771"))
    )
    assert first.volume is not None
    assert (first.n_trades == 308, first.taker_buy_quote == Decimal("28.46694368")) == (row.trades, row.taker)
    if venue == "KRAKEN":
        assert first.quote_volume == Decimal("2434.19055334")
    elif venue == "BITFINEX":
        assert (first.quote_volume, quote_volume(first)) == (None, Decimal("148976.1") * Decimal("0.015771"))
    else:
        assert first.quote_volume == Decimal("2434.19055334")


def test_a_clock_of_ours_that_is_ahead_makes_no_candle_final() -> None:
    ahead = datetime.fromtimestamp(OPEN / 1000 + 150, UTC)
    klines = parsed("BINANCE", BODIES["BINANCE"]([OPEN, OPEN + MINUTE_MS]), received_at=ahead, clock_skew=60.0)
    assert [kline.final for kline in klines] == [True, False]


@pytest.mark.parametrize("venue", sorted(KLINE_VENUES))
@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("0.015758", "NaN"),
        lambda text: text.replace("0.015758", "-1"),
        lambda text: text.replace("0.8", "0.001"),
        lambda text: text[:-30],
        lambda _text: "{}",
        lambda _text: "<!DOCTYPE html><html><body>One moment</body></html>",
        lambda text: text.replace("0.015771", "many"),
    ],
    ids=["not a number", "below zero", "high below low", "cut off", "another shape", "a page", "a word"],
)
def test_what_is_no_candle_is_refused_in_one_line(venue: str, spoil: Callable[[str], str]) -> None:
    text = spoil(json.dumps(BODIES[venue]([OPEN])))
    with pytest.raises((SchemaDrift, PermanentError)) as refused:
        parsed(venue, text.encode())
    assert "\n" not in str(refused.value)
    if "html" in text:
        assert isinstance(refused.value, ChallengePage)


@pytest.mark.parametrize(
    ("venue", "body", "error"),
    [
        ("OKX", {"code": "51001", "msg": "Instrument ID does not exist", "data": []}, PermanentError),
        ("BYBIT", {"retCode": 10001, "retMsg": "params error", "result": {}}, PermanentError),
        ("BYBIT", {"retCode": 10006, "retMsg": "Too many visits!", "result": {}}, RetryableError),
        ("KRAKEN", {"error": ["EQuery:Unknown asset pair"]}, PermanentError),
        ("KRAKEN", {"error": ["EGeneral:Too many requests"]}, RetryableError),
    ],
)
def test_refusals_within_an_answer_are_told_apart(venue: str, body: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        parsed(venue, body)


def test_urls_name_the_pair_as_the_venues_rest_does(server: UpstreamServer) -> None:
    config = loopback_config(server)
    urls = {
        name: row.url(config, query(name)).partition(server.url("").rstrip("/"))[2]
        for name, row in KLINE_VENUES.items()
    }
    end = OPEN + 2 * MINUTE_MS
    assert urls == {
        "BINANCE": f"/api/v3/klines?symbol=AAAUSDT&interval=1m&startTime={OPEN}&endTime={end - 1}&limit=2",
        "BINANCE_USDM": f"/fapi/v1/klines?symbol=AAAUSDT&interval=1m&startTime={OPEN}&endTime={end - 1}&limit=2",
        "OKX": f"/api/v5/market/candles?instId=AAAUSDT&bar=1m&after={end}&before={OPEN - 1}&limit=2",
        "BYBIT": f"/v5/market/kline?category=spot&symbol=AAAUSDT&interval=1&start={OPEN}&end={end - 1}&limit=2",
        "KRAKEN": f"/0/public/OHLC?pair=AAAUSDT&interval=1&since={OPEN // 1000 - 1}",
        "BITFINEX": f"/v2/candles/trade:1m:tAAAUSD/hist?start={OPEN}&end={end - 1}&limit=2&sort=1",
    }
    old = KlineQuery(query("OKX").pair, MINUTE_MS, Span(OPEN - 10**9, OPEN), OPEN + 90_000)
    assert "/history-candles?" in KLINE_VENUES["OKX"].url(config, old)


def test_intervals_that_a_venue_leaves_out_are_without_trades_from_the_first_candle_on() -> None:
    klines = parsed("BITFINEX", BODIES["BITFINEX"]([OPEN]))
    whole = filled(klines, OPEN + 3 * MINUTE_MS)
    assert [(kline.open_ms - OPEN) // MINUTE_MS for kline in whole] == [0, 1, 2]
    assert {(kline.open, kline.close, kline.volume, kline.n_trades) for kline in whole[1:]} == {
        (klines[0].close, klines[0].close, Decimal(0), 0)
    }


def test_a_minute_of_a_candle_alone_is_complete_and_knows_no_buys() -> None:
    row = minute_of(parsed("BINANCE", BODIES["BINANCE"]([OPEN]))[0])
    assert (row.n_trades, row.n_buys, row.complete, row.source) == (308, None, True, MinuteSource.KLINE)
    assert (row.volume, row.buy_volume) == (Decimal("2434.19055334"), Decimal("28.46694368"))
