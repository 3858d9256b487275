"""The trace of a notice: which clause gave what, and why other names and dates are not in the answer."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from exchanges.announcements.explain import explain_lines
from exchanges.announcements.frames.types import TITLE
from exchanges.announcements.reader import read_parts
from exchanges.announcements.trace.lines import lines_of
from exchanges.announcements.trace.steps import outcome_of
from exchanges.announcements.trace.trace import trace
from exchanges.announcements.trace.types import Line, MarkKind, Origin, Part, Trace
from exchanges.announcements.types import ParsedNotice
from markets.symbols import SymbolSplitter

RELEASED = datetime(2026, 9, 28, 6, 0, tzinfo=UTC)
REMOVAL = "Notice of Removal of Spot Trading Pairs - 2026-10-02"
BODY = """<p>Dear users,</p>
<p>Foo will remove and cease trading on the following spot trading pairs at 2026-10-02 03:00 (UTC):</p>
<ul><li>AAA/USDC</li><li>BBB/BTC</li></ul>
<p>The date was moved from 2026-10-01 03:00 (UTC) to 2026-10-02 03:00 (UTC).</p>
<p>Deposits of QQQ will not be interrupted. CCC/USDT remains available for trading.</p>
<p>Foo will open trading for NEW/USDT at 2026-10-05 08:00 (UTC).</p>
<h3>Trading Bots</h3><p>Foo will terminate Spot Trading Bots services for DDD/USDT at 2026-10-03 03:00 (UTC).</p>
<p>2026-09-28</p>"""


def traced(title: str, body: Any = None, released: datetime | None = RELEASED) -> tuple[ParsedNotice, Trace]:
    splitter = SymbolSplitter()
    notice = read_parts("foo", title, body, released, splitter)
    return notice, trace("foo", title, body, released, notice, splitter)


def part(parts: tuple[Part, ...], value: str, kind: str = "") -> Part:
    return next(found for found in parts if found.value == value and found.kind.value.startswith(kind))


def text_of(found: Trace, number: int | None) -> str:
    return next(line.text for line in found.lines if line.number == number)


@pytest.fixture(scope="module")
def removal() -> tuple[ParsedNotice, Trace]:
    return traced(REMOVAL, BODY)


def test_each_part_of_the_answer_names_the_clause_that_gave_it(removal: tuple[ParsedNotice, Trace]) -> None:
    notice, found = removal
    assert notice.tickers == ("AAA/USDC", "BBB/BTC")
    for name, kind in (("AAA", "token"), ("AAA/USDC", "ticker"), ("BBB", "token"), ("BBB/BTC", "ticker")):
        reasons = part(found.given, name, kind).reasons
        assert name in text_of(found, reasons[0].clause) and reasons[0].why == "trading ends"
    at = part(found.given, "2026-10-02T03:00:00Z").reasons
    assert all("2026-10-02 03:00" in text_of(found, reason.clause) for reason in at)
    assert part(found.given, "delisting", "category").reasons[0].clause == TITLE
    assert part(found.given, "delisting", "trading status").reasons[0].clause == TITLE


@pytest.mark.parametrize(
    "value, why",
    [
        ("QQQ", "goes on as before"),
        ("CCC/USDT", "goes on as before"),
        ("NEW/USDT", "opens"),
        ("2026-10-05T08:00:00Z", "opens"),
        ("DDD", "product that trades nothing"),
        ("2026-10-03T03:00:00Z", "product that trades nothing"),
        ("2026-10-01T03:00:00Z", "superseded"),
        ("2026-10-02T00:00:00Z", "another clause gives the time"),
        ("2026-09-28T00:00:00Z", "only dates the notice"),
    ],
)
def test_what_is_not_in_the_answer_has_its_reason(removal: tuple[ParsedNotice, Trace], value: str, why: str) -> None:
    assert any(why in reason.why for reason in part(removal[1].left_out, value).reasons)


def test_a_part_is_given_or_left_out_and_never_both(removal: tuple[ParsedNotice, Trace]) -> None:
    given = {(found.kind, found.value) for found in removal[1].given}
    assert not given & {(found.kind, found.value) for found in removal[1].left_out}


def marked(line: Line, kind: MarkKind) -> list[str]:
    return [text for text, found in line.segments if found is kind]


def test_words_names_and_dates_are_marked_in_the_text_as_it_is(removal: tuple[ParsedNotice, Trace]) -> None:
    for line in removal[1].lines:
        assert "".join(text for text, _ in line.segments) == line.text
    moved = next(line for line in removal[1].lines if "moved" in line.text)
    assert set(marked(moved, MarkKind.SUPERSEDED)) == {"2026-10-01 03:00 (UTC)"}
    assert marked(moved, MarkKind.DATE) == ["2026-10-02 03:00 (UTC)"]
    opened = next(line for line in removal[1].lines if "NEW" in line.text)
    assert marked(opened, MarkKind.ACTION) == ["open"] and marked(opened, MarkKind.NAME) == ["NEW/USDT"]


def test_a_list_item_has_its_action_from_the_line_above(removal: tuple[ParsedNotice, Trace]) -> None:
    item = next(line for line in removal[1].lines if line.text == "AAA/USDC")
    assert item.frames[0].origin is Origin.LEAD and "following" in item.lead


def test_names_that_are_only_referred_to_have_the_clause_that_names_them() -> None:
    _, found = traced(
        "Changes in October",
        "<p>The spot pairs FOO/USDT and BAR/USDT have little volume.</p>"
        "<p>Trading in these pairs will be suspended at 2026-10-02 03:00 (UTC).</p>",
    )
    stop = next(line for line in found.lines if "suspended" in line.text)
    assert [item.names_from for item in stop.frames if item.frame.tickers] == [0]
    assert "(of the names before)" in part(found.given, "FOO/USDT").reasons[0].why


def test_the_target_of_a_swap_is_told_apart_from_who_leaves() -> None:
    notice, found = traced(
        "Foo Will Support the Old Coin (OLDC) Token Swap to New Coin (NEWC)",
        "<p>At 2026-10-02 03:00 (UTC) Foo will delist OLDC/USDT. OLDC will be swapped to NEWC at a ratio of 1:1.</p>",
    )
    assert notice.tokens == ("OLDC",)
    assert any("never leaves" in reason.why for reason in part(found.left_out, "NEWC").reasons)


@pytest.mark.parametrize(
    "title, body, outcome, step",
    [
        (REMOVAL, BODY, "event", "The title's rule is removal-of-traded: an event (delisting)."),
        ("Changes in October", "Trading in FOO/USDT ends on 2026-10-02 03:00.", "event", "No rule applies"),
        ("zzz", None, "review", "A person has to decide"),
        ("Foo Will List Bar (BAR)", "Trading of BAR/USDT opens on 2026-10-02.", "harmless", "no event"),
        ("Abschied von FOO", "Der Handel mit FOO/USDT endet bald für immer.", "review", "one that is not read"),
        ("币安将下架 FOO/USDT", "币安将于 2026-10-02 11:00（UTC+8）下架 FOO/USDT 现货交易对。", "event", "Chinese"),
        (
            "Foo Has Resumed Deposits and Withdrawals of BAR",
            "Deposits and withdrawals of BAR are open again.",
            "end of an event",
            "resum",
        ),
    ],
)  # fmt: skip
def test_the_steps_say_what_decided(title: str, body: str | None, outcome: str, step: str) -> None:
    notice, found = traced(title, body)
    assert outcome_of(notice) == outcome
    assert any(step in text for text in found.steps), found.steps


def test_a_mere_possibility_is_no_reason() -> None:
    _, found = traced(
        "Changes in October",
        "<p>Trading in FOO/USDT ends on 2026-10-02 03:00 (UTC).</p>"
        "<p>In an emergency trading in EEE/USDT may be suspended.</p>",
    )
    assert part(found.left_out, "EEE/USDT").reasons[0].why == "it is only possible"


def test_a_title_that_is_turned_says_so() -> None:
    notice, found = traced("Foo Will Not Delist BAR", "We will not delist BAR.")
    assert outcome_of(notice) == "end of an event"
    assert "The frames of the title say the opposite of its rule, and turn it: delisting, turned." in found.steps
    assert part(found.given, "trading", "trading status").reasons[-1].why == "cancelled: denied: trading ends"


@pytest.mark.parametrize("body", [None, "", "<p></p>", "\x00", "[]", "{", "<table><tr><td>AAA/USDT</td></tr></table>"])
def test_every_body_has_a_trace(body: str | None) -> None:
    _, found = traced(REMOVAL, body)
    assert found.lines[0].number == TITLE and found.given


def test_single_letters_of_an_answer_are_found_in_the_text() -> None:
    notice, found = traced("Foo Will Delist AAA, W, G on 2026-10-02")
    for token in notice.tokens:
        assert part(found.given, token).reasons[0].clause == TITLE


def test_without_frames_a_line_is_its_text() -> None:
    (line,) = lines_of("Hello", (), (), lambda number: (), SymbolSplitter(), "foo")
    assert list(line.segments) == [("Hello", None)]


def test_explain_prints_the_trace_beside_the_unchanged_answer() -> None:
    line = json.dumps({"exchange": "foo", "title": REMOVAL, "body": BODY, "released_at": RELEASED.isoformat()})
    (plain,), (full,) = explain_lines([line]), explain_lines([line], frames=True)
    frames = full.pop("frames")
    assert plain == full and json.loads(json.dumps(frames)) == frames
    assert frames["clauses"][0]["clause"] == 0 and frames["clauses"][0]["text"] == REMOVAL
    token = next(found for found in frames["given"] if found["value"] == "AAA")
    named = frames["clauses"][token["reasons"][0]["clause"]]
    assert named["clause"] == token["reasons"][0]["clause"] and "AAA/USDC" in named["text"]
    assert {"action", "denied", "mood", "market", "start", "end", "superseded"} <= named["frames"][0].keys()


@pytest.mark.long
@pytest.mark.parametrize("piece", ["AAA/USDT ends at 2026-10-02 03:00 (UTC), not BBB. ", "A ("])
def test_twice_the_text_takes_no_more_than_twice_the_time(piece: str) -> None:
    splitter = SymbolSplitter()
    times = []
    for size in (250_000, 500_000):
        body = piece * (size // len(piece))
        notice = read_parts("foo", REMOVAL, body, RELEASED, splitter)
        begun = time.process_time()
        trace("foo", REMOVAL, body, RELEASED, notice, splitter)
        times.append(time.process_time() - begun)
    assert times[1] < 3 * times[0] + 0.5
