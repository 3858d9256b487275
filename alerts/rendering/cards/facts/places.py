"""Exchanges, markets and subjects as people write them: "Binance spot", "ETH/USDC", "LUNA, UST and 14 more"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alerts.rendering.phrases import clean
from alerts.rendering.places import exchange_of, market_text, pair_text, venue_text
from alerts.rendering.subjects import NAMED, TokenLine
from alerts.rendering.summary import EventSummary

_TRADING = frozenset({"spot", "margin", "Alpha"})


def venues_words(venues: Iterable[str]) -> str:
    """Several venues, by exchange: "Binance spot and margin, OKX spot"; "everywhere" without any."""
    by_exchange: dict[str, list[str]] = {}
    for venue in venues:
        by_exchange.setdefault(exchange_of(venue), []).append(market_text(venue))
    parts = [f"{exchange} {enumerated(list(dict.fromkeys(of)), 6)}" for exchange, of in by_exchange.items()]
    return ", ".join(parts) or "everywhere"


def trading_on(venues: Iterable[str]) -> str:
    """What of the markets is traded, without their exchange: "spot trading", "spot and margin trading", "options"."""
    markets = list(dict.fromkeys(map(market_text, venues)))
    traded = [market for market in markets if market in _TRADING]
    others = [market for market in markets if market not in _TRADING]
    parts = ([f"{enumerated(traded, 6)} trading"] if traded else []) + ([enumerated(others, 6)] if others else [])
    # "spot and margin trading, and options": of three parts the last one must not seem part of the trading.
    return (", and " if len(traded) > 1 else " and ").join(parts) or "trading"


def trading_of(whom: str, venues: Sequence[str]) -> str:
    """ "spot trading of LUNA", "trading of LUNA in USD-M futures"."""
    markets = list(dict.fromkeys(map(market_text, venues)))
    if _TRADING.issuperset(markets):
        return f"{trading_on(venues)} of {whom}"
    return f"trading of {whom} in {enumerated(markets, 6)}"


def ticker_words(ticker: str, token: str = "", venue: bool = True) -> str:
    """ "BINANCE:ETHUSDC" of ETH → "ETH/USDC on Binance spot"; without `venue` only the pair."""
    pair = clean(pair_text(ticker, {token, token_of(ticker)} - {""}), 60)
    where = ticker.rpartition(":")[0]
    return f"{pair} on {venue_text(where)}" if where and venue else pair


_QUOTES = (
    "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USDE", "DAI", "USD", "EUR", "BTC", "ETH", "BNB", "TRY", "BRL", "JPY",
)  # fmt: skip


def token_of(ticker: str) -> str:
    """The base of a spot symbol without a separator by the quotes that are common; "" where none fits."""
    symbol = ticker.rpartition(":")[2]
    if not symbol.isalnum():
        return ""
    return next((symbol.removesuffix(quote) for quote in _QUOTES if symbol.endswith(quote) and symbol != quote), "")


def quote_of(ticker: str, token: str = "") -> str:
    """The quote of a pair: "USDC" for "BINANCE:ETHUSDC"; "" where it is not known."""
    _, slash, quote = ticker_words(ticker, token, venue=False).partition("/")
    return quote if slash else ""


def enumerated(names: Sequence[str], most: int = NAMED, more: int = 0) -> str:
    """ "LUNA", "LUNA and UST", "LUNA, UST, ABC and 13 more". more: how many there are besides the names."""
    more += max(len(names) - most, 0)
    if more:
        return f"{', '.join(names[:most])} and {more:,} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def subjects(summary: EventSummary) -> str:
    """What the event is about, for a sentence: coins, or single pairs; "" where it names none."""
    names = subject_names(summary.lines)
    # Of two thousand pairs only those that are shown are cleaned.
    return enumerated([clean(name, 60) for name in names[:NAMED]], more=max(len(names) - NAMED, 0))


def subject_names(lines: Sequence[TokenLine]) -> list[str]:
    """The coins and single pairs of these lines, each once, as their source wrote them."""
    names = [name for line in lines for name in (line.pairs if line.single_pairs else (line.token,))]
    return list(dict.fromkeys(names))


def venues_of(summary: EventSummary) -> list[str]:
    """The venues that the event concerns; those of its pairs where its effects name none."""
    lines = summary.lines
    named = [venue for line in lines for venue in line.venues]
    named += [
        ticker.rpartition(":")[0] for line in lines if line.single_pairs and not line.venues for ticker in line.tickers
    ]
    return list(dict.fromkeys(venue for venue in named if venue))
