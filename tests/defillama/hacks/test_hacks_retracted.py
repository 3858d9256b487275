"""Hacks that DeFiLlama renames, redates, lists twice or takes back: one event, and it ends with its row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from alerts.delivery.loader import load_message
from alerts.models import Alert
from alerts.rendering.summary import EventSummary
from defillama.hacks.client import parse_hacks
from defillama.hacks.detect import group_rows
from defillama.hacks.identity import is_moved, listed_twice, renamings
from defillama.models import HackEvent, SeenHack
from events.lifecycle import close_event
from events.models import MissingRow
from tests.defillama.hacks.support import Bench, ago, captured_rows, payload_of
from tests.upstreams import Reply, UpstreamServer
from tests.upstreams.defillama_hacks import hack_row

pytestmark = pytest.mark.django_db

AAVE = hack_row("Aave V3", ago(0), 42_000_000, defillamaId=1599)


@pytest.fixture
def bench(server: UpstreamServer) -> Bench:
    """A system that has read a list of thirty old hacks, and then that of Aave."""
    names = enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    bench = Bench(server, [hack_row(f"{name} Finance", ago(400 + n), 1_000_000 + 9000 * n) for n, name in names])
    bench.run()
    bench.site.rows.append(dict(AAVE))
    assert bench.run().outcomes["opened"] == 1
    return bench


def rounds(bench: Bench, count: int, minutes: float = 5) -> None:
    for _ in range(count):
        bench.clock.forward(minutes=minutes)
        bench.run()


def states() -> list[tuple[str, str]]:
    return list(HackEvent.objects.order_by("id").values_list("natural_key", "status"))


def told() -> list[str]:
    return list(Alert.objects.order_by("id").values_list("reason", flat=True))


def test_a_row_that_is_gone_for_several_whole_readings_closes_its_event_with_a_card_that_says_so(bench: Bench) -> None:
    bench.site.rows.pop()
    rounds(bench, 3)
    assert HackEvent.objects.get().status == "open"
    rounds(bench, 1)
    event = HackEvent.objects.get()
    assert (event.status, event.close_kind) == ("closed", "retracted")
    assert event.close_reason == "DeFiLlama no longer lists Aave V3, 2026-10-01"
    assert told() == ["opened", "closed"]
    rounds(bench, 5)
    assert told() == ["opened", "closed"] and not MissingRow.objects.exists()


def test_neither_many_readings_at_once_nor_a_long_time_with_few_makes_a_row_gone(bench: Bench) -> None:
    bench.site.rows.pop()
    rounds(bench, 12, minutes=1)
    assert HackEvent.objects.get().status == "open"
    bench.site.rows.append(dict(AAVE))
    rounds(bench, 1)
    bench.site.rows.pop()
    rounds(bench, 2, minutes=600)
    assert HackEvent.objects.get().status == "open"


def test_a_list_that_lost_more_than_a_tenth_is_not_whole_however_often_it_says_so(bench: Bench) -> None:
    bench.site.rows = bench.site.rows[:10]
    rounds(bench, 12)
    assert states()[0][1] == "open"


def test_a_reading_of_the_site_or_one_in_which_the_row_could_not_be_read_does_not_count(bench: Bench) -> None:
    bench.site.api_answer = Reply(503)
    bench.site.rows.pop()
    rounds(bench, 8)
    bench.site.api_answer = None
    bench.site.rows.append({**AAVE, "date": "yesterday"})
    rounds(bench, 8)
    assert HackEvent.objects.get().status == "open"


def test_a_restart_neither_forgets_nor_hastens_what_was_counted(bench: Bench, server: UpstreamServer) -> None:
    bench.site.rows.pop()
    # Each round is an updater of its own: nothing but the database carries the count.
    rounds(bench, 2)
    assert MissingRow.objects.get().readings == 2
    rounds(bench, 2)
    assert HackEvent.objects.get().status == "closed"


def test_one_that_is_listed_again_opens_again_and_is_a_new_life(bench: Bench) -> None:
    bench.site.rows.pop()
    rounds(bench, 4)
    bench.site.rows.append(dict(AAVE))
    rounds(bench, 3)
    event = HackEvent.objects.get()
    assert (event.status, event.life, told()) == ("open", 2, ["opened", "closed", "opened"])


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Aave V3 Pool"},
        {"name": "Spark Lend", "defillamaId": 1599},
        {"date": ago(2)},
        {"date": ago(9)},
        {"date": ago(365)},
        {"date": ago(1), "name": "Aave", "amount": None},
    ],
)
def test_a_row_that_is_renamed_or_redated_goes_on_as_the_same_event(bench: Bench, changes: dict[str, object]) -> None:
    key = HackEvent.objects.get().natural_key
    bench.site.rows[-1] = {**AAVE, **changes}
    rounds(bench, 8)
    assert states() == [(key, "open")]
    assert told() in (["opened"], ["opened", "updated"])
    seen = SeenHack.objects.get(natural_key=key)
    assert seen.name == changes.get("name", "Aave V3")
    assert HackEvent.objects.get().day == seen.day
    # It keeps its key when it is corrected once more, and ends when that row goes.
    bench.site.rows[-1] = {**bench.site.rows[-1], "amount": 41_000_000}
    rounds(bench, 2)
    assert states() == [(key, "open")] and HackEvent.objects.get().amount_usd == 41_000_000
    bench.site.rows.pop()
    rounds(bench, 4)
    assert states() == [(key, "closed")]


def test_both_lists_that_meet_the_renamed_row_in_turn_keep_one_event(bench: Bench) -> None:
    bridge = hack_row("Ronin Bridge", ago(1), 600_000_000, bridgeHack=True, targetType="Bridge")
    bench.site.rows.append(bridge)
    bench.run()
    bench.run_bridges()
    bench.site.rows[-1] = {**bridge, "name": "Ronin", "date": ago(2)}
    for _ in range(5):
        bench.clock.forward(minutes=5)
        bench.run_bridges()
        bench.run()
    assert HackEvent.objects.filter(status="open", bridge_hack=True).count() == HackEvent.objects.count() - 1 == 1
    bench.site.rows.pop()
    for _ in range(4):
        bench.clock.forward(minutes=5)
        bench.run()
        bench.run_bridges()
    assert HackEvent.objects.get(bridge_hack=True).close_kind == "retracted"


def test_the_corrected_row_beside_the_old_one_is_no_second_event(bench: Bench) -> None:
    key = HackEvent.objects.get().natural_key
    bench.site.rows.append({**AAVE, "name": "Aave", "date": ago(1)})
    rounds(bench, 3)
    bench.site.rows = [row for row in bench.site.rows if row != AAVE]
    rounds(bench, 6)
    assert states() == [(key, "open")] and SeenHack.objects.get(natural_key=key).name == "Aave"


@pytest.mark.parametrize(
    "other",
    [
        hack_row("Aave V2", ago(0), 42_000_000),
        hack_row("Aave V3", ago(2), 7_000_000),
        hack_row("Compound V3", ago(0), 42_000_000),
    ],
)
def test_another_hack_beside_it_is_an_event_of_its_own(bench: Bench, other: dict[str, object]) -> None:
    bench.site.rows.append(other)
    rounds(bench, 2)
    assert HackEvent.objects.filter(status="open").count() == 2


def test_of_ten_years_no_two_hacks_are_taken_for_one() -> None:
    groups = group_rows(parse_hacks(payload_of(captured_rows())).rows)
    assert len(groups) == 536 and sum(len(rows) == 2 for rows in groups.values()) == 2
    assert listed_twice(groups, groups) == {}
    # Those that would be taken for a correction of each other if one vanished as the other came.
    near = [
        (old, new)
        for old, new in combinations(groups, 2)
        if abs((groups[old][0].day - groups[new][0].day).days) <= 10 and is_moved(groups[old], groups[new])
    ]
    assert len(near) <= 6, near


def test_each_of_ten_years_hacks_is_found_again_under_a_corrected_name_or_day() -> None:
    groups = group_rows(parse_hacks(payload_of(captured_rows())).rows)
    for key, rows in list(groups.items())[::7]:
        corrected = tuple(replace(row, name=row.name + " Protocol", day=row.day - timedelta(days=1)) for row in rows)
        if len(rows[0].name) > 3:
            assert renamings({key: rows}, {"new": corrected}) == {"new": key}


def test_one_that_an_admin_kept_away_until_a_date_opens_again_while_it_is_listed(bench: Bench) -> None:
    event = HackEvent.objects.get()
    until = bench.clock() + timedelta(hours=1)
    close_event(event.pk, bench.clock(), by="ann", reason="known", suppress_until=until)
    rounds(bench, 3)
    assert states()[0][1] == "closed"
    rounds(bench, 1, minutes=60)
    event.refresh_from_db()
    assert (event.status, event.life, told()) == ("open", 2, ["opened", "closed", "opened"])
    rounds(bench, 2)
    assert told() == ["opened", "closed", "opened"]


def test_the_card_of_its_end_says_why(bench: Bench) -> None:
    bench.site.rows.pop()
    rounds(bench, 4)
    alert = Alert.objects.get(reason="closed")
    content = load_message(alert, bench.config, bench.clock(), shrunk=False).content
    assert isinstance(content, EventSummary)
    assert content.close_reason == "DeFiLlama no longer lists Aave V3, 2026-10-01"


@pytest.mark.parametrize("name", ["Aave", "AAVE v3", "Aavve V3", "Aave V3 Pool"])
@pytest.mark.parametrize("days", [-3, 0, 3])
def test_near_names_on_near_days_are_one_hack_and_another_version_is_not(name: str, days: int) -> None:
    before, after, other = (
        parse_hacks(payload_of([{**AAVE, "defillamaId": None, **changes}])).rows
        for changes in ({}, {"name": name, "date": ago(days), "amount": None}, {"name": "Aave V2", "date": ago(days)})
    )
    assert renamings({"old": before}, {"new": after}) == {"new": "old"}
    assert renamings({"old": before}, {"new": other}) == ({} if days else {"new": "old"})
