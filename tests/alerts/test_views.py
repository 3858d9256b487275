"""The page behind a card's link: looked at it changes nothing, confirmed it acts once, and it needs no account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Acknowledgement, AuditEntry, Silence
from alerts.rendering.links import act_links
from events.models import Event
from tests.alerts.factories import make_event, tell
from tests.events.admin.support import while_it_changes
from tests.events.risk_view.support import run_together
from tests.support.browser import Browser

pytestmark = pytest.mark.django_db


def path_of(event: Event, act: str = "acknowledge", *, hours: float = 2, age: timedelta = timedelta(0)) -> str:
    links = act_links(event.pk, "cex", "", timezone.now() - age, hours)
    return next(link.url for link in links if link.act == act)


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]+>", " ", response.content.decode(), flags=re.S))


def nothing_was_done() -> bool:
    return not (Acknowledgement.objects.exists() or Silence.objects.exists() or AuditEntry.objects.exists())


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("act", ["acknowledge", "silence"])
def test_whoever_only_looks_changes_nothing(client: Client, method: str, act: str) -> None:
    path = path_of(make_event(), act)
    for _ in range(3):
        assert getattr(client, method)(path).status_code == 200
    assert nothing_was_done()


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_nothing_but_a_form_acts(client: Client, method: str) -> None:
    assert getattr(client, method)(path_of(make_event())).status_code == 405
    assert nothing_was_done()


def test_a_confirmation_acknowledges_the_event_under_the_name_that_was_given(client: Client) -> None:
    event = make_event(title="Exchange will remove LUNA")
    path = path_of(event)
    page = client.get(path)
    assert "Exchange will remove LUNA" in text_of(page)
    answer = client.post(path, {"name": " Ann ‮Smith\n", "note": "on it"}, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 200
    assert f"Ann Smith has acknowledged event {event.pk}" in text_of(answer)
    made = Acknowledgement.objects.get()
    assert (made.event_id, made.by, made.note) == (event.pk, "Ann Smith", "on it")
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.by, entry.where, entry.address, entry.user) == (
        "acknowledged",
        "Ann Smith",
        "card in cex",
        "192.0.2.7",
        None,
    )


def test_who_is_logged_in_acts_under_their_own_name(admin_client: Client) -> None:
    path = path_of(make_event())
    assert "as admin" in text_of(admin_client.get(path))
    admin_client.post(path, {"name": "somebody else"})
    assert Acknowledgement.objects.get().by == "admin"
    assert AuditEntry.objects.get(user__username="admin").by == "admin"


@pytest.mark.parametrize("name", ["", "   ", "​‮", "x" * 81])
def test_a_name_is_needed(client: Client, name: str) -> None:
    assert client.post(path_of(make_event()), {"name": name}).status_code == 400
    assert nothing_was_done()


def test_nobody_confirms_what_they_have_not_seen(client: Client) -> None:
    event = make_event()
    path = path_of(event)
    typed = {"name": "ann", "note": "on it", "seen": str(event.revision)}
    assert f'name="seen" value="{event.revision}"' in client.get(path).content.decode()
    Event.objects.filter(pk=event.pk).update(revision=2, title="It got worse")
    answer = client.post(path, typed)
    assert answer.status_code == 409 and nothing_was_done()
    page = answer.content.decode()
    assert "has changed since" in page and "It got worse" in page and 'value="on it"' in page
    assert 'name="seen" value="2"' in page
    assert client.post(path, {**typed, "seen": "2"}).status_code == 200
    assert Acknowledgement.objects.get().event_id == event.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["acknowledge", "silence"])
def test_nor_what_is_being_written_while_they_confirm(client: Client, act: str) -> None:
    event = make_event()
    path = path_of(event, act)
    typed = {"name": "ann", "note": "on it", "seen": str(event.revision), "hours": "4"}
    answer = while_it_changes(event, lambda: client.post(path, typed))
    assert answer.status_code == 409 and "It got worse" in answer.content.decode() and nothing_was_done()


def test_a_link_works_once(client: Client) -> None:
    event = make_event()
    path = path_of(event, "silence")
    client.post(path, {"name": "ann", "hours": "4"})
    assert Silence.objects.count() == 1
    again = client.post(path, {"name": "bob", "hours": "24"})
    assert again.status_code == 410
    assert "used by ann" in text_of(again)
    assert client.get(path).status_code == 410
    assert Silence.objects.count() == AuditEntry.objects.count() == 1


@pytest.mark.parametrize("hours", ["0", "5", "-1", "x", ""])
def test_a_silence_lasts_as_long_as_was_offered(client: Client, hours: str) -> None:
    assert client.post(path_of(make_event(), "silence"), {"name": "ann", "hours": hours}).status_code == 400
    assert nothing_was_done()


def test_a_silence_from_a_card_says_what_it_hides_and_for_how_long(client: Client) -> None:
    event = make_event("depeg", tokens=("USDE",))
    path = path_of(event, "silence")
    tell(event)
    page = text_of(client.get(path)).replace("&#x27;", "'")
    assert "Silence depeg alerts of USDE?" in page
    assert "It hides now: the updates of 1 open event, and 1 waiting alert." in page
    client.post(path, {"name": "ann", "hours": "4", "note": "we know"})
    made = Silence.objects.get()
    assert (made.token, made.category, made.reason, made.made_by) == ("USDE", "depeg", "we know", "ann")
    assert abs((made.until - timezone.now()).total_seconds() - 4 * 3600) < 10


def test_a_link_that_expired_or_was_altered_acts_no_more(client: Client) -> None:
    event = make_event()
    expired = path_of(event, age=timedelta(hours=2))
    for path, status in ((expired, 410), (path_of(event)[:-1] + "*", 404), ("/act/preview", 404), ("/act/%00:x", 404)):
        assert client.get(path).status_code == status
        assert client.post(path, {"name": "ann"}).status_code == status
    assert nothing_was_done()


def test_a_link_for_one_act_or_event_is_none_for_another(client: Client) -> None:
    event, other = make_event(), make_event()
    path = path_of(event)
    for forged in (
        path.replace("acknowledge.", "silence."),
        path.replace(f".{event.pk}.", f".{other.pk}."),
        path.replace(".cex.", ".defi."),
    ):
        assert forged != path
        assert client.post(forged, {"name": "ann", "hours": "4"}).status_code == 404
    assert nothing_was_done()


def test_an_event_that_is_closed_gone_or_acknowledged_says_so(client: Client) -> None:
    event = make_event()
    first, second = path_of(event), path_of(event)
    client.post(first, {"name": "ann", "note": "mine"})
    late = client.post(second, {"name": "bob"})
    assert late.status_code == 409
    assert "ann acknowledged this event on" in text_of(late) and "mine" in text_of(late)
    Event.objects.non_polymorphic().filter(pk=event.pk).update(
        status="closed", closed_at=timezone.now(), close_reason="it is over now"
    )
    assert "it is over now" in text_of(client.post(path_of(event, "silence"), {"name": "ann", "hours": "1"}))
    path = path_of(event)
    Event.objects.all().delete()
    assert client.get(path).status_code == 404


def test_what_was_lowered_is_not_acknowledged_any_more(client: Client) -> None:
    """Its card says OVER, and the page for all of a digest leaves it out."""
    event = make_event()
    path = path_of(event)
    Event.objects.non_polymorphic().filter(pk=event.pk).update(priority="low")
    late = client.post(path, {"name": "ann"})
    assert late.status_code == 410 and "of low priority now" in text_of(late)
    assert nothing_was_done()


@pytest.mark.parametrize("act", ["acknowledge", "silence"])
def test_the_page_says_what_is_acted_on_in_the_words_of_the_card(client: Client, act: str) -> None:
    page = text_of(client.get(path_of(make_event(source="okx", title="A notice"), act)))
    assert "REDUCE ONLY · LUNA · Binance spot" in page and "Delisting · OKX · event" in page


def test_a_form_from_elsewhere_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    path = path_of(make_event())
    assert strict.post(path, {"name": "mallory"}).status_code == 403
    strict.get(path)
    assert strict.post(path, {"name": "mallory", "csrfmiddlewaretoken": "x" * 64}).status_code == 403
    assert nothing_was_done()
    token = strict.cookies["csrftoken"].value
    assert strict.post(path, {"name": "ann", "csrfmiddlewaretoken": token}).status_code == 200


def test_the_page_is_kept_by_nobody_and_loads_nothing(client: Client) -> None:
    answer = client.get(path_of(make_event()))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Robots-Tag"] == "noindex"


def test_foreign_text_stays_text(client: Client) -> None:
    event = make_event(title="<script>alert(1)</script> & שלום", close_reason="")
    body = client.get(path_of(event)).content.decode()
    assert "<script" not in body and "&lt;script&gt;alert(1)" in body


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_one_link_at_once_one_acts() -> None:
    path = path_of(make_event(), "silence")
    typed, statuses = {"name": "ann", "hours": "4"}, list[int]()
    assert run_together(*[lambda: statuses.append(Client().post(path, typed).status_code)] * 6) == []
    assert sorted(statuses) == [200, 410, 410, 410, 410, 410]
    assert Silence.objects.count() == 1


class TestInABrowser:
    """In headless Chromium, on the daemon's own web server."""

    pytestmark = pytest.mark.django_db(transaction=True)

    def test_a_person_acknowledges_an_event(self, browser: Browser, site: str) -> None:
        event = make_event(title="Exchange will remove LUNA <script>document.title='hit'</script>")
        path = path_of(event)
        browser.resize(390, 844)
        browser.open(site + path)
        assert "hit" not in browser.driver.title
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), "it fits on a phone"
        assert nothing_was_done()
        browser.fill("#id_name", "Ann")
        browser.fill("#id_note", "looking at it")
        browser.press("button[type=submit]")
        browser.wait_for_text(f"Ann has acknowledged event {event.pk}")
        made = Acknowledgement.objects.get()
        assert (made.by, made.note) == ("Ann", "looking at it")
        assert all(url.startswith(site) for url in browser.requested_urls()), "nothing comes from elsewhere"
        assert browser.console_errors() == []
        # The same link again, and the form sent again.
        browser.open(site + path)
        browser.find("#refused")
        assert browser.all("form") == []
        assert "Ann" in browser.text()
        assert Acknowledgement.objects.count() == 1

    def test_it_remembers_the_name_and_refuses_what_is_over(self, browser: Browser, site: str) -> None:
        browser.open(site + path_of(make_event()))
        browser.fill("#id_name", "Zoë")
        browser.press("button[type=submit]")
        browser.find("#done")
        path = path_of(make_event(), "silence")
        browser.open(site + path)
        assert browser.find("#id_name").get_attribute("value") == "Zoë"
        # A form that waited until somebody else had used its link.
        assert Client().post(path, {"name": "ann", "hours": "4"}).status_code == 200
        browser.press("button[type=submit]")
        browser.wait_for_text("used by ann")
        assert Silence.objects.count() == 1
        browser.open(site + path_of(make_event(), age=timedelta(hours=3)))
        browser.wait_for_text("This link has expired", "main")
        assert browser.all("form") == []

    def test_a_form_without_its_token_or_of_another_origin_is_refused(self, browser: Browser, site: str) -> None:
        path = path_of(make_event())
        browser.open(site + path)
        browser.fill("#id_name", "Mallory")
        browser.run("document.querySelector('[name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
        browser.press("button[type=submit]")
        browser.wait_for_text("CSRF verification failed")
        other = site.replace("127.0.0.1", "localhost")
        # A file without our policy, as another site's page would be: ours lets no form go elsewhere.
        browser.open(f"{other}/static/orderbooks/live.css")
        browser.run(
            "const f = document.createElement('form'); f.method = 'post'; f.action = arguments[0];"
            "f.innerHTML = '<input name=name value=mallory>'; document.body.append(f); f.submit()",
            site + path,
        )
        browser.wait_for_text("CSRF verification failed")
        assert nothing_was_done()

    def test_it_can_be_read_in_light_and_dark(self, browser: Browser, site: str) -> None:
        for scheme in ("light", "dark"):
            browser.prefer_colors(scheme)
            browser.open(site + path_of(make_event()))
            for css in ("h1", "p.soft", "label", "button"):
                assert contrast(browser, css) >= 4.5, (scheme, css)


def contrast(browser: Browser, css: str) -> float:
    """Of an element's text with what lies behind it, as WCAG 2 counts: 4.5 is what it asks for."""
    colors = browser.run(
        """
        let element = document.querySelector(arguments[0]);
        const ink = getComputedStyle(element).color;
        while (getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)') element = element.parentElement;
        return [ink, getComputedStyle(element).backgroundColor];
        """,
        css,
    )

    def luminance(color: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(color) for color in colors), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
