"""When a coin off its peg is told, told again, and over."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defillama.stablecoins.supply_run import SupplyRun
from defillama.stablecoins.track import PegTrack, Reading, advance, begin

START = datetime(2026, 10, 1, tzinfo=UTC)


def play(prices: Iterable[float], minutes: float = 30) -> tuple[list[str], list[PegTrack]]:
    """The alerts of a series, "closed" among them, and the track after each reading of an episode."""
    track: PegTrack | None = None
    earlier: PegTrack | None = None
    alerts: list[str] = []
    tracks: list[PegTrack] = []
    for number, price in enumerate(prices):
        reading = Reading(price, 1.0, START + timedelta(minutes=minutes * number), str(number))
        step = begin(reading, 0.01, earlier) if track is None else advance(track, reading, 0.01)
        if step is None:
            continue
        # As it is kept between two readings.
        track = PegTrack.from_json(json.loads(json.dumps(step.track.as_json())))
        assert track == step.track
        tracks.append(track)
        alerts += [step.alert] if step.alert else []
        if track.over:
            alerts += ["closed"] if track.side else []
            track, earlier = None, track
    return alerts, tracks


@pytest.mark.parametrize(
    ("prices", "alerts"),
    [
        ([0.99, 1.01, 0.99], []),
        ([0.98], []),
        ([0.98, 0.97], ["opened"]),
        ([0.98, 1.02, 1.0, 1.0, 1.0], []),
        ([0.98, 0.994, 0.98], ["opened"]),
        ([0.98, 0.98, 0.98, 0.98], ["opened"]),
        ([0.98, 0.98, 0.961], ["opened"]),
        ([0.98, 0.98, 0.96], ["opened", "worse"]),
        ([0.98, 0.97, 0.96], ["opened"]),
        ([0.97, 0.97, 0.949], ["opened", "worse"]),
        ([0.97, 0.97, 0.949, 0.99, 0.949, 0.951, 0.95, 0.96, 0.945], ["opened", "worse"]),
        ([0.98, 0.98, 1.03], ["opened"]),
        ([0.98, 0.98, 1.03, 1.03], ["opened", "turned"]),
        ([0.98, 0.98, 0.996, 0.996, 0.996], ["opened", "closed"]),
        ([0.98, 0.98, 0.996, 0.996, 0.994, 0.996, 0.996], ["opened"]),
        ([0.65, 0.65, 0.3], ["opened", "worse"]),
    ],
)
def test_the_alerts_of_a_series(prices: list[float], alerts: list[str]) -> None:
    assert play(prices)[0] == alerts


def test_exactly_the_threshold_is_not_beyond_it() -> None:
    assert play([0.99, 0.99, 1.01])[1] == []
    assert len(play([0.98999])[1]) == 1


def test_stages_go_from_announced_to_confirmed_to_severe_and_calm_down_after_three_readings() -> None:
    stages = [track.stage for track in play([0.94, 0.94, 0.96, 0.96, 0.96, 0.96])[1]]
    assert stages == ["announced", "severe", "severe", "severe", "confirmed", "confirmed"]


def test_a_snapshot_that_was_read_before_changes_nothing() -> None:
    step = begin(Reading(0.9, 1.0, START, "a"), 0.01)
    assert step is not None
    again = advance(step.track, Reading(0.9, 1.0, START + timedelta(hours=1), "a"), 0.01)
    assert again.track is step.track and again.alert is None


def test_what_leaves_its_peg_again_within_a_day_goes_on_with_its_worst_price_and_start() -> None:
    _, tracks = play([0.9, 0.9, 1.0, 1.0, 1.0, 0.98])
    assert (tracks[-1].since, tracks[-1].worst, tracks[-1].stage) == (START, -0.1, "announced")
    _, tracks = play([0.9, 0.9, 1.0, 1.0, 1.0, *[1.0] * 48, 0.98])
    assert (tracks[-1].worst, tracks[-1].since > START) == (-0.02, True)


def test_later_episodes_of_a_day_need_more_readings_unless_they_are_twice_as_far_off() -> None:
    calm = [1.0, 1.0, 1.0]
    episode = [0.98, 0.98, *calm]
    assert play(episode * 3)[0] == ["opened", "closed"] * 2
    assert play([*episode * 2, *[0.98] * 4])[0] == ["opened", "closed"] * 2 + ["opened"]
    assert play([*episode * 2, 0.95, 0.95])[0] == ["opened", "closed"] * 2 + ["opened"]


@pytest.mark.long
@pytest.mark.parametrize(
    "pattern",
    [
        [0.98, 1.0],
        [0.98, 0.98, 1.0, 1.0, 1.0],
        [0.98, 1.02],
        [0.98, 0.98, 1.02, 1.02],
        [0.985, 0.985, 0.997, 1.003, 0.997, 1.003],
        [0.94, 0.94, 0.96, 0.96, 0.96],
    ],
)
def test_a_price_that_flaps_all_day_gives_a_handful_of_alerts(pattern: list[float]) -> None:
    repeats = 48 // len(pattern) + 1
    assert len(play(pattern * repeats)[0]) <= 6
    assert len(play(pattern * repeats * 60, minutes=0.5)[0]) <= 12


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.5, 1.5), min_size=1, max_size=200))
def test_no_series_of_a_day_gives_more_alerts_than_turns_and_doublings_can(prices: list[float]) -> None:
    alerts, tracks = play(prices, minutes=7)
    assert alerts.count("opened") <= 7 and alerts.count("closed") <= alerts.count("opened")
    for track in tracks:
        assert abs(track.worst) > 0.01 and track.turns <= 7
    if all(abs(price - 1) < 0.0099 for price in prices):
        assert tracks == []


def test_the_stored_state_has_the_keys_of_the_first_release_whatever_the_fields_are_called():
    step = begin(Reading(0.95, 1.0, START, "a"), 0.01)
    assert step is not None
    stored = step.track.as_json()
    assert {"told", "told_episodes", "severe_told", "said_price", "said_deviation", "said_supply"} <= stored.keys()
    assert not [name for name in stored if "alerted" in name or "title" in name]
    assert set(SupplyRun("2026-10-01").as_json()) == {"since", "snapshot", "fallen", "calm", "worst", "told"}
    assert SupplyRun.from_json({"since": "2026-10-01", "told": -0.2}).alerted == -0.2
