"""Venues, pairs and times as people write them: "Binance spot", "LUNA/USDT", "1 Dec 01:00 UTC". Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from crypto_ews.ui.text import distance, words
from events.positions.phrases import Touched
from markets.venues import exchange_names, exchange_title

# The suffix of a venue → its market, in general and where an exchange has another name for it.
_MARKETS = {
    "": "spot",
    "USDM": "linear contracts",
    "COINM": "inverse contracts",
    "MARGIN": "margin",
    "OPTIONS": "options",
    "ALPHA": "Alpha",
    "SWAP": "swaps",
    "FUTURES": "futures",
}
_MARKETS_OF = {("BINANCE", "USDM"): "USD-M futures", ("BINANCE", "COINM"): "COIN-M futures"}
_TITLES = {"okx": "OKX", "htx": "HTX", "mexc": "MEXC", "lbank": "LBank", "kucoin": "KuCoin", "bitmex": "BitMEX"}
_YEAR_IS_CLEAR = timedelta(days=300)
EXCHANGES = 3
"""Exchanges that one phrase names; the others are counted."""


def exchange_text(name: str) -> str:
    """`okx` → "OKX"."""
    title = exchange_title(name.lower())
    return _TITLES.get(name.lower(), title) if title == name.lower().capitalize() else title


def exchange_of(venue: str) -> str:
    """BINANCE_USDM → "Binance"."""
    return exchange_text(venue.partition("_")[0])


def market_text(venue: str) -> str:
    """BINANCE → "spot", BINANCE_USDM → "USD-M futures", OKX_USDM → "linear contracts"."""
    exchange, _, suffix = venue.upper().partition("_")
    return _MARKETS_OF.get((exchange, suffix)) or _MARKETS.get(suffix) or words(suffix.lower())


def venue_text(venue: str) -> str:
    """BINANCE → "Binance spot", BINANCE_USDM → "Binance USD-M futures"."""
    return f"{exchange_of(venue)} {market_text(venue)}"


def where_text(venues: Sequence[str], short: bool = False) -> str:
    """ "Binance spot", "Binance spot + USD-M futures", "Binance spot, OKX spot"; without a venue "everywhere".

    short: exchanges without their markets, also where there are more than three.
    """
    if not venues:
        return "everywhere"
    markets: dict[str, list[str]] = {}
    for venue in venues:
        markets.setdefault(exchange_of(venue), []).append(market_text(venue))
    if len(markets) <= EXCHANGES and not short:
        # "Binance, OKX" would be taken for spot where it is contracts.
        return ", ".join(_exchange_with_markets(exchange, markets[exchange]) for exchange in sorted(markets))
    return exchanges_text(venues, 1 if short else EXCHANGES)


def exchanges_text(venues: Sequence[str], most: int = EXCHANGES) -> str:
    """ "Binance, OKX", without their markets."""
    names = sorted({exchange_of(venue) for venue in venues})
    more = len(names) - most
    return ", ".join(names[:most]) + (f" + {more}" if more > 0 else "")


def _exchange_with_markets(exchange: str, markets: Sequence[str]) -> str:
    # Spot first, as people name it.
    found = sorted(dict.fromkeys(markets), key=lambda name: name != _MARKETS[""])
    return f"{exchange} {' + '.join(found)}" if len(found) < EXCHANGES else f"{exchange} ({len(found)} markets)"


# Codes that an exchange writes in symbols for coins that people call otherwise.
_CODES = {"XBT": "BTC", "XDG": "DOGE"}
_MULTIPLES = ("1000", "10000", "1000000", "1M")


def pair_text(ticker: str, tokens: Collection[str] = ()) -> str:
    """`BINANCE:ETHUSDC` → "ETH/USDC", where ETH is among the tokens; a contract keeps its symbol."""
    venue, _, symbol = ticker.rpartition(":")
    if is_contract(venue, symbol):
        return symbol
    for separator in "-/_":
        if separator in symbol:
            return symbol.replace(separator, "/")
    for cut in range(len(symbol) - 1, 0, -1):
        # The longest name first: of USDC and USD the pair is one of USDC.
        if base := _token_of(symbol[:cut], tokens):
            return f"{base}/{symbol[cut:]}"
    for cut in range(1, len(symbol)):
        if quote := _token_of(symbol[cut:], tokens):
            return f"{symbol[:cut]}/{quote}"
    return symbol


def _token_of(written: str, tokens: Collection[str]) -> str:
    """The name of one of the tokens that a part of a symbol is; a multiple stays one, as its price is of a thousand."""
    asset = _CODES.get(written, written)
    if asset in tokens:
        return asset
    return written if any(written.removeprefix(many) in tokens for many in _MULTIPLES) else ""


def is_contract(venue: str, symbol: str) -> bool:
    market = venue.partition("_")[2]
    return (
        market in ("USDM", "COINM", "OPTIONS", "SWAP", "FUTURES")
        or symbol.endswith(("-SWAP", "_PERP"))
        or symbol.count("-") > 1
    )


def positions_text(held: Touched) -> str:
    """The sentence about the desk's positions, its venues as people write them. A balance lies on a whole exchange."""
    # Of thousands of positions the sentence names few: what it names is looked up, not what there is.
    return _ON_VENUE.sub(lambda found: f" on {_named(found['venue'])}", held.text)


_ON_VENUE = re.compile(r" on (?P<venue>\w+)")


def _named(venue: str) -> str:
    if venue.partition("_")[0].lower() not in exchange_names():
        # As somebody wrote it: it may be no exchange.
        return venue
    return venue_text(venue) if "_" in venue else exchange_text(venue)


def time_text(at: datetime, now: datetime) -> str:
    """ "1 Dec 01:00 UTC"; with the year where it is not clear."""
    at = at.astimezone(UTC)
    year = "" if abs(at - now) < _YEAR_IS_CLEAR else f" {at.year}"
    return f"{at.day} {at:%b}{year} {at:%H:%M} UTC"


def time_and_distance(at: datetime, now: datetime) -> str:
    """ "1 Dec 01:00 UTC, in 19 h"."""
    return f"{time_text(at, now)}, {distance(at, now)}"
