"""The played Binance has the shapes of the captured one, and pages, edits and appears as it does."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.upstreams import UpstreamServer
from tests.upstreams.binance import (
    DETAIL_PATH,
    LIST_PATH,
    Article,
    all_catalogs_list,
    announcement_site,
    article_detail,
    bullets,
    catalog_list,
    detail_fields,
    paragraph,
    removal_notice,
    strong,
    table,
)
from tests.upstreams.binance_instruments import (
    COINM_PATH,
    PRODUCTS_PATH,
    SPOT_PATH,
    USDM_PATH,
    coinm_symbol,
    instrument_site,
    product,
    spot_exchange_info,
    spot_symbol,
    usdm_exchange_info,
    usdm_symbol,
)

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "captures"
needs_captures = pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"the captures are not at {CAPTURES}")
RELEASED = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
NOTICE = removal_notice("2026-11-27", {"2026-11-27 03:00": ["AAA/BTC", "BBB/USDC"]}, RELEASED)


def captured(name: str) -> Any:
    path = CAPTURES / name
    return json.loads(gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_text())


def get(server: UpstreamServer, path: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(server.url(path), timeout=5)


def differences(ours: Any, theirs: Any, path: str = "$") -> list[str]:
    """Where a captured field that we make too has another type; a list is judged by its first row."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            line
            for name in ours.keys() & theirs.keys()
            for line in differences(ours[name], theirs[name], f"{path}.{name}")
        ]
    if isinstance(ours, list) and isinstance(theirs, list):
        return differences(ours[0], theirs[0], f"{path}[]") if ours and theirs else []
    return [] if type(ours) is type(theirs) else [f"{path}: {type(ours).__name__}, captured {type(theirs).__name__}"]


@needs_captures
@pytest.mark.parametrize(
    ("ours", "name", "fields"),
    [
        (
            catalog_list([NOTICE]),
            "announcements/binance/delistwatch__article_list_query_catalog161_2026-10-04.json",
            {"code", "data"},
        ),
        (
            all_catalogs_list([NOTICE, Article("A listing", RELEASED, catalog_id=48)])["data"],
            "announcements/binance/crypto_ews__embedded_catalogs_2023-09-15.json",
            {"catalogs"},
        ),
        (
            article_detail(NOTICE),
            "announcements/binance/delistwatch__article_detail_63415de_spot_removal_2026-10-02.json",
            {"code", "data"},
        ),
        (
            detail_fields(NOTICE),
            "announcements/binance/crypto_ews__embedded_articleDetail_loan_removal_2023-09-15.json",
            {"id", "code", "title", "body", "publishDate", "firstCatalogId"},
        ),
        (
            spot_exchange_info([spot_symbol("LUNA/USDT")]),
            "instruments/davijr__api_v3_exchangeInfo_2024-09-08.json.gz",
            {"symbols", "serverTime"},
        ),
        (
            usdm_exchange_info([usdm_symbol("LUNA/USDT")]),
            "instruments/cryptofeed__fapi_v1_exchangeInfo_2021-07-21.json.gz",
            {"symbols", "serverTime", "futuresType"},
        ),
    ],
)
def test_what_is_made_has_the_types_of_what_was_captured(ours, name, fields):
    theirs = captured(name)
    assert fields <= ours.keys() & theirs.keys()
    assert differences(ours, theirs) == []


def test_the_list_is_paged_newest_first_and_odd_page_sizes_are_twenty():
    articles = [Article(f"Notice {number}", RELEASED - timedelta(hours=number)) for number in range(25)]
    with UpstreamServer() as server:
        announcement_site(server, reversed(articles))

        def titles(page_no: int, page_size: int, catalog: int = 161) -> list[str]:
            answer = get(server, f"{LIST_PATH}?type=1&catalogId={catalog}&pageNo={page_no}&pageSize={page_size}").json()
            return [row["title"] for row in answer["data"]["catalogs"][0]["articles"]]

        expected = [article.title for article in articles]
        assert titles(1, 10) == expected[:10]
        assert titles(3, 10) == expected[20:]
        assert titles(1, 7) == expected[:20]
        assert titles(9, 10) == titles(1, 10, catalog=48) == []


def test_the_older_list_shows_every_catalogue_with_ids():
    listing = Article("A listing", RELEASED, catalog_id=48)
    with UpstreamServer() as server:
        site = announcement_site(server, [NOTICE, listing])
        answer = requests.get(site.list_url(None), timeout=5, proxies={"http": ""}).json()
    shown = {catalog["catalogId"]: [row["id"] for row in catalog["articles"]] for catalog in answer["data"]["catalogs"]}
    assert (shown[161], shown[48], shown[49]) == ([NOTICE.id], [listing.id], [])


def test_details_and_pages_carry_the_same_article():
    with UpstreamServer() as server:
        site = announcement_site(server, [NOTICE])
        detail = get(server, f"{DETAIL_PATH}?articleCode={NOTICE.code}").json()["data"]
        page = get(server, f"/en/support/announcement/some-words-{NOTICE.code}").text
        unknown = get(server, f"{DETAIL_PATH}?articleCode=nobody").json()["data"]
        assert get(server, "/en/support/announcement/nobody").status_code == 404
        assert site.articles == [NOTICE]
    embedded = re.search(r'<script id="__APP_DATA" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert embedded is not None
    state = json.loads(embedded[1])
    assert state["appState"]["loader"]["dataByRouteId"]["2a3f"]["articleDetail"] == detail
    assert json.loads(detail["body"])["node"] == "root"
    assert unknown is None


def test_a_page_without_state_shows_the_body_as_html():
    article = Article(
        "Fork of A & B", RELEASED, ("One < two", bullets(["At ", strong("03:00")]), table(["Pair", "A/B"]))
    )
    with UpstreamServer() as server:
        announcement_site(server, [article], page="html", body="html")
        page = get(server, f"/en/support/announcement/{article.code}").text
        detail = get(server, f"{DETAIL_PATH}?articleCode={article.code}").json()["data"]
    assert "__APP_DATA" not in page
    assert "<h1>Fork of A &amp; B</h1>" in page
    assert detail["body"] in page
    assert "<p>One &lt; two</p>\n<ul><li>At <strong>03:00</strong></li></ul>" in detail["body"]
    assert '<td colspan="1" rowspan="1"><p>A/B</p></td>' in detail["body"]


def test_articles_appear_are_edited_in_place_and_withdrawn():
    now = [0.0]
    with UpstreamServer(clock=lambda: now[0]) as server:
        site = announcement_site(server, [NOTICE])
        later = site.publish(Article("Later", RELEASED + timedelta(hours=1)), at=30)
        assert site.articles == [NOTICE]
        now[0] = 30.0
        assert [article.title for article in site.articles] == ["Later", NOTICE.title]
        edited = site.edit(NOTICE.code, title="Postponed", blocks=(paragraph("Not yet."),))
        assert site.articles == [later, edited]
        assert edited.code == NOTICE.code
        site.withdraw(later.code)
        assert site.articles == [edited]


def test_instrument_lists_are_served_and_can_change():
    with UpstreamServer() as server:
        site = instrument_site(
            server,
            spot=[spot_symbol("LUNA/USDT")],
            usdm=[usdm_symbol("LUNA/USDT", delivery_ms=1_790_000_000_000)],
            coinm=[coinm_symbol("BTC")],
        )
        site.spot[0] = spot_symbol("LUNA/USDT", "BREAK")
        assert get(server, SPOT_PATH).json()["symbols"][0]["status"] == "BREAK"
        assert get(server, USDM_PATH).json()["symbols"][0]["deliveryDate"] == 1_790_000_000_000
        assert get(server, COINM_PATH).json()["symbols"][0]["symbol"] == "BTCUSD_PERP"
        site.products = [product("LUNA/USDT", ["Monitoring"])]
        assert get(server, PRODUCTS_PATH).json()["data"][0]["tags"] == ["Monitoring"]
