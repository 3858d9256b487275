"""What passes on a pair at `exit`: what the exchange itself keeps from opening anything, and nothing else."""

from __future__ import annotations

from typing import Any

from tests.api.support import all_is_fresh, manual_event
from tests.peers.ccxt.desk import Bot

LIMIT: tuple[Any, ...] = (1.0, 2000.0)
SWAP, COIN, SPOT = "ETH/USDT:USDT", "ETH/USD:ETH", "ETH/USDT"
LONG, SHORT, REDUCE = {"positionSide": "LONG"}, {"positionSide": "SHORT"}, {"reduceOnly": True}


def order(symbol: str, side: str, /, **params: Any) -> list[Any]:
    return ["create_order", [symbol, "limit", side, *LIMIT, params]]


def raw(section: str, path: str, params: Any, method: str = "POST") -> list[Any]:
    return ["request", [path, [section], method, params]]


def edit(symbol: str, side: str, /, **params: Any) -> list[Any]:
    return ["edit_order", ["1", symbol, "limit", side, *LIMIT, params]]


ONE = {"symbol": "ETHUSDT", "type": "LIMIT", "quantity": "1", "price": "2000"}
ODD = ("ethusdt", " ETHUSDT", "ETHUSDT ", "ETH%55SDT", "ETH/USDT", "ＥＴＨUSDT", "BTCUSDT\x00ETHUSDT")
CASES: dict[str, list[tuple[list[Any], bool]]] = {
    "binance": [
        (order(SPOT, "sell"), True),
        (order(SPOT, "buy"), False),
        (order(SPOT, "buy", reduceOnly=True), False),
        (order(SPOT, "sell", marginMode="cross"), False),
        (order(SPOT, "sell", marginMode="cross", reduceOnly=True), True),
        (order(SPOT, "buy", marginMode="cross", reduceOnly=True), False),
        (order(SPOT, "sell", marginMode="cross", sideEffectType="MARGIN_BUY"), False),
        (edit(SPOT, "sell"), True),
        (edit(SPOT, "buy"), False),
        (raw("private", "orderList/otoco", {"symbol": "ETHUSDT", "workingSide": "SELL", "pendingSide": "SELL"}), True),
        (raw("private", "orderList/oto", {"symbol": "ETHUSDT", "workingSide": "SELL", "pendingSide": "BUY"}), False),
        *[
            case
            for symbol in (SWAP, COIN)
            for case in [
                (order(symbol, "sell"), False),
                (order(symbol, "buy"), False),
                (order(symbol, "sell", **REDUCE), True),
                (order(symbol, "buy", **REDUCE), True),
                (order(symbol, "sell", reduceOnly=False), False),
                (order(symbol, "sell", **LONG), True),
                (order(symbol, "buy", **SHORT), True),
                (order(symbol, "buy", **LONG), False),
                (order(symbol, "sell", **SHORT), False),
                (order(symbol, "sell", positionSide="BOTH"), False),
                (edit(symbol, "sell", **REDUCE), False),
                (edit(symbol, "sell", **LONG), False),
            ]
        ],
        (raw("fapiPrivate", "order", ONE | LONG | {"side": "BUY", "reduceOnly": "true"}), False),
        (raw("fapiPrivate", "order", {"symbol": "ETHUSDT", "side": "SELL", "type": "STOP_MARKET",
                                      "closePosition": "true", "stopPrice": "1"}), True),
        (raw("fapiPrivate", "order", ONE | {"side": "SELL", "type": "MARKET", "closePosition": "true"}), False),
        (raw("fapiPrivate", "batchOrders", {"batchOrders": [ONE | REDUCE | {"side": "SELL"}]}), True),
        (raw("fapiPrivate", "batchOrders", {"batchOrders": [ONE | REDUCE, ONE | {"side": "SELL"}]}), False),
        (raw("fapiPrivate", "batchOrders", {"batchOrders": [ONE | {"symbol": "BTCUSDT"}, ONE]}), False),
        (raw("fapiPrivate", "batchOrders", {"batchOrders": [ONE | {"symbol": "BTCUSDT"}],
                                            "x": '1&batchOrders=[{"symbol":"ETHUSDT","side":"BUY"}]'}), False),
        (raw("fapiPrivate", "batchOrders", {"batchOrders": [
            ONE | {"symbol": "BTCUSDT", "newClientOrderId": 'a%22,%22symbol%22:%22ETHUSDT'}]}), False),
        (raw("fapiPrivate", "batchOrders", {"batchOrders": "[broken"}), False),
        (raw("private", "order", {"symbol": ["BTCUSDT", "ETHUSDT"], "side": "BUY"}), False),
        (raw("private", "order", {"symbol": "BTCUSDT&symbol=ETHUSDT", "side": "BUY"}), False),
        *[(raw("private", "order", {"symbol": symbol, "side": "BUY"}), False) for symbol in ODD],
        (raw("fapiPrivate", "order", ONE | {"side": "SELL", "reduceOnly": "false"}), False),
        (raw("fapiPrivate", "order", ONE | {"side": "SELL", "reduceOnly": "0"}), False),
        (raw("fapiPrivate", "order", ONE | {"side": "SELL", "reduceOnly": 1}), False),
        (raw("fapiPrivate", "order", ONE | {"side": "SELL", "reduceOnly": ["true"]}), False),
        (raw("fapiPrivate", "batchOrders", {"batchOrders": []}), False),
        (raw("papi", "um/order", ONE | REDUCE | {"side": "SELL"}), True),
        (raw("papi", "um/order", ONE | {"side": "SELL"}), False),
        (["create_orders", [[{"symbol": SWAP, "type": "limit", "side": "sell", "amount": 1.0, "price": 2000.0,
                              "params": REDUCE},
                             {"symbol": "BTC/USDT:USDT", "type": "limit", "side": "buy", "amount": 1.0,
                              "price": 2000.0}]]], True),
    ],
    "okx": [
        (order(SPOT, "sell"), True),
        (order(SPOT, "buy"), False),
        (order(SPOT, "buy", reduceOnly=True), False),
        (order(SPOT, "sell", tdMode="cross"), False),
        (order(SPOT, "sell", tdMode="cross", reduceOnly=True), False),
        (order(SWAP, "sell"), False),
        (order(SWAP, "sell", **REDUCE), True),
        (order(COIN, "buy", **REDUCE), True),
        (order(SWAP, "sell", posSide="long"), True),
        (order(SWAP, "buy", posSide="short"), True),
        (order(SWAP, "buy", posSide="long"), False),
        (raw("private", "trade/order", {"instId": "ETH-USDT-SWAP", "side": "buy", "posSide": "long", "tdMode": "cross",
                                        "reduceOnly": True, "ordType": "market", "sz": "1"}), False),
        (order(SPOT, "sell", stopLoss={"triggerPrice": 1.0}), False),
        (edit(SPOT, "sell"), False),
        (edit(SWAP, "sell", **REDUCE), False),
        (["close_position", [SWAP]], True),
        (raw("private", "trade/order", {"instId": "ETH-USD-261225-2000-C", "side": "sell", "tdMode": "cross",
                                        "reduceOnly": True, "ordType": "limit", "sz": "1", "px": "1"}), False),
    ],
    "kraken": [
        (order("ETH/USD", "sell"), True),
        (order("ETH/USD", "buy"), False),
        (order("ETH/USD", "buy", reduceOnly=True), False),
        (order("ETH/USD", "sell", leverage=2), False),
        (order("ETH/USD", "sell", leverage=2, reduceOnly=True), True),
        (order("ETH/USD", "buy", leverage=2, reduceOnly=True), True),
        (order("ETH/USD", "sell", close={"ordertype": "limit", "price": 1.0}), False),
        (order("ETH/USD", "buy", side="sell"), False),
        (order("ETH/USD", "buy", symbol="BTC/USD"), False),
        (order("ETH/USD", "buy", orders=[{"pair": "XXBTZUSD", "type": "buy"}]), False),
        (raw("private", "AddOrderBatch", {"pair": "XETHZUSD", "orders": [{"pair": "XXBTZUSD", "type": "buy"}]}), False),
        (edit("ETH/USD", "sell"), False),
        (edit("BTC/USD", "buy"), True),
        (edit("ETH/USD", "buy", pair="XXBTZUSD"), False),
        (raw("private", "AmendOrder", {"txid": "O1", "order_qty": "1"}), False),
        (raw("private", "EditOrder", {"txid": "O1", "pair": "XETHZUSD", "type": "sell", "leverage": "2",
                                      "reduce_only": "true"}), False),
    ],
}  # fmt: skip
SOCKETS: dict[str, list[tuple[list[Any], bool]]] = {
    "binance": [(order(SPOT, "sell"), True), (order(SPOT, "buy"), False), (order(SWAP, "sell", **REDUCE), True),
                (order(SWAP, "sell"), False), (order(COIN, "sell", **LONG), True), (order(COIN, "buy", **LONG), False),
                (edit(SPOT, "sell"), True), (edit(SWAP, "sell", **REDUCE), False)],
    "okx": [(order(SPOT, "sell"), True), (order(SPOT, "buy"), False), (order(SWAP, "sell", **REDUCE), True),
            (order(SWAP, "buy"), False), (edit(SWAP, "sell"), False)],
    "kraken": [(order("ETH/USD", "sell"), True), (order("ETH/USD", "buy"), False), (edit("ETH/USD", "sell"), False),
               (order("ETH/USD", "sell", margin=True), False), (edit("BTC/USD", "sell"), True),
               (order("ETH/USD", "buy", margin=True, reduce_only=True), False),
               (order("ETH/USD", "buy", pair="BTC/USD"), False), (order("ETH/USD", "buy", side="sell"), False)],
}  # fmt: skip
CANCELS: dict[str, list[list[Any]]] = {
    "binance": [["cancel_order", ["1", symbol]] for symbol in (SPOT, SWAP, COIN)] + [
        ["cancel_all_orders", [SPOT]], ["cancel_orders", [["1"], SWAP]], ["set_leverage", [3, SWAP]],
        ["request", ["order", ["private"], "DELETE", {"symbol": "ETHUSDT", "orderId": 1}]]],
    "okx": [["cancel_order", ["1", SPOT]], ["cancel_orders", [["1"], SWAP]],
            ["set_leverage", [3, SWAP, {"mgnMode": "cross"}]]],
    "kraken": [["cancel_order", ["1", "ETH/USD"]], ["cancel_all_orders", []], ["cancel_orders", [["1"]]]],
}  # fmt: skip


def wrong(bot: Bot, cases: list[tuple[list[Any], bool]]) -> list[Any]:
    found = bot.ask("calls", key="a", calls=[call for call, _ in cases])
    words = ("login", "GetWebSocketsToken")
    return [
        (call, passes, one)
        for (call, passes), one in zip(cases, found, strict=True)
        if bool([came for came in one["came"] if not any(word in came for word in words)]) is not passes
        or one["vetoed"] is passes
    ]


def test_closing_orders_pass_at_exit_and_no_others(bot: Bot, ews: dict[str, Any]) -> None:
    for exchange, cases in CASES.items():
        for mode in ("sync", "async"):
            all_is_fresh()
            bot.open(exchange, mode, ews)
            assert wrong(bot, cases) == []
            bot.close()


def test_closing_orders_pass_at_exit_over_a_websocket(bot: Bot, ews: dict[str, Any]) -> None:
    for exchange, cases in SOCKETS.items():
        all_is_fresh()
        bot.open(exchange, "pro", ews)
        assert wrong(bot, [([f"{call[0]}_ws", *call[1:]], passes) for call, passes in cases]) == []
        bot.close()


def test_where_the_quote_alone_is_at_risk_the_sale_opens_and_the_purchase_closes(bot: Bot, ews: dict[str, Any]) -> None:
    """A stablecoin that loses its peg: who sells BTC gets it, who buys BTC gets rid of it. ETH is at risk as well."""
    manual_event("USDT", action="exit")
    spot, swap, eth = "BTC/USDT", "BTC/USDT:USDT", "ETH/USDT"
    cases = [
        (order(spot, "sell"), False),
        (order(spot, "buy"), True),
        (order(eth, "sell"), True),
        (order(eth, "buy"), False),
        (order(swap, "sell"), False),
        (order(swap, "buy"), False),
        (order(swap, "sell", **REDUCE), True),
        (order(swap, "buy", **REDUCE), True),
    ]
    more = {
        "binance": [
            (order(spot, "sell", marginMode="cross", reduceOnly=True), False),
            (order(spot, "buy", marginMode="cross", reduceOnly=True), False),
            (edit(spot, "sell"), False),
            (edit(spot, "buy"), True),
            (raw("private", "orderList/oto", {"symbol": "BTCUSDT", "workingSide": "BUY", "pendingSide": "BUY"}), True),
            (
                raw("private", "orderList/oto", {"symbol": "BTCUSDT", "workingSide": "BUY", "pendingSide": "SELL"}),
                False,
            ),
        ],
        "okx": [
            (order(spot, "buy", tdMode="cross"), False),
            (order(spot, "buy", stopLoss={"triggerPrice": 1.0}), False),
            (edit(spot, "buy"), False),
        ],
    }
    for exchange, others in more.items():
        all_is_fresh()
        bot.open(exchange, "sync", ews)
        assert wrong(bot, cases + others) == []
        bot.close()
        bot.open(exchange, "pro", ews)
        assert wrong(bot, [([f"{call[0]}_ws", *call[1:]], passes) for call, passes in cases[:4]]) == []
        bot.close()


def test_at_halt_nothing_passes_but_cancellations(bot: Bot, ews: dict[str, Any]) -> None:
    manual_event("ETH", action="halt")
    for exchange, cases in CASES.items():
        all_is_fresh()
        bot.open(exchange, "sync", ews)
        eth = [(call, False) for call, passes in cases if passes and "BTC" not in str(call)]
        assert wrong(bot, eth) == []
        assert wrong(bot, [(call, True) for call in CANCELS[exchange]]) == []
        bot.close()


def test_a_bot_that_is_kept_to_one_venue_opens_on_no_other(bot: Bot, ews: dict[str, Any]) -> None:
    spot, swap, coin = (order(pair, "buy") for pair in ("BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"))
    margin = order("BTC/USDT", "buy", marginMode="cross")
    out = order("BTC/USDT:USDT", "sell", **REDUCE)
    for exchange, venue, cases in [
        ("binance", "BINANCE", [(spot, True), (margin, False), (swap, False), (out, True)]),
        ("binance", ["BINANCE_MARGIN", "BINANCE_COINM"], [(spot, False), (margin, True), (swap, False), (coin, True)]),
        ("okx", ["OKX_USDM"], [(spot, False), (swap, True), (coin, False)]),
    ]:
        all_is_fresh()
        bot.open(exchange, "sync", ews | {"guard": {"venue": venue}})
        assert wrong(bot, cases) == []
        bot.close()
