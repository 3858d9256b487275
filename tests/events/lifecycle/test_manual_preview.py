"""Block tokens now: what it does is shown, pairs and rows, before it is done."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from events.database.view_refresh import refresh_now
from events.lifecycle import open_manual_event, preview_manual_event
from events.models import Event, ManualEvent, TokenRisk
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow

pytestmark = pytest.mark.django_db

MANUAL = "/admin/events/event/open-manual/"
FORM = {
    "tokens": "ftm 1000shib, NEWCOIN",
    "unlisted": "on",
    "title": "Block them",
    "action": "exit",
    "risk_level": "critical",
    "trading_status": "trading",
    "category": "manual",
    "note": "Kim called",
}


def listed(venue: str, *pairs: str) -> None:
    named = [pair.split("/") for pair in pairs]
    rows = [InstrumentRow(venue, base + quote, base, quote, base, "TRADING", True) for base, quote in named]
    store_instruments(venue, rows, timezone.now())


@pytest.fixture
def pairs() -> None:
    listed("BINANCE", "S/USDT", "SHIB/USDT", "BTC/USDT")
    listed("BINANCE_USDM", "1000SHIB/USDT")
    listed("KRAKEN", "FTM/USD", "XBT/USD")


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.usefixtures("pairs")
def test_the_pairs_and_what_bots_will_read_are_shown_before_anything_is_saved(admin_client: Client) -> None:
    shown = admin_client.post(MANUAL, FORM)
    assert shown.status_code == 200 and not Event.objects.exists()
    rows = {row.token: row for row in shown.context["preview"]}
    assert {token: row.tickers for token, row in rows.items()} == {
        "S": ("BINANCE:SUSDT", "KRAKEN:FTMUSD"),
        "SHIB": ("BINANCE:SHIBUSDT", "BINANCE_USDM:1000SHIBUSDT"),
        "NEWCOIN": (),
    }
    assert {(row.before, row.action, row.risk_level, row.trading_status, row.venues) for row in rows.values()} == {
        ("", "exit", "critical", "trading", ())
    }
    page = text(shown)
    for said in ("FTM means S", "1000SHIB means SHIB × 1,000", "NEWCOIN is not known in any list", "KRAKEN:FTMUSD",
                 "no row now", "no live pair is known", "Opened by admin"):  # fmt: skip
        assert said in page, said


@pytest.mark.usefixtures("pairs")
def test_what_was_shown_is_what_bots_read_then(admin_client: Client) -> None:
    shown = admin_client.post(MANUAL, FORM)
    admin_client.post(MANUAL, {**FORM, "confirmed": shown.context["form"]["confirmed"].value()})
    event = ManualEvent.objects.get()
    assert (event.opened_by, event.note) == ("admin", "Kim called")
    refresh_now()
    for row in shown.context["preview"]:
        read = TokenRisk.objects.get(token=row.token)
        assert (read.action, read.risk_level, read.trading_status) == (row.action, row.risk_level, row.trading_status)
        assert (tuple(read.tickers), tuple(read.venues)) == (row.tickers, row.venues)


@pytest.mark.parametrize("change", [{"action": "halt"}, {"tokens": "S"}, {"venues": ["OKX"]}, {"note": "Sam called"}])
def test_what_is_changed_after_it_was_shown_is_shown_again(admin_client: Client, change: dict[str, Any]) -> None:
    shown = admin_client.post(MANUAL, FORM)
    again = admin_client.post(MANUAL, {**FORM, **change, "confirmed": shown.context["form"]["confirmed"].value()})
    assert again.status_code == 200 and "Open event" in text(again)
    assert not Event.objects.exists()


@pytest.mark.parametrize(("typed", "meant"), [("BTC/USDX", "BTC"), ("ETHUSDT", "ETH"), ("\u0412\u0422\u0421", "BTC")])
def test_what_is_no_token_is_refused_with_a_suggestion(admin_client: Client, typed: str, meant: str) -> None:
    refused = admin_client.post(MANUAL, {**FORM, "tokens": f"S {typed}"})
    assert f"did you mean {meant}?" in str(refused.context["form"].errors["tokens"])
    assert "preview" not in refused.context and not Event.objects.exists()


@pytest.mark.usefixtures("pairs")
def test_that_pairs_quoted_in_a_blocked_coin_are_blocked_as_well_is_shown(admin_client: Client) -> None:
    """Whoever blocks a quote asset stops all that is paid in it: `can_trade` says so, and so does the preview."""
    shown = admin_client.post(MANUAL, {**FORM, "tokens": "USDT"})
    (row,) = shown.context["preview"]
    assert (row.tickers, row.paid_in) == ((), 4)
    assert "4 pairs of other coins are quoted or settled in USDT: can_trade answers exit for them too" in text(shown)
    on_usdm = admin_client.post(MANUAL, {**FORM, "tokens": "USDT", "venues": ["BINANCE_USDM"]})
    assert [row.paid_in for row in on_usdm.context["preview"]] == [1]
    admin_client.post(MANUAL, {**FORM, "tokens": "USDT", "confirmed": shown.context["form"]["confirmed"].value()})
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_action FROM can_trade('binance', 'BTC/USDT')")
        assert cursor.fetchone() == ("exit",)


def test_a_stricter_row_that_is_open_already_stays_and_is_said() -> None:
    orders: dict[str, Any] = {"risk_level": "high", "trading_status": "trading", "category": "manual", "venues": []}
    open_manual_event(timezone.now(), by="sam", tokens=["FTM"], title="Stop", action="halt", venues=["OKX"])
    refresh_now()
    (row,) = preview_manual_event(timezone.now(), tokens=["S"], action="avoid_new", **orders)
    assert (row.token, row.before, row.action, row.ordered, row.venues) == ("S", "halt", "halt", "avoid_new", ())
