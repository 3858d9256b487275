"""The real freqtrade, offline: the harness of every test in this folder.

Entry points:
  PlayedBinance(pairs)               Binance's public endpoints on loopback (`played_binance`)
  user_config(exchange, folder, **changes)   the configuration that a user has before he adds ours, as a dict
  Freqtrade(folder, *configs)        `freqtrade trade --dry-run` as a process, with one --config for each dict or text,
                                     in this order (a later one overrides); a context manager
      .wait_running()                until its REST API answers and the bot runs; raises Ended with its log
      .wait_end() -> int             its exit code, where it is expected to stop
      .whitelist() -> list[str]      the pairs in its memory, by its own REST API
      .open_pairs() -> list[str]     the pairs of its open trades
      .get(path) / .post(path, json) any other path of its REST API under /api/v1/
      .log() -> str                  all that it wrote
  PairLists()                        one process with many bots' lists in turn: PairListManager on markets in memory
                                     (`inside/pair_lists.py`), for tables of faults; a context manager
      .start(config) -> Outcome      a new PairListManager and its first refresh, as a bot that starts
      .refresh(seconds) -> Outcome   the next refresh, `seconds` later by freqtrade's clock
      .receive(name, pairs)          as if its message consumer had received them from a producer
      .extend(pairs) -> Outcome      what the bot does to its list with the pairs of its open trades

The script `inside/fence.py` keeps both from connecting to anything but loopback. Strategies are in `inside/strategies`:
`Eager` opens whatever it may, `Watching` nothing; `strategy_path` in a config leads elsewhere.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from tests.peers.freqtrade.played_binance import PlayedBinance
from tests.support.peers import ROOT, Peer, python_of
from tests.support.ports import free_port

INSIDE = Path(__file__).parent / "inside"
USER = ("user", "word")


class Ended(AssertionError):
    """freqtrade stopped; its log is the message."""


def user_config(exchange: PlayedBinance, folder: Path, **changes: Any) -> dict[str, Any]:
    """A bot on spot that trades the exchange's pairs and asks nobody. Further keys override those at the top."""
    return {
        "bot_name": "peer", "max_open_trades": 10, "stake_currency": "USDT", "stake_amount": 50,
        "dry_run": True, "dry_run_wallet": 10_000, "db_url": f"sqlite:///{folder}/trades.sqlite",
        "trading_mode": "spot", "timeframe": "5m", "cancel_open_orders_on_exit": False,
        "strategy": "Eager", "strategy_path": str(INSIDE / "strategies"),
        "entry_pricing": {"price_side": "other", "use_order_book": False},
        "exit_pricing": {"price_side": "other", "use_order_book": False},
        "exchange": {
            "name": "binance", "pair_whitelist": list(exchange.pairs), "pair_blacklist": [],
            "ccxt_config": exchange.ccxt_config, "enable_ws": False,
        },
        "pairlists": [{"method": "StaticPairList"}],
        "api_server": {
            "enabled": True, "listen_ip_address": "127.0.0.1", "listen_port": free_port(), "verbosity": "error",
            "username": USER[0], "password": USER[1], "jwt_secret_key": "0123456789abcdef0123456789abcdef",
            "ws_token": "0123456789abcdef",
        },
        "initial_state": "running",
        "internals": {"process_throttle_secs": 1},
        **changes,
    }  # fmt: skip


class Freqtrade:
    """`freqtrade trade --dry-run`. folder: of this bot alone; configs: dicts, or the text of a file as it stands."""

    def __init__(
        self,
        folder: Path,
        *configs: dict[str, Any] | str,
        speed: float = 1,
        environment: dict[str, str] | None = None,
        command: str = "",
    ) -> None:
        """command: a shell's, whose files the configs are; `freqtrade trade --dry-run` with each without it.

        speed: how fast the clock of freqtrade's caches runs; at 10 it fetches a list again after 1.5 s, not 15."""
        self.folder = folder
        (folder / "user_data").mkdir(exist_ok=True)
        names = [f"config{number}.json" for number in range(len(configs))]
        if command:
            names = re.findall(r"--config (\S+)", command)
            assert len(names) == len(configs)
        for name, config in zip(names, configs, strict=True):
            (folder / name).write_text(config if isinstance(config, str) else json.dumps(config))
        command = command or "freqtrade trade --dry-run " + " ".join(f"--config {name}" for name in names)
        (folder / "bin").mkdir(exist_ok=True)
        (folder / "bin/freqtrade").write_text(
            f'#!/bin/sh\nexec {python_of("freqtrade")} -u {INSIDE / "freqtrade_main.py"} "$@"\n'
        )
        (folder / "bin/freqtrade").chmod(0o755)
        first = configs[0]
        assert isinstance(first, dict), "the user's own configuration comes first"
        port = first["api_server"]["listen_port"]
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/", auth=USER, trust_env=False, timeout=20)
        self._log = (folder / "freqtrade.log").open("a+")
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT, cwd=folder,
            env={"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": str(folder), "TZ": "UTC",
                 "PYTHONPATH": str(ROOT / "clients/python/src"), "CACHE_SPEED": str(speed), **(environment or {})},
        )  # fmt: skip

    def log(self) -> str:
        """All that it wrote so far."""
        return (self.folder / "freqtrade.log").read_text()

    def get(self, path: str) -> Any:
        """An answer of its REST API. Raises httpx.HTTPError."""
        return self._http.get(path).raise_for_status().json()

    def post(self, path: str, json: Any = None) -> Any:
        """The answer to what was asked of its REST API. Raises httpx.HTTPError."""
        return self._http.post(path, json=json).raise_for_status().json()

    def whitelist(self) -> list[str]:
        """The pairs that it holds for tradable now, with those of open trades."""
        return sorted(self.get("whitelist")["whitelist"])

    def open_pairs(self) -> list[str]:
        """The pairs of its open trades."""
        return sorted(trade["pair"] for trade in self.get("status"))

    def wait_running(self, seconds: float = 90) -> None:
        """Until the bot runs and has gone through its loop once. Raises Ended, TimeoutError."""
        self.wait(lambda: self.get("show_config")["state"] in ("running", "paused"), seconds)
        self.wait(lambda: bool(self.get("health")["last_process"]), seconds)

    def wait(self, is_true: Callable[[], bool], seconds: float = 60) -> float:
        """Until something holds; how many seconds that took. Raises Ended, TimeoutError."""
        started = time.monotonic()
        while time.monotonic() < started + seconds:
            if self.process.poll() is not None:
                raise Ended(f"freqtrade ended with {self.process.returncode}:\n{self.log()}")
            try:
                if is_true():
                    return time.monotonic() - started
            except httpx.HTTPError:
                pass  # it has not started to listen
            # Each question costs the bot milliseconds, and its loop runs beside.
            time.sleep(0.1)
        raise TimeoutError(f"{seconds:g} s have passed; freqtrade wrote:\n{self.log()[-6000:]}")

    def wait_end(self, seconds: float = 90) -> int:
        """The exit code of a bot that stops of itself. Raises subprocess.TimeoutExpired."""
        return self.process.wait(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # At once: what its trades have done is in its database, and a consumer of messages takes seconds to stop.
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._http.close()
        self._log.close()


@dataclass(frozen=True)
class Outcome:
    """What a refresh of freqtrade's lists came to. pairs: None where it raised `error`."""

    pairs: list[str] | None
    error: str
    """The name of the exception: OperationalException stops a bot, at its start its process (exit code 2)."""
    seconds: float
    log: list[str] = field(default_factory=list)


class PairLists(Peer):
    """freqtrade's own PairListManager over markets in memory; its clock can be moved on."""

    def __init__(self) -> None:
        super().__init__("freqtrade", INSIDE / "pair_lists.py")
        self.hear(60)

    def start(self, pairs: tuple[str, ...], **config: Any) -> Outcome:
        """A new bot's lists and their first refresh. pairs: all markets; config: `pairlists` and others."""
        return Outcome(**self.ask({"do": "start", "markets": list(pairs), "config": config}, 60))

    def refresh(self, seconds: float = 0.0) -> Outcome:
        """The next refresh, that many seconds later by the clock of its caches."""
        return Outcome(**self.ask({"do": "refresh", "after": seconds}, 60))

    def receive(self, name: str, pairs: list[str]) -> Outcome:
        """As if the message consumer had received pairs from a producer of that name."""
        return Outcome(**self.ask({"do": "producer", "name": name, "pairs": pairs}))

    def extend(self, pairs: list[str]) -> Outcome:
        """What FreqtradeBot does with the pairs of its open trades: it adds them to the list, in place."""
        return Outcome(**self.ask({"do": "whitelist", "extend": pairs}))
