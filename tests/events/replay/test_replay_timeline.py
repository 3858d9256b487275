"""Which recorded payload answers a request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.replay.timeline import Seen, Timeline, asked_for, best_match
from events.upstream.archive_file import RecordedPayload

START = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
LIST = "https://a.test/list/query"
DETAIL = "https://a.test/detail/query?articleCode="
PAIRS = "https://a.test/latest?slug="


@pytest.mark.parametrize(
    ("source", "asked", "recorded", "expected"),
    [
        ("x.quotes", "http://b.test/q", ["https://a.test/q"], 0),
        ("x.quotes", "http://b.test/other/way", ["https://a.test/q"], 0),
        ("x.quotes", "http://b.test/other/way", ["https://a.test/q", "https://a.test/r"], None),
        ("x.announcements", f"{LIST}?c=161&pageNo=1", [f"{LIST}?c=161&pageNo=1", f"{LIST}?pageNo=1"], 0),
        ("x.announcements", f"{LIST}?pageNo=1", [f"{LIST}?c=161&pageNo=1", f"{LIST}?pageNo=1"], 1),
        ("x.announcements", f"{LIST}?size=20&pageNo=1", [f"{LIST}?c=161&size=50&pageNo=1"], 0),
        ("x.announcements", f"{LIST}?c=161&pageNo=2", [f"{LIST}?c=161&pageNo=1"], None),
        ("x.instruments", f"{LIST}?instType=SWAP", [f"{LIST}?instType=SPOT"], None),
        ("x.article", f"{DETAIL}aaaaaaaa1", [f"{DETAIL}bbbbbbbb2"], None),
        ("x.article", f"{DETAIL}bbbbbbbb2", [f"{DETAIL}aaaaaaaa1", f"{DETAIL}bbbbbbbb2"], 1),
        ("x.article", "https://a.test/en/bbbbbbbb2", [f"{DETAIL}bbbbbbbb2", f"{DETAIL}cccccccc3"], 0),
        ("x.market_pairs", f"{PAIRS}bnb&limit=100&category=spot", [f"{PAIRS}bitcoin", f"{PAIRS}bnb"], 1),
        ("x.market_pairs", f"{PAIRS}bnb&limit=100&category=spot", [f"{PAIRS}bitcoin&category=spot"], None),
    ],
)
def test_a_request_is_answered_by_the_url_that_names_the_same(
    source: str, asked: str, recorded: list[str], expected: int | None
) -> None:
    found = best_match(source, asked_for(asked, None), [asked_for(url, None) for url in recorded])
    assert found == (None if expected is None else asked_for(recorded[expected], None))


def payload(source: str, seconds: float, body: str = "", url: str = "https://a.test/q") -> RecordedPayload:
    return RecordedPayload(source, START + timedelta(seconds=seconds), url, 200, body.encode())


def answer(
    timeline: Timeline, source: str, seconds: float, seen: Seen | None = None, url: str = "https://a.test/q"
) -> str | None:
    moment = START + timedelta(seconds=seconds)
    found = timeline.answer(source, asked_for(url, None), moment, Seen() if seen is None else seen)
    return None if found is None else found.body.decode()


def test_a_payload_that_the_reader_does_not_know_goes_before_a_later_one() -> None:
    timeline = Timeline(iter([payload("x.quotes", 0, "old"), payload("y.quotes", 1), payload("x.quotes", 5, "new")]))
    timeline.advance()
    timeline.advance()
    seen = Seen()
    assert answer(timeline, "x.quotes", 1, seen) == "old"
    assert answer(timeline, "x.quotes", 1, seen) == "new"
    assert answer(timeline, "x.status", 4) is None


def test_the_answers_that_follow_within_a_deadline_are_of_the_same_round() -> None:
    url = f"{DETAIL}aaaaaaaa1"
    timeline = Timeline(iter([payload("x.announcements", 0), payload("x.article", 8, "text", url)]))
    timeline.advance()
    assert answer(timeline, "x.article", 0, url=url) == "text"
    late = Timeline(iter([payload("x.announcements", 0), payload("x.article", 9, "text", url)]))
    late.advance()
    assert answer(late, "x.article", 0, url=url) is None


def test_a_round_ends_where_the_url_that_began_it_comes_again() -> None:
    rounds = [payload("x.quotes", 0, "1"), payload("x.quotes", 2, "2"), payload("y.quotes", 3, "other")]
    timeline = Timeline(iter(rounds))
    timeline.advance()
    seen = Seen()
    assert [answer(timeline, "x.quotes", 0, seen) for _ in range(2)] == ["1", "1"]
    assert answer(timeline, "y.quotes", 0, seen) is None
    timeline.advance()
    assert answer(timeline, "y.quotes", 2, seen) == "other"
    assert seen.has(rounds[2]) and not seen.has(rounds[1])
    assert timeline.advance() and timeline.advance() is None
