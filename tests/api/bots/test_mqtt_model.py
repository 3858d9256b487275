"""Any sequence of messages against an oracle: what was denied for longer than the bound is never openable."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from tests.support.examples import example

BOUND = 90.0 + 2.5
"""The time of a message, and how much a beginning may be late: a second, with the way's own delay."""


@dataclass
class Sender:
    """A system: its truth, and when it was open last. ahead: its clock. Its messages go on a way that may be frozen."""

    source: str
    ahead: float
    is_open: bool = True
    open_at: float = 0.0
    last: int = 0
    base: float = float("-inf")
    frozen: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    def message(self, now: float) -> tuple[int, dict[str, Any]]:
        self.base = max(self.base, self.ahead)
        self.last = max(self.last + 1, int((now + self.base) * 1000))
        word = "open" if self.is_open else "exit"
        return self.last, {
            "version": 1, "source": self.source, "status": "fresh", "as_of": 1, "seq": 1, "valid_for": 90,
            "binance:BTC-USDT": word,
        }  # fmt: skip

    def restart(self, ahead: float) -> None:
        self.ahead, self.base, self.last = ahead, float("-inf"), 0


class World:
    """One bot, its senders and the way between them, which loses, doubles, reorders, freezes and cuts."""

    def __init__(self, table_class: Any, seed: int, senders: int) -> None:
        self.chance = random.Random(seed)
        self.now = 10_000.0
        self.table_class = table_class
        self.senders = [Sender("ab"[n], self.chance.choice((0.0, 3600.0, -3600.0))) for n in range(senders)]
        self.table = table_class(lambda: self.now)
        self.old: list[tuple[int, dict[str, Any]]] = []
        self.freeze = 0
        self.opened = 0

    def step(self) -> None:
        chance = self.chance
        self.now += chance.choice((0.05, 0.3, 3.0, 10.0, 30.0, 30.0, 30.0, 100.0 if chance.random() < 0.1 else 30.0))
        self.check()
        sender = chance.choice(self.senders)
        if chance.random() < 0.15:
            sender.is_open = not sender.is_open
        if sender.is_open:
            sender.open_at = self.now
        what = chance.random()
        if what < 0.03:
            sender.restart(sender.ahead + chance.choice((0.0, 3600.0, -3600.0)))
            self.old.clear()
        elif what < 0.06:
            self.table = self.table_class(lambda: self.now)
            # A broker has one that somebody retained.
            self.give([(sequence - 5_000_000, data) for sequence, data in self.old[-1:] if sequence > 5_000_000])
            self.old.clear()
        elif what < 0.1:
            self.freeze = chance.randrange(2, 12)
        elif what < 0.14 and self.old:
            self.give([chance.choice(self.old[-3:])])
        elif what < 0.2:
            return
        message = sender.message(self.now)
        self.old.append(message)
        sender.frozen.append(message)
        if self.freeze:
            self.freeze -= 1
            if self.freeze:
                return
        for one in self.senders:
            given, one.frozen = one.frozen, []
            if chance.random() < 0.1:
                chance.shuffle(given)
            # A queue that is full drops its end.
            if len(given) > 2 and chance.random() < 0.3:
                del given[-chance.randrange(1, len(given)) :]
            self.give(given + (given[-1:] if chance.random() < 0.1 else []))

    def give(self, messages: list[tuple[int, dict[str, Any]]]) -> None:
        for sequence, data in messages:
            self.now += self.chance.choice((0.0, 0.001, 0.2))
            self.table.receive(sequence, data)
            self.check()

    def check(self) -> None:
        for sender in self.senders:
            if sender.is_open:
                sender.open_at = self.now
        if self.table.may_open("binance", "BTC-USDT"):
            self.opened += 1
            assert any(self.now - sender.open_at <= BOUND for sender in self.senders)


@pytest.fixture(scope="module")
def guard() -> ModuleType:
    return example("hummingbot/token_risk")


@pytest.mark.parametrize("senders", [1, 2])
def test_nothing_is_openable_that_was_denied_for_longer_than_a_message_holds(guard: ModuleType, senders: int) -> None:
    opened = 0
    for seed in range(60):
        world = World(guard.RiskTable, seed, senders)
        for _ in range(120):
            world.step()
        opened += world.opened
    assert opened > 100
