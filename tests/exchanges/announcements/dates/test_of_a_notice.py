# ruff: noqa: E501 (a spelling stands on one line)
"""What one date leaves open, and the whole notice decides: the order of day and month, the zone, the day of a time."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter

import pytest

from exchanges.announcements.reader import read
from exchanges.announcements.text.dates import day_order, moments
from exchanges.announcements.text.normalise import normalise
from exchanges.announcements.types import Article
from markets.symbols import SymbolSplitter

RELEASED = datetime(2026, 5, 7, 6, tzinfo=UTC)


def days(*texts: str, released: datetime | None = RELEASED) -> list[str]:
    """The days of the last of several texts of one notice, as month-day."""
    order = day_order(texts, released)
    return [f"{moment.at:%m-%d}" for moment in moments(texts[-1], released, "", order)]


@pytest.mark.parametrize(
    ("why", "texts", "expected"),
    [
        ("a day above 12 elsewhere", ["on 14/05/2026", "on 03/06/2026"], ["06-03"]),
        ("a month after a day above 12", ["on 05/14/2026", "on 06/03/2026"], ["06-03"]),
        ("a date that is spelled out", ["ends on 6 July 2026", "on 06/07/2026"], ["07-06"]),
        ("the release, which the notice names", ["Published 07/05/2026", "on 05/06/2026"], ["06-05"]),
        ("never before the release", ["on 06/05/2026"], ["06-05"]),
        ("never before the release, the other way", ["on 05/06/2026"], ["06-05"]),
        ("both after it: the nearer one", ["on 06/08/2026"], ["06-08"]),
        ("both after it, the other way", ["on 08/06/2026"], ["06-08"]),
        ("the custom of a language", ["Листинг прекращается 06/08/2026"], ["08-06"]),
        ("without a year", ["on 14/05 at 03:00 UTC", "at 03:00 UTC on 03/06"], ["06-03"]),
        ("dots begin with the day", ["at 06.08.2026"], ["08-06"]),
        ("a short year", ["on 14/05/26", "on 03/06/26"], ["06-03"]),
    ],
)
def test_day_and_month_both_below_13(why: str, texts: list[str], expected: list[str]) -> None:
    assert days(*texts) == expected, why


def test_without_a_release_or_any_other_date_the_month_comes_first() -> None:
    assert days("on 05/06/2026", released=None) == ["05-06"]


def test_dates_that_contradict_each_other_decide_nothing() -> None:
    assert days("on 14/05/2026 and on 05/15/2026", "on 06/05/2026") == ["06-05"]


def times(*texts: str, exchange: str = "", context: str = "") -> list[str]:
    """The moments of the last of several texts of one notice."""
    order = day_order(texts, RELEASED)
    return [f"{moment.at:%d %H:%M}" for moment in moments(texts[-1], RELEASED, exchange, order, context)]


@pytest.mark.parametrize(
    ("texts", "exchange", "expected"),
    [
        (["All times are in UTC+8.", "2026-05-14 11:00"], "", ["14 03:00"]),
        (["paused during the times given (UTC+8):", "AAA | 2026-05-14 11:00"], "", ["14 03:00"]),
        (["Time (Beijing time)", "2026-05-14 11:00"], "", ["14 03:00"]),
        (["以上时间均为北京时间", "5月14日 11:00"], "", ["14 03:00"]),
        (["vào 15:00 ngày 08/06/2026 (giờ Việt Nam)", "lúc 10:00 ngày 14/05/2026"], "", ["14 03:00"]),
        (["2026-05-13 08:00 (UTC)", "2026-05-14 11:00"], "", ["14 11:00"]),
        (["2026-05-14 11:00"], "upbit", ["14 02:00"]),
        (["the fork is at 2026-05-14 03:00 UTC", "2026-05-14 11:00"], "upbit", ["14 02:00"]),
        (["All times are UTC.", "2026-05-14 11:00"], "upbit", ["14 11:00"]),
        (["2026-05-13 12:00 KST or 03:00 UTC", "2026-05-14 11:00"], "", ["14 11:00"]),
    ],
)
def test_the_zone_of_a_time_without_one(texts: list[str], exchange: str, expected: list[str]) -> None:
    assert times(*texts, exchange=exchange) == expected


@pytest.mark.parametrize(
    ("text", "before", "expected"),
    [
        ("At 08:00 the new client is activated.", "Deposits pause at 07:50 UTC on May 14.", ["14 08:00"]),
        ("08:00 UTC: AAA/USDT", "These pairs leave on 14 May 2026:", ["14 08:00"]),
        ("アップグレードは同日 8:00 頃の予定です (UTC).", "2026 年 5 月 14 日 7:00 (UTC) より停止", ["14 08:00"]),
        ("The next day at 08:00 UTC withdrawals end.", "Trading ends on 14 May 2026, 10:00 UTC.", ["15 08:00"]),
        ("Rewards are paid every day at 08:00 UTC.", "Trading ends on 14 May 2026, 10:00 UTC.", []),
        ("08:00 UTC: AAA/USDT", "These pairs leave soon:", []),
    ],
)
def test_a_time_without_a_day_has_the_day_of_the_text_before(text: str, before: str, expected: list[str]) -> None:
    assert times(text, context=before) == expected


def read_dates(title: str, body: str) -> list[str]:
    notice = read(Article("foo", "1", title, body, RELEASED), SymbolSplitter())
    return [f"{date.at:%Y-%m-%dT%H:%M}" for date in notice.important_dates]


def test_the_order_holds_for_the_whole_notice() -> None:
    body = (
        "<p>We will remove and cease trading on the following pairs:</p><ul><li>At 04/06/2026 03:00 (UTC): AAA/BTC</li>"
        "<li>At 15/05/2026 03:00 (UTC): CCC/BTC</li></ul>"
    )
    assert read_dates("Notice of Removal of Spot Trading Pairs", body) == ["2026-05-15T03:00", "2026-06-04T03:00"]


@pytest.mark.parametrize(
    "when",
    [
        "20.05.2026 08:00",
        "0800 UTC on 20 May",
        "20 May '26, 08:00 UTC",
        "May 20th at 08:00 hours (UTC)",
        "２０２６/０５/２０ ０８:００",
    ],
)
def test_an_article_gives_its_date_in_whatever_spelling(when: str) -> None:
    body = f"We will remove and cease trading on the following spot trading pairs at {when}: AAA/BTC, CCC/BTC"
    assert read_dates("Notice of Removal of Spot Trading Pairs", body) == ["2026-05-20T08:00"]


def test_the_date_that_was_announced_before_does_not_count() -> None:
    body = (
        "The developers have moved their hard fork, which we announced for 2026-05-13 15:00 (UTC). "
        "The new time is 2026-05-20 15:00 (UTC)."
    )
    assert read_dates("Foo (FOO) Hard Fork Moved to 2026-05-20", body) == ["2026-05-20T15:00"]


@pytest.mark.parametrize(
    "piece",
    ["1/2/", "11:11 ", "2026-05-14 ", "May 14 and 15 ", "年5月 5日 ", "五月十四日", "08:00 UTC ", "1 . 2 . ", "08:00 (", "UTC+", "14 May 2026 at 08:00 and "],
)  # fmt: skip
def test_twice_the_text_takes_about_twice_the_time(piece: str) -> None:
    def seconds(length: int) -> float:
        text = normalise((piece * length)[:length])
        order = day_order((text,), RELEASED)
        best = 1.0
        for _ in range(2):
            start = perf_counter()
            moments(text, RELEASED, "", order, text)
            best = min(best, perf_counter() - start)
        return best

    assert seconds(1600) < 4 * seconds(800) + 0.004
