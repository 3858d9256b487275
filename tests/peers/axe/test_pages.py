"""axe finds nothing wrong on the pages that people leave open: light and dark, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from events.lifecycle import record
from tests.board.conftest import opened, staff  # noqa: F401
from tests.board.world import fill
from tests.events.admin.support import draft, open_event
from tests.support.browser import Browser
from tests.support.peers import ENVIRONMENTS

Opened = Callable[..., Browser]
_RUN = """
const done = arguments[arguments.length - 1];
const inWords = (node) => `${node.html.slice(0, 160)} | ${node.any.map((why) => why.message).join(" ")}`;
axe.run(document, {resultTypes: ["violations"]}).then((found) => done(found.violations.map((one) =>
  `${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map(inWords).join(" || ")}`)));
"""


def violations(browser: Browser) -> list[Any]:
    script = (ENVIRONMENTS / "axe" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    browser.run(script + "; window.axe = window.axe || axe;")
    browser.driver.set_script_timeout(30)
    return list(browser.driver.execute_async_script(_RUN))


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(opened: Opened, colours: str, width: int) -> None:  # noqa: F811
    fill(8, timezone.now(), tokens=5)
    event = open_event("axe", tokens=("BTC",))
    record(draft("axe", tokens=("BTC",), title="Changed since"), timezone.now())
    browser = opened()
    browser.resize(width, 900)
    browser.prefer_colors(colours)
    browser.click(".head")
    browser.click("#matrix-box summary")
    browser.click("#sources-summary")
    browser.wait(lambda: browser.all("#matrix td"), "the matrix")
    assert violations(browser) == []
    browser.click(".row [data-act=silence]")
    browser.wait_for_text("would be hidden", "#hides")
    assert violations(browser) == []
    browser.click("#silence [data-close]")
    browser.click("#help-button")
    assert violations(browser) == []
    base = browser.url.split("/?")[0].rstrip("/")
    for path in (f"/board/event/{event.pk}/", "/board/time/", "/board/quality/"):
        browser.open(f"{base}{path}")
        browser.find("main")
        assert violations(browser) == [], path
