"""The judgement over the clocks: what is a step, when they are trusted again, and what our time shows meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from events.clock_guard import (
    Clocks,
    Reading,
    UpstreamDate,
    Why,
    begin,
    database_step,
    evaluate,
    is_new_step,
    look,
    our_jump,
    trust,
)

TRUE = 1_800_000_000.0
HOUR, DAY, TEN_YEARS = 3600.0, 86_400.0, 3652 * 86_400.0
STEPS = (HOUR, -HOUR, DAY, -DAY, TEN_YEARS, -TEN_YEARS)


@dataclass
class Machine:
    """Clocks that a test sets. wall, database: how far each is ahead of the truth."""

    wall: float = 0.0
    database: float = 0.0
    passed: float = 0.0
    clocks: Clocks = field(init=False)
    dates: dict[str, UpstreamDate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clocks = begin(self._reading(with_database=False))

    def _reading(self, with_database: bool = True) -> Reading:
        now = TRUE + self.passed
        return Reading(1000 + self.passed, now + self.wall, now + self.database if with_database else None)

    def look(self, seconds: float = 2.0, with_database: bool = True) -> tuple[Clocks, Clocks]:
        self.passed += seconds
        before = self.clocks
        self.clocks = look(before, self._reading(with_database))
        if with_database:
            self.clocks = evaluate(self.clocks, self.dates.values())
        return before, self.clocks

    def hear(self, *upstreams: str, ahead: float = 0.0) -> None:
        for upstream in upstreams:
            at = TRUE + self.passed + ahead
            self.dates[upstream] = UpstreamDate(upstream, 1000 + self.passed, at - 0.5, at + 0.5)

    @property
    def off(self) -> float:
        """Our time minus the truth."""
        return self.clocks.time(1000 + self.passed) - TRUE - self.passed

    @property
    def why(self) -> Why | None:
        return self.clocks.distrust.why if self.clocks.distrust else None


def trusted(wall: float = 0.0, database: float = 0.0) -> Machine:
    machine = Machine(wall, database)
    machine.look()
    machine.hear("okx", ahead=wall)
    machine.look()
    assert machine.clocks.distrust is None
    return machine


def test_a_start_is_confirmed_by_one_upstream_and_not_before() -> None:
    machine = Machine()
    machine.look(600)
    assert machine.why == Why.STARTED
    machine.hear("okx")
    machine.look()
    assert machine.clocks.distrust is None and machine.clocks.steps == 0 and machine.off == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_machine_whose_clock_is_set_wrong_keeps_the_true_time_and_trusts_nothing_until_it_is_set_right(
    step: float,
) -> None:
    machine = trusted()
    machine.wall = machine.database = step
    before, after = machine.look()
    assert is_new_step(before, after) and machine.why == Why.STEPPED and after.distrust is not None
    assert after.distrust.wall_by == after.distrust.database_by == step
    machine.hear("okx", "binance", "kraken")
    machine.look(60)
    assert machine.why == Why.STEPPED and machine.off == 0, "upstreams agree with us, but not with the database"
    machine.wall = machine.database = 0
    before, after = machine.look()
    assert is_new_step(before, after) and after.distrust is not None, "what was heard before proves nothing"
    machine.hear("okx")
    machine.look()
    assert machine.why == Why.STEPPED, "one upstream is not enough"
    machine.hear("binance")
    machine.look()
    assert machine.clocks.distrust is None and machine.off == 0 and machine.clocks.steps == 2


@pytest.mark.parametrize("step", STEPS)
def test_a_clock_that_was_wrong_and_is_set_right_is_taken_over_once_two_upstreams_agree(step: float) -> None:
    machine = trusted(-step, -step)
    machine.wall = machine.database = 0
    machine.look()
    assert machine.off == -step
    machine.hear("okx")
    machine.look()
    assert machine.off == -step
    machine.hear("binance")
    before, after = machine.look()
    assert machine.clocks.distrust is None and machine.off == 0
    assert our_jump(before, after) == step and before.untrusted_since == 1000 + 6


def test_two_looks_at_one_step_are_one_step() -> None:
    machine = trusted()
    machine.wall = HOUR
    machine.look(1, with_database=False)
    machine.database = HOUR
    before, after = machine.look(1)
    assert not is_new_step(before, after) and after.steps == 1
    assert after.distrust is not None and (after.distrust.wall_by, after.distrust.database_by) == (HOUR, HOUR)
    assert database_step(before, after) == HOUR


def test_a_date_heard_between_the_wall_and_the_database_confirms_nothing() -> None:
    machine = trusted()
    machine.wall = HOUR
    machine.look(1, with_database=False)
    machine.hear("okx", "binance")
    machine.database = HOUR
    machine.look(1)
    assert machine.why == Why.STEPPED and machine.off == 0


def test_a_machine_that_is_wrong_beside_a_database_that_is_right_goes_by_the_database() -> None:
    machine = trusted()
    machine.wall = DAY
    machine.look()
    machine.hear("okx", "binance")
    machine.look()
    assert machine.clocks.distrust is None and machine.clocks.by_database and machine.off == 0
    machine.look(3600)
    assert machine.clocks.distrust is None and machine.off == 0
    machine.wall = 0
    machine.look()
    assert machine.why == Why.STEPPED
    machine.hear("okx", "binance")
    machine.look()
    assert machine.clocks.distrust is None and not machine.clocks.by_database


def test_a_database_that_is_set_alone_holds_the_clocks_and_moves_nothing_of_ours() -> None:
    machine = trusted()
    machine.database = -HOUR
    before, after = machine.look()
    assert database_step(before, after) == -HOUR and machine.why == Why.STEPPED and machine.off == 0


def test_clocks_that_differ_at_the_start_are_held() -> None:
    machine = Machine(wall=60)
    machine.look()
    assert machine.why == Why.DIFFER and machine.clocks.steps == 1
    machine.hear("okx")
    machine.look()
    assert machine.why == Why.DIFFER, "where something speaks against it, one upstream is not enough"
    machine.hear("binance")
    machine.look()
    assert machine.clocks.distrust is None and machine.off == 0


def test_a_start_with_a_wrong_clock_is_found_by_upstreams_that_say_the_same() -> None:
    machine = Machine(wall=DAY, database=DAY)
    machine.hear("okx")
    machine.look()
    assert machine.why == Why.STARTED
    machine.hear("binance")
    before, after = machine.look()
    assert machine.why == Why.WRONG and is_new_step(before, after)
    assert our_jump(before, after) == pytest.approx(-DAY, abs=1) and abs(machine.off) <= 1, "their time is ours now"
    assert not is_new_step(*machine.look())
    machine.wall = machine.database = 0
    machine.look()
    machine.hear("okx", "binance")
    before, after = machine.look()
    assert machine.clocks.distrust is None and machine.off == 0 and our_jump(before, after) == 0


def test_small_corrections_are_followed_and_are_no_step() -> None:
    machine = trusted()
    for _ in range(100):
        machine.wall += 0.5
        machine.database += 0.5
        machine.look()
    assert machine.clocks.steps == 0 and machine.clocks.distrust is None and machine.off == pytest.approx(50)


def test_an_operator_may_say_that_the_database_is_right() -> None:
    machine = trusted()
    machine.wall = machine.database = DAY
    machine.look()
    machine.clocks = trust(machine.clocks)
    assert machine.clocks.distrust is None and machine.off == DAY
    with pytest.raises(ValueError, match="unknown"):
        trust(begin(Reading(0, 0)))
