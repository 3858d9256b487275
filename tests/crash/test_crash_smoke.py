"""Three kills of the crash test; `make crashtest` runs fifty."""

import pytest

from tests.crash.crashtest import run


@pytest.mark.long
def test_three_kills_lose_nothing_and_cost_at_most_a_duplicate_each() -> None:
    count = run(kills=3, events=6, seed=7, shortest=1.5, longest=4.0)
    assert count.holds, count
