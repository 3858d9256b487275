"""Digests and market cards of the events that `cases` has, and of a storm; they are cases too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from alerts.rendering.cards.digest_card import in_order, line_of
from alerts.rendering.links import links_without_effect
from alerts.rendering.message import Digest, DigestLine, Message
from alerts.rendering.summary import Deferral, EventSummary
from tests.alerts.factories import NOW
from tests.alerts.rendering import cases
from tests.alerts.rendering.cases import BASE, CASES, at, case, effect


def line(name: str, event_id: int, *reasons: str, held: str = "", deferred: Deferral | None = None) -> DigestLine:
    """A line about the event of a case."""
    message = CASES[name]()
    content = message.content
    assert isinstance(content, EventSummary)
    summary = replace(
        content, event_id=event_id, reasons=reasons or content.reasons, deferred=deferred or content.deferred
    )
    return line_of(summary, replace(message, content=summary, acknowledged_by=held))


def digest(lines: Sequence[DigestLine], kind: str = "digest", minimal: bool = False) -> Message:
    lines = in_order(lines, NOW)
    acts = links_without_effect(BASE, of_all=True) if any(not one.over for one in lines) else ()
    if all(one.acknowledged_by for one in lines if not one.over):
        acts = tuple(act for act in acts if act.act != "acknowledge")
    tokens = {token for one in lines for token in one.tokens}
    events = "1 event" if len(lines) == 1 else f"{len(lines)} events at once"
    title = f"{len(tokens)} tokens are moving" if kind == "market" else events
    return Message(Digest(kind, title, tuple(lines)), NOW, BASE, minimal, "cex", "alert-3", acts)


def with_links(one: DigestLine) -> DigestLine:
    return replace(one, acts=links_without_effect(BASE))


def move(number: int, token: str, direction: str, share: float, action: str, **fields: Any) -> DigestLine:
    """A price move, as `volatility` stores it."""
    message = cases.message(
        "volatility",
        [effect(token, action, venue="")],
        title=f"{token} {'fell' if direction == 'down' else 'rose'} {abs(share):.0%} in 12 min",
        url="",
        facts={**cases.volatility().content.stored.facts, "move": share, "direction": direction},  # type: ignore[union-attr]
        pk=number,
        **fields,
    )
    assert isinstance(message.content, EventSummary)
    return line_of(message.content, message)


@case
def digest_of_delistings() -> Message:
    return digest(
        [
            line("delisting_of_many_coins", 14),
            line("delisting_of_two_coins", 12),
            with_links(line("delisting_of_a_pair", 11)),
            line("delisting_of_a_contract", 13),
        ]
    )


@case
def digest_of_all_sorts() -> Message:
    """What is over last, what is acknowledged said, reasons before the sentences."""
    return digest(
        [
            line("delisting_taken_back", 21),
            line("hack", 22, "escalated"),
            line("depeg_worse", 23, "worse", held="ann, since 2026-10-02 07:00 UTC: on it"),
            line("outage_of_announcements", 24),
            line("delisting_reminder", 25, "reminder"),
            line("exchange_halt", 26),
            line("wallet_suspension", 27, deferred=Deferral(at(hours=-1), "silenced")),
            line("delisting_with_positions", 28),
            line("delisting_false_alarm", 29),
        ]
    )


@case
def digest_of_what_is_over() -> Message:
    names = ("delisting_taken_back", "trading_suspension_over", "depeg_over", "outage_over", "low_liquidity_over")
    return digest([line(name, 31 + number) for number, name in enumerate(names)])


@case
def digest_all_acknowledged() -> Message:
    by = "ben, since 2026-10-02 07:50 UTC"
    names = ("delisting_of_two_coins", "delisting_of_a_pair")
    return digest([line(name, 41 + number, held=by) for number, name in enumerate(names)])


@case
def digest_of_one_that_is_left() -> Message:
    return digest([line("delisting_of_a_pair", 11)])


@case
def market_of_six() -> Message:
    moves = [("LUNA", -0.3548, "reduce_only"), ("ETH", -0.081, "avoid_new"), ("BTC", -0.052, "avoid_new"),
             ("SHIB", 0.22, "avoid_new"), ("CRV", -0.12, "avoid_new"), ("RON", -0.09, "avoid_new")]  # fmt: skip
    lines = [move(51 + n, token, "down" if by < 0 else "up", by, action) for n, (token, by, action) in enumerate(moves)]
    return digest(lines, "market")


@case
def market_alike() -> Message:
    lines = [move(61 + number, f"COIN{number}", "down", -0.1, "avoid_new") for number in range(12)]
    return digest(lines, "market")


@case
def short_digest_of_delistings() -> Message:
    return replace(digest_of_delistings(), minimal=True)
