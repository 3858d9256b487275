"""What readings of a currency's market depth mean. Pure: data in, drafts out.

A reading is low below the threshold, and clear above 1.5 × the threshold. Two low readings in a row open an event,
three clear ones in a row close it; what lies between changes neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import AlertReason, Category
from events.facts import LiquidityFacts
from liquidity.client import Market

KIND = "low_liquidity"
LOW_READINGS_TO_OPEN = 2
CLEAR_READINGS_TO_CLOSE = 3
CLEAR_FACTOR = 1.5
DATES_PER_EVENT = 10
WORSE_FACTOR = 0.5
# CoinMarketCap renews an active market every minute.
STALE_AFTER = timedelta(hours=1)
# A currency that is not read any more must not stay at risk for ever.
VALID_AT_LEAST = timedelta(hours=24)


@dataclass(frozen=True)
class Reading:
    """The liquidity of a currency at a moment: its deepest usable market, by the smaller side's ±2 % depth in USD."""

    token: str
    at: datetime
    depth_usd: float
    depth_up_usd: float
    depth_down_usd: float
    market: str
    volume_24h_usd: float | None


@dataclass(frozen=True)
class TokenState:
    """What earlier readings left behind. alerted_depth_usd: depth when people were last told, None where not yet."""

    read_at: datetime | None = None
    low_in_a_row: int = 0
    clear_in_a_row: int = 0
    alerted_depth_usd: float | None = None
    lowest_depth_usd: float | None = None


def deepest_market(token: str, markets: Iterable[Market], at: datetime) -> Reading | None:
    """The reading that an answer received at `at` gives; None where no market can be used.

    Left out: markets that CoinMarketCap excludes, that it has not renewed for an hour, or without a depth.
    """
    best: Reading | None = None
    for market in markets:
        up, down = market.depth_up_usd, market.depth_down_usd
        if market.excluded or up is None or down is None:
            continue
        if market.updated_at is not None and at - market.updated_at > STALE_AFTER:
            continue
        depth = min(up, down)
        rank = (depth, market.volume_24h_usd or 0.0)
        if best is None or rank > (best.depth_usd, best.volume_24h_usd or 0.0):
            best = Reading(token, at, depth, up, down, market.name, market.volume_24h_usd)
    return best


def assess(
    reading: Reading,
    state: TokenState,
    open_dates: Sequence[ImportantDate] | None,
    threshold_usd: float,
    interval: timedelta,
    tickers: Sequence[str] = (),
    url: str = "",
) -> tuple[TokenState, tuple[EventDraft, ...]]:
    """What a new reading makes of the state, and the drafts that follow, to be recorded in order.

    open_dates: important dates of the currency's open event, None where none is open.
    interval: between readings; an event without readings ends after twenty of them, a day at least.
    """
    if state.read_at is not None and reading.at <= state.read_at:
        return state, ()
    low = reading.depth_usd < threshold_usd
    clear = reading.depth_usd > CLEAR_FACTOR * threshold_usd
    state = TokenState(
        read_at=reading.at,
        low_in_a_row=state.low_in_a_row + 1 if low else 0,
        clear_in_a_row=state.clear_in_a_row + 1 if clear else 0,
        alerted_depth_usd=None if open_dates is None else state.alerted_depth_usd,
        lowest_depth_usd=None if open_dates is None else _lowest(state.lowest_depth_usd, reading.depth_usd),
    )
    if open_dates is None:
        if state.low_in_a_row < LOW_READINGS_TO_OPEN:
            return state, ()
        state = replace(state, alerted_depth_usd=reading.depth_usd, lowest_depth_usd=reading.depth_usd)
        return state, (_draft(reading, state, (), threshold_usd, interval, tickers, url),)
    if state.clear_in_a_row >= CLEAR_READINGS_TO_CLOSE:
        closing = _draft(reading, state, open_dates, threshold_usd, interval, tickers, url)
        reason = f"{reading.depth_usd:,.0f} USD within ±2 % on {reading.market}, third reading above the threshold"
        return TokenState(read_at=reading.at), (replace(closing, state="closed", close_reason=reason),)
    # Where nobody was told of the open event (an admin reopened it), its first depth counts as told.
    told = state.alerted_depth_usd if state.alerted_depth_usd is not None else reading.depth_usd
    worse = low and reading.depth_usd <= told * WORSE_FACTOR
    state = replace(state, alerted_depth_usd=reading.depth_usd if worse else told)
    dates = tuple(open_dates)
    drafts: list[EventDraft] = []
    if low and len(dates) >= DATES_PER_EVENT:
        ending = _draft(reading, state, dates, threshold_usd, interval, tickers, url)
        drafts.append(replace(ending, state="closed", quiet=True, close_reason="succeeded by a new event"))
        dates = ()
    elif low:
        dates = (*dates, ImportantDate(reading.at, f"still low: {reading.depth_usd:,.0f} USD within ±2 %"))
    draft = _draft(reading, state, dates, threshold_usd, interval, tickers, url)
    drafts.append(replace(draft, alert=AlertReason.WORSE.value) if worse else replace(draft, quiet=True))
    return state, tuple(drafts)


def _lowest(known: float | None, depth: float) -> float:
    return depth if known is None else min(known, depth)


def natural_key(token: str) -> str:
    return f"low_liquidity:{token}"


def _draft(
    reading: Reading,
    state: TokenState,
    dates: Sequence[ImportantDate],
    threshold_usd: float,
    interval: timedelta,
    tickers: Sequence[str],
    url: str,
) -> EventDraft:
    facts: LiquidityFacts = {
        "depth_usd": reading.depth_usd,
        "market": reading.market,
        "volume_24h_usd": reading.volume_24h_usd,
        "depth_up_usd": reading.depth_up_usd,
        "depth_down_usd": reading.depth_down_usd,
        "lowest_depth_usd": state.lowest_depth_usd,
        "threshold_usd": threshold_usd,
    }
    return EventDraft(
        source="coinmarketcap",
        category=Category.LOW_LIQUIDITY,
        natural_key=natural_key(reading.token),
        title=f"Low liquidity of {reading.token}",
        kind=KIND,
        url=url,
        effects=(EffectDraft(reading.token, tickers=tuple(tickers)),),
        important_dates=tuple(dates),
        valid_until=reading.at + max(VALID_AT_LEAST, 20 * interval),
        seen_at=reading.at,
        facts=facts,
        extra={"depth_usd": reading.depth_usd, "market": reading.market, "volume_24h_usd": reading.volume_24h_usd},
        reopen="always",
    )
