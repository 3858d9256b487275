"""TokenRiskGuard without freqtrade; tests/peers/freqtrade of the project has it."""

from __future__ import annotations

import copy
import pickle
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from exit_of_luna import BAD, GOOD, answers, system
from fake_api import TOKEN, FakeApi, Reply

from ews_client.freqtrade import TokenRiskGuard
from ews_client.freqtrade.judge import must_exit
from ews_client.freqtrade.settings import Settings, venue_of


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
