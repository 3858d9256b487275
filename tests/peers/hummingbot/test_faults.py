"""Every fault, at start and while running: no pair at risk becomes tradable. Many bots at once, on one time line.

docs/bots/hummingbot.md says what each fault of HTTP is over MQTT; api/botcheck/adapters/hummingbot.py says the same
words as its table.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.botcheck.adapters.hummingbot import WORDS
from api.botcheck.faults import FAULTS
from events import clock, lifecycle
from events.models import Heartbeat
from tests.api.support import all_is_fresh, manual_event
from tests.peers.hummingbot.conftest import Broker
from tests.peers.hummingbot.publishers import REPEAT_SECONDS, VALID_SECONDS, Publishers
from tests.peers.hummingbot.relay import Relay
from tests.support.peers import Peer

BOT = Path(__file__).with_name("bot.py")
HERD = Path(__file__).with_name("herd.py")
OURS = ("401", "403", "404", "429", "truncated_text", "slow_drip", "dead")
"""Between the publisher and the broker."""
OF_BOT = ("403", "500_json", "html_200", "empty", "truncated", "slow_drip", "dead")
"""Between the broker and the bot."""
OF_THE_SYSTEM = (("stale", "stale_leader", 0.0), ("ahead", "clock_skew", 3600.0), ("back", "clock_skew", -3600.0))
BTC, ETH, SOL = "BTC-USDT", "ETH-USDT", "SOL-USDT"
# What hummingbot's gateway takes to connect again, in this test's time, and two messages more.
BACK_SECONDS = 8.0


@dataclass
class Case:
    """A bot, and its fault. skew: by how many seconds its publisher's clock is off while the fault is on."""

    name: str
    fault: str
    relay: Relay | None = None
    skew: float = 0.0
    on: bool = True

    def wall_clock(self) -> float:
        return time.time() + (self.skew if self.on else 0.0)


class Bots:
    """All of the cases, each with a bot of its own, in one herd."""

    def __init__(self, publishers: Publishers, broker: Broker, herd: Peer) -> None:
        self.cases: list[Case] = []
        self.seen: list[tuple[str, str]] = []
        self._publishers, self._herd = publishers, herd
        start: list[tuple[str, int]] = []
        for side, faults in (("ours", OURS), ("bot", OF_BOT)):
            for fault in faults:
                relay, port = publishers.relay(broker.port, side == "ours")
                relay.play(fault)
                case = Case(f"{side}_{fault}", fault, relay)
                publishers.add(port if side == "ours" else broker.port, case.name)
                start.append((case.name, broker.port if side == "ours" else port))
                self.cases.append(case)
        for name, fault, skew in OF_THE_SYSTEM:
            case = Case(name, fault, skew=skew)
            publishers.add(broker.port, name, wall_clock=case.wall_clock)
            start.append((name, broker.port))
            self.cases.append(case)
        assert {case.fault.removesuffix("_text") for case in self.cases} == set(FAULTS) == set(WORDS)
        ready = self._herd.ask({"start": start}, 90)
        assert ready == {name: {"ready": True} for name, _ in start}
        self.ask({"do": "patience", "seconds": 3 * REPEAT_SECONDS})

    def ask(self, question: dict[str, Any], of: list[str] | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self._herd.ask(question | ({} if of is None else {"of": of}), 90)
        return found

    def open(self) -> dict[str, list[str]]:
        """What each bot may open now; remembered in `seen`."""
        found = {name: list(answer["open"]) for name, answer in self.ask({"do": "look"}).items()}
        self.seen += [(name, pair) for name, pairs in found.items() for pair in pairs]
        return found

    def faults(self, on: bool) -> None:
        for case in self.cases:
            case.on = on
            if case.relay is not None:
                self._publishers.play(case.relay, case.fault if on else None)

    def watch(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            all_is_fresh()
            self.open()
            time.sleep(0.1)

    def become(
        self, expected: list[str], names: list[str], seconds: float = BACK_SECONDS, fresh: bool = True
    ) -> list[str]:
        """Waits until these bots may open just `expected`; returns those that may not."""
        ends = time.monotonic() + seconds
        while True:
            if fresh:
                all_is_fresh()
            found = self.open()
            late = [name for name in names if found[name] != expected]
            if not late or time.monotonic() > ends:
                return late
            time.sleep(0.1)

    def come_back(self, expected: list[str], cut: bool = True) -> None:
        """All of them, once the faults are over. Where its connection was cut, hummingbot may need `mqtt restart`."""
        if cut and self.open()["bot_truncated"] != expected:
            self.ask({"do": "restart"}, ["bot_truncated"])
        assert self.become(expected, [case.name for case in self.cases]) == []


def stop_the_heartbeat() -> None:
    Heartbeat.objects.update(beat_at=clock.moment(time.time() - 60))


def test_no_fault_makes_a_pair_at_risk_tradable(market: None, broker: Broker) -> None:
    manual_event("ETH", action="exit")
    stop_the_heartbeat()
    with Publishers() as publishers, Peer("hummingbot", HERD) as herd:
        # All were started while the leader was stale, and most of them with a fault of their own.
        bots = Bots(publishers, broker, herd)
        names = [case.name for case in bots.cases]
        assert set(map(tuple, bots.open().values())) == {()}
        sound = [case.name for case in bots.cases if case.relay is None]
        assert bots.become([BTC, SOL], sound) == []
        assert {name for name, _ in bots.seen} == set(sound)
        # Another risk comes while the faults last.
        risk = manual_event("BTC", action="avoid_new")
        assert bots.become([SOL], sound) == []
        bots.seen.clear()
        bots.watch(VALID_SECONDS + 0.5)
        bots.faults(on=False)
        bots.come_back([SOL])
        assert {pair for _, pair in bots.seen} == {SOL}

        # While running.
        lifecycle.close_event(risk.pk, clock.database_now(), by="test", reason="over")
        bots.come_back([BTC, SOL], cut=False)
        bots.faults(on=True)
        # A message that can be read as one, and says nothing, is believed to say nothing.
        assert bots.become([], ["bot_500_json"], VALID_SECONDS - 0.5) == []
        stop_the_heartbeat()
        assert bots.become([], ["stale", "ahead", "back"], fresh=False) == []
        all_is_fresh()
        manual_event("BTC", action="avoid_new")
        all_is_fresh()
        # What the last message allowed may be opened as long as that message may be used.
        assert bots.become([], [name for name in names if name not in sound], VALID_SECONDS + 1.0) == []
        assert bots.become([SOL], sound) == []
        assert ETH not in {pair for _, pair in bots.seen}
        bots.seen.clear()
        bots.watch(1.0)
        bots.faults(on=False)
        bots.come_back([SOL])
        assert {pair for _, pair in bots.seen} == {SOL}


def test_after_a_brokers_outage_mqtt_restart_is_enough(market: None, broker: Broker) -> None:
    """hummingbot's gateway forgets who listens; the guard tells the new one."""
    with Publishers() as publishers, Peer("hummingbot", BOT, "bot1", str(broker.port)) as peer:
        publishers.add(broker.port, "bot1")
        assert peer.hear() == {"ready": True}
        peer.ask({"do": "patience", "seconds": 3 * REPEAT_SECONDS})
        assert peer.ask({"do": "wait", "open": True})["open"]
        broker.stop()
        broker.start()
        # hummingbot stands still for some seconds meanwhile; what it then finds is too old.
        assert not peer.ask({"do": "wait", "open": False, "seconds": VALID_SECONDS + 1}, 60)["open"]
        peer.ask({"do": "restart"}, 60)
        all_is_fresh()
        assert peer.ask({"do": "wait", "open": True, "seconds": 20}, 60)["open"]
