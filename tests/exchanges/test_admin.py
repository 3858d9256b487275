"""Articles and the classification table in the admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crypto_ews.ui.theme import NAVIGATION
from exchanges.announcements.classification.rules import RULES
from exchanges.models import SeenArticle, TagSpell
from tests.events.admin.support import open_event, page_of

pytestmark = pytest.mark.django_db

ARTICLES = "/admin/exchanges/seenarticle/"
CLASSIFICATION = f"{ARTICLES}classification/"


def seen(**fields: Any) -> SeenArticle:
    now = timezone.now()
    return SeenArticle.objects.create(
        **{
            "exchange": "binance",
            "article_id": "abc",
            "title": "A notice",
            "first_seen_at": now,
            "released_at": now - timedelta(hours=1),
            **fields,
        }
    )


def test_an_event_and_its_articles_lead_to_each_other(admin_client: Client) -> None:
    event = open_event()
    article = seen(event=event, state="event", rule="delisting")
    address = f"{ARTICLES}{article.pk}/change/"
    assert address in admin_client.get(page_of(event)).content.decode()
    assert page_of(event) in admin_client.get(address).content.decode()
    assert page_of(event) in admin_client.get(ARTICLES).content.decode()


def test_the_link_of_an_article_must_be_a_web_address(admin_client: Client) -> None:
    article = seen(url="javascript:alert(1)")
    text = admin_client.get(f"{ARTICLES}{article.pk}/change/").content.decode()
    assert "javascript:alert(1)" in text and 'href="javascript:' not in text


def test_every_rule_can_be_read_in_order(admin_client: Client) -> None:
    response = admin_client.get(CLASSIFICATION)
    assert [row["rule"] for row in response.context["rows"]] == list(RULES)
    text = response.content.decode()
    assert all(f'id="{rule.name}"' in text for rule in RULES)


def test_a_title_can_be_tried_on_the_table(admin_client: Client) -> None:
    response = admin_client.get(CLASSIFICATION, {"title": "Binance Will Delist ABC <b>"})
    match = response.context["match"]
    assert match.rule is not None and match.rule.event and match.rule.category == "delisting"
    text = response.content.decode()
    assert match.rule.explanation.split("'")[0] in text and "ABC <b>" not in text


def test_a_title_that_no_rule_takes_is_said_to_be_one(admin_client: Client) -> None:
    assert "No rule applies" in admin_client.get(CLASSIFICATION, {"title": "zzz"}).content.decode()


def test_articles_are_not_edited(admin_client: Client) -> None:
    article = seen()
    assert admin_client.get(f"{ARTICLES}add/").status_code == 403
    assert admin_client.post(f"{ARTICLES}{article.pk}/change/", {"title": "x"}).status_code == 403


def test_the_history_of_a_tokens_tags_is_found_by_the_token(admin_client: Client) -> None:
    now = timezone.now()
    period = {"exchange": "binance", "tag": "Monitoring"}
    TagSpell.objects.create(token="ABC", began_at=now - timedelta(days=90), ended_at=now - timedelta(days=60), **period)
    TagSpell.objects.create(token="ABC", began_at=now - timedelta(days=20), at_first_reading=True, **period)
    TagSpell.objects.create(token="ABCD", began_at=now, **period)
    response = admin_client.get("/admin/exchanges/tagspell/", {"q": "abc"})
    assert [found.ended_at is None for found in response.context["cl"].result_list] == [True, False]
    assert "before" in response.content.decode() and "has it now" in response.content.decode()
    address = f"/admin/exchanges/tagspell/{TagSpell.objects.latest('pk').pk}/change/"
    assert admin_client.post(address, {"tag": "x"}).status_code == 403


def test_every_table_is_reached_from_the_navigation() -> None:
    linked = {str(item["link"]) for group in NAVIGATION for item in group["items"]}
    # An acknowledgement is a part of its event's page.
    pages = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
        if model._meta.model_name != "acknowledgement"
    }
    assert pages - linked == set()
