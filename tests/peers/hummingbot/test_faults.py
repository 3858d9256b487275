"""Every fault, at start and while running: no pair at risk becomes tradable. Many bots at once, on one time line.

docs/bots/hummingbot.md says what each fault of HTTP is over MQTT; api/botcheck/adapters/hummingbot.py says the same
words as its table.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
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
OURS = ("401", "403", "404", "429", "truncated_text", "slow_drip", "dead")
"""Between the publisher and the broker."""
OF_BOT = ("403", "500_json", "html_200", "empty", "truncated", "slow_drip", "dead")
"""Between the broker and the bot."""
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
    peer: Any = None
    seen: list[list[str]] = field(default_factory=list)

    def wall_clock(self) -> float:
        return time.time() + (self.skew if self.on else 0.0)

    def open(self) -> list[str]:
        found: list[str] = self.peer.ask({"do": "look"})["open"]
        self.seen.append(found)
        return found


def cases(publishers: Publishers, broker: Broker) -> list[Case]:
    made = []
    for side, faults in (("ours", OURS), ("bot", OF_BOT)):
        for fault in faults:
            relay, port = publishers.relay(broker.port, side == "ours")
            relay.play(fault)
            case = Case(f"{side}_{fault}", fault, relay)
            publishers.add(port if side == "ours" else broker.port, case.name)
            case.peer = Peer("hummingbot", BOT, case.name, str(broker.port if side == "ours" else port))
            made.append(case)
    for name, fault, skew in (
        ("stale", "stale_leader", 0.0),
        ("ahead", "clock_skew", 3600.0),
        ("back", "clock_skew", -3600.0),
    ):
        case = Case(name, fault, skew=skew)
        publishers.add(broker.port, name, wall_clock=case.wall_clock)
        case.peer = Peer("hummingbot", BOT, name, str(broker.port))
        made.append(case)
    assert {case.fault.removesuffix("_text") for case in made} == set(FAULTS) == set(WORDS)
    return made


def turn(publishers: Publishers, made: list[Case], on: bool) -> None:
    for case in made:
        case.on = on
        if case.relay is not None:
            publishers.play(case.relay, case.fault if on else None)


def watch(made: list[Case], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        all_is_fresh()
        for case in made:
            case.open()
        time.sleep(0.1)


def last(made: list[Case]) -> dict[str, list[str]]:
    return {case.name: case.open() for case in made}


def come_back(made: list[Case], expected: list[str], fresh: bool = True) -> None:
    ends = time.monotonic() + BACK_SECONDS
    while (late := [case for case in made if case.open() != expected]) and time.monotonic() < ends:
        if fresh:
            all_is_fresh()
        time.sleep(0.1)
    for case in late:
        # Where a connection was cut, hummingbot may need `mqtt restart`.
        assert case.fault == "truncated", case.name
        case.peer.ask({"do": "restart"}, 60)
        ends = time.monotonic() + BACK_SECONDS
        while case.open() != expected and time.monotonic() < ends:
            all_is_fresh()
            time.sleep(0.1)
    assert last(made) == {case.name: expected for case in made}


def test_no_fault_makes_a_pair_at_risk_tradable(market: None, broker: Broker) -> None:
    Heartbeat.objects.update(beat_at=clock.moment(time.time() - 60))
    manual_event("ETH", action="exit")
    Heartbeat.objects.update(beat_at=clock.moment(time.time() - 60))
    with Publishers() as publishers:
        made = cases(publishers, broker)
        try:
            for case in made:
                assert case.peer.hear(60) == {"ready": True}, case.name
                assert case.peer.ask({"do": "patience", "seconds": 3 * REPEAT_SECONDS}) == {}
            # All were started while the leader was stale.
            assert all(found == [] for found in last(made).values())
            works = [case for case in made if case.relay is None]
            come_back(works, [BTC, SOL])
            assert not [case.name for case in made if case not in works and case.open()]
            # The other risk comes while the faults last.
            risk = manual_event("BTC", action="avoid_new")
            time.sleep(0.2)
            for case in made:
                case.seen.clear()
            watch(made, VALID_SECONDS + 0.5)
            turn(publishers, made, on=False)
            come_back(made, [SOL])
            assert not [case.name for case in made for found in case.seen if BTC in found or ETH in found]

            # While running.
            lifecycle.close_event(risk.pk, clock.database_now(), by="test", reason="over")
            come_back(made, [BTC, SOL])
            for case in made:
                case.seen.clear()
            turn(publishers, made, on=True)
            Heartbeat.objects.update(beat_at=clock.moment(time.time() - 60))
            come_back([case for case in made if case.name == "stale"], [], fresh=False)
            all_is_fresh()
            manual_event("BTC", action="avoid_new")
            all_is_fresh()
            begun = time.monotonic()
            watch(made, VALID_SECONDS + 1.0 - (time.monotonic() - begun))
            assert not [case.name for case in made for found in case.seen if ETH in found]
            # What was open before is open at most as long as the last message may be used.
            for case in made:
                case.seen.clear()
            watch(made, 1.0)
            turn(publishers, made, on=False)
            come_back(made, [SOL])
            assert not [case.name for case in made for found in case.seen if BTC in found or ETH in found]
        finally:
            for case in made:
                case.peer.__exit__()


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
