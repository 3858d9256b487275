"""The pages of minute rows and whales: what they show, who may see them, and that they never count a whole table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orderbooks.admin.large_lists import MOST_COUNTED
from orderbooks.admin.sparkline import HEIGHT, MARGIN, WIDTH, sparkline, stretches
from orderbooks.recording.minutes import minute_of
from orderbooks.records import MINUTE_MS, MinuteRow, ScoredOrder, WhaleEnd
from orderbooks.storage.writer import BookStorage
from tests.events.admin.support import staff
from tests.orderbooks.recording.minutes_support import minute_row, order

pytestmark = pytest.mark.django_db

MINUTES, WHALES = "/admin/orderbooks/bookminute/", "/admin/orderbooks/whaleorder/"


def now_ms() -> int:
    return round(timezone.now().timestamp() * 1000)


def store(rows: Sequence[MinuteRow] = (), whales: Sequence[ScoredOrder] = (), ends: Sequence[WhaleEnd] = ()) -> None:
    storage = BookStorage(keep_days=10)
    for row in rows:
        storage.put_minute(row)
    for whale in whales:
        storage.put_whale(whale)
    for end in ends:
        storage.put_end(end)
    storage.flush(timezone.now())


def row(minutes_ago: int, symbol: str = "btcusdt", **fields: Any) -> MinuteRow:
    return minute_row(symbol=symbol, **fields)._replace(minute_ms=minute_of(now_ms()) - minutes_ago * MINUTE_MS)


def test_minute_rows_show_their_figures_and_link_to_their_pairs_page() -> None:
    store([row(2), row(3, "ethusdt", partial=True, mid=None, bands=())])
    page = staff("orderbooks.view_bookminute").get(MINUTES).content.decode()
    assert "BINANCE:btcusdt" in page and "1,000 / 1,000" in page and "99.50 bp" in page
    assert "BINANCE:ethusdt" in page and "partial" in page
    assert "pair/?venue=BINANCE&amp;symbol=btcusdt" in page


@pytest.mark.parametrize(
    ("query", "symbols"),
    [
        ({}, {"btcusdt", "ethusdt"}),
        ({"window": "24h"}, {"btcusdt", "ethusdt", "oldusdt"}),
        ({"window": "nonsense"}, {"btcusdt", "ethusdt"}),
        ({"symbol": " BTCUSDT "}, {"btcusdt"}),
        ({"venue": "OKX"}, set()),
        ({"partial": "yes"}, {"ethusdt"}),
        ({"partial": "no"}, {"btcusdt"}),
    ],
)
def test_filters_of_minute_rows(query: dict[str, str], symbols: set[str]) -> None:
    store([row(2), row(3, "ethusdt", partial=True), row(120, "oldusdt")])
    response = staff("orderbooks.view_bookminute").get(f"{MINUTES}?{urlencode(query)}")
    assert {found.symbol for found in response.context["cl"].result_list} == symbols


@pytest.mark.parametrize(
    ("query", "prices"),
    [
        ({}, [1.0, 2.0, 3.0]),
        ({"score": "5"}, [2.0, 3.0]),
        ({"score": "x"}, [1.0, 2.0, 3.0]),
        ({"end": "spoof"}, [2.0]),
        ({"end": "stands"}, [1.0, 3.0]),
        ({"symbol": "ETHUSDT"}, [3.0]),
        ({"window": "1h"}, [1.0, 2.0]),
    ],
)
def test_filters_of_whales(query: dict[str, str], prices: list[float]) -> None:
    now = now_ms()
    spoof = order(now - 10_000, 2.0, score=5)
    older = order(now - 7_200_000, 3.0, score=6, symbol="ethusdt")
    store(whales=[order(now, 1.0, score=4), spoof, older], ends=[WhaleEnd(spoof, now - 7_000, True)])
    response = staff("orderbooks.view_whaleorder").get(f"{WHALES}?{urlencode(query)}")
    assert sorted(found.price for found in response.context["cl"].result_list) == prices
    if 2.0 in prices:
        assert "possible spoof" in response.content.decode() and "3.0 s" in response.content.decode()


def test_lists_read_single_days_and_count_no_further_than_they_show() -> None:
    store([row(minute) for minute in range(30)], [order(now_ms(), 1.0)])
    client = staff("orderbooks.view_bookminute", "orderbooks.view_whaleorder")
    for url in (MINUTES, f"{MINUTES}?window=all&symbol=btcusdt", WHALES, f"{WHALES}?window=all&score=6"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "orderbooks_" in query["sql"]]
        assert counts and all(f"LIMIT {MOST_COUNTED}" in sql for sql in counts)
        assert len(queries) < 15


def test_a_large_table_ends_at_its_last_countable_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderbooks.admin.large_lists.MOST_COUNTED", 60)
    store([row(0, f"pair{number}") for number in range(200)])
    response = staff("orderbooks.view_bookminute").get(f"{MINUTES}?p=2")
    assert response.context["cl"].paginator.count == 60
    assert len(response.context["cl"].result_list) == 10


def test_a_row_has_a_page_that_nobody_can_change() -> None:
    store([row(2)], [order(now_ms(), 1.0)])
    client = staff("orderbooks.view_bookminute", "orderbooks.view_whaleorder")
    for url in (MINUTES, WHALES):
        (found,) = client.get(url).context["cl"].result_list
        page = client.get(f"{url}{found.pk}/change/")
        assert page.status_code == 200 and b'name="_save"' not in page.content
        assert client.post(f"{url}{found.pk}/change/", {}).status_code == 403


def test_a_pairs_page_draws_its_day_with_its_gaps_and_its_whales() -> None:
    store([row(minute, mid=100.0 + minute) for minute in (1, 2, 3, 10, 11, 2000)], [order(now_ms(), 123.5)])
    client = staff("orderbooks.view_bookminute", "orderbooks.view_whaleorder")
    page = client.get(f"{MINUTES}pair/?venue=BINANCE&symbol=btcusdt").content.decode()
    assert "5 of 1440 minutes are known" in page and "123.5" in page
    assert page.count('<polyline class="ews-line"') == 6
    assert "101 … 111" in page


def test_a_pairs_page_of_nothing_and_of_a_hostile_name() -> None:
    client = staff("orderbooks.view_bookminute")
    page = client.get(f"{MINUTES}pair/", {"venue": "<script>", "symbol": "'; DROP"}).content.decode()
    assert "0 of 1440" in page and "<script>:" not in page and "Whale orders" not in page
    assert client.post(f"{MINUTES}pair/").status_code == 405


def test_only_who_may_view_rows_sees_them() -> None:
    client = staff("orderbooks.view_streamstatus")
    for url in (MINUTES, WHALES, f"{MINUTES}pair/?venue=BINANCE&symbol=btcusdt"):
        assert client.get(url).status_code == 403


def test_a_line_has_gaps_where_nothing_is_known_and_uses_its_whole_height() -> None:
    lines = stretches([0.0, 10.0, None, float("nan"), 5.0], 0.0, 10.0)
    assert len(lines) == 2
    assert lines[0].startswith(f"{MARGIN:.1f},{HEIGHT - MARGIN:.1f} ")
    assert lines[0].endswith(f",{MARGIN:.1f}") and lines[1] == f"{WIDTH - MARGIN:.1f},{HEIGHT / 2:.1f}"
    assert "<circle" in sparkline(("x", [None, 1.0, None])) and "No data" in sparkline(("x", [None]))
    assert 'class="ews-zero"' in sparkline(("x", [1.0, 2.0]), zero=True)


def test_yesterday_is_not_drawn() -> None:
    store([row(1441), row(1440, mid=7.0)])
    page = staff("orderbooks.view_bookminute").get(f"{MINUTES}pair/?venue=BINANCE&symbol=btcusdt").content.decode()
    assert "1 of 1440" in page
