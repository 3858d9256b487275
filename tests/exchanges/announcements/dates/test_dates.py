# ruff: noqa: E501 (a notice stands on one line)
"""Every spelling of a date, and the roles of dates in a notice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exchanges.announcements.reader import read
from exchanges.announcements.text.dates import moments
from exchanges.announcements.types import Article
from markets.symbols import SymbolSplitter

RELEASED = datetime(2025, 8, 20, 6, tzinfo=UTC)


def iso(text: str, exchange: str = "", released: datetime | None = RELEASED) -> list[str]:
    return [found.at.strftime("%Y-%m-%dT%H:%M:%S") for found in moments(text, released, exchange)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 2026-01-20 08:00 (UTC): x", "2026-01-20T08:00:00"),
        ("2020/05/15 12:00 PM (UTC)", "2020-05-15T12:00:00"),
        ("2020/05/15 12:00 AM (UTC)", "2020-05-15T00:00:00"),
        ("2020/10/10 0:00 AM (UTC)", "2020-10-10T00:00:00"),
        ("2020/12/28 12:40 PM (UTC) to protect", "2020-12-28T12:40:00"),
        ("at 2018/06/02 9:59:59 PM UTC.", "2018-06-02T21:59:59"),
        ("until 05:00 (UTC) on 2018/05/05", "2018-05-05T05:00:00"),
        ("on 06:45:00 (UTC) at 2025-08-18, and", "2025-08-18T06:45:00"),
        ("at 06:15 (UTC) on Aug 29, 2025 based", "2025-08-29T06:15:00"),
        ("8:00 Sep 1, 2025 (UTC)", "2025-09-01T08:00:00"),
        ("from 1 September 2025 9:00 AM (UTC).", "2025-09-01T09:00:00"),
        ("10:00 UTC on September 23, 2026.", "2026-09-23T10:00:00"),
        ("08:00:00 on September 7, 2026 (UTC);", "2026-09-07T08:00:00"),
        ("6:00 am UTC on September 18", "2025-09-18T06:00:00"),
        ("6am UTC Jan 3", "2026-01-03T06:00:00"),
        ("on 2025-11-30 at 16:00:00 (UTC)", "2025-11-30T16:00:00"),
        ("June 1, 2018 at 22:59:59 UTC", "2018-06-01T22:59:59"),
        ("on 17 July 2025", "2025-07-17T00:00:00"),
        ("on the 17th of July 2025", "2025-07-17T00:00:00"),
        ("(08-15-2025)", "2025-08-15T00:00:00"),
        ("16:00 (UTC+8) on 3 May 2026", "2026-05-03T08:00:00"),
        ("May 5, 2026, 3:00 PM SGT", "2026-05-05T07:00:00"),
        ("on May 1, 2026, on or around 2 PM EDT", "2026-05-01T18:00:00"),
        ("2026-04-14T02:00:00Z", "2026-04-14T02:00:00"),
    ],
)
def test_a_written_form_is_read(text: str, expected: str) -> None:
    assert iso(text) == [expected]


def test_a_korean_notice_without_a_zone_is_local_time() -> None:
    assert iso("Strike (8/21 15:00)", "upbit") == ["2025-08-21T06:00:00"]
    assert iso("Strike (8/21 15:00)") == ["2025-08-21T15:00:00"]


def test_a_window_of_hours_has_a_beginning_and_an_end() -> None:
    (found,) = moments("AAA/USDT | October 3, 2026, 08:00 - 10:00 UTC")
    assert (found.at, found.end) == (datetime(2026, 10, 3, 8, tzinfo=UTC), datetime(2026, 10, 3, 10, tzinfo=UTC))


def test_a_window_of_days_is_two_moments() -> None:
    first, second = moments("from 2025-12-14 05:00 (UTC) to 2025-12-15 05:00 (UTC)")
    assert (first.ends_window, second.ends_window) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        "block height of 1,763,208,000",
        "v1.16.6",
        "ratio 1:1",
        "80/20 split",
        "2026-13-40",
        "at 25:61",
        "24/7",
        "10-30 minutes",
        "+2.00% / -2.00%",
    ],
)
def test_numbers_that_are_no_dates_are_left_alone(text: str) -> None:
    assert iso(text) == []


def test_a_missing_year_comes_from_the_release_and_without_it_the_date_is_left_out() -> None:
    assert iso("3 January, 08:00 UTC", released=datetime(2025, 12, 20, tzinfo=UTC)) == ["2026-01-03T08:00:00"]
    assert iso("28 December, 08:00 UTC", released=datetime(2026, 1, 2, tzinfo=UTC)) == ["2025-12-28T08:00:00"]
    assert iso("3 January, 08:00 UTC", released=None) == []


def important(title: str, body: str) -> dict[str, str]:
    notice = read(Article("foo", "1", title, body, RELEASED), SymbolSplitter())
    return {date.at.strftime("%Y-%m-%dT%H:%M"): date.what for date in notice.important_dates}


def test_each_date_of_a_delisting_has_its_role_and_side_products_have_none() -> None:
    body = """We will delist and cease trading on all spot trading pairs for the following token(s) at 2025-09-03 03:00 (UTC):
Foo (AAA)
Spot
Foo Spot Copy Trading will delist the aforementioned pairs on 2025-08-27 03:00 (UTC).
Accounts
Deposits of these token(s) will not be credited to users' accounts after 2025-09-04 03:00 (UTC). Withdrawals of these token(s) will not be supported after 2025-11-03 03:00 (UTC).
Delisted tokens may be converted into stablecoins on behalf of users after 2025-11-04 03:00 (UTC).
Futures
Foo Futures will close all positions and conduct an automatic settlement at 2025-08-26 09:00 (UTC). Users are not allowed to open new positions starting from 2025-08-26 08:30 (UTC).
Simple Earn
Simple Earn will delist the token(s) after 2025-08-27 07:00 (UTC).
Margin
At 2025-08-21 06:00 (UTC), Margin will suspend borrowing on the margin pairs.
Convert
Convert will delist the token at 2025-09-02 02:00 (UTC).
Foo Team
2025-08-20"""
    assert important("Foo Will Delist AAA on 2025-09-03", body) == {
        "2025-08-21T06:00": "borrowing suspended",
        "2025-08-26T08:30": "new positions end",
        "2025-08-26T09:00": "contracts settled",
        "2025-09-03T03:00": "trading ends",
        "2025-09-04T03:00": "deposits suspended",
        "2025-11-03T03:00": "withdrawals end",
    }


def test_the_body_is_trusted_over_the_title() -> None:
    assert list(
        important(
            "Wallet Maintenance for Tron (TRC20) - 2025-08-21",
            "Deposits and withdrawals will be suspended from 2025-08-22 05:55 (UTC).",
        )
    ) == ["2025-08-22T05:55"]


def test_a_title_gives_its_dates_where_the_body_has_none() -> None:
    assert list(
        important("Support the Foo (FOO) Network Upgrade & Hard Fork - 2025-08-26 & 2025-09-03", "Foo will support it.")
    ) == ["2025-08-26T00:00", "2025-09-03T00:00"]


def test_the_date_that_a_postponed_removal_had_before_does_not_count() -> None:
    body = "The removal of AAA/BTC, originally scheduled for 2025-08-22 03:00 (UTC), is postponed to 2025-08-29 03:00 (UTC)."
    assert list(important("Postponement of the Removal of the AAA/BTC Spot Trading Pair", body)) == ["2025-08-29T03:00"]


def test_what_opens_after_a_swap_is_no_important_date() -> None:
    body = "Trading will be halted in all AAA trading pairs at 2025-09-01 03:00 (UTC). Trading will open for the new BBB/USDT pairs at 2025-09-03 03:00 (UTC)."
    assert list(important("Foo (AAA) Token Swap to BBB", body)) == ["2025-09-01T03:00"]


@pytest.mark.parametrize(
    "body",
    [
        "We will postpone the delisting of the ABCUSDT perpetual from 8:00 am UTC on October 20, 2026 to 8:00 am UTC "
        "on October 27, 2026.",
        "The removal of ABCUSDT at 2026-10-20 08:00 (UTC) will be rescheduled to 2026-10-27 08:00 (UTC).",
        "The delisting of ABCUSDT, first set for 2026-10-20 08:00 (UTC), has been postponed to 2026-10-27 08:00 (UTC).",
    ],
)
def test_of_a_date_that_was_moved_only_the_new_one_holds(body: str) -> None:
    article = Article("okx", "x", "OKX to postpone the delisting of ABCUSDT perpetual", body, None)
    notice = read(article, SymbolSplitter())
    assert notice.trading_ends_at == datetime(2026, 10, 27, 8, 0, tzinfo=UTC)
    assert [date.at for date in notice.important_dates] == [datetime(2026, 10, 27, 8, 0, tzinfo=UTC)]


def test_open_orders_that_are_cancelled_do_not_make_an_end_of_trading_an_end_of_new_positions() -> None:
    body = (
        "Trading of ABCUSDT perpetual will be suspended and open orders cancelled at 8:00 am UTC on October 27, 2026."
    )
    notice = read(Article("okx", "x", "OKX to delist ABCUSDT perpetual", body, None), SymbolSplitter())
    assert notice.trading_ends_at == datetime(2026, 10, 27, 8, 0, tzinfo=UTC)
