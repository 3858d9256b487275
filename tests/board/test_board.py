"""The board as a person uses it, in a real browser, against the daemon's own web server."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from alerts.models import Acknowledgement, AuditEntry, Silence
from events.clock import database_now
from events.lifecycle import record
from events.models import Effect, Event, Heartbeat, SourceHealth
from tests.board.world import fill
from tests.events.admin.support import draft, open_event
from tests.support.browser import Browser

Opened = Callable[..., Browser]
STATIC = Path(__file__).resolve().parents[2] / "board" / "static" / "board"
UPLOT = STATIC.parents[2] / "crypto_ews" / "static" / "crypto_ews" / "uplot" / "uPlot.iife.min.js"


def alive() -> None:
    Heartbeat.objects.update_or_create(defaults={"beat_at": database_now()})


def keys(browser: Browser, *typed: str) -> None:
    from selenium.webdriver import ActionChains

    for key in typed:
        ActionChains(browser.driver).send_keys(key).perform()


def rows(browser: Browser) -> list[str]:
    return [
        str(text) for text in browser.run("return [...document.querySelectorAll('.row')].map(row => row.ariaLabel)")
    ]


# ---------------------------------------------------------------------------------------------------------------- shown


def test_it_shows_the_worst_first_who_has_it_and_what_comes_next(opened: Opened) -> None:
    now = timezone.now()
    calm = open_event("calm", tokens=("SOL",))
    worse = open_event("worse", tokens=("BTC",))
    Effect.objects.filter(event=worse).update(action="exit", trading_ends_at=now + timedelta(hours=3))
    browser = opened()
    assert rows(browser) == [f"EXIT BTC, event {worse.pk}", f"REDUCE ONLY SOL, event {calm.pk}"]
    text = browser.text("#groups")
    assert "Binance spot" in text and "in 2 h 59 min" in text and "Nobody has it" in text
    assert "2 open events" in browser.text("#bulk")
    # What stands beside the list comes a moment later.
    browser.wait_for_text("BTC: trading ends", "#dates")
    browser.wait_for_text("1 EXIT", "#counts")
    browser.wait_for_text("2 nobody has", "#counts")
    browser.wait(lambda: browser.driver.title == "NOT KNOWN · 1 EXIT · 1 REDUCE ONLY · Board", "the tab's title", 20)


def test_events_of_one_coin_are_one_group_with_the_worst_of_them_and_open_by_enter(opened: Opened) -> None:
    for number in range(3):
        open_event(f"one{number}", tokens=("BTC",))
    Effect.objects.filter(event=Event.objects.latest("pk")).update(action="halt")
    browser = opened()
    head = browser.text(".group .head")
    assert "HALT" in head and "BTC" in head and "3 events" in head and rows(browser) == []
    keys(browser, "j", "\ue007")
    browser.wait(lambda: len(rows(browser)) == 3, "the events of the group")
    assert rows(browser)[0].startswith("HALT BTC")


def test_a_notice_of_many_coins_is_one_row_and_still_found_by_each(opened: Opened) -> None:
    event = open_event("many", tokens=tuple(f"T{number}" for number in range(40)))
    other = open_event("other", tokens=("T7",), category="wallet_suspension")
    browser = opened()
    assert len(browser.all(".group")) == 2 and len(rows(browser)) == 1
    assert rows(browser)[0].startswith("REDUCE ONLY T0, T1, T10, T11 + ") and str(event.pk) in rows(browser)[0]
    assert "T7" in browser.text(".group .head") and "2 events" in browser.text(".group .head")
    browser.click("#matrix-box summary")
    browser.wait(lambda: len(browser.all("#matrix tbody tr")) == 40, "all coins in the matrix")
    again = opened("/?q=T39")
    again.wait(lambda: len(rows(again)) == 1, "one row")
    assert other.pk


def test_two_keys_acknowledge_and_everybody_sees_it(opened: Opened) -> None:
    event = open_event()
    browser = opened()
    keys(browser, "j", "a")
    browser.wait_for_text("mia has it", "#groups")
    assert f"Event {event.pk} acknowledged" in browser.text("#said")
    taken = Acknowledgement.objects.get()
    assert (taken.event_id, taken.by, taken.ended_at) == (event.pk, "mia", None)
    entry = AuditEntry.objects.get(event=event)
    assert (entry.by, entry.address) == ("mia", "127.0.0.1")
    browser.click("[data-act=unacknowledge]")
    browser.wait_for_text("Nobody has it", "#groups")


def test_what_changes_is_there_at_once_and_takes_neither_focus_nor_what_is_typed(opened: Opened) -> None:
    event = open_event(tokens=("LUNA",))
    browser = opened()
    keys(browser, "j")
    other = open_event("other", tokens=("SOL",))
    browser.wait(lambda: len(rows(browser)) == 2, "the other row", 2)
    assert browser.run("return document.activeElement.dataset.id") == str(event.pk)
    keys(browser, "/", "lun")
    record(draft(tokens=("LUNA",), title="Binance Will Delist LUNA (abc), now sooner"), timezone.now())
    Event.objects.non_polymorphic().filter(pk=other.pk).update(status="closed", closed_at=timezone.now())
    browser.wait(lambda: len(rows(browser)) == 1, "the row is gone", 2)
    keys(browser, "a")
    assert browser.run("return document.querySelector('#q').value") == "luna"
    assert Acknowledgement.objects.count() == 0


@pytest.mark.long
def test_fifty_changes_a_second_drop_no_key(opened: Opened) -> None:
    fill(40, timezone.now(), tokens=40)
    browser = opened()
    browser.run(
        """
        window.moved = [];
        document.addEventListener("focusin", ({ target }) => {
          if (target.classList.contains("row")) moved.push(target.dataset.id);
        });
        """
    )
    numbers = list(Event.objects.order_by("pk").values_list("pk", flat=True))
    browser.run("document.body.focus()")
    for press in range(20):
        Event.objects.non_polymorphic().filter(pk__in=numbers[press::20]).update(title=f"Changed {press}")
        keys(browser, "j")
    browser.wait(lambda: len(browser.run("return moved")) >= 20, "twenty steps")
    assert len(dict.fromkeys(browser.run("return moved"))) == 20


# --------------------------------------------------------------------------------------------------------- how to trust


def test_it_says_in_words_whether_it_can_be_trusted(opened: Opened) -> None:
    now = timezone.now()
    fields = {"interval_seconds": 30, "watched_since": now}
    SourceHealth.objects.create(source="binance.announcements", state="ok", last_success_at=now, **fields)
    alive()
    browser = opened()
    browser.wait_for_text("FRESH", "#trust")
    SourceHealth.objects.create(source="okx.status", state="stale", last_success_at=now, last_error="timeout", **fields)
    alive()
    browser.wait_for_text("STALE · not read in time: okx.status", "#trust", 8)
    browser.click("#sources-summary")
    assert "okx.status silent" in browser.text("#sources")
    Heartbeat.objects.update(beat_at=database_now() - timedelta(minutes=1))
    browser.wait_for_text("NOT KNOWN", "#trust", 8)
    browser.run("window.stop()")


@pytest.mark.long
def test_a_stream_that_ends_is_said_and_comes_back(opened: Opened, staff: Client) -> None:
    alive()
    browser = opened()
    browser.wait_for_text("FRESH", "#trust")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
    browser.wait_for_text("NOT CONNECTED", "#trust", 12)


# ------------------------------------------------------------------------------------------------------------- filters


def test_the_address_is_the_state(opened: Opened) -> None:
    open_event("a", tokens=("BTC",))
    other = open_event("b", tokens=("SOL",))
    Effect.objects.filter(event=other).update(venue="OKX", action="halt")
    browser = opened()
    browser.find("#venue option[value=OKX]")
    browser.run(
        """
        const venue = document.querySelector("#venue");
        venue.value = "OKX";
        venue.dispatchEvent(new Event("input", { bubbles: true }));
        """
    )
    browser.wait(lambda: len(rows(browser)) == 1, "one row")
    assert "1 of 2 events: OKX spot" in browser.text("#shown")
    assert urlsplit(browser.url).query == "venue=OKX"
    again = opened("/?venue=OKX&ack=no")
    assert len(rows(again)) == 1 and "OKX spot · not acknowledged" in again.text("#shown")
    again.click("#counts .a-exit")
    again.wait_for_text("2 events are open, and the filters hide them", "#nothing")


def test_any_name_of_a_coin_finds_it(opened: Opened) -> None:
    open_event("a", tokens=("BTC",))
    open_event("b", tokens=("SOL",))
    browser = opened("/?q=XBT")
    browser.wait(lambda: rows(browser) and all("BTC" in row for row in rows(browser)), "BTC alone")
    browser.fill("#q", "solana nonsense")
    browser.wait(lambda: rows(browser) == [], "nothing")
    browser.fill("#q", "1000SHIB")
    browser.wait(lambda: rows(browser) == [], "nothing either")


# ---------------------------------------------------------------------------------------------------------------- acts


def test_several_are_silenced_after_a_list_of_what_that_would_hide(opened: Opened) -> None:
    open_event("a", tokens=("BTC",))
    open_event("b", tokens=("SOL",))
    open_event("c", tokens=("BTC",), category="wallet_suspension")
    browser = opened("/?category=delisting")
    keys(browser, "j", "x", "j", "x", "s")
    browser.wait_for_text("Updates of 2 open events would be hidden", "#hides")
    assert Silence.objects.count() == 0
    keys(browser, "we know", "\ue007")
    browser.wait_for_text("2 events silenced", "#said")
    assert sorted(Silence.objects.values_list("token", "category", "reason")) == [
        ("BTC", "delisting", "we know"),
        ("SOL", "delisting", "we know"),
    ]


def test_what_changed_since_it_was_shown_is_left_out_and_named(member: Client) -> None:
    event = open_event()
    answer = member.post(
        "/board/acknowledge",
        {"events": {str(event.pk): event.revision + 1}, "note": ""},
        content_type="application/json",
    )
    assert answer.json() == {"done": [], "left": {str(event.pk): "changed since this page was opened"}}
    assert Acknowledgement.objects.count() == 0


WRONG = [
    ("acknowledge", "nonsense", "the request was no JSON object"),
    ("acknowledge", [], "the request was no JSON object"),
    ("acknowledge", {}, "`events` was missing or empty"),
    ("acknowledge", {"events": {}}, "`events` was missing or empty"),
    ("acknowledge", {"events": {"x": 1}}, "expected an event number and its revision"),
    ("acknowledge", {"events": {"1": "1"}}, "expected an event number and its revision"),
    ("acknowledge", {"events": {"1": True}}, "expected an event number and its revision"),
    ("acknowledge", {"events": {"9" * 40: 1}}, "expected an event number and its revision"),
    ("acknowledge", {"events": {"1": 1}, "note": 5}, "`note` was no text"),
    ("acknowledge", {"events": {"1": 1}, "note": "x" * 2001}, "`note` was no text"),
    ("silence", {"events": {"1": 1}, "hours": "4"}, "`hours` was '4'"),
    ("silence", {"events": {"1": 1}, "hours": True}, "`hours` was True"),
    ("silence", {"events": {"1": 1}, "hours": 0}, "`hours` was 0"),
    ("silence", {"events": {"1": 1}, "hours": 2161}, "`hours` was 2161"),
    ("silence", {"events": {"1": 1}, "hours": 4, "sure": True}, "the reason was empty"),
    ("unacknowledge", {"events": None}, "`events` was missing or empty"),
]


def test_wrong_requests_are_refused_with_what_was_expected(member: Client) -> None:
    for path, body, expected in WRONG:
        answer = member.post(f"/board/{path}", body, content_type="application/json")
        assert answer.status_code == 400 and expected in answer.json()["error"], (path, body)
    assert not Silence.objects.exists() and not Acknowledgement.objects.exists() and not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_who_may_only_look_sees_the_board_and_does_nothing() -> None:
    event = open_event()
    client = Client()
    client.force_login(User.objects.create_user("eve", is_staff=True))
    page = client.get("/")
    assert page.status_code == 200 and 'data-acknowledge="0" data-silence="0"' in page.content.decode()
    for path in ("acknowledge", "unacknowledge", "silence"):
        answer = client.post(
            f"/board/{path}", {"events": {str(event.pk): 1}, "hours": 1}, content_type="application/json"
        )
        assert answer.status_code == 403 and "permission" in answer.json()["error"]
    assert client.get("/board/held").status_code == 403
    assert not Acknowledgement.objects.exists() and not Silence.objects.exists()


PATHS = (
    "/", "/board/names?q=x", "/board/held", "/board/time/", "/board/time/at?at=x", "/board/quality/", "/board/event/1/",
    "/board/event/1/state",
)  # fmt: skip


@pytest.mark.django_db
def test_strangers_and_users_who_are_no_staff_see_nothing() -> None:
    plain = Client()
    plain.force_login(User.objects.create_user("bob"))
    for client in (Client(), plain):
        for path in PATHS:
            page = client.get(path, headers={"Accept": "text/html"})
            assert page.status_code == 302 and page["Location"].startswith("/admin/login/?next=/"), path
            assert client.get(path).status_code == 401, path
    assert Client().post("/board/acknowledge", {}, content_type="application/json").status_code == 401


@pytest.mark.django_db
def test_an_act_without_its_csrf_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("mia"))
    assert client.post("/board/acknowledge", {"events": {"1": 1}}, content_type="application/json").status_code == 403
    assert client.get("/board/acknowledge").status_code == 405


# ------------------------------------------------------------------------------------------------------------- outside


def test_it_asks_nobody_outside_complains_of_nothing_and_fits_a_phone(opened: Opened) -> None:
    fill(12, timezone.now(), tokens=8)
    Event.objects.non_polymorphic().update(title="<img src=x onerror=alert(1)> " + "W" * 200)
    browser = opened()
    browser.requested_urls(), browser.console_errors()
    browser.open(browser.url)
    browser.wait(lambda: rows(browser), "rows")
    browser.click("#matrix-box summary")
    browser.wait(lambda: browser.all("#matrix td"), "the matrix")
    assert {urlsplit(url).hostname for url in browser.requested_urls()} == {"127.0.0.1"}
    assert browser.console_errors() == []
    assert browser.run("return document.querySelectorAll('#groups img').length") == 0
    browser.resize(390, 844)
    assert browser.run("return document.documentElement.scrollWidth") <= 390


def test_scripts_and_charts_are_small() -> None:
    files = [*STATIC.glob("*.js"), UPLOT]
    assert len(files) > 8
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 60_000
