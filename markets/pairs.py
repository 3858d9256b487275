"""Whether an instrument is a watched pair: by its row if a list has it, else by its symbol. Pure."""

from __future__ import annotations

from collections.abc import Callable

from markets.knowledge import InstrumentRow
from markets.symbols import DERIVATIVE_MARKETS, SymbolSplitter, shipped_quote_assets
from markets.watch import WatchLists, is_of_contracts

Find = Callable[[str, str], InstrumentRow | None]
"""(venue, symbol) → its row; None if no list has it."""

_SPLITTER = SymbolSplitter()
_SEPARATORS = str.maketrans("", "", "/-_")


def watched_pair(token: str, ticker: str, watch: WatchLists, find: Find) -> bool:
    """Whether a VENUE:SYMBOL of a token is watched: its base is on the venue's watch list, and its quote counts.

    A contract whose symbol contains no quote counts by its coin alone; a pair whose quote cannot be read does not.
    """
    venue, _, symbol = ticker.partition(":")
    # Margin pairs carry the symbols of their spot pairs.
    row = find(venue, symbol) or find(venue.removesuffix("_MARGIN"), symbol)
    if row is not None:
        return watch.pair(row.token, row.quote, venue)
    quote, is_contract = _quote_of(symbol, token, venue)
    if is_contract and not is_of_contracts(venue):
        venue = f"{venue}_USDM"
    if not quote:
        return is_contract and watch.currency(token, venue)
    return watch.pair(token, quote, venue)


def _quote_of(symbol: str, token: str, venue: str) -> tuple[str, bool]:
    """The longest quote asset that fits the end of a symbol, and whether the symbol is a contract's."""
    is_contract = is_of_contracts(venue)
    rest = symbol.upper().translate(_SEPARATORS).removeprefix(token)
    if not is_contract and rest in shipped_quote_assets():
        return rest, False
    split = _SPLITTER.split(symbol, market="usdm" if is_contract else None)
    if split is None:
        return "", is_contract
    return split.quote, is_contract or split.market in DERIVATIVE_MARKETS
