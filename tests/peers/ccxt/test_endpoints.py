"""Every endpoint and every WebSocket word of the real ccxt is in our table, and is treated as the table says."""

from __future__ import annotations

from typing import Any

from ews_client.ccxt.endpoints import TABLES, Table
from ews_client.ccxt.orders import Place, UnreadableError, orders_of_message

from tests.api.support import all_is_fresh
from tests.peers.ccxt.desk import Bot

EXCHANGES = ("binance", "okx", "kraken")
NATIVE = {
    "spot": "{}USDT", "margin": "{}USDT", "contract": "{}USDT", "contracts": "{}USDT", "okx": "{}-USDT",
    "okx_close": "{}-USDT-SWAP", "kraken": "{}/USD",
}  # fmt: skip


def names_of(bot: Bot, exchange: str) -> set[str]:
    bot.open(exchange, "sync", None)
    found = {" ".join(one) for one in bot.ask("endpoints", key="a")}
    bot.close()
    return found


def classified(table: Table) -> dict[str, int]:
    parts = (table.orders, table.harmless, table.unjudged, table.repays)
    return {name: sum(name in part for part in parts) for part in parts for name in part}


def test_every_endpoint_of_ccxt_is_classified_once_and_no_other_is(bot: Bot) -> None:
    for exchange in EXCHANGES:
        table = TABLES[exchange]
        known = classified(table)
        assert {name for name, times in known.items() if times != 1} == set()
        there = {name for name in names_of(bot, exchange) if name.split(" ")[1] not in table.free_methods}
        assert there - known.keys() == set(), f"{exchange}: new endpoints of ccxt, vetoed until they are in the table"
        assert known.keys() - there == set(), f"{exchange}: endpoints that ccxt no longer has"
        assert len(there) > 20


def test_every_word_that_ccxt_sends_on_a_websocket_is_known(bot: Bot) -> None:
    count = 0
    for exchange in EXCHANGES:
        for word in bot.ask("words", exchange=exchange):
            if word == "GET":
                continue
            count += 1
            message = {"op" if exchange == "okx" else "method": word}
            try:
                assert orders_of_message(TABLES[exchange], message, Place(url="wss://nowhere/")) == ()
            except UnreadableError as error:
                assert "not known" not in str(error), (exchange, word)
    assert count > 25


def order_for(kind: str, venue: str, path: str, coin: str) -> Any:
    """An opening order in the exchange's own words."""
    plain = kind.removesuffix("_change")
    name = NATIVE[plain].format(coin)
    if venue == "BINANCE_COINM":
        name = f"{coin}USD_PERP"
    if plain == "kraken":
        one = {
            "pair": {"BTC": "XXBTZUSD", "ETH": "XETHZUSD"}[coin],
            "type": "buy",
            "ordertype": "market",
            "volume": "1",
        }
        return {"pair": one["pair"], "orders": [one]} if "Batch" in path else one
    if plain.startswith("okx"):
        one = {"instId": name, "side": "buy", "tdMode": "cash", "ordType": "market", "sz": "1", "clOrdId": "c"}
        return [one] if "batch" in path else one
    one = {"symbol": name, "side": "BUY", "workingSide": "BUY", "type": "MARKET", "quantity": "1"}
    return {"batchOrders": [one]} if plain == "contracts" else one


def test_requests_by_section_and_path_arrive_as_the_table_says(bot: Bot, ews: dict[str, Any]) -> None:
    """`exchange.request`, which implicit methods call as well, for every endpoint that the table has."""
    for exchange in EXCHANGES:
        all_is_fresh()
        table = TABLES[exchange]
        bot.open(exchange, "sync", ews)
        calls: list[tuple[str, list[Any], bool]] = []

        def add(name: str, params: Any, arrives: bool, calls: list[tuple[str, list[Any], bool]] = calls) -> None:
            section, method, path = name.split(" ")
            calls.append((name, ["request", [path, [section], method, params]], arrives))

        for name, (kind, venue) in table.orders.items():
            opening = kind != "okx_close" and venue != "BINANCE_OPTIONS"
            add(name, order_for(kind, venue, name, "BTC"), arrives=venue != "BINANCE_OPTIONS")
            add(name, order_for(kind, venue, name, "ETH"), arrives=not opening and venue != "BINANCE_OPTIONS")
            add(name, {}, arrives=False)
            add(name, {"symbol": None, "pair": "", "instId": 5}, arrives=False)
        for name in sorted(table.unjudged):
            add(name, {"symbol": "BTCUSDT", "instId": "BTC-USDT"}, arrives=False)
        for name, (key, word) in table.repays.items():
            add(name, {key: word}, arrives=True)
            add(name, {key: "BORROW"}, arrives=False)
        for name in sorted(table.harmless):
            add(name, {"symbol": "ETHUSDT"}, arrives=not name.startswith("public"))
        calls.append(("new", ["request", ["order/newest", ["private"], "POST", {"symbol": "BTCUSDT"}]], False))
        calls.append(("patch", ["request", ["order", ["private"], "PATCH", {"symbol": "BTCUSDT"}]], False))
        calls.append(
            ("small", ["request", ["order", ["private"], "post", {"symbol": "ETHUSDT", "side": "BUY"}]], False)
        )
        calls.append(
            ("fetch2", ["fetch2", ["order", ["private"], "POST", {"symbol": "ETHUSDT", "side": "BUY"}]], False)
        )
        found = bot.ask("calls", key="a", calls=[call for _, call, _ in calls], seconds=120)
        wrong = [
            (name, call[1], one) for (name, call, arrives), one in zip(calls, found, strict=True)
            if not name.startswith("public") and (bool(one["came"]) is not arrives or one["vetoed"] is arrives)
        ]  # fmt: skip
        assert wrong == [], (exchange, len(wrong), wrong[:3])
        bot.close()
