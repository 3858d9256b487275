"""Event keys: what is read, what is refused and how, when one fires."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trades.volume.keys import DEFAULT_LADDER, EventKey, UnreadableKey, parse_key, parse_keys, strongest

GOOD = "buy_vol_5m:0.7/vol_15m:12/timeframe:1440/lvl:125"


def test_read() -> None:
    assert parse_key(GOOD) == EventKey(5, Decimal("0.7"), 15, Decimal(12), 1440, 125)


@pytest.mark.parametrize("text", [GOOD, *(str(key) for key in DEFAULT_LADDER)])
def test_the_canonical_text_is_the_identity(text: str) -> None:
    assert str(parse_key(text)) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("buy_vol_1m:0.0/vol_1m:5.0/timeframe:0060/lvl:010", "buy_vol_1m:0/vol_1m:5/timeframe:60/lvl:10"),
        ("buy_vol_60m:1.000/vol_5m:00.50/timeframe:10080/lvl:1", "buy_vol_60m:1/vol_5m:0.5/timeframe:10080/lvl:1"),
    ],
)
def test_one_number_has_one_text(text: str, canonical: str) -> None:
    assert str(parse_key(text)) == canonical


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has 1 parts"),
        ("buy_vol_5m:0.7/vol_15m:12/timeframe:1440", "it has 3 parts"),
        (GOOD + "/lvl:3", "it has 5 parts"),
        (" " + GOOD, "it has spaces"),
        ("buy_vol_5m:0.7/ vol_15m:12/timeframe:1440/lvl:125", "it has spaces"),
        ("vol_15m:12/buy_vol_5m:0.7/timeframe:1440/lvl:125", "stands where buy_vol_…m:… was expected"),
        ("buy_vol_7m:0.7/vol_15m:12/timeframe:1440/lvl:125", "was '7m', expected one of 1, 5, 15, 30, 60 minutes"),
        ("buy_vol_05m:0.7/vol_15m:12/timeframe:1440/lvl:125", "was '05m', expected one of"),
        ("buy_vol_5m:0.5/vol_15m:12/timeframe:1440/lvl:125", "can never fire"),
        ("buy_vol_5m:0.50/vol_15m:12/timeframe:1440/lvl:125", "can never fire"),
        ("buy_vol_5m:1.01/vol_15m:12/timeframe:1440/lvl:125", "the share bought is 1.01, expected 0 to 1"),
        ("buy_vol_5m:-0.1/vol_15m:12/timeframe:1440/lvl:125", "was '-0.1', expected digits"),
        ("buy_vol_5m:nan/vol_15m:12/timeframe:1440/lvl:125", "was 'nan', expected digits"),
        ("buy_vol_5m:1e-1/vol_15m:12/timeframe:1440/lvl:125", "was '1e-1', expected digits"),
        ("buy_vol_5m:０/vol_15m:12/timeframe:1440/lvl:125", "expected digits"),
        ("buy_vol_5m:0.7/vol_15m:0/timeframe:1440/lvl:125", "0 times the mean, expected more than 0"),
        ("buy_vol_5m:0.7/vol_15m:12/timeframe:0/lvl:125", "timeframe was '0', expected minutes from 1 to 10080"),
        ("buy_vol_5m:0.7/vol_15m:12/timeframe:10081/lvl:125", "timeframe was '10081'"),
        ("buy_vol_5m:0.7/vol_15m:12/timeframe:1.5/lvl:125", "timeframe was '1.5'"),
        ("buy_vol_5m:0.7/vol_15m:12/timeframe:1440/lvl:0", "lvl was '0', expected a rank from 1"),
        ("buy_vol_5m:0.7/vol_15m:12/timeframe:1440/vlty:3", "'vlty:3' (a level of volatility) is not known here"),
        ("buy_vol_24h:0.7/vol_15m:12/timeframe:1440/lvl:125", "'buy_vol_24h:0.7' is not in minutes"),
        ("buy_vol_5m:0.7/vol_24h:12/timeframe:1440/lvl:125", "'vol_24h:12' is not in minutes"),
        ("BUY_VOL_5m:0.7/vol_15m:12/timeframe:1440/lvl:125", "stands where buy_vol_…m:… was expected"),
        (GOOD.replace("/", "//"), "parts"),
        ("x" * 100_000, "100000 characters"),
    ],
)
def test_refused_with_the_part_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(UnreadableKey, match=r"expected|known") as fault:
        parse_key(text)
    assert said in str(fault.value)


def test_the_others_go_on_without_the_unreadable_one() -> None:
    keys, faults = parse_keys([("key 1", GOOD), ("key 2", "nonsense"), ("key 3", GOOD.replace(":12/", ":12.0/"))])
    assert [str(key) for key in keys] == [GOOD]
    assert [str(fault) for fault in faults] == [
        "key 2: 'nonsense' is no event key: it has 1 parts, expected four in this order: "
        "buy_vol_<minutes>m:<share>/vol_<minutes>m:<times>/timeframe:<minutes>/lvl:<rank>"
    ]


@pytest.mark.parametrize(
    ("share", "bought", "fires"),
    [
        ("0.7", 7 / 10, True),
        ("0.7", 0.6999999, False),
        ("0.3", 3 / 10, True),
        ("0.3", 0.3000001, False),
        ("0.7", None, False),
        ("0.3", None, False),
        ("0.3", float("nan"), False),
        ("0", None, True),
        ("0", 0.9, True),
        ("1", 1.0, True),
    ],
)
def test_side(share: str, bought: float | None, fires: bool) -> None:
    assert parse_key(f"buy_vol_5m:{share}/vol_5m:3/timeframe:60/lvl:9").fires(3.0, bought, 9) is fires


@pytest.mark.parametrize(
    ("volume", "rank", "fires"),
    [
        (3.0, 9, True),
        (2.9999999, 9, False),
        (None, 9, False),
        (float("nan"), 9, False),
        (9.0, 10, False),
        (9.0, None, False),
    ],
)
def test_volume_and_rank(volume: float | None, rank: int | None, fires: bool) -> None:
    assert parse_key("buy_vol_5m:0/vol_5m:3/timeframe:60/lvl:9").fires(volume, None, rank) is fires


def test_the_strongest_is_the_furthest_above_its_bound_then_the_shorter_window() -> None:
    one, five, other = (
        parse_key(f"buy_vol_{w}m:0/vol_{w}m:{v}/timeframe:{t}/lvl:9")
        for w, v, t in [(1, 10, 60), (5, 5, 60), (5, 5, 1440)]
    )
    assert strongest({one: 21.0, five: 10.0}) == one
    assert strongest({one: 20.0, five: 10.0}) == one
    assert strongest({one: 20.0, five: 10.1}) == five
    assert strongest({five: 10.0, other: 10.0}) == other  # "timeframe:1440" sorts before "timeframe:60"
    assert strongest({}) is None


def test_the_ladder_has_what_was_agreed() -> None:
    assert {str(key) for key in DEFAULT_LADDER} == {
        f"buy_vol_{window}m:0/vol_{window}m:{times}/timeframe:1440/lvl:{rank}"
        for rank, steps in {10: (10, 5, 3), 50: (25, 10, 7), 125: (50, 20, 12), 200: (75, 30, 18)}.items()
        for window, times in zip((1, 5, 15), steps, strict=True)
    }
