"""What is typed into the forms: resolved to what the desk means, or refused with what was expected; nothing saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AuditEntry, Silence
from events.database.view_refresh import refresh_now
from events.lifecycle import close_event
from events.models import Event, InstrumentRisk, KeySuppression, ManualEvent, TokenRisk
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.events.admin.support import LIST, act_page, confirm, open_event

pytestmark = pytest.mark.django_db

MANUAL = f"{LIST}open-manual/"
SILENCE = "/admin/alerts/silence/add/"
LATER = f"{timezone.now() + timedelta(days=2):%Y-%m-%d %H:%M}"
LISTED = {
    "BINANCE": ("ETH/USDC", "ETH/USDT", "SHIB/USDT", "BTC/USDT"),
    "BINANCE_USDM": ("1000SHIB/USDT", "ETH/USDC", "SOL/USDT SOLUSDT_270326"),
    "OKX": ("ETH/USDT", "SOL/USDT"),
    "OKX_USDM": ("SOL/USDT SOL-USDT-SWAP",),
    "KRAKEN": ("XBT/USD", "SOL/USD XSOLZUSD"),
}
BLOCK = {
    "tokens": "ETH/USDC",
    "title": "Block it",
    "action": "halt",
    "risk_level": "critical",
    "trading_status": "trading",
    "category": "manual",
    "note": "Kim called",
}
HUSH = {"token": "ETH", "reason": "known", "until": LATER}


@pytest.fixture(autouse=True)
def listed() -> None:
    for venue, pairs in LISTED.items():
        rows = []
        for pair, _, symbol in (one.partition(" ") for one in pairs):
            base, quote = pair.split("/")
            rows.append(InstrumentRow(venue, symbol or base + quote, base, quote, base, "TRADING", True))
        store_instruments(venue, rows, timezone.now())


@pytest.mark.parametrize(
    ("typed", "effects"),
    [
        (
            "ETH/USDC",
            {
                ("ETH", "pairs", "BINANCE", ("BINANCE:ETHUSDC",)),
                ("ETH", "pairs", "BINANCE_USDM", ("BINANCE_USDM:ETHUSDC",)),
            },
        ),
        ("binance:ethusdc", {("ETH", "pairs", "BINANCE", ("BINANCE:ETHUSDC",))}),
        ("1000SHIB", {("SHIB", "asset", "", ("BINANCE:SHIBUSDT", "BINANCE_USDM:1000SHIBUSDT"))}),
        ("1000SHIB/USDT", {
            ("SHIB", "pairs", "BINANCE", ("BINANCE:SHIBUSDT",)),
            ("SHIB", "pairs", "BINANCE_USDM", ("BINANCE_USDM:1000SHIBUSDT",)),
        }),
        ("XBT", {("BTC", "asset", "", ("BINANCE:BTCUSDT", "KRAKEN:XBTUSD"))}),
        ("eth / usdt", {
            ("ETH", "pairs", "BINANCE", ("BINANCE:ETHUSDT",)), ("ETH", "pairs", "OKX", ("OKX:ETHUSDT",)),
        }),
        ("xbt/usd", {("BTC", "pairs", "KRAKEN", ("KRAKEN:XBTUSD",))}),
        ("eth", {("ETH", "asset", "", ("BINANCE:ETHUSDC", "BINANCE:ETHUSDT", "BINANCE_USDM:ETHUSDC", "OKX:ETHUSDT"))}),
        # A contract by its name is that contract, not the pair on spot.
        ("SOLUSDT_270326", {("SOL", "pairs", "BINANCE_USDM", ("BINANCE_USDM:SOLUSDT_270326",))}),
        ("sol-usdt-swap", {("SOL", "pairs", "OKX_USDM", ("OKX_USDM:SOL-USDT-SWAP",))}),
        ("okx_usdm:sol/usdt", {("SOL", "pairs", "OKX_USDM", ("OKX_USDM:SOL-USDT-SWAP",))}),
        ("XSOLZUSD", {("SOL", "pairs", "KRAKEN", ("KRAKEN:XSOLZUSD",))}),
        ("ETHUSDT", {
            ("ETH", "pairs", "BINANCE", ("BINANCE:ETHUSDT",)), ("ETH", "pairs", "OKX", ("OKX:ETHUSDT",)),
        }),
    ],
)  # fmt: skip
def test_what_is_typed_is_what_the_desk_means(admin_client: Client, typed: str, effects: set[Any]) -> None:
    assert confirm(admin_client, MANUAL, {**BLOCK, "tokens": typed}).status_code == 302
    rows = ManualEvent.objects.get().effects.all()
    assert {(row.token, row.scope, row.venue, tuple(row.tickers)) for row in rows} == effects


def test_a_blocked_pair_is_typed_previewed_confirmed_and_in_the_view(admin_client: Client) -> None:
    form = {**BLOCK, "venues": ["BINANCE"]}
    page = admin_client.post(MANUAL, form).content.decode()
    shown = " ".join(page.split())
    assert '<span class="ews-strong">ETH</span> watch (now no row)' in shown
    assert "1 pair: BINANCE:ETHUSDC halt (now no row)" in shown
    assert "Cards go to: cex (console): opened" in shown
    for model in (Event, Alert, TokenRisk, InstrumentRisk):
        assert not model.objects.exists(), model
    confirm(admin_client, MANUAL, form)
    said = AuditEntry.objects.get().what
    assert said.startswith("Tokens or pairs = ETH/USDC; Title = Block it; Reason = Kim called; Action for bots = halt")
    assert said.endswith("Venues = Binance spot")
    refresh_now()
    assert TokenRisk.objects.get().action == "watch"
    assert list(InstrumentRisk.objects.values_list("ticker", "action")) == [("BINANCE:ETHUSDC", "halt")]


def test_what_closing_would_do_is_shown_first(admin_client: Client) -> None:
    event = open_event("abc", tokens=("LUNA",))
    refresh_now()
    shown = " ".join(admin_client.post(act_page(event, "close"), {"reason": "over"}).content.decode().split())
    assert '<span class="ews-strong">LUNA</span> no row (now reduce only)' in shown
    assert "Cards go to: cex (console): closed" in shown
    event.refresh_from_db()
    assert (event.status, TokenRisk.objects.count(), Alert.objects.count()) == ("open", 1, 1)


WRONG_BLOCKS: list[tuple[dict[str, Any], str, str]] = [
    ({"tokens": ""}, "tokens", "required"),
    ({"tokens": " , ; "}, "tokens", "expected at least one"),
    ({"tokens": "MATICS"}, "tokens", "did you mean MATIC?"),
    ({"tokens": "NEWCOIN"}, "tokens", "expected a currency of a list"),
    ({"tokens": "1000NEAR"}, "tokens", "did you mean NEAR?"),
    ({"tokens": "ETH/USDX"}, "tokens", "did you mean ETH/USDT?"),
    ({"tokens": "ETH/BTC"}, "tokens", "is no live pair, expected one that a list has"),
    ({"tokens": "MATICS/USDT"}, "tokens", "did you mean MATIC?"),
    ({"tokens": "BINANC:ETHUSDC"}, "tokens", "did you mean BINANCE:ETHUSDC?"),
    ({"tokens": "OKX:ETHUSDC"}, "tokens", "expected a venue that lists it: BINANCE"),
    ({"tokens": "ETH/USDC", "venues": ["OKX"]}, "tokens", "does not trade on OKX"),
    ({"tokens": "OKX:ETHUSDT", "venues": ["KRAKEN"]}, "tokens", "expected a pair on the chosen venues: KRAKEN"),
    ({"tokens": "BINANCE:ETHUSDC.P"}, "tokens", "did you mean BINANCE:ETHUSDC?"),
    ({"tokens": "BINANCE:*"}, "tokens", "expected VENUE:SYMBOL such as BINANCE:ETHUSDC"),
    ({"tokens": "*"}, "tokens", "expected letters and digits"),
    ({"tokens": "ETHUSDT_300101"}, "tokens", "did you mean ETHUSDT?"),
    ({"tokens": "ETH:USDT"}, "tokens", "did you mean ETH/USDT?"),
    ({"tokens": "ETH//USDT"}, "tokens", "did you mean ETH?"),
    ({"tokens": "\u0412\u0422\u0421"}, "tokens", "did you mean BTC?"),
    ({"tokens": "E\u200bTH"}, "tokens", "did you mean ETH?"),
    ({"tokens": "ETH$"}, "tokens", "did you mean ETH?"),
    ({"tokens": "X" * 65}, "tokens", "expected 1 to 64"),
    ({"tokens": "ETH MATICS"}, "tokens", "did you mean MATIC?"),
    ({"title": ""}, "title", "required"),
    ({"title": "x" * 301}, "title", "at most 300"),
    ({"note": " "}, "note", "required"),
    ({"action": "reduce"}, "action", "did you mean reduce only?"),
    ({"risk_level": "5"}, "risk_level", "expected one of"),
    ({"trading_status": "trade"}, "trading_status", "did you mean trading?"),
    ({"category": "news"}, "category", "expected one of"),
    ({"venues": ["BINANCE_USD"]}, "venues", "did you mean Binance USD"),
    ({"valid_until": "2020-01-01 00:00"}, "valid_until", "expected a time in the future"),
    ({"valid_until": "12/31/2030 3 PM"}, "valid_until", "expected a time in 24 hours and UTC such as"),
    ({"valid_until": "12/31/2030 3 PM"}, "valid_until", "did you mean 2030-12-31 15:00?"),
    ({"valid_until": "31.12.2030 18:30"}, "valid_until", "did you mean 2030-12-31 18:30?"),
    ({"valid_until": "02/03/2030"}, "valid_until", "such as 2026-12-31 18:30"),
    ({"valid_until": "2020-06-01 00:00"}, "valid_until", "-06-01 00:00?"),
    # Read as 18 hours and 0.3 seconds, before.
    ({"valid_until": "2030-12-31 18.30"}, "valid_until", "did you mean 2030-12-31 18:30?"),
    ({"valid_until": "31 Dec 2030 18:30"}, "valid_until", "did you mean 2030-12-31 18:30?"),
    ({"valid_until": "31 Dec 18:30 UTC"}, "valid_until", "-12-31 18:30?"),
    # What is said of a time is said in UTC, whatever zone it was typed in.
    ({"valid_until": "2020-12-31 18:30+02:00"}, "valid_until", "was 2020-12-31 16:30 UTC"),
    ({"valid_until": "2020-12-31 18:30+02:00"}, "valid_until", "-12-31 16:30?"),
    ({"valid_until": "0001-01-01 00:00"}, "valid_until", "was 0001-01-01 00:00 UTC"),
    ({"valid_until": "0001-01-01 00:00+14:00"}, "valid_until", "expected a time in 24 hours"),
    ({"valid_until": "2030-12-31 18:30 CET"}, "valid_until", "expected a time in 24 hours and UTC"),
    ({"tokens": "USDC/ETH"}, "tokens", "did you mean ETH/USDC?"),
    ({"tokens": "\uff25\uff34\uff28\uff0f\uff35\uff33\uff24\uff23"}, "tokens", "did you mean ETH/USDC?"),
    ({"valid_until": "tomorrow"}, "valid_until", "such as 2026-12-31 18:30"),
    ({"url": "javascript:alert(1)"}, "url", "expected the address of a page such as https"),
]
WRONG_SILENCES: list[tuple[dict[str, Any], str, str]] = [
    ({"token": "ETH/USDC"}, "token", "did you mean ETH?"),
    ({"token": "MATICS"}, "token", "did you mean MATIC?"),
    ({"category": "news"}, "category", "expected one of"),
    ({"source": "binnance"}, "source", "did you mean binance?"),
    ({"exchange": "BINNANCE"}, "exchange", "did you mean BINANCE?"),
    ({"exchange": "BINANCE_USDM"}, "exchange", "BINANCE silences all of its markets"),
    ({"until": ""}, "until", "required"),
    ({"until": "2020-01-01 00:00"}, "until", "expected a time in the future"),
    ({"until": "2199-01-01 00:00"}, "until", "expected at latest"),
    ({"until": "25:00"}, "until", "expected a time in 24 hours"),
    ({"reason": " "}, "reason", "required"),
]
WRONG_ACTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("close", {"reason": ""}, "reason", "required"),
    ("close", {"reason": "x" * 121}, "reason", "at most 120"),
    ("close", {"reason": "x", "suppress_until": "2020-01-01 00:00"}, "suppress_until", "in the future"),
    ("false-alarm", {"reason": " "}, "reason", "required"),
    ("false-alarm", {"reason": "x", "suppress_until": "soon"}, "suppress_until", "such as 2026-12-31 18:30"),
    ("correct", {"reason": "", "title": "Other"}, "reason", "required"),
    ("correct", {"reason": "x"}, "__all__", "Nothing was changed"),
    ("correct", {"reason": "x", "valid_until": "31.12.2030"}, "valid_until", "such as 2026-12-31 18:30"),
    ("reopen", {"reason": ""}, "reason", "required"),
    ("reopen", {"reason": "x", "valid_until": "2020-01-01"}, "valid_until", "in the future"),
]


def refused(response: Any, field: str, said: str) -> None:
    assert response.status_code == 200
    words = " ".join(map(str, response.context["form"].errors[field]))
    assert said in words and "expected" in words, words
    assert field == "__all__" or f'href="#id_{field}"' in response.content.decode(), "the top of the page says where"
    assert not response.context["form"]["confirmed"].value(), "what is refused is not to be confirmed"


def test_there_are_more_than_forty_wrong_inputs() -> None:
    assert len(WRONG_BLOCKS) + len(WRONG_SILENCES) + len(WRONG_ACTS) >= 40


@pytest.mark.parametrize(("change", "field", "said"), WRONG_BLOCKS)
def test_a_wrong_block_is_refused(admin_client: Client, change: dict[str, Any], field: str, said: str) -> None:
    refused(admin_client.post(MANUAL, {**BLOCK, **change}), field, said)
    assert not Event.objects.exists() and not Alert.objects.exists()


@pytest.mark.parametrize(("change", "field", "said"), WRONG_SILENCES)
def test_a_wrong_silence_is_refused(admin_client: Client, change: dict[str, Any], field: str, said: str) -> None:
    refused(admin_client.post(SILENCE, {**HUSH, **change}), field, said)
    assert not Silence.objects.exists() and not AuditEntry.objects.exists()


@pytest.mark.parametrize(("name", "form", "field", "said"), WRONG_ACTS)
def test_a_wrong_act_is_refused(admin_client: Client, name: str, form: dict[str, Any], field: str, said: str) -> None:
    event = open_event(valid_until=None)
    if name == "reopen":
        close_event(event.pk, timezone.now(), by="sam", reason="mistake")
    event.refresh_from_db()
    until = f"{event.valid_until:%Y-%m-%d %H:%M}" if event.valid_until else ""
    as_is = {
        "title": event.title, "category": event.category, "priority": event.priority, "url": event.url,
        "valid_until": until,
    }  # fmt: skip
    was = (event.status, event.revision, KeySuppression.objects.count(), Alert.objects.count())
    refused(admin_client.post(act_page(event, name), {**(as_is if name == "correct" else {}), **form}), field, said)
    event.refresh_from_db()
    assert (event.status, event.revision, KeySuppression.objects.count(), Alert.objects.count()) == was


def correct(client: Client, event: Event, **typed: str) -> Any:
    until = f"{event.valid_until:%Y-%m-%d %H:%M}" if event.valid_until else ""
    as_is = {"title": event.title, "category": event.category, "priority": event.priority, "valid_until": until}
    return confirm(client, act_page(event, "correct"), {**as_is, "reason": "the notice says so", **typed})


def test_date_venue_and_pairs_are_corrected_and_stay_when_the_source_says_its_own_again(admin_client: Client) -> None:
    event = open_event("eth", tokens=("ETH",))
    typed = {"effect-0-ends": "2099-03-01 18:30", "effect-0-venue": "OKX", "effect-0-pairs": "eth/usdt"}
    assert correct(admin_client, event, **typed).status_code == 302
    for _ in range(2):
        row = event.effects.get()
        assert (row.scope, row.venue, row.tickers) == ("pairs", "OKX", ["OKX:ETHUSDT"])
        assert f"{row.trading_ends_at:%Y-%m-%d %H:%M}" == "2099-03-01 18:30"
        event = open_event("eth", tokens=("ETH",))
        assert [date["at"] for date in event.important_dates] == ["2099-03-01T18:30:00+00:00"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("effect-0-ends", "3 PM", "such as 2026-12-31 18:30"),
        ("effect-0-venue", "MARS", "expected one of"),
        ("effect-0-pairs", "ETH", "expected a pair such as ETH/USDC"),
        ("effect-0-pairs", "BINANCE:BTCUSDT", "expected pairs of ETH"),
        ("effect-0-pairs", "ETH/USDX", "did you mean ETH/USDT?"),
    ],
)
def test_a_wrong_date_venue_or_pair_is_refused(admin_client: Client, field: str, value: str, said: str) -> None:
    event = open_event("eth", tokens=("ETH",))
    refused(correct(admin_client, event, **{field: value}), field, said)
    event.refresh_from_db()
    assert event.pinned == {}
