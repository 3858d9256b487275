"""The chart of an event's page: stored prices around it, its moments, and no line where nobody looked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from board.prices import prices_between
from events.models import Effect
from tests.events.admin.support import open_event
from tests.support.browser import Browser
from volatility.models import PricedPairName, PriceMinute

BEGIN = datetime(2026, 11, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def store(begin: datetime, names: dict[str, list[float | None]], skip: range = range(0)) -> None:
    """A reading a minute; None: the pair is not in it."""
    keys = {name: PricedPairName.objects.get_or_create(name=name)[0].pk for name in names}
    for minute in range(max(map(len, names.values()))):
        if minute in skip:
            continue
        read = {keys[name]: price for name, prices in names.items() if (price := prices[minute]) is not None}
        PriceMinute.objects.create(
            at=begin + minute * MINUTE,
            pairs=np.array(list(read), "<i4").tobytes(),
            prices=np.array(list(read.values()), "<f8").tobytes(),
        )


@pytest.mark.django_db
def test_prices_are_those_that_were_read_and_a_gap_is_no_price() -> None:
    store(BEGIN, {"BINANCE:AUSDT": [1.0, 2.0, None, 4.0], "BINANCE:BUSDT": [9.0] * 4})
    store(BEGIN + 20 * MINUTE, {"BINANCE:AUSDT": [5.0]})
    found = prices_between(["BINANCE:AUSDT", "OKX:A-USDT"], BEGIN, BEGIN + timedelta(hours=1))
    assert [line["name"] for line in found["lines"]] == ["BINANCE:AUSDT"]
    assert found["lines"][0]["prices"] == [1.0, 2.0, None, 4.0, None, 5.0]
    minutes = [(at - BEGIN.timestamp()) / 60 for at in found["at"]]
    assert minutes == [0, 1, 2, 3, 11.5, 20]


@pytest.mark.django_db
def test_nothing_stored_is_no_chart() -> None:
    assert prices_between(["BINANCE:AUSDT"], BEGIN, BEGIN + MINUTE) == {"at": [], "lines": []}
    store(BEGIN, {"BINANCE:AUSDT": [1.0]})
    assert prices_between(["BINANCE:AUSDT"], BEGIN + MINUTE, BEGIN + 2 * MINUTE)["lines"] == []


def test_the_chart_is_drawn(opened: Callable[..., Browser]) -> None:
    event = open_event("fall", tokens=("BTC",))
    Effect.objects.filter(event=event).update(tickers=["BINANCE:BTCUSDT", "OKX:BTC-USDT"])
    begin = timezone.now() - timedelta(minutes=50)
    fall = [100.0 - max(0, minute - 30) for minute in range(45)]
    store(begin, {"BINANCE:BTCUSDT": [*fall], "OKX:BTC-USDT": [price + 3 for price in fall]}, range(10, 20))
    browser = opened(f"/board/event/{event.pk}/", painted=False)
    browser.wait(lambda: browser.all("#chart canvas"), "the chart")
    legend = browser.text("#chart")
    assert "BINANCE:BTCUSDT" in legend and "OKX:BTC-USDT" in legend
    # The event opened after the last price that is stored; times are those of a clock of 24 hours.
    shown = browser.run("const x = window.chart.scales.x; return [x.min, x.max]")
    assert shown[0] <= begin.timestamp() and shown[1] >= event.opened_at.timestamp()
    ticks = browser.run("return window.chart.axes[0].values(window.chart, [1764589500, 1764547200])")
    assert ticks == ["11:45", "1 Dec"]
    # Something is drawn in more than one colour.
    colours = browser.run(
        """
        const canvas = document.querySelector("#chart canvas"), seen = new Set();
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) seen.add(data.slice(i, i + 3).join());
        return seen.size;
        """
    )
    assert colours > 3
    assert not browser.run("return document.querySelector('#no-prices').checkVisibility()")
