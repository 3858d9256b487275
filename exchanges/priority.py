"""Whether an announcement concerns what the desk watches (section 7 of the design). Pure."""

from __future__ import annotations

from exchanges.announcements import Impact, Reading

ASSET_CATEGORIES = frozenset({"hard_fork", "network_upgrade", "token_migration", "wallet_suspension", "risk_warning"})
DERIVATIVE_MARKETS = frozenset({"usdm", "coinm", "options"})


def announcement_priority(reading: Reading, watched_currencies: frozenset[str], watched_quotes: frozenset[str]) -> str:
    """ "high" when a watched pair is named, or a watched currency is hit as a whole; else "low".

    watched_currencies: the coins that the desk trades; watched_quotes: the quote assets that count. BTC/RON is low
        with BTC watched and RON not counted. A derivative contract counts by its coin alone.
    """
    return "high" if any(_concerns(impact, watched_currencies, watched_quotes) for impact in reading.impacts) else "low"


def _concerns(impact: Impact, currencies: frozenset[str], quotes: frozenset[str]) -> bool:
    if not impact.at_risk:
        return False
    if impact.market == "alpha":
        # Other coins carry the tickers of watched ones there, and nothing of it trades on the venues that are watched.
        return any(_watched_pair(ticker, currencies, quotes) for ticker in impact.tickers)
    watched = impact.token in currencies
    if not impact.token:
        # A whole market stands still, and with it everything that is watched on it.
        return impact.whole_token and impact.category in ("trading_suspension", "exchange_halt")
    if watched and (impact.whole_token or impact.category in ASSET_CATEGORIES):
        return True
    if impact.market in DERIVATIVE_MARKETS:
        return watched
    if any(_watched_pair(ticker, currencies, quotes) for ticker in impact.tickers):
        return True
    # "All margin pairs of X": no pair is named, the coin is.
    return watched and not impact.tickers


def _watched_pair(ticker: str, currencies: frozenset[str], quotes: frozenset[str]) -> bool:
    base, slash, quote = ticker.partition("/")
    return bool(slash) and base in currencies and quote in quotes
