"""What earlier unusual volume of the desk was followed by."""

from __future__ import annotations

from trades.detection.observations import Followed, number
from trades.models import UnusualVolume
from trades.storage.days import number_of
from trades.volume.statistics import moves_by_day, moving_on

_MOST = 5_000


def followed() -> Followed | None:
    """From the cases whose hour is over, the last ones first; None where there is none. Raises DatabaseError."""
    rows = UnusualVolume.objects.filter(settled=True, top__isnull=False, next_move__isnull=False).order_by("-at")
    cases = list(rows.values_list("at", "next_move", "top")[:_MOST])
    days = [number_of(at.date()) for at, _, _ in cases]
    moves = [move or 0.0 for _, move, _ in cases]
    share = moving_on(days, [bool(top) for _, _, top in cases])
    size, signed = moves_by_day([abs(move) for move in moves], days), moves_by_day(moves, days)
    if share is None or size is None or signed is None:
        return None
    parts = [
        value
        for found in (share, size, signed)
        for value in (number(found.mean), _rounded(found.low), _rounded(found.high))
    ]
    return Followed(share.n, share.days, *parts)  # type: ignore[arg-type]


def _rounded(value: float | None) -> float | None:
    return None if value is None else number(value)
