"""Cards: shape, size, and foreign text that stays text."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.rendering.card_html import card_html, inline
from alerts.rendering.links import act_links
from alerts.rendering.message import Message
from alerts.rendering.phrases import clean
from alerts.rendering.plain_text import render_text
from alerts.rendering.summary import summarize
from alerts.rendering.teams_card import (
    MAX_BYTES,
    TARGET_BYTES,
    card_size,
    encode_card,
    escape,
    render_card,
    render_message,
)
from crypto_ews.ui.text import distance
from events.enums import AlertReason, Category
from markets.watch import WatchLists
from tests.alerts.factories import NOW, unsaved_effect, unsaved_event
from tests.upstreams.card_schema import schema_faults

WATCH = WatchLists(frozenset({"LUNA"}), frozenset({"LUNA"}), frozenset({"USDT"}))
BASE = "https://ews.example"
ACTS = act_links(7, "cex", BASE, NOW, 72)


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


def test_facts_stored_under_the_words_of_the_first_release_are_never_shown_under_them():
    facts = {"told_by": "the product list", "said": "Upgrade", "told_depth": 12.5, "standing_now": 3, "amount_usd": 7}
    content = summary([unsaved_effect("BTC")], facts=facts)
    card, text = texts(render_card(content, NOW, BASE)), render_text(Message(content, NOW, BASE), "cex", color=False)
    assert not re.search(r"(?i)\b(?:told|said|standing)\b", card + text)
    assert ("told_by", "the product list") in content.facts, "the webhook's JSON keeps the stored keys"


HOSTILE = [
    "**bold** _it_ `code` [click](http://evil.example) # heading",
    "- item\n1. item\n> quote\n| a | b |",
    "‮gnp.exe‬ שלום עולם مرحبا",
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 漢字 e\u0301 ﷽",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "half \ud83d pair, \x00 nul, \x1b[31m escape",
    "\\*not bold\\* \\[a](b) trailing \\",
    "&lt;b&gt; &amp; \"quoted\" 'single'",
    "{{DATE(2017-02-14T06:08:39Z, SHORT)}} ${name}",
]
REASONS = [reason for reason in AlertReason.values if reason not in ("digest", "test")]


@pytest.mark.parametrize("minimal", [False, True])
@pytest.mark.parametrize("category", Category.values)
def test_every_kind_of_card_is_what_version_1_4_allows(category, minimal):
    for reason in REASONS:
        for effects in ([], None, [unsaved_effect("", scope="pairs", action="halt", risk_level="critical")]):
            content = summary(effects, reasons=("opened", reason), category=category, changes={"title": ["", None]})
            card = render_message(Message(content, NOW, BASE, minimal, acts=ACTS, acknowledged_by="ann, since 08:00"))
            assert schema_faults(card) == [], (reason, effects)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_breaks_neither_schema_nor_size_and_can_be_read(text):
    content = summary(
        [unsaved_effect(text[:60], tickers=[f"BINANCE:{text[:40]}"])],
        title=text,
        url=f"https://x.example/{text}",
        close_reason=text,
        facts={text: text},
        changes={text: [text, text]},
        important_dates=[{"at": NOW.isoformat(), "what": text, "tickers": [text]}],
    )
    card = render_message(Message(content, NOW, BASE, acts=ACTS, acknowledged_by=text))
    assert schema_faults(card) == []
    assert card_size(card) <= MAX_BYTES
    # What a person reads is the text itself, without what controls a terminal or a direction.
    shown = re.sub(r"<[^>]+>", "\n", card_html(card))
    assert clean(text, 300) in html.unescape(shown)
    assert "<script" not in card_html(card) and "<img" not in card_html(card)


def test_the_schema_refuses_what_is_no_card():
    """Each is one change away from a card that is allowed."""

    def body(card):
        return content_of(card)["body"]

    breaks = [
        lambda card: card.update(text="x"),
        lambda card: content_of(card).update(version="1.5"),
        lambda card: content_of(card).pop("body"),
        lambda card: content_of(card)["actions"].append({"type": "Action.Submit", "title": "x"}),
        lambda card: content_of(card)["actions"][0].update(url="javascript:alert(1)"),
        lambda card: content_of(card).update(actions=content_of(card)["actions"] * 4),
        lambda card: body(card).append({"type": "Image", "url": "https://x.example/a.png"}),
        lambda card: body(card).append({"type": "TextBlock", "text": ""}),
        lambda card: body(card).append({"type": "TextBlock", "text": "x", "colour": "Good"}),
        lambda card: body(card).append({"type": "TextBlock", "text": "x", "weight": "Bold"}),
        lambda card: body(card).append({"type": "FactSet", "facts": []}),
        lambda card: body(card).append({"type": "FactSet", "facts": [{"title": "x", "value": None}]}),
        lambda card: body(card).append({"type": "Container", "items": []}),
    ]
    for change in breaks:
        card = render_card(summary(), NOW, BASE)
        assert schema_faults(card) == []
        change(card)
        assert schema_faults(card), change


def test_2000_affected_pairs_stay_within_the_budget_in_every_wording():
    for token in ("LUNA", "1000000MOGLONGNAME", "漢字🪙"):
        watch = WatchLists(frozenset({token}), frozenset({token}), frozenset({"USDT"}))
        effects = [
            unsaved_effect(token, tickers=[f"BINANCE:{token}{number}USDT" for number in range(2000)]),
            *(unsaved_effect(f"{token}{number}") for number in range(2000)),
        ]
        for minimal in (False, True):
            content = summary(effects, watch=watch, title="<b>" * 2000)
            card = render_message(Message(content, NOW, BASE, minimal, acts=ACTS, acknowledged_by="x" * 5000))
            assert card_size(card) <= MAX_BYTES and len(encode_card(card)) <= MAX_BYTES
            assert schema_faults(card) == []
            assert minimal or "more](https://ews.example/admin/events/event/7/change/)" in texts(card)


def test_a_card_offers_what_can_be_done_before_what_can_be_read():
    card = render_message(Message(summary(), NOW, BASE, acts=ACTS))
    assert [(action["title"], action["url"]) for action in content_of(card)["actions"]] == [
        ("Acknowledge", ACTS[0].url),
        ("Silence", ACTS[1].url),
        ("Source", "https://exchange.example/notice/7"),
        ("Event #7", "https://ews.example/admin/events/event/7/change/"),
        ("Runbook", "https://ews.example/runbook/delisting/"),
    ]


def test_a_card_says_who_acknowledged_the_event():
    said = texts(render_message(Message(summary(), NOW, BASE, acknowledged_by="ann, since 08:00: *on* it")))
    assert r"ann, since 08:00: \*on\* it" in said


def test_a_card_says_what_when_to_whom_and_where_to_look():
    effect = unsaved_effect(action="exit", trading_ends_at=NOW + timedelta(days=1, hours=3))
    card = render_card(summary([effect], title="Exchange will remove LUNA", source="okx"), NOW, BASE)
    said = texts(card)
    for part in ("Exchange will remove LUNA", "Delisting · OKX", "LUNA/USDT", "#7"):
        assert part in said
    assert said.startswith("EXIT · LUNA · Binance spot · by 3 Oct 11:00 UTC, in 1 d 3 h\n")
    assert [(action["type"], action["url"]) for action in content_of(card)["actions"]] == [
        ("Action.OpenUrl", "https://exchange.example/notice/7"),
        ("Action.OpenUrl", "https://ews.example/admin/events/event/7/change/"),
        ("Action.OpenUrl", "https://ews.example/runbook/delisting/"),
    ]


def test_a_card_says_what_changed_and_what_an_unsent_card_would_have_said():
    card = render_card(summary(reasons=("opened", "updated"), changes={"title": ["Old", "New"]}), NOW, BASE)
    assert "New, then updated" in texts(card)
    assert "Former title\n“Old”" in texts(card)


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
    assert content_of(card)["body"][0]["style"] == "warning"


def test_500_pairs_stay_within_the_budget_and_link_to_the_rest():
    card = render_card(big_summary(), NOW, BASE)
    assert card_size(card) <= TARGET_BYTES
    assert len(encode_card(card)) <= TARGET_BYTES
    assert "more](https://ews.example/admin/events/event/7/change/)" in texts(card)
    assert "Our pairs on Binance spot (500)" in texts(card)


def test_500_plain_pairs_show_as_many_as_there_is_room_for():
    effects = [unsaved_effect("LUNA", tickers=[f"BINANCE:LUNA{number}USDT" for number in range(500)])]
    card = render_card(summary(effects), NOW, BASE)
    assert card_size(card) <= TARGET_BYTES
    assert "[+ 440 more](" in texts(card)


def test_a_minimal_card_is_small_whatever_the_event_holds():
    assert card_size(render_card(big_summary(), NOW, BASE, minimal=True)) < 5_000


def test_a_minimal_card_still_names_event_action_and_tokens():
    said = texts(render_card(summary(), NOW, BASE, minimal=True))
    for part in ("A notice", "REDUCE ONLY", "LUNA", "#7"):
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
    assert titles == ["Event #7", "Runbook"]


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
    assert "[cex] REDUCE ONLY · LUNA · Binance spot" in plain and "Delisting · Binance · event #7" in plain
    assert "Exchange will remove LUNA" in plain
    assert "LUNA/USDT" in plain
    assert "\x1b" not in plain
    assert "\x1b[33m" in render_text(Message(event, NOW, BASE), "cex", color=True)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and plain", "<b>bold</b> and plain"),
        (r"\*\*not bold\*\*", "**not bold**"),
        ("**never closed", "<b>never closed</b>"),
        ("[+ 3 more](https://x.example/a)", '<a href="https://x.example/a" rel="noreferrer noopener">+ 3 more</a>'),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        (r"\<script\>", "&lt;script&gt;"),
        (
            '["><img src=x>](https://x.example/"onclick=)',
            '<a href="https://x.example/&quot;onclick=" rel="noreferrer noopener">&quot;&gt;&lt;img src=x&gt;</a>',
        ),
    ],
)
def test_the_picture_reads_markdown_as_teams_does_and_nothing_else(text, shown):
    assert inline(text) == shown


@given(text=st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_foreign_text_is_read_back_as_it_was_written(text):
    assert html.unescape(inline(escape(text, 300))) == clean(text, 300)


def test_the_picture_refuses_what_it_would_show_wrong():
    card = render_card(summary(), NOW, BASE)
    content_of(card)["body"].append({"type": "Image", "url": "https://x.example/a.png"})
    with pytest.raises(ValueError, match="element type was 'Image'"):
        card_html(card)
