"""Waits after failures in a row."""

from __future__ import annotations

import pytest

from crypto_ews.backoff import backoff


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0.0), (1, 0.5), (2, 1.0), (3, 2.0), (7, 30.0), (10_000_000, 30.0)]
)
def test_waits_double_up_to_the_cap(failures: int, seconds: float) -> None:
    assert backoff(failures, 0.5, 30.0) == seconds
