"""The recorded OKX list of October 2026 with its one recorded article; the others have bodies made for the test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from events.models import Event
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient
from exchanges.announcements.sites.okx import OkxSite
from exchanges.announcements.updater import AnnouncementUpdater
from exchanges.models import OkxAnnouncement, SeenArticle
from tests.exchanges.support import Clock
from tests.support.captures import capture
from tests.support.loopback import loopback_config
from tests.upstreams import Request, UpstreamServer
from tests.upstreams.okx_announcements import API_PATH, HELP_PATH, OkxArticle, delisting

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 9, 24, 6, 0, tzinfo=UTC)
SLUG = "okx-to-delist-dora-icx-storj-zeus-and-elf-spot-trading-pairs"


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    listed = json.loads(
        capture("announcements/okx/delistwatch__announcements_delistings_global_2026-10-04.json").read_bytes()
    )
    page = capture(
        "announcements/okx/delistwatch__okx_delist_DORA_ICX_STORJ_ZEUS_ELF_2026-09-23.trimmed.html"
    ).read_bytes()
    titles = {row["url"].rpartition("/")[2]: row["title"] for row in listed["data"][0]["details"]}

    def article(request: Request) -> object:
        slug = request.path.rpartition("/")[2]
        return page if slug == SLUG else made_article(slug, titles[slug]).page()

    with UpstreamServer() as running:
        running.route(
            API_PATH,
            lambda request: listed if request.query["page"] == "1" else {"code": "0", "data": [{"details": []}]},
        )
        running.route(HELP_PATH + "*", article)
        yield running


def made_article(slug: str, title: str) -> OkxArticle:
    """A body as OKX writes them: generic titles have their pair in it, a postponement a later day."""
    day = "October 27, 2026" if "postpone" in slug else "October 20, 2026"
    if "selected" in title:
        pair = "AEON/USDⓈ" if "aeon" in slug else "CORE/USDⓈ"
        return delisting(title, NOW, {pair: f"{day}, 08:00 - 10:00"}, slug=slug)
    contract = title.split()[-1] if "SOXS" in title else next((w for w in title.split() if w.endswith("USDT")), "")
    what = f"{contract} perpetual futures" if contract else title.removeprefix("OKX to delist ")
    text = f"We will delist {what} at 8:00 am UTC on {day}."
    if "postpone" in slug:
        text = f"The delisting of {what} is postponed. The new delisting time is 8:00 am UTC on {day}."
    return OkxArticle(title, NOW, (text,), slug=slug)


def test_every_recorded_delisting_of_the_last_weeks_is_an_event_and_the_postponement_is_none_of_its_own(
    server: UpstreamServer,
) -> None:
    config = loopback_config(server, SPOT_CURRENCIES="ICX", USDM_CURRENCIES="ICX", TIMEOUT="3")
    fetcher = ArchivingFetcher(HttpClient(deadline_s=3, user_agent="tests", now=Clock(NOW)))
    updater = AnnouncementUpdater(OkxSite(config), config, fetcher, Clock(NOW))
    report = updater.run(even_if_backing_off=True)
    assert report is not None and report.ok and SeenArticle.objects.count() == 20
    events = {event.article_id: event for event in OkxAnnouncement.objects.all()}
    delistings = {slug for slug, event in events.items() if event.category == "delisting"}
    assert delistings == {
        SLUG,
        "okx-to-delist-aeon-usd-spot-trading-pair",
        "okx-to-delist-perpetual-futures-for-oneusdt",
        "okx-to-delist-perpetual-futures-for-icxusdt",
        "okx-to-delist-selected-usds-spot-trading-pairs",
        "okx-to-delist-x-perp-for-soxsusd",
        "okx-to-delist-gods-prcl-and-duck-spot-trading-pairs",
    }
    named = {
        slug: [ticker for effect in events[slug].effects.all() for ticker in effect.tickers] for slug in delistings
    }
    assert named["okx-to-delist-aeon-usd-spot-trading-pair"] == ["OKX:AEON-USD"]
    assert named["okx-to-delist-selected-usds-spot-trading-pairs"] == ["OKX:CORE-USD"]
    assert named["okx-to-delist-perpetual-futures-for-icxusdt"] == ["OKX_USDM:ICX-USDT-SWAP"]
    day = datetime(2026, 10, 20, 8, tzinfo=UTC)
    undelayed = delistings - {SLUG, "okx-to-delist-perpetual-futures-for-oneusdt"}
    assert {effect.trading_ends_at for slug in undelayed for effect in events[slug].effects.all()} == {day}
    postponed = events["okx-to-delist-perpetual-futures-for-oneusdt"].effects.get()
    assert (postponed.tickers, postponed.trading_ends_at) == (
        ["OKX_USDM:ONE-USDT-SWAP"],
        datetime(2026, 10, 27, 8, tzinfo=UTC),
    )
    follow_up = SeenArticle.objects.get(article_id="okx-to-postpone-the-delisting-of-oneusdt-perpetual-futures")
    assert follow_up.event_id == events["okx-to-delist-perpetual-futures-for-oneusdt"].pk
    watched = events[SLUG]
    assert (watched.priority, watched.market) == ("high", "spot")
    ends = {ticker: effect.trading_ends_at for effect in watched.effects.all() for ticker in effect.tickers}
    assert len(ends) == 11
    assert ends["OKX:ICX-USDC"] == datetime(2026, 9, 30, 8, tzinfo=UTC)
    assert ends["OKX:ICX-USDT"] == datetime(2026, 10, 3, 8, tzinfo=UTC)
    assert Event.objects.filter(priority="high").count() == 2
