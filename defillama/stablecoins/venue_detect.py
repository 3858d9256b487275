"""Pegs on one exchange, from the coin's own pair there: aggregated prices hide what one venue does. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from defillama.stablecoins.detect import FLOATS_ABOVE, Subject
from defillama.stablecoins.track import Reading
from exchanges.quotes import Quote, usd_prices

# What the coins of the default watch list are pegged to, for as long as DeFiLlama has not been read.
_SHIPPED_CURRENCIES = {
    **dict.fromkeys("USDT USDC DAI FDUSD USDE TUSD USDD PYUSD USDS BUSD GUSD USDP USD1 RLUSD LUSD".split(), "USD"),
    **dict.fromkeys("EURC EURI EURT".split(), "EUR"),
}
# Another coin trades under the stablecoin's symbol: FXS is called FRAX since 13 January 2026.
_NAMESAKES_ON_EXCHANGES = frozenset({"FRAX"})
_DOLLAR_QUOTES = ("USD", "USDT", "USDC", "FDUSD")


@dataclass(frozen=True)
class CoinOnRecord:
    """What DeFiLlama said last of the largest coin of a symbol. watchable: neither retired nor without fixed peg."""

    currency: str
    peg: float
    watchable: bool = True


@dataclass(frozen=True)
class VenueKnowledge:
    """threshold: fraction of the peg. fixed_peg: symbol → whether it has one, of coins seen on this venue before."""

    venue: str
    threshold: float
    watch: frozenset[str]
    on_record: Mapping[str, CoinOnRecord] = field(default_factory=dict)
    fixed_peg: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class VenueReading:
    """A coin's price on a venue. fixed_peg: False for what was first seen too far above a peg to have one."""

    subject: Subject
    reading: Reading
    fixed_peg: bool = True


def venue_readings(quotes: Iterable[Quote], snapshot: str, known: VenueKnowledge) -> Sequence[VenueReading]:
    """The watched coins that the venue's quotes say something of.

    snapshot: the answer's digest; equal ones are one reading. A book that says no price, or is so wide that the peg
    lies inside it, is no reading; neither is a coin whose peg is not known.
    """
    quotes = [quote for quote in quotes if quote.venue == known.venue]
    currencies = {record.currency for record in known.on_record.values()} | set(_SHIPPED_CURRENCIES.values())
    prices = usd_prices(quotes, currencies | {quote.quote for quote in quotes})
    pairs: dict[str, dict[str, Quote]] = {}
    for quote in quotes:
        if quote.token in known.watch and quote.multiplier == 1 and quote.mid is not None:
            pairs.setdefault(quote.token, {}).setdefault(quote.quote, quote)
    found = []
    for symbol in sorted(pairs.keys() - _NAMESAKES_ON_EXCHANGES):
        record = known.on_record.get(symbol)
        currency = record.currency if record else _SHIPPED_CURRENCIES.get(symbol)
        if currency is None or (record and not record.watchable):
            continue
        peg = 1.0 if currency == "USD" else prices.get(currency) or (record.peg if record else None)
        if peg is None:
            continue
        reading = _venue_reading(symbol, currency, peg, pairs[symbol], prices, snapshot, known)
        if reading is not None:
            found.append(reading)
    return found


def _venue_reading(
    symbol: str,
    currency: str,
    peg: float,
    pairs: Mapping[str, Quote],
    prices: Mapping[str, float],
    snapshot: str,
    known: VenueKnowledge,
) -> VenueReading | None:
    in_dollars = {**prices, currency: peg}
    wanted = dict.fromkeys((currency, *_DOLLAR_QUOTES))
    pair = next((pairs[name] for name in wanted if name in pairs and name in in_dollars), None)
    if pair is None or pair.mid is None:
        return None
    rate = in_dollars[pair.quote]
    if pair.ask - pair.bid > known.threshold * pair.mid and pair.bid * rate <= peg <= pair.ask * rate:
        return None
    reading = Reading(pair.mid * rate, peg, pair.received_at, snapshot)
    subject = Subject(
        venue=known.venue,
        coin=symbol,
        symbol=symbol,
        currency=currency,
        source=known.venue.lower(),
        tickers=(pair.ticker,),
        facts={"pair": pair.symbol, "bid": pair.bid, "ask": pair.ask, "quote_in_dollars": round(rate, 8)},
    )
    return VenueReading(subject, reading, known.fixed_peg.get(symbol, reading.deviation <= FLOATS_ABOVE))
