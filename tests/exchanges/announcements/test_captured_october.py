"""`runschedulers --once` on the recorded Binance list of October 2026 and its removal notice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from events.daemon.process import run_once
from events.models import Event, TokenRisk
from tests.support.captures import capture
from tests.support.loopback import loopback_config
from tests.upstreams import Request, UpstreamServer
from tests.upstreams.binance import DETAIL_PATH, LIST_PATH
from tests.upstreams.binance_instruments import coinm_symbol, instrument_site, spot_symbol, usdm_symbol

pytestmark = pytest.mark.django_db(transaction=True)

CODE = "63415de54a164619aaaf245850349654"
NOW = datetime(2026, 9, 30, 6, 0, tzinfo=UTC)
KEY = f"binance.announcement:{CODE}"


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    listed = json.loads(
        capture("announcements/binance/delistwatch__article_list_query_catalog161_2026-10-04.json").read_text()
    )
    article = capture(
        "announcements/binance/delistwatch__article_detail_63415de_spot_removal_2026-10-02.json"
    ).read_bytes()
    empty = {"code": "000000", "data": {"catalogs": []}}

    def page(request: Request) -> object:
        return listed if request.query.get("pageNo") == "1" else empty

    def detail(request: Request) -> object:
        # The list was recorded with one of its articles; the others have no body here.
        return article if request.query.get("articleCode") == CODE else {"code": "000000", "data": None}

    with UpstreamServer() as running:
        running.route(LIST_PATH, page)
        running.route(DETAIL_PATH, detail)
        instrument_site(
            running,
            spot=[spot_symbol(pair) for pair in ("AUCTION/USDT", "AUCTION/USDC", "VANA/USDT", "VANA/USDC", "BTC/USDT")],
            usdm=[usdm_symbol("BTC/USDT")],
            coinm=[coinm_symbol("BTC")],
        )
        yield running


def once(server: UpstreamServer, watched: str) -> list[str]:
    lines: list[str] = []
    config = loopback_config(server, SPOT_CURRENCIES=watched, USDM_CURRENCIES=watched)
    run_once(config, [], lines.append, now=lambda: NOW)
    return lines


@pytest.mark.long
def test_the_removal_is_open_and_high_with_every_pair_and_date_when_a_pair_is_watched(server: UpstreamServer) -> None:
    once(server, "AUCTION")
    event = Event.objects.get(natural_key=KEY)
    assert (event.status, event.priority, event.category) == ("open", "high", "delisting")
    assert {ticker for effect in event.effects.all() for ticker in effect.tickers} == {
        "BINANCE:AUCTIONUSDC",
        "BINANCE:VANAUSDC",
    }
    assert [date["at"] for date in event.important_dates] == ["2026-10-02T03:00:00+00:00"]
    assert TokenRisk.objects.get(token="AUCTION").action == "watch"
    assert event.alerts.count() == 1


@pytest.mark.long
def test_running_it_again_changes_nothing_and_sends_nothing(server: UpstreamServer) -> None:
    once(server, "AUCTION")
    before = list(Event.objects.order_by("id").values())
    alerts = {event.pk: event.alerts.count() for event in Event.objects.all()}
    once(server, "AUCTION")
    assert list(Event.objects.order_by("id").values()) == before
    assert {event.pk: event.alerts.count() for event in Event.objects.all()} == alerts


@pytest.mark.long
def test_it_is_low_and_absent_from_the_view_when_nothing_of_it_is_watched(server: UpstreamServer) -> None:
    once(server, "BTC")
    assert Event.objects.get(natural_key=KEY).priority == "low"
    assert not TokenRisk.objects.filter(token__in=["AUCTION", "VANA"]).exists()
