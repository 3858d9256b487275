"""From OKX's lists on loopback to events, with its ways around a broken API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.models import Event, InstrumentRisk, QuarantinedItem, TokenRisk
from events.updater import EventUpdater, Report
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient
from events.upstream.rate_limit import Pace
from exchanges.announcements.edit_updater import EditUpdater
from exchanges.announcements.sites.okx import OkxSite
from exchanges.announcements.updater import AnnouncementUpdater
from exchanges.models import OkxAnnouncement, SeenArticle
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.exchanges.support import Clock
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer, challenge_page, too_many_requests
from tests.upstreams.okx_announcements import API_PATH, OkxAnnouncementSite, OkxArticle, delisting

pytestmark = pytest.mark.django_db(transaction=True)

RELEASED = datetime(2026, 9, 29, 7, 15, tzinfo=UTC)
ENDS = datetime(2026, 10, 3, 8, 0, tzinfo=UTC)


class Bench:
    """Loopback OKX with the updaters that read it."""

    def __init__(
        self, server: UpstreamServer, *articles: OkxArticle, in_state: bool = True, **environment: str
    ) -> None:
        self.clock = Clock(RELEASED + timedelta(minutes=1))
        self.site = OkxAnnouncementSite(server, articles, in_state=in_state)
        defaults = {"SPOT_CURRENCIES": "BTC ABC", "USDM_CURRENCIES": "ONE", "TIMEOUT": "3"}
        self.config = loopback_config(server, **{**defaults, **environment})

    def run(self) -> Report:
        return self._run(AnnouncementUpdater(OkxSite(self.config), self.config, self._fetcher(), self.clock))

    def run_edits(self) -> Report:
        return self._run(EditUpdater(OkxSite(self.config), self.config, self._fetcher(), self.clock))

    def _fetcher(self) -> ArchivingFetcher:
        return ArchivingFetcher(HttpClient(deadline_s=3, user_agent="tests", now=self.clock))

    @staticmethod
    def _run(updater: EventUpdater) -> Report:
        report = updater.run(even_if_backing_off=True)
        assert report is not None
        return report


def abc(at: str = "October 3, 2026, 08:00") -> OkxArticle:
    return delisting("OKX to delist ABC spot trading pairs", RELEASED, {"ABC/USDT": at, "ABC/USDC": at})


def news(number: int) -> OkxArticle:
    title = f"OKX Spot Trade-to-Earn: Trade and Share {number},000 USDT"
    return OkxArticle(title, RELEASED - timedelta(minutes=number), ("Trade and win.",), "latest-events")


def list_pairs(*symbols: str) -> None:
    rows = []
    for symbol in symbols:
        base, quote = symbol.split("-")
        rows.append(InstrumentRow("OKX", symbol, base, quote, base, "live", True))
    store_instruments("OKX", rows, RELEASED)


@pytest.mark.parametrize("in_state", [True, False])
def test_a_delisting_is_an_open_event_with_okx_symbols_and_hours(server: UpstreamServer, in_state: bool) -> None:
    list_pairs("ABC-USDT", "ABC-USDC", "BTC-USDT")
    bench = Bench(server, abc(), news(1), in_state=in_state)
    report = bench.run()
    assert report.ok and report.outcomes["opened"] == 1
    event = OkxAnnouncement.objects.get()
    assert (event.source, event.category, event.priority) == ("okx", "delisting", "high")
    assert event.natural_key == "okx.announcement:okx-to-delist-abc-spot-trading-pairs"
    row = TokenRisk.objects.get(token="ABC")
    assert (row.action, row.trading_status, row.trading_ends_at) == ("reduce_only", "delisting", ENDS)
    assert row.venues == ["OKX"]
    assert row.tickers == ["OKX:ABC-USDC", "OKX:ABC-USDT"]
    assert InstrumentRisk.objects.get(ticker="OKX:ABC-USDT").symbol == "ABC-USDT"


def test_the_body_names_the_pair_where_the_title_is_generic(server: UpstreamServer) -> None:
    notice = delisting(
        "OKX to delist selected USDⓈ spot trading pairs", RELEASED, {"ABC/USDⓈ": "October 3, 2026, 08:00"}
    )
    Bench(server, notice).run()
    effect = Event.objects.get().effects.get()
    assert (effect.token, effect.tickers, effect.trading_ends_at) == ("ABC", ["OKX:ABC-USD"], ENDS)


def test_a_postponement_moves_the_event_it_concerns_and_opens_none(server: UpstreamServer) -> None:
    first = OkxArticle(
        "OKX to delist perpetual futures for ONEUSDT",
        RELEASED - timedelta(hours=1),
        ("OKX will delist the ONEUSDT perpetual futures at 8:00 am UTC on October 1, 2026.",),
    )
    bench = Bench(server, first)
    bench.run()
    event = Event.objects.get()
    assert event.effects.get().tickers == ["OKX_USDM:ONE-USDT-SWAP"]
    assert event.priority == "high"
    bench.site.publish(
        OkxArticle(
            "OKX to postpone the delisting of ONEUSDT perpetual futures",
            RELEASED,
            ("The delisting of the ONEUSDT perpetual futures is postponed to 8:00 am UTC on October 8, 2026.",),
        )
    )
    bench.clock.forward(minutes=5)
    assert bench.run().outcomes["updated"] == 1
    event = Event.objects.get()
    effect = event.effects.get()
    assert effect.trading_ends_at == datetime(2026, 10, 8, 8, tzinfo=UTC)
    assert effect.tickers == ["OKX_USDM:ONE-USDT-SWAP"]
    bench.run_edits()
    assert Event.objects.get().effects.get().trading_ends_at == datetime(2026, 10, 8, 8, tzinfo=UTC)


def test_an_edit_that_no_list_shows_updates_the_event(server: UpstreamServer) -> None:
    article = abc()
    bench = Bench(server, article)
    bench.run()
    bench.site.edit(article.slug, blocks=abc("October 9, 2026, 08:00").blocks)
    bench.clock.forward(minutes=5)
    assert bench.run().outcomes["updated"] == 0
    assert bench.run_edits().outcomes["updated"] == 1
    assert {effect.trading_ends_at for effect in Event.objects.get().effects.all()} == {
        datetime(2026, 10, 9, 8, tzinfo=UTC)
    }


def test_each_type_is_paged_until_something_known(server: UpstreamServer) -> None:
    bench = Bench(server, abc(), *(news(number) for number in range(1, 46)))
    bench.run()
    assert SeenArticle.objects.count() == 46
    before = len(server.requests_to(API_PATH))
    bench.site.publish(news(0))
    bench.clock.forward(minutes=5)
    assert bench.run().ok
    assert SeenArticle.objects.count() == 47
    assert len(server.requests_to(API_PATH)) == before + 2


def test_a_broken_api_is_replaced_by_the_help_center_and_quarantined(server: UpstreamServer) -> None:
    bench = Bench(server, abc(), news(1))
    bench.site.api.replace(challenge_page())
    assert bench.run().ok
    assert Event.objects.get().category == "delisting"
    assert set(QuarantinedItem.objects.values_list("item_key", flat=True)) == {"list:delistings", "list:news"}


def test_where_the_help_center_is_broken_too_the_home_page_tells(server: UpstreamServer) -> None:
    bench = Bench(server, abc(), *(news(number) for number in range(1, 12)))
    bench.site.api.replace({"code": "51000", "msg": "annType error", "data": []})
    server.route("/help/section/*", "<html>maintenance</html>")
    report = bench.run()
    assert Event.objects.get().category == "delisting"
    # The home page shows the latest ten only: what is behind them must still be met by a later walk.
    assert not report.ok and SeenArticle.objects.filter(anchors=True).count() == 0


def test_an_api_that_asks_to_wait_is_left_alone(server: UpstreamServer) -> None:
    bench = Bench(server, abc())
    bench.site.api.replace(too_many_requests(30))
    report = bench.run()
    assert not report.ok and Event.objects.count() == 0
    assert server.requests_to("/v2/support/home/web") == []


def test_an_error_code_is_never_read_as_an_empty_list(server: UpstreamServer) -> None:
    bench = Bench(server, abc())
    for path in ("/help/section/*", "/v2/support/home/web"):
        server.route(path, 503)
    bench.site.api.replace({"code": "50013", "msg": "Systems are busy", "data": []})
    report = bench.run()
    assert not report.ok and "50013: Systems are busy" in report.error


def test_no_more_requests_go_out_than_the_documented_rate() -> None:
    clock = [0.0]
    sent: list[float] = []
    pace = Pace(5, 2.0, clock=lambda: clock[0], sleep=lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    for _ in range(23):
        pace.wait()
        sent.append(clock[0])
    assert all(later - earlier >= 2.0 for earlier, later in zip(sent, sent[5:], strict=False))
    assert sent[4] == 0.0 and sent[-1] == 8.0
