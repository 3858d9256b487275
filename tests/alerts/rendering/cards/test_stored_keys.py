"""Every key that is stored has a phrase, or is on the list of what cards do not show, with the reason."""

from __future__ import annotations

import ast
import textwrap
from typing import Any, get_type_hints

import pytest

from alerts.rendering.cards.facts.changes import FIELDS
from alerts.rendering.cards.facts.defi import DEPEG, HACK, SUPPLY_RUN
from alerts.rendering.cards.facts.exchange_notices import NOTICE
from alerts.rendering.cards.facts.internal_kinds import HALT, MANUAL, OPERATIONS
from alerts.rendering.cards.facts.kinds import kind_of
from alerts.rendering.cards.facts.market_data import DEPTH_DROP, LIQUIDITY, VOLATILITY, WHALE
from alerts.rendering.cards.facts.phrase import Kind
from alerts.rendering.cards.facts.states import FIELDS as EFFECT_FIELDS
from alerts.rendering.cards.facts.states import field_words
from alerts.rendering.cards.facts.volume import VOLUME
from events import facts as stored
from events.enums import Action, Category, RiskLevel, Scope, Stage, TradingStatus
from events.lifecycle import corrections
from events.lifecycle.effects import _DECLARABLE
from events.models import Effect
from tests.alerts.factories import NOW, unsaved_effect
from tests.alerts.rendering.cards import samples
from tests.alerts.rendering.cards.stored_keys import modules, stored_keys, subscripts, unread
from tests.alerts.rendering.cards.words import ENDED, coin, facts, pair, why

# Where facts are made, by the beginning of the module's path → the kind of its events. The first that fits.
KINDS: dict[str, Kind] = {
    "defillama/hacks/": HACK,
    "defillama/stablecoins/supply_run.py": SUPPLY_RUN,
    "defillama/stablecoins/": DEPEG,
    "volatility/": VOLATILITY,
    "liquidity/": LIQUIDITY,
    "orderbooks/detection/depth_drop.py": DEPTH_DROP,
    "orderbooks/detection/whale.py": WHALE,
    "trades/detection/": VOLUME,
    "exchanges/halts/": HALT,
    "exchanges/": NOTICE,
    "events/lifecycle/manual.py": MANUAL,
    "events/": OPERATIONS,
}
DECLARED = {
    stored.HackFacts: HACK,
    stored.SupplyRunFacts: SUPPLY_RUN,
    stored.DepegFacts: DEPEG,
    stored.VolatilityFacts: VOLATILITY,
    stored.LiquidityFacts: LIQUIDITY,
    stored.DepthDropFacts: DEPTH_DROP,
    stored.WhaleFacts: WHALE,
    stored.VolumeFacts: VOLUME,
    stored.HaltFacts: HALT,
    stored.AnnouncementFacts: NOTICE,
}
NESTED_UNSHOWN = {
    "LastAlert.log_move": "the card has the move in percent",
    "HackedPart.classification": "as that of the hack",
}


def unknown(path: str, tree: ast.AST) -> list[str]:
    kind = next((kind for begin, kind in KINDS.items() if path.startswith(begin)), None)
    keys = {*stored_keys(tree), *subscripts(tree)}
    return [f"{path}: {key}" for key in sorted(keys) if kind is None or not knows(kind, key)]


def knows(kind: Kind, key: str) -> bool:
    return key in kind.keys if key.endswith("*") else kind.knows(key)


def test_every_key_that_a_detector_stores_has_a_phrase_or_a_reason_to_have_none():
    found = {path: {*stored_keys(tree), *subscripts(tree)} for path, tree in modules().items()}
    assert sum(map(len, found.values())) > 70, "the reader of the sources finds the keys"
    assert {path for path, keys in found.items() if keys} >= {
        "defillama/hacks/detect.py", "defillama/stablecoins/detect.py", "defillama/stablecoins/supply_run.py",
        "defillama/stablecoins/venue_detect.py", "volatility/detect.py", "liquidity/detect.py",
        "orderbooks/detection/depth_drop.py", "orderbooks/detection/whale.py", "exchanges/halts/detect.py",
        "trades/detection/unusual.py",
        "exchanges/halts/maintenance.py", "exchanges/instruments/detect.py", "exchanges/tags/detect.py",
        "exchanges/announcements/detect.py", "exchanges/announcements/follow_ups.py", "exchanges/corroboration.py",
        "events/lifecycle/manual.py", "events/sources/health.py", "events/sources/content_health.py",
        "events/ledger/seals.py", "events/daemon/clock_watch.py",
    } - {"events/daemon/clock_watch.py"}  # fmt: skip
    assert [key for path, tree in modules().items() for key in unknown(path, tree)] == []


def test_no_facts_are_stored_in_a_way_that_the_reader_does_not_understand():
    assert [f"{path}: facts={text}" for path, tree in modules().items() for text in unread(tree)] == []


@pytest.mark.parametrize(
    "code",
    [
        'EventDraft(facts={"price": 1, "wobble": 2})',
        'draft = replace(event, facts={**event.facts, "wobble": 2})',
        'facts: VolatilityFacts = {"wobble": 2}',
        'facts["wobble"] = 2',
        "EventDraft(facts=VolatilityFacts(wobble=2))",
        'EventDraft(facts={"wobble": note} if note else {})',
        'def _facts() -> VolatilityFacts:\n    return {"wobble": 2}',
        'counts = {f"wobble on {venue}": 2}',
    ],
)
def test_a_new_key_without_a_phrase_fails(code):
    assert unknown("volatility/detect.py", ast.parse(textwrap.dedent(code))) in (
        ["volatility/detect.py: wobble"],
        ["volatility/detect.py: wobble on *"],
    )
    assert unknown("newapp/detect.py", ast.parse(code)), "a detector that no kind is named for"
    assert list(unread(ast.parse("EventDraft(facts=measured(price))"))) == ["measured(price)"]


@pytest.mark.parametrize("declared", DECLARED, ids=lambda kind: kind.__name__)
def test_every_declared_key_has_a_phrase_and_a_sample(declared):
    kind = DECLARED[declared]
    keys = set(get_type_hints(declared))
    assert {key for key in keys if not kind.knows(key)} == set()
    sampled = {key for sample in samples.EVERY.values() if kind_of_sample(sample) is kind for key in sample}
    assert keys - sampled == set()


def kind_of_sample(sample: dict[str, Any]) -> Kind:
    category = "manual" if "note" in sample else "operations" if "error" in sample else "delisting"
    return kind_of(category, "manual" if "note" in sample else "binance", sample)


EFFECTS: tuple[list[Effect], ...] = ([coin()], [pair()], [], [unsaved_effect("EURI", tickers=["BINANCE:EURIUSDT"])])


def words_of(sample: dict[str, Any], kind: Kind) -> list[str]:
    """All that cards say of these facts, over several effects, open and over, under every category."""
    said = []
    fixed = {MANUAL: "manual", OPERATIONS: "operations", HALT: "exchange_halt"}.get(kind)
    # Only notices read differently by their category; that of the others is in their facts.
    categories = ["delisting", "risk_warning", "wallet_suspension", "hard_fork"] if kind is NOTICE else ["delisting"]
    for category in [fixed] if fixed else categories:
        for effects in EFFECTS:
            for fields in ({}, ENDED):
                source = "manual" if kind is MANUAL else "okx" if kind is HALT else "binance"
                options = {"category": category, "source": source, **fields}
                said += [why(effects, sample, **options), *facts(effects, sample, **options).values()]
                said += facts(effects, sample, **options)
    return said


@pytest.mark.parametrize("kind", {**KINDS, "": NOTICE}.values(), ids=lambda kind: kind.why.text.__name__)
def test_every_key_with_a_phrase_is_in_its_words(kind):
    """To change its value changes the words of some sample: no key is only declared as shown."""
    shown: set[str] = set()
    sampled: set[str] = set()
    for sample in samples.EVERY.values():
        if kind_of_sample(sample) is kind:
            before = words_of(sample, kind)
            sampled |= sample.keys()
            shown |= {
                key for key in sample if any(words_of(changed, kind) != before for changed in changes_of(sample, key))
            }
    assert sampled - shown <= kind.unshown.keys()
    # Without its track a depeg would not be known as one.
    assert shown & kind.unshown.keys() <= {"track"}


def changes_of(sample: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = sample[key]
    others: list[Any] = []
    if isinstance(value, bool):
        others = [not value]
    elif isinstance(value, int | float):
        others = [value * 3 + 1, -value, value / 7]
    elif isinstance(value, str):
        others = ["postponed", f"{value} other", "ask", "came back", "2026-09-01T00:00:00+00:00", "2026-09-03"]
    elif isinstance(value, list):
        others = [["Another"], []]
    changed = [{**sample, key: other} for other in others]
    return [*changed, {name: item for name, item in sample.items() if name != key}]


NESTED: dict[type, tuple[str, str, str | int | None]] = {
    stored.LastAlert: ("VOLATILITY", "last_alert", None),
    stored.HackedPart: ("HACK", "techniques", 0),
    stored.FollowedFact: ("VOLUME", "followed", None),
    stored.TagFact: ("NOTICE_WITH_ALL", "tags", "LUNA"),
    stored.RelistedFact: ("NOTICE_WITH_ALL", "relisted", "BINANCE:LUNA"),
}


@pytest.mark.parametrize("declared", NESTED, ids=lambda kind: kind.__name__)
def test_every_key_inside_a_fact_is_in_the_words(declared):
    name, outer, inner = NESTED[declared]
    sample = samples.EVERY[name]
    kind = kind_of_sample(sample)
    before = words_of(sample, kind)
    for key in get_type_hints(declared):
        part = sample[outer] if inner is None else sample[outer][inner]
        changed = {name: value for name, value in part.items() if name != key}
        held: Any = changed
        if isinstance(inner, str):
            held = {**sample[outer], inner: changed}
        elif isinstance(inner, int):
            held = [changed, *sample[outer][1:]]
        same = words_of({**sample, outer: held}, kind) == before
        assert same == (f"{declared.__name__}.{key}" in NESTED_UNSHOWN), key


@pytest.mark.parametrize("key", get_type_hints(stored.InstrumentFact))
def test_what_a_list_shows_of_a_pair_is_in_the_words(key):
    """status: only where nothing else is known of the pair."""
    whole: dict[str, Any] = samples.EVERY["NOTICE_WITH_ALL"]
    bare: dict[str, Any] = {**whole, "instruments": {"BINANCE:LUNAUSDT": {"status": "BREAK"}}}
    sample = bare if key == "status" else whole
    without = {
        ticker: {name: value for name, value in fact.items() if name != key}
        for ticker, fact in sample["instruments"].items()
    }
    assert words_of({**sample, "instruments": without}, NOTICE) != words_of(sample, NOTICE)


def test_every_field_that_a_change_may_name_has_words():
    content = next(
        node
        for node in ast.walk(modules()["events/lifecycle/card_changes.py"])
        if isinstance(node, ast.FunctionDef) and node.name == "card_content"
    )
    returned = next(node.value for node in ast.walk(content) if isinstance(node, ast.Return))
    assert isinstance(returned, ast.Dict)
    assert {key.value for key in returned.keys if isinstance(key, ast.Constant)} <= FIELDS.keys()
    assert set(corrections._FIELDS) <= FIELDS.keys()
    declared = {name.replace("in_force_status", "then") for name in _DECLARABLE}
    assert declared | set(corrections._EFFECT_FIELDS) | corrections._PLACES <= set(EFFECT_FIELDS)


@pytest.mark.parametrize(
    ("name", "values"),
    [("action", Action), ("risk_level", RiskLevel), ("trading_status", TradingStatus), ("then", TradingStatus),
     ("stage", Stage), ("scope", Scope)],
)  # fmt: skip
def test_every_value_of_an_effect_has_words(name, values):
    words = [field_words(name, value, Category.DEPEG, NOW) for value in values]
    assert all(words) and len(set(words)) >= len(words) - (name == "stage") and not any("_" in text for text in words)
