"""The plan of locks, and the driver that keeps them, without freqtrade; tests/peers/freqtrade of the project has it."""

from __future__ import annotations

import argparse
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from exit_of_luna import BAD, GOOD, answers, system
from fake_api import TOKEN, FakeApi, Reply, Request

from ews_client import Client
from ews_client.answers import no_answer
from ews_client.command import main
from ews_client.freqtrade import drive as driving
from ews_client.freqtrade.locks import Lock, plan, verdict

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def test_what_is_denied_is_locked_and_what_nobody_knows_is_not_freed() -> None:
    denied, fine = {"may_open": False, "action": "avoid_new"}, dict[str, Any]()
    found = verdict(answers(A=denied, B=fine), "lock-all")
    assert (dict(found.wanted), found.kept, found.unknown) == ({"A": "EWS driver: avoid_new"}, frozenset(), "")
    old = Lock(1, "B", "*", "EWS driver: exit", NOW + DAY)
    foreign = [Lock(2, "B", "*", "mine", NOW + DAY), Lock(3, "B", "*", "EWS guard: B exit", NOW + DAY)]
    todo = plan(found, [old, *foreign], NOW, DAY)
    assert todo.add == (("A", "EWS driver: avoid_new", NOW + DAY),) and todo.remove == (1,)

    failed = {"A": no_answer("BINANCE", "A", "timeout", "late"), "B": no_answer("BINANCE", "B", "timeout", "late")}
    present = [Lock(1, "A", "*", "EWS driver: avoid_new", NOW + DAY), Lock(4, "C", "*", "EWS driver: exit", NOW + DAY)]
    todo = plan(verdict(failed, "lock-all"), present, NOW, DAY)
    assert [one[0] for one in todo.add] == ["*"] and todo.remove == ()
    assert plan(verdict(failed, "keep"), present, NOW, DAY) == plan(verdict({}, "keep"), [], NOW, DAY)
    everything = Lock(9, "*", "*", "EWS driver: nothing is known", NOW + DAY)
    assert plan(verdict(failed, "lock-all"), [*present, everything], NOW, DAY).add == ()
    assert plan(verdict(answers(A=denied, C=denied), "lock-all"), [*present, everything], NOW, DAY).remove == (4, 9)


def test_a_lock_is_renewed_at_half_its_time_and_a_changed_reason_is_never_a_gap() -> None:
    found = verdict(answers(A={"may_open": False, "action": "exit"}), "lock-all")
    half = Lock(1, "A", "*", "EWS driver: exit", NOW + DAY / 2 - timedelta(seconds=1))
    todo = plan(found, [half], NOW, DAY)
    assert [one[0] for one in todo.add] == ["A"] and todo.remove == (1,)
    assert plan(found, [Lock(1, "A", "*", "EWS driver: exit", NOW + DAY * 0.6)], NOW, DAY).add == ()
    other = Lock(1, "A", "*", "EWS driver: avoid_new", NOW + DAY)
    todo = plan(found, [other], NOW, DAY)
    assert [one[1] for one in todo.add] == ["EWS driver: exit"] and todo.remove == (1,)
    long_only = Lock(1, "A", "long", "EWS driver: exit", NOW + DAY)
    assert [one[0] for one in plan(found, [long_only], NOW, DAY).add] == ["A"]


def test_one_silent_source_locks_its_pair_and_a_silent_daemon_every_pair() -> None:
    stale = answers(A={"may_open": False, "status": "stale"}, B={})
    assert set(verdict(stale, "lock-all").wanted) == {"A"} and verdict(stale, "keep").kept == {"A"}
    silent = answers(A={"may_open": False, "status": "unknown"}, B={})
    assert set(verdict(silent, "lock-all").wanted) == {"*"} and verdict(silent, "keep").kept == {"A", "*"}
    nobody = answers(A={"may_open": False, "status": "unknown", "covered": "unknown"}, B={})
    assert set(verdict(nobody, "keep").wanted) == {"A"}, "a pair that nobody lists"


def drive(monkeypatch: pytest.MonkeyPatch, ews: str, bot: str, *more: str) -> int:
    monkeypatch.setenv("EWS_URL", ews)
    monkeypatch.setenv("EWS_TOKEN", TOKEN)
    try:
        return main(["drive", "freqtrade", "--bot-url", bot, "--bot-user", "u", "--once", *more])
    except SystemExit as ended:
        return int(str(ended.code))


def test_the_password_is_no_argument_and_in_no_message(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ews, bot = serve(system).url, serve(Reply(401))
    monkeypatch.delenv("EWS_BOT_PASSWORD", raising=False)
    assert drive(monkeypatch, ews, bot.url) == 64 and "EWS_BOT_PASSWORD was not set" in capsys.readouterr().err
    monkeypatch.setenv("EWS_BOT_PASSWORD", "tellnobody")
    assert drive(monkeypatch, ews, bot.url) == 2
    said = capsys.readouterr()
    assert "refused the user 'u'" in said.err and "tellnobody" not in said.out + said.err
    assert drive(monkeypatch, ews, "http://desk.example:8080") == 64 and "expected https" in capsys.readouterr().err
    assert drive(monkeypatch, ews, bot.url, "--password", "tellnobody") == 64
    assert drive(monkeypatch, ews, bot.url, "--every", "0") == 64


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"locks": [{"id": 1}]}', b'{"whitelist": [1]}'])
def test_a_bot_that_answers_strangely_is_away(
    body: bytes, serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def bot(request: Request) -> Reply:
        if request.path == "/show_config" and body.startswith(b'{"'):
            return Reply(body={"exchange": "binance", "trading_mode": "spot", "stake_currency": "USDT"})
        if request.path == "/whitelist" and body.startswith(b'{"l'):
            return Reply(body={"whitelist": [GOOD]})
        return Reply(body=body)

    monkeypatch.setenv("EWS_BOT_PASSWORD", "tellnobody")
    assert drive(monkeypatch, serve(system).url, serve(bot).url) == 2
    assert "the bot is away" in capsys.readouterr().out


def test_a_bot_that_cuts_the_line_is_away(serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EWS_BOT_PASSWORD", "tellnobody")
    cut = Reply(act=lambda conn: conn.shutdown(socket.SHUT_RDWR))
    assert drive(monkeypatch, serve(system).url, serve(cut).url) == 2


class PlayedBot:
    """freqtrade's REST API, with locks."""

    def __init__(self, *pairs: str, ahead: timedelta = timedelta(0)) -> None:
        self.pairs, self.exchange, self.status, self.ahead = pairs, "binance", 200, ahead
        self.locks: dict[int, dict[str, Any]] = {}
        self.added = 0

    def __call__(self, request: Request) -> Reply:
        if self.status != 200:
            return Reply(self.status, b"page not found", content_type="text/plain")
        path = request.path
        if path == "/show_config":
            return Reply(body={"exchange": self.exchange, "trading_mode": "spot", "stake_currency": "USDT"})
        if path == "/whitelist":
            return Reply(body={"whitelist": list(self.pairs)})
        if request.method == "POST":
            for one in json.loads(request.body):
                self.added += 1
                self.locks[self.added] = {**one, "id": self.added}
        if request.method == "DELETE":
            del self.locks[int(path.rpartition("/")[2])]
        now = datetime.now(timezone.utc) + self.ahead
        ends = {number: datetime.fromisoformat(one["until"]) for number, one in self.locks.items()}
        rows = [{"id": number, "pair": one["pair"], "side": "*", "reason": one["reason"], "active": True,
                 "lock_end_timestamp": int(ends[number].timestamp() * 1000)}
                for number, one in self.locks.items() if ends[number] > now]  # fmt: skip
        return Reply(body={"lock_count": len(rows), "locks": rows})

    def locked(self) -> set[str]:
        return {str(one["pair"]) for one in list(self.locks.values())}


@pytest.fixture
def driven(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[PlayedBot], list[int]]]:
    """Runs the driver in a thread, until the bot refuses it; what it returned is in the list."""
    monkeypatch.setattr(driving, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(driving, "LONGEST_WAIT", 0.05)
    monkeypatch.setenv("EWS_BOT_PASSWORD", "tellnobody")
    running: list[tuple[PlayedBot, threading.Thread, Client]] = []

    def run(bot: PlayedBot) -> list[int]:
        parser = argparse.ArgumentParser()
        driving.arguments(parser)
        given = parser.parse_args(["--bot-url", serve(bot).url, "--bot-user", "u", "--every", "0.2"])
        returned: list[int] = []
        client = Client(serve(system).url, TOKEN, fail="closed")
        thread = threading.Thread(target=lambda: returned.append(driving.drive(client, given)), daemon=True)
        thread.start()
        running.append((bot, thread, client))
        return returned

    yield run
    for bot, thread, client in running:
        bot.status = 401
        thread.join(5)
        client.close()


def until(is_true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 5
    while not is_true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_a_bot_that_trades_elsewhere_after_a_reload_is_asked_about_there(driven: Callable[..., list[int]]) -> None:
    bot = PlayedBot(GOOD, BAD)
    returned = driven(bot)
    until(lambda: bot.locked() == {BAD})
    bot.exchange = "gate"
    until(lambda: "*" in bot.locked())  # nobody knows this market
    bot.exchange = "binance"
    until(lambda: bot.locked() == {BAD})
    assert returned == []


def test_a_proxy_that_says_404_while_the_bot_starts_again_does_not_end_the_driver(
    driven: Callable[..., list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    bot = PlayedBot(GOOD)
    returned = driven(bot)
    until(lambda: "keeps locks of BINANCE" in capsys.readouterr().out)
    bot.status = 404
    until(lambda: "the bot is away" in capsys.readouterr().out)
    bot.status, bot.pairs = 200, (GOOD, BAD)
    until(lambda: bot.locked() == {BAD})
    assert returned == []


def test_a_bot_whose_clock_is_ahead_of_the_locks_is_said_and_gets_no_lock_each_moment(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EWS_BOT_PASSWORD", "tellnobody")
    bot = PlayedBot(BAD, ahead=timedelta(hours=25))
    assert drive(monkeypatch, serve(system).url, serve(bot).url) == 2
    assert "1 locks, of LUNA/USDT first, are not there: are both clocks right?" in capsys.readouterr().out


def test_many_locks_are_taken_back_in_pieces_and_risk_is_looked_for_in_between(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = PlayedBot(*(f"C{number}/USDT" for number in range(120)))
    until_then = (datetime.now(timezone.utc) + DAY).isoformat()
    bot.locks = {number: {"pair": pair, "until": until_then, "reason": "EWS driver: late", "id": number}
                 for number, pair in enumerate((*bot.pairs, "*"), 1)}  # fmt: skip
    bot.added = len(bot.locks)
    looks = serve(bot)
    monkeypatch.setenv("EWS_BOT_PASSWORD", "tellnobody")
    assert drive(monkeypatch, serve(system).url, looks.url) == 0
    assert bot.locks == {}
    assert len(looks.paths("/whitelist")) == 3
    first = next(one for one in looks.requests if one.method == "DELETE")
    assert first.path == "/locks/121", "the lock of every pair goes first"
