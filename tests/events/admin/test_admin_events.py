"""Events in the admin are found and read in full, and nothing there writes around the lifecycle."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.admin.event_list import ticker_spellings
from events.admin.payloads import SHOWN_BYTES
from events.lifecycle import close_event, open_manual_event
from events.models import Event
from tests.events.admin.support import LIST, archived, open_event, page_of, staff

pytestmark = pytest.mark.django_db


def found(client: Client, query: str) -> set[int]:
    """The events that the list shows for a query string."""
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return {event.pk for event in response.context["cl"].result_list}


def test_all_kinds_stand_in_one_list_without_a_query_per_row(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(LIST).status_code == 200
        return len(captured)

    open_event("one", tokens=("LUNA", "FLM"))
    few = queries()
    for number in range(15):
        open_event(f"more-{number}", tokens=("KDA", "PERP", "INJ"))
        open_manual_event(timezone.now(), by="sam", tokens=["UST"], title=f"Block {number}", action="halt")
    assert Event.objects.count() == 31
    assert queries() == few


def test_open_events_are_shown_unless_asked_otherwise(admin_client: Client) -> None:
    alive, gone = open_event("alive"), open_event("gone")
    close_event(gone.pk, timezone.now(), by="sam", reason="over")
    assert found(admin_client, "") == {alive.pk}
    assert found(admin_client, "status=closed") == {gone.pk}
    assert found(admin_client, "status=all") == {alive.pk, gone.pk}


@pytest.mark.parametrize(
    "words",
    ["delist flm", "FLM", "flm", "FLMUSDT", "flm/usdt", "BINANCE:FLMUSDT", "Binance FLMUSDT"],
)
def test_search_finds_titles_tokens_and_tickers_however_they_are_written(admin_client: Client, words: str) -> None:
    wanted = open_event("wanted", tokens=("FLM",))
    open_event("other", tokens=("LUNA",))
    assert found(admin_client, f"q={words.replace(' ', '+')}") == {wanted.pk}


def test_search_finds_the_number_of_an_event(admin_client: Client) -> None:
    wanted = open_event("wanted", title="Removal", tokens=("FLM",))
    open_event("other", title="Removal", tokens=("LUNA",))
    assert found(admin_client, f"q=%23{wanted.pk}") == {wanted.pk}


@pytest.mark.parametrize("words", ["%25", "_", "'", "\\", "999999999999999999999", "²", "a" * 3000, "%00"])
def test_search_survives_what_people_paste(admin_client: Client, words: str) -> None:
    open_event()
    assert admin_client.get(f"{LIST}?q={words}").status_code == 200


def test_a_pair_is_looked_for_under_every_venue() -> None:
    spellings = ticker_spellings("luna/usdt")
    assert {"BINANCE:LUNAUSDT", "BINANCE_USDM:LUNAUSDT", "OKX:LUNA-USDT"} <= set(spellings)
    assert ticker_spellings("okx:LUNA-USDT") == ["OKX:LUNA-USDT"]


def test_filters_narrow_by_source_category_priority_and_token(admin_client: Client) -> None:
    removal = open_event("removal", tokens=("FLM",))
    hack = open_event("hack", tokens=("BAL",), source="defillama", category="hack", priority="low")
    for query in ("source=binance", "category__exact=delisting", "priority__exact=high", "token=flm"):
        assert found(admin_client, query) == {removal.pk}, query
    for query in ("source=defillama", "category__exact=hack", "priority__exact=low", "token=BAL"):
        assert found(admin_client, query) == {hack.pk}, query


def test_filter_by_the_day_it_opened(admin_client: Client) -> None:
    today = timezone.now()
    old = open_event("old", now=today - timedelta(days=5), valid_until=today + timedelta(days=9))
    new = open_event("new", now=today)
    day, long_ago = today.strftime("%Y-%m-%d"), (today - timedelta(days=5)).strftime("%Y-%m-%d")
    assert found(admin_client, f"opened_at_from={day}") == {new.pk}
    assert found(admin_client, f"opened_at_to={long_ago}") == {old.pk}
    assert found(admin_client, f"opened_at_from={long_ago}&opened_at_to={day}") == {old.pk, new.pk}


def test_a_day_that_is_none_filters_nothing(admin_client: Client) -> None:
    event = open_event()
    assert found(admin_client, "opened_at_from=yesterday&opened_at_to=2026-99-99") == {event.pk}


def test_the_page_of_an_event_shows_everything_about_it(admin_client: Client) -> None:
    body = archived(b'{"data": 1}')
    event = open_event(
        "abc",
        tokens=("FLM", "KDA"),
        facts={"phase": "planned", "market": "spot"},
        payload=body.pk,
        url="https://upstream.test/article/abc",
        network_tokens=("ETH",),
    )
    text = admin_client.get(page_of(event)).content.decode()
    for shown in (
        event.title,
        "BINANCE:FLMUSDT",
        "BINANCE:KDAUSDT",
        "reduce only",
        "trading stops",
        "in 1 d 2 h",
        "&quot;phase&quot;: &quot;planned&quot;",
        event.natural_key,
        'href="https://upstream.test/article/abc"',
        body.pk[:12],
        "ETH",
    ):
        assert shown in text, shown


def test_the_page_shows_the_fields_of_its_own_kind(admin_client: Client) -> None:
    outcome = open_manual_event(timezone.now(), by="sam", tokens=["UST"], title="Block UST", note="said by Kim")
    assert outcome.event is not None
    text = admin_client.get(page_of(outcome.event)).content.decode()
    assert "Opened by" in text and "said by Kim" in text


def test_the_page_of_an_event_costs_the_same_whatever_the_number_of_effects(admin_client: Client) -> None:
    def queries(event: Event) -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(page_of(event))
        return len(captured)

    few, many = open_event("few"), open_event("many", tokens=tuple(f"T{number}" for number in range(40)))
    queries(few)
    assert queries(many) == queries(few)


def test_what_a_source_says_is_escaped(admin_client: Client) -> None:
    evil = "<script>alert(1)</script>"
    event = open_event("evil", title=f"Delisting {evil}", facts={"note": evil, evil: 1}, tokens=("<I>",))
    for page in (page_of(event), LIST, "/admin/"):
        text = admin_client.get(page).content.decode()
        assert evil not in text
    assert "&lt;script&gt;" in admin_client.get(page_of(event)).content.decode()


def test_a_link_that_is_no_web_address_is_not_clickable(admin_client: Client) -> None:
    event = open_event("evil", url="javascript:alert(1)")
    text = admin_client.get(page_of(event)).content.decode()
    assert "javascript:alert(1)" in text
    assert not re.search(r"""href=["']javascript:alert""", text)


@pytest.mark.parametrize("number", ["999999", "0", "abc", "99999999999999999999999", "-1", "１"])
def test_an_event_that_does_not_exist_leads_back_with_a_message(admin_client: Client, number: str) -> None:
    response = admin_client.get(f"{LIST}{number}/change/", follow=True)
    assert response.status_code == 200
    assert response.redirect_chain
    assert any("doesn’t exist" in str(message) for message in response.context["messages"])


def test_nothing_is_written_around_the_lifecycle(admin_client: Client) -> None:
    event = open_event()
    assert admin_client.post(page_of(event), {"title": "changed"}).status_code == 405
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    admin_client.post(LIST, {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})
    assert Event.objects.get(pk=event.pk).title == event.title


def test_the_other_events_of_a_key_are_linked(admin_client: Client) -> None:
    first = open_event("again", reopen="always")
    close_event(first.pk, timezone.now(), by="sam", reason="over", suppress_until=timezone.now() + timedelta(seconds=1))
    later = timezone.now() + timedelta(hours=1)
    second = open_event("again", now=later, reopen="always")
    assert second.pk != first.pk
    assert f"#{first.pk}</a>" in admin_client.get(page_of(second)).content.decode()


def test_a_payload_is_shown_escaped_and_bounded_and_downloads_whole(admin_client: Client) -> None:
    body = b"<script>alert(1)</script>\xff" + b"x" * (SHOWN_BYTES * 2)
    kept = archived(body)
    response = admin_client.get(f"{LIST}payload/{kept.pk}/")
    text = response.content.decode()
    assert "<script>alert(1)" not in text and "&lt;script&gt;alert(1)" in text
    assert SHOWN_BYTES <= len(text) < SHOWN_BYTES * 1.5
    raw = admin_client.get(f"{LIST}payload/{kept.pk}/raw/")
    assert raw.content == body
    assert raw["Content-Type"] == "application/octet-stream"
    assert raw["Content-Disposition"].startswith("attachment")
    assert raw["X-Content-Type-Options"] == "nosniff"


def test_a_payload_that_retention_dropped_is_a_404(admin_client: Client) -> None:
    assert admin_client.get(f"{LIST}payload/{'0' * 64}/").status_code == 404
    assert admin_client.get(f"{LIST}payload/{'0' * 64}/raw/").status_code == 404


def test_payloads_are_for_those_who_may_see_them() -> None:
    kept = archived(b"{}")
    client = staff("events.view_event")
    assert client.get(f"{LIST}payload/{kept.pk}/").status_code == 403
    assert client.get(f"{LIST}payload/{kept.pk}/raw/").status_code == 403


def test_who_may_not_see_events_sees_none() -> None:
    event = open_event()
    client = staff("events.view_sourcehealth")
    assert client.get(LIST).status_code == 403
    assert client.get(page_of(event)).status_code == 403
    assert event.title not in client.get("/admin/").content.decode()


def test_a_draft_recorded_twice_is_one_row_of_the_list(admin_client: Client) -> None:
    event = open_event("same")
    open_event("same")
    assert found(admin_client, "") == {event.pk}
