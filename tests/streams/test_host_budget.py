"""One budget of a host for snapshots and history: neither takes the other's share, a ban is both's."""

from __future__ import annotations

import pytest

from streams.engine.host_budget import HostBudget, HostBudgets


def spent_at_once(wait: object, weight: int = 10) -> int:
    """How much may be spent now."""
    total = 0
    while wait(weight, 100.0) == 0:  # type: ignore[operator]
        total += weight
    return total


def test_history_has_a_quarter_and_snapshots_the_rest_but_what_pollers_need() -> None:
    budget = HostBudget(6000)
    assert spent_at_once(budget.wait_for_history) == 1500
    assert spent_at_once(budget.wait_for_snapshot) == 4200
    # A minute after its first request history goes on.
    assert budget.wait_for_history(10, 100.0) == 60.0
    assert budget.wait_for_history(10, 160.0) == 0.0


def test_what_history_has_spent_is_not_taken_from_the_snapshots() -> None:
    budget = HostBudget(6000)
    spent_at_once(budget.wait_for_history)
    budget.used(1500, 100.0)
    assert spent_at_once(budget.wait_for_snapshot) == 4200
    # What other programs spend is.
    another = HostBudget(6000)
    another.used(3000, 100.0)
    assert spent_at_once(another.wait_for_snapshot) == 4200 - 2100


def test_history_pauses_while_others_use_up_the_host_and_asks_again_soon() -> None:
    budget = HostBudget(6000)
    budget.used(5500, 100.0)
    assert budget.wait_for_history(2, 101.0) == pytest.approx(4.0)
    assert budget.wait_for_history(2, 105.5) == 0.0


def test_a_host_that_refuses_one_refuses_all() -> None:
    budgets = HostBudgets()
    budget = budgets.of("example.com", 6000)
    assert budgets.of("example.com", 60) is budget
    budget.close_for(30, 100.0)
    assert (budget.wait_for_history(2, 100.0), budget.wait_for_snapshot(50, 110.0)) == (30.0, 20.0)
    assert budgets.of("other.com", 60).history_per_minute == 15
