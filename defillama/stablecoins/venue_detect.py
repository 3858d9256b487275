"""Pegs on one exchange, from the coin's pair there: an aggregated price hides a depeg on a single venue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from defillama.stablecoins.detect import FLOATS_ABOVE, Subject
from defillama.stablecoins.track import Reading
from exchanges.quotes import Quote, usd_prices

# Currencies of the default watch list, used until DeFiLlama has been read.
_SHIPPED_CURRENCIES = {
    **dict.fromkeys("USDT USDC DAI FDUSD USDE TUSD USDD PYUSD USDS BUSD GUSD USDP USD1 RLUSD LUSD".split(), "USD"),
    **dict.fromkeys("EURC EURI EURT".split(), "EUR"),
}
# Another coin trades under the stablecoin's symbol: FXS has been called FRAX since 13 January 2026.
_NAMESAKES_ON_EXCHANGES = frozenset({"FRAX"})
_DOLLAR_QUOTES = ("USD", "USDT", "USDC", "FDUSD")


@dataclass(frozen=True)
class CoinOnRecord:
    """The largest coin of a symbol as DeFiLlama listed it last. watchable: it has a fixed peg and is not retired."""

    currency: str
    peg: float
    watchable: bool = True


@dataclass(frozen=True)
class VenueKnowledge:
    """The context of a venue's quotes.

    threshold: fraction of the peg. fixed_peg: symbol → whether it has a fixed peg, for coins seen on this venue before.
    """

    venue: str
    threshold: float
    watch: frozenset[str]
    on_record: Mapping[str, CoinOnRecord] = field(default_factory=dict)
    fixed_peg: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class VenueReading:
    """A coin's price on a venue. fixed_peg: False if it was first seen too far above its peg to have one."""

    subject: Subject
    reading: Reading
    fixed_peg: bool = True


def venue_readings(quotes: Iterable[Quote], snapshot: str, known: VenueKnowledge) -> Sequence[VenueReading]:
    """Readings of the watched coins that the venue quotes.

    snapshot: the answer's digest; equal answers are one reading. Without a reading: a coin whose peg is unknown, a book
    without a price, and one whose spread exceeds the threshold and contains the peg.
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
    preferred = dict.fromkeys((currency, *_DOLLAR_QUOTES))
    pair = next((pairs[name] for name in preferred if name in pairs and name in in_dollars), None)
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
