"""One USD price per token: the watched pairs, their prices, and the best pair of each token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exchanges.quotes import Quote, usd_prices
from markets.watch import WatchLists

_FIRST_EXCHANGE = "BINANCE"


@dataclass(frozen=True)
class PricedPair:
    """A pair with the USD price of one token; one unit of the base is `multiplier` tokens."""

    ticker: str
    venue: str
    token: str
    quote: str
    price: float
    multiplier: float = 1.0


def priced_pairs(quotes: Sequence[Quote], watch: WatchLists, left_out: frozenset[str]) -> list[PricedPair]:
    """The watched pairs with a price, and a USD price of their quote asset; without the tokens in `left_out`.

    Prices are converted by the price of the quote asset, so that a move of the quote asset moves no token.
    """
    usd = usd_prices(quotes, {quote.quote for quote in quotes})
    watched = (watch.spot | watch.usdm) - left_out
    pairs = []
    for quote in quotes:
        if quote.token not in watched or not watch.pair(quote.token, quote.quote, quote.venue):
            continue
        mid, rate = quote.mid, usd.get(quote.quote)
        if mid is not None and rate is not None:
            pairs.append(PricedPair(quote.ticker, quote.venue, quote.token, quote.quote, mid * rate, quote.multiplier))
    return pairs


def best_pairs(pairs: Iterable[PricedPair], quote_order: Sequence[str]) -> Mapping[str, PricedPair]:
    """Token → its best pair: on Binance before any other exchange, spot before contracts, quotes in this order.

    The order does not depend on prices or spreads: a best pair that changes often would have no history.
    """
    rank = {quote: place for place, quote in enumerate(quote_order)}

    def order(pair: PricedPair) -> tuple[bool, bool, str, int, str]:
        exchange, _, market = pair.venue.partition("_")
        return exchange != _FIRST_EXCHANGE, bool(market), exchange, rank.get(pair.quote, len(rank)), pair.ticker

    best: dict[str, PricedPair] = {}
    for pair in pairs:
        known = best.get(pair.token)
        if known is None or order(pair) < order(known):
            best[pair.token] = pair
    return best
