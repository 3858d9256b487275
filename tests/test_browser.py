"""The browser that tests use: it shows our pages, reaches nothing but this machine, and remembers nothing."""

from __future__ import annotations

import pytest

from tests.support.browser import Browser
from tests.upstreams import UpstreamServer
from tests.upstreams.steps import Reply


def page(body: str) -> Reply:
    head = "<!doctype html><meta name=viewport content='width=device-width'><link rel=icon href=data:,><title>t</title>"
    return Reply(f"{head}<body>{body}", headers={"Content-Type": "text/html"})


def test_it_shows_the_pages_of_the_daemons_own_server(browser: Browser, site: str, django_user_model) -> None:
    django_user_model.objects.create_superuser("ann", password="a-good-password")
    browser.open(f"{site}/admin/")
    browser.fill("#id_username", "ann")
    browser.fill("#id_password", "a-good-password")
    browser.press("button[type=submit]")
    browser.wait_for_text("No daemon has run yet")
    urls = browser.requested_urls()
    assert f"{site}/admin/" in urls
    assert all(url.startswith(site) for url in urls), "the admin loads nothing from elsewhere"
    assert browser.console_errors() == []


@pytest.mark.parametrize("elsewhere", ["http://example.com/", "http://192.0.2.1/"])
def test_it_reaches_nothing_but_this_machine(browser: Browser, elsewhere: str) -> None:
    with UpstreamServer() as server:
        server.route("/page", page(f"<img id=i src={elsewhere}><p>here</p>"))
        browser.open(server.url("/page"))
        browser.wait_for_text("here")
        assert elsewhere in browser.requested_urls()
        browser.wait(lambda: browser.run("return document.images[0].complete"), "the image has failed")
        assert browser.run("return document.images[0].naturalWidth") == 0
        assert any("ERR_" in error for error in browser.console_errors())


@pytest.mark.parametrize("visit", [1, 2])
def test_it_remembers_nothing_of_the_test_before(browser: Browser, visit: int) -> None:
    with UpstreamServer() as server:
        server.route("/page", page("<p>here</p>"))
        browser.open(server.url("/page"))
        assert browser.run("return document.cookie") == ""
        assert browser.requested_urls()[0] == server.url("/page")
        browser.run("document.cookie = 'known=1; path=/'")
        browser.resize(390, 844)
        assert browser.run("return innerWidth") == 390
        browser.prefer_colors("dark")
        assert browser.run("return matchMedia('(prefers-color-scheme: dark)').matches")


def test_what_does_not_come_is_named(browser: Browser) -> None:
    with UpstreamServer() as server:
        server.route("/page", page("<p>only this</p>"))
        browser.open(server.url("/page"))
        with pytest.raises(AssertionError, match=r"not within 0.2 s: an element #late; .*only this"):
            browser.find("#late", seconds=0.2)
