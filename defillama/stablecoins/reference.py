"""The value of a coin's peg in US dollars. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from defillama.stablecoins.client import Rate, Stablecoin

# With fewer, one depegged coin would set the peg of the others.
_ENOUGH_COINS = 3
# Rates are daily and pause at weekends; older ones are not used.
_RATE_HOLDS = timedelta(days=5)
# Aggregators round many prices to three decimals, so that equal prices of fewer decimals are coincidences.
_SIGNIFICANT_DECIMALS = 4
# A basket, an index or another coin: no currency at all.
_NO_CURRENCY = "VAR"


@dataclass(frozen=True)
class PegReference:
    """US dollars for one unit of the peg, and the source of that value."""

    dollars: float
    known_from: str


DOLLAR = PegReference(1.0, "the dollar itself")


def copies(coins: Iterable[Stablecoin]) -> Mapping[str, Stablecoin]:
    """Coins with the price of another coin in all digits: coin id → the coin that the price is copied from.

    Among equals the one with the largest supply is the original. Prices of fewer than four decimals are not compared.
    """
    by_price: dict[float, list[Stablecoin]] = {}
    for coin in coins:
        if coin.price is not None and len(repr(coin.price).partition(".")[2]) >= _SIGNIFICANT_DECIMALS:
            by_price.setdefault(coin.price, []).append(coin)
    found: dict[str, Stablecoin] = {}
    for equals in by_price.values():
        original = max(equals, key=lambda coin: (coin.supply or 0.0, coin.coin_id))
        found |= {coin.coin_id: original for coin in equals if coin is not original}
    return found


def rate_reference(currency: str, rates: Mapping[str, Rate], now: datetime) -> PegReference | None:
    """The peg from the daily rates; None if they lack the currency or are too old."""
    rate = rates.get(currency)
    if rate is None or now - rate.dated > _RATE_HOLDS:
        return None
    return PegReference(1 / rate.per_dollar, f"the daily rate of {rate.dated:%Y-%m-%d}")


def peg_reference(
    coin: Stablecoin, independent: Sequence[Stablecoin], rates: Mapping[str, Rate], now: datetime
) -> PegReference | None:
    """The peg of a coin, None if it is unknown.

    It is the median of at least three other coins of the same currency, else the daily rate, which is up to a day old.
    independent: coins with a fixed peg and a price that is not a copy, of any currency.
    """
    if coin.currency == "USD":
        return DOLLAR
    if coin.currency == _NO_CURRENCY:
        return None
    prices = [
        other.price
        for other in independent
        if other.currency == coin.currency and other.coin_id != coin.coin_id and other.price is not None
    ]
    if len(prices) >= _ENOUGH_COINS:
        return PegReference(median(prices), f"the median of {len(prices)} other {coin.currency} coins")
    return rate_reference(coin.currency, rates, now)
