"""A few kills of the crash tests; `make crashtest` runs them all."""

import pytest

from tests.crash import api_outage
from tests.crash.crashtest import run


@pytest.mark.long
def test_three_kills_lose_nothing_and_cost_at_most_a_duplicate_each() -> None:
    count = run(kills=3, events=6, seed=7, shortest=1.5, longest=4.0)
    assert count.holds, count


@pytest.mark.long
def test_no_bot_is_braver_while_the_database_is_killed_and_comes_back_elsewhere() -> None:
    assert api_outage.run(["database_killed"]) == []
