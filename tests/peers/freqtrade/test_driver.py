"""`ews drive freqtrade` beside a real bot: its locks, its faults, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from events import clock
from events.lifecycle import close_event
from tests.api.support import all_is_fresh, manual_event
from tests.peers.freqtrade.bot import USER, Freqtrade, user_config
from tests.peers.freqtrade.desk import PAIRS, desk_market
from tests.peers.freqtrade.played_binance import PlayedBinance
from tests.peers.freqtrade.test_walk import beating
from tests.support.peers import ROOT

WORDS = ("EWS_URL", "EWS_TOKEN", "EWS_BOT_PASSWORD")


@pytest.fixture
def proxy(api_url: str) -> Iterator[FaultProxy]:
    desk_market()
    manual_event("XYZ", action="exit", title="XYZ leaves")
    all_is_fresh()
    with FaultProxy(api_url) as one:
        yield one


@pytest.fixture
def bot(proxy: FaultProxy, tmp_path: Path) -> Iterator[Freqtrade]:
    with PlayedBinance(PAIRS) as exchange:
        config = user_config(exchange, tmp_path, strategy="Watching", force_entry_enable=True)
        with Freqtrade(tmp_path, config) as running:
            running.url = f"http://127.0.0.1:{config['api_server']['listen_port']}"  # type: ignore[attr-defined]
            running.wait_running()
            yield running


class Driver:
    """The command, as a process."""

    def __init__(self, bot: Freqtrade, url: str, token: str, *more: str, password: str = USER[1]) -> None:
        self.log = bot.folder / "driver.log"
        self._file = self.log.open("a")
        command = [
            sys.executable,
            "-m",
            "ews_client",
            "drive",
            "freqtrade",
            "--bot-url",
            bot.url,
            "--bot-user",
            USER[0],
        ]  # type: ignore[attr-defined]
        self.process = subprocess.Popen(
            [*command, "--every", "0.5", "--timeout", "1.5", *more], stdout=self._file, stderr=self._file,
            env={"PYTHONPATH": str(ROOT / "clients/python/src"), **dict(zip(WORDS, (url, token, password), strict=True))},
        )  # fmt: skip

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(5)
        self._file.close()


def locks(bot: Freqtrade) -> dict[str, str]:
    return {lock["pair"]: lock["reason"] for lock in bot.get("locks")["locks"]}


def wait(bot: Freqtrade, is_true: Callable[[], bool], driver: Driver, seconds: float = 20) -> float:
    """While our daemon and its sources go on living. How many seconds it took."""
    try:
        return bot.wait(beating(is_true), seconds)
    except TimeoutError:
        raise AssertionError(driver.log.read_text()) from None


def test_locks_follow_the_risk_and_nobody_elses_are_touched(
    bot: Freqtrade, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    bot.post("locks", [{"pair": "ETH/USDT", "until": until, "reason": "mine"},
                       {"pair": "SOL/USDT", "until": until, "reason": "EWS guard: mine"}])  # fmt: skip
    with Driver(bot, proxy.url, token_of()) as driver:
        wait(bot, lambda: "XYZ/USDT" in locks(bot), driver)
        assert locks(bot)["XYZ/USDT"] == "EWS driver: exit; XYZ leaves"
        event = manual_event("BTC", action="avoid_new", title="BTC forks")
        seconds = wait(bot, lambda: "BTC/USDT" in locks(bot), driver)
        print(f"commit to a lock in freqtrade: {seconds:.2f} s")
        assert seconds <= 2
        close_event(event.pk, clock.database_now(), by="test")
        wait(bot, lambda: "BTC/USDT" not in locks(bot), driver)
        assert set(locks(bot)) == {"ETH/USDT", "SOL/USDT", "XYZ/USDT"}
    # A driver that died leaves its locks; the next one knows them for its own.
    assert "XYZ/USDT" in locks(bot)
    count = bot.get("locks")["lock_count"]
    with Driver(bot, proxy.url, token_of(), "--once") as again:
        all_is_fresh()
        assert again.process.wait(20) == 0, again.log.read_text()
    assert bot.get("locks")["lock_count"] == count


def test_each_fault_locks_every_pair_and_takes_nothing_away(
    bot: Freqtrade, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    token = token_of()
    for fault in FAULTS:
        shifted = fault == "clock_skew"  # ages are the server's: its answers are right, and go on being used
        proxy.fault = fault
        all_is_fresh()
        with Driver(bot, proxy.url, token, "--once") as at_start:
            assert at_start.process.wait(20) == (0 if shifted else 2), (fault, at_start.log.read_text())
        assert ("*" in locks(bot)) != shifted, (fault, locks(bot))
        proxy.fault = None
        all_is_fresh()
        with Driver(bot, proxy.url, token, "--once") as after:
            assert after.process.wait(20) == 0, (fault, after.log.read_text())
        assert set(locks(bot)) == {"XYZ/USDT"}, fault


@pytest.mark.parametrize("mode", ["lock-all", "keep"])
def test_faults_that_come_later(bot: Freqtrade, proxy: FaultProxy, token_of: Callable[..., str], mode: str) -> None:
    with Driver(bot, proxy.url, token_of(), "--when-unknown", mode) as driver:
        wait(bot, lambda: "XYZ/USDT" in locks(bot), driver)
        for fault in ("401", "500_json", "truncated", "dead", "stale_leader"):
            proxy.fault = fault
            if mode == "lock-all":
                wait(bot, lambda: "*" in locks(bot), driver)
            else:
                time.sleep(2.0)
            assert set(locks(bot)) == {"XYZ/USDT", *(["*"] if mode == "lock-all" else [])}, fault
            proxy.fault = None
            wait(bot, lambda: set(locks(bot)) == {"XYZ/USDT"}, driver)


def test_a_lock_keeps_the_bot_from_opening_and_exits_are_asked_for(
    proxy: FaultProxy, token_of: Callable[..., str], tmp_path: Path
) -> None:
    with PlayedBinance(PAIRS) as exchange:
        config = user_config(exchange, tmp_path, strategy="Eager", initial_state="stopped")
        with Freqtrade(tmp_path, config) as running:
            running.url = f"http://127.0.0.1:{config['api_server']['listen_port']}"  # type: ignore[attr-defined]
            running.wait(lambda: running.get("show_config")["state"] == "stopped", 60)
            with Driver(running, proxy.url, token_of(), "--force-exit") as driver:
                wait(running, lambda: "XYZ/USDT" in locks(running), driver)
                running.post("start")
                wait(running, lambda: len(running.open_pairs()) == 3, driver, 40)
                assert running.open_pairs() == ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
                manual_event("SOL", action="exit")
                wait(running, lambda: running.open_pairs() == ["BTC/USDT", "ETH/USDT"], driver)
                assert "closes trade" in driver.log.read_text()
            assert "FENCE" not in running.log()


def test_what_is_refused_is_said_once_and_ends_it(
    bot: Freqtrade, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    token = token_of()
    with Driver(bot, proxy.url, token, password="another") as driver:
        assert driver.process.wait(10) == 2
        said = driver.log.read_text()
    assert said.count("\n") == 1 and "refused the user 'user': expected username and password of api_server" in said
    assert "another" not in said.replace("to another machine", "")
    with Driver(bot, proxy.url, token, "--venue", "OKX") as other:
        assert other.process.wait(10) == 64
    assert "--venue was OKX, and the bot trades on BINANCE" in other.log.read_text()
    address = bot.url  # type: ignore[attr-defined]
    bot.url = proxy.url  # type: ignore[attr-defined]
    with Driver(bot, proxy.url, token) as elsewhere:
        assert elsewhere.process.wait(10) == 2
    assert (
        "expected freqtrade's REST API" in elsewhere.log.read_text() or "refused the user" in elsewhere.log.read_text()
    )
    bot.url = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    with Driver(bot, proxy.url, token) as away:
        time.sleep(2)
        assert away.process.poll() is None
    assert "the bot is away: no answer from http://127.0.0.1:9" in away.log.read_text()
    bot.url = address  # type: ignore[attr-defined]
