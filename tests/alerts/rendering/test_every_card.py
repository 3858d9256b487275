"""What holds of every card: of the golden files, and of 1,000 generated events."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from alerts.channels.opsgenie import render_opsgenie
from alerts.channels.pagerduty import render_pagerduty
from alerts.rendering.cards.build import card_of
from alerts.rendering.cards.card import HEADING_LIMIT, Card
from alerts.rendering.discord_embed import render_discord
from alerts.rendering.incidents import paging_steps
from alerts.rendering.message import Message
from alerts.rendering.plain_text import plain_lines
from alerts.rendering.slack_blocks import render_slack
from alerts.rendering.summary import EventSummary
from alerts.rendering.teams_card import MAX_BYTES, card_size, encode_card, render_message
from alerts.rendering.telegram_html import render_telegram, utf16
from tests.alerts.rendering import digest_cases
from tests.alerts.rendering.cases import CASES
from tests.alerts.rendering.generated import NAMES, TITLES, generated
from tests.upstreams.card_schema import schema_faults

assert digest_cases.CASES is CASES, "the digests are among them"
PART = 50
ORDERS = {
    "watch": "watch",
    "avoid_new": "open nothing new",
    "reduce_only": "reduce only",
    "exit": "exit",
    "halt": "halt",
}
RAW_KEY = re.compile(
    r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b|\b(?:BINANCE|OKX|BYBIT)_[A-Z]+\b|[{}]|\bNone\b|\bTrue\b|\bFalse\b(?! alarm)|\[\]"
)
# What a number may be without a unit after it: a time, a date, an event, a count that is named as one, a rank.
KNOWN_NUMBERS = re.compile(
    r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2} UTC)?|"
    r"\d{1,2} [A-Z][a-z]{2}(?: \d{4})?(?: \d{2}:\d{2} UTC)?|#\d+|\+ \d+|\d+ of \d+|\d+ ×"
)
NUMBER = re.compile(r"(?<![\w.,#])[-+]?\d[\d,]*(?:\.\d+)?(?![\w,.]*\w)")
UNIT = re.compile(r"\s?(?:%|[A-Za-z])")


def own_texts(card: Card) -> Iterator[str]:
    """What we say ourselves: no foreign title, no link."""
    yield from (card.heading, card.why, card.label)
    for fact in card.facts:
        if not fact.name.startswith(("Former title", "Error", "At the last alert")):
            yield f"{fact.name}: {fact.text}"
    for section in card.sections:
        yield from (section.title, *section.items)
    for line in card.lines:
        yield from (line.heading, line.shortest, line.positions)


def without_names(text: str) -> str:
    """Without the odd names, some of which look like numbers, and titles in a heading."""
    for name in sorted((*TITLES, *NAMES), key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![a-z])", "NAME", text) if name else text
    return re.sub(r"\b1000\w+|\bCOIN\d+\w*|https?://\S+", "NAME", text)


def faults_of(message: Message, checked: bool = True) -> Iterator[str]:
    card, text = card_of(message), "\n".join(plain_lines(message))
    if not 0 < len(card.heading) <= HEADING_LIMIT:
        yield f"the heading has {len(card.heading)} characters"
    names = [fact.name.casefold() for fact in card.facts]
    values = [fact.text.casefold() for fact in card.facts]
    titles = [section.title for section in card.sections]
    for kind, found in (("name", names), ("text", values), ("list", titles)):
        if len(found) != len(set(found)):
            yield f"a {kind} twice: {found}"
    if any(not value.strip() for value in (*names, *values)):
        yield "a fact that says nothing"
    parts = {part.casefold() for part in card.heading.split(" · ")}
    if again := parts & {*values, card.why.casefold(), card.quoted.casefold()}:
        yield f"said in the heading and below: {again}"
    if any("\n" in line for line in (card.heading, card.why, *values)):
        yield "a line break"
    for said in map(without_names, own_texts(card)):
        if raw := RAW_KEY.search(said.replace("can_trade", "")):
            yield f"a raw key {raw[0]!r} in {said!r}"
        cut = KNOWN_NUMBERS.sub("then", said)
        for number in NUMBER.finditer(cut):
            if not UNIT.match(cut, number.end()):
                yield f"a number without unit {number[0]!r} in {said!r}"
    if isinstance(message.content, EventSummary) and message.content.over:
        yield from orders_that_do_not_hold(message.content, card)
    yield from sizes(message, text, checked)


def orders_that_do_not_hold(summary: EventSummary, card: Card) -> Iterator[str]:
    holds = {line.action for line in (*summary.at_risk, *summary.other_tokens)}
    if not card.heading.startswith(("OVER · ", "FALSE ALARM · ")):
        yield f"it is over, and the heading is {card.heading!r}"
    said = [card.heading, *(f"{f.name}: {f.text}" for f in card.facts if f.name not in ("Was", "Was wrong"))]
    for section in card.sections:
        said += section.items
    text = without_names(" · ".join(said)).lower()
    for action, words in ORDERS.items():
        if action not in holds and re.search(rf"(?<!no longer ){words}\b", re.sub(r"\bwas:? [^·;]*", "", text)):
            yield f"{words!r} no longer holds: {text!r}"


def sizes(message: Message, text: str, checked: bool) -> Iterator[str]:
    teams = render_message(message)
    if card_size(teams) > MAX_BYTES or len(encode_card(teams)) > MAX_BYTES:
        yield f"Teams: {card_size(teams)} bytes"
    if checked and (found := schema_faults(teams)):
        yield f"Teams: {found}"
    for answers in (False, True):
        telegram = render_telegram(message, "-1", answers=answers)
        if utf16(re.sub(r"</?b>", "", telegram["text"])) > 4096:
            yield f"Telegram: {utf16(telegram['text'])}"
    (embed,) = render_discord(message)["embeds"]
    if len(embed["title"]) > 256 or not 0 < len(embed["description"]) <= 4096:
        yield f"Discord: {len(embed['title'])}, {len(embed['description'])}"
    blocks = render_slack(message)["blocks"]
    long = [block for block in blocks if len(block.get("text", {}).get("text", "")) > 3000]
    if len(blocks) > 50 or long or len(blocks[0]["text"]["text"]) > 150:
        yield f"Slack: {len(blocks)} blocks, {len(long)} too long"
    for step in paging_steps(message):
        pagerduty, opsgenie = render_pagerduty(step, "key", message), render_opsgenie(step, message)
        if len(pagerduty.get("payload", {}).get("summary", "")) > 1024 or len(encode_card(pagerduty)) > 512_000:
            yield "PagerDuty"
        if len(opsgenie.get("message", "")) > 130 or len(opsgenie.get("description", "")) > 15_000:
            yield "Opsgenie"
        # The heading is whole wherever somebody is woken.
        if step.does == "trigger" and opsgenie["message"] != card_of(message).heading and not card_of(message).lines:
            yield "Opsgenie has another heading"
    if len(card_of(message).links) > 6:
        yield "more buttons than Teams shows"
    if len(text) > 60_000:
        yield f"the mail has {len(text)} characters"


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_golden_card_holds_every_rule(name: str) -> None:
    assert list(faults_of(CASES[name]())) == []


# One in five in the quick suite, all of them in `make test-long`.
PARTS = [pytest.param(part, marks=[pytest.mark.long] if part % 5 else []) for part in range(1000 // PART)]


@pytest.mark.parametrize("part", PARTS)
def test_of_a_thousand_generated_events_every_card_holds_every_rule(part: int) -> None:
    wrong = {}
    for seed in range(part * PART, (part + 1) * PART):
        if faults := list(faults_of(generated(seed), checked=seed % 5 == 0)):
            wrong[seed] = faults[:3]
    assert wrong == {}


def test_the_rules_can_fail() -> None:
    message = CASES["delisting_of_a_pair"]()
    assert RAW_KEY.search("stage in_force") and RAW_KEY.search("on BINANCE_USDM") and not RAW_KEY.search("ETHUSDT")
    cut = KNOWN_NUMBERS.sub("then", "Move: -0.35")
    (number,) = NUMBER.finditer(cut)
    assert not UNIT.match(cut, number.end())
    assert list(faults_of(message)) == []
