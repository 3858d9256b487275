"""`make demo` with the board open on a second screen: each kind of trouble is found, understood and acknowledged from
the board alone, by keyboard."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import Browser
from tests.support.demo_process import running, story_of

pytestmark = pytest.mark.long
# What is typed into the search, and what the row must say without a click.
TROUBLES = {
    "single pairs leave": ("ETH/USDC", ("ETH/USDC", "Binance spot")),
    "coins leave an exchange": ("ICX delisting", ("ICX", "Binance", "trading ends|by ")),
    "another exchange removes a coin": ("QTUM", ("QTUM", "OKX spot")),
    "a hard fork": ("ATOM", ("ATOM", "fork|upgrade")),
    "a monitoring tag": ("ENJ", ("ENJ", "tag|Monitoring")),
    "a price that falls": ("DOGE", ("DOGE", "fell", "%")),
    "a market that dries up": ("ICX liquidity", ("ICX", "depth|liquidity")),
    "a hacked bridge": ("RON hack", ("RON", "hack|Hack", "USD")),
    "a stablecoin off its peg": ("USDC depeg", ("USDC", "0.9")),
    "a large order": ("whale", ("large (buy|sell) order", "M USDT")),
}
SHOTS = os.environ.get("EWS_SHOTS")


def keys(browser: Browser, *typed: str) -> None:
    from selenium.webdriver import ActionChains

    for key in typed:
        ActionChains(browser.driver).send_keys(key).perform()


def shot(browser: Browser, name: str) -> None:
    if SHOTS:
        browser.screenshot(Path(SHOTS) / f"{name}.png")


def row_for(browser: Browser, typed: str) -> str:
    """What the first row says that a search finds, reached by keys alone."""
    keys(browser, "\ue00c", "\ue00c", "/")
    browser.run("document.activeElement.select()")
    keys(browser, typed, "\ue007")
    browser.wait(lambda: browser.run("return document.activeElement.matches('.row, .head')"), f"a row for {typed}")
    if browser.run("return document.activeElement.matches('.head[aria-expanded=false]')"):
        keys(browser, "\ue007")
        time.sleep(0.1)
    if browser.run("return document.activeElement.matches('.head')"):
        keys(browser, "j")
    return str(browser.run("return document.activeElement.innerText"))


def is_held(browser: Browser, number: str) -> bool:
    text = browser.run("return document.querySelector(`.row[data-id='${arguments[0]}']`)?.innerText", number)
    return "demo has it" in str(text)


def test_each_trouble_of_the_demo_is_found_understood_and_acknowledged_by_keyboard(browser: Browser) -> None:
    with running() as demo:
        base, password = story_of(demo)
        browser.open(f"{base}/")
        browser.fill("#id_username", "demo")
        browser.fill("#id_password", password)
        keys(browser, "\ue007")
        browser.wait_for_text("FRESH", "#trust", 20)
        browser.wait(lambda: browser.run("return document.body.dataset.painted"), "a painted board")
        shot(browser, "demo-board")
        missing: dict[str, Any] = {}
        for trouble, (typed, words) in TROUBLES.items():
            text = row_for(browser, typed)
            wanting = [word for word in words if not re.search(word, text)]
            number = browser.run("return document.activeElement.dataset.id")
            keys(browser, "a")
            try:
                browser.wait(lambda of=number: is_held(browser, of), f"{trouble} is acknowledged")  # type: ignore[misc]
            except AssertionError as fault:
                wanting.append(str(fault)[:200])
            if wanting:
                missing[trouble] = (wanting, text)
        keys(browser, "\ue00c", "\ue00c", "\ue00c")
        shot(browser, "demo-acknowledged")
        assert not missing, missing
