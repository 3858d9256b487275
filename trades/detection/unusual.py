"""Events of unusual volume from what passed the threshold. Pure.

A desk is told of five instruments a day; what comes after is listed in the digest of the day. An event is about the
hour after it: then it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from events.drafts import EffectDraft, EventDraft
from events.enums import EVERYTHING, Category, Priority, Scope
from events.facts import FollowedFact, VolumeFacts
from trades.detection.observations import Followed, MarketPassed, Passed

KIND = "volume_anomaly"
SOURCE = "trades"
VALID = timedelta(hours=1)
LATE = timedelta(minutes=10)
"""What is known later than this, after an outage, is recorded without a card."""
LEAST_CASES, LEAST_DAYS = 30, 10
"""Fewer cases say nothing of what follows."""


def natural_key(name: str) -> str:
    return f"{KIND}:{name}"


def pair_draft(one: Passed, at: datetime, followed: Followed | None, now: datetime) -> EventDraft:
    """at: the close of the minute."""
    facts: VolumeFacts = {
        "pair": one.ticker,
        "quote": one.quote,
        "surprise": round(one.surprise, 2),
        "threshold": round(one.threshold, 2),
        "measured_at": at.isoformat(),
    }
    if one.price is not None:
        facts["price"] = one.price
    if one.move is not None:
        facts["move_hour"] = round(one.move, 6)
    if one.times is not None:
        facts["volume_times"] = round(one.times, 2)
    if one.share is not None:
        facts["share_bought"] = round(one.share, 4)
    if known := followed_fact(followed):
        facts["followed"] = known
    times = f", {one.times:.3g} times the mean of 28 days" if one.times is not None else ""
    return EventDraft(
        source=SOURCE,
        category=Category.VOLUME_ANOMALY,
        natural_key=natural_key(one.ticker),
        title=f"Unusual volume on {one.ticker}{times}",
        kind=KIND,
        priority=Priority.HIGH,
        effects=(pair_effect(one.ticker, one.token),),
        valid_until=at + VALID,
        seen_at=at,
        facts=facts,
        extra={"surprise": one.surprise, "threshold": one.threshold},
        quiet=now - at > LATE,
        reopen="always",
    )


def market_draft(venue: str, passed: MarketPassed, at: datetime, now: datetime) -> EventDraft:
    facts: VolumeFacts = {
        "market": venue,
        "surprise": round(passed.median, 2),
        "threshold": round(passed.threshold, 2),
        "measured_at": at.isoformat(),
    }
    return EventDraft(
        source=SOURCE,
        category=Category.VOLUME_ANOMALY,
        natural_key=natural_key(f"market:{venue}"),
        title=f"Unusual volume on the whole of {venue}",
        kind=KIND,
        priority=Priority.HIGH,
        effects=(EffectDraft(EVERYTHING, scope=Scope.VENUE, venue=venue),),
        valid_until=at + VALID,
        seen_at=at,
        facts=facts,
        extra={"surprise": passed.median, "threshold": passed.threshold},
        quiet=now - at > LATE,
        reopen="always",
    )


def digest_draft(day: date, waited: Sequence[Passed], times: Sequence[datetime], now: datetime) -> EventDraft:
    """What was over the budget of a day. times: the closes of the minutes."""
    lines = [
        f"{one.ticker} {at.isoformat()}, {one.surprise:.1f} spreads"
        + (f", {100 * one.move:+.1f} %" if one.move is not None else "")
        for one, at in zip(waited, times, strict=True)
    ]
    largest = max(waited, key=lambda one: one.surprise)
    facts: VolumeFacts = {
        "over_budget": lines,
        "surprise": round(largest.surprise, 2),
        "threshold": round(largest.threshold, 2),
        "measured_at": max(times).isoformat(),
    }
    pairs = {one.ticker: one.token for one in waited}
    return EventDraft(
        source=SOURCE,
        category=Category.VOLUME_ANOMALY,
        natural_key=natural_key(f"digest:{day.isoformat()}"),
        title=f"Unusual volume over the budget of {day:%d %b %Y}: {len(waited)} more",
        kind=KIND,
        priority=Priority.HIGH,
        effects=tuple(pair_effect(ticker, token) for ticker, token in pairs.items()),
        valid_until=now + VALID,
        seen_at=now,
        facts=facts,
        extra={"surprise": largest.surprise, "threshold": largest.threshold},
        reopen="always",
    )


def pair_effect(ticker: str, token: str) -> EffectDraft:
    return EffectDraft(token, scope=Scope.PAIRS, venue=ticker.partition(":")[0], tickers=(ticker,))


def followed_fact(followed: Followed | None) -> FollowedFact | None:
    """None where too few cases are known to say anything."""
    if followed is None or followed.n < LEAST_CASES or followed.days < LEAST_DAYS:
        return None
    return {
        "n": followed.n,
        "days": followed.days,
        "share": round(followed.share, 4),
        "size": round(followed.size, 5),
        "size_interval": _interval(followed.size_low, followed.size_high),
        "move": round(followed.move, 5),
        "move_interval": _interval(followed.move_low, followed.move_high),
    }


def _interval(low: float | None, high: float | None) -> list[float]:
    return [] if low is None or high is None else [round(low, 5), round(high, 5)]


def moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
