"""Exposure in words: "You hold 1.2 M USDC on OKX (worth 1.2 M USD)". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal

from crypto_ews.ui.text import span
from events.positions.exposure import Exposure

NAMED = 3
"""Positions that one sentence names, the largest ones; the others are counted."""
_UNITS = ((Decimal(10) ** 12, " T"), (Decimal(10) ** 9, " bn"), (Decimal(10) ** 6, " M"))


@dataclass(frozen=True)
class Touched:
    """What an event touches, for a card. Its field names are payload keys.

    text: one sentence, "" for nothing; brief: of the largest position alone. rows: all of them, the largest first.
    """

    text: str = ""
    brief: str = ""
    rows: tuple[Exposure, ...] = ()


def touched(exposures: Sequence[Exposure], now: datetime, fresh_for: timedelta) -> Touched:
    return Touched(
        exposure_text(exposures, now, fresh_for), exposure_text(exposures, now, fresh_for, most=1), tuple(exposures)
    )


def exposure_text(exposures: Sequence[Exposure], now: datetime, fresh_for: timedelta, most: int = NAMED) -> str:
    """One sentence about what an event touches; "" for nothing. A book older than `fresh_for` is named with its age."""
    parts = []
    for index, one in enumerate(exposures[:most]):
        long = one.quantity >= 0
        verb = ("You hold " if long else "You are short ") if index == 0 else ("" if long else "short ")
        parts.append(verb + _one(one, now, fresh_for))
    more = len(exposures) - most
    return "; ".join(parts) + (f"; and {more} more" if more > 0 else "")


def amount_text(amount: Decimal) -> str:
    """ "1.2 M", "12,500", "0.0431": three digits that count, and every digit below a million before the point."""
    size = abs(amount)
    for unit, name in _UNITS:
        # 999,999.9 must not read 1,000,000.
        if _three(size / unit) >= 1:
            return f"{_plain(_three(size / unit))}{name}"
    return _plain(size.to_integral_value() if size >= 1000 else _three(size))


def age_text(as_of: datetime, now: datetime) -> str:
    """ "as of 26 h ago"."""
    hours = (now - as_of) / timedelta(hours=1)
    return f"as of {int(hours)} h ago" if 1 <= hours < 72 else f"as of {span(hours * 3600)} ago"


def _one(exposure: Exposure, now: datetime, fresh_for: timedelta) -> str:
    what = exposure.symbol or exposure.asset
    where = f" on {exposure.venue}" if exposure.venue else ""
    notes = []
    if exposure.value_usd is not None:
        least = "at least " if exposure.partial else ""
        notes.append(f"worth {least}{amount_text(exposure.value_usd)} USD")
    if now - exposure.as_of > fresh_for:
        notes.append(age_text(exposure.as_of, now))
    return f"{amount_text(exposure.quantity)} {what}{where}" + (f" ({', '.join(notes)})" if notes else "")


def _three(amount: Decimal) -> Decimal:
    return Context(prec=3).create_decimal(amount)


def plain_number(amount: Decimal) -> str:
    """Every digit of it, without an exponent and without zeros at the end: "-1200000.5"."""
    return _without_zeros(f"{amount:f}")


def _plain(amount: Decimal) -> str:
    return _without_zeros(f"{amount:,f}")


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
