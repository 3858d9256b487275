"""Corrections of single effects and dates: they hold for what they were typed for, poll after poll, and no other."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.delivery.loader import load_message
from alerts.models import Alert, AuditEntry
from alerts.rendering.plain_text import plain_lines
from crypto_ews.conf import get_config
from events.database.view_refresh import refresh_now
from events.drafts import EffectDraft, ImportantDate
from events.lifecycle import LifecycleError, correct_event
from events.lifecycle.pins import date_key
from events.models import Event
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.events.admin.support import act_page, confirm, open_event

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ENDS = (timezone.now() + 3 * DAY).replace(second=0, microsecond=0)
TYPED = "2099-03-01 18:30"
AT = datetime(2099, 3, 1, 18, 30, tzinfo=UTC)
PAIRS = {"BINANCE": ("ETH/USDC", "ETH/USDT"), "OKX": ("ETH/USDC", "ETH/USDT"), "KRAKEN": ("ETH/USDT",)}


@pytest.fixture(autouse=True)
def listed() -> None:
    for venue, pairs in PAIRS.items():
        named = [pair.split("/") for pair in pairs]
        rows = [InstrumentRow(venue, base + quote, base, quote, base, "TRADING", True) for base, quote in named]
        store_instruments(venue, rows, timezone.now())


def effect(venue: str, **fields: Any) -> EffectDraft:
    tickers = (f"{venue}:ETHUSDC", f"{venue}:ETHUSDT") if venue != "KRAKEN" else ("KRAKEN:ETHUSDT",)
    return EffectDraft(**{"token": "ETH", "scope": "venue", "venue": venue, "tickers": tickers, **fields})


def told(*effects: EffectDraft, dates: tuple[ImportantDate, ...] = ()) -> Event:
    return open_event("eth", effects=effects, important_dates=dates)


def correct(client: Client, event: Event, **typed: str) -> Any:
    until = f"{event.valid_until:%Y-%m-%d %H:%M}" if event.valid_until else ""
    fields = {"title": event.title, "category": event.category, "priority": event.priority, "valid_until": until}
    return confirm(client, act_page(event, "correct"), {**fields, "url": event.url, "reason": "the notice", **typed})


def rows(event: Event) -> dict[str, tuple[Any, ...]]:
    return {row.venue: (row.scope, row.action, row.trading_ends_at, tuple(row.tickers)) for row in event.effects.all()}


def test_each_effect_of_a_token_is_corrected_by_itself_and_stays_so(admin_client: Client) -> None:
    both = (effect("BINANCE", trading_ends_at=ENDS), effect("OKX", trading_ends_at=ENDS))
    event = told(*both)
    before = rows(event)
    page = admin_client.get(act_page(event, "correct")).context["form"]
    assert [label for label, _ in page.effect_rows()] == ["ETH on BINANCE", "ETH on OKX"]
    typed = {"effect-1-action": "halt", "effect-1-ends": TYPED, "effect-1-pairs": "eth/usdt"}
    assert correct(admin_client, event, **typed).status_code == 302
    for _ in range(2):
        assert rows(event)["BINANCE"] == before["BINANCE"]
        assert rows(event)["OKX"] == ("pairs", "halt", AT, ("OKX:ETHUSDT",))
        event = told(*both, dates=(ImportantDate(ENDS + DAY, "withdrawals end"),))
    assert AuditEntry.objects.get().what == (
        "Reason = the notice; Action of ETH on OKX = halt (was reduce only); Trading of ETH on OKX ends (UTC) = "
        f"2099-03-01 18:30 UTC (was {ENDS:%Y-%m-%d %H:%M} UTC); "
        "Pairs of ETH on OKX = eth/usdt (was OKX:ETHUSDC OKX:ETHUSDT)"
    )


def test_a_venue_that_the_source_adds_later_is_not_the_corrected_one(admin_client: Client) -> None:
    event = told(effect("BINANCE"))
    assert correct(admin_client, event, **{"effect-0-venue": "OKX"}).status_code == 302
    assert set(rows(event)) == {"OKX"}
    event = told(effect("BINANCE"), effect("KRAKEN"))
    assert set(rows(event)) == {"OKX", "KRAKEN"} and rows(event)["KRAKEN"][3] == ("KRAKEN:ETHUSDT",)


def test_a_corrected_effect_is_corrected_again_and_back_to_every_pair(admin_client: Client) -> None:
    event = told(effect("BINANCE"), effect("KRAKEN"))
    for typed in ({"effect-0-pairs": "ETH/USDC"}, {"effect-0-venue": "OKX", "effect-0-pairs": "ETH/USDT"}):
        assert correct(admin_client, event, **typed).status_code == 302
    event = told(effect("BINANCE"), effect("KRAKEN"), dates=(ImportantDate(ENDS, "trading stops"),))
    assert rows(event)["OKX"][3] == ("OKX:ETHUSDT",) and set(rows(event)) == {"OKX", "KRAKEN"}
    number = [label for label, _ in _form(admin_client, event).effect_rows()].index("OKX:ETHUSDT")
    refused = correct(admin_client, event, **{f"effect-{number}-venue": "BINANCE"})
    assert "expected the pairs there too" in str(refused.context["form"].errors)
    assert correct(admin_client, event, **{f"effect-{number}-pairs": "All"}).status_code == 302
    event.refresh_from_db()
    assert rows(event)["OKX"][::3] == ("venue", ("OKX:ETHUSDC", "OKX:ETHUSDT"))
    assert list(event.pinned["effects"]) == ["ETH venue BINANCE"], "one correction of what the source says"


def _form(client: Client, event: Event) -> Any:
    return client.get(act_page(event, "correct")).context["form"]


def test_effects_at_different_times_keep_them(admin_client: Client) -> None:
    """Two steps on one venue: what is typed for both must not make one time of two."""
    event = told(effect("OKX", trading_ends_at=ENDS), effect("OKX", trading_ends_at=ENDS + DAY))
    form = _form(admin_client, event)
    assert len(form.effect_rows()) == 1 and not {"effect-0-ends", "effect-0-venue"} & set(form.fields)
    correct(admin_client, event, **{"effect-0-action": "halt"})
    assert [(row.action, row.trading_ends_at) for row in event.effects.all()] == [("halt", ENDS), ("halt", ENDS + DAY)]


def test_when_an_effect_begins_is_not_when_trading_ends(admin_client: Client) -> None:
    event = told(effect("OKX", in_force_at=ENDS))
    assert "in force from" in str(_form(admin_client, event)["effect-0-ends"].label)
    correct(admin_client, event, **{"effect-0-ends": TYPED})
    row = event.effects.get()
    assert (row.in_force_at, row.trading_ends_at) == (AT, None)


def test_other_dates_are_moved_and_stay_moved(admin_client: Client) -> None:
    dates = (ImportantDate(ENDS, "trading stops"), ImportantDate(ENDS + DAY, "withdrawals end"))
    event = told(effect("OKX", trading_ends_at=ENDS), dates=dates)
    form = _form(admin_client, event)
    assert [form[name].label for name in form.fields if name.startswith("date-")] == ["Withdrawals end (UTC)"]
    assert correct(admin_client, event, **{"date-0": TYPED}).status_code == 302
    later = (*dates, ImportantDate(ENDS + 9 * DAY, "refunds end"))
    for expected in (2, 3):
        event.refresh_from_db()
        found = {date["what"]: date["at"] for date in event.important_dates}
        assert (found["withdrawals end"], found["trading stops"]) == (AT.isoformat(), ENDS.isoformat())
        assert len(found) == expected
        told(effect("OKX", trading_ends_at=ENDS), dates=later)
    assert correct(admin_client, event, **{"date-1": "2099-04-01 00:00"}).status_code == 302
    event.refresh_from_db()
    assert event.pinned["dates"] == {f"{(ENDS + DAY).isoformat()} withdrawals end": "2099-04-01T00:00:00+00:00"}
    confirm(admin_client, act_page(event, "unpin"), {"pins": ["dates"]})
    event = told(effect("OKX", trading_ends_at=ENDS), dates=later)
    assert [date["at"] for date in event.important_dates] == [date.at.isoformat() for date in later]


@pytest.mark.parametrize("moves", [("LUNA",), ("KDA",), ("LUNA", "KDA")])
def test_a_date_of_two_coins_stays_where_one_of_them_stays(moves: tuple[str, ...]) -> None:
    coins = ("KDA", "LUNA")
    effects = tuple(
        EffectDraft(coin, "venue", "BINANCE", (f"BINANCE:{coin}USDT",), trading_ends_at=ENDS) for coin in coins
    )
    named = ImportantDate(ENDS, "trading stops", ("BINANCE:KDAUSDT", "BINANCE:LUNAUSDT"))
    event = told(*effects, dates=(named,))
    at = {"trading_ends_at": AT.isoformat(), "in_force_at": AT.isoformat()}
    correct_event(event.pk, timezone.now(), by="sam", fields={}, effects=dict.fromkeys(moves, at))
    for _ in range(2):
        event.refresh_from_db()
        assert {ticker: date["at"] for date in event.important_dates for ticker in date["tickers"]} == {
            f"BINANCE:{coin}USDT": (AT if coin in moves else ENDS).isoformat() for coin in coins
        }
        told(*effects, dates=(named, ImportantDate(ENDS + DAY, "refunds end")))


def test_an_end_that_is_called_off_has_no_new_one_until_the_source_is_believed_again(admin_client: Client) -> None:
    """ "Postponed until further notice"."""
    dates = (ImportantDate(ENDS, "trading stops"), ImportantDate(ENDS + DAY, "withdrawals end"))
    event = told(effect("OKX", trading_ends_at=ENDS), dates=dates)
    assert correct(admin_client, event, **{"effect-0-ends": "None", "date-0": "none"}).status_code == 302
    assert f"Trading of ETH ends (UTC) = none (was {ENDS:%Y-%m-%d %H:%M} UTC)" in AuditEntry.objects.get().what
    card = "\n".join(plain_lines(load_message(Alert.objects.latest("pk"), get_config(), timezone.now(), False)))
    assert "None" not in card and f"{ENDS:%-d %b} " in card, card
    for _ in range(2):
        assert event.effects.get().trading_ends_at is None
        event = told(effect("OKX", trading_ends_at=ENDS), dates=(*dates, ImportantDate(ENDS + 2 * DAY, "refunds end")))
        assert [date["what"] for date in event.important_dates] == ["refunds end"]
    confirm(admin_client, act_page(event, "unpin"), {"pins": ["effects", "dates"]})
    event = told(effect("OKX", trading_ends_at=ENDS), dates=dates)
    assert event.effects.get().trading_ends_at == ENDS and len(event.important_dates) == 2


def test_the_card_of_a_correction_names_no_raw_key(admin_client: Client) -> None:
    event = told(effect("OKX", trading_ends_at=ENDS))
    outcome = correct_event(
        event.pk, timezone.now(), by="sam", fields={},
        effects={"eth": {
            "scope": "pairs", "venue": "OKX", "tickers": ["OKX:ETHUSDT"], "risk_level": "critical",
            "trading_ends_at": AT.isoformat(), "in_force_at": AT.isoformat(),
        }},
    )  # fmt: skip
    assert outcome.event is not None
    alert = Alert.objects.filter(event=event.pk).order_by("-id").first()
    assert alert is not None
    text = "\n".join(plain_lines(load_message(alert, get_config(), timezone.now(), False)))
    assert "single pairs, ETH/USDT" in text
    assert "trading ends 1 Mar 2099 18:30 UTC" in text
    # The number in the address of an act is at random.
    words = re.sub(r"https?://\S+", "", text)
    assert not re.search(r"[a-z]_[a-z]|\[|\{|\+00:00", words), words


def test_the_card_of_a_moved_date_says_from_when_to_when(admin_client: Client) -> None:
    named = ImportantDate(ENDS, "trading ends")
    event = told(effect("OKX", trading_ends_at=ENDS), dates=(named,))
    correct_event(event.pk, timezone.now(), by="sam", fields={}, dates={date_key(named): AT})
    alert = Alert.objects.filter(event=event.pk).order_by("-id").first()
    assert alert is not None
    text = "\n".join(plain_lines(load_message(alert, get_config(), timezone.now(), False)))
    assert "1 Mar 2099 18:30 UTC" in text
    assert "was" in text or "→" in text


@pytest.mark.parametrize(
    ("effects", "dates", "said"),
    [
        ({"ETH": {"venue": "OKX"}}, {}, "expected scope, venue and tickers"),
        ({"ETH venue KRAKEN": {"action": "halt"}}, {}, "has no effect on ETH venue KRAKEN"),
        ({}, {"2026-01-01T00:00:00+00:00 x": AT}, "has no date 2026-01-01"),
        ({}, {}, "nothing was corrected"),
    ],
)
def test_what_cannot_be_corrected_so_is_refused_and_nothing_is_saved(effects: Any, dates: Any, said: str) -> None:
    event = told(effect("OKX"))
    with pytest.raises(LifecycleError, match=said):
        correct_event(event.pk, timezone.now(), by="sam", fields={}, effects=effects, dates=dates)
    event.refresh_from_db()
    assert event.pinned == {} and event.revision == 1


def test_an_event_of_hundreds_of_effects_is_corrected_one_token_at_a_time(admin_client: Client) -> None:
    many = tuple(EffectDraft(f"T{number}", "venue", "OKX", (f"OKX:T{number}USDT",)) for number in range(300))
    event = told(*many, effect("OKX"), effect("BINANCE"))
    assert len(_form(admin_client, event).fields) < 600
    page = f"{act_page(event, 'correct')}?token=eth"
    form = admin_client.get(page).context["form"]
    assert [label for label, _ in form.effect_rows()] == ["ETH on BINANCE", "ETH on OKX"] and form.left_out == 300
    fields = {name: form[name].value() or "" for name in form.fields}
    fields["valid_until"] = f"{event.valid_until:%Y-%m-%d %H:%M}" if event.valid_until else ""
    assert confirm(admin_client, page, {**fields, "reason": "x", "effect-1-action": "halt"}).status_code == 302
    assert [row.venue for row in event.effects.filter(action="halt")] == ["OKX"]


def test_the_audit_has_what_was_before_and_a_correction_is_taken_back_as_it_was_made(admin_client: Client) -> None:
    event = told(effect("BINANCE", trading_ends_at=ENDS))
    until = f"{event.valid_until:%Y-%m-%d %H:%M}"
    for category, was, typed, ends, ended in (
        ("hack", "delisting", "", "none", f"{until} UTC"),
        ("delisting", "hack", until, f"{until} UTC", "none"),
    ):
        assert correct(admin_client, event, category=category, valid_until=typed).status_code == 302
        said = f"Category = {category} (was {was}); Open until (UTC) = {ends} (was {ended}); Reason = the notice"
        assert AuditEntry.objects.latest("pk").what == said
        event.refresh_from_db()
        assert (event.category, bool(event.valid_until)) == (category, bool(typed))


def test_a_preview_says_all_that_bots_read_and_not_the_action_alone(admin_client: Client) -> None:
    event = told(effect("BINANCE", trading_ends_at=ENDS), effect("OKX", trading_ends_at=ENDS))
    refresh_now()
    typed = {"category": event.category, "priority": event.priority, "title": event.title, "reason": "x"}
    until = {"valid_until": f"{event.valid_until:%Y-%m-%d %H:%M}"}
    for change, said in (
        ({"effect-0-risk_level": "critical"}, "reduce only, as now, risk critical (now high)."),
        ({"effect-1-action": "watch"}, "reduce only, as now, on OKX watch (now reduce only)."),
        ({"effect-0-ends": TYPED}, f"BINANCE:ETHUSDC reduce only, end of trading {TYPED} UTC (now "),
    ):
        shown = admin_client.post(act_page(event, "correct"), {**typed, **until, **change}).content.decode()
        words = " ".join(shown.split())
        assert said in words, words[words.find("Bots will read") :][:600]
