"""The impacts of a notice: one per token, market, time and message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from exchanges.announcements.extraction.body import NamedInstrument
from exchanges.announcements.extraction.timeline import Entry
from exchanges.announcements.types import Impact, ParsedNotice


def impacts_of(
    notice: ParsedNotice,
    named: Sequence[NamedInstrument],
    entries: Sequence[Entry],
    *,
    market: str | None,
    ends_at: datetime | None,
    entire_market: bool,
) -> tuple[Impact, ...]:
    """The impacts of a notice whose other fields are known, tokens in its order.

    In a notice that is no event (completed, resumed, cancelled) nothing is at risk.

    named, entries: the instruments and the dates of its body.
    market: of an impact whose instrument gives none; "alpha" where the notice is about an early-access market.
    ends_at: the earliest end of trading, also of an end that was cancelled.
    entire_market: where the notice names nothing, everything is meant; else unnamed parts of the market.
    """
    category, phase, tokens = notice.category or "", notice.phase or "", notice.tokens
    times = _ends_by_clause(entries)
    by_market = _ends_by_market(named, times)
    grouped: dict[tuple[str, str | None, datetime | None], list[str]] = {}
    for item in named:
        token = item.token if item.token in tokens or not tokens else _concerned(item, tokens)
        at = times.get(item.clause) or by_market.get(item.market) or ends_at
        found = grouped.setdefault((token, item.market or market, at), [])
        if item.ticker not in found:
            found.append(item.ticker)
    _keep_earliest(grouped)
    covered = {token for token, _, _ in grouped}
    named_tickers = {ticker for found in grouped.values() for ticker in found}
    important = min((entry.moment for entry in entries if entry.role.important), default=None)
    for token in tokens:
        if token not in covered:
            of_token = [ticker for ticker in notice.tickers if ticker not in named_tickers and _names(ticker, token)]
            grouped[token, market, ends_at or important] = of_token
    if (
        not tokens
        and not grouped
        and category in ("trading_suspension", "wallet_suspension", "delisting")
        and notice.event
    ):
        grouped["", market, ends_at or important] = []
    order = {token: number for number, token in enumerate(tokens)}
    rows = [
        Impact(
            token=token, tickers=tuple(found), market=place, category=category, phase=phase, at=at,
            trading_status="trading" if place == "margin" and category == "delisting" else notice.trading_status,
            entire_token=token in notice.entire_tokens if token else entire_market, at_risk=notice.event,
        )
        for (token, place, at), found in sorted(grouped.items(), key=lambda row: order.get(row[0][0], len(order)))
    ]  # fmt: skip
    rows.extend(
        Impact(token, (), market, category, "resumed", important, "trading", entire_token=True, at_risk=False)
        for token in notice.untagged
    )
    return tuple(rows)


def _ends_by_clause(entries: Sequence[Entry]) -> dict[int, datetime]:
    """When trading ends, by the clause (sentence or list item) that names an instrument."""
    times: dict[int, datetime] = {}
    for entry in entries:
        if entry.role.ends_trading:
            for number in entry.clauses:
                times[number] = min(times.get(number, entry.moment), entry.moment)
    return times


def _ends_by_market(named: Sequence[NamedInstrument], times: dict[int, datetime]) -> dict[str | None, datetime]:
    """The earliest end of trading by market."""
    ends: dict[str | None, datetime] = {}
    for item in named:
        if item.clause in times:
            ends[item.market] = min(ends.get(item.market, times[item.clause]), times[item.clause])
    return ends


def _keep_earliest(grouped: dict[tuple[str, str | None, datetime | None], list[str]]) -> None:
    """Leave an instrument that several sentences name only at its earliest known time."""
    seen: dict[tuple[str, str | None, str], datetime | None] = {}
    for (token, market, at), tickers in grouped.items():
        for ticker in tickers:
            known = seen.get((token, market, ticker))
            seen[token, market, ticker] = at if known is None else (known if at is None else min(known, at))
    for (token, market, at), tickers in list(grouped.items()):
        tickers[:] = [ticker for ticker in tickers if seen[token, market, ticker] == at]
        if not tickers:
            del grouped[token, market, at]


def _concerned(item: NamedInstrument, tokens: Sequence[str]) -> str:
    """Which token of an instrument the notice concerns: its quote, where that is the one that is removed."""
    for name in (item.token, item.base, item.quote):
        if name in tokens:
            return name
    return item.token


def _names(ticker: str, token: str) -> bool:
    """Whether a ticker is an instrument of the token."""
    base = ticker.split("/")[0].split("-")[0]
    return (
        base == token
        or (base.startswith(token) and "/" not in ticker)
        or base.lstrip("10").startswith(token)
        or ticker.endswith(f"/{token}")
    )
