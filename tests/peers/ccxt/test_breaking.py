"""Ways around the gate and ways to break it, with the real ccxt."""

from __future__ import annotations

from typing import Any

from tests.api.support import all_is_fresh
from tests.peers.ccxt.desk import Bot


def test_no_door_of_an_exchange_leads_around_the_gate(bot: Bot, ews: dict[str, Any]) -> None:
    all_is_fresh()
    bot.open("binance", "sync", ews)
    found = bot.ask("trick", name="around", key="a")
    by_hand = found.pop("cancelled by hand")
    assert (by_hand["error"], by_hand["came"]) == ("NoneType", ["DELETE /api/v3/order"])
    assert {name: one for name, one in found.items() if not one["vetoed"] or one["came"]} == {}
    assert len(found) == 12
    bot.close()


def test_what_makes_no_sense_is_refused_with_one_clear_message(bot: Bot) -> None:
    found = bot.ask("trick", name="refusals")
    assert found.pop("twice") == "taken"
    assert found.pop("fetch in __dict__").startswith("OrderVetoed: not sent: ETHUSDT on BINANCE may not be opened")
    assert found.pop("pickled").startswith("PicklingError")
    assert {name: text.partition(",")[0] for name, text in found.items()} == {
        "another client": "ValueError: exchange is guarded already",
        "another venue": "ValueError: exchange is guarded already",
        "unknown exchange": "ValueError: exchange was 'bitfinex'",
        "no exchange": "TypeError: exchange was object",
        "sync with AsyncClient": "TypeError: client was AsyncClient",
        "async with Client": "TypeError: client was Says",
        "no client": "TypeError: client was NoneType",
        "allowed order": "ValueError: allow named 'private POST order'",
        "allowed nonsense": "ValueError: allow named 'order'",
        "venue small": "ValueError: venue was 'binance'",
        "fetch set": "AttributeError: fetch is guarded: replace it before guard()",
        "sign set": "AttributeError: sign is guarded: replace it before guard()",
        "fetch deleted": "AttributeError: fetch is guarded: a guard is not taken away",
    }


def test_a_bots_own_subclass_and_fetch_stay_behind_the_gate(bot: Bot) -> None:
    found = bot.ask("trick", name="subclass")
    assert found["denied"]["vetoed"] and found["denied"]["came"] == []
    assert (found["closed"]["error"], found["closed"]["came"]) == ("NoneType", ["POST /api/v3/order"])
    assert found["seen"] == ["request", "request", "fetch"]


def test_only_a_plain_yes_is_one(bot: Bot) -> None:
    found = bot.ask("trick", name="answers")
    came = {name: [bool(one["came"]) for one in three] for name, three in found.items()}
    assert came.pop("yes") == [True, True, True]
    assert came.pop("closing only") == [False, True, True]
    assert set(map(tuple, came.values())) == {(False, False, True)} and len(came) == 8
    assert all(one["vetoed"] for three in found.values() for one in three if not one["came"])


def test_each_repetition_of_a_request_is_asked_about(bot: Bot) -> None:
    found = bot.ask("trick", name="repeated")
    assert (found["vetoed"], found["calls"], found["asked"]) == (True, ["POST"], 2)


def test_threads_get_each_their_own_answer(bot: Bot, ews: dict[str, Any]) -> None:
    all_is_fresh()
    bot.open("binance", "sync", ews)
    found = bot.ask("trick", name="threads", key="a")
    assert found == {"results": [["BTC", "sent"], ["ETH", "vetoed"]], "count": 80, "came": 40, "denied came": False}
    bot.close()


def test_a_veto_is_an_invalid_order_and_nothing_that_is_repeated(bot: Bot) -> None:
    found = bot.ask("trick", name="errors")
    kinds = set(found["kinds"])
    assert {"OrderVetoed", "InvalidOrder", "ExchangeError", "BaseError"} <= kinds
    assert not kinds & {"NetworkError", "OperationFailed", "AuthenticationError", "OrderNotFound"}
    assert (found["pair"], found["venue"], found["action"]) == ("ETHUSDT", "BINANCE", "none")
    assert found["again"] == ["OrderVetoed", True, "ETHUSDT"]


def test_a_slow_client_stops_no_loop_and_a_cancelled_order_is_not_sent(bot: Bot) -> None:
    found = bot.ask("trick", name="slow")
    assert found["timed out"]["vetoed"] and found["timed out"]["came"] == []
    assert 0.3 <= found["took"] < 1.0 and found["ticks"] > 20
    assert found["lost"] == [False] * 6


def test_an_order_that_nobody_waits_for_any_more_is_not_sent_over_a_websocket(bot: Bot) -> None:
    found = bot.ask("trick", name="cancelled_socket")
    assert (found["came"], found["cancelled"]) == ([], True)
    assert found["rest"]["vetoed"] and found["rest"]["came"] == []
    assert found["same address"]["vetoed"] and "no known market" in found["same address"]["detail"]


def test_a_veto_on_a_websocket_is_for_the_one_order(bot: Bot, ews: dict[str, Any]) -> None:
    all_is_fresh()
    bot.open("binance", "pro", ews)
    found = bot.ask("trick", name="socket", key="a")
    assert found["first"]["came"] == ["ws order.place"]
    assert found["both"] == ["OrderVetoed", "dict"] and found["same"]
    for name in ("by hand", "as text", "unknown"):
        assert found[name]["vetoed"] and found[name]["came"] != ["ws order.place"], name
    assert found["harmless"]["error"] == "NoneType"
    assert found["replaced"].startswith("send is guarded")
    bot.close()


def test_a_veto_leaves_the_connection_to_others_on_each_exchange(bot: Bot, ews: dict[str, Any]) -> None:
    for exchange in ("binance", "okx", "kraken"):
        all_is_fresh()
        bot.open(exchange, "pro", ews)
        found = bot.ask("trick", name="vetoes_on_sockets", exchange=exchange, key="a")
        assert found["first"]["error"] == "NoneType", (exchange, found)
        assert found["both"] == ["OrderVetoed", "dict"] * 2, (exchange, found)
        assert found["same"] and found["left"] == [], (exchange, found)
        bot.close()
