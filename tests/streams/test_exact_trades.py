"""Exact trades of five venues: digits as written, numbers, counts; and feeds that carry nothing else."""

from __future__ import annotations

import json
import pkgutil
from decimal import Decimal
from typing import Any

import pytest

import streams.feeds.trades
from crypto_ews.conf import parse_config
from streams.engine.handover import SymbolHandover
from streams.feeds.base import ExactTrade, MalformedFrame, Message, Notice, NoticeKind, UnsupportedFeed
from streams.feeds.trades import TRADE_FEEDS, trade_feed_for
from streams.feeds.trades.base import ExactTradeFeed, Numbering, SizeUnit

ALL = [pytest.param(feed, id=f"{feed.exchange}-{feed.market}") for feed in TRADE_FEEDS.values()]
D = Decimal


def decode(exchange: str, market: str, *frames: Any) -> list[Any]:
    decoder = trade_feed_for(exchange, market).decoder()
    texts = [frame if isinstance(frame, str) else json.dumps(frame) for frame in frames]
    return [message for text in texts for message in decoder.decode(text.encode())]


def binance(**data: Any) -> dict[str, Any]:
    whole = {"e": "aggTrade", "E": 1_700_000_000_090, "s": "BTCUSDT", "a": 7, "p": "0.00000638", "q": "177.00000000"}
    return {"stream": "x", "data": {**whole, "f": 10, "l": 14, "T": 1_700_000_000_001, "m": True, "M": True, **data}}


def test_every_module_is_in_the_table() -> None:
    modules = {module.name for module in pkgutil.iter_modules(streams.feeds.trades.__path__)} - {"base"}
    assert modules == {exchange for exchange, _ in TRADE_FEEDS}


def test_an_exchange_without_a_feed_is_named_in_one_line() -> None:
    with pytest.raises(UnsupportedFeed, match="no feed of trades for binance coinm; supported: binance spot, binance"):
        trade_feed_for("binance", "coinm")


def test_usdm_has_its_trades_at_an_address_of_their_own() -> None:
    """Since April 2026 the one of the books acknowledges a subscription to trades and stays silent."""
    config = parse_config({})
    assert trade_feed_for("binance", "usdm").stream_url(config, ["BTCUSDT"]) == config.binance_usdm_trade_stream_url
    assert trade_feed_for("binance", "spot").stream_url(config, ["BTCUSDT"]) == config.binance_stream_url
    assert trade_feed_for("bybit", "usdm").stream_url(config, ["BTCUSDT"]) == f"{config.bybit_stream_url}linear"


def test_four_hundred_pairs_of_binance_share_a_connection_and_few_frames() -> None:
    feed = trade_feed_for("binance", "spot")
    requests = [json.loads(frame) for frame in feed.subscribe([f"C{number}USDT" for number in range(400)])]
    assert [len(request["params"]) for request in requests] == [200, 200]
    assert requests[0]["params"][0] == "c0usdt@aggTrade" and requests[0]["id"] != requests[1]["id"]
    assert feed.max_symbols_per_connection >= 400
    assert json.loads(feed.unsubscribe(["C0USDT"])[0])["method"] == "UNSUBSCRIBE"


@pytest.mark.parametrize("feed", ALL)
def test_a_feed_subscribes_to_trades_alone_in_frames_of_the_allowed_size(feed: ExactTradeFeed) -> None:
    symbols = [feed.symbol_for(f"C{number}", "USDT", f"C{number}USDT") for number in range(60)]
    frames = b"".join(feed.subscribe(symbols)).decode()
    assert "rade" in frames and "epth" not in frames and "ook" not in frames
    assert all(symbol.lower() in frames.lower() for symbol in symbols)
    assert feed.numbering is not Numbering.NONE or not feed.proofs


@pytest.mark.parametrize("market", ["spot", "usdm"])
def test_binances_aggregate_has_the_digits_numbers_and_time_of_its_trades(market: str) -> None:
    (trade,) = decode("binance", market, binance())
    assert trade == ExactTrade(
        "BTCUSDT", D("0.00000638"), D("177.00000000"), False, 1_700_000_000_001, 10, 14, 5
    )  # fmt: skip
    assert str(trade.size) == "177.00000000"
    assert decode("binance", market, binance()["data"]) == [trade]


def test_binances_single_trade_has_one_number() -> None:
    single = {"e": "trade", "f": None, "l": None, "t": 99, "X": "MARKET", "m": False}
    (trade,) = decode("binance", "usdm", binance(**single))
    assert (trade.first_id, trade.last_id, trade.count, trade.taker_buys) == (99, 99, 1, True)
    (nothing,) = decode("binance", "usdm", binance(**single | {"X": "NA", "p": "0", "q": "0"}))
    assert (nothing.first_id, nothing.count) == (99, 0)


def test_binances_other_streams_and_answers_are_no_trades() -> None:
    depth = {"e": "depthUpdate", "E": 1, "s": "BTCUSDT", "U": 1, "u": 2, "b": [["1", "2"]], "a": []}
    ticker = {"u": 400900217, "s": "BNBUSDT", "b": "25.35190000", "B": "31.2", "a": "25.36", "A": "40.6"}
    candle = {"e": "kline", "E": 1, "s": "BTCUSDT", "k": {"t": 1, "f": 1, "L": 2}}
    frames = [{"stream": "x", "data": data} for data in (depth, ticker, candle)]
    assert decode("binance", "spot", *frames, depth, ticker) == []
    answers = decode("binance", "spot", {"result": None, "id": 3}, {"e": "serverShutdown", "E": 1})
    assert [notice.kind for notice in answers] == [NoticeKind.ACKNOWLEDGED, NoticeKind.RECONNECT]


OKX_ROW = {"instId": "BTC-USDT", "tradeId": "130", "px": "42219.90", "sz": "0.12060306", "side": "buy", "ts": "17"}


def test_okx_tells_the_last_number_and_how_many_trades_it_is() -> None:
    arg = {"channel": "trades", "instId": "BTC-USDT"}
    one, three = decode("okx", "spot", {"arg": arg, "data": [OKX_ROW, {**OKX_ROW, "tradeId": "133", "count": "3"}]})
    assert one == ExactTrade("BTC-USDT", D("42219.90"), D("0.12060306"), True, 17, 130, 130, 1)
    assert (three.first_id, three.last_id, three.count) == (131, 133, 3)
    assert trade_feed_for("okx", "usdm").unit is SizeUnit.CONTRACTS
    book = {"arg": {"channel": "books", "instId": "BTC-USDT"}, "action": "snapshot", "data": [{"ts": "1"}]}
    assert decode("okx", "spot", book) == []


def test_bybits_trade_has_a_name_and_no_number() -> None:
    row = {"T": 17, "s": "BTCUSDT", "S": "Sell", "v": "0.001", "p": "16578.50", "i": "20f43950-d8dd-5b31", "BT": False}
    frame = {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 18, "data": [row]}
    assert decode("bybit", "usdm", frame) == [
        ExactTrade("BTCUSDT", D("16578.50"), D("0.001"), False, 17, None, None, 1, "20f43950-d8dd-5b31")
    ]
    assert trade_feed_for("bybit", "coinm").unit is SizeUnit.QUOTE


def test_krakens_numbers_keep_their_digits_and_microseconds_are_rounded_down() -> None:
    row = (
        '{"symbol":"MATIC/USD","side":"sell","price":0.51170,"qty":40.00000000,"ord_type":"market","trade_id":4665906,'
    )
    frame = f'{{"channel":"trade","type":"%s","data":[{row}"timestamp":"2023-09-25T07:49:59.999999Z"}}]}}'
    (trade,) = decode("kraken", "spot", frame % "update")
    assert trade == ExactTrade(
        "MATIC/USD", D("0.51170"), D("40.00000000"), False, 1_695_628_199_999, 4665906, 4665906, 1
    )  # fmt: skip
    assert str(trade.price) == "0.51170"
    assert decode("kraken", "spot", frame % "snapshot") == []


def test_bitfinex_tells_a_trade_once_and_lost_messages_concern_its_trades() -> None:
    frames = [
        {"event": "info", "version": 2},
        {"event": "conf", "status": "OK", "flags": 65536},
        {"event": "subscribed", "channel": "trades", "chanId": 17, "symbol": "tBTCUSD"},
        "[17,[[401597395,1574694478808,0.005,7245.3]],1]",
        '[17,"te",[401597393,1574694478807,-0.0050,7245.30],2]',
        '[17,"tu",[401597393,1574694478807,-0.0050,7245.30],3]',
        '[17,"te",[401597394,1574694478808,0.1,7246],6]',
    ]
    found = [message for message in decode("bitfinex", "spot", *frames) if _tells(message)]
    assert found == [
        ExactTrade("tBTCUSD", D("7245.30"), D("0.0050"), False, 1574694478807, 401597393, 401597393, 1),
        Notice(NoticeKind.LOST_MESSAGES, "messages 4 to 5 are missing", ("tBTCUSD",)),
        ExactTrade("tBTCUSD", D("7246"), D("0.1"), True, 1574694478808, 401597394, 401597394, 1),
    ]


def _tells(message: Message) -> bool:
    return not isinstance(message, Notice) or message.kind is NoticeKind.LOST_MESSAGES


KRAKEN_ROW = {
    "symbol": "A/B",
    "side": "buy",
    "price": 1.5,
    "qty": 2,
    "trade_id": 1,
    "timestamp": "2023-09-25T07:49:59Z",
}
BYBIT_ROW = {"T": 17, "s": "BTCUSDT", "S": "Sell", "v": "1", "p": "1", "i": "a"}


@pytest.mark.parametrize(
    ("exchange", "frame"),
    [
        ("binance", binance(p="NaN")),
        ("binance", binance(q="Infinity")),
        ("binance", binance(q="-1")),
        ("binance", binance(p="1e900")),
        ("binance", binance(l=9)),
        ("binance", binance(f=None)),
        ("binance", binance(T=0)),
        ("okx", {"arg": {"channel": "trades"}, "data": [{**OKX_ROW, "side": "hold"}]}),
        ("okx", {"arg": {"channel": "trades"}, "data": [{**OKX_ROW, "count": "0"}]}),
        ("okx", {"arg": {"channel": "trades"}, "data": [{**OKX_ROW, "px": "x"}]}),
        ("bybit", {"topic": "publicTrade.BTCUSDT", "data": [{**BYBIT_ROW, "i": ""}]}),
        ("bybit", {"topic": "publicTrade.BTCUSDT", "data": [{**BYBIT_ROW, "p": "-1"}]}),
        ("kraken", {"channel": "trade", "type": "update", "data": [{**KRAKEN_ROW, "side": "?"}]}),
        (
            "kraken",
            {"channel": "trade", "type": "update", "data": [{**KRAKEN_ROW, "timestamp": "2023-09-25T07:49:59"}]},
        ),
    ],
)
def test_what_no_trade_can_have_is_refused(exchange: str, frame: Any) -> None:
    with pytest.raises(MalformedFrame):
        decode(exchange, "spot", frame)


def trade(first: int | None, last: int | None = None, name: str = "") -> ExactTrade:
    return ExactTrade("A", D(1), D(1), True, 1, first, first if last is None else last, 1, name)


def test_a_new_connection_takes_over_where_the_old_one_has_reached_its_first_trade() -> None:
    handover = SymbolHandover(lambda message, last_id: None, 7)  # type: ignore[arg-type,return-value]
    assert handover.from_new(trade(9, 12), 1) is None
    assert handover.from_old(trade(8)) is None
    assert handover.from_new(trade(13), 2) is None
    assert handover.from_old(trade(9, 12)) == [(trade(9, 12), 1), (trade(13), 2)]


def test_trades_without_numbers_wait_until_the_old_connection_ends() -> None:
    handover = SymbolHandover(lambda message, last_id: None, None)  # type: ignore[arg-type,return-value]
    assert handover.from_new(trade(None, name="x"), 1) is None
    assert handover.from_old(trade(None, name="x")) is None
    assert handover.rest() == [(trade(None, name="x"), 1)]
