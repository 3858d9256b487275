"""TokenRiskGuard in strategies that the real freqtrade loads, and whose hooks it calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from events import clock
from events.lifecycle import close_event
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.daemon_process import eventually
from tests.support.doc_blocks import block
from tests.support.peers import Peer

HERE = Path(__file__).parent
GOOD, BAD = "BTC/USDT", "ETH/BTC"


class Bench:
    """A strategy in a process of freqtrade's."""

    def __init__(self, peer: Peer, folder: Path, source: str, **config: Any) -> None:
        folder.mkdir()
        (folder / "my_strategy.py").write_text(source, encoding="utf-8")
        config.setdefault("runmode", "dry_run")
        pairs = config.pop("pairs", [GOOD, BAD])
        self._peer, self.seconds = peer, 0.0
        self.loaded = self.tried("load", folder=str(folder), strategy="MyStrategy", config=config, pairs=pairs)

    def do(self, what: str, **more: Any) -> Any:
        """The result; an error of freqtrade's is an AssertionError here."""
        answer = self.tried(what, **more)
        assert "error" not in answer, answer
        return answer["result"]

    def tried(self, what: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._peer.ask({"what": what, **more})
        self.seconds = answer["seconds"]
        return answer

    def hook(self, name: str, pair: str, **named: Any) -> Any:
        return self.do("hook", name=name, pair=pair, **named)

    def start(self) -> None:
        """Begins, and waits until the system knows the pairs."""
        self.do("start")
        all_is_fresh()
        eventually(lambda: self.hook("confirm_trade_entry", GOOD), 10, "the names are read")


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with Peer("freqtrade", HERE / "inside/guarded_strategy.py") as one:
        one.hear(90)
        yield one


@pytest.fixture
def bench(peer: Peer, tmp_path: Path) -> Callable[..., Bench]:
    """Makes a strategy of a source; the one before is gone."""
    numbers = count()
    return lambda source, **more: Bench(peer, tmp_path / f"strategies{next(numbers)}", source, **more)


@pytest.fixture
def proxy(api_url: str, token_of: Callable[..., str]) -> Iterator[FaultProxy]:
    """In front of a system in which ETH is left, and BTC may be traded."""
    quiet_market()
    manual_event("ETH", action="exit", title="Ether leaves")
    all_is_fresh()
    with FaultProxy(api_url) as one:
        yield one


@pytest.fixture
def source(proxy: FaultProxy, token_of: Callable[..., str]) -> str:
    """The page's strategy."""
    return block("freqtrade-guard-strategy.py", url=proxy.url, token=token_of())


def test_the_block_of_the_page_denies_leaves_and_locks(bench: Callable[..., Bench], source: str) -> None:
    bot = bench(source, position_adjustment_enable=True)
    assert bot.loaded["result"] == "MyStrategy", bot.loaded
    bot.start()
    assert bot.hook("confirm_trade_entry", BAD) is False
    assert bot.hook("confirm_trade_entry", BAD, side="short") is False
    locks = bot.do("loop")
    assert [lock[0] for lock in locks] == [BAD], locks
    assert locks[0][1].startswith("EWS guard: ETH/BTC exit") and "Ether leaves" in locks[0][1]
    assert bot.hook("custom_exit", BAD).startswith("ews exit event ")
    assert bot.hook("custom_exit", GOOD) is None
    assert bot.hook("check_entry_timeout", BAD) is True and bot.hook("check_entry_timeout", GOOD) is False
    assert bot.hook("adjust_order_price", BAD) is None and bot.hook("adjust_order_price", GOOD) == 50.0
    assert bot.hook("adjust_order_price", BAD, is_entry=False) == 50.0
    assert bot.do("stake", pair=BAD, trade_amount=50.0) == 0 and bot.do("stake", pair=GOOD, trade_amount=50.0) == 50.0
    assert bot.do("stake", pair=BAD, trade_amount=0.0) == 0
    bot = bench(source, position_adjustment_enable=True)
    assert bot.do("stake", pair=BAD, trade_amount=50.0) == 0, "/forceenter, before bot_start"
    bot.start()
    bot.do("loop")
    kinds = [kind for kind, _ in bot.hook("should_exit", BAD)]
    assert kinds == ["custom_exit"] and bot.hook("should_exit", GOOD) == []


# What a strategy may do beside the guard. Each is put in the place of the page's class line or beneath its class.
OWN = """
    def confirm_trade_entry(self, *args, **kwargs): return True
    def adjust_trade_position(self, *args, **kwargs): return 20.0, "more"
    def adjust_order_price(self, *args, **kwargs): return 51.0
    def check_entry_timeout(self, *args, **kwargs): return False
    def custom_exit(self, *args, **kwargs): return None
    def confirm_trade_exit(self, *args, **kwargs): return False
    def bot_loop_start(self, *args, **kwargs): raise RuntimeError("mine")
"""
LOOSE = """

def _yes(self, *args, **kwargs): return True
def _more(self, *args, **kwargs): return 20.0
"""
WAYS: dict[str, Callable[[str], str]] = {
    "own hooks": lambda text: text + OWN,
    "the other order": lambda text: text.replace("(TokenRiskGuard, IStrategy)", "(IStrategy, TokenRiskGuard)") + OWN,
    "a class below": lambda text: text.replace("class MyStrategy", "class Base")
    + f"\n\nclass MyStrategy(Base):{OWN}",
    "two classes below": lambda text: text.replace("class MyStrategy", "class Base")
    + f"\n\nclass Middle(Base):{OWN}\n\nclass MyStrategy(Middle):\n    pass\n",
    "a mixin before": lambda text: text.replace("class MyStrategy(", f"class Mixin:{OWN}\n\nclass MyStrategy(Mixin, "),
    "a mixin between": lambda text: text.replace(
        "class MyStrategy(TokenRiskGuard, ", f"class Mixin:{OWN}\n\nclass MyStrategy(TokenRiskGuard, Mixin, "
    ),
    "a strategy of others": lambda text: text.replace("class MyStrategy(TokenRiskGuard, ", "class Other(")
    + f"{OWN}\n\nclass MyStrategy(Other, TokenRiskGuard):\n    ews = Other.ews\n",
    "assigned to the class": lambda text: text + LOOSE + "MyStrategy.confirm_trade_entry = _yes\n"
    "MyStrategy.adjust_trade_position = _more\n",
    "assigned in bot_start": lambda text: text + "\n    def bot_start(self):\n"
    "        self.confirm_trade_entry = lambda **kwargs: True\n"
    "        self.adjust_trade_position = lambda **kwargs: 20.0\n",
    "into the object's dict": lambda text: text + "\n    def bot_start(self):\n"
    "        vars(self).update(confirm_trade_entry=lambda **k: True, adjust_trade_position=lambda **k: 20.0)\n",
    "properties": lambda text: text + "\n    confirm_trade_entry = property(lambda self: lambda **kwargs: True)\n"
    "    adjust_trade_position = property(lambda self: lambda **kwargs: 20.0)\n",
    "of a class that is called": lambda text: "class Hook:\n    def __init__(self, said): self.said = said\n"
    "    def __call__(self, **kwargs): return self.said\n\n\n" + text
    + "\n    confirm_trade_entry = Hook(object())\n    adjust_trade_position = Hook(20.0)\n",
    "by super": lambda text: text.replace("class MyStrategy", "class Base")
    + f"{OWN}\n\nclass MyStrategy(Base):\n"
    "    def confirm_trade_entry(self, *a, **k): return super().confirm_trade_entry(*a, **k)\n"
    "    def adjust_trade_position(self, *a, **k): return super().adjust_trade_position(*a, **k)\n",
    "static and partial": lambda text: "from functools import partial\n" + text
    + "\n    confirm_trade_entry = staticmethod(lambda **kwargs: 1)\n"
    "    adjust_trade_position = partial(lambda **kwargs: 20.0)\n",
}  # fmt: skip


def test_no_hook_of_a_strategy_switches_the_guard_off(bench: Callable[..., Bench], source: str) -> None:
    for way, changed in WAYS.items():
        bot = bench(changed(source), position_adjustment_enable=True)
        assert bot.loaded.get("result") == "MyStrategy", (way, bot.loaded)
        bot.start()
        assert bot.hook("confirm_trade_entry", BAD) is False, way
        assert bot.hook("adjust_trade_position", GOOD)[0] == 20.0, way
        assert bot.hook("adjust_trade_position", BAD)[0] is None, way
        assert [lock[0] for lock in bot.do("loop")] == [BAD], way
        assert bot.hook("adjust_order_price", BAD) is None, way
        assert bot.hook("check_entry_timeout", BAD) is True, way
        assert bot.hook("custom_exit", BAD).startswith("ews exit"), way
        assert bot.hook("confirm_trade_exit", BAD, exit_reason="ews exit event 1"), way


def test_what_the_strategy_wants_besides_goes_on(bench: Callable[..., Bench], source: str) -> None:
    more = """
    exit_profit_only = True
    def confirm_trade_entry(self, pair, **kwargs): return pair != "XYZ/USDT" and None
    def adjust_trade_position(self, trade, **kwargs): return -10.0, "less"
    def custom_exit(self, pair, **kwargs): return "mine" if pair == "BTC/USDT" else None
    def confirm_trade_exit(self, exit_reason, **kwargs): return exit_reason == "roi"
    def check_entry_timeout(self, **kwargs): return True
"""
    bot = bench(source + more)
    bot.do("start")
    all_is_fresh()
    eventually(lambda: len(bot.do("loop")) == 1, 10, "the names are read")
    assert bot.hook("confirm_trade_entry", GOOD) is False, "None is no yes"
    assert bot.hook("adjust_trade_position", BAD) == [-10.0, "less"], "reducing passes"
    assert bot.hook("custom_exit", GOOD) == "mine" and bot.hook("custom_exit", BAD).startswith("ews exit")
    assert bot.hook("confirm_trade_exit", BAD, exit_reason="roi") is True
    assert bot.hook("confirm_trade_exit", BAD, exit_reason="mine") is False
    assert bot.hook("check_entry_timeout", GOOD) is True
    # A loss, and a signal to exit: with exit_profit_only freqtrade would ask no custom_exit, and keep the position.
    assert [kind for kind, _ in bot.hook("should_exit", BAD, exit_=True)] == ["custom_exit"]


def test_no_reason_of_the_strategy_hides_the_guards(bench: Callable[..., Bench], source: str) -> None:
    """What its confirm_trade_exit refuses again and again would keep the position for ever."""
    more = """
    def custom_exit(self, **kwargs): return "take profit"
    def confirm_trade_exit(self, exit_reason, **kwargs): return False
"""
    bot = bench(source + more)
    bot.start()
    eventually(partial(_has_locks, bot, 1), 10, "the names are read")
    for signal in (False, True):
        ((kind, reason),) = bot.hook("should_exit", BAD, exit_=signal)
        assert kind == "custom_exit" and reason.startswith("ews exit event "), signal
        assert bot.hook("confirm_trade_exit", BAD, exit_reason=reason) is True
    assert bot.hook("should_exit", GOOD) == [["custom_exit", "take profit"]]
    assert bot.hook("should_exit", GOOD, exit_=True) == [["exit_signal", "exit_signal"]]
    assert bot.hook("confirm_trade_exit", GOOD, exit_reason="take profit") is False


def test_nothing_is_sold_for_a_stake_currency_at_risk(bench: Callable[..., Bench], source: str) -> None:
    """USDT loses its peg: every pair with it is denied, and a sale of Bitcoin would buy USDT."""
    bot = bench(source, pairs=[GOOD, "SOL/USDT"])
    bot.start()
    event = manual_event("USDT", action="exit", title="USDT loses its peg")
    all_is_fresh()
    eventually(lambda: bot.hook("confirm_trade_entry", GOOD) is False, 10, "it is denied")
    assert len(bot.do("loop")) >= 1
    assert bot.hook("custom_exit", GOOD) is None and bot.hook("should_exit", GOOD) == []
    close_event(event.pk, clock.database_now(), by="test", reason="over")


def test_an_error_inside_means_no(bench: Callable[..., Bench], source: str) -> None:
    raising = "".join(
        f"\n    def {name}(self, *args, **kwargs): raise {error}('broken')"
        for name, error in (
            ("confirm_trade_entry", "ValueError"), ("adjust_trade_position", "KeyError"),
            ("adjust_order_price", "RuntimeError"), ("custom_exit", "RuntimeError"),
            ("check_entry_timeout", "ZeroDivisionError"), ("bot_loop_start", "RuntimeError"),
        )
    )  # fmt: skip
    bot = bench(source + raising + "\n")
    bot.do("start")
    all_is_fresh()
    eventually(lambda: len(bot.do("loop")) == 1, 10, "the names are read")
    assert bot.hook("confirm_trade_entry", GOOD) is False, "freqtrade itself takes this error for a yes"
    assert bot.hook("adjust_trade_position", GOOD)[0] is None
    assert bot.hook("adjust_order_price", GOOD) == 50.0 and bot.hook("adjust_order_price", BAD) is None
    assert bot.hook("custom_exit", BAD).startswith("ews exit") and bot.hook("custom_exit", GOOD) is False
    assert bot.hook("check_entry_timeout", BAD) is True


def test_a_class_that_looks_before_the_guard_is_refused(bench: Callable[..., Bench], source: str) -> None:
    hidden = "\n    def __getattribute__(self, name): return object.__getattribute__(self, name)\n"
    assert "its hooks would not be guarded" in bench(source + hidden).loaded["error"]
    mixin = source.replace("class MyStrategy(", f"class Mixin:{hidden}\nclass MyStrategy(Mixin, ")
    assert "its hooks would not be guarded" in bench(mixin).loaded["error"]


MISSING = {
    "ews.fail was not set": ('"fail": "closed"', '"fail": None'),
    "the strategy's ews had fial, expected only url, token": ('"fail": "closed"', '"fial": "closed"'),
    "use_exit_signal was False, expected True": ("use_exit_signal = True", "use_exit_signal = False"),
    "ews.token was not set": ('"token": "', '"token": "" and "'),
    "fail was 'maybe'": ('"fail": "closed"', '"fail": "maybe"'),
    "ews.timeout was 30, expected seconds between 0 and 2": ('"fail": "closed"', '"fail": "closed", "timeout": 30'),
    "expected https": ('"url": "http://127.0.0.1', '"url": "http://desk.example'),
}


def test_it_does_not_start_without_what_it_needs(bench: Callable[..., Bench], source: str) -> None:
    for said, change in MISSING.items():
        assert change[0] in source
        bot = bench(source.replace(*change))
        error = bot.tried("start")["error"]
        assert error.startswith("StrategyError: TokenRiskGuard does not start: "), error
        assert said in error or said == "expected https", error
        assert bot.hook("confirm_trade_entry", GOOD) is False, "a bot that were not stopped would open nothing"


def test_the_venue_follows_from_exchange_and_mode_or_is_asked_for(bench: Callable[..., Bench], source: str) -> None:
    unknown = bench(source, exchange={"name": "gate"}).tried("start")["error"]
    assert "the venue of exchange 'gate', trading_mode 'spot' is not known" in unknown and "EWS_VENUE" in unknown
    named = bench(source, exchange={"name": "gate"}, ews={"venue": "BINANCE"})
    named.do("start")
    eventually(lambda: named.hook("confirm_trade_entry", GOOD), 10, "the names are read")


def test_the_past_is_not_asked_about(bench: Callable[..., Bench], source: str, proxy: FaultProxy) -> None:
    for mode in ("backtest", "hyperopt", "webserver", "util_no_exchange"):
        bot = bench(source, runmode=mode)
        bot.do("start")
        assert any(f"TokenRiskGuard is off in the run mode {mode}" in line for line in bot.do("log"))
        assert bot.hook("confirm_trade_entry", BAD) is True and bot.do("loop") == []
        assert bot.do("pickle") == "MyStrategy"
    assert proxy.asked == []


def test_every_other_run_mode_is_guarded(bench: Callable[..., Bench], source: str) -> None:
    for mode in ("live", "other"):
        bot = bench(source, runmode=mode)
        bot.start()
        assert bot.hook("confirm_trade_entry", BAD) is False
        assert bot.do("pickle") == "MyStrategy"
        assert bot.hook("confirm_trade_entry", BAD) is False


REFUSED = {"401", "403", "404"}
"""What will be refused tomorrow too: the bot does not start."""

SHIFTED = "clock_skew"
"""Nothing is kept back by it: ages are counted by the server, and its answers are right."""


def test_a_bot_that_starts_into_a_fault_opens_nothing(
    bench: Callable[..., Bench], source: str, proxy: FaultProxy
) -> None:
    for fault in FAULTS:
        proxy.fault = fault
        bot = bench(source)
        answer = bot.tried("start")
        assert ("error" in answer) == (fault in REFUSED), (fault, answer)
        assert bot.seconds <= 5, fault
        for pair in (BAD,) if fault == SHIFTED else (GOOD, BAD):
            assert bot.hook("confirm_trade_entry", pair) is False, fault
            assert bot.hook("adjust_order_price", pair) is None, fault
        bot.do("loop")
        assert bot.hook("custom_exit", GOOD) is None, fault


def _has_locks(bot: Bench, number: int) -> bool:
    return len(bot.do("loop")) == number


def test_a_fault_that_comes_later_opens_nothing_and_leaves_the_locks(
    bench: Callable[..., Bench], source: str, proxy: FaultProxy
) -> None:
    for fault in FAULTS:
        bot = bench(source)
        bot.start()
        assert len(bot.do("loop")) == 1, fault
        proxy.fault = fault
        event = manual_event("BTC", action="exit", title=f"Bitcoin leaves in {fault}")
        all_is_fresh()
        spent = 0.0
        for _ in range(25):
            for pair in (GOOD, BAD):
                assert bot.hook("confirm_trade_entry", pair) is False, fault
                spent += bot.seconds
        assert spent <= 15, f"{fault}: {spent:.1f} s for 50 questions"
        assert BAD in [lock[0] for lock in bot.do("loop")], fault
        assert bot.hook("check_entry_timeout", GOOD) is True, fault
        proxy.fault = None
        if fault not in (
            "dead",
            "slow_drip",
            SHIFTED,
        ):  # what was slow rests for seconds, a clock that goes back a minute
            all_is_fresh()
            eventually(partial(_has_locks, bot, 2), 15, "the fault has passed")
            assert bot.hook("custom_exit", GOOD).startswith("ews exit"), fault
        close_event(event.pk, clock.database_now(), by="test", reason="over")
