"""A recorded event as a draft: recording it again changes nothing that anybody reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, get_type_hints

import pytest

from events import facts
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import OutcomeKind
from events.lifecycle import correct_event, open_manual_event, record
from events.lifecycle.restore import draft_of
from events.models import Event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Recording writes these whenever the digest of the draft differs.
WRITTEN_ANYWAY = frozenset({"updated_at", "draft_digest", "reminded_until"})


def announced(now: datetime) -> None:
    ends = now + 5 * DAY
    record(
        EventDraft(
            source="binance",
            category="delisting",
            natural_key="binance.announcement:abc",
            title="Binance Will Delist ABC",
            effects=(
                EffectDraft("ABC", scope="venue", venue="BINANCE", tickers=("BINANCE:ABCUSDT",), trading_ends_at=ends),
                EffectDraft("DEF", scope="pairs", venue="BINANCE", tickers=("BINANCE:DEFBTC",), in_force_at=ends),
            ),
            important_dates=(ImportantDate(ends, "trading ends", ("BINANCE:ABCUSDT",)), ImportantDate(now - DAY, "x")),
            network_tokens=("ETH",),
            published_at=now - HOUR,
            facts={"tokens": ["ABC"], "follow_ups": []},
            url="https://example.org",
        ),
        now,
    )


def measured(now: datetime) -> None:
    effect = EffectDraft("USDC", stage="severe", risk_level="high", in_force_status="trading_suspended")
    record(EventDraft("x", "depeg", "depeg:1", "USDC is off", (effect,), valid_until=now + HOUR, priority="low"), now)


def manual(now: datetime) -> None:
    open_manual_event(now, by="ada", tokens=["LUNA"], title="Block LUNA", action="halt", note="a rumour")


def corrected(now: datetime) -> None:
    announced(now)
    event = Event.objects.get()
    effects = {"ABC": {"action": "watch"}}
    correct_event(event.pk, now, by="ada", fields={"title": "Another", "valid_until": None}, effects=effects)


@pytest.mark.django_db
@pytest.mark.parametrize("make", [announced, measured, manual, corrected])
def test_an_event_survives_the_way_to_a_draft_and_back(make: Callable[[datetime], None], now: datetime) -> None:
    make(now)
    event = Event.objects.get()
    before, effects = columns(event), list(event.effects.order_by("pk").values())
    outcome = record(draft_of(event), now + timedelta(minutes=1))
    again = Event.objects.get()
    assert outcome.kind in (OutcomeKind.UNCHANGED, OutcomeKind.ROLLED_FORWARD) and outcome.alert is None
    assert columns(again) == before
    assert list(again.effects.order_by("pk").values()) == effects
    # The second draft is the first but for the digest that it is based on.
    assert record(draft_of(again), now + timedelta(minutes=2)).kind == OutcomeKind.UNCHANGED


def columns(event: Event) -> dict[str, Any]:
    real = event.get_real_instance()
    fields = [field.attname for field in real._meta.concrete_fields]
    return {name: getattr(real, name) for name in fields if name not in WRITTEN_ANYWAY}


def test_an_important_date_survives_the_way_to_json_and_back(now: datetime) -> None:
    date = ImportantDate(now, "trading ends", ("BINANCE:ABCUSDT", "BINANCE:ABCBTC"))
    assert ImportantDate.from_json(date.as_json()) == date
    assert date.as_json() == {"at": now.isoformat(), "what": "trading ends", "tickers": list(date.tickers)}


def test_facts_are_read_under_their_type_without_a_copy() -> None:
    stored: dict[str, Any] = {"signals": ["list:BINANCE"], "halted on BINANCE": "9 of 10 instruments"}
    halt = facts.facts_as(facts.HaltFacts, stored)
    assert halt is stored and halt.get("signals") == ["list:BINANCE"] and halt.get("said") is None
    assert {"tokens", "follow_ups", "instruments", "tags", "relisted"} <= get_type_hints(facts.AnnouncementFacts).keys()
