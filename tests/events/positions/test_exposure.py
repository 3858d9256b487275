"""What an event touches, by coin, venue, quote, settlement and instrument; and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from events.positions.exposure import Exposure, StoredPosition, by_size, exposure_of
from events.positions.phrases import age_text, amount_text, exposure_text, plain_number
from markets.identity import Identity, NameRow

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
IDENTITY = Identity(
    [
        NameRow("KRAKEN", "XXBT", "BTC"),
        NameRow("BINANCE_USDM", "1000SHIB", "SHIB", Decimal(1000)),
        NameRow("", "FTM", "S", Decimal(1), NOW - timedelta(hours=1)),
    ],
    ["BTC", "ETH", "USDC", "USDT", "LUNA", "SHIB", "S", "FTM"],
)


@dataclass(frozen=True)
class Hit:
    """An effect."""

    token: str
    scope: str = "asset"
    venue: str = ""
    tickers: tuple[str, ...] = ()


def position(
    venue: str, token: str, quantity: str = "10", value: str | None = None, **fields: object
) -> StoredPosition:
    worth = None if value is None else Decimal(value)
    values = {"account": "desk", "as_of": NOW - timedelta(hours=2), "asset": token, **fields}
    return StoredPosition(venue=venue, token=token, quantity=Decimal(quantity), value_usd=worth, **values)  # type: ignore[arg-type]


def contract(venue: str, symbol: str, token: str, *money: str, quantity: str = "5") -> StoredPosition:
    return position(
        venue, token, quantity, asset="", symbol=symbol, tickers=(f"{venue}:{symbol}",), money=money, contract=True
    )


BOOK = (
    position("OKX", "USDC", "1200000", "1200000"),
    position("BINANCE", "USDC", "5"),
    position("", "USDC", "7", "7"),
    position("OKX", "LUNA", "-3"),
    position("BINANCE", "LUNA", "4"),
    contract("OKX_USDM", "ETH-USDC-SWAP", "ETH", "USDC"),
    contract("OKX_USDM", "LUNA-USDT-SWAP", "LUNA", "USDT"),
    contract("BINANCE_USDM", "LUNAUSDT", "LUNA", "USDT", quantity="-5"),
    position("KRAKEN", "BTC", asset="XXBT"),
    position("KRAKEN", "S", asset="FTM"),
    position("FIREBLOCKS", "WHAT"),
)


def touched(*effects: Hit, category: str = "delisting") -> set[str]:
    found = exposure_of(effects, category, BOOK, IDENTITY, NOW)
    return {f"{one.venue}:{one.symbol or one.asset}" for one in found}


@pytest.mark.parametrize(
    ("effects", "category", "expected"),
    [
        # A coin everywhere, and what is quoted or settled in it.
        ([Hit("USDC")], "depeg", "OKX:USDC BINANCE:USDC :USDC OKX_USDM:ETH-USDC-SWAP"),
        # On one exchange alone: a depeg on all its markets, a delisting on its own.
        ([Hit("USDC", "venue", "OKX")], "depeg", "OKX:USDC OKX_USDM:ETH-USDC-SWAP"),
        ([Hit("USDC", "venue", "OKX")], "delisting", "OKX:USDC"),
        ([Hit("LUNA", "venue", "BINANCE", ("BINANCE:LUNAUSDT",))], "delisting", "BINANCE:LUNA"),
        ([Hit("LUNA", "venue", "BINANCE_MARGIN")], "delisting", "BINANCE:LUNA"),
        ([Hit("LUNA", "venue", "BINANCE_USDM")], "delisting", "BINANCE_USDM:LUNAUSDT"),
        ([Hit("LUNA", "venue", "BINANCE")], "wallet_suspension", "BINANCE:LUNA BINANCE_USDM:LUNAUSDT"),
        # Single pairs: the contract itself, never another one; on spot the coin that the pair trades.
        ([Hit("LUNA", "pairs", "OKX_USDM", ("OKX_USDM:LUNA-USDT-SWAP",))], "delisting", "OKX_USDM:LUNA-USDT-SWAP"),
        ([Hit("LUNA", "pairs", "OKX_USDM", ("OKX_USDM:LUNA-USD-SWAP",))], "delisting", ""),
        ([Hit("LUNA", "pairs", "OKX_USDM")], "delisting", "OKX_USDM:LUNA-USDT-SWAP"),
        ([Hit("USDC", "pairs", "OKX_USDM")], "delisting", ""),
        ([Hit("LUNA", "pairs", "", ("BINANCE:LUNABUSD",))], "delisting", "BINANCE:LUNA"),
        # A halted exchange touches everything there, on all its markets.
        (
            [Hit("*", "venue", "OKX")],
            "exchange_halt",
            "OKX:USDC OKX:LUNA OKX_USDM:ETH-USDC-SWAP OKX_USDM:LUNA-USDT-SWAP",
        ),
        ([Hit("*", "venue", "FIREBLOCKS")], "exchange_halt", "FIREBLOCKS:WHAT"),
        # Other names, former names, names that nobody knows.
        ([Hit("BTC")], "hack", "KRAKEN:BTC"),
        ([Hit("S")], "hack", "KRAKEN:S"),
        ([Hit("FTM")], "hack", "KRAKEN:S"),
        ([Hit("WHAT")], "hack", "FIREBLOCKS:WHAT"),
        ([Hit("DOGE"), Hit("PEPE", "venue", "OKX", ("OKX:PEPE-USDC",))], "delisting", ""),
        ([], "operations", ""),
    ],
)
def test_what_an_event_touches(effects: list[Hit], category: str, expected: str) -> None:
    assert touched(*effects, category=category) == set(expected.split())


def test_a_contract_that_no_list_has_may_be_on_any_market_of_its_exchange() -> None:
    unlisted = position("OKX", "LUNA", symbol="LUNA-X", tickers=("OKX:LUNA-X",), contract=True, listed=False)
    assert exposure_of([Hit("LUNA", "venue", "OKX_COINM")], "delisting", [unlisted], IDENTITY, NOW)
    assert not exposure_of([Hit("LUNA", "venue", "BINANCE")], "delisting", [unlisted], IDENTITY, NOW)


def test_sums_are_by_venue_and_asset_and_never_net_a_short_against_a_long() -> None:
    book = [
        position("OKX", "USDC", "100", "100"),
        position("OKX", "USDC", "50", None, account="arb", as_of=NOW - 3 * DAY),
        position("OKX", "USDC", "-150", "-149.5", account="hedge"),
        position("OKX", "USDC", "0", "999"),
        position("BINANCE_USDM", "SHIB", "2", asset="1000SHIB"),
    ]
    first, second = exposure_of([Hit("USDC")], "depeg", book, IDENTITY, NOW)
    long = Exposure("OKX", "USDC", "", Decimal(150), Decimal(100), True, NOW - 3 * DAY, ("arb", "desk"))
    short = Exposure("OKX", "USDC", "", Decimal(-150), Decimal("149.5"), False, NOW - timedelta(hours=2), ("hedge",))
    assert (first, second) == (short, long)
    (coins,) = exposure_of([Hit("SHIB")], "hack", book, IDENTITY, NOW)
    assert coins.quantity == 2000


def test_a_name_means_what_it_meant_when_the_book_was_made() -> None:
    identity = Identity(
        [NameRow("", "LUNA", "LUNC", valid_to=NOW - DAY), NameRow("", "LUNA", "LUNA2", valid_from=NOW - DAY)], ["LUNC"]
    )
    book = [position("OKX", "LUNC", asset="LUNA", as_of=NOW - 2 * DAY)]
    assert exposure_of([Hit("LUNC")], "hack", book, identity, NOW)
    assert not exposure_of([Hit("LUNA2")], "hack", book, identity, NOW)


def test_what_was_unknown_when_it_was_posted_is_found_once_somebody_knows_it() -> None:
    book = [position("OKX", "1000PEPE", asset="1000PEPE")]
    known = Identity([NameRow("OKX", "1000PEPE", "PEPE", Decimal(1000))], ["PEPE"])
    (coins,) = exposure_of([Hit("PEPE")], "hack", book, known, NOW)
    assert (coins.asset, coins.quantity) == ("PEPE", 10_000)


def sentence(*book: StoredPosition, fresh_for: timedelta = DAY) -> str:
    return exposure_text(exposure_of([Hit("USDC")], "depeg", book, IDENTITY, NOW), NOW, fresh_for)


def test_one_sentence_says_what_the_desk_holds() -> None:
    assert sentence(BOOK[0]) == "You hold 1.2 M USDC on OKX (worth 1.2 M USD)"
    assert sentence(BOOK[1]) == "You hold 5 USDC on BINANCE"
    assert sentence(BOOK[2]) == "You hold 7 USDC (worth 7 USD)"
    assert sentence(position("OKX", "USDC", "-12500.7")) == "You are short 12,501 USDC on OKX"
    assert sentence(BOOK[5]) == "You hold 5 ETH-USDC-SWAP on OKX_USDM"
    assert sentence() == ""
    more = [position(f"V{number}", "USDC", "1", str(number)) for number in range(1, 8)]
    assert sentence(*more, position("OKX", "USDC", "-2", "100")) == (
        "You are short 2 USDC on OKX (worth 100 USD); 1 USDC on V7 (worth 7 USD); 1 USDC on V6 (worth 6 USD); "
        "and 5 more"
    )
    assert sentence(position("OKX", "USDC", "1", "9"), position("OKX", "USDC", "1")).endswith("(worth at least 9 USD)")


def test_an_old_book_is_never_shown_without_its_age() -> None:
    old = position("OKX", "USDC", "1", "1", as_of=NOW - timedelta(hours=26))
    assert sentence(old) == "You hold 1 USDC on OKX (worth 1 USD, as of 26 h ago)"
    assert sentence(old, fresh_for=2 * DAY) == "You hold 1 USDC on OKX (worth 1 USD)"
    # Of a sum the oldest part counts.
    assert "as of 26 h ago" in sentence(old, position("OKX", "USDC", "1", "1", account="b", as_of=NOW))
    assert age_text(NOW - 5 * DAY, NOW) == "as of 5 d ago"
    assert age_text(NOW - timedelta(minutes=5), NOW) == "as of 5 min ago"
    assert age_text(NOW + timedelta(seconds=5), NOW) == "as of 0 s ago"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.000000000000000001", "0.000000000000000001"), ("0.04312", "0.0431"), ("1.005", "1"), ("999.6", "1,000"),
        ("1234.5", "1,234"), ("-999999", "1 M"), ("999600", "1 M"), ("1200000", "1.2 M"), ("9.99e8", "999 M"),
        ("9.999e8", "1 bn"), ("2.5e9", "2.5 bn"), ("4e12", "4 T"), ("1e19", "10,000,000 T"),
    ],
)  # fmt: skip
def test_amounts_have_three_digits_that_count(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text


def test_exact_numbers_have_no_exponent() -> None:
    assert [plain_number(Decimal(n)) for n in ("1E+6", "1e-18", "-0.500", "10")] == [
        "1000000", "0.000000000000000001", "-0.5", "10",
    ]  # fmt: skip


def test_the_largest_value_comes_first_then_what_has_none_then_nothing() -> None:
    big, small, unknown, worthless = (
        exposure_of([Hit("USDC")], "depeg", [position("OKX", "USDC", "1", value)], IDENTITY, NOW)
        for value in ("-500", "3", None, "0")
    )
    assert sorted([(), None, worthless, small, unknown, big], key=by_size)[:4] == [big, small, unknown, worthless]
