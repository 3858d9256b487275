"""The page of one notice: its answer, the clauses that gave it, its frames; and who may see it."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from events.models import PayloadBody
from exchanges.models import SeenArticle
from tests.events.admin.support import archived, open_event, page_of, staff
from tests.exchanges.reviews.support import opened
from tests.upstreams.binance import bullets, paragraph

pytestmark = pytest.mark.django_db

ARTICLES = "/admin/exchanges/seenarticle/"
FORM = f"{ARTICLES}classification/"
RELEASED = datetime(2026, 9, 29, 7, 15, tzinfo=UTC)
TITLE = "Notice of Removal of Spot Trading Pairs - 2026-10-02"
LEAD = "Binance will remove and cease trading on the following spot trading pairs at 2026-10-02 03:00 (UTC):"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7|add:"1" }} javascript:alert(3) </td></table>'


def article_body(*pairs: str, title: str = TITLE) -> PayloadBody:
    """The archived answer of Binance's detail query."""
    tree = {"node": "root", "child": [paragraph(LEAD), bullets(*pairs)]}
    return archived(json.dumps({"success": True, "data": {"title": title, "body": json.dumps(tree)}}).encode())


def seen(**fields: Any) -> SeenArticle:
    return SeenArticle.objects.create(
        **{
            "exchange": "binance",
            "article_id": "5f1a",
            "title": TITLE,
            "first_seen_at": RELEASED,
            "released_at": RELEASED,
            "state": "event",
            **fields,
        }
    )


def page(article: SeenArticle) -> str:
    return f"{ARTICLES}{article.pk}/frames/"


def text_of(client: Client, address: str, data: dict[str, str] | None = None) -> str:
    response = client.post(address, data) if data is not None else client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_an_article_is_read_from_its_archived_answer(admin_client: Client) -> None:
    text = text_of(admin_client, page(seen(payload=article_body("ABC/USDC", "XYZ/BTC"))))
    for part in ("ABC/USDC", "XYZ/BTC", "delisting", "removal-of-traded", "2026-10-02 03:00", "second opinion"):
        assert part.lower() in text.lower(), part
    for anchor in set(re.findall(r'href="#(clause-\d+)"', text)):
        assert f'id="{anchor}"' in text
    assert '<mark class="ews-mark ews-mark-name">ABC/USDC</mark>' in text
    assert '<mark class="ews-mark ews-mark-date">2026-10-02 03:00 (UTC)</mark>' in text


def test_an_events_answer_counts_before_the_articles_first_one(admin_client: Client) -> None:
    article = seen(payload=article_body("OLD/USDC"))
    newer = article_body("ABC/USDC")
    open_event(natural_key="binance.announcement:5f1a", payload=newer.pk)
    text = text_of(admin_client, page(article))
    assert "ABC/USDC" in text and "OLD/USDC" not in text


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe", b'{"data": {"articles": []}}'])
def test_without_an_article_in_the_archive_the_title_is_read(admin_client: Client, body: bytes) -> None:
    text = text_of(admin_client, page(seen(payload=archived(body))))
    assert "the title alone was read" in text and "delisting" in text


def test_an_exchange_without_a_site_has_its_titles_read(admin_client: Client) -> None:
    assert "the title alone was read" in text_of(admin_client, page(seen(exchange="elsewhere")))


def test_articles_events_and_reviews_lead_to_the_page(admin_client: Client) -> None:
    event = open_event()
    article = seen(event=event, payload=article_body("ABC/USDC"))
    for address in (ARTICLES, f"{ARTICLES}{article.pk}/change/", page_of(event)):
        assert page(article) in text_of(admin_client, address), address
    review = opened()
    link = f"{FORM}review/{review.pk}/"
    assert link in text_of(admin_client, f"/admin/events/review/{review.pk}/change/")
    assert admin_client.get(link).headers["Location"] == page(article)


def test_a_review_whose_article_is_not_archived_is_read_from_its_text(admin_client: Client) -> None:
    review = opened()
    for remains in (True, False):
        if not remains:
            SeenArticle.objects.all().delete()
        text = text_of(admin_client, f"{FORM}review/{review.pk}/")
        assert "the review keeps" in text and "FOO verabschiedet" in re.sub("<[^>]+>", "", text)


def test_the_form_reads_title_and_body(admin_client: Client) -> None:
    typed = {"title": "Changes in October", "body": "<p>Trading in FOO/USDT ends on 14 May at 08:00 UTC.</p>"}
    text = text_of(admin_client, FORM, {**typed, "exchange": "okx", "released_at": "2026-05-01T00:00"})
    assert "2026-05-14 08:00" in text and "frames:body" in text and "FOO/USDT" in text
    assert SeenArticle.objects.count() == 0


@pytest.mark.parametrize(
    "typed, fault",
    [
        ({"title": "x" * 601}, "at most 600"),
        ({"title": "x", "released_at": "tomorrow"}, "such as 2026-12-31 18:30"),
        ({"title": "x", "exchange": "nowhere"}, "valid choice"),
        ({"title": "x", "body": "y" * 1_000_001}, "at most 1000000"),
        ({"title": "x", "body": '{"node": "root", "child": [{"node": 1}'}, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said(admin_client: Client, typed: dict[str, str], fault: str) -> None:
    assert fault in text_of(admin_client, FORM, typed)


def test_an_empty_form_reads_nothing(admin_client: Client) -> None:
    for text in (text_of(admin_client, f"{FORM}?title="), text_of(admin_client, FORM, {"title": " "})):
        assert "The answer" not in text and "Rules in the order" in text


def test_nothing_of_a_hostile_notice_is_markup(admin_client: Client) -> None:
    sentence = f"Trading in FOO/USDT ends at 2026-10-02 03:00 (UTC) {HOSTILE}"
    body = f"<p>{sentence}</p><h3>{HOSTILE}</h3><p>{HOSTILE}:</p><li>AB/USDT"
    for text in (
        text_of(admin_client, FORM, {"title": f"Foo Will Delist BAR {HOSTILE}", "body": body}),
        text_of(admin_client, FORM, {"title": HOSTILE, "body": f"&lt;script&gt;alert(1)&lt;/script&gt; & {sentence}"}),
        text_of(admin_client, page(seen(title=f"{TITLE} {HOSTILE}", url="javascript:alert(4)"))),
    ):
        assert "<script>alert(1)" not in text and "<img src=x" not in text and 'href="javascript:' not in text
        assert "{{ 7|add:" in text, "a title is no template"


def test_the_page_loads_nothing_from_elsewhere(admin_client: Client) -> None:
    body = '<link rel=stylesheet href="https://evil.test/a.css"><style>@import "https://evil.test/b.css";</style><p>FOO/USDT'
    response = admin_client.post(FORM, {"title": TITLE, "body": body})
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "style-src 'self'" in policy and "http" not in policy
    text = response.content.decode()
    assert not re.findall(r'<(?:link|script|img|iframe)[^>]+(?:src|href)="(?:https?:)?//', text)
    assert not re.findall(r"<style[^>]*>[^<]*@import", text)


@pytest.mark.long
@pytest.mark.parametrize("piece", ["<p>AAA/USDT ends 2026-10-02 03:00 (UTC).</p>", "A (&<"])
def test_a_body_of_a_megabyte_is_shown(admin_client: Client, piece: str) -> None:
    body = piece * (1_000_000 // len(piece))
    begun = time.process_time()
    text = text_of(admin_client, FORM, {"title": TITLE, "body": body})
    assert time.process_time() - begun < 5
    assert "The answer" in text and len(text) < 6_000_000


def test_who_may_view_articles_may_see_the_pages_and_nobody_else() -> None:
    article, review = seen(payload=article_body("ABC/USDC")), opened()
    addresses = [FORM, page(article), f"{FORM}review/{review.pk}/"]
    stranger = staff("events.view_event")
    assert {stranger.get(address).status_code for address in addresses} == {403}
    assert stranger.post(FORM, {"title": "x"}).status_code == 403
    assert {Client().get(address).status_code for address in addresses} == {302}


def test_a_reader_of_articles_sees_them_and_no_review() -> None:
    article, review = seen(payload=article_body("ABC/USDC")), opened()
    reader = staff("exchanges.view_seenarticle")
    assert [reader.get(address).status_code for address in (FORM, page(article))] == [200, 200]
    assert reader.get(f"{FORM}review/{review.pk}/").status_code == 403


def test_what_does_not_exist_is_not_found_and_forms_need_their_token(admin_client: Client) -> None:
    for address in (f"{ARTICLES}999/frames/", f"{ARTICLES}{10**25}/frames/", f"{FORM}review/999/"):
        assert admin_client.get(address).status_code == 404, address
    assert admin_client.put(FORM).status_code == 405
    checked = staff("exchanges.view_seenarticle", enforce_csrf_checks=True)
    assert checked.post(FORM, {"title": "x"}).status_code == 403


def test_a_released_date_that_is_missing_is_the_first_sight(admin_client: Client) -> None:
    article = seen(released_at=None, first_seen_at=RELEASED + timedelta(days=1))
    assert "2026-09-30" in text_of(admin_client, page(article))
