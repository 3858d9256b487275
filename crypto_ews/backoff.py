"""Back-off: how long to wait after failures in a row. Pure."""

from __future__ import annotations

# Beyond this many failures every cap holds, and the power would grow without bound.
_MOST_DOUBLINGS = 30


def backoff(failures: int, base: float, cap: float) -> float:
    """Seconds to wait after the n-th failure in a row: `base`, doubled with each further one, at most `cap`.

    Without a failure there is nothing to wait for: 0.
    """
    if failures < 1:
        return 0.0
    return min(base * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), cap)
