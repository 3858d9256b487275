"""Roll-forwards that are worth a commit, and the one that comes when the token has come to rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from events.drafts import EffectDraft, EventDraft
from tests.volatility.support import START
from volatility.detect import Announced
from volatility.roll_forwards import DeferredDrafts, is_material

VALID = START + timedelta(hours=1)
KNOWN = Announced("LUNA fell", 100.0, -0.1, START.isoformat(), VALID, 100.0)
DRAFT = EventDraft("binance", "volatility", "volatility:LUNA", "LUNA fell", (EffectDraft("LUNA"),), valid_until=VALID,
                   facts={"price": 100.0})  # fmt: skip


@pytest.mark.parametrize(
    ("change", "material"),
    [
        ({}, False),
        ({"facts": {"price": 100.9}}, False),
        ({"facts": {"price": 101.1}}, True),
        ({"facts": {"price": 98.9}}, True),
        ({"valid_until": VALID + timedelta(minutes=4, seconds=59)}, False),
        ({"valid_until": VALID + timedelta(minutes=5)}, True),
        ({"alert": "worse"}, True),
    ],
)
def test_a_percent_five_minutes_or_an_alert_are_material(change: dict, material: bool) -> None:
    assert is_material(replace(DRAFT, **change), KNOWN) is material


def test_what_opens_an_event_is_material() -> None:
    assert is_material(DRAFT, None)


def test_what_waited_last_is_recorded_once_when_the_token_comes_to_rest() -> None:
    deferred, known = DeferredDrafts(), {"LUNA": KNOWN}
    later = [replace(DRAFT, valid_until=VALID + timedelta(minutes=minute)) for minute in (1, 2, 3)]
    assert [deferred.sift(START, [draft], known) for draft in later] == [[], [], []]
    assert deferred.sift(START, [], known) == [later[-1]]
    assert deferred.sift(START, [], known) == []


def test_what_waited_is_dropped_when_something_material_comes_or_the_event_has_closed() -> None:
    deferred, known = DeferredDrafts(), {"LUNA": KNOWN}
    alerted = replace(DRAFT, alert="worse")
    deferred.sift(START, [DRAFT], known)
    assert deferred.sift(START, [alerted], known) == [alerted]
    assert deferred.sift(START, [], known) == []
    deferred.sift(START, [DRAFT], known)
    assert deferred.sift(START, [], {}) == []
    deferred.sift(START, [DRAFT], known)
    assert deferred.sift(VALID, [], known) == [], "it is over, and waits only for its closing"
