"""The queue of reviews in the admin: what is shown first, one click, the form, permissions, and the way back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from alerts.models import AuditEntry
from events.models import Event, Review
from events.reviews import close_explained
from tests.events.admin.support import assert_only_pressed, page_of, staff
from tests.exchanges.reviews.support import KEY, opened
from tests.support.browser import Browser

pytestmark = pytest.mark.django_db

LIST = "/admin/events/review/"
ALL = ("events.view_review", "events.change_review", "events.add_event", "events.change_event", "events.view_event")


def page(review: Review) -> str:
    return f"{LIST}{review.pk}/change/"


def undecided(**changes: object) -> Review:
    now = timezone.now()
    ends = now + timedelta(days=4)
    fields = {"released_at": now - timedelta(minutes=20), "text": f"FOO/USDT: {ends:%Y-%m-%d} 08:00 (UTC)."}
    return opened(now - timedelta(minutes=15), **{**fields, **changes})


def buttons(client: Client, address: str) -> dict[str, str]:
    """The value of each button of a decision, by its words."""
    text = client.get(address).content.decode()
    found = re.findall(r'<button[^>]*name="decision" value="([^"]+)"[^>]*>(.*?)</button>', text, re.DOTALL)
    return {re.sub(r"<span.*?</span>", "", words).strip(): value for value, words in found}


def decide(client: Client, review: Review, **fields: object) -> str:
    """Submit a decision; what the person reads then: the page again, or the messages on the page that follows."""
    return read(client.post(f"{LIST}{review.pk}/decide/", fields))


def take_back(client: Client, review: Review) -> str:
    return read(client.post(f"{LIST}{review.pk}/take-back/"))


def read(response: Any) -> str:
    if response.status_code == 302:
        return " ".join(map(str, get_messages(response.wsgi_request)))
    return str(response.content.decode())


def typed(review: Review, **changes: object) -> Mapping[str, object]:
    """The form as it is shown, with changes."""
    fields = {
        "digest": review.digest, "category": "delisting", "tickers": review.tickers, "tokens": [],
        "extra_tickers": "", "extra_tokens": "", "market": "spot", "date": "", "other_date": "",
    }  # fmt: skip
    return {**fields, **changes}


def test_the_queue_shows_what_is_undecided_with_the_urgent_first(admin_client: Client) -> None:
    later = undecided(natural_key="binance.announcement:2", first=False, title="<b>Later</b>")
    first = undecided()
    done = undecided(natural_key="binance.announcement:3")
    close_explained({done.natural_key: None}, timezone.now())
    response = admin_client.get(LIST)
    assert [row.pk for row in response.context["cl"].result_list] == [first.pk, later.pk]
    text = response.content.decode()
    assert "&lt;b&gt;Later" in text and "<b>Later" not in text and "not read" in text
    assert [row.pk for row in admin_client.get(f"{LIST}?decided=yes").context["cl"].result_list] == [done.pk]
    figures = {figure.label: figure for figure in admin_client.get("/admin/").context["figures"]}
    assert (figures["Notices to review"].value, figures["Notices to review"].tone) == (2, "bad")


def test_one_click_in_the_queue_opens_the_event_that_the_button_names() -> None:
    review, client = undecided(), staff(*ALL)
    ends = timezone.now() + timedelta(days=4)
    value = buttons(client, LIST)[f"Delisting: FOOUSDT · {ends:%Y-%m-%d} 08:00 UTC"]
    assert "Event" in decide(client, review, decision=value, _selected_action="1", action="")
    event = Event.objects.get()
    effect = event.effects.get()
    assert (event.natural_key, effect.scope, effect.tickers) == (KEY, "pairs", ["BINANCE:FOOUSDT"])
    assert effect.trading_ends_at is not None and effect.trading_ends_at.date() == ends.date()
    assert page_of(event) in client.get(page(review)).content.decode()
    entries = list(LogEntry.objects.order_by("id").values_list("content_type__model", "change_message"))
    assert [model for model, _ in entries] == ["review", "event"] and "Delisting" in entries[0][1]
    assert set(AuditEntry.objects.values_list("by", "address")) == {("sam", "127.0.0.1")}


def test_one_click_is_harmless_and_one_more_takes_it_back() -> None:
    review, client = undecided(), staff(*ALL)
    assert "Take it back" in decide(client, review, decision=buttons(client, page(review))["Harmless"])
    assert Review.objects.get().decision == "harmless" and "Take the decision back" in str(
        client.get(page(review)).content
    )
    assert "undecided again" in take_back(client, review) and Review.objects.get().decided_at is None
    assert "is not decided" in take_back(client, review)


def test_an_event_that_is_taken_back_is_closed_on_its_page_and_in_the_history() -> None:
    review, client = undecided(), staff(*ALL)
    decide(client, review, **typed(review))
    take_back(client, review)
    event = Event.objects.get()
    assert event.false_alarm and "taken back" in client.get(page_of(event)).content.decode()


def test_the_form_takes_what_is_typed_in_place_of_what_was_found() -> None:
    review, client = undecided(), staff(*ALL)
    at = (timezone.now() + timedelta(days=9)).replace(second=0, microsecond=0)
    fields = typed(
        review, category="trading_suspension", tickers=[], extra_tokens="bar", extra_tickers="baz/usdt",
        other_date=f"{at:%Y-%m-%dT%H:%M}",
    )  # fmt: skip
    assert "BAR is not known in any list" in decide(client, review, **fields)
    effects = {effect.token: effect for effect in Event.objects.get().effects.all()}
    assert {token: effect.scope for token, effect in effects.items()} == {"BAR": "venue", "BAZ": "pairs"}
    assert effects["BAZ"].tickers == ["BINANCE:BAZUSDT"] and effects["BAR"].in_force_at == at


def test_a_pair_of_another_exchange_is_not_taken_for_one_of_the_notice() -> None:
    review, client = undecided(), staff(*ALL)
    for word, said in (
        ("OKX:FOO-USDT", "expected a venue of the notice: BINANCE, BINANCE_USDM"),
        ("binanc:foousdt", "did you mean BINANCE:FOOUSDT?"),
    ):
        assert said in decide(client, review, **typed(review, extra_tickers=word)), word
    assert not Event.objects.exists() and Review.objects.get().decided_at is None
    decide(client, review, **typed(review, tickers=[], extra_tickers="foo / usdt"))
    assert Event.objects.get().effects.get().tickers == ["BINANCE:FOOUSDT"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tickers": []}, "nothing is named"),
        ({"extra_tokens": "*"}, "only a halt of trading"),
        ({"extra_tokens": "<script>"}, "&lt;SCRIPT&gt;"),
        ({"extra_tickers": "x"}, "is no pair"),
        ({"extra_tickers": "BINANCE:??"}, "is no pair or contract"),
        ({"other_date": "soon"}, "such as 2026-12-31 18:30"),
        ({"tickers": ["BINANCE:BTCUSDT"]}, "not one of the available choices"),
        ({"category": "whale"}, "not one of the available choices"),
        ({"digest": "0" * 64}, "was edited since"),
    ],
)
def test_a_form_that_cannot_be_an_event_is_shown_again(changes: dict[str, object], message: str) -> None:
    review, client = undecided(), staff(*ALL)
    assert message in decide(client, review, **typed(review, **changes))
    assert not Event.objects.exists() and Review.objects.get().decided_at is None


@pytest.mark.long
def test_a_button_of_a_page_from_before_an_edit_does_nothing() -> None:
    review, client = undecided(), staff(*ALL)
    values = buttons(client, page(review))
    undecided(text="Everything stays.", tickers=())
    for value in values.values():
        assert "was edited since" in decide(client, review, decision=value)
    assert not Event.objects.exists() and Review.objects.get().decided_at is None


@pytest.mark.long
def test_the_second_person_reads_who_was_faster() -> None:
    review, client = undecided(), staff(*ALL)
    values = buttons(client, page(review))
    decide(client, review, decision=values["Harmless"])
    for fields in ({"decision": values["Harmless"]}, typed(review), {"decision": next(iter(values.values()))}):
        assert "sam has decided at" in decide(client, review, **fields)
    assert not Event.objects.exists()


@pytest.mark.long
def test_an_open_event_of_the_same_notice_is_named() -> None:
    review, client = undecided(), staff(*ALL)
    decide(client, review, **typed(review))
    again = undecided(text="Edited, and still not understood.")
    event = Event.objects.get()
    assert again.pk != review.pk and page_of(event) in client.get(page(again)).content.decode()
    assert f"Event {event.pk} of the same notice is still open" in decide(
        client, again, decision=f"{again.digest}:harmless"
    )
    assert Event.objects.get().status == "open"


@pytest.mark.parametrize(
    ("permissions", "sees", "may_dismiss", "may_open"),
    [
        ((), 403, False, False),
        (("events.view_review",), 200, False, False),
        (("events.view_review", "events.add_event"), 200, False, False),
        (("events.view_review", "events.change_review"), 200, True, False),
        (("events.view_review", "events.change_review", "events.add_event"), 200, True, True),
    ],
)
def test_who_may_see_decides_nothing(
    permissions: tuple[str, ...], sees: int, may_dismiss: bool, may_open: bool
) -> None:
    review, client = undecided(), staff(*permissions)
    for address in (LIST, page(review)):
        response = client.get(address)
        assert response.status_code == sees
        assert (b"Harmless</button>" in response.content) == may_dismiss
        assert (b"Delisting: " in response.content) == may_open
    answers = {
        "form": client.post(f"{LIST}{review.pk}/decide/", typed(review)).status_code,
        "harmless": client.post(f"{LIST}{review.pk}/decide/", {"decision": f"{review.digest}:harmless"}).status_code,
    }
    assert answers == {"form": 302 if may_open else 403, "harmless": 302 if may_dismiss else 403}
    decided = Review.objects.get().decision
    assert decided == ("event" if may_open else "harmless" if may_dismiss else "")
    # To close its event takes the right to close events.
    expected = 403 if may_open or not may_dismiss else 302
    assert client.post(f"{LIST}{review.pk}/take-back/").status_code == expected


@pytest.mark.long
def test_nothing_is_decided_without_the_token_of_the_form_or_by_a_link() -> None:
    review = undecided()
    client = staff(*ALL, enforce_csrf_checks=True)
    value = {"decision": f"{review.digest}:harmless"}
    assert client.post(f"{LIST}{review.pk}/decide/", value).status_code == 403
    assert_only_pressed(client, f"{LIST}{review.pk}/decide/")
    assert_only_pressed(client, f"{LIST}{review.pk}/take-back/")
    # The list's own form carries the token.
    text = client.get(LIST).content.decode()
    form = text[text.index('id="changelist-form"') :]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token is not None and form.index("csrfmiddlewaretoken") < form.index("formaction") < form.index("</form>")
    assert client.post(f"{LIST}{review.pk}/decide/", {**value, "csrfmiddlewaretoken": token[1]}).status_code == 302
    assert Review.objects.get().decision == "harmless"


@pytest.mark.long
def test_reviews_that_do_not_exist_are_not_found(admin_client: Client) -> None:
    assert admin_client.post(f"{LIST}77/decide/", {"decision": "x:harmless"}).status_code == 404
    assert admin_client.post(f"{LIST}77/take-back/").status_code == 404
    for address in ("77", "9" * 30, "x"):
        assert admin_client.get(f"{LIST}{address}/change/").status_code == 302
    assert admin_client.get(f"{LIST}add/").status_code == 403


@pytest.mark.long
def test_a_review_that_names_nothing_or_hundreds_has_a_page(admin_client: Client) -> None:
    nothing = undecided(tokens=(), tickers=(), text="", url="javascript:alert(1)")
    many = undecided(
        natural_key="binance.announcement:2",
        tokens=tuple(f"T{number}" for number in range(60)),
        tickers=tuple(f"BINANCE:T{number}USDT" for number in range(60)),
        text="x <b>y</b> " * 2_000,
    )
    for review in (nothing, many):
        assert buttons(admin_client, page(review)).keys() == {"Harmless"}
        text = admin_client.get(page(review)).content.decode()
        assert "<b>y" not in text and 'href="javascript' not in text
    decide(admin_client, many, **typed(many, category="wallet_suspension"))
    assert Event.objects.get().effects.count() == 60


@pytest.mark.long
def test_the_dates_of_the_text_are_offered_to_choose_from() -> None:
    days = [timezone.now() + timedelta(days=day) for day in (3, 5)]
    review = undecided(text=" ".join(f"{day:%Y-%m-%d} 08:00 (UTC)." for day in days))
    client = staff(*ALL)
    # Of two dates nobody knows which is meant: a button of one click has none.
    assert "Delisting: FOO" in buttons(client, page(review))
    at = days[1].replace(hour=8, minute=0, second=0, microsecond=0)
    decide(client, review, **typed(review, date=at.isoformat()))
    effect = Event.objects.get().effects.get()
    assert effect.trading_ends_at == at and isinstance(effect.trading_ends_at, datetime)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_button_in_the_list_decides_in_a_browser(browser: Browser, site: str, admin_user: User) -> None:
    """The list's own form posts it, to the address of the button."""
    review = undecided()
    browser.open(f"{site}{LIST}")
    browser.fill("#id_username", admin_user.get_username())
    browser.fill("#id_password", "password")
    browser.press("button[type=submit]")
    browser.wait_for_text(review.title)
    browser.click(f"button[formaction='{LIST}{review.pk}/decide/']")
    browser.wait_for_text("is open")
    assert Event.objects.get().natural_key == KEY and browser.console_errors() == []
