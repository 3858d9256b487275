"""A notice taken apart: one row per token, market, time and message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from exchanges.announcements.extraction.body import Named
from exchanges.announcements.extraction.timeline import Entry
from exchanges.announcements.types import Impact


def impacts_of(
    category: str,
    phase: str,
    status: str,
    market: str | None,
    tokens: Sequence[str],
    tickers: Sequence[str],
    lifted: Sequence[str],
    whole: Sequence[str],
    named: Sequence[Named],
    entries: Sequence[Entry],
    ends_at: datetime | None,
    ending: bool,
    whole_market: bool,
) -> tuple[Impact, ...]:
    """The impacts of a notice, tokens in its order.

    ending: the notice ends an event (completed, resumed, cancelled), so that nothing it names is at risk by it.
    whole_market: where it names nothing, everything is meant; else some that it does not name.
    """
    times = _ends_by_clause(entries)
    by_market = _ends_by_market(named, times)
    grouped: dict[tuple[str, str | None, datetime | None], list[str]] = {}
    for item in named:
        token = item.token if item.token in tokens or not tokens else _concerned(item, tokens)
        own = item.market or market
        at = times.get(item.clause) or by_market.get(item.market) or ends_at
        found = grouped.setdefault((token, own, at), [])
        if item.ticker not in found:
            found.append(item.ticker)
    _keep_earliest(grouped)
    covered = {token for token, _, _ in grouped}
    named_tickers = {ticker for found in grouped.values() for ticker in found}
    important = min((entry.moment for entry in entries if entry.role.important), default=None)
    for token in tokens:
        if token not in covered:
            own_tickers = [ticker for ticker in tickers if ticker not in named_tickers and _names(ticker, token)]
            grouped[token, market, ends_at or important] = own_tickers
    if (
        not tokens
        and not grouped
        and category in ("trading_suspension", "wallet_suspension", "delisting")
        and not ending
    ):
        grouped["", market, ends_at or important] = []
    order = {token: place for place, token in enumerate(tokens)}
    rows = [
        Impact(
            token=token, tickers=tuple(found), market=own, category=category, phase=phase, at=at,
            trading_status="trading" if own == "margin" and category == "delisting" else status,
            whole_token=token in whole if token else whole_market, at_risk=not ending,
        )
        for (token, own, at), found in sorted(grouped.items(), key=lambda row: order.get(row[0][0], len(order)))
    ]  # fmt: skip
    rows.extend(
        Impact(token, (), market, category, "resumed", important, "trading", whole_token=True, at_risk=False)
        for token in lifted
    )
    return tuple(rows)


def _ends_by_clause(entries: Sequence[Entry]) -> dict[int, datetime]:
    """When trading ends by the sentence, or the list, that an instrument stands in."""
    times: dict[int, datetime] = {}
    for entry in entries:
        if entry.role.ends_trading:
            for number in entry.clauses:
                times[number] = min(times.get(number, entry.moment), entry.moment)
    return times


def _ends_by_market(named: Sequence[Named], times: dict[int, datetime]) -> dict[str | None, datetime]:
    ends: dict[str | None, datetime] = {}
    for item in named:
        if item.clause in times:
            ends[item.market] = min(ends.get(item.market, times[item.clause]), times[item.clause])
    return ends


def _keep_earliest(grouped: dict[tuple[str, str | None, datetime | None], list[str]]) -> None:
    """An instrument that two sentences name ends once: at the earlier time that is known."""
    seen: dict[tuple[str, str | None, str], datetime | None] = {}
    for (token, market, at), tickers in grouped.items():
        for ticker in tickers:
            known = seen.get((token, market, ticker))
            seen[token, market, ticker] = at if known is None else (known if at is None else min(known, at))
    for (token, market, at), tickers in list(grouped.items()):
        tickers[:] = [ticker for ticker in tickers if seen[token, market, ticker] == at]
        if not tickers:
            del grouped[token, market, at]


def _concerned(item: Named, tokens: Sequence[str]) -> str:
    """The token of an instrument that is concerned: its quote, where that is the one that leaves."""
    for name in (item.token, item.base, item.quote):
        if name in tokens:
            return name
    return item.token


def _names(ticker: str, token: str) -> bool:
    base = ticker.split("/")[0].split("-")[0]
    return (
        base == token
        or (base.startswith(token) and "/" not in ticker)
        or base.lstrip("10").startswith(token)
        or ticker.endswith(f"/{token}")
    )
