"""The forms on a phone of 390 pixels: nothing is wider than the screen, and a block is typed, shown and confirmed."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from events.models import ManualEvent
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.events.admin.support import LIST, act_page, open_event
from tests.support.browser import Browser


def fits(browser: Browser, page: str) -> None:
    width = browser.run("return document.documentElement.scrollWidth")
    assert width <= 390, f"{page} is {width} pixels wide"
    beyond = browser.run(
        "const found = document.querySelectorAll('.ews-form :is(input, select, textarea, button)');"
        "return [...found]"
        ".filter(one => one.getBoundingClientRect().right > 390).map(one => one.outerHTML.slice(0, 80))"
    )
    assert beyond == [], page


def test_the_forms_are_usable_on_a_phone(browser: Browser, site: str, django_user_model: Any) -> None:
    django_user_model.objects.create_superuser("ann", password="a-good-password")
    rows = [InstrumentRow("BINANCE", "ETHUSDC", "ETH", "USDC", "ETH", "TRADING", True)]
    store_instruments("BINANCE", rows, timezone.now())
    event = open_event()
    browser.resize(390, 844)
    browser.open(f"{site}/admin/")
    browser.fill("#id_username", "ann")
    browser.fill("#id_password", "a-good-password")
    browser.press("button[type=submit]")
    browser.wait_for_text("Overview")
    acts = [act_page(event, name) for name in ("correct", "close", "false-alarm")]
    for page in (*acts, "/admin/alerts/silence/add/", f"{LIST}open-manual/"):
        browser.open(f"{site}{page}")
        browser.find(".ews-form")
        fits(browser, page)
    browser.fill("#id_tokens", "ETH/USDC")
    browser.fill("#id_title", "Block it")
    browser.fill("#id_note", "Kim called")
    browser.press(".ews-form button[type=submit]")
    browser.wait_for_text("Nothing is saved yet")
    fits(browser, "the preview")
    browser.press(".ews-form button[type=submit]")
    browser.wait_for_text("is open")
    (effect,) = ManualEvent.objects.get().effects.all()
    assert (effect.token, effect.scope, effect.tickers) == ("ETH", "pairs", ["BINANCE:ETHUSDC"])
    # The daemon's own server sends the list in portions.
    got = browser.run(
        "const asked = new XMLHttpRequest(); asked.open('GET', '/admin/csv/events/event/', false); asked.send();"
        "return asked.responseText"
    )
    assert got.startswith("Event,State,Tokens") and "Block it" in got
