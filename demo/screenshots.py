"""`make screenshots`: the pictures of README and docs, taken from the demo by a headless browser.

Needs what `make demo` needs, and Debian's chromium and chromium-driver.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.support.browser import Browser, missing_programs, start_browser
from tests.support.daemon_process import ROOT
from tests.support.demo_process import running, story_of

DOCS = ROOT / "docs"
# Name of the picture → the page, how large it is, and what has to be on it before it is taken.
PAGES = {
    "board": ("/", (1280, 900), "#groups .row"),
    "board-phone": ("/?ack=no", (390, 844), "#groups .row"),
    "event": ("/board/event/1/", (1280, 1100), ".steps li"),
    "time-machine": ("/board/time/", (1280, 900), "#tokens tr"),
    "admin-overview": ("/admin/", (1280, 900), "body"),
    "admin-event": ("/admin/events/event/1/change/", (1280, 1100), "body"),
    "orderbooks": ("/orderbooks/", (1280, 1100), "#depth tbody tr"),
}
SETTLE_SECONDS = 2.0


def main() -> int:
    if missing := missing_programs():
        print(f"{' and '.join(missing)} not found; expected Debian's chromium and chromium-driver", file=sys.stderr)
        return 2
    profile = Path(tempfile.mkdtemp(prefix="ews-screenshots-"))
    try:
        with running() as demo:
            print("the demo tells its story", flush=True)
            base, password = story_of(demo)
            browser = Browser(start_browser(profile))
            try:
                take(browser, base, password)
            finally:
                browser.driver.quit()
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    return 0


def take(browser: Browser, base: str, password: str) -> None:
    browser.open(f"{base}/admin/login/?next=/admin/")
    browser.fill("#id_username", "demo")
    browser.fill("#id_password", password)
    browser.press("button[type=submit]")
    for name, (path, (width, height), wanted) in PAGES.items():
        browser.resize(width, height)
        browser.open(f"{base}{path}")
        browser.find(wanted, 20)
        time.sleep(SETTLE_SECONDS)
        print(browser.screenshot(DOCS / f"{name}.png").relative_to(ROOT), flush=True)


if __name__ == "__main__":
    sys.exit(main())
