"""A minute's row against the venue's candle."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trades.minutes.repair import Verdict, checked
from trades.records import MINUTE_MS, Kline, MinuteSource, TradeMinute

MINUTE = 1_700_000_040_000
D = Decimal
ROW = TradeMinute(
    "BINANCE", "AUSDT", MINUTE, D("10"), D("12"), D("9"), D("11"), 8, 5, D("100.25"), D("60.5"), False,
    MinuteSource.STREAM, 1, 8, 2,
)  # fmt: skip
KLINE = Kline(
    "BINANCE", "AUSDT", MINUTE, MINUTE_MS, D("10.0"), D("12.0"), D("9.0"), D("11.0"), D("9.5"), D("100.25000000"), 8,
    D("60.50000000"), final=True,
)  # fmt: skip


def test_a_row_that_is_the_candle_to_the_last_digit_is_complete() -> None:
    found = checked(ROW, KLINE)
    assert found.verdict is Verdict.EQUAL and not found.difference
    assert found.row == ROW._replace(complete=True, revision=3)
    assert checked(found.row, KLINE).row == found.row


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_trades": 9}, "not the venue's minute: +1 in trades"),
        ({"quote_volume": D("100.25000001")}, "not the venue's minute: +1E-8 in volume"),
        ({"taker_buy_quote": D("60.4")}, "not the venue's minute: -0.1 in taker's purchases"),
        ({"high": D("12.01"), "low": D("8")}, "not the venue's minute: another high, another low"),
    ],
)
def test_any_other_digit_makes_the_candles_values_stand_and_says_which(change: dict[str, object], said: str) -> None:
    candle = KLINE._replace(**change)  # type: ignore[arg-type]
    found = checked(ROW, candle)
    assert found.verdict is Verdict.REPLACED and found.row is not None
    assert (found.row.source, found.row.complete, found.row.revision) == (MinuteSource.KLINE, True, 3)
    assert (found.row.n_trades, found.row.volume, found.row.high) == (candle.n_trades, candle.quote_volume, candle.high)
    # No candle tells how many trades of takers bought.
    assert found.row.n_buys is None and found.row.first_id is None
    assert found.reason == said


def test_a_minute_that_was_not_seen_is_the_candles() -> None:
    found = checked(None, KLINE)
    assert found.row is not None and found.row.source is MinuteSource.KLINE and found.row.revision == 0


def test_a_minute_without_trades_is_equal_whatever_close_it_repeats() -> None:
    nothing = ROW._replace(
        n_trades=0, n_buys=0, volume=D(0), buy_volume=D(0), open=None, high=None, low=None, close=None
    )
    zero = KLINE._replace(n_trades=0, volume=D(0), quote_volume=D("0.0"), taker_buy_quote=D("0.0"))
    assert checked(nothing, zero).verdict is Verdict.EQUAL
    made = checked(None, zero).row
    assert made is not None and (made.n_trades, made.n_buys, made.buy_volume) == (0, 0, 0)


def test_what_usdm_leaves_out_of_its_stream_is_counted_and_both_are_right() -> None:
    row, candle = ROW._replace(venue="BINANCE_USDM"), KLINE._replace(venue="BINANCE_USDM")
    fund = candle._replace(n_trades=10, quote_volume=D("130"), low=D("8"))
    found = checked(row, fund)
    assert found.verdict is Verdict.BESIDE_STREAM and found.row is not None
    assert (found.difference.trades, found.difference.volume) == (2, D("29.75"))
    assert (found.row.source, found.row.first_id, found.row.last_id) == (MinuteSource.MIXED, 1, 8)
    assert (found.row.n_trades, found.row.volume, found.row.n_buys, found.row.low) == (10, D(130), None, 8)
    assert (found.row.complete, found.row.revision) == (True, 3)
    # Less than the stream is no matter of what it leaves out.
    assert checked(row, candle._replace(quote_volume=D("99"))).verdict is Verdict.REPLACED
    # Spot leaves nothing out.
    assert checked(ROW, fund._replace(venue="BINANCE")).verdict is Verdict.REPLACED


def test_what_a_venue_does_not_tell_stays_unknown() -> None:
    """OKX and Bybit tell neither trades nor the taker's side."""
    silent = KLINE._replace(n_trades=None, taker_buy_quote=None)
    same = checked(ROW, silent)
    assert same.verdict is Verdict.EQUAL and same.row is not None
    # All volume is there, so every trade is: what was counted stands.
    assert (same.row.n_trades, same.row.buy_volume, same.row.complete) == (8, D("60.5"), True)
    other = checked(ROW, silent._replace(quote_volume=D(101))).row
    assert other is not None and (other.n_trades, other.n_buys, other.buy_volume) == (None, None, None)


def test_a_candle_without_quote_volume_changes_nothing() -> None:
    found = checked(ROW, KLINE._replace(quote_volume=None))
    assert (found.row, found.verdict) == (ROW, Verdict.UNUSABLE)
    assert checked(None, KLINE._replace(quote_volume=None)).row is None


@pytest.mark.parametrize(
    "change", [{"final": False}, {"interval_ms": 300_000}, {"open_ms": MINUTE + MINUTE_MS}, {"symbol": "BUSDT"}]
)
def test_the_candle_of_something_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"BINANCE:(A|B)USDT at 17000000"):
        checked(ROW, KLINE._replace(**change))  # type: ignore[arg-type]
