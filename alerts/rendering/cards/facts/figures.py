"""Figures with their units, as cards write them: "3.1 M USD", "35 %", "from 0.31 to 0.20 USD"."""

from __future__ import annotations

from decimal import Decimal

_SIZES = ((1e12, " T"), (1e9, " bn"), (1e6, " M"))


def amount(value: float, unit: str) -> str:
    """ "3.1 M USD", "31,000 USDC", "0.0431 BTC": three digits of millions, whole units from a hundred on."""
    return f"{_size(value)} {unit}".strip()


def _size(value: float) -> str:
    size = abs(value)
    for scale, name in _SIZES:
        # 999,999.9 must not read 1,000,000.
        if float(f"{size:.3g}") >= scale:
            return f"{float(f'{value / scale:.3g}'):g}{name}"
    if size >= 100:
        return f"{value:,.0f}"
    return plain(value, 3)


def price(value: float, unit: str) -> str:
    """ "0.2 USDT", "65,432.1 USD", "0.000001234 USDT": six digits that count, never an exponent."""
    return f"{plain(value, 6)} {unit}".strip()


def from_to(before: float, after: float, unit: str) -> str:
    """Two prices with the same places: "from 0.31 to 0.20 USDT"."""
    texts = [plain(value, 6) for value in (before, after)]
    places = max(len(text.partition(".")[2]) for text in texts)
    padded = [
        f"{text}{'' if '.' in text else '.'}".ljust(len(text.partition(".")[0]) + 1 + places, "0") for text in texts
    ]
    first, second = padded if places else texts
    return f"from {first} to {second} {unit}".strip()


def plain(value: float, digits: int) -> str:
    """A number with so many digits that count, and every digit before the point."""
    text = f"{value:.0f}" if abs(value) >= 10**digits else f"{Decimal(f'{value:.{digits}g}'):f}"
    full, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    return f"{int(full):,}.{rest}".rstrip(".") if abs(value) >= 1000 else f"{full}.{rest}".rstrip(".")


def percent(fraction: float) -> str:
    """The size of a fraction, without its sign: "35 %", "3.5 %", "0.35 %", "1,234 %"; "99.96 %" is never "100 %"."""
    size = abs(fraction) * 100
    if size >= 100:
        return f"{size:,.0f} %"
    digits = 1 if 1 <= size < 99 else 2
    text = f"{size:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def times(count: float, one: str, many: str = "") -> str:
    """ "1 reading", "14 readings"."""
    return f"{count:,.0f} {one if round(count) == 1 else many or one + 's'}"
