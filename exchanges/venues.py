"""How exchanges and markets name venues and instruments."""

from __future__ import annotations

from markets.symbols import DERIVATIVE_MARKETS, SymbolSplitter

# market, as announcements name it → the suffix of its venue
_SUFFIXES = {
    "spot": "",
    "usdm": "_USDM",
    "coinm": "_COINM",
    "margin": "_MARGIN",
    "options": "_OPTIONS",
    "alpha": "_ALPHA",
}
# Exchanges whose spot symbols put something between base and quote.
_SEPARATORS = {"okx": "-", "kucoin": "-", "gate": "_"}
# Contracts are split by the quotes that contracts settle in, not by the listed quotes.
_CONTRACTS = SymbolSplitter()
# When instruments leave one of these, the token itself goes on trading.
SIDE_MARKETS = frozenset({"margin", "options", "alpha"})


def venue_name(exchange: str, market: str | None) -> str:
    """BINANCE, BINANCE_USDM, …; without a market that has a venue (none, several, loans) the exchange's spot."""
    return exchange.upper() + _SUFFIXES.get(market or "spot", "")


def venue_symbol(exchange: str, ticker: str, market: str | None = None) -> str:
    """An exchange-neutral ticker as the exchange's own symbol: `ABC/USDT` → `ABCUSDT`, on OKX `ABC-USDT`.

    A contract is written without a separator: on OKX `ABCUSDT` is the swap `ABC-USDT-SWAP`, and in dollars
    `ABC-USD_UM-SWAP` where it is linear.
    """
    if exchange == "okx" and "-" not in ticker and ("/" not in ticker or market in DERIVATIVE_MARKETS):
        split = _CONTRACTS.split(ticker, market="usdm")
        if split is None or not split.quote:
            return ticker
        linear = "_UM" if split.quote == "USD" and market == "usdm" else ""
        return f"{split.base}-{split.quote}{linear}-SWAP"
    return ticker.replace("/", _SEPARATORS.get(exchange, ""))


def exchange_and_market(venue: str) -> tuple[str, str]:
    """BINANCE_USDM → ("binance", "usdm"); a venue without a suffix is spot."""
    exchange, _, suffix = venue.partition("_")
    markets = {name.removeprefix("_"): market for market, name in _SUFFIXES.items()}
    return exchange.lower(), markets.get(suffix, "spot")
