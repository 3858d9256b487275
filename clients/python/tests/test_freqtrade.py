"""TokenRiskGuard and the plan of locks, without freqtrade; tests/peers/freqtrade of the project has it."""

from __future__ import annotations

import copy
import json
import pickle
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from fake_api import TOKEN, FakeApi, Reply, Request, can_trade, risk

from ews_client import Client
from ews_client.answers import answer_of, no_answer
from ews_client.command import main
from ews_client.freqtrade import TokenRiskGuard
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
    if request.path == "/risk":
        return Reply(body=risk())
    pairs = json.loads(request.body)["pairs"] if request.body else [request.query]
    bodies = [
        can_trade("BINANCE", pair["symbol"], symbol=pair["symbol"], base=pair["symbol"][:4].strip("/"),
                  **({"may_open": False, "action": "exit", "event_ids": [5]} if pair["symbol"] == BAD else {}))
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
    chosen = Settings.chosen({"ews": {"venue": "KRAKEN"}}, own, environment)
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
