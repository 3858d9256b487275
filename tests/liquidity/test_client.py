"""CoinMarketCap's answers: the captured one, those of other years, and broken ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.upstream.client import Payload
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift, UpstreamError
from liquidity.client import SOURCE, MarketPairs, parse_market_pairs
from liquidity.detect import STALE_AFTER, deepest_market
from tests.support.captures import capture
from tests.upstreams.coinmarketcap import failed, market, market_pairs

RECEIVED = datetime(2023, 1, 28, 15, 12, 40, tzinfo=UTC)


def payload(body: Any) -> Payload:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Payload(SOURCE, "http://127.0.0.1/?slug=abc", 200, {}, content, RECEIVED, 0.1, None)


def parse(body: Any) -> MarketPairs:
    return parse_market_pairs(payload(body))


def test_the_captured_answer_gives_kucoins_smaller_side_and_its_volume() -> None:
    answer = parse(capture("coinmarketcap/market_pairs_arker_20230128.json").read_bytes())
    reading = deepest_market("ARKER", answer.markets, RECEIVED)
    assert reading is not None
    assert (reading.market, reading.depth_usd, reading.depth_up_usd) == (
        "KuCoin ARKER/USDT",
        700.55936404,
        976.22031593,
    )
    assert reading.volume_24h_usd == 170266.04674008
    assert deepest_market("ARKER", answer.markets, RECEIVED + STALE_AFTER) is None


def test_numbers_and_flags_may_be_strings() -> None:
    row = market("A", "ABC/USDT", "976.2", "700.5", "170266.0", priceExcluded="1", outlierDetected="0")
    parsed = parse(market_pairs("ABC", row)).markets[0]
    assert (parsed.depth_up_usd, parsed.depth_down_usd, parsed.volume_24h_usd) == (976.2, 700.5, 170266.0)
    assert parsed.excluded == ("price excluded",)


@pytest.mark.parametrize(
    ("written", "amount"), [(".5", 0.5), ("5.", 5.0), (" 12.5 ", 12.5), ("007", 7.0), (2e300, 2e300)]
)
def test_an_amount_may_be_written_in_any_way(written: Any, amount: float) -> None:
    parsed = parse(market_pairs("ABC", market("A", "ABC/USDT", written, 1, written)))
    assert [found.depth_up_usd for found in parsed.markets] == [amount] == [parsed.markets[0].volume_24h_usd]


@pytest.mark.parametrize(("field", "value"), [("depthUsdPositiveTwo", "null"), ("priceExcluded", 0.5)])
def test_what_is_neither_amount_nor_flag_makes_a_bad_row(field: str, value: Any) -> None:
    rows = [market("A", "ABC/USDT", 1, 1, 1), market("B", "ABC/USDT", 1, 1, 1)]
    rows[1][field] = value
    parsed = parse(market_pairs("ABC", *rows))
    assert ([found.exchange for found in parsed.markets], len(parsed.bad_rows)) == (["A"], 1)
    assert parsed.bad_rows[0].startswith(f"{field} was {value!r}, expected ")


@pytest.mark.parametrize(
    ("written", "excluded"),
    [(1, True), ("1", True), (True, True), ("1.0", True), ("true", True), (0, False), ("", False)],
)
def test_a_flag_may_be_written_in_any_way(written: Any, excluded: bool) -> None:
    row = market("A", "ABC/USDT", 5, 4, "", volumeExcluded=written)
    (parsed,) = parse(market_pairs("ABC", row)).markets
    assert (parsed.excluded, parsed.volume_24h_usd) == (("volume excluded",) if excluded else (), None)


def test_only_the_fields_that_are_used_are_required() -> None:
    row = {"exchangeName": "A", "marketPair": "ABC/USDT", "depthUsdPositiveTwo": 5, "depthUsdNegativeTwo": 4}
    parsed = parse({"data": {"marketPairs": [row]}})
    assert parsed.markets[0].excluded == () and parsed.markets[0].updated_at is None


def test_markets_of_other_kinds_than_spot_are_left_out() -> None:
    rows = [market("A", "ABC/USDT", 9, 9, category="perpetual"), market("B", "ABC/USDT", 1, 1)]
    assert [parsed.exchange for parsed in parse(market_pairs("ABC", *rows)).markets] == ["B"]


def test_one_bad_row_leaves_the_others() -> None:
    rows = [market("A", "ABC/USDT", "NaN", 9), market("B", "ABC/USDT", 2, 1), market("C", "ABC/USDT", 2, 1)]
    answer = parse(market_pairs("ABC", *rows))
    assert [parsed.exchange for parsed in answer.markets] == ["B", "C"]
    assert "depthUsdPositiveTwo was 'NaN'" in answer.bad_rows[0]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"data": None},
        market_pairs("ABC"),
        market_pairs("ABC", market("A", "ABC/USDT", -1, 5)),
        market_pairs("ABC", market("A", "ABC/USDT", None, None)),
        b"<!doctype html><html><body>Are you human?</body></html>",
    ],
    ids=["no data", "a list", "null", "no markets", "a negative depth", "no depth at all", "a challenge page"],
)
def test_a_shape_that_is_not_known_is_drift(body: Any) -> None:
    with pytest.raises(SchemaDrift):
        parse(body)


def test_an_error_inside_a_200_is_an_error() -> None:
    with pytest.raises(RetryableError, match="1008"):
        parse(failed(1008, "rate limit"))
    with pytest.raises(PermanentError, match=r"400.*Invalid"):
        parse(failed(400, "Invalid value"))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=6), children, max_size=3),
    max_leaves=8,
)
_FIELDS = ["exchangeName", "marketPair", "depthUsdPositiveTwo", "depthUsdNegativeTwo", "volumeUsd", "lastUpdated",
           "outlierDetected", "category"]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(_FIELDS), _JSON), max_size=4))
def test_mutated_rows_are_drift_or_markets_with_sane_numbers(changes: list[tuple[str, Any]]) -> None:
    rows = [market("A", "ABC/USDT", 5, 4, updated=RECEIVED) | dict(changes), market("B", "ABC/USDT", 2, 3)]
    try:
        answer = parse(market_pairs("ABC", *rows))
    except UpstreamError as error:
        assert isinstance(error, SchemaDrift)
        return
    reading = deepest_market("ABC", answer.markets, RECEIVED + timedelta(seconds=1))
    assert reading is not None and reading.depth_usd >= 0
