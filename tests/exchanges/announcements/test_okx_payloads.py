"""OKX's recorded payloads: lists in three shapes, article pages, and the errors of unexpected ones."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from events.upstream.client import Payload
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift
from exchanges.announcements.reader import read
from exchanges.announcements.sites.base import ListedArticle
from exchanges.announcements.sites.okx_article import parse_article
from exchanges.announcements.sites.okx_lists import parse_announcements, parse_section
from exchanges.announcements.types import Article, ParsedNotice
from markets.symbols import SymbolSplitter
from tests.support.captures import capture

BASE = "https://www.okx.com/help/"
SPLITTER = SymbolSplitter()


def payload(body: object) -> Payload:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Payload("okx.announcements", "http://127.0.0.1/", 200, {}, raw, datetime(2026, 10, 4, tzinfo=UTC), 0.1, None)


def state_page(state: object, body: str = "") -> bytes:
    return f'<html><script id="appState">{json.dumps(state)}</script>{body}</html>'.encode()


def title_readings() -> dict[str, ParsedNotice]:
    """The recorded rows of October and May 2026, read by their titles."""
    pages = [
        json.loads(capture("announcements/okx/delistwatch__announcements_delistings_global_2026-10-04.json").read_bytes()),
        {"code": "0", "data": [{"details": json.loads(
            capture("announcements/okx/nvashchuk__announcements_page_items_2026-05-22.json").read_bytes()
        )}]},
    ]  # fmt: skip
    rows = [row for page in pages for row in parse_announcements(payload(page), BASE).rows]
    assert len(rows) == 40
    return {row.article_id: read(_article(row), SPLITTER) for row in rows}


def _article(row: ListedArticle) -> Article:
    return Article("okx", row.article_id, row.title, None, row.released_at, row.url, row.catalogue)


def test_every_delisting_of_the_recorded_lists_is_an_event_and_no_listing_is() -> None:
    readings = title_readings()
    for slug, notice in readings.items():
        if "-to-delist-" in slug or "postpone-the-delisting" in slug:
            assert (notice.event, notice.category) == (True, "delisting"), slug
        if "-to-list-" in slug or "-will-launch-" in slug or "checksum" in slug or "trade-to-earn" in slug:
            assert not notice.event, slug
    assert sum(notice.category == "delisting" and notice.event for notice in readings.values()) == 16
    assert readings["okx-to-postpone-the-delisting-of-oneusdt-perpetual-futures"].phase == "postponed"


def test_listings_and_promotions_of_april_2025_are_no_events() -> None:
    rows = json.loads(capture("announcements/okx/tarletsky__okx_announcements_2025-04-01_2025-04-15.json").read_bytes())
    assert len(rows) == 9
    for row in rows:
        released = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
        assert not read(Article("okx", row["url"], row["title"], row["body"], released), SPLITTER).event, row["title"]


def test_a_row_was_released_when_it_went_out_and_not_when_its_page_says() -> None:
    body = capture("announcements/okx/delistwatch__announcements_delistings_global_2026-10-04.json").read_bytes()
    rows = {row.article_id: row for row in parse_announcements(payload(body), BASE).rows}
    # The page shows 10 September 2026, 16:00; it went out nineteen hours later.
    released = rows["okx-to-delist-selected-usds-spot-trading-pairs"].released_at
    assert released == datetime.fromtimestamp(1789038010.316, UTC)
    assert all(row.catalogue == "announcements-delistings" for row in rows.values())


def test_the_recorded_section_page_and_the_older_home_row_give_the_same_kind_of_rows() -> None:
    recorded = json.loads(capture("announcements/okx/antoo1__ssr_articleList_page2_2025-04.json").read_bytes())
    state = {"appContext": {"initialProps": {"sectionData": {"articleList": recorded["articleList"]}}}}
    page = parse_section(payload(state_page(state)), "announcements-latest-announcements", BASE)
    assert len(page.rows) == 15 and not page.bad_rows
    assert page.rows[0].released_at == datetime(2025, 4, 17, 11, 13, tzinfo=UTC)
    assert page.rows[0].url == BASE + page.rows[0].article_id
    notice = json.loads(capture("announcements/okx/crypto_ews__v2_support_home_web_row.json").read_bytes())
    (row,) = parse_announcements(payload({"code": 0, "data": {"notices": [notice]}}), BASE).rows
    assert row.article_id == "okx-to-support-dai-savings-rate-dsr-on-on-chain-earn"
    assert row.released_at == datetime(2023, 9, 15, 8, 44, 36, tzinfo=UTC)


def test_the_recorded_delisting_has_every_pair_at_its_own_hour() -> None:
    slug = "okx-to-delist-dora-icx-storj-zeus-and-elf-spot-trading-pairs"
    body = capture(
        "announcements/okx/delistwatch__okx_delist_DORA_ICX_STORJ_ZEUS_ELF_2026-09-23.trimmed.html"
    ).read_bytes()
    row = ListedArticle(slug, "OKX to delist", datetime(2026, 9, 23, 10, 0, 13, tzinfo=UTC), BASE + slug)
    notice = read(parse_article(payload(body), row), SPLITTER)
    ends = {ticker: impact.at for impact in notice.impacts for ticker in impact.tickers}
    assert len(ends) == 11
    september, october = datetime(2026, 9, 30, 8, tzinfo=UTC), datetime(2026, 10, 3, 8, tzinfo=UTC)
    assert {t for t, at in ends.items() if at == october} == {f"{c}/USDT" for c in "DORA ICX STORJ ZEUS ELF".split()}
    assert {t for t, at in ends.items() if at == september} == {
        f"{coin}/{quote}" for coin in ("ICX", "STORJ", "ELF") for quote in ("USDC", "EUR")
    }


def test_a_post_is_read_from_the_state_in_both_of_its_forms() -> None:
    page = gzip.decompress(capture("announcements/okx/antoo1__article_init_perp_2025-04-24.html.gz").read_bytes())
    row = ListedArticle("okx-to-list-perpetual-futures-for-init-crypto", "", None, BASE)
    article = parse_article(payload(page), row)
    assert article.title == "OKX to list perpetual futures for INIT crypto"
    assert article.body and article.body.startswith("<p>We are pleased to announce") and "<td>" in article.body
    older = json.loads(
        gzip.decompress(capture("announcements/okx/crypto_ews__okx_velodrome_migration_html.json.gz").read_bytes())
    )["html"]
    released = datetime(2023, 9, 14, 10, tzinfo=UTC)
    row = ListedArticle("okx-to-support-velodrome-token-migration", "", released, BASE)
    notice = read(parse_article(payload(older), row), SPLITTER)
    assert (notice.category, notice.tokens) == ("token_migration", ("VELODROME",))
    assert [date.at for date in notice.important_dates] == [datetime(2023, 9, 18, 6, tzinfo=UTC)]


def test_a_post_that_embeds_what_the_state_does_not_hold_is_read_from_the_page() -> None:
    rich = {"nodeType": "document", "content": [{"nodeType": "embedded-entry-block", "data": {"target": {}}}]}
    state = {"currentPost": {"slug": "a", "title": "OKX to delist ABC", "richTextContent": rich}}
    text = "The pair ABC/USDT will be delisted at 08:00 UTC on October 3, 2026, as the table says."
    html = f"<article><h1>OKX to delist ABC</h1><table><tr><td>{text}</td></tr></table></article>"
    article = parse_article(payload(state_page(state, html)), ListedArticle("a", "", None, BASE))
    assert article.body and text in article.body


def test_a_page_of_another_article_is_drift_that_names_it() -> None:
    state = {"currentPost": {"slug": "other", "title": "Another", "content": "x" * 100}}
    with pytest.raises(SchemaDrift, match=r"currentPost\.slug.*other"):
        parse_article(payload(state_page(state)), ListedArticle("wanted", "", None, BASE))


@pytest.mark.parametrize("code, error", [("50011", RetryableError), ("51000", PermanentError)])
def test_an_answer_with_another_code_than_0_is_an_error(code: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"code {code}: no luck"):
        parse_announcements(payload({"code": code, "msg": "no luck", "data": []}), BASE)


@pytest.mark.parametrize(
    "body, field",
    [
        ([], "code"),
        ({"data": []}, "code"),
        ({"code": "0", "data": {}}, "data"),
        ({"code": "0", "data": [{"rows": []}]}, "details"),
        ({"code": "0", "data": [{"details": [{"annType": "x"}]}]}, "details"),
    ],
)
def test_an_unknown_shape_is_drift_that_names_the_field(body: object, field: str) -> None:
    with pytest.raises(SchemaDrift, match=field):
        parse_announcements(payload(body), BASE)


def test_an_unusable_row_is_quarantined_and_the_others_are_used() -> None:
    good = {"title": "OKX to delist ABC", "url": BASE + "a", "pTime": "1790157613684"}
    bad = {"title": "OKX to delist XYZ", "url": "https://www.okx.com/", "pTime": "1790157613684"}
    late = {**good, "url": BASE + "b", "pTime": "soon"}
    page = parse_announcements(payload({"code": "0", "data": [{"details": [good, bad, late]}]}), BASE)
    assert [row.article_id for row in page.rows] == ["a"]
    assert ["url" in page.bad_rows[0].error, "pTime" in page.bad_rows[1].error] == [True, True]


def test_a_row_with_a_time_needs_no_usable_fallback_for_it() -> None:
    row = {"title": "OKX to delist ABC", "url": BASE + "a", "pTime": "1790157613684", "businessPTime": {"at": 1}}
    page = parse_announcements(payload({"code": "0", "data": [{"details": [row]}]}), BASE)
    assert [row.article_id for row in page.rows] == ["a"] and not page.bad_rows
    without = parse_announcements(payload({"code": "0", "data": [{"details": [row, {**row, "pTime": ""}]}]}), BASE)
    assert ["businessPTime" in bad.error for bad in without.bad_rows] == [True]
