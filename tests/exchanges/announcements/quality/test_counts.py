"""The arithmetic of the benchmark: intervals, names, reviews, the confusion matrix."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.announcements.bounds import Bound
from benchmarks.announcements.counts import Names, Share, added, f1_interval
from benchmarks.announcements.labelled import row_of
from benchmarks.announcements.report import bound_lines, set_lines
from benchmarks.announcements.score import EVENT, LOOSE, NOTHING, REVIEW, Outcome, Score, outcome


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    # Wilson (1927); values of R's binom.wilson.
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (97, 100, 0.9155, 0.9897), (1, 2, 0.0945, 0.9055), (0, 0, 0.0, 1.0)],
)
def test_wilson(right: int, total: int, low: float, high: float) -> None:
    assert Share(right, total).interval == pytest.approx((low, high), abs=1e-4)


def test_names_are_counted_without_the_optional_ones() -> None:
    names = Names.compared({"A", "B", "C"}, {"A", "D"}, {"C", "E"})
    assert names == Names(right=1, wrong=1, missed=1)
    assert (names.f1, names.share) == (0.5, pytest.approx(1 / 3))
    assert Names().f1 == Names().share == 1.0 and Names().exact
    assert added([names, Names(2, 0, 0)]) == Names(3, 1, 1)


def test_the_interval_of_f1_is_wider_where_faults_come_together() -> None:
    spread = [Names(9, 1, 0)] * 20
    together = [Names(10, 0, 0)] * 18 + [Names(0, 10, 0)] * 2
    narrow, wide = f1_interval(spread), f1_interval(together)
    assert narrow[1] - narrow[0] < 1e-9 < wide[1] - wide[0]
    assert wide[0] < added(together).f1 < wide[1]
    assert f1_interval(together) == wide and f1_interval([]) == (0.0, 1.0)


def line(event: bool = True, **fields: Any) -> dict[str, Any]:
    return {
        "exchange": "foo", "title": "A notice", "body": None, "released_at": "2026-05-01T00:00:00Z", "event": event,
        "category": "delisting", "category_alt": ["trading_suspension"], "phase": "planned", "market": "spot",
        "tokens": ["AAA"], "tokens_optional": ["BBB"], "tickers": ["AAA/USDT"],
        "important_dates": ["2026-05-09T00:00:00Z"], "other_dates": ["2026-05-10T00:00:00Z"],
        "trading_status": "deposits_suspended",
    } | fields  # fmt: skip


def answer(event: bool = True, review: bool = False, **fields: Any) -> dict[str, Any]:
    return {
        "event": event, "review": review, "review_reason": "because" if review else None, "rule": "a-rule",
        "category": "delisting", "phase": "planned", "market": "spot", "tokens": ["AAA"], "tickers": ["AAA-USDT"],
        "important_dates": ["2026-05-09T00:00:00Z"], "trading_status": "wallet_suspended",
    } | fields  # fmt: skip


def scored(label: dict[str, Any], given: dict[str, Any]) -> Outcome:
    return outcome(row_of(label, ("phase", "market", "trading_status")), given)


def test_a_review_is_found_and_no_alarm() -> None:
    """Precision counts it as no event, recall as found, recall alone as missed."""
    given = [
        (line(), answer(tickers=["AAA/USDT"])),
        (line(), answer(False, True)),
        (line(), answer(False)),
        (line(False), answer(False, True)),
        (line(False), answer()),
        (line(False), answer(False)),
    ]
    all_six = Score("six", [scored(*one) for one in given])
    assert [one.verdict for one in all_six.outcomes] == [EVENT, REVIEW, NOTHING, REVIEW, EVENT, NOTHING]
    assert all_six.precision == Share(1, 2)
    assert all_six.recall == Share(2, 3)
    assert all_six.recall_alone == Share(1, 3)
    assert all_six.harmless_reviews == Share(1, 3)
    assert all_six.confusion == {
        ("delisting", "delisting"): 1, ("delisting", REVIEW): 1, ("delisting", NOTHING): 1,
        ("harmless", REVIEW): 1, ("harmless", "delisting"): 1, ("harmless", NOTHING): 1,
    }  # fmt: skip
    # Every row but the right ones is a miss.
    assert len(all_six.misses) == 4
    assert sum("miss:" in text for text in set_lines(all_six, misses=True)) == 4
    assert not any("A notice" in text for text in set_lines(all_six, misses=False))


def test_fields_are_compared_in_events_that_are_seen() -> None:
    right = scored(
        line(), answer(tokens=["AAA", "BBB"], important_dates=line()["important_dates"] + line()["other_dates"])
    )
    assert right.right == {"category": True, "phase": True, "market": True, "trading_status": True}
    assert right.names["tokens"].exact and right.names["important_dates"].exact and right.names[LOOSE].exact
    # The notice's spelling is not ours: a miss in the strict count alone.
    assert list(right.problems) == ["tickers"]
    second = scored(line(), answer(category="trading_suspension", trading_status="trading"))
    assert second.right["category"] and not second.right["trading_status"]
    assert Score("one", [second]).confusion == {("trading_suspension", "trading_suspension"): 1}
    other = scored(line(), answer(category="hard_fork", tokens=["CCC"]))
    assert other.names["tokens"] == Names(0, 1, 1)
    assert Score("one", [other]).confusion == {("delisting", "hard_fork"): 1}
    assert Score("one", [scored(line(), answer(False))]).names("tokens") == Names()


def test_a_token_that_was_renamed_is_the_asset_of_its_day() -> None:
    luna = line(exchange="binance", tokens=["LUNA"], released_at="2022-05-13T00:00:00Z")
    assert scored(luna, answer(tokens=["LUNC"])).names["tokens"].exact


def test_a_target_that_must_not_leave_is_a_problem() -> None:
    assert "never" in scored(line(never=["BBB"]), answer(tokens=["AAA", "BBB"])).problems


def test_an_unreadable_notice_is_no_event() -> None:
    found = scored(line(), {"error": "line 1: no"})
    assert found.verdict == NOTHING and found.problems


def test_the_table_says_what_does_not_hold() -> None:
    bounds = [Bound("good", 0.98, (0.9, 1.0), least=0.97), Bound("bad", 60, most=54)]
    text = list(bound_lines(bounds))
    assert [("NOT HOLD" in row) for row in text[1:]] == [False, True]
    assert list(bound_lines(bounds, markdown=True))[3] == "| bad | 60 |  |  | ≤ 54 | **no** |"
