"""The card of a digest: the worst in the heading, the strictest action first, every event named, nothing too long."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.delivery.batches import MOST_LISTED
from alerts.rendering.cards.build import card_of
from alerts.rendering.cards.card import HEADING_LIMIT, Kind, Tone
from alerts.rendering.cards.digest_card import SHORTEST, in_order, line_of
from alerts.rendering.chat_text import fitting_lines
from alerts.rendering.message import ActLink, Digest, DigestLine, Message
from alerts.rendering.plain_text import plain_lines
from alerts.rendering.subjects import action_label
from alerts.rendering.summary import EventSummary
from alerts.rendering.teams_card import MAX_BYTES, card_size, render_message
from events.enums import Action, Category
from tests.alerts.factories import NOW
from tests.alerts.rendering.cases import BASE, CASES, effect
from tests.alerts.rendering.cases import message as told
from tests.alerts.rendering.digest_cases import digest, line
from tests.upstreams.card_schema import schema_faults
from tests.upstreams.teams import events_on

TOKENS = (
    "LUNA",
    "1000SHIB",
    "取引停止" * 9,
    "\N{FIRE}" * 30,
    "[x](http://x)*_`",
    "\\" * 60,
    "A" * 64,
    "‮evil",
    "<b>&",
    "",
)


def plain(number: int, action: str | None = "exit", hours: float | None = None, **fields: object) -> DigestLine:
    ends = None if hours is None else NOW + timedelta(hours=hours)
    made = DigestLine(number, ("opened",), "delisting", "A notice", (f"T{number}",), action, "open")
    return replace(made, trading_ends_at=ends, deadline=ends, deadline_is="by", **fields)  # type: ignore[arg-type]


def test_the_strictest_first_then_what_ends_next_then_what_has_no_end_then_what_ended_and_what_is_over_last() -> None:
    lines = [
        plain(1, "exit", -1), plain(2, "exit"), plain(3, "exit", 9), plain(4, "exit", 1), plain(5, "halt"),
        plain(6, None), plain(7, "watch", 1), plain(8, None, ended="was: halt", status="closed"), plain(9, "avoid_new"),
    ]  # fmt: skip
    random.Random(1).shuffle(lines)
    assert [one.event_id for one in in_order(lines, NOW)] == [5, 4, 3, 2, 1, 9, 7, 6, 8]


def test_what_is_on_no_known_coin_does_not_come_after_what_is_only_watched() -> None:
    """A hack of which nobody knows the coin yet, and an order for all that a venue trades."""
    made = [CASES["hack_without_a_token"](), told("hack", [effect("*", "reduce_only", venue="BINANCE", tickers=[])])]
    hack, everything = (line_of(one.content, one) for one in made if isinstance(one.content, EventSummary))
    lines = [plain(1, "watch"), plain(2, "exit"), plain(3, "avoid_new"), hack, everything]
    assert [one.heading.split(" · ")[0] or one.action for one in in_order(lines, NOW)] == [
        "exit", "NO COIN KNOWN", "REDUCE ONLY", "avoid_new", "watch",
    ]  # fmt: skip


def test_the_worst_is_in_the_heading_and_what_is_over_is_no_more_to_do() -> None:
    lines = [plain(1, "exit", 19), plain(2, "watch"), plain(3, None, ended="was: exit", status="closed")]
    card = card_of(digest(lines))
    assert card.heading == "EXIT and 1 more · T1 · by 3 Oct 03:00 UTC, in 19 h"
    assert card.why == "3 events at once: 1 × exit, 1 × watch, 1 over."
    assert (card.kind, card.tone) == (Kind.DIGEST, Tone.URGENT)
    assert "exit" not in card.lines[-1].heading.lower()


@pytest.mark.parametrize(
    ("actions", "tone"),
    [
        (("halt", "watch"), Tone.URGENT),
        (("reduce_only",), Tone.WARNING),
        (("watch", None), Tone.WARNING),
        ((None,), Tone.NEUTRAL),
    ],
)
def test_how_urgent_it_looks(actions: tuple[str | None, ...], tone: Tone) -> None:
    assert card_of(digest([plain(number, action) for number, action in enumerate(actions)])).tone == tone


def test_what_is_over_is_good_news_without_an_act() -> None:
    card = card_of(CASES["digest_of_what_is_over"]())
    assert card.tone == Tone.GOOD and not [link for link in card.links if link.act]
    orders = {action_label(action).lower() for action in Action if action != "watch"}
    assert not [one.heading for one in card.lines if any(order in one.heading.lower() for order in orders)]


def test_nothing_is_left_of_a_digest_whose_events_are_deleted() -> None:
    card = card_of(digest([]))
    assert card.heading and (card.why, card.lines) == ("", ())
    assert schema_faults(render_message(digest([]))) == []


def test_links_for_all_come_before_the_runbook_and_those_of_a_line_stay_with_it() -> None:
    card = card_of(CASES["digest_of_delistings"]())
    assert [(link.title, link.act) for link in card.links] == [
        ("Acknowledge all", "acknowledge"), ("Silence all", "silence"), ("Runbook", ""),
    ]  # fmt: skip
    acts = {one.event_id: [link.act for link in one.links] for one in card.lines}
    assert acts[11] == ["acknowledge", "silence"] and acts[12] == []


def odd_line(chance: random.Random, number: int) -> DigestLine:
    name = chance.choice(sorted(CASES))
    if chance.random() < 0.4 and isinstance(CASES[name]().content, type(CASES["hack"]().content)):
        return line(name, number, held="x" * 200 if chance.random() < 0.2 else "")
    over = chance.random() < 0.2
    tokens = tuple(chance.sample(TOKENS, chance.randint(0, 4)))
    return replace(
        plain(number, None if over else chance.choice([*Action.values, None]), chance.choice([None, -1, 3, 20_000])),
        category=chance.choice(Category.values),
        title=chance.choice(TOKENS) * chance.choice([1, 9]),
        tokens=tokens,
        under_action=tokens[:2],
        venues=tuple(chance.sample(["BINANCE", "OKX_USDM", "V" * 64, "BYBIT_SWAP"], chance.randint(0, 4))),
        ended="was: exit on Binance spot · now: no restriction" if over else "",
        status="closed" if over else "open",
        acts=(ActLink("acknowledge", "Acknowledge", f"{BASE}/act/{'x' * 130}"),),
    )


@pytest.mark.parametrize("seed", range(40))
def test_any_list_keeps_the_rules(seed: int) -> None:
    chance = random.Random(seed)
    count = chance.choice([1, 2, 7, 25, MOST_LISTED])
    whole = digest([odd_line(chance, 10**6 + number) for number in range(count)], chance.choice(["digest", "market"]))
    for message in (whole, replace(whole, minimal=True)):
        card = card_of(message)
        assert 0 < len(card.heading) <= HEADING_LIMIT
        assert "\n" not in card.heading
        for one in card.lines:
            assert 0 < len(one.heading) <= HEADING_LIMIT and len(one.shortest) <= SHORTEST
        assert {one.event_id for one in card.lines} == {one.event_id for one in message.content.lines}  # type: ignore[union-attr]
        made = render_message(message)
        assert card_size(made) <= MAX_BYTES and schema_faults(made) == []
        # One of the cases says that event 12 restricts its coin too.
        assert events_on(made) - {12} == {one.event_id for one in card.lines}
        shown = "\n".join(fitting_lines(message, card_of(message), 4096 - 200, lambda text: len(text) + 1))
        assert len(shown) <= 4096 and all(f"#{one.event_id}" in shown for one in card.lines)
        over = [one for one in message.content.lines if one.over]  # type: ignore[union-attr]
        if len(over) == len(card.lines):
            assert card.heading.startswith(("OVER", "FALSE ALARM"))


def test_two_hundred_lines_are_a_card_in_a_moment() -> None:
    lines = [line("delisting_of_many_coins", number) for number in range(MOST_LISTED)]
    message = digest(lines)
    began = time.perf_counter()
    card_of(message)
    assert time.perf_counter() - began < 0.2
    assert len(plain_lines(message)) == MOST_LISTED + 5


def test_a_digest_without_the_fields_of_this_release_is_shown() -> None:
    bare = DigestLine(1, ("opened",), "volatility", "A notice", ("LUNA",), "avoid_new", "open")
    card = card_of(Message(Digest("digest", "1 event", (bare,)), NOW, BASE))
    assert (card.heading, card.lines[0].why) == ("OPEN NOTHING NEW · LUNA", "A notice")
