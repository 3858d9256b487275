"""Sets the clock of the machine under the real daemon and PostgreSQL: `python -m tests.crash.clock_steps`.

An hour, a day and ten years ahead and back, and the first NTP sync after a start with a wrong clock. What must hold:
sources are asked again within fifteen seconds, /healthz and one card a step say it, no bot reads a weaker answer at any
moment, no event closes early, memory stays flat, SIGTERM is heard, and the clocks are trusted again once they are
right. Upstreams keep the true time.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg2

from tests.support.daemon_process import DaemonProcess, eventually, manage
from tests.support.faked_clock import FakedClock, FakedPostgres, library
from tests.support.loopback import loopback_environment
from tests.support.ports import free_port
from tests.upstreams import TeamsSink, UpstreamServer
from tests.upstreams.binance import LIST_PATH, Article, announcement_site
from tests.upstreams.binance_instruments import coinm_symbol, instrument_site, spot_symbol, usdm_symbol
from tests.upstreams.okx_instruments import OkxInstrumentSite, okx_contract, okx_spot

HOUR, DAY, TEN_YEARS = 3600.0, 86_400.0, 3652 * 86_400.0
STEPS = (HOUR, -HOUR, DAY, -DAY, TEN_YEARS, -TEN_YEARS)
_SOURCES = ("--only", "binance.instruments", "okx.instruments", "binance.announcements")
_RESUMES_WITHIN = 15.0
_MEMORY_MB = 25.0
_RANKS = {name: rank for rank, name in enumerate(("none", "watch", "avoid_new", "reduce_only", "exit", "halt"))}

# README's first query, as strict as its service text: a heartbeat that is not fresh by the database's clock is a halt.
_ASK = """
SELECT CASE
         WHEN s.heartbeat_at IS NULL OR s.refreshed_at IS NULL
              OR s.heartbeat_at NOT BETWEEN clock_timestamp() - interval '12 seconds'
                                        AND clock_timestamp() + interval '5 seconds' THEN 'halt'
         ELSE coalesce(r.action::text, 'none')
       END, s.stale_sources
  FROM token_risk_view_status s LEFT JOIN token_risk_view r ON r.token = %s
"""
# What the README asks first, of the pair that the notice names.
_ASK_PAIR = "SELECT action::text, may_open FROM can_trade('binance', 'DELI/USDT')"
# In our time, which is the true time here: what expires in half an hour, and what has no end.
_OPEN = """
from datetime import timedelta
from django.utils import timezone
from events.drafts import EffectDraft, EventDraft
from events.lifecycle import record
now = timezone.now()
for key, token, ends in (("soon", "SOON", timedelta(minutes=30)), ("later", "LATER", timedelta(hours=30))):
    record(EventDraft(source="tests", category="manual", natural_key=f"tests:{key}", title=f"{token} is blocked",
        kind="manual", effects=(EffectDraft(token, action="exit"),), priority="high", valid_until=now + ends,
        extra={"opened_by": "tests", "note": ""}), now)
"""


@dataclass
class Findings:
    """What did not hold, and figures of what did."""

    faults: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def expect(self, holds: object, what: str) -> None:
        if not holds:
            self.faults.append(what)
            self.say(f"DOES NOT HOLD: {what}")

    def say(self, line: str) -> None:
        self.lines.append(line)
        print(f"  {line}", flush=True)


class Bot(threading.Thread):
    """Asks for three tokens five times a second, and keeps every answer that is weaker than the true one."""

    def __init__(self, url: str, least: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self._url, self._least, self._ended = url, least, threading.Event()
        self.weaker: list[str] = []
        self.asked = self.halted = 0

    def run(self) -> None:
        with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while not self._ended.wait(0.2):
                for token, least in self._least.items():
                    cursor.execute(_ASK, [token])
                    [(action, _stale)] = cursor.fetchall()
                    self.asked += 1
                    self.halted += action == "halt"
                    if _RANKS[action] < _RANKS[least]:
                        self.weaker.append(f"{datetime.now(UTC):%H:%M:%S} {token}: {action}, not {least}")
                cursor.execute(_ASK_PAIR)
                for action, may_open in cursor.fetchall():
                    if may_open or _RANKS[action] < _RANKS[self._least["DELI"]]:
                        self.weaker.append(f"{datetime.now(UTC):%H:%M:%S} can_trade: {action}, may_open {may_open}")

    def stop(self) -> None:
        self._ended.set()
        self.join(5)


class World:
    """Two upstreams with the true time, PostgreSQL and daemons with the faked one."""

    def __init__(self, clock: FakedClock, url: str, binance: UpstreamServer, okx: UpstreamServer, log: Path) -> None:
        self.clock, self.url, self.binance, self.log = clock, url, binance, log
        self.sink = TeamsSink(binance)
        site = announcement_site(binance)
        ends = datetime.now(UTC) + timedelta(hours=30)
        site.publish(
            Article(
                f"Binance Will Delist DELI on {ends:%Y-%m-%d}",
                datetime.now(UTC) - timedelta(minutes=1),
                (
                    "Binance will delist DELI and cease trading on the following spot trading pairs at "
                    f"{ends:%Y-%m-%d %H:%M} (UTC): DELI/USDT",
                ),
            )
        )
        instrument_site(
            binance,
            spot=[spot_symbol("DELI/USDT"), spot_symbol("BTC/USDT")],
            usdm=[usdm_symbol("BTC/USDT")],
            coinm=[coinm_symbol("BTC")],
        )
        OkxInstrumentSite(okx, spot=[okx_spot("BTC/USDT")], swaps=[okx_contract("BTC/USDT")], futures=[])
        self.fed: list[float] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = clock.folder / "notify"
        self._socket.bind(str(address))
        threading.Thread(target=self._listen, daemon=True).start()
        self.environment = {
            "NOTIFY_SOCKET": str(address),
            **loopback_environment(
                binance,
                DATABASE_URL=url,
                SPOT_CURRENCIES="DELI SOON LATER BTC",
                CEX_WEBHOOK_URL=self.sink.url,
                UPDATE_REFRESH_INCREMENT_MINS="0.05",
                LOG_LEVEL="INFO",
            ),
            **{
                name: value.replace(binance.url("").rstrip("/"), okx.url("").rstrip("/"))
                for name, value in loopback_environment(binance).items()
                if name.startswith("OKX")
            },
            **clock.environment,
        }
        manage("migrate", "--verbosity", "0", environment=self.environment)

    def _listen(self) -> None:
        while True:
            if b"WATCHDOG=1" in self._socket.recv(4096):
                self.fed.append(time.monotonic())

    @contextmanager
    def daemon(self) -> Iterator[tuple[DaemonProcess, str]]:
        port = free_port()
        with (
            self.log.open("a") as output,
            DaemonProcess(self.environment, *_SOURCES, "--serve", f"127.0.0.1:{port}", output=output) as daemon,
        ):
            address = f"http://127.0.0.1:{port}/healthz"
            eventually(lambda: health(address).get("healthy"), 60, "the daemon leads")
            yield daemon, address

    def polls(self) -> list[float]:
        return [request.received for request in self.binance.requests_to(LIST_PATH)]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def open_events(self) -> set[str]:
        rows = self.ask("SELECT natural_key FROM events_event WHERE status = 'open' AND category <> 'operations'")
        return {key for (key,) in rows}

    def clock_cards(self) -> list[str]:
        """Steps that operations were told of. Where the end came before the card was sent, that is what is told."""
        rows = self.ask(
            "SELECT e.title FROM alerts_alert a JOIN events_event e ON e.id = a.event_id"
            " WHERE e.natural_key LIKE 'operations:clock:%' AND a.state IN ('sent', 'digested')"
            " GROUP BY e.id ORDER BY e.id"
        )
        return [title for (title,) in rows]


def health(address: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(address, timeout=3) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return dict(json.load(error))
    except OSError:
        return {}


def _held(address: str) -> bool | None:
    return health(address).get("clock", {}).get("held")


def _resident_mb(daemon: DaemonProcess) -> float:
    for line in Path(f"/proc/{daemon.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


def _cpu_seconds(daemon: DaemonProcess) -> float:
    fields = Path(f"/proc/{daemon.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _spell(seconds: float) -> str:
    size = next(
        f"{abs(seconds) / unit:g} {name}"
        for unit, name in ((TEN_YEARS, "x 10 y"), (DAY, "d"), (HOUR, "h"))
        if abs(seconds) >= unit
    )
    return f"{size} {'ahead' if seconds > 0 else 'back'}"


def steps(world: World, findings: Findings, watch_seconds: float) -> None:
    """Each step and its way back, in one daemon; SIGTERM while the clock is ten years off."""
    with world.daemon() as (daemon, address):
        eventually(lambda: _held(address) is False, 30, "the clocks are confirmed after the start")
        manage("shell", "-c", _OPEN, environment=world.environment, capture_output=True)
        eventually(lambda: len(world.open_events()) == 3, 30, "three events are open")
        opened = world.open_events()
        bot = Bot(world.url, {"DELI": "reduce_only", "SOON": "exit", "LATER": "exit"})
        eventually(lambda: world.ask("SELECT 1 FROM token_risk_view WHERE token = 'DELI'"), 10, "the view shows them")
        time.sleep(3)
        bot.start()
        before_mb, expected = _resident_mb(daemon), 0
        try:
            for step in STEPS:
                for ahead in (step, 0.0):
                    expected += 1
                    _one(world, findings, daemon, address, ahead, step, watch_seconds)
                    findings.expect(world.open_events() == opened, f"{_spell(step)}: events closed: {opened}")
            eventually(lambda: len(world.clock_cards()) >= expected, 40, f"{expected} cards: {world.clock_cards()}")
        finally:
            bot.stop()
        time.sleep(2)
        cards = world.clock_cards()
        findings.expect(len(cards) == expected, f"one card a step: {len(cards)} of {expected}: {cards}")
        findings.say(f"{expected} steps, {len(cards)} cards; {bot.asked} answers, {bot.halted} of them a halt")
        findings.expect(bot.asked > 100 and not bot.weaker, f"weaker answers: {bot.weaker[:5]}")
        after_mb = _resident_mb(daemon)
        findings.say(f"memory {before_mb:.0f} → {after_mb:.0f} MB")
        findings.expect(after_mb - before_mb < _MEMORY_MB, f"memory grew from {before_mb:.0f} to {after_mb:.0f} MB")
        _watchdog(world, findings)
        world.clock.set(TEN_YEARS)
        time.sleep(4)
        _ends(findings, daemon, "ten years ahead")


def _one(
    world: World, findings: Findings, daemon: DaemonProcess, address: str, ahead: float, step: float, seconds: float
) -> None:
    name = _spell(step) if ahead else f"back from {_spell(step)}"
    cpu = _cpu_seconds(daemon)
    set_at, began = time.monotonic(), world.binance.elapsed
    world.clock.set(ahead)
    said = _within(lambda: _held(address) is True, seconds)
    trusted = None
    if not ahead:
        trusted = _within(lambda: _held(address) is False, 30)
        findings.expect(trusted is not None, f"{name}: the clocks are not trusted again within 30 s")
    time.sleep(max(0.0, set_at + seconds - time.monotonic()))
    took = time.monotonic() - set_at
    # Between two polls, and from the last one on.
    polls = [began, *[at - _zero(world) for at in world.polls() if at - _zero(world) > began], began + took]
    gap = max(later - earlier for earlier, later in pairwise(polls))
    findings.expect(gap <= _RESUMES_WITHIN, f"{name}: no poll for {gap:.1f} s")
    if ahead:
        findings.expect(said is not None, f"{name}: /healthz does not say it")
        findings.expect(_held(address) is True, f"{name}: the clocks are trusted although upstreams say otherwise")
    cpu = (_cpu_seconds(daemon) - cpu) / took
    findings.expect(cpu < 0.8, f"{name}: {cpu:.0%} of a core")
    findings.say(
        f"{name}: said after {said if said is None else round(said, 1)} s, longest gap between polls {gap:.1f} s,"
        f" {cpu:.0%} of a core" + (f", trusted after {trusted:.1f} s" if trusted is not None else "")
    )


def _zero(world: World) -> float:
    return time.monotonic() - world.binance.elapsed


def _within(condition: Any, seconds: float) -> float | None:
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.2)
    return None


def _watchdog(world: World, findings: Findings) -> None:
    """While no heartbeat can be written every thread lives, and the watchdog is not fed."""
    world.fed.clear()
    findings.expect(_within(lambda: world.fed, 5) is not None, "the watchdog is not fed by a daemon that works")
    with closing(psycopg2.connect(world.url)) as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLE events_heartbeat IN EXCLUSIVE MODE")
        time.sleep(22)
        world.fed.clear()
        time.sleep(5)
        findings.expect(not world.fed, "the watchdog is fed though the heart does not beat")
    took = _within(lambda: world.fed, 10)
    findings.expect(took is not None, "the watchdog is not fed again")
    findings.say("the watchdog starves while no heartbeat is written, and is fed again")


def _ends(findings: Findings, daemon: DaemonProcess, when: str) -> None:
    began = time.monotonic()
    code = daemon.terminate(15)
    findings.expect(code == 0, f"{when}: exit code {code}")
    findings.say(f"{when}: SIGTERM heard, ended after {time.monotonic() - began:.1f} s")


def first_sync(world: World, findings: Findings, wrong: float) -> None:
    """A start with a wrong clock, which is then set right: trusted within seconds, and what was queued is told."""
    world.clock.set(wrong)
    time.sleep(2)
    name = f"a start {_spell(wrong)}"
    with world.daemon() as (daemon, address):
        time.sleep(8)
        findings.expect(_held(address) is True, f"{name}: the clock is trusted")
        opened, cards = world.open_events(), len(world.clock_cards())
        set_at = time.monotonic()
        world.clock.set(0)
        trusted = _within(lambda: len(world.clock_cards()) > cards and _held(address) is False, 40)
        findings.expect(trusted is not None, f"{name}: the right clock is not trusted within 40 s")
        findings.expect(world.open_events() == opened, f"{name}: events closed")
        time.sleep(max(0.0, set_at + 20 - time.monotonic()))
        [(waiting,)] = world.ask("SELECT count(*) FROM alerts_alert WHERE state IN ('pending', 'sending')")
        findings.expect(waiting == 0, f"{name}: {waiting} alerts wait")
        [(stale,)] = world.ask("SELECT cardinality(stale_sources) FROM token_risk_view_status")
        findings.expect(stale == 0, f"{name}: {stale} sources are stale")
        findings.say(f"{name}: trusted {'never' if trusted is None else f'{trusted:.1f} s'} after the first sync")
        _ends(findings, daemon, name)


def run(watch_seconds: float, keep_log: str | None) -> Findings:
    preload, findings = library(), Findings()
    assert preload is not None
    clock = FakedClock(preload)
    log = Path(keep_log or "/dev/null")
    try:
        with FakedPostgres(clock) as url, UpstreamServer() as binance, UpstreamServer() as okx:
            world = World(clock, url, binance, okx, log)
            steps(world, findings, watch_seconds)
            for wrong in (-TEN_YEARS, TEN_YEARS):
                first_sync(world, findings, wrong)
            clock.set(0)
    finally:
        clock.remove()
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watch", type=float, default=20.0, help="seconds after each step")
    parser.add_argument("--log", help="append the daemon's output to this file")
    options = parser.parse_args()
    if library() is None:
        print("clock steps: skipped, libfaketime is not installed (apt-get install faketime)")
        return 0
    print("clock steps", flush=True)
    findings = run(options.watch, options.log)
    print(f"clock steps: {'DOES NOT HOLD' if findings.faults else 'holds'}")
    for fault in findings.faults:
        print(f"  {fault}")
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
