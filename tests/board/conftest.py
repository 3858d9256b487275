"""The board as a person sees it: the daemon's own web server, a session of staff, a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.support.browser import Browser


@pytest.fixture
def member(db: None) -> Client:
    """A superuser who is logged in, where nothing has to be committed."""
    client = Client()
    client.force_login(User.objects.create_superuser("mia", "mia@example.com", "a long password 1"))
    return client


@pytest.fixture
def staff(transactional_db: None) -> Client:
    """A superuser who is logged in."""
    user = User.objects.create_superuser("mia", "mia@example.com", "a long password 1")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def opened(site: str, staff: Client, browser: Browser) -> Callable[..., Browser]:
    """Opens a path of the site as that person, and waits until the board has painted."""

    def open_page(path: str = "/", painted: bool = True) -> Browser:
        browser.open(f"{site}/healthz")
        browser.driver.add_cookie({"name": "sessionid", "value": staff.cookies["sessionid"].value, "path": "/"})
        browser.open(f"{site}{path}")
        if painted:
            browser.wait(lambda: browser.run("return document.body.dataset.painted"), "a painted board", 8)
        return browser

    return open_page
