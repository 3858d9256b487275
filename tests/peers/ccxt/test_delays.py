"""Time, with the real ccxt: what is asked about leaves as if it had been signed a moment ago."""

from __future__ import annotations

from tests.peers.ccxt.desk import Bot


def test_an_order_of_kraken_is_not_overtaken_by_the_number_of_another_request(bot: Bot) -> None:
    found = bot.ask("trick", name="overtaken")
    assert sorted(found["came"]) == [
        "POST /0/private/AddOrder",
        "POST /0/private/AddOrderBatch",
        "POST /0/private/Balance",
        "POST /0/private/Balance",
    ]
    assert found["numbers grow"]


def test_the_time_of_a_signature_is_that_of_sending_and_a_batch_stays_whole(bot: Bot) -> None:
    found = bot.ask("trick", name="late")
    assert found["age"] < 0.4
    assert (found["sides"], found["ids"]) == (["BUY", "SELL"], 2)


def test_an_order_that_is_sent_again_keeps_its_id(bot: Bot) -> None:
    assert bot.ask("trick", name="sent_again") == {"sent": 6, "ids": 1, "times": 3}


def test_headers_of_ones_own_are_kept(bot: Bot) -> None:
    assert bot.ask("trick", name="own_headers") == [True, True]


def test_a_sign_that_makes_another_request_is_not_believed(bot: Bot) -> None:
    found = bot.ask("trick", name="mapped")
    assert [one if one == "sent" else one.rpartition(" ")[2] for one in found] == [
        "request",
        "request",
        "request",
        "sent",
    ]


def test_an_exchange_is_what_its_code_says_whatever_its_id_is(bot: Bot) -> None:
    found = bot.ask("trick", name="named")
    assert found == {"mine": "mine", "binance": "exchange was 'bitfinex'", "us": "exchange was 'binanceus'"}


def test_the_rate_limit_goes_on_while_nobody_answers(bot: Bot) -> None:
    found = bot.ask("trick", name="limited")
    assert found["vetoed"] == 4
    assert found["cancelled"] < 0.4 and found["took"] < 1.5
