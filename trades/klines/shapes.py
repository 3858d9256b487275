"""The candles of each venue as they are written: an answer in, `Kline` out.

Every parser raises SchemaDrift for an unknown shape, RetryableError where the venue asks to wait in a body, and
PermanentError where it refuses the request in one. Sources: `trades.klines.venues`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any, TypeVar

import msgspec

from events.upstream.client import Payload, json_body
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift
from trades.klines.base import KlineQuery
from trades.records import Kline

Answer = TypeVar("Answer")
# Wide enough that a product is never rounded.
_EXACT = Context(prec=120)
_ZERO, _MOST = Decimal(0), Decimal(10) ** 24
# Codes in answers of 200 that mean "later": Bybit's 10006, 10018 and 10016; Kraken's texts.
_BYBIT_LATER = frozenset({10006, 10016, 10018})
_KRAKEN_LATER = ("EAPI:Rate limit", "EGeneral:Too many requests", "EService:", "EGeneral:Temporary lockout")


class _Binance(msgspec.Struct, array_like=True, gc=False):
    """Further fields are ignored."""

    open_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    close_ms: int
    quote_volume: Decimal
    trades: int
    taker_buy: Decimal
    taker_buy_quote: Decimal


class _Okx(msgspec.Struct, array_like=True, gc=False):
    """volume: coins on spot, contracts of a swap; volume_coins: the quote currency on spot, coins of a swap."""

    open_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    volume_coins: Decimal
    quote_volume: Decimal
    confirm: str


class _OkxAnswer(msgspec.Struct):
    code: str
    data: list[_Okx]
    msg: str = ""


class _Bybit(msgspec.Struct, array_like=True, gc=False):
    open_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    turnover: Decimal


class _BybitResult(msgspec.Struct):
    # Absent where the venue refuses.
    candles: list[_Bybit] | None = msgspec.field(default=None, name="list")


class _BybitAnswer(msgspec.Struct):
    retCode: int
    retMsg: str = ""
    result: _BybitResult | None = None


class _Kraken(msgspec.Struct, array_like=True, gc=False):
    seconds: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    vwap: Decimal
    volume: Decimal
    count: int


class _KrakenAnswer(msgspec.Struct):
    error: list[str]
    result: dict[str, list[_Kraken] | int] | None = None


class _Bitfinex(msgspec.Struct, array_like=True, gc=False):
    """Numbers, not texts; the close comes second."""

    open_ms: int
    open: Decimal
    close: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal


def parse_binance(payload: Payload, query: KlineQuery) -> Sequence[Kline]:
    """GET /api/v3/klines and /fapi/v1/klines: oldest first."""
    now_ms = _venue_ms(payload)
    return [
        _kline(
            payload, query, row.open_ms, row, row.volume, row.quote_volume, row.trades, row.taker_buy_quote,
            row.close_ms < now_ms,
        )
        for row in _decoded(payload, list[_Binance])
    ]  # fmt: skip


def parse_okx(payload: Payload, query: KlineQuery) -> Sequence[Kline]:
    """GET /api/v5/market/history-candles and …/candles: newest first."""
    answer = _decoded(payload, _OkxAnswer)
    if answer.code != "0":
        raise PermanentError(payload.source, payload.url, f"it answered {answer.code} {answer.msg}".rstrip())
    spot = query.pair.venue == "OKX"
    return [
        _kline(
            payload, query, row.open_ms, row, row.volume if spot else row.volume_coins, row.quote_volume, None, None,
            row.confirm == "1",
        )
        for row in reversed(answer.data)
    ]  # fmt: skip


def parse_bybit(payload: Payload, query: KlineQuery) -> Sequence[Kline]:
    """GET /v5/market/kline: newest first."""
    answer = _decoded(payload, _BybitAnswer)
    if answer.retCode or answer.result is None or answer.result.candles is None:
        kind = RetryableError if answer.retCode in _BYBIT_LATER else PermanentError
        raise kind(payload.source, payload.url, f"it answered {answer.retCode} {answer.retMsg}".rstrip())
    now_ms = _venue_ms(payload)
    return [
        _kline(
            payload, query, row.open_ms, row, row.volume, row.turnover, None, None,
            row.open_ms + query.interval_ms <= now_ms,
        )
        for row in reversed(answer.result.candles)
    ]  # fmt: skip


def parse_kraken(payload: Payload, query: KlineQuery) -> Sequence[Kline]:
    """GET /0/public/OHLC: oldest first, the last one not yet ended. The volume in quote currency is the average price
    times the volume: exact to the digits of that price."""
    answer = _decoded(payload, _KrakenAnswer)
    if answer.error:
        kind = RetryableError if answer.error[0].startswith(_KRAKEN_LATER) else PermanentError
        raise kind(payload.source, payload.url, f"it answered {', '.join(answer.error)}")
    lists = [value for value in (answer.result or {}).values() if isinstance(value, list)]
    if len(lists) != 1:
        raise SchemaDrift(payload.source, "result", "the candles of one pair", payload.body)
    now_ms = _venue_ms(payload)
    return [
        _kline(
            payload, query, row.seconds * 1000, row, row.volume, _EXACT.multiply(row.vwap, row.volume), row.count, None,
            row.seconds * 1000 + query.interval_ms <= now_ms,
        )
        for row in lists[0]
    ]  # fmt: skip


def parse_bitfinex(payload: Payload, query: KlineQuery) -> Sequence[Kline]:
    """GET /v2/candles/trade:…/hist: oldest first, as requested. Volumes are in the base currency alone."""
    now_ms = _venue_ms(payload)
    return [
        _kline(
            payload, query, row.open_ms, row, row.volume, None, None, None, row.open_ms + query.interval_ms <= now_ms
        )
        for row in _decoded(payload, list[_Bitfinex])
    ]


def _kline(
    payload: Payload,
    query: KlineQuery,
    open_ms: int,
    row: Any,
    volume: Decimal,
    quote_volume: Decimal | None,
    trades: int | None,
    taker_buy_quote: Decimal | None,
    final: bool,
) -> Kline:
    others = [value for value in (quote_volume, taker_buy_quote) if value is not None]
    try:
        usable = (
            _ZERO < row.low <= min(row.open, row.close) <= max(row.open, row.close) <= row.high < _MOST
            and all(_ZERO <= value < _MOST for value in (volume, *others))
            and open_ms % query.interval_ms == 0
        )
    except InvalidOperation:
        # Not a number.
        usable = False
    if not usable:
        raise SchemaDrift(
            payload.source, f"the candle of {open_ms}", "prices above 0 within low and high, and volumes", repr(row)
        )
    return Kline(
        query.pair.venue, query.pair.symbol, open_ms, query.interval_ms, row.open, row.high, row.low, row.close, volume,
        quote_volume, trades, taker_buy_quote, final,
    )  # fmt: skip


def _venue_ms(payload: Payload) -> int:
    """The venue's clock when it answered, at the latest: our own may be ahead of it."""
    ahead = max(payload.clock_skew or 0.0, 0.0)
    return int((payload.received_at.timestamp() - ahead) * 1000)


def _decoded(payload: Payload, kind: type[Answer]) -> Answer:
    try:
        # Numbers may be texts.
        return msgspec.json.decode(payload.body, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise SchemaDrift(payload.source, "the candles", f"their documented shape ({error})", payload.body) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # Raises what names the fault: a challenge page, an answer that is cut off.
        json_body(payload)
        raise SchemaDrift(payload.source, "the candles", f"JSON ({error})", payload.body) from None
