"""Each feed: registered, declared, its frames, its checksums as the venues publish them, its configuration."""

from __future__ import annotations

import json
import pkgutil
import re
from typing import Any

import pytest

import streams.feeds
from crypto_ews.conf import ConfigurationError, parse_config
from streams.feeds import FEEDS, feed_for
from streams.feeds.base import (
    Delta,
    Feed,
    MalformedFrame,
    Notice,
    NoticeKind,
    Proof,
    Snapshot,
    Ticker,
    Trade,
    UnsupportedFeed,
)

CONFIG = parse_config({})
ALL = [pytest.param(feed, id=f"{feed.exchange} {feed.market}") for feed in FEEDS.values()]


def decode(exchange: str, market: str, *frames: Any, tickers: bool = False) -> list[Any]:
    decoder = feed_for(exchange, market).decoder(tickers=tickers)
    texts = [frame if isinstance(frame, str) else json.dumps(frame) for frame in frames]
    return [message for text in texts for message in decoder.decode(text.encode())]


def test_every_module_is_in_the_table() -> None:
    modules = {module.name for module in pkgutil.iter_modules(streams.feeds.__path__)} - {
        "base",
        "binance_decoder",
        "channels",
        "trades",
    }
    assert modules == {exchange for exchange, _ in FEEDS}
    assert len({feed.venue for feed in FEEDS.values()}) == len(FEEDS)


@pytest.mark.parametrize("feed", ALL)
def test_what_a_feed_declares_fits_together(feed: Feed) -> None:
    assert feed.depth in feed.depths
    assert feed.proofs and (Proof.CHECKSUM in feed.proofs) is (feed.checksum_levels > 0)
    # A checksum is made of characters.
    assert feed.keeps_text or not feed.checksum_levels
    assert (feed.rest_snapshot(CONFIG, "X") is not None) is feed.snapshot_over_rest
    assert (feed.rest_weight_per_minute is not None) is feed.snapshot_over_rest
    assert (feed.ping_every_seconds is None) is (feed.ping_frame is None)
    if feed.ping_every_seconds is not None:
        assert feed.ping_every_seconds < 30


@pytest.mark.parametrize("feed", ALL)
def test_frames_hold_no_more_subscriptions_than_the_venue_takes_and_every_symbol(feed: Feed) -> None:
    symbols = [feed.symbol_for(f"AA{place:03}", "USDT", f"AA{place:03}USDT") for place in range(130)]
    frames = feed.subscribe(symbols)
    text = b"".join(frames).decode().upper()
    for symbol in symbols:
        assert text.count(f"{symbol.upper()}") >= 1
    for frame in frames:
        content = json.loads(frame)
        entries = content.get("params", content.get("args", [content]))
        entries = entries["symbol"] if isinstance(entries, dict) else entries
        assert len(entries) <= feed.max_subscriptions_per_frame
    assert feed.stream_url(CONFIG, symbols).startswith("wss://")


@pytest.mark.parametrize("feed", ALL)
def test_a_symbol_is_subscribed_to_anew_without_touching_another(feed: Feed) -> None:
    frames = b"".join(feed.resubscribe("tAAAUSD")).decode()
    if feed.snapshot_over_rest:
        assert frames == ""
        rest = feed.rest_snapshot(CONFIG, "aaausd")
        assert rest is not None and rest.url.endswith("/depth?symbol=AAAUSD&limit=1000") and rest.weight in (20, 50)
    else:
        assert "tAAAUSD" in frames and "trade" not in frames.lower()


def test_bitfinex_leaves_channels_by_their_numbers() -> None:
    feed = feed_for("bitfinex", "spot")
    decoder = feed.decoder()
    for number, (channel, symbol) in enumerate([("book", "tBTCUSD"), ("trades", "tBTCUSD"), ("book", "tETHUSD")], 7):
        event = {"event": "subscribed", "channel": channel, "chanId": number, "symbol": symbol}
        decoder.decode(json.dumps(event).encode())
    left = [json.loads(frame) for frame in feed.unsubscribe(["tBTCUSD"], decoder)]
    assert left == [{"event": "unsubscribe", "chanId": 7}, {"event": "unsubscribe", "chanId": 8}]
    again = [json.loads(frame) for frame in feed.resubscribe("tETHUSD", decoder)]
    assert again[0] == {"event": "unsubscribe", "chanId": 9} and again[1]["channel"] == "book"


@pytest.mark.parametrize(
    ("exchange", "base", "quote", "written"),
    [
        ("binance", "BTC", "USDT", "given"),
        ("okx", "BTC", "USDT", "given"),
        ("bybit", "BTC", "USDT", "given"),
        ("kraken", "BTC", "USD", "BTC/USD"),
        ("bitfinex", "BTC", "USDT", "tgiven"),
    ],
)
def test_a_symbol_is_what_the_stream_calls_it(exchange: str, base: str, quote: str, written: str) -> None:
    assert feed_for(exchange, "spot").symbol_for(base, quote, "given") == written


@pytest.mark.parametrize(("exchange", "market"), [("coinbase", "spot"), ("kraken", "coinm"), ("", "")])
def test_what_has_no_feed_is_refused_in_one_line(exchange: str, market: str) -> None:
    with pytest.raises(UnsupportedFeed) as refused:
        feed_for(exchange, market)
    assert "\n" not in str(refused.value) and "supported: binance spot" in str(refused.value)
    assert feed_for("Binance", "SPOT").venue == "BINANCE"


BINANCE_TICKER = {"u": 7, "s": "BTCUSDT", "b": "1.50", "B": "2.00", "a": "1.60", "A": "3.00"}


@pytest.mark.parametrize("enveloped", [True, False])
def test_binance_events_come_alone_and_in_an_envelope(enveloped: bool) -> None:
    def frame(stream: str, event: dict[str, Any]) -> Any:
        return {"stream": f"btcusdt@{stream}", "data": event} if enveloped else event

    trade = {"e": "trade", "E": 5, "s": "BTCUSDT", "t": 1, "b": 88, "a": 89, "p": "1.5", "q": "2", "T": 4, "m": True}
    aggregated = {"e": "aggTrade", "E": 5, "s": "BTCUSDT", "a": 1, "p": "1.5", "q": "2", "T": 4, "m": False}
    depth = {"e": "depthUpdate", "E": 5, "s": "BTCUSDT", "U": 1, "u": 3, "pu": 0, "b": [["1.5", "0"]], "a": []}
    kline = {"e": "kline", "E": 5, "s": "BTCUSDT", "k": {"t": 1}}
    messages = decode(
        "binance",
        "usdm",
        frame("trade", trade),
        frame("aggTrade", aggregated),
        frame("depth@100ms", depth),
        frame("bookTicker", BINANCE_TICKER),
        frame("bookTicker", {"e": "bookTicker", "E": 6, "T": 6, **BINANCE_TICKER}),
        frame("kline_1m", kline),
        tickers=True,
    )
    # The buyer was the maker: the taker sold.
    assert messages == [
        Trade("BTCUSDT", 1.5, 2.0, False, 4),
        Trade("BTCUSDT", 1.5, 2.0, True, 4),
        Delta("BTCUSDT", [(1.5, 0.0)], [], 1, 3, 0, 5),
        Ticker("BTCUSDT", "1.50", "2.00", "1.60", "3.00", 7),
        Ticker("BTCUSDT", "1.50", "2.00", "1.60", "3.00", 7, 6),
    ]
    assert decode("binance", "spot", frame("bookTicker", BINANCE_TICKER)) == []


@pytest.mark.parametrize(
    ("exchange", "frame", "kind", "symbols"),
    [
        ("binance", {"result": None, "id": 3}, NoticeKind.ACKNOWLEDGED, ()),
        ("binance", {"error": {"code": 2, "msg": "Invalid request"}, "id": 3}, NoticeKind.REFUSED, ()),
        ("binance", {"code": 2, "msg": "Invalid request"}, NoticeKind.REFUSED, ()),
        ("binance", {"e": "serverShutdown", "E": 1}, NoticeKind.RECONNECT, ()),
        ("binance", {"stream": "x", "data": {"e": "serverShutdown", "E": 1}}, NoticeKind.RECONNECT, ()),
        ("okx", "pong", NoticeKind.HEARTBEAT, ()),
        (
            "okx",
            {"event": "subscribe", "arg": {"channel": "books", "instId": "BTC-USDT"}},
            NoticeKind.ACKNOWLEDGED,
            ("BTC-USDT",),
        ),
        ("okx", {"event": "error", "code": "60018", "msg": "no such channel"}, NoticeKind.REFUSED, ()),
        ("okx", {"event": "notice", "code": "64008", "msg": "upgrade"}, NoticeKind.RECONNECT, ()),
        ("bybit", {"success": True, "ret_msg": "pong", "op": "ping"}, NoticeKind.HEARTBEAT, ()),
        ("bybit", {"success": True, "ret_msg": "", "op": "subscribe"}, NoticeKind.ACKNOWLEDGED, ()),
        ("bybit", {"success": False, "ret_msg": "handler not found", "op": "subscribe"}, NoticeKind.REFUSED, ()),
        ("kraken", {"channel": "heartbeat"}, NoticeKind.HEARTBEAT, ()),
        ("kraken", {"method": "pong"}, NoticeKind.HEARTBEAT, ()),
        (
            "kraken",
            {"method": "subscribe", "success": True, "result": {"channel": "book", "symbol": "BTC/USD"}},
            NoticeKind.ACKNOWLEDGED,
            ("BTC/USD",),
        ),
        ("kraken", {"method": "subscribe", "success": False, "error": "unknown"}, NoticeKind.REFUSED, ()),
        ("bitfinex", {"event": "info", "code": 20051, "msg": "restart"}, NoticeKind.RECONNECT, ()),
        ("bitfinex", {"event": "error", "msg": "symbol: invalid", "symbol": "tX"}, NoticeKind.REFUSED, ("tX",)),
        ("bitfinex", {"event": "conf", "status": "OK", "flags": 65536}, NoticeKind.ACKNOWLEDGED, ()),
        # Where each venue puts the symbol that it refuses, and refusals that are none.
        (
            "okx",
            {
                "event": "error",
                "msg": "Wrong URL or channel:books,instId:BTC-USD-260828 doesn't exist. Please use the correct URL.",
                "code": "60018",
                "connId": "a",
            },
            NoticeKind.REFUSED,
            ("BTC-USD-260828",),
        ),
        (
            "okx",
            {"event": "error", "msg": "channel:tickers,instId:LTC-USD doesn't exist", "code": 60018},
            NoticeKind.REFUSED,
            ("LTC-USD",),
        ),
        (
            "bybit",
            {"success": False, "ret_msg": "Invalid symbol :[orderbook.1000.XUSDT]", "op": "subscribe"},
            NoticeKind.REFUSED,
            ("XUSDT",),
        ),
        (
            "bybit",
            {"success": False, "ret_msg": "error:handler not found,topic:publicTrade.X-27MAR26", "op": "subscribe"},
            NoticeKind.REFUSED,
            ("X-27MAR26",),
        ),
        (
            "bybit",
            {"success": False, "ret_msg": "Invalid symbol :[NOTACOINUSDT]", "op": "subscribe"},
            NoticeKind.REFUSED,
            ("NOTACOINUSDT",),
        ),
        (
            "bybit",
            {"success": False, "ret_msg": "error:already subscribed,topic:orderbook.50.XUSDT", "op": "subscribe"},
            NoticeKind.ACKNOWLEDGED,
            ("XUSDT",),
        ),
        (
            "bybit",
            {"success": False, "ret_msg": "[publicTrade.X]", "op": "unsubscribe"},
            NoticeKind.ACKNOWLEDGED,
            ("X",),
        ),
        ("bybit", {"success": True, "ret_msg": None, "op": "subscribe"}, NoticeKind.ACKNOWLEDGED, ()),
        (
            "kraken",
            {
                "method": "subscribe",
                "success": False,
                "error": "Currency pair not supported XBT/USD",
                "symbol": "XBT/USD",
            },
            NoticeKind.REFUSED,
            ("XBT/USD",),
        ),
        (
            "kraken",
            {"method": "subscribe", "success": False, "error": "Currency pair not supported 1INCH.S/USD"},
            NoticeKind.REFUSED,
            ("1INCH.S/USD",),
        ),
        (
            "kraken",
            {"method": "subscribe", "success": False, "error": "Already subscribed", "symbol": "A/B"},
            NoticeKind.ACKNOWLEDGED,
            ("A/B",),
        ),
        (
            "kraken",
            {"method": "unsubscribe", "success": False, "error": "Subscription Not Found", "symbol": "A/B"},
            NoticeKind.ACKNOWLEDGED,
            ("A/B",),
        ),
        ("kraken", {"method": "error", "error": "Malformed request"}, NoticeKind.REFUSED, ()),
        (
            "bitfinex",
            {"event": "error", "msg": "subscribe: dup", "code": 10301, "channel": "book", "symbol": "tX", "pair": "X"},
            NoticeKind.ACKNOWLEDGED,
            ("tX",),
        ),
        (
            "bitfinex",
            {"event": "error", "msg": "symbol: invalid", "code": 10300, "channel": "book", "pair": "X"},
            NoticeKind.REFUSED,
            ("tX",),
        ),
    ],
)
def test_what_a_connection_says_of_itself(exchange: str, frame: Any, kind: NoticeKind, symbols: tuple[str]) -> None:
    (notice,) = decode(exchange, "spot", frame)
    assert isinstance(notice, Notice) and (notice.kind, notice.symbols) == (kind, symbols)


def test_trades_of_each_venue() -> None:
    okx = {
        "arg": {"channel": "trades", "instId": "X"},
        "data": [{"instId": "X", "px": "1.5", "sz": "2", "side": "sell", "ts": "9"}],
    }
    bybit = {
        "topic": "publicTrade.X",
        "type": "snapshot",
        "ts": 1,
        "data": [{"T": 9, "s": "X", "S": "Buy", "v": "2", "p": "1.5"}],
    }
    row = {"symbol": "X", "side": "sell", "price": 1.5, "qty": 2, "timestamp": "1970-01-01T00:00:00.009Z"}
    kraken = {"channel": "trade", "type": "update", "data": [row]}
    assert decode("okx", "spot", okx) == [Trade("X", 1.5, 2.0, False, 9)]
    assert decode("bybit", "spot", bybit) == [Trade("X", 1.5, 2.0, True, 9)]
    assert decode("kraken", "spot", kraken) == [Trade("X", 1.5, 2.0, False, 9)]
    # Those from before the subscription are history.
    assert decode("kraken", "spot", {**kraken, "type": "snapshot"}) == []
    subscribed = {"event": "subscribed", "channel": "trades", "chanId": 1, "symbol": "tX"}
    frames = [subscribed, "[1,[[5,8,2,1.5]]]", '[1,"te",[6,9,-2,1.5]]', '[1,"tu",[6,9,-2,1.5]]']
    # `te` and `tu` are one trade.
    assert decode("bitfinex", "spot", *frames)[1:] == [Trade("tX", 1.5, 2.0, False, 9)]


def test_kraken_numbers_keep_every_digit() -> None:
    frame = (
        '{"channel":"book","type":"snapshot","data":[{"symbol":"X","bids":[{"price":0.050000,"qty":10.00000000}],'
        '"asks":[{"price":1e-7,"qty":0.00000500}],"checksum":1,"timestamp":"1970-01-01T00:00:01.5Z"}]}'
    )
    assert decode("kraken", "spot", frame) == [
        Snapshot("X", [("0.050000", "10.00000000")], [("1e-7", "0.00000500")], None, 1500, 1)
    ]


def test_bitfinex_arrays_may_grow_and_deletions_name_their_side() -> None:
    subscribed = {"event": "subscribed", "channel": "book", "chanId": 1, "symbol": "tX"}
    frames = [subscribed, "[1,[[2,1,5e-8,0],[3,2,-1.50]],7,99]", "[1,[2,0,1]]", "[1,[3,0,-1,null]]", "[9,[3,0,-1]]"]
    assert decode("bitfinex", "spot", *frames)[1:] == [
        Snapshot("tX", [("2", "5e-8")], [("3", "1.50")]),
        Delta("tX", (("2", "0"),), ()),
        Delta("tX", (), (("3", "0"),)),
    ]


@pytest.mark.parametrize(
    ("exchange", "bids", "asks", "expected"),
    [
        # OKX's own example in its documentation.
        ("okx", [("3366.1", "7"), ("3366", "6")], [("3366.8", "9"), ("3368", "8")], -1881014294),
        # One side shorter than the other: CRC32 of "1:2:3:4:5:6", and of "1:2:3:-4:0.5:7e-8" (amounts as written).
        ("okx", [("1", "2")], [("3", "4"), ("5", "6")], -694787780),
        ("bitfinex", [("1", "2"), ("0.5", "7e-8")], [("3", "4")], 852695460),
        # CRC32 of "105" "9" "300" "45": asks first, dots and leading zeros gone.
        ("kraken", [("0.0300", "4.5")], [("10.5", "0.09")], 1559799649),
    ],
)
def test_checksums_as_documented(exchange: str, bids: Any, asks: Any, expected: int) -> None:
    assert feed_for(exchange, "spot").checksum(bids, asks) == expected


@pytest.mark.parametrize("feed", ALL)
@pytest.mark.parametrize(
    "frame", [b"", b"{", b"\xff\xfe", b"[]", b"{}", b"null", b"5", b'"x"', b"[[[[", b'{"data":[1]}']
)
def test_what_is_no_message_is_malformed_and_says_why(feed: Feed, frame: bytes) -> None:
    with pytest.raises(MalformedFrame, match=r"."):
        feed.decoder().decode(frame)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"lastUpdateId":1,"bids":[["1"]],"asks":[]}'])
def test_an_answer_that_is_no_snapshot_is_malformed(body: bytes) -> None:
    for market in ("spot", "usdm", "coinm"):
        with pytest.raises(MalformedFrame):
            feed_for("binance", market).parse_rest_snapshot(body, "BTCUSDT")


def test_every_url_is_a_variable_and_wrong_ones_are_named() -> None:
    environment = {
        name: f"ws://127.0.0.1:1/{name}"
        for name in (
            "BINANCE_STREAM_URL",
            "BINANCE_USDM_STREAM_URL",
            "BINANCE_USDM_TRADE_STREAM_URL",
            "BINANCE_COINM_STREAM_URL",
            "OKX_STREAM_URL",
            "BITFINEX_STREAM_URL",
            "BYBIT_STREAM_URL",
            "KRAKEN_STREAM_URL",
        )
    } | {
        name: f"http://127.0.0.1:1/{name}"
        for name in ("BINANCE_DEPTH_URL", "BINANCE_USDM_DEPTH_URL", "BINANCE_COINM_DEPTH_URL")
    }
    config = parse_config(environment)
    for feed in FEEDS.values():
        rest, trades = feed.rest_snapshot(config, "X"), feed.trade_stream_url(config)
        for url in (feed.stream_url(config, ["X"]), trades, rest.url if rest else None):
            assert url is None or re.match(r"(ws|http)://127\.0\.0\.1:1/", url)
    with pytest.raises(ConfigurationError) as refused:
        parse_config(
            {
                "OKX_STREAM_URL": "https://x",
                "WHALE_STORE_THRESHOLD": "7",
                "WHALE_SIZE_MODEL": "normal",
                "WHALE_HALF_LIFE_MINS": "0",
            }
        )
    assert "OKX_STREAM_URL was 'https://x', expected a ws:// or wss:// URL" in str(refused.value)
    assert len(refused.value.faults) == 4
