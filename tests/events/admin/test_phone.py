"""The pages on a phone of 390 pixels: none is wider than the screen, and a block is typed, shown and confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.utils import timezone

from alerts.models import Silence
from events.lifecycle import close_event
from events.models import ManualEvent
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.alerts.factories import make_event, tell
from tests.events.admin.support import LIST, act_page, open_event, page_of
from tests.exchanges.reviews.support import opened
from tests.support.browser import Browser

WIDTH = 390
# What is pressed or typed into, and shown, but is beyond the screen: a table that scrolls in a box of its own may be.
BEYOND = """
const inBox = one => { for (let at = one.parentElement; at; at = at.parentElement)
    if (at !== document.documentElement && at !== document.body
        && ['auto', 'scroll'].includes(getComputedStyle(at).overflowX)) return true; return false };
return [...document.querySelectorAll(':is(#main, main) :is(a, input, select, textarea, button)')]
    .filter(one => one.offsetParent !== null && one.getBoundingClientRect().right > arguments[0] && !inBox(one))
    .map(one => one.outerHTML.slice(0, 120))
"""

# Lines of a list that are lower than what they say, and choices of a form of which a part is left out.
CUT = """
const low = [...document.querySelectorAll('#result_list tbody :is(td, th)')]
    .filter(cell => [...cell.children].some(one => one.offsetHeight > cell.offsetHeight + 1));
const cut = [...document.querySelectorAll('.ews-form .truncate, .ews-button')]
    .filter(one => one.scrollWidth > one.clientWidth + 1);
// What is to be confirmed is read without a turn to the side.
const aside = [...document.querySelectorAll(':is(.ews-form, .ews-stacked) td')]
    .filter(cell => cell.getBoundingClientRect().right > window.innerWidth);
return [...low, ...cut, ...aside].map(one => one.innerText.slice(0, 60))
"""


def fits(browser: Browser, page: str) -> None:
    width = browser.run("return document.documentElement.scrollWidth")
    assert width <= WIDTH, f"{page} is {width} pixels wide"
    assert browser.run(BEYOND, WIDTH) == [], page
    assert browser.run(CUT) == [], page


@pytest.fixture
def phone(browser: Browser, site: str, django_user_model: Any) -> Browser:
    """A phone with a superuser at the overview."""
    django_user_model.objects.create_superuser("ann", password="a-good-password")
    browser.resize(WIDTH, 844)
    browser.open(f"{site}/admin/")
    browser.fill("#id_username", "ann")
    browser.fill("#id_password", "a-good-password")
    browser.press("button[type=submit]")
    browser.wait_for_text("Overview")
    return browser


def test_the_forms_are_usable_on_a_phone(phone: Browser, site: str) -> None:
    rows = [InstrumentRow("BINANCE", "ETHUSDC", "ETH", "USDC", "ETH", "TRADING", True)]
    store_instruments("BINANCE", rows, timezone.now())
    event, over = open_event(), open_event("over", tokens=("KDA",))
    close_event(over.pk, timezone.now(), by="sam", reason="mistake")
    ends = timezone.now() + timedelta(days=4)
    review = opened(timezone.now(), text=f"FOO/USDT {ends:%Y-%m-%d} 08:00 (UTC).")
    phone.open(f"{site}/admin/")
    phone.find(f"form[action='/admin/alerts/acknowledgement/of/{event.pk}/'] button")
    fits(phone, "the overview")
    queue = "/admin/events/review/"
    acts = [act_page(event, name) for name in ("correct", "close", "false-alarm")]
    phone.open(f"{site}{queue}")
    fits(phone, queue)
    reviews = f"{queue}{review.pk}/change/"
    for page in (*acts, act_page(over, "reopen"), "/admin/alerts/silence/add/", reviews, f"{LIST}open-manual/"):
        phone.open(f"{site}{page}")
        phone.find(".ews-form")
        fits(phone, page)
    phone.fill("#id_tokens", "ETH/USDC")
    phone.fill("#id_title", "Block it")
    phone.fill("#id_note", "Kim called")
    phone.press(".ews-form button[type=submit]")
    phone.wait_for_text("Nothing is saved yet")
    fits(phone, "the preview")
    phone.press(".ews-form button[type=submit]")
    phone.wait_for_text("is open")
    (effect,) = ManualEvent.objects.get().effects.all()
    assert (effect.token, effect.scope, effect.tickers) == ("ETH", "pairs", ["BINANCE:ETHUSDC"])
    # The daemon's own server sends the list in portions.
    got = phone.run(
        "const asked = new XMLHttpRequest(); asked.open('GET', '/admin/csv/events/event/', false); asked.send();"
        "return asked.responseText"
    )
    assert got.startswith("Event,State,Tokens") and "Block it" in got


@pytest.mark.long
def test_an_event_is_reopened_on_a_phone(phone: Browser, site: str) -> None:
    event = open_event()
    close_event(event.pk, timezone.now(), by="sam", reason="mistake")
    phone.open(f"{site}{page_of(event)}")
    phone.press(f"a[href='{act_page(event, 'reopen')}']")
    phone.fill("#id_reason", "not a mistake")
    phone.press(".ews-form button[type=submit]")
    phone.wait_for_text("Nothing is saved yet")
    fits(phone, "the preview of reopening")
    phone.press(".ews-form button[type=submit]")
    phone.wait_for_text("reopened by ann: not a mistake")
    event.refresh_from_db()
    assert (event.status, event.life) == ("open", 2)


@pytest.mark.long
def test_every_list_and_the_page_of_an_event_fit_a_phone(phone: Browser, site: str) -> None:
    tokens = tuple(f"TOKEN{number}" for number in range(30))
    event = open_event("long", tokens=tokens, title="Word" * 60 + " and more" * 20)
    tell(make_event(title="Exchange will remove LUNA"))
    Silence.objects.create(token="ETH", until=timezone.now() + timedelta(hours=5), reason="known" * 30, made_by="ann")
    lists = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]
    wide = []
    for page in ("/admin/", page_of(event), *sorted(lists)):
        phone.open(f"{site}{page}")
        try:
            fits(phone, page)
        except AssertionError as error:
            wide.append(str(error)[:600])
    assert wide == [], "\n".join(wide)
