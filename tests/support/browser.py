"""A real browser for tests: headless Chromium, one for the whole session, that reaches loopback and nothing else.

`browser` is the fixture to ask for; `site` serves our pages with the daemon's own ASGI server on the test's database.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

PAGE_LOAD_SECONDS = 10
_LOOK_AGAIN_SECONDS = 0.03
_NOWHERE = "127.0.0.1:9"

Found = TypeVar("Found")


class Browser:
    """What a person does in a browser. Elements are found by CSS selectors and waited for, within a bound."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        self.driver.get(url)

    @property
    def url(self) -> str:
        return str(self.driver.current_url)

    @property
    def source(self) -> str:
        """The page's HTML as it stands now."""
        return str(self.driver.page_source)

    def wait(self, condition: Callable[[], Found], what: str, seconds: float = 5.0) -> Found:
        """The first true value of `condition`; AssertionError naming `what`, and what the page says, otherwise.

        An element that the page has just replaced counts as not there yet.
        """
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

        ends = time.monotonic() + seconds
        while True:
            try:
                value = condition()
            except (NoSuchElementException, StaleElementReferenceException):
                value = None
            if value:
                return value
            if time.monotonic() > ends:
                shown = self.driver.execute_script("return document.body ? document.body.innerText : ''")
                raise AssertionError(f"not within {seconds:g} s: {what}; {self.url} says {str(shown)[:1000]!r}")
            time.sleep(_LOOK_AGAIN_SECONDS)

    def find(self, css: str, seconds: float = 5.0) -> WebElement:
        from selenium.webdriver.common.by import By

        return self.wait(lambda: self.driver.find_element(By.CSS_SELECTOR, css), f"an element {css}", seconds)

    def all(self, css: str) -> list[WebElement]:
        """Every element that is there now, without waiting."""
        from selenium.webdriver.common.by import By

        return list(self.driver.find_elements(By.CSS_SELECTOR, css))

    def text(self, css: str = "body") -> str:
        """The text that is visible in the first such element."""
        return self.wait(lambda: (self.find(css).text,), f"the text of {css}")[0]

    def wait_for_text(self, text: str, css: str = "body", seconds: float = 5.0) -> None:
        self.wait(lambda: text in self.find(css).text, f"{text!r} in {css}", seconds)

    def click(self, css: str) -> None:
        self.find(css).click()

    def press(self, css: str) -> None:
        """Click what leads to another page, and wait until that page is there."""
        before = self.find("html")
        self.click(css)
        self.wait(lambda: self.find("html") != before and self._is_loaded(), f"a new page after {css}")

    def fill(self, css: str, text: str) -> None:
        field = self.find(css)
        field.clear()
        field.send_keys(text)

    def run(self, script: str, *arguments: Any) -> Any:
        """The value that JavaScript returns."""
        return self.driver.execute_script(script, *arguments)

    def resize(self, width: int, height: int) -> None:
        """The size of the page in CSS pixels; a phone has about 390 by 844."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def prefer_colors(self, scheme: str) -> None:
        """What `prefers-color-scheme` says: "light" or "dark"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def screenshot(self, file: Path) -> Path:
        self.driver.save_screenshot(str(file))
        return file

    def requested_urls(self) -> list[str]:
        """Every URL that was asked for since the last call, in order; `data:` and the browser's own are left out."""
        messages = [json.loads(line["message"])["message"] for line in self.driver.get_log("performance")]
        urls = [
            str(message["params"]["request"]["url"])
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in urls if urlsplit(url).scheme not in ("data", "blob", "chrome", "about")]

    def console_errors(self) -> list[str]:
        """What scripts and the content security policy complained of since the last call."""
        return [str(line["message"]) for line in self.driver.get_log("browser") if line["level"] == "SEVERE"]

    def forget(self) -> None:
        """As if nobody had used it yet: no cookies, no storage, one empty window of desktop size, light colours."""
        first, *others = self.driver.window_handles
        for window in others:
            self.driver.switch_to.window(window)
            self.driver.close()
        self.driver.switch_to.window(first)
        origin = urlsplit(self.url)
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        if origin.netloc:
            where = {"origin": f"{origin.scheme}://{origin.netloc}", "storageTypes": "all"}
            self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", where)
        self.resize(1280, 900)
        self.prefer_colors("light")
        for log in ("performance", "browser"):
            self.driver.get_log(log)

    def _is_loaded(self) -> bool:
        return bool(self.run("return document.readyState === 'complete'"))


def missing_programs() -> list[str]:
    return [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]


def start_browser(profile: Path) -> Chrome:
    """Headless Chromium with a profile folder of its own. Raises selenium's WebDriverException if it cannot start."""
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (
        "--headless",
        # Chromium refuses to run its sandbox as root; the pages are our own.
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        "--disable-dev-shm-usage",
        "--disable-gpu",
        f"--user-data-dir={profile}",
        "--window-size=1280,900",
        # Whatever is not this machine ends nowhere, by name and by address; Chromium never proxies loopback.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        f"--proxy-server={_NOWHERE}",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-extensions",
        "--disable-sync",
        "--disable-domain-reliability",
        "--metrics-recording-only",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = Chrome(options=options, service=ChromeService(str(shutil.which("chromedriver"))))
    driver.set_page_load_timeout(PAGE_LOAD_SECONDS)
    return driver


@pytest.fixture(scope="session")
def session_browser() -> Iterator[Browser]:
    """Started once. Without Chromium its tests are skipped, but in CI, which must not pass without having looked."""
    if missing := missing_programs():
        reason = f"{' and '.join(missing)} not found; install Debian's chromium and chromium-driver"
        if os.environ.get("CI"):
            pytest.fail(f"{reason} (CI must run the tests that need a browser)", pytrace=False)
        pytest.skip(reason)
    profile = Path(tempfile.mkdtemp(prefix="ews-browser-"))
    try:
        driver = start_browser(profile)
        try:
            yield Browser(driver)
        finally:
            driver.quit()
    finally:
        shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def browser(session_browser: Browser) -> Browser:
    """The session's browser, with nothing left of the test before."""
    session_browser.forget()
    return session_browser


@pytest.fixture
def site(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where our pages are, e.g. http://127.0.0.1:40123: the daemon's own web server, as its leader serves them.

    Its threads see what is committed, so the test's database is a transactional one.
    """
    from django.db import connections

    from crypto_ews.asgi import application
    from events.daemon.endpoints import health
    from events.daemon.webserver import Role, WebServer

    # A connection kept by the server's thread would outlive the test.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    role = Role()
    role.leading = True
    server = WebServer("127.0.0.1", 0, role, application, health)
    server.start()
    try:
        yield server.url.rstrip("/")
    finally:
        server.stop()
