"""What a coin's peg is worth in US dollars. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from defillama.stablecoins.client import Rate, Stablecoin

# Fewer would let one coin that is off itself set the peg of the others.
_ENOUGH_COINS = 3
# Rates are daily and pause at weekends; what is older says nothing of today.
_RATE_HOLDS = timedelta(days=5)
# Aggregators round many prices to three decimals, and then two coins meet by chance.
_TELLING_DECIMALS = 4
# A basket, an index, another coin: each row's own affair.
_NO_CURRENCY = "VAR"


@dataclass(frozen=True)
class PegReference:
    """US dollars for one unit of the peg, and where that is known from."""

    dollars: float
    known_from: str


DOLLAR = PegReference(1.0, "the dollar itself")


def copies(coins: Iterable[Stablecoin]) -> Mapping[str, Stablecoin]:
    """Coins whose price is another one's in all digits: coin id → the coin that it is taken from.

    Of equals the one with the largest supply is the original. Prices of fewer than four decimals prove nothing.
    """
    by_price: dict[float, list[Stablecoin]] = {}
    for coin in coins:
        if coin.price is not None and len(repr(coin.price).partition(".")[2]) >= _TELLING_DECIMALS:
            by_price.setdefault(coin.price, []).append(coin)
    found: dict[str, Stablecoin] = {}
    for equals in by_price.values():
        original = max(equals, key=lambda coin: (coin.supply or 0.0, coin.coin_id))
        found |= {coin.coin_id: original for coin in equals if coin is not original}
    return found


def rate_reference(currency: str, rates: Mapping[str, Rate], now: datetime) -> PegReference | None:
    """By the daily rates; None where they do not know the currency, or are too old."""
    rate = rates.get(currency)
    if rate is None or now - rate.dated > _RATE_HOLDS:
        return None
    return PegReference(1 / rate.per_dollar, f"the daily rate of {rate.dated:%Y-%m-%d}")


def peg_reference(
    coin: Stablecoin, independent: Sequence[Stablecoin], rates: Mapping[str, Rate], now: datetime
) -> PegReference | None:
    """The peg of a coin, None where it is not known.

    independent: coins with a price of their own and a fixed peg, of any currency. Of the coin's own currency at least
    three others give the median; else the daily rate counts, which is up to a day behind.
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
