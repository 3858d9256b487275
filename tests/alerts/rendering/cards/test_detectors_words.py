"""The words of what the detectors and the lifecycle really store, not of samples of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.models import Alert
from alerts.rendering.cards.facts import changes_in_words, facts_in_words, why_sentence
from alerts.rendering.cards.facts.changes import RENAMED
from alerts.rendering.cards.facts.defi import hacked
from alerts.rendering.cards.facts.effect_lines import read_line
from alerts.rendering.summary import summarize
from defillama.hacks import detect as hacks
from defillama.hacks.client import HackRow
from defillama.stablecoins import detect as depegs
from defillama.stablecoins import supply_run
from defillama.stablecoins.track import PegTrack
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Category, Scope
from events.lifecycle import record, renames
from events.lifecycle.card_changes import card_content
from events.lifecycle.corrections import correct_event
from events.lifecycle.effects import subject_of
from events.lifecycle.manual import open_manual_event
from events.models import Event
from orderbooks.detection import depth_drop
from orderbooks.detection.observations import PairName
from tests.alerts.factories import NOW, unsaved_effect, unsaved_event
from tests.alerts.rendering.cards import samples
from tests.alerts.rendering.cards.words import WATCH, changes, coin, summary_of
from volatility import detect as volatility
from volatility.windows import WINDOWS


def title_change(before: str) -> dict[str, str]:
    return changes({"title": [before, "x"]})


def test_the_titles_that_detectors_write_are_read_back():
    """A title is the only memory of the last alert: if a detector words it anew, this fails."""
    move = volatility.Move(0.2, 0.31, WINDOWS[:3], WINDOWS[1])
    assert title_change(volatility._title("LUNA", move)) == {"At the last alert": "fell 35.5 % within 5 min to 0.2 USD"}
    track = PegTrack(NOW, NOW, NOW, "", -0.05, 0.95, title_price=0.95, title_deviation=-0.05, title_supply=-0.12)
    subject = depegs.Subject(depegs.GLOBAL, "3", "USTC", "USD", "defillama")
    assert title_change(depegs._title(subject, replace(track, side="below"))) == {
        "At the last alert": "5.0 % below its peg, at 0.9500 USD; its supply fell by 12 % in a day"
    }
    assert title_change(depegs._title(replace(subject, venue="BINANCE"), track))["At the last alert"].startswith(
        "5.0 %"
    )
    name = PairName("BINANCE:ETHUSDC", "ETH", "USDC")
    draft = depth_drop.DepthWatch(0.25)._open(24_000.0, 100_000.0, 24_000.0, name, True, NOW)
    assert title_change(draft.title) == {"At the last alert": "24,000 USDC within ±1 %, 24 % of normal"}


def test_the_name_of_what_was_hacked_is_read_from_the_title():
    row = HackRow(name="Euler: V2", day=NOW.date(), amount_usd=19_000_000)
    hack = hacks.hack_from_rows([row])
    assert hacked(hacks._title(hack)) == "Euler: V2"
    assert hacked(hacks._title(replace(hack, bridge_hack=True, complete=False))) == "Euler: V2"
    assert hacked("Binance Will Delist LUNA: hack or not") == ""


@pytest.mark.django_db
def test_what_the_recorder_stores_of_an_update_is_in_words():
    ends = NOW + timedelta(days=2)

    def draft(at: Any, *pairs: str, title: str = "A notice") -> EventDraft:
        return EventDraft(
            source="binance",
            category=Category.DELISTING,
            natural_key="binance.announcement:1",
            title=title,
            effects=(
                EffectDraft("LUNA", scope=Scope.VENUE, venue="BINANCE", trading_ends_at=at, in_force_at=at),
                *(EffectDraft("ETH", scope=Scope.PAIRS, venue="BINANCE", tickers=(name,), trading_ends_at=at,
                              in_force_at=at) for name in pairs),
            ),
            important_dates=(
                ImportantDate(at, "trading ends"),
                ImportantDate(at + timedelta(days=30), "withdrawals end"),
            ),
            published_at=NOW,
        )  # fmt: skip

    record(draft(ends, "BINANCE:ETHUSDC", "BINANCE:ETHDAI"), NOW)
    moved = replace(draft(ends + timedelta(hours=5), "BINANCE:ETHUSDC"), title="A corrected notice")
    outcome = record(moved, NOW + timedelta(minutes=5))
    assert changes(outcome.changes) == {
        "ETH/USDC and LUNA on Binance spot": "trading ends: 4 Oct 08:00 UTC → 4 Oct 13:00 UTC",
        "No longer named": "ETH/DAI on Binance spot",
        "Withdrawals end": "3 Nov 08:00 UTC → 3 Nov 13:00 UTC",
        "Former title": "“A notice”",
    }


@pytest.mark.django_db
def test_every_correction_that_an_admin_can_make_is_in_words():
    outcome = open_manual_event(NOW, by="maria", title="Rumour", tokens=["LUNA"], note="a rumour", venues=["BINANCE"])
    assert outcome.event is not None
    later = NOW + timedelta(days=3)
    correct_event(
        outcome.event.pk,
        NOW + timedelta(minutes=1),
        by="ann",
        fields={
            "title": "Known",
            "category": "hack",
            "priority": "low",
            "valid_until": later,
            "url": "https://x.example",
        },
        effects={
            "LUNA": {
                "action": "exit",
                "risk_level": "critical",
                "trading_status": "delisting",
                "scope": "pairs",
                "venue": "BINANCE",
                "tickers": ["BINANCE:LUNAUSDT"],
                "trading_ends_at": later.isoformat(),
            }
        },
        reason="it is known now",
    )
    stored = Alert.objects.filter(event=outcome.event.pk).order_by("-id").values_list("detail", flat=True)[0]["changes"]
    found = changes(stored)
    assert found == {
        "LUNA on Binance spot": "was: open nothing new, high risk, trading goes on, all its pairs there,"
        " no end of trading · now: exit, critical risk, to be delisted, single pairs, LUNA/USDT,"
        " trading ends 5 Oct 08:00 UTC",
        "Kind of event": "manual → hack",
        "Priority": "high → low",
        "Valid until": found["Valid until"],
        "Former title": "“Rumour”",
        "Source link": "another page than before",
    }
    assert found["Valid until"].endswith("→ 5 Oct 08:00 UTC")


EFFECT_ROWS = [
    unsaved_effect(scope="asset", venue="", declared={"stage": "severe"}),
    unsaved_effect(trading_ends_at=NOW, declared={"action": "exit", "in_force_status": "wallet_suspended"}),
    unsaved_effect(in_force_at=NOW, declared={"risk_level": "critical", "trading_status": "delisting"}),
    unsaved_effect(scope="pairs", tickers=["BINANCE:LUNAUSDT", "OKX:LUNA-USDT-SWAP"], trading_ends_at=NOW),
    unsaved_effect(scope="pairs", tickers=[]),
    unsaved_effect("币安人生"),
    unsaved_effect("X: Y", scope="asset", venue=""),
]


@pytest.mark.parametrize("effect", EFFECT_ROWS, ids=lambda effect: str(effect.token))
def test_every_line_and_every_name_that_the_lifecycle_writes_of_an_effect_is_read(effect):
    (line,) = card_content(unsaved_event(), [effect])["effects"]
    read = read_line(line)
    assert read is not None
    assert set(read.fields) == {name.replace("in_force_status", "then") for name in effect.declared}
    assert (read.ends, read.begins) == (effect.trading_ends_at, None if effect.trading_ends_at else effect.in_force_at)
    assert set(read.tickers) == (set(effect.tickers) if effect.scope == "pairs" else set())
    was, now = "watch trading", "exit delisted"
    for name in (line, subject_of(effect)):
        ((subject, text),) = changes({name: [was, now]}).items()
        assert text == "was: watch, trading goes on · now: exit, delisted"
        assert not re.search(r"BINANCE|OKX:|: (venue|asset|single pairs)$", subject)


def test_a_rename_is_stored_as_it_is_read():
    assert RENAMED in (Path(renames.__file__)).read_text(encoding="utf-8")


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=40),
    st.lists(st.one_of(st.text(max_size=10), st.integers(), st.none()), max_size=3),
    st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.text(max_size=8), st.integers()), max_size=3),
    st.sampled_from(["2026-10-02T08:00:00+00:00", "BINANCE:ETHUSDC", {"a": {"since": "x", "at": 3, "ticker": 1}}]),
)  # fmt: skip
KEYS = sorted({key for sample in samples.EVERY.values() for key in sample})


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=12), st.sampled_from(list(Category)), st.booleans())
def test_facts_of_any_type_never_stop_a_card(facts, category, over):
    fields: dict[str, Any] = {"status": "closed", "closed_at": NOW, "close_reason": "x"} if over else {}
    summary = summary_of([coin()], facts, category=category, **fields)
    found = facts_in_words(summary, NOW)
    assert why_sentence(summary, NOW)
    assert all(fact.name and fact.text and "\n" not in fact.text for fact in found)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.one_of(st.text(max_size=12), st.sampled_from(["effects", "important_dates", "title", "LUNA",
       "valid_until", "A is called", "BINANCE:ETHUSDC + 3 more"])), st.tuples(JUNK, JUNK), max_size=6))  # fmt: skip
def test_changes_of_any_type_never_stop_a_card(stored):
    summary = summarize(Event(pk=7, opened_at=NOW, seen_at=NOW), [], WATCH, ["updated"], stored)
    assert all(fact.name and fact.text and "\n" not in fact.text for fact in changes_in_words(summary, NOW))


def test_a_supply_run_is_read_back():
    run = supply_run.SupplyRun(NOW.isoformat(), alerted=-0.12)
    title = supply_run._title(type("Coin", (), {"symbol": "USDX"})(), run)
    assert title_change(title) == {"At the last alert": "supply fell by 12 % in a day"}
