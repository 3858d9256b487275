"""The lists of best bid and ask: their endpoints, and the parsers of their rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from crypto_ews.conf import Config
from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from events.upstream.rows import struct_of
from exchanges.venues import venue_name
from exchanges.wire import Name
from markets.symbols import SymbolSplitter, multiplier

_SPLITTER = SymbolSplitter()
_DOLLAR_SUFFIX = "_UM"


class BookRow(NamedTuple):
    """A row of a list: prices in units of the quote asset, 0 where that side of the book is empty."""

    symbol: str
    bid: float
    ask: float


class Names(NamedTuple):
    """The parts of a symbol. `base` is as the venue writes it, `token` the asset without `multiplier`."""

    venue: str
    base: str
    quote: str
    token: str
    multiplier: float = 1.0


@dataclass(frozen=True)
class QuoteList:
    """One list: its archive source, the whole URL, the venues its rows are of, its parser, and how symbols split."""

    source: str
    url: str
    venues: tuple[str, ...]
    rows: Callable[[Payload], Sequence[BookRow]]
    names: Callable[[str], Names | None]


def quote_lists(config: Config) -> tuple[QuoteList, ...]:
    """Endpoints as their exchanges document them.

    Binance: GET /api/v3/ticker/bookTicker and /fapi/v1/ticker/bookTicker without a symbol. OKX: GET
    /api/v5/market/tickers with instType SPOT and SWAP.
    """
    spot, usdm = venue_name("binance", "spot"), venue_name("binance", "usdm")
    okx = tuple(venue_name("okx", market) for market in ("spot", "usdm", "coinm"))
    return (
        QuoteList("binance.quotes", config.binance_orderbook_url, (spot,), binance_rows, _binance_spot_names),
        QuoteList("binance.quotes.usdm", config.binance_usdm_orderbook_url, (usdm,), binance_rows, _binance_usdm_names),
        QuoteList("okx.quotes", config.okx_orderbook_url, okx[:1], okx_rows, okx_names),
        QuoteList("okx.quotes.swap", config.okx_swap_orderbook_url, okx[1:], okx_rows, okx_names),
    )


def binance_rows(payload: Payload) -> list[BookRow]:
    """`[{symbol, bidPrice, askPrice}]`, the same for spot and USD-M. Raises SchemaDrift."""
    return plain_binance_rows(payload.body) or _rows(payload, json_body(payload), "", _LooseBinanceTicker)


def okx_rows(payload: Payload) -> list[BookRow]:
    """`{"code": "0", "data": [{instId, bidPx, askPx}]}`. Raises SchemaDrift, also for another code."""
    rows = plain_okx_rows(payload.body)
    if rows:
        return rows
    answer = json_body(payload)
    if not isinstance(answer, dict) or str(answer.get("code")) != "0":
        raise SchemaDrift(payload.source, "code", '"0"', answer)
    return _rows(payload, answer.get("data"), "data", _LooseOkxTicker)


# Rows exactly as documented. An empty text for an empty side of the book is not documented.
_Price = str | int | float


class _BinanceTicker(msgspec.Struct, gc=False):
    symbol: Name
    bid: float = msgspec.field(name="bidPrice")
    ask: float = msgspec.field(name="askPrice")


class _OkxTicker(msgspec.Struct, gc=False):
    symbol: Name = msgspec.field(name="instId")
    bid: float = msgspec.field(name="bidPx")
    ask: float = msgspec.field(name="askPx")


class _OkxTickers(msgspec.Struct):
    code: str
    data: list[_OkxTicker]


# Not strict: prices are texts.
_BINANCE = msgspec.json.Decoder(list[_BinanceTicker], strict=False)
_OKX = msgspec.json.Decoder(_OkxTickers, strict=False)
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


def plain_binance_rows(body: bytes) -> list[BookRow]:
    """The rows of an answer exactly as documented, in a third of the time; empty for any other answer."""
    try:
        return _finite(_BINANCE.decode(body))
    except _UNREADABLE:
        return []


def plain_okx_rows(body: bytes) -> list[BookRow]:
    """As `plain_binance_rows`, for OKX's answer."""
    try:
        answer = _OKX.decode(body)
    except _UNREADABLE:
        return []
    return _finite(answer.data) if answer.code == "0" else []


def _finite(tickers: Iterable[_BinanceTicker | _OkxTicker]) -> list[BookRow]:
    rows = [BookRow(ticker.symbol, ticker.bid, ticker.ask) for ticker in tickers]
    return rows if math.isfinite(sum(row.bid + row.ask for row in rows)) else []


class _LooseBinanceTicker(msgspec.Struct, gc=False):
    """A row that may have an empty side, or a price as Python reads it and JSON does not."""

    symbol: Name
    bid: _Price = msgspec.field(name="bidPrice")
    ask: _Price = msgspec.field(name="askPrice")


class _LooseOkxTicker(msgspec.Struct, gc=False):
    symbol: Name = msgspec.field(name="instId")
    bid: _Price = msgspec.field(name="bidPx")
    ask: _Price = msgspec.field(name="askPx")


def _rows(
    payload: Payload, items: Any, where: str, kind: type[_LooseBinanceTicker] | type[_LooseOkxTicker]
) -> list[BookRow]:
    """The rows, read one by one. Raises SchemaDrift if more than a tenth of them are unusable."""
    if not isinstance(items, list) or not items:
        raise SchemaDrift(payload.source, where or "(top)", "a list of pairs that is not empty", items)
    rows: list[BookRow] = []
    bad: list[tuple[int, Any]] = []
    for index, item in enumerate(items):
        try:
            row = struct_of(item, kind)
            rows.append(BookRow(row.symbol, _price(row.bid), _price(row.ask)))
        except (msgspec.ValidationError, ValueError, OverflowError):
            bad.append((index, item))
    if len(bad) * 10 > len(items):
        expected = ", ".join(field.encode_name for field in msgspec.structs.fields(kind))
        raise SchemaDrift(payload.source, f"{where}[{bad[0][0]}]", expected, bad[0][1])
    return rows


def _price(value: _Price) -> float:
    price = float(value or 0)
    if not math.isfinite(price):
        raise ValueError(f"a price was {value!r:.80}, expected a finite number")
    return price


def _binance_spot_names(symbol: str) -> Names | None:
    split = _SPLITTER.split(symbol, "binance")
    # On spot a prefixed name is the asset's own.
    return Names(venue_name("binance", "spot"), split.base, split.quote, split.base) if split and split.quote else None


def _binance_usdm_names(symbol: str) -> Names | None:
    split = _SPLITTER.split(symbol, "binance", "usdm")
    if not split or not split.quote or "_" in symbol:
        return None  # A dated contract carries a premium of its own.
    factor = multiplier(split.base, split.token)
    return Names(
        venue_name("binance", "usdm"), split.base, split.quote, split.token, float(1 if factor is None else factor)
    )


def okx_names(symbol: str) -> Names | None:
    """`BTC-USDT`, `BTC-USDT-SWAP` (linear), `BTC-USD-SWAP` (inverse, by the coin), `BTC-USD_UM-SWAP` (linear)."""
    parts = symbol.upper().split("-")
    if len(parts) == 2:
        base, quote = parts
        return Names(venue_name("okx", "spot"), base, quote, base)
    if len(parts) != 3 or parts[2] != "SWAP":
        return None
    base, quote = parts[0], parts[1].removesuffix(_DOLLAR_SUFFIX)
    inverse = parts[1] == "USD"
    return Names(venue_name("okx", "coinm" if inverse else "usdm"), base, quote, base)
