"""Symbols are split by the real instrument list, else by the longest quote asset."""

from __future__ import annotations

import pytest

from markets.networks import is_standard, network_coin
from markets.symbols import SymbolSplitter, shipped_prefixed_assets, shipped_quote_assets

SHIPPED = SymbolSplitter()


@pytest.mark.parametrize(
    ("symbol", "market", "base", "quote", "token"),
    [
        ("BTC/USDT", None, "BTC", "USDT", "BTC"),
        ("EOSBULL//BUSD", None, "EOSBULL", "BUSD", "EOSBULL"),
        ("AAVE/U", "spot", "AAVE", "U", "AAVE"),
        ("BTC-USDT", None, "BTC", "USDT", "BTC"),
        ("BTCUSDT", None, "BTC", "USDT", "BTC"),
        ("LENDBTC", "margin", "LEND", "BTC", "LEND"),
        ("ABCFDUSD", "spot", "ABC", "FDUSD", "ABC"),
        ("BTCUSD_PERP", None, "BTC", "USD", "BTC"),
        ("BTC-USDT-SWAP", None, "BTC", "USDT", "BTC"),
        ("BTC-USD-SWAP", None, "BTC", "USD", "BTC"),
        ("GMTUSD", "coinm", "GMT", "USD", "GMT"),
        ("GMTBUSD", "usdm", "GMT", "BUSD", "GMT"),
        ("NEIROETHUSDT", "usdm", "NEIROETH", "USDT", "NEIROETH"),
        ("TSTBSCPERP", "usdm", "TSTBSC", "", "TSTBSC"),
        ("BTCUSDT_260626", "usdm", "BTC", "USDT", "BTC"),
        ("BTC-USD-260626", None, "BTC", "USD", "BTC"),
        ("1000XECUSDT", "usdm", "1000XEC", "USDT", "XEC"),
        ("1000XUSDT", "usdm", "1000X", "USDT", "X"),
        ("1000000MOGUSDT", "usdm", "1000000MOG", "USDT", "MOG"),
        ("SHIB1000USDT", "usdm", "SHIB1000", "USDT", "SHIB"),
        ("1MBABYDOGEUSDT", "usdm", "1MBABYDOGE", "USDT", "1MBABYDOGE"),
        ("1000SATS/FDUSD", "spot", "1000SATS", "FDUSD", "1000SATS"),
        ("1INCHUSDT", "usdm", "1INCH", "USDT", "1INCH"),
        ("USDC/USDT", "spot", "USDC", "USDT", "USDC"),
        ("ABCUSDTM", "usdm", "ABC", "USDT", "ABC"),
        ("XBTUSDTM", "usdm", "XBT", "USDT", "BTC"),
        ("XBTUSDM", "coinm", "XBT", "USD", "BTC"),
    ],
)
def test_a_symbol_is_split(symbol: str, market: str | None, base: str, quote: str, token: str) -> None:
    split = SHIPPED.split(symbol, "foo", market)
    assert split is not None
    assert (split.base, split.quote, split.token) == (base, quote, token)


@pytest.mark.parametrize("word", ["", "USDT", "FDUSD", "TUSD", "ABC", " ", "A" * 100])
def test_what_is_no_symbol_is_none(word: str) -> None:
    assert SHIPPED.split(word, "foo", "spot") is None


def test_the_end_of_a_coins_name_is_no_quote_on_spot() -> None:
    assert SHIPPED.split("STETH", "foo", "spot") is None
    assert SHIPPED.split("STETHUSDT", "foo", "spot") is not None


def test_the_real_instrument_list_goes_before_the_quote_list() -> None:
    assert SHIPPED.split("ABCTUSD", "foo", None) is not None and SHIPPED.split("ABCTUSD", "foo", None).quote == "TUSD"  # type: ignore[union-attr]
    known = SymbolSplitter(
        [("Foo", "spot", "ABCTUSD", "ABCT", "USD"), ("foo", "usdm", "FOO1000USDT", "FOO1000", "USDT")]
    )
    split = known.split("ABCTUSD", "foo", "spot")
    assert split is not None and (split.base, split.quote) == ("ABCT", "USD")
    elsewhere = known.split("ABCTUSD", "bar", None)
    assert elsewhere is not None and elsewhere.base == "ABC"
    slashed = known.split("ABCT/USD", "FOO", "margin")
    assert slashed is not None and slashed.base == "ABCT"


def test_the_lists_of_the_database_replace_the_shipped_ones() -> None:
    own = SymbolSplitter(quote_assets=["zzz"], prefixed_assets=["1000foo"])
    split = own.split("ABCZZZ", "foo", None)
    assert split is not None and split.base == "ABC"
    assert own.token("1000FOO") == "1000FOO"
    assert own.token("1000SATS") == "SATS"


def test_the_shipped_lists_are_in_order() -> None:
    quotes = shipped_quote_assets()
    assert list(quotes) == sorted(quotes, key=lambda name: (-len(name), name))
    assert {"USDT", "USDC", "BTC", "TRY", "ZAR", "U"} <= set(quotes)
    assert {"1MBABYDOGE", "1000SATS"} <= shipped_prefixed_assets()


@pytest.mark.parametrize(
    ("name", "coin"),
    [
        ("Tron", "TRX"),
        ("Ethereum Network", "ETH"),
        ("BNB Smart Chain", "BNB"),
        ("BEP20", "BNB"),
        ("Base", ""),
        ("Sui", "SUI"),
        ("Nowhere", None),
        ("the open network", "TON"),
    ],
)
def test_a_network_has_its_coin(name: str, coin: str | None) -> None:
    assert network_coin(name) == coin


@pytest.mark.parametrize(
    ("name", "standard"),
    [
        ("ERC20", True),
        ("BEP-20", True),
        ("AVAX-C", True),
        ("opBNB", True),
        ("SPL", True),
        ("ETH", False),
        ("OMNI", False),
        ("ARB", False),
    ],
)
def test_a_token_standard_is_no_ticker(name: str, standard: bool) -> None:
    assert is_standard(name) is standard
