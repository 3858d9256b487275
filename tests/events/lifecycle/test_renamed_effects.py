"""A coin that is renamed while an event about it is open goes on being concerned, under its new name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from alerts.models import Alert
from events.database.view_refresh import refresh_now
from events.drafts import EffectDraft, EventDraft
from events.lifecycle import correct_event, expire, open_manual_event, record
from events.models import Effect, Event, TokenRisk
from events.outcomes import Outcome
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow

pytestmark = pytest.mark.django_db

# FTM is called S from here on.
RENAMED = datetime(2025, 1, 13, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def block(*tokens: str, venues: tuple[str, ...] = ()) -> Event:
    event = open_manual_event(
        RENAMED - 3 * MINUTE, by="sam", tokens=list(tokens), title="Stop", action="exit", venues=list(venues)
    ).event
    assert event is not None
    return event


def test_a_block_follows_its_coin_to_its_new_name() -> None:
    event = block("FTM", "BTC")
    expire(RENAMED - MINUTE)
    assert set(Effect.objects.values_list("token", flat=True)) == {"FTM", "BTC"}
    expire(RENAMED)
    rows = [InstrumentRow("BINANCE", "SUSDT", "S", "USDT", "S", "TRADING", True)]
    store_instruments("BINANCE", rows, RENAMED + MINUTE)
    expire(RENAMED + 2 * MINUTE)
    assert set(Effect.objects.values_list("token", flat=True)) == {"S", "BTC"}
    refresh_now()
    assert set(TokenRisk.objects.values_list("token", "action")) == {("S", "exit"), ("BTC", "exit")}
    with connection.cursor() as cursor:
        cursor.execute("SELECT base_action, event_ids FROM can_trade('binance', 'S/USDT')")
        assert cursor.fetchone() == ("exit", [event.pk])


def test_two_effects_of_one_coin_stay_two_and_what_is_closed_stays_as_it_was() -> None:
    both = block("FTM", "S", venues=("BINANCE",))
    closed = block("FTM", venues=("OKX",))
    Event.objects.filter(pk=closed.pk).update(status="closed", closed_at=RENAMED)
    expire(RENAMED + MINUTE)
    assert [effect.token for effect in both.effects.all()] == ["S", "S"]
    assert [effect.token for effect in closed.effects.all()] == ["FTM"]
    revision = Event.objects.get(pk=both.pk).revision
    expire(RENAMED + 2 * MINUTE)
    assert Event.objects.get(pk=both.pk).revision == revision


def test_a_notice_that_named_the_coin_as_it_was_called_then_is_told_under_its_new_name_once() -> None:
    """A source goes on writing FTM: its poll changes nothing, its edit keeps the new name, and a pin holds."""

    def told(**changes: Any) -> Outcome:
        draft = EventDraft(
            source="binance",
            category="delisting",
            natural_key="binance:article:1",
            title="Binance Will Delist FTM",
            effects=(EffectDraft("FTM", "venue", "BINANCE", ("BINANCE:FTMUSDT",), trading_ends_at=RENAMED + DAY),),
        )
        return record(replace(draft, **changes), at)

    at = RENAMED - DAY
    event = told().event
    assert event is not None
    correct_event(event.pk, at, by="ann", fields={}, effects={"FTM": {"action": "halt"}})
    Alert.objects.update(state="sent")
    at = RENAMED
    (outcome,) = expire(at)[:1]
    assert (outcome.reason, outcome.changes) == ("a coin was renamed", {"FTM is called": ("FTM", "S")})
    assert [(alert.reason, alert.state) for alert in Alert.objects.filter(state="pending")] == [("updated", "pending")]
    assert told().reason == "the source reports nothing new"
    assert told(title="Binance Will Delist FTM (Updated)").changes == {
        "title": ("Binance Will Delist FTM", "Binance Will Delist FTM (Updated)")
    }
    assert [(effect.token, effect.action) for effect in event.effects.all()] == [("S", "halt")]
    assert "a coin was renamed" not in [outcome.reason for outcome in expire(at + MINUTE)]


def test_where_one_effect_was_corrected_to_stays_under_the_new_name() -> None:
    """A correction of one of two effects of a coin: its key begins with the name that the coin had."""

    def told(title: str, at: datetime) -> Event:
        effects = tuple(EffectDraft("FTM", "venue", venue, (f"{venue}:FTMUSDT",)) for venue in ("BINANCE", "OKX"))
        draft = EventDraft("binance", "delisting", "binance:article:2", title, effects=effects)
        event = record(draft, at).event
        assert event is not None
        return event

    event = told("Binance Will Delist FTM", RENAMED - DAY)
    corrected = {"action": "halt", "scope": "pairs", "venue": "KRAKEN", "tickers": ["KRAKEN:FTMUSD"]}
    effects = {"FTM venue OKX": corrected}
    correct_event(event.pk, RENAMED - DAY, by="ann", fields={}, effects=effects)
    expire(RENAMED)
    told("Binance Will Delist FTM (Updated)", RENAMED + MINUTE)
    found = {(row.token, row.scope, row.venue, row.action == "halt") for row in event.effects.all()}
    assert found == {("S", "venue", "BINANCE", False), ("S", "pairs", "KRAKEN", True)}
