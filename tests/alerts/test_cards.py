"""Cards: shape, size, and foreign text that stays text."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.cards import MAX_BYTES, TARGET_BYTES, card_size, encode_card, escape, render_card
from alerts.message import Message, Notice
from alerts.plain_text import render_text
from alerts.summary import summarize
from alerts.wording import distance
from markets.watch import WatchLists
from tests.alerts.factories import NOW, unsaved_effect, unsaved_event

WATCH = WatchLists(frozenset({"LUNA"}), frozenset({"LUNA"}), frozenset({"USDT"}))
BASE = "https://ews.example"
# What Adaptive Cards 1.4 knows, and Teams shows from a webhook.
ELEMENTS = {"TextBlock", "FactSet", "Container", "ColumnSet", "Column", "Action.OpenUrl", "AdaptiveCard"}


def summary(effects: Any = None, reasons=("opened",), changes=None, watch=WATCH, **fields: Any):
    effects = [unsaved_effect()] if effects is None else effects
    return summarize(unsaved_event(**fields), effects, watch, list(reasons), changes or {})


def content_of(card: dict[str, Any]) -> dict[str, Any]:
    return card["attachments"][0]["content"]


def nodes(node: Any):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def texts(card: dict[str, Any]) -> str:
    found = []
    for node in nodes(content_of(card)["body"]):
        found += [node[key] for key in ("text", "title", "value") if isinstance(node.get(key), str)]
    return "\n".join(found)


def big_summary(count: int = 500, title: str = "Many pairs 🚀" * 40):
    tokens = [f"TOKEN{number}🪙" for number in range(count)]
    watch = WatchLists(frozenset(tokens), frozenset(tokens), frozenset({"USDT"}))
    effects = [
        unsaved_effect(token, tickers=[f"BINANCE:{token}USDT"], trading_ends_at=NOW + timedelta(days=3))
        for token in tokens
    ]
    dates = [
        {
            "at": (NOW + timedelta(hours=hour)).isoformat(),
            "what": "ends 🔥" * 30,
            "tickers": [f"T{n}" for n in range(40)],
        }
        for hour in range(60)
    ]
    changes = {f"field{number}": ["ä" * 4000, "😀" * 4000] for number in range(40)}
    facts = {f"fact {number}": "漢" * 500 for number in range(40)}
    return summary(effects, changes=changes, watch=watch, title=title, important_dates=dates, facts=facts)


def test_the_envelope_is_the_one_that_workflows_take():
    card = render_card(summary(), NOW, BASE)
    assert card["type"] == "message"
    (attachment,) = card["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["contentUrl"] is None
    content = attachment["content"]
    assert (content["type"], content["version"], content["msteams"]) == ("AdaptiveCard", "1.4", {"width": "full"})


@pytest.mark.parametrize("card", [summary(), big_summary(), Notice("Test", "Nothing")], ids=["one", "big", "notice"])
@pytest.mark.parametrize("minimal", [False, True])
def test_a_card_holds_only_what_version_1_4_and_teams_know(card, minimal):
    content = content_of(render_card(card, NOW, BASE, minimal))
    for node in nodes(content):
        if "type" in node:
            assert node["type"] in ELEMENTS
        if node.get("type") == "TextBlock":
            assert node["text"]
        if node.get("type") == "FactSet":
            assert node["facts"]
            assert all(set(fact) == {"title", "value"} and fact["value"] for fact in node["facts"])


def test_a_card_says_what_when_to_whom_and_where_to_look():
    effect = unsaved_effect(action="exit", trading_ends_at=NOW + timedelta(days=1, hours=3))
    card = render_card(summary([effect], title="Exchange will remove LUNA", source="okx"), NOW, BASE)
    said = texts(card)
    for part in ("Exchange will remove LUNA", "Delisting · OKX", "Exit", "BINANCE:LUNAUSDT", "LUNA", "#7", "Delisting"):
        assert part in said
    assert "2026-10-03 11:00 UTC (in 1 d 3 h)" in said
    assert [(action["type"], action["url"]) for action in content_of(card)["actions"]] == [
        ("Action.OpenUrl", "https://exchange.example/notice/7"),
        ("Action.OpenUrl", "https://ews.example/admin/events/event/7/change/"),
    ]


def test_a_card_says_what_changed_and_what_an_unsent_card_would_have_said():
    card = render_card(summary(reasons=("opened", "updated"), changes={"title": ["Old", "New"]}), NOW, BASE)
    assert "New, then updated" in texts(card)
    assert "Old → New" in texts(card)


@pytest.mark.parametrize(
    ("fields", "effect", "style"),
    [
        ({}, {}, "warning"),
        ({}, {"risk_level": "critical"}, "attention"),
        ({"status": "closed", "close_reason": "resumed"}, {"risk_level": "critical"}, "good"),
    ],
)
def test_the_header_is_coloured_by_risk(fields, effect, style):
    card = render_card(summary([unsaved_effect(**effect)], **fields), NOW, BASE)
    assert content_of(card)["body"][0]["style"] == style


def test_an_event_without_effects_is_told_as_well():
    card = render_card(summary([], category="operations", title="Source binance is silent"), NOW, BASE)
    assert "Source binance is silent" in texts(card)
    assert content_of(card)["body"][0]["style"] == "emphasis"


def test_500_pairs_stay_within_the_budget_and_link_to_the_rest():
    card = render_card(big_summary(), NOW, BASE)
    assert card_size(card) <= TARGET_BYTES
    assert len(encode_card(card)) <= TARGET_BYTES
    assert "more](https://ews.example/admin/events/event/7/change/)" in texts(card)
    assert "Our pairs (500)" in texts(card)


def test_500_plain_pairs_show_as_many_as_there_is_room_for():
    effects = [unsaved_effect("LUNA", tickers=[f"BINANCE:LUNA{number}USDT" for number in range(500)])]
    card = render_card(summary(effects), NOW, BASE)
    assert card_size(card) <= TARGET_BYTES
    assert "[+ 440 more](" in texts(card)


def test_a_minimal_card_is_small_whatever_the_event_holds():
    assert card_size(render_card(big_summary(), NOW, BASE, minimal=True)) < 5_000


def test_a_minimal_card_still_names_event_action_and_tokens():
    said = texts(render_card(summary(), NOW, BASE, minimal=True))
    for part in ("A notice", "Reduce only", "LUNA", "#7"):
        assert part in said


@settings(max_examples=60, deadline=None)
@given(
    title=st.text(max_size=3000),
    token=st.text(min_size=1, max_size=64),
    what=st.text(max_size=500),
    url=st.text(max_size=4000),
    count=st.integers(0, 300),
)
def test_no_content_breaks_the_budget_or_the_encoding(title, token, what, url, count):
    event = summary(
        [unsaved_effect(token, tickers=[f"X:{token}{number}" for number in range(count)])],
        title=title,
        url=f"https://{url}",
        important_dates=[{"at": NOW.isoformat(), "what": what, "tickers": [token]}],
        changes={"title": [title, what]},
    )
    card = render_card(event, NOW, BASE)
    assert card_size(card) <= MAX_BYTES
    assert json.loads(encode_card(card)) == card
    render_text(Message(event, NOW, BASE), "cex", color=False).encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** _it_ `code`", r"\*\*bold\*\* \_it\_ \`code\`"),
        ("[click](http://evil.example)", r"\[click\](http://evil.example)"),
        ("BTCUSD_PERP", "BTCUSD_PERP"),
        ("# heading", r"\# heading"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("<b>x</b>", r"\<b\>x\</b\>"),
        ("a\r\n\tb\x00\x1b[31m", r"a b\[31m"),
        ("\u202egnp.exe", "gnp.exe"),
        ("half \ud83d pair", "half pair"),
        ("Will Delist LUNA (Terra), 2 pairs - today", "Will Delist LUNA (Terra), 2 pairs - today"),
    ],
)
def test_foreign_text_formats_nothing(text, shown):
    assert escape(text, 200) == shown


def test_long_text_is_cut_with_an_ellipsis():
    assert escape("x" * 500, 100) == "x" * 99 + "…"


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "file:///etc/passwd", "https://x.example/" + "a" * 3000])
def test_only_a_web_page_becomes_a_source_button(url):
    titles = [action["title"] for action in content_of(render_card(summary(url=url), NOW, BASE))["actions"]]
    assert titles == ["Event #7"]


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(days=2, hours=3, minutes=4), "in 2 d 3 h"),
        (timedelta(hours=3, minutes=4), "in 3 h 4 min"),
        (timedelta(days=1, minutes=4), "in 1 d"),
        (timedelta(minutes=-59), "59 min ago"),
        (timedelta(seconds=20), "now"),
    ],
)
def test_distances_are_told_in_two_units(span, text):
    assert distance(NOW + span, NOW) == text


def test_the_console_shows_the_same_and_colours_only_for_a_terminal():
    event = summary(reasons=("opened",), title="Exchange will remove LUNA \x1b[2J")
    plain = render_text(Message(event, NOW, BASE), "cex", color=False)
    assert "[cex] New: Delisting · Binance · event #7" in plain
    assert "Exchange will remove LUNA" in plain
    assert "BINANCE:LUNAUSDT" in plain
    assert "\x1b" not in plain
    assert "\x1b[33m" in render_text(Message(event, NOW, BASE), "cex", color=True)
