"""The daily jobs: at their times, made up when missed, and after the backfill from coarser bars."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from events.database.partitions import drop_partitions
from tests.support.captures import capture
from tests.trades import world
from tests.trades.volume.support import START_MS, market
from trades.daily.benchmark import rebuild
from trades.daily.jobs import JOBS, run_due
from trades.daily.pairs import stored_pairs
from trades.daily.thresholds import store_thresholds
from trades.models import BackfillPass, TradedInstrument, VolumeDay, VolumeJob, VolumeThreshold
from trades.records import Kline
from trades.replay.bar_files import read_bars
from trades.storage.days import SPREADS, date_of, number_of
from trades.storage.rows import TradeRows
from trades.storage.tables import moment_of
from trades.volume.bars import DAY_MS, Bars
from trades.volume.benchmark import benchmark, daily_sums, eligible, ranks
from trades.volume.budget import daily_maxima, thresholds
from trades.volume.day import day_number
from trades.volume.surprise import daily_spreads, levels, live_windows, log_volumes, surprise

pytestmark = pytest.mark.django_db

DAY = START_MS // DAY_MS


@pytest.fixture(autouse=True)
def no_partitions(db: None) -> Iterator[None]:
    for table in world.TABLES:
        drop_partitions(table, date(9999, 1, 1))
    yield


def candles(bars: Bars) -> list[Kline]:
    return [
        Kline(
            world.VENUE,
            symbol,
            bars.start_ms + column * bars.interval_ms,
            bars.interval_ms,
            open=world.exact(bars.open[row, column]),
            high=world.exact(bars.high[row, column]),
            low=world.exact(bars.low[row, column]),
            close=world.exact(bars.close[row, column]),
            volume=Decimal(1),
            quote_volume=world.exact(bars.volume[row, column]),
            n_trades=5,
            taker_buy_quote=None,
            final=True,
        )
        for row, symbol in enumerate(bars.symbols)
        for column in range(bars.columns)
    ]


def test_jobs_have_their_times() -> None:
    assert [(job.name, job.at) for job in JOBS] == [
        ("performance", time(23, 59, 15)), ("instruments", time(23, 59, 18)), ("benchmark", time(23, 59, 30)),
    ]  # fmt: skip
    job = JOBS[2]
    day = date(2025, 3, 4)
    before = datetime(2025, 3, 4, 23, 59, 29, tzinfo=UTC)
    assert job.due(date(2025, 3, 3), before) == []
    assert job.due(date(2025, 3, 3), before + timedelta(seconds=1)) == [day]
    assert job.due(day, before + timedelta(seconds=1)) == []
    assert job.due(None, before) == [date(2025, 3, 3)], "a first run makes the last one that has passed"
    missed = job.due(date(2025, 3, 1), before + timedelta(seconds=1))
    assert missed == [date(2025, 3, 2), date(2025, 3, 3), day]
    assert len(job.due(date(2024, 1, 1), before)) == 28


def test_a_daemon_that_was_down_makes_up_for_what_it_missed() -> None:
    bars = market(3, 4, 11, interval_ms=60_000)
    bars.volume[1, 1439:2879] = np.nan
    settings = world.config(bars.symbols)
    world.list_pairs(bars.symbols, moment_of(START_MS))
    world.store(bars)
    at = moment_of((DAY + 1) * DAY_MS) - timedelta(seconds=30)
    assert run_due(settings, at - timedelta(seconds=1)) == 3, "what was due before it ever ran"
    assert run_due(settings, at - timedelta(seconds=1)) == 0
    assert run_due(settings, at) == 1 and run_due(settings, at + timedelta(hours=1)) == 0
    # Down for two nights.
    assert run_due(settings, at + timedelta(days=2, hours=1)) == 3
    assert dict(VolumeJob.objects.values_list("name", "day")) == dict.fromkeys(
        ("performance", "instruments", "benchmark"), date_of(DAY + 2)
    )
    days = daily_sums(bars)
    found = {span: benchmark(days, span) for span in (28, 56, 84)}
    ids = dict(TradedInstrument.objects.values_list("symbol", "id"))
    for row, symbol in enumerate(bars.symbols):
        stored = {one.day: one for one in VolumeDay.objects.filter(instrument_id=ids[symbol])}
        assert len(stored) == (2 if row == 1 else 3), "a day that nobody saw has no row"
        for day in (0, 2):
            one = stored[date_of(DAY + day)]
            expected = (found[28].mean[row, day + 1], found[84].std[row, day + 1])
            assert (one.mean_28, one.std_84) == pytest.approx(expected, rel=1e-9), symbol
            assert one.rank == ranks(found[28].mean)[row, day + 1] and not one.eligible


def test_after_the_backfill_all_days_are_made_from_coarser_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trades.volume.benchmark.TRADED_DAYS", 3)
    monkeypatch.setattr("trades.daily.thresholds.LEAST_DAYS", 10)
    fine = market(3, 14, 12, interval_ms=300_000)
    settings = world.config(fine.symbols)
    world.list_pairs(fine.symbols, moment_of(START_MS))
    rows = TradeRows()
    rows.write_bars(300_000, candles(fine))
    now = moment_of((DAY + 14) * DAY_MS + 3_600_000)
    VolumeJob.objects.bulk_create(
        VolumeJob(name=job.name, day=date_of(DAY + 13), finished_at=now, seconds=0) for job in JOBS
    )
    assert run_due(settings, now) == 0
    BackfillPass.objects.create(
        venue=world.VENUE, number=3, state="done", finished_at=now, at=now, pairs=3, pairs_done=3
    )
    assert run_due(settings, now) == 1 and run_due(settings, now + timedelta(minutes=1)) == 0
    days = daily_sums(fine)
    mean, old_enough = benchmark(days, 28).mean, eligible(days)
    value = surprise(fine, mean, old_enough, live_windows(fine)).value
    logs = log_volumes(fine, mean, live_windows(fine))
    spreads = [daily_spreads(fine, log - levels(fine, log)) for log in logs.values()]
    maxima = daily_maxima(fine, value)
    last = 12
    found = VolumeDay.objects.filter(day=date_of(DAY + last)).order_by("instrument_id")
    assert [one.mean_28 for one in found] == pytest.approx(
        list(fine.volume[:, fine.days <= last].mean(axis=1) / 5), rel=1e-12
    )
    for index, name in enumerate(SPREADS):
        assert [getattr(one, name) for one in found] == pytest.approx(list(spreads[index][:, last]), rel=1e-9)
    assert [one.largest for one in found] == pytest.approx(list(maxima[:, last]), rel=1e-9) and not np.isnan(
        maxima[:, last]
    ).any()
    assert all(one.std_28 is None and one.squares is None for one in found), "bars of five say nothing of minutes"
    first = VolumeThreshold.objects.filter(threshold__isnull=False, venue="").order_by("day").first()
    assert first is not None and first.day == date_of(DAY + 9), "from the tenth day on"
    pool = maxima[:, :10][~np.isnan(maxima[:, :10])]
    assert first.threshold == pytest.approx(np.sort(pool)[::-1][pool.size // 4 - 1], rel=1e-9)
    # A day later the same pass brings nothing that a pair lacks.
    later = now + timedelta(hours=20)
    BackfillPass.objects.update(finished_at=later)
    before = VolumeJob.objects.get(name="benchmark after BINANCE pass 3")
    assert run_due(settings, later) == 1
    assert VolumeJob.objects.get(pk=before.pk).note == "brought nothing that a pair lacked"


def test_volumebenchmark_prints_it() -> None:
    bars = market(2, 2, 13, interval_ms=60_000)
    settings = world.config(bars.symbols)
    world.list_pairs(bars.symbols, moment_of(START_MS))

    def printed(*arguments: str) -> str:
        out = StringIO()
        call_command("volumebenchmark", *arguments, stdout=out)
        return out.getvalue()

    assert "no benchmark yet" in printed()
    world.store(bars)
    run_due(settings, moment_of((DAY + 2) * DAY_MS) - timedelta(seconds=20))
    report = json.loads(printed("--json"))
    assert sorted(one["rank"] for one in report["instruments"]) == [1, 2]
    assert {one["class"] for one in report["instruments"]} == {"young"} and report["thresholds"][0]["threshold"] is None
    assert report["jobs"]["benchmark"]["note"] == "BINANCE 2"
    text = printed("--instrument", "c001usdt")
    assert "BINANCE:C001USDT" in text and "C000" not in text and "none before the 56th day" in text
    with pytest.raises(CommandError, match="no instrument 'NOPE', expected one whose trades are counted"):
        printed("--instrument", "NOPE")


@pytest.mark.long
def test_thresholds_of_recorded_spot_pairs_are_those_of_a_replay() -> None:
    """Two months of 20 pairs by five minutes, as the backfill stores them."""
    bars = read_bars([capture("markets/volumes/binance_spot_5m_20pairs_2025-02-01_2025-04-05.csv.gz")])
    settings = world.config(bars.symbols)
    world.list_pairs(bars.symbols, moment_of(bars.start_ms))
    # As the venue counted: a bar that is missing in the recording is none.
    TradeRows().write_bars(300_000, [one for one in candles(bars) if not one.open.is_nan()])
    pairs = stored_pairs(settings, moment_of(bars.at(bars.columns - 1)))
    first = day_number(bars.at(0))
    last = day_number(bars.at(bars.columns - 1))
    results = rebuild(pairs[world.VENUE], last)
    store_thresholds(pairs, {world.VENUE: results})
    days = daily_sums(bars)
    value = surprise(bars, benchmark(days, 28).mean, eligible(days), live_windows(bars)).value
    bounds = thresholds(daily_maxima(bars, value))
    stored = {
        number_of(row.day) + 1 - first: row.threshold
        for row in VolumeThreshold.objects.filter(venue="", threshold__isnull=False)
    }
    assert len(pairs[world.VENUE]) == 20 and len(stored) >= 7
    for day, threshold in stored.items():
        if day < len(bounds):
            assert threshold == pytest.approx(bounds[day], rel=1e-6)
