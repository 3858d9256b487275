"""TokenRiskGuard and the plan of locks, without freqtrade; tests/peers/freqtrade of the project has it."""

from __future__ import annotations

import argparse
import copy
import json
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from fake_api import TOKEN, FakeApi, Reply, Request, can_trade, risk

from ews_client import Client
from ews_client.answers import no_answer
from ews_client.bodies import answer_of
from ews_client.command import main
from ews_client.freqtrade import TokenRiskGuard
from ews_client.freqtrade import drive as driving
from ews_client.freqtrade.judge import must_exit
from ews_client.freqtrade.locks import Lock, plan, verdict
from ews_client.freqtrade.settings import Settings, venue_of

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
GOOD, BAD = "BTC/USDT", "LUNA/USDT"


class Base:
    """What a strategy has of freqtrade."""

    use_exit_signal = True

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.locked: list[tuple[str, str | None]] = []

    def bot_start(self, **_named: Any) -> None: ...

    def bot_loop_start(self, **_named: Any) -> None: ...

    def ft_bot_cleanup(self) -> None: ...

    def confirm_trade_entry(self, **_named: Any) -> bool:
        return True

    def adjust_trade_position(self, **_named: Any) -> Any:
        return 10.0

    def custom_exit(self, **_named: Any) -> Any:
        return None

    def lock_pair(self, pair: str, until: datetime, reason: str | None = None, side: str = "*") -> None:
        self.locked.append((pair, reason))

    def unlock_reason(self, reason: str) -> None:
        self.locked = [one for one in self.locked if one[1] != reason]


class Provider:
    def current_whitelist(self) -> list[str]:
        return [GOOD, BAD]


class Strategy(TokenRiskGuard, Base):
    dp = Provider()


class Other(Base, TokenRiskGuard):
    dp = Provider()


def system(request: Request) -> Reply:
    """LUNA is left."""
    if request.path in ("/risk", "/stream"):
        return Reply(body=risk()) if request.path == "/risk" else Reply(404)
    pairs = json.loads(request.body)["pairs"] if request.body else [request.query]
    bodies = [
        can_trade("BINANCE", pair["symbol"], symbol=pair["symbol"], base=pair["symbol"][:4].strip("/"),
                  **({"may_open": False, "action": "exit", "base_action": "exit", "event_ids": [5]}
                     if pair["symbol"] == BAD else {}))
        for pair in pairs
    ]  # fmt: skip
    return Reply(body=bodies[0] if not request.body else {**bodies[0], "answers": bodies})


def config(url: str, **more: Any) -> dict[str, Any]:
    ews = {"url": url, "token": TOKEN, "fail": "closed"}
    return {"ews": ews, "exchange": {"name": "binance"}, "runmode": "live", **more}


@pytest.mark.parametrize("kind", [Strategy, Other])
def test_hooks_are_guarded_in_either_order(kind: type[Any], serve: Callable[..., FakeApi]) -> None:
    strategy = kind(config(serve(system).url))
    strategy.bot_start()
    assert strategy.confirm_trade_entry(pair=GOOD, side="long") is True
    assert strategy.confirm_trade_entry(pair=BAD, side="long") is False
    strategy.confirm_trade_entry = lambda **_named: True
    assert strategy.confirm_trade_entry(pair=BAD, side="short") is False
    assert strategy.adjust_trade_position(trade=GOOD) == 10.0 and strategy.adjust_trade_position(trade=BAD) is None
    strategy.adjust_trade_position = lambda **_named: (-5.0, "less")
    assert strategy.adjust_trade_position(trade=BAD) == (-5.0, "less")
    strategy.bot_loop_start()
    assert strategy.locked == [(BAD, "EWS guard: LUNA/USDT exit")]
    assert strategy.custom_exit(pair=BAD) == "ews exit event 5" and strategy.custom_exit(pair=GOOD) is None


def test_a_hook_before_the_start_is_guarded_too(serve: Callable[..., FakeApi]) -> None:
    assert Strategy(config(serve(system).url)).confirm_trade_entry(pair=BAD) is False
    assert Strategy({}).confirm_trade_entry(pair=GOOD) is False, "nothing was chosen"


def test_a_class_that_hides_its_hooks_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="its hooks would not be guarded"):
        type("Hidden", (TokenRiskGuard, Base), {"__getattribute__": object.__getattribute__})


def test_copies_and_pickles_hold_no_client_and_no_token(serve: Callable[..., FakeApi]) -> None:
    strategy: Any = Strategy({**config(serve(system).url), "ews": None})
    strategy.ews = {"url": serve(system).url, "token": TOKEN, "fail": "closed"}
    strategy.bot_start()
    del strategy.ews
    assert TOKEN.encode() not in pickle.dumps(strategy)
    copied = copy.deepcopy(strategy)
    assert copied.confirm_trade_entry(pair=GOOD) is False, "a copy has no settings of its own"
    assert strategy.confirm_trade_entry(pair=GOOD) is True


def test_a_silent_server_costs_the_loop_one_timeout(serve: Callable[..., FakeApi]) -> None:
    server = serve(Reply(act=lambda conn: time.sleep(3)))
    chosen = config(server.url)
    chosen["ews"]["timeout"] = 0.3
    strategy = Strategy(chosen)
    begun = time.monotonic()
    for _ in range(50):
        assert strategy.confirm_trade_entry(pair=GOOD) is False
    assert time.monotonic() - begun < 1.0
    assert len(server.requests) == 1


def test_a_client_that_rests_asks_again_when_it_has_rested(serve: Callable[..., FakeApi]) -> None:
    now = [100.0]
    replies = [Reply(503), Reply(body=can_trade())]
    server = serve(lambda request: replies[0])
    with Client(server.url, TOKEN, fail="closed", rest=5.0, clock=lambda: now[0]) as client:
        assert client.can_trade("binance", "BTC/USDT").fault == "server"
        replies.pop(0)
        resting = client.can_trade("binance", "BTC/USDT")
        assert (resting.fault, len(server.requests)) == ("server", 1) and "asked again in 0.5 s" in str(resting.problem)
        now[0] += 0.6
        assert client.can_trade("binance", "BTC/USDT").may_open and len(server.requests) == 2
    with pytest.raises(ValueError, match="rest was -1"):
        Client(server.url, TOKEN, fail="closed", rest=-1)


def test_settings_come_from_configuration_strategy_and_environment_in_this_order(tmp_path: Path) -> None:
    environment = {"EWS_URL": "http://127.0.0.1:3", "EWS_TOKEN": TOKEN, "EWS_FAIL": "closed", "EWS_VENUE": "OKX"}
    own = {"url": "http://127.0.0.1:2"}
    gate = {"exchange": {"name": "gate"}}
    chosen = Settings.chosen({**gate, "ews": {"venue": "KRAKEN"}}, own, environment)
    assert (chosen.url, chosen.venue, chosen.options["fail"]) == ("http://127.0.0.1:2", "KRAKEN", "closed")
    assert TOKEN not in repr(chosen)
    (tmp_path / "token").write_text(TOKEN + "\n")
    held = {"url": "http://127.0.0.1:1", "fail": "closed", "token_file": str(tmp_path / "token"), "venue": "OKX"}
    assert Settings.chosen({"ews": held}, None, {}).token == TOKEN
    for broken, said in (
        ({**held, "venue": "binance"}, "ews.venue was 'binance'"), ({**held, "timeout": True}, "ews.timeout was True"),
        ({**held, "token_file": str(tmp_path / "none")}, "ews.token_file could not be read"), ("x", "ews of the conf"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=said):
            Settings.chosen({"ews": broken}, None, {})


def test_a_venue_of_another_bot_is_refused() -> None:
    """EWS_VENUE of a shell, or of a configuration that was copied: OKX's halts would not be seen."""
    given = {"EWS_URL": "http://127.0.0.1:3", "EWS_TOKEN": TOKEN, "EWS_FAIL": "closed", "EWS_VENUE": "BINANCE"}
    for exchange, mode, own in (("okx", "spot", "OKX"), ("binance", "futures", "BINANCE_USDM")):
        with pytest.raises(ValueError, match=f"ews.venue was BINANCE, and the bot trades on {own}"):
            Settings.chosen({"exchange": {"name": exchange}, "trading_mode": mode}, None, given)
    assert Settings.chosen({"exchange": {"name": "binance"}}, None, given).venue == "BINANCE"


def test_nothing_is_sold_for_a_stake_currency_that_is_at_risk() -> None:
    """USDT loses its peg: every pair is denied, and a sale of Bitcoin would buy USDT."""
    denied: dict[str, Any] = {"may_open": False, "action": "exit"}
    found = answers(Q={**denied, "quote_action": "exit"}, B={**denied, "base_action": "exit"},
                    I={**denied, "instrument_action": "exit"},
                    both={**denied, "quote_action": "exit", "base_action": "exit"},
                    worse={**denied, "quote_action": "exit", "base_action": "reduce_only"})  # fmt: skip
    assert {name: must_exit(answer) for name, answer in found.items()} == {
        "Q": False, "B": True, "I": True, "both": True, "worse": False,
    }  # fmt: skip


def test_a_strategy_that_ended_has_no_thread_and_says_no(serve: Callable[..., FakeApi]) -> None:
    """freqtrade ends a strategy, also at /reload_config, and makes another one."""
    # Those of earlier tests may end meanwhile.
    before = {one for one in threading.enumerate() if one.name == "ews-client"}
    strategy: Any = Strategy(config(serve(system).url))
    strategy.bot_start()
    assert strategy.confirm_trade_entry(pair=GOOD) is True
    strategy.ft_bot_cleanup()
    assert not {one for one in threading.enumerate() if one.name == "ews-client"} - before
    assert strategy.confirm_trade_entry(pair=GOOD) is False, "a thread of its RPC that comes too late"


class Wallets:
    def validate_stake_amount(
        self, pair: str, stake_amount: float, least: float, most: float, trade_amount: Any
    ) -> Any:
        return stake_amount


def test_an_addition_by_hand_is_asked_for_before_the_bot_has_started(serve: Callable[..., FakeApi]) -> None:
    """freqtrade takes /forceenter while it loads a model, before bot_start."""
    for kind in (Strategy, Other):
        strategy: Any = kind(config(serve(system).url))
        strategy.wallets = wallets = Wallets()
        assert wallets.validate_stake_amount(BAD, 50.0, 5.0, 500.0, 20.0) == 0
        assert wallets.validate_stake_amount(GOOD, 50.0, 5.0, 500.0, 20.0) == 50.0
        strategy.wallets = Wallets()  # the strategy's own; the bot goes on with its own
        strategy.bot_start()
        assert wallets.validate_stake_amount(BAD, 50.0, 5.0, 500.0, trade_amount=20.0) == 0
        idle: Any = kind({"runmode": "backtest"})
        idle.wallets = Wallets()
        assert idle.wallets.validate_stake_amount(BAD, 50.0, 5.0, 500.0, 20.0) == 50.0


def test_the_venue_is_one_market_or_an_error() -> None:
    assert venue_of("binance", "futures", "isolated") == "BINANCE_USDM"
    assert (venue_of("okx", "futures", "cross"), venue_of("okx", ""), venue_of("kraken", "spot")) == (
        "OKX_USDM", "OKX", "KRAKEN",
    )  # fmt: skip
    for exchange, mode in (("binance", "margin"), ("kraken", "futures"), ("binanceus", "spot"), ("", "spot")):
        with pytest.raises(ValueError, match="is not known, expected one of binance spot"):
            venue_of(exchange, mode, "cross")


# ---------------------------------------------------------------------------------------------------------------- locks


def answers(**pairs: Any) -> dict[str, Any]:
    return {name: answer_of("BINANCE", name, can_trade("BINANCE", name, **body)) for name, body in pairs.items()}


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
