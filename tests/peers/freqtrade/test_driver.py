"""`ews drive freqtrade` beside a real bot: its locks, its faults, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ews_client.command import main

from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from events import clock
from events.lifecycle import close_event
from tests.api.support import all_is_fresh, manual_event
from tests.peers.freqtrade.bot import USER, Freqtrade, user_config
from tests.peers.freqtrade.desk import PAIRS, beating, desk_market
from tests.peers.freqtrade.played_binance import PlayedBinance
from tests.support.doc_blocks import block
from tests.support.peers import ROOT

WORDS = ("EWS_URL", "EWS_TOKEN", "EWS_BOT_PASSWORD")


@pytest.fixture
def proxy(api_url: str) -> Iterator[FaultProxy]:
    desk_market()
    manual_event("XYZ", action="exit", title="XYZ leaves")
    all_is_fresh()
    with FaultProxy(api_url) as one:
        yield one


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Freqtrade]:
    """One bot for all tests, that opens whatever it may once it is started."""
    folder = tmp_path_factory.mktemp("bot")
    with PlayedBinance(PAIRS) as exchange:
        config = user_config(exchange, folder, strategy="Eager", initial_state="stopped")
        with Freqtrade(folder, config) as running:
            running.wait(lambda: running.get("show_config")["state"] == "stopped", 60)
            yield running


@pytest.fixture
def bot(stopped: Freqtrade) -> Freqtrade:
    """Without locks."""
    for lock in stopped.get("locks")["locks"]:
        stopped.post("locks/delete", {"lockid": lock["id"]})
    return stopped


def command(bot: Freqtrade) -> list[str]:
    url = f"http://127.0.0.1:{bot._http.base_url.port}"
    return ["drive", "freqtrade", "--bot-url", url, "--bot-user", USER[0], "--timeout", "0.8"]


def once(bot: Freqtrade, url: str, token: str, *more: str, password: str = USER[1]) -> int:
    """One look of the command, in this process; its exit code."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in zip(WORDS, (url, token, password), strict=True):
            patched.setenv(name, value)
        return main([*command(bot), "--once", *more])


class Driver:
    """The command, as a process."""

    def __init__(self, bot: Freqtrade, url: str, token: str, *more: str) -> None:
        self.log = bot.folder / "driver.log"
        self._file = self.log.open("w")
        environment = dict(zip(WORDS, (url, token, USER[1]), strict=True))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ews_client", *command(bot), "--every", "0.2", *more],
            stdout=self._file, stderr=self._file,
            env={"PYTHONPATH": str(ROOT / "clients/python/src"), **environment},
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
    token = token_of()
    with Driver(bot, proxy.url, token) as driver:
        wait(bot, lambda: "XYZ/USDT" in locks(bot), driver)
        assert locks(bot)["XYZ/USDT"] == "EWS driver: exit; XYZ leaves"
        event = manual_event("BTC", action="avoid_new", title="BTC forks")
        seconds = wait(bot, lambda: "BTC/USDT" in locks(bot), driver)
        print(f"commit to a lock in freqtrade: {seconds:.2f} s")
        assert seconds <= 5, "0.1 s by push on a quiet machine"
        close_event(event.pk, clock.database_now(), by="test", reason="over")
        wait(bot, lambda: "BTC/USDT" not in locks(bot), driver)
        assert set(locks(bot)) == {"ETH/USDT", "SOL/USDT", "XYZ/USDT"}
    # A driver that died leaves its locks; the next one knows them for its own.
    assert "XYZ/USDT" in locks(bot)
    count = bot.get("locks")["lock_count"]
    all_is_fresh()
    assert once(bot, proxy.url, token) == 0
    assert bot.get("locks")["lock_count"] == count


def test_the_block_of_the_page_keeps_locks(
    bot: Freqtrade, proxy: FaultProxy, token_of: Callable[..., str], tmp_path: Path
) -> None:
    port = bot._http.base_url.port
    text = block("freqtrade-locks.sh", url=proxy.url, token=token_of())
    text = text.replace("http://127.0.0.1:8080", f"http://127.0.0.1:{port}").replace("freqtrader", USER[0])
    (tmp_path / "ews").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ews_client "$@"\n')
    (tmp_path / "ews").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONPATH": str(ROOT / "clients/python/src")}
    with (tmp_path / "log").open("w") as log:
        shell = subprocess.Popen(
            ["sh", "-c", text.replace("\news ", "\nexec ews ")], stdout=log, stderr=log,
            env={**environment, "EWS_BOT_PASSWORD": USER[1]},
        )  # fmt: skip
        try:
            bot.wait(beating(lambda: "XYZ/USDT" in locks(bot)), 20)
        finally:
            shell.terminate()
            shell.wait(5)


def test_each_fault_locks_every_pair_and_takes_nothing_away(
    bot: Freqtrade, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    token = token_of()
    for fault in FAULTS:
        shifted = fault == "clock_skew"  # ages are the server's: its answers are right, and go on being used
        proxy.fault = fault
        all_is_fresh()
        assert once(bot, proxy.url, token) == (0 if shifted else 2), fault
        assert ("*" in locks(bot)) != shifted, (fault, locks(bot))
        proxy.fault = None
        all_is_fresh()
        assert once(bot, proxy.url, token) == 0, fault
        assert set(locks(bot)) == {"XYZ/USDT"}, fault


def test_faults_that_come_later(bot: Freqtrade, proxy: FaultProxy, token_of: Callable[..., str]) -> None:
    token = token_of()
    with Driver(bot, proxy.url, token) as driver:
        wait(bot, lambda: "XYZ/USDT" in locks(bot), driver)
        for fault in FAULTS[:-1]:
            proxy.fault = fault
            wait(bot, lambda: set(locks(bot)) == {"*", "XYZ/USDT"}, driver)
            proxy.fault = None
            wait(bot, lambda: set(locks(bot)) == {"XYZ/USDT"}, driver)
    with Driver(bot, proxy.url, token, "--when-unknown", "keep") as driver:
        for fault in ("401", "html_200", "stale_leader"):
            proxy.fault = fault
            wait(bot, lambda: "nothing is known" in driver.log.read_text(), driver)
            time.sleep(0.6)
            assert set(locks(bot)) == {"XYZ/USDT"}, fault
            proxy.fault = None


def test_what_is_refused_is_said_once_and_ends_it(
    bot: Freqtrade, proxy: FaultProxy, token_of: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    token = token_of()
    assert once(bot, proxy.url, token, password="something else") == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert "refused the user 'user': expected username and password of api_server" in said.err
    assert once(bot, proxy.url, token, "--venue", "OKX") == 64
    assert "--venue was OKX, and the bot trades on BINANCE" in capsys.readouterr().err
    assert once(bot, proxy.url, token, "--bot-url", proxy.url) == 2
    assert "refused the user 'user'" in capsys.readouterr().err, "our own doors are no bot's"
    assert once(bot, proxy.url, token, "--bot-url", "http://127.0.0.1:9") == 2
    assert "the bot is away: no answer from http://127.0.0.1:9" in capsys.readouterr().out
    assert locks(bot) == {}


def test_a_lock_keeps_the_bot_from_opening_and_exits_are_asked_for(
    bot: Freqtrade, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    with Driver(bot, proxy.url, token_of(), "--force-exit") as driver:
        wait(bot, lambda: "XYZ/USDT" in locks(bot), driver)
        bot.post("start")
        wait(bot, lambda: len(bot.open_pairs()) >= 3, driver, 40)
        assert bot.open_pairs() == ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
        manual_event("SOL", action="exit")
        wait(bot, lambda: bot.open_pairs() == ["BTC/USDT", "ETH/USDT"], driver)
        wait(bot, lambda: "closes trade" in driver.log.read_text(), driver)
    assert "FENCE" not in bot.log()
