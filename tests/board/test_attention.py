"""What a board must not do to whoever looks at it: act on what they have not read, lose their place, look calm."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from alerts.models import Acknowledgement
from events.lifecycle import record
from events.models import Effect
from tests.board.test_board import alive, keys, rows
from tests.events.admin.support import draft, open_event
from tests.support.browser import Browser

Opened = Callable[..., Browser]


def held() -> set[int]:
    return set(Acknowledgement.objects.filter(ended_at=None).values_list("event_id", flat=True))


def press_at_once(browser: Browser, key: str, when: str) -> None:
    """Press a key in the very task in which the page first shows something, as a finger does that was on its way."""
    browser.run(
        """
        const [key, when] = arguments;
        window.pressed = 0;
        new MutationObserver((_, self) => {
          if (!document.querySelector("#groups").innerText.includes(when)) return;
          self.disconnect();
          setTimeout(() => {
            const place = document.activeElement || document.body;
            place.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            window.pressed = 1;
          }, 60);
        }).observe(document.querySelector("#groups"), { childList: true, subtree: true, characterData: true });
        """,
        key,
        when,
    )


def test_a_key_acts_on_what_was_read_and_not_on_what_came_a_moment_ago(opened: Opened) -> None:
    read = open_event("read", tokens=("BTC",))
    browser = opened()
    time.sleep(0.7)
    keys(browser, "j")
    press_at_once(browser, "a", "2 events")
    late = open_event("late", tokens=("BTC",), category="wallet_suspension")
    browser.wait(lambda: browser.run("return window.pressed"), "the key")
    browser.wait_for_text("acknowledged", "#said")
    assert held() == {read.pk}
    # The same person, a second later, has seen that there are two.
    browser.wait_for_text("mia has it", "#groups")
    # The event that stood alone is where it was, and so is the focus.
    assert browser.run("return document.activeElement.dataset.id") == str(read.pk)
    time.sleep(0.7)
    keys(browser, "k", "a")
    browser.wait(lambda: held() == {read.pk, late.pk}, "both")


def test_what_changed_under_the_finger_is_said(opened: Opened) -> None:
    event = open_event("read", tokens=("BTC",))
    browser = opened()
    time.sleep(0.7)
    keys(browser, "j")
    press_at_once(browser, "a", "SOL")
    record(draft("read", tokens=("BTC", "SOL"), title="Binance Will Delist BTC and SOL (read)"), timezone.now())
    browser.wait_for_text(f"Left out: #{event.pk} changed", "#said")
    assert held() == set()


def test_what_is_selected_is_what_is_seen(opened: Opened) -> None:
    open_event("a", tokens=("BTC",))
    open_event("b", tokens=("SOL",), category="wallet_suspension")
    browser = opened()
    keys(browser, "j", "x", "j", "x")
    assert browser.text("#picked") == "2 selected"
    browser.run(
        """
        const kind = document.querySelector("#category");
        kind.value = "delisting";
        kind.dispatchEvent(new Event("input", { bubbles: true }));
        """
    )
    browser.wait(lambda: len(rows(browser)) == 1, "one row")
    browser.wait(lambda: browser.text("#picked") == "1 selected", "one selected")
    # Looking what a silence would hide, and leaving it, keeps what was selected.
    keys(browser, "s")
    browser.wait_for_text("would be hidden", "#hides")
    keys(browser, "\ue00c")
    assert browser.text("#picked") == "1 selected"


@pytest.mark.long
def test_what_stands_beside_the_list_keeps_the_focus(opened: Opened) -> None:
    open_event("a", tokens=("BTC",))
    browser = opened()
    for place in ("#counts .chip", "#free button", "#dates button"):
        browser.find(place).send_keys("")
        browser.run(f"document.querySelector('{place}').focus()")
        before = len(rows(browser))
        open_event(f"more{place}", tokens=(f"T{before}",))
        browser.wait(lambda count=before: len(rows(browser)) == count + 1, "another row")  # type: ignore[misc]
        time.sleep(0.6)
        assert browser.run("return document.activeElement.closest(arguments[0]) !== null", place.split()[0]), place
    # And whatever stands there leads to the row as it is now.
    Effect.objects.filter(event__title__contains="(a)").update(trading_ends_at=timezone.now() + timedelta(hours=1))
    browser.wait_for_text("in 59 min", "#dates")
    browser.click("#dates button")
    assert browser.run("return document.activeElement.dataset.token") == "BTC"


@pytest.mark.long
def test_nothing_open_is_said_only_where_it_is_known(opened: Opened) -> None:
    browser = opened()
    browser.wait_for_text("It is not known whether anything is open", "#nothing")
    alive()
    browser.wait_for_text("Nothing is open", "#nothing", 8)
    event = open_event()
    browser.wait(lambda: rows(browser), "a row")
    again = opened("/?action=halt")
    again.wait_for_text("1 event is open, and the filters hide it", "#nothing")
    assert event.pk


@pytest.mark.long
def test_a_tab_behind_others_says_what_is_new(opened: Opened) -> None:
    browser = opened()
    board = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    other = browser.driver.current_window_handle
    try:
        browser.driver.switch_to.window(board)
        browser.run("window.requestAnimationFrame = () => 1")
        open_event()
        browser.wait(lambda: "1 REDUCE ONLY" in browser.driver.title, "the title of the tab", 4)
    finally:
        browser.driver.switch_to.window(other)
        browser.driver.close()
        browser.driver.switch_to.window(board)


class Wire:
    """A connection through which nothing comes any more, and of which nobody is told: a laptop that slept."""

    def __init__(self, port: int) -> None:
        self.port, self.cut = port, False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = self._server.getsockname()[1]
        self._open: list[socket.socket] = [self._server]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._server.accept()
                there = socket.create_connection(("127.0.0.1", self.port))
                self._open += [here, there]
                # What is open when the wire is cut stays open, and silent.
                dead = threading.Event()
                self.kill = dead.set
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass, args=(one, other, dead), daemon=True).start()
                self._all.append(dead)

    _all: list[threading.Event] = []

    @staticmethod
    def _pass(one: socket.socket, other: socket.socket, dead: threading.Event) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                if not dead.is_set():
                    other.sendall(data)
            if not dead.is_set():
                other.shutdown(socket.SHUT_WR)

    def silence(self) -> None:
        for dead in self._all:
            dead.set()

    def close(self) -> None:
        for one in self._open:
            one.close()


@contextmanager
def wire(site: str) -> Iterator[Wire]:
    made = Wire(urlsplit(site).port or 80)
    made._all = []
    try:
        yield made
    finally:
        made.close()


@pytest.mark.long
def test_a_connection_that_died_unheard_is_opened_again(opened: Opened, site: str) -> None:
    alive()
    browser = opened()
    with wire(site) as cable:
        browser.open(f"http://127.0.0.1:{cable.address}/")
        browser.wait_for_text("FRESH", "#trust")
        cable.silence()
        browser.wait_for_text("NOT CONNECTED", "#trust", 12)

        def fresh_again() -> bool:
            alive()
            return "FRESH" in browser.text("#trust")

        browser.wait(fresh_again, "connected again", 40)
