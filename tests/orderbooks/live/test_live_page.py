"""The live page in a real browser: a whale is on it within a second of being published."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import OperationalError

from crypto_ews.conf import parse_config
from events.daemon.webserver import EXPOSURE
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from orderbooks.collector import service
from orderbooks.live import views
from orderbooks.live.hub import HUB, BookState, Depth, TradeSum
from orderbooks.records import BANDS_PERCENT, Band, MinuteRow, ScoredOrder
from orderbooks.storage.writer import BookStorage
from tests.events.admin.support import open_event
from tests.streams.engine_support import DEPTH_PATH, SHORT, serve_depth
from tests.support.browser import Browser
from tests.support.daemon_process import eventually
from tests.upstreams import UpstreamServer
from tests.upstreams.streams.dialects import BinanceSpot
from tests.upstreams.streams.server import StreamVenue, new_market

pytestmark = pytest.mark.django_db(transaction=True)

VENUE, SYMBOL = "BINANCE", "BTCUSDT"


def now_ms() -> int:
    return int(time.time() * 1000)


def whale(price: float, score: int = 5, bid: bool = True, venue: str = VENUE, symbol: str = SYMBOL) -> ScoredOrder:
    return ScoredOrder(venue, symbol, bid, price, 25.0, 30.0, 60000.0, 0.001, 4.2, score, now_ms(), time.time_ns())


def state(in_sync: bool = True, reason: str = "") -> BookState:
    known = BookState(VENUE, SYMBOL, now_ms(), True, 59999.0, 1.5, 60001.0, 2.0)
    return known if in_sync else BookState(VENUE, SYMBOL, now_ms(), False, reason=reason)


def minute(partial: bool = False) -> MinuteRow:
    # A bias is of bands that are known whole.
    bands = tuple(Band(percent, 3e6, 1e6, 1.0, 1.0 if percent < 4 else 0.8) for percent in BANDS_PERCENT)
    start = now_ms() // 60_000 * 60_000 - 60_000
    return MinuteRow(
        VENUE, SYMBOL, start, partial, 60000.0, 59999.0, 1.5, 60001.0, 2.0, 60000.2, bands, 812, 799, -3.25, 600, 40,
        12.5, 9.75, start + 59_900,
    )  # fmt: skip


@pytest.fixture
def listed(transactional_db: None) -> None:
    """Two pairs of a watched coin, so that the page has something to choose from."""
    rows = [InstrumentRow(VENUE, f"{base}USDT", base, "USDT", base, "TRADING", True) for base in ("BTC", "ETH")]
    store_instruments(VENUE, rows, datetime.now(UTC))


def opened(browser: Browser, site: str) -> Browser:
    browser.open(f"{site}/orderbooks/?venue={VENUE}&symbol={SYMBOL}")
    browser.wait(lambda: (VENUE, SYMBOL) in HUB.pairs(), "the page listens")
    HUB.publish(state())
    browser.wait_for_text("live", "#state")
    return browser


def test_a_whale_is_on_the_page_within_a_second(listed: None, browser: Browser, site: str) -> None:
    page = opened(browser, site)
    assert page.find("#bid").text == "59,999"
    planted = time.monotonic()
    HUB.publish(whale(59_940.0))
    page.find('#orders tr[data-price="59940"]')
    assert time.monotonic() - planted < 1.0
    # Painted too, not only listed: a bubble of the bids' colour.
    painted = """
        const canvas = document.querySelector('#chart canvas'), at = canvas.getContext('2d');
        const pixels = at.getImageData(0, 0, canvas.width, canvas.height).data;
        let found = 0;
        for (let i = 0; i < pixels.length; i += 4)
            if (pixels[i + 3] > 60 && pixels[i + 1] > 1.5 * pixels[i] && pixels[i + 1] > 1.5 * pixels[i + 2]) found++;
        return found;
    """
    page.wait(lambda: page.run(painted) > 400, "a bubble", seconds=1)
    assert page.find("#shown").text == "1"
    assert page.console_errors() == []
    assert all(url.startswith(site) for url in page.requested_urls())


def test_orders_below_the_chosen_score_and_other_pairs_are_not_shown(listed: None, browser: Browser, site: str) -> None:
    page = opened(browser, site)
    HUB.publish(whale(59_950.0, score=1))
    HUB.publish(whale(59_960.0, symbol="ETHUSDT"))
    HUB.publish(whale(59_970.0, score=3, bid=False))
    page.find('#orders tr[data-price="59970"]')
    assert [row.get_attribute("data-price") for row in page.all("#orders tbody tr")] == ["59970"]
    page.run("const least = document.getElementById('least'); least.value = '1'; least.onchange()")
    page.find('#orders tr[data-price="59950"]')


def test_the_minute_is_shown_below(listed: None, browser: Browser, site: str) -> None:
    page = opened(browser, site)
    HUB.publish(minute(partial=True))
    page.wait_for_text("partial", "#minute-time")
    page.wait_for_text("0.50", "#bands")
    page.wait_for_text("1.000 M (80 % known)", "#bands")


def test_a_paused_page_stands_still_and_catches_up(listed: None, browser: Browser, site: str) -> None:
    page = opened(browser, site)
    page.click("#pause")
    page.wait_for_text("paused", "#state")
    HUB.publish(whale(59_930.0))
    page.wait(lambda: page.run("return document.body.dataset.orders") == "1", "it has come")
    page.run("return new Promise((done) => setTimeout(done, 300))")  # Two of the page's own turns.
    assert page.all("#orders tbody tr") == []
    page.click("#pause")
    page.find('#orders tr[data-price="59930"]')


def test_a_book_out_of_sync_is_told_and_shows_no_price(listed: None, browser: Browser, site: str) -> None:
    page = opened(browser, site)
    HUB.publish(state(in_sync=False, reason="a gap"))
    page.wait_for_text("out of sync: a gap", "#state")
    page.wait(lambda: page.find("#bid").text == "–", "no bid")
    HUB.publish(state())
    page.wait_for_text("live", "#state")


def test_the_pair_can_be_changed(listed: None, browser: Browser, site: str) -> None:
    page = opened(browser, site)
    assert [option.text for option in page.all("#symbol option")] == ["BTCUSDT", "ETHUSDT"]
    page.run("const select = document.getElementById('symbol'); select.value = 'ETHUSDT'; select.onchange()")
    page.wait(lambda: (VENUE, "ETHUSDT") in HUB.pairs(), "it listens to the other pair")
    HUB.publish(whale(2_400.0, symbol="ETHUSDT"))
    page.find('#orders tr[data-price="2400"]')
    assert "symbol=ETHUSDT" in page.url
    # The stream of the first pair is closed, and its queue with it.
    page.wait(lambda: (VENUE, SYMBOL) not in HUB.pairs(), "the first stream ended", seconds=10)


def test_where_nobody_collects_the_page_says_what_to_do(listed: None, browser: Browser, site: str) -> None:
    browser.open(f"{site}/orderbooks/?venue={VENUE}&symbol={SYMBOL}")
    browser.wait_for_text("runschedulers --streams", "#state")


@pytest.mark.parametrize(
    "query",
    ["", "?venue=BINANCE", "?symbol=BTCUSDT", "?venue=BINANCE&symbol=%00", "?venue=BINANCE&symbol=" + 9000 * "x"],
)
def test_a_stream_without_a_pair_is_refused(client, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    monkeypatch.setattr(EXPOSURE, "bound_to", "127.0.0.1")
    answer = client.get(f"/orderbooks/stream{query}", HTTP_HOST="localhost")
    assert answer.status_code == 400 and "venue and symbol" in answer.json()["error"]
    assert not HUB.pairs()


def test_a_stream_whose_history_cannot_be_read_leaves_no_queue_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(venue: str, symbol: str) -> dict[str, object]:
        raise OperationalError("the database is away")

    monkeypatch.setattr(views, "_past", broken)

    async def first() -> bytes:
        return await anext(views._events(VENUE, SYMBOL))

    with pytest.raises(OperationalError):
        asyncio.run(first())
    assert (VENUE, SYMBOL) not in HUB.pairs()


def test_what_is_stored_is_shown_at_once(listed: None, browser: Browser, site: str) -> None:
    storage, now = BookStorage(keep_days=7), datetime.now(UTC)
    storage.put_whale(whale(59_910.0))
    storage.put_whale(whale(59_900.0, symbol="ETHUSDT"))
    storage.put_minute(minute())
    storage.flush(now)
    page = opened(browser, site)
    page.find('#orders tr[data-price="59910"]')
    page.wait_for_text("0.50", "#bands")
    assert len(page.all("#orders tbody tr")) == 1


@pytest.fixture
def streamed(listed: None) -> Iterator[StreamVenue]:
    """Our streams following a loopback Binance whose book has moved for long enough to be scored."""
    ahead, source = [-90_000], random.Random(5)
    dialect = BinanceSpot(clock=lambda: now_ms() + ahead[0])
    with StreamVenue(dialect, [new_market(SYMBOL)]) as venue, UpstreamServer() as server:
        serve_depth(server, venue.markets)
        config = parse_config(
            {
                "SPOT_CURRENCIES": "BTC",
                "ORDERBOOK_VENUES": VENUE,
                "BINANCE_STREAM_URL": f"{venue.url}{BinanceSpot.path}",
                "BINANCE_DEPTH_URL": server.url(DEPTH_PATH),
            }
        )
        stop = threading.Event()
        feeds = service.chosen_feeds(config)
        thread = threading.Thread(target=service.collect, args=(config, stop, feeds), kwargs={"limits": SHORT})
        thread.start()
        try:
            with HUB.subscribe([(VENUE, SYMBOL)]) as heard:

                def in_sync() -> bool:
                    venue.walk([SYMBOL], 2, source)
                    return any(isinstance(item, BookState) and item.in_sync for item in heard.take())

                eventually(in_sync, 5, "the book is followed")
            while ahead[0] < 0:
                venue.walk([SYMBOL], 4, source)
                ahead[0] += 1000
            yield venue
        finally:
            stop.set()
            thread.join(10)


def test_a_whale_that_an_exchange_sends_is_on_the_page_within_a_second(
    streamed: StreamVenue, browser: Browser, site: str
) -> None:
    browser.open(f"{site}/orderbooks/?venue={VENUE}&symbol={SYMBOL}")
    browser.wait(lambda: (VENUE, SYMBOL) in HUB.pairs(), "the page listens")
    streamed.walk([SYMBOL], 20, random.Random(6))
    browser.wait_for_text("live", "#state")
    planted = time.monotonic()
    streamed.change(SYMBOL, bids=[("99.5", "99999.00")])
    browser.find('#orders tr[data-price="99.5"]')
    assert time.monotonic() - planted < 1.0


def depth(bids: tuple[tuple[float, float], ...], asks: tuple[tuple[float, float], ...]) -> Depth:
    return Depth(VENUE, SYMBOL, now_ms(), bids, asks)


def test_depth_trades_and_walls_that_still_stand(listed: None, browser: Browser, site: str) -> None:
    page = opened(browser, site)
    HUB.publish(whale(59_900.0))
    HUB.publish(whale(59_800.0))
    HUB.publish(TradeSum(VENUE, SYMBOL, now_ms(), 60_000.0, 2.0, 0.5, 3))
    HUB.publish(depth(((59_999.0, 1.5), (59_900.0, 30.0)), ((60_001.0, 2.0),)))
    page.wait_for_text("59,900", "#depth")
    assert page.run("return [...document.querySelectorAll('#depth tbody tr')].map(row => row.className)") == [
        "ask", "bid", "bid",
    ]  # fmt: skip
    if shots := os.environ.get("EWS_SHOTS"):
        page.screenshot(Path(shots) / "live.png")
    assert "31.5" in page.text("#depth") and "buy" in page.text("#trades")
    HUB.publish(state(False, "a gap"))
    page.wait_for_text("not known", "#depth-time")
    assert page.run("return document.querySelectorAll('#depth tbody tr').length") == 0


def test_it_opens_on_the_busiest_pair_and_finds_any_other_by_any_name(
    listed: None, browser: Browser, site: str
) -> None:
    storage = BookStorage(keep_days=7)
    for symbol, updates in (("BTCUSDT", 10), ("ETHUSDT", 900)):
        storage.put_minute(minute()._replace(symbol=symbol, updates=updates))
    storage.flush(datetime.now(UTC))
    browser.open(f"{site}/orderbooks/")
    browser.wait(lambda: (VENUE, "ETHUSDT") in HUB.pairs(), "the busiest pair")
    browser.fill("#search", "xbt tether")
    browser.find("#search").send_keys("\ue007")
    browser.wait_for_text("no pair is called", "#not-found")
    browser.fill("#search", "xbt")
    browser.find("#search").send_keys("\ue007")
    browser.wait(lambda: (VENUE, "BTCUSDT") in HUB.pairs(), "the pair that was asked for")
    assert "symbol=BTCUSDT" in browser.url


def test_what_is_open_on_its_coins_is_said(listed: None, browser: Browser, site: str) -> None:
    event = open_event(tokens=("BTC",))
    open_event("other", tokens=("SOL",))
    page = opened(browser, site)
    page.wait_for_text("REDUCE ONLY BTC by", "#events")
    assert page.run("return document.querySelectorAll('#events p').length") == 1
    assert str(page.find("#events a").get_attribute("href")).endswith(f"/board/event/{event.pk}/")
