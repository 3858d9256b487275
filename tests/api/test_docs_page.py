"""The documentation in a browser: it shows every operation, asks nobody outside, and breaks no policy."""

from __future__ import annotations

import pytest

from tests.support.browser import Browser


@pytest.mark.long
def test_swagger_runs_under_the_strict_policy_and_asks_nobody_outside(site: str, browser: Browser) -> None:
    browser.open(f"{site}/api/docs")
    browser.wait_for_text("/api/v1/events/{event_id}/ack")
    browser.wait_for_text("/api/v1/can-trade")
    browser.click("#operations-events-list_events .opblock-summary-control")
    browser.wait_for_text("FTM finds S")
    assert browser.console_errors() == []
    assert {url.split("/")[2] for url in browser.requested_urls()} == {site.split("/")[2]}
