"""One USD price per token, from its best pair and the quote's own price."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchanges.quotes import Quote, usd_prices
from markets.watch import WatchLists
from tests.volatility.support import START, Desk, quote
from volatility.prices import best_pairs, priced_pairs

MINUTE = timedelta(minutes=1)
WATCH = WatchLists(frozenset({"LUNA", "SHIB"}), frozenset({"LUNA", "SHIB"}), frozenset({"USDT", "USDC", "BTC", "USD"}))
ORDER = ("USDT", "USDC", "USD", "BTC")


def best(*quotes: Quote) -> tuple[str, float]:
    chosen = best_pairs(priced_pairs(quotes, WATCH, frozenset({"USDT", "USDC"})), ORDER)
    [pair] = chosen.values()
    return pair.ticker, pair.price


def test_binance_goes_before_okx_spot_before_contracts_and_quotes_in_the_configured_order() -> None:
    okx = quote("LUNA-USDT", 4, venue="OKX")
    contract = quote("LUNAUSDT", 3, venue="BINANCE_USDM")
    other, first = quote("LUNAUSDC", 2), quote("LUNAUSDT", 1)
    assert best(okx) == ("OKX:LUNA-USDT", 4)
    assert best(okx, contract) == ("BINANCE_USDM:LUNAUSDT", 3)
    assert best(okx, contract, other) == ("BINANCE:LUNAUSDC", 2)
    assert best(okx, contract, other, first) == ("BINANCE:LUNAUSDT", 1)


def test_a_best_pair_without_a_book_gives_way_to_the_next() -> None:
    assert best(quote("LUNAUSDT", 0), quote("LUNA-USDT", 4, venue="OKX")) == ("OKX:LUNA-USDT", 4)


def test_changing_from_one_pair_to_another_is_no_move_whatever_lies_between_their_prices() -> None:
    desk = Desk(frozenset({"LUNA"}))
    for number, there in enumerate((True, True, False, True)):
        quotes = [quote("LUNA-USDT", 70, venue="OKX")] + [quote("LUNAUSDT", 100)] * there
        desk.read(START + MINUTE * number, *quotes)
    assert desk.alerts == []


def test_a_multiplier_contract_gives_the_price_of_one_coin() -> None:
    shib = quote("1000SHIBUSDT", 0.02, venue="BINANCE_USDM", multiplier=1000)
    assert best(shib) == ("BINANCE_USDM:1000SHIBUSDT", pytest.approx(0.00002))


def test_a_price_in_another_coin_is_converted_and_without_its_price_there_is_none() -> None:
    assert best(quote("LUNABTC", 0.001), quote("BTCUSDT", 60_000)) == ("BINANCE:LUNABTC", 60)
    assert priced_pairs([quote("LUNABTC", 0.001)], WATCH, frozenset()) == []


def test_a_quote_that_loses_its_peg_moves_no_token() -> None:
    desk = Desk(frozenset({"LUNA"}))
    others = [quote("FDUSDUSDT", 1), quote("TUSDUSDT", 1)]
    for number, peg in enumerate((1.0, 0.9)):
        desk.read(START + MINUTE * number, quote("LUNAUSDC", 100 / peg), quote("USDCUSDT", peg), *others)
    assert desk.alerts == [] and desk.store.last_at == START + MINUTE


def test_tether_is_priced_by_three_other_dollars_so_that_none_of_them_moves_it_alone() -> None:
    three = [quote("FDUSDUSDT", 1.1), quote("TUSDUSDT", 1.1)]
    assert usd_prices([*three, quote("USDCUSDT", 1.1)])["USDT"] == pytest.approx(1 / 1.1)
    assert usd_prices([*three, quote("USDCUSDT", 0.5)])["USDT"] == pytest.approx(1 / 1.1)
    assert usd_prices([quote("FDUSDUSDT", 1), quote("TUSDUSDT", 1), quote("USDCUSDT", 0.9)])["USDT"] == 1
    assert usd_prices([quote("USDCUSDT", 0.9)]) == {**usd_prices([]), "USDC": pytest.approx(0.9)}


def test_a_pair_against_the_dollar_itself_says_what_a_dollar_coin_is_worth() -> None:
    prices = usd_prices([quote("USDT-USD", 0.97, venue="OKX"), quote("USDCUSDT", 1.03)])
    assert prices["USDT"] == 0.97 and prices["USDC"] == pytest.approx(0.9991)
