"""Books as desks post them: what is read, and what is refused with row, field, value and expectation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.positions.book import MAX_BYTES, MAX_ROWS, Book, BookRefused, BookRow, parse_book

AS_OF = "2026-11-30T12:00:00Z"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ROW = {"venue": "OKX", "asset": "USDC", "quantity": "1"}


def of_json(document: Any, **beside: Any) -> Book:
    return parse_book(json.dumps(document).encode(), "application/json", **{"as_of": AS_OF, **beside})


def of_csv(text: str, **beside: Any) -> Book:
    return parse_book(text.encode(), "text/csv; charset=utf-8", **{"as_of": AS_OF, **beside})


def test_json_with_all_in_the_body() -> None:
    document = {
        "account": "arb", "as_of": "2026-11-30T13:00:00+01:00",
        "positions": [
            {"venue": "OKX", "asset": "USDC", "quantity": 1200000.10, "value_usd": "1199000"},
            {"exchange": "binance", "instrument": "LUNAUSDT-PERP.BINANCE", "quantity": -5e3, "value_usd": None},
            {"asset": "ETH", "quantity": "1e-18"},
        ],
    }  # fmt: skip
    assert of_json(document, as_of=None) == Book(
        "arb",
        NOON,
        (
            BookRow("OKX", "USDC", "", Decimal("1200000.1"), Decimal(1199000)),
            BookRow("binance", "", "LUNAUSDT-PERP.BINANCE", Decimal(-5000)),
            BookRow("", "ETH", "", Decimal("1e-18")),
        ),
    )


def test_numbers_of_json_are_not_read_as_floats() -> None:
    body = b'[{"asset": "SHIB", "quantity": 12345678901234567890.123456789012345678}]'
    (row,) = parse_book(body, "application/json", as_of=AS_OF).rows
    assert row.quantity == Decimal("12345678901234567890.123456789012345678")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_with_mark_quotes_and_other_separators(separator: str) -> None:
    text = '\ufeffVenue,ASSET,quantity,value_usd\r\n\r\nOKX,"USDC", 1200000.5 ,1200000\r\nKRAKEN,XXBT,-0.25,\r\n'
    book = of_csv(text.replace(",", separator))
    assert book.account == "desk"
    assert book.rows == (
        BookRow("OKX", "USDC", "", Decimal("1200000.5"), Decimal(1200000)),
        BookRow("KRAKEN", "XXBT", "", Decimal("-0.25")),
    )


def test_a_point_that_may_part_thousands_is_not_read_as_a_decimal_point() -> None:
    """Excel in German writes 1.500 for one thousand five hundred, and `;` between the cells."""
    text = "venue;asset;quantity;value_usd\nOKX;BTC;{};60\nOKX;ETH;{};{}\n"

    def read(*values: str) -> list[str]:
        rows = parse_book(text.format(*values).encode(), "text/csv", None, AS_OF).rows
        return [f"{row.quantity.normalize():f}" for row in rows]

    for values in (("1.500", "2", "3"), ("1500", "2", "-60.000")):
        with pytest.raises(BookRefused, match="may be of decimals or thousands"):
            read(*values)
    # Another number shows that points are of decimals; a nought before the point does as well.
    assert read("1.500", "2.25", "3") == ["1.5", "2.25"]
    assert read("0.500", "2", "1.500") == ["0.5", "2"]
    assert read("1.5000", "2", "") == ["1.5", "2"]


def test_a_csv_may_have_account_and_time_in_its_rows() -> None:
    book = of_csv(f"account,as_of,asset,quantity\narb,{AS_OF},BTC,1\narb,{AS_OF},ETH,2", as_of=None)
    assert (book.account, book.as_of, len(book.rows)) == ("arb", NOON, 2)


REFUSED_CSV = {
    "asset,quantity\nBTC,1\nETH,1,5": "row 2 (line 3), cells was 3 of them; expected 2, as the header has",
    "asset;quantity\nBTC;1,5": "row 1 (line 2), quantity was '1,5'; expected a decimal number with a point",
    "asset,quantity\nBTC,1\nETH,": "row 2 (line 3), quantity was missing; expected a decimal number",
    "asset,quantity\n,1": "row 1 (line 2), asset was missing; expected an asset, or the symbol of a contract",
    "asset,quantity,pnl\nBTC,1,2": "field was 'pnl'; expected one of venue, asset, symbol, quantity, value_usd",
    "asset,asset,quantity\nBTC,ETH,2": "header was 'asset'; expected each column once",
    "asset,amount\nBTC,1": "field was 'amount'; expected one of",
    "venue,value_usd\nOKX,1": "expected the columns quantity, and asset or symbol",
    "symbol,quantity\nBTC-USDT-SWAP,1": "row 1 (line 2), venue was missing; expected the exchange of BTC-USDT-SWAP",
    'asset,quantity\nBTC,1\n"ETH,2': "row 2 (line 3), row was unexpected end of data; expected a row of CSV",
    "asset,quantity": "positions was none; expected rows; or no rows and",
    "": "body was empty; expected a header",
    "account,asset,quantity\na,BTC,1\nb,BTC,1": "row 2 (line 3), account was 'b'; expected 'a', as given before",
    "asset,quantity\nBTC,0x10": "quantity was '0x10'",
    "asset,quantity\nBTC,1_000": "quantity was '1_000'",
    "asset,quantity\nBTC,٣": "quantity was '٣'",
    "asset,quantity\nBTC,1e20": "below 10^20",
    "asset,quantity\nBTC,NaN": "quantity was 'NaN'",
    "asset,quantity\nBTC\u202e,1": "asset was",
    f"asset,quantity\n{'B' * 65},1": "expected a text of at most 64 characters",
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED_CSV)
def test_a_csv_is_refused_with_row_field_value_and_expectation(text: str) -> None:
    with pytest.raises(BookRefused) as refused:
        of_csv(text)
    assert REFUSED_CSV[text] in str(refused.value)


REFUSED_JSON: list[tuple[Any, str]] = [
    ([ROW, {**ROW, "quantity": "many"}], "row 2, quantity was 'many'; expected a decimal number with a point"),
    ([{**ROW, "quantity": True}], "row 1, quantity was True; expected"),
    ([{**ROW, "asset": 5}], "row 1, asset was 5; expected a text"),
    ([{**ROW, "quantity": float("nan")}], "row 1, quantity was NaN"),
    ([{**ROW, "quantity": [1]}], "row 1, quantity was [1]"),
    ([ROW, "BTC"], "row 2, position was 'BTC'; expected an object"),
    ([{**ROW, "value": 1}], "row 1, field was 'value'; expected one of"),
    ([{**ROW, "exchange": "OKX"}], "row 1, field was 'exchange'; expected venue once"),
    ([{**ROW, "asset": "A\x00B"}], "row 1, asset was"),
    ([{**ROW, "asset": "\ud800"}], "row 1, asset was"),
    ([], "positions was none"),
    ({"positions": []}, "positions was none"),
    ({"positions": [ROW], "empty": True}, "positions was 1 with the book called empty"),
    ({"empty": "yes"}, "empty was 'yes'; expected true or false"),
    ({}, "positions was missing; expected a list"),
    ({"rows": [ROW]}, "key was 'rows'; expected one of account, as_of, empty, positions"),
    ("BTC", "positions was 'BTC'; expected a list"),
    ({"positions": [ROW], "as_of": "2026-11-30T11:00:00Z"}, "as_of was '2026-11-30T11:00:00Z'; expected '2026-11-30T1"),
    ({"positions": [ROW], "account": "x" * 65}, "account was"),
]


@pytest.mark.parametrize(("document", "message"), REFUSED_JSON)
def test_json_is_refused_with_row_field_value_and_expectation(document: Any, message: str) -> None:
    with pytest.raises(BookRefused) as refused:
        of_json(document)
    assert message in str(refused.value)


@pytest.mark.parametrize("as_of", [None, "", "noon", "2026-11-30T12:00:00", "0001-01-01T00:00:00+14:00", "1764504000"])
def test_the_time_of_a_book_must_be_given_with_its_zone(as_of: str | None) -> None:
    with pytest.raises(BookRefused, match=r"^as_of was .*expected a time with its zone"):
        of_json([ROW], as_of=as_of)


def test_an_empty_book_must_be_called_so() -> None:
    for document in ({"empty": True}, {"empty": True, "positions": []}):
        assert of_json(document).rows == ()
    assert of_csv("asset,quantity\n", empty=True).rows == ()


def test_bodies_without_sense_are_refused() -> None:
    for body, kind, message in (
        (b"\xff\xfe", "text/csv", "encoding was byte 0xff at 0; expected UTF-8"),
        (b"{", "application/json", "body was no JSON"),
        (b"[" * 100_000, "application/json", "body was no JSON"),
        (
            b'[{"asset": "A", "asset": "B", "quantity": 1}]',
            "application/json",
            "key was 'asset'; expected each key once",
        ),
        (b"x" * (MAX_BYTES + 1), "text/csv", "size was 262145 bytes; expected at most 262144 bytes"),
        (b"[]", "text/xml", "content type was 'text/xml'; expected application/json or text/csv"),
        (b'[{"asset": "A", "quantity": ' + b"9" * 5000 + b"}]", "application/json", "quantity was"),
        (b"asset,quantity\n" + b"A,1\n" * (MAX_ROWS + 1), "text/csv", "rows was more than 2000; expected at most 2000"),
        (b"asset,quantity\n" + b"A" * 200_000 + b",1\n", "text/csv", "expected a row of CSV"),
    ):
        with pytest.raises(BookRefused) as refused:
            parse_book(body, kind, as_of=AS_OF)
        assert message in str(refused.value)
        assert len(str(refused.value)) < 400


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200) | st.text(max_size=100).map(str.encode), st.sampled_from(["application/json", "text/csv"])
)
def test_no_body_does_more_than_be_refused(body: bytes, kind: str) -> None:
    try:
        parse_book(body, kind, as_of=AS_OF)
    except BookRefused as refused:
        assert refused.expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.decimals(-(10**19), 10**19, places=18), min_size=1, max_size=5))
def test_quantities_come_back_to_the_last_digit(quantities: list[Decimal]) -> None:
    text = "asset,quantity\n" + "\n".join(f"BTC,{quantity}" for quantity in quantities)
    assert [row.quantity for row in of_csv(text).rows] == quantities
