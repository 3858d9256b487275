"""Lists of hacks that change as a whole: another spelling or zone of all days, and many rows gone for good."""

from __future__ import annotations

import pytest

from alerts.models import Alert
from defillama.models import HackEvent, SeenHack
from events.models import SourceHealth
from tests.defillama.hacks.support import DAY, Bench, ago
from tests.upstreams import UpstreamServer
from tests.upstreams.defillama_hacks import hack_row

pytestmark = pytest.mark.django_db

NAMES = [f"{a}{b} Finance" for a in "ABCDEFGHIJ" for b in "KLMNOPQRSTUVWXYZ"]
AAVE = hack_row("Aave V3", ago(0), 42_000_000, defillamaId=1599)


@pytest.fixture
def bench(server: UpstreamServer) -> Bench:
    """A system that has read 160 old hacks, and then that of Aave."""
    rows = [hack_row(name, ago(30 + n), 1_000_000 + n * 1000) for n, name in enumerate(NAMES)]
    bench = Bench(server, rows)
    bench.run()
    bench.site.rows.append(dict(AAVE))
    bench.clock.forward(minutes=5)
    assert bench.run().outcomes["opened"] == 1
    return bench


def rounds(bench: Bench, count: int, minutes: float = 5) -> None:
    for _ in range(count):
        bench.clock.forward(minutes=minutes)
        bench.run()


def cards() -> list[tuple[str, str]]:
    return list(Alert.objects.order_by("id").values_list("event__category", "reason"))


def health() -> str:
    return SourceHealth.objects.get(pk="defillama.hacks").state


def test_a_list_whose_days_are_all_those_of_another_zone_goes_on_as_the_same_hacks(bench: Bench) -> None:
    for row in bench.site.rows[:-1]:
        row["date"] += DAY
    rounds(bench, 4)
    assert HackEvent.objects.count() == 1 and SeenHack.objects.count() == 161 and health() == "ok"
    for row in bench.site.rows[:-1]:
        row["date"] -= DAY
    rounds(bench, 4)
    assert HackEvent.objects.count() == 1 and SeenHack.objects.count() == 161


@pytest.mark.long
def test_a_list_whose_rows_all_have_other_names_is_drift_and_no_news(bench: Bench) -> None:
    for row in bench.site.rows:
        row["name"], row["amount"] = f"Incident number {row['amount']}", row["amount"] + 500
    rounds(bench, 12)
    assert (HackEvent.objects.count(), health()) == (1, "drift")
    assert cards() == [("hack", "opened"), ("operations", "opened")]


def test_rows_that_are_gone_for_good_do_not_keep_others_from_being_taken_back(bench: Bench) -> None:
    del bench.site.rows[:40]
    rounds(bench, 3)
    assert health() == "drift"
    rounds(bench, 5)
    assert health() == "ok" and cards()[1:] == [("operations", "opened"), ("operations", "closed")]
    bench.site.rows.pop()
    rounds(bench, 5)
    assert HackEvent.objects.get().status == "closed" and health() == "ok"


def test_a_list_that_loses_its_rows_by_and_by_is_drift_before_half_of_them_are_gone(bench: Bench) -> None:
    for _ in range(10):
        del bench.site.rows[:4]
        rounds(bench, 1, minutes=1)
    assert health() == "drift" and len(bench.site.rows) == 121


def test_the_first_reading_after_an_upgrade_forgets_what_the_list_dropped_long_ago(bench: Bench) -> None:
    SourceHealth.objects.update(content={})
    del bench.site.rows[-41:]
    rounds(bench, 1)
    assert health() == "ok" and HackEvent.objects.get().status == "open"
    assert SeenHack.objects.exclude(told={}).count() == 121
    rounds(bench, 4)
    assert HackEvent.objects.get().status == "closed"
    assert cards() == [("hack", "opened"), ("hack", "closed")]
