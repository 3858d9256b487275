"""Articles and the classification table in the admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exchanges.models import SeenArticle
from exchanges.rules_table import RULES
from tests.events.admin_support import open_event, page_of

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
