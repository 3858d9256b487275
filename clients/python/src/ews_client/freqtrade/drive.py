"""`ews drive freqtrade`: keeps locks in a running bot, through its own REST API, for as long as it runs."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from ews_client.answers import Answer, no_answer
from ews_client.client import Client
from ews_client.faults import EwsError
from ews_client.freqtrade.judge import must_exit
from ews_client.freqtrade.locks import EVERY_PAIR, MODES, own_of, plan, verdict
from ews_client.freqtrade.rest import Bot, BotAway, BotRefused
from ews_client.freqtrade.settings import chosen_venue, secret_in, some_pair, word

DONE: Final = 0
FAILED: Final = 2

BURST_SECONDS: Final = 0.05
"""Messages that come so close together are one reason to look."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds before a bot that is away is asked again; doubled with each failure."""

REMOVED_AT_ONCE: Final = 50
"""Locks that one look takes back at most; freqtrade takes a request for each."""

EXIT_AGAIN_SECONDS: Final = 60.0
"""A trade whose exit was asked for and that is still open is asked for again after so long."""

PASSWORD: Final = "EWS_BOT_PASSWORD"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Those of `ews drive freqtrade`."""
    parser.add_argument("--bot-url", required=True, help="of the bot's api_server: http://127.0.0.1:8080")
    parser.add_argument("--bot-user", required=True, help=f"its username; the password is {PASSWORD}, or in a file")
    parser.add_argument("--bot-password-file", type=Path, help=f"in place of {PASSWORD}")
    parser.add_argument(
        "--bot-allow-http", action="store_true", help="http to another machine: the password goes with it"
    )
    parser.add_argument("--venue", help="BINANCE, BINANCE_USDM, OKX; by default what the bot says it trades on")
    unknown = "nobody answers: lock every pair (lock-all), or leave the locks as they are (keep)"
    parser.add_argument("--when-unknown", choices=MODES, default=MODES[0], help=unknown)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two looks; push comes sooner (2)")
    parser.add_argument("--lasts", type=float, default=24.0, help="hours that a lock lasts if the driver dies (24)")
    parser.add_argument("--force-exit", action="store_true", help="also close trades where the action is exit")
    parser.add_argument("--once", action="store_true", help="one look, and done")
    parser.set_defaults(run=drive)


def drive(client: Client, given: argparse.Namespace) -> int:
    """Until it is interrupted, or the bot refuses. Returns an exit code; raises ValueError for what cannot be meant."""
    if not 0.2 <= given.every <= 60:
        raise ValueError(f"--every was {given.every:g}, expected seconds between 0.2 and 60")
    if not 1 <= given.lasts <= 24 * 30:
        raise ValueError(f"--lasts was {given.lasts:g}, expected hours between 1 and 720")
    bot = Bot(given.bot_url, given.bot_user, _password(given, os.environ), allow_http=given.bot_allow_http)
    try:
        return _Driver(client, bot, given).run()
    except BotRefused as refusal:
        print(f"ews: {refusal}", file=sys.stderr)
        return FAILED
    finally:
        bot.close()


def _password(given: argparse.Namespace, environment: Mapping[str, str]) -> str:
    """Raises ValueError where there is none."""
    if given.bot_password_file is None:
        if not environment.get(PASSWORD):
            raise ValueError(
                f"no password: {PASSWORD} was not set, expected the one of api_server, or --bot-password-file"
            )
        return environment[PASSWORD]
    return secret_in(given.bot_password_file, "--bot-password-file")


class _Driver:
    """One bot and one early-warning system."""

    def __init__(self, client: Client, bot: Bot, given: argparse.Namespace) -> None:
        self._client, self._bot, self._given = client, bot, given
        self._lasts = timedelta(hours=given.lasts)
        self._woken = threading.Event()
        self._venue = self._strange = self._some_pair = ""
        self._met = self._more = False
        self._exits: dict[int, float] = {}
        self._last_said = ""

    def run(self) -> int:
        """Raises BotRefused, ValueError: at the first meeting. Later both are things that pass."""
        failures = 0
        while True:
            wait = self._given.every
            try:
                self._meet()
                known = self._look()
                failures = 0
            except BotAway as away:
                failures += 1
                wait = min(FIRST_WAIT * 2 ** min(failures - 1, 10), LONGEST_WAIT)
                self._say(f"the bot is away: {away}")
                known = False
            if self._given.once and not (known and self._more):
                return DONE if known else FAILED
            if failures or not self._more:
                if self._woken.wait(wait):
                    time.sleep(BURST_SECONDS)
                self._woken.clear()

    def _meet(self) -> None:
        """Learns what the bot trades, each time: /reload_config may have changed it. Raises BotAway, BotRefused.

        Raises ValueError where that is no known venue, or another than was given; later that is said, and unknown.
        """
        config = self._bot.config()
        self._some_pair = some_pair(config)
        market = [word(config.get(name)) for name in ("exchange", "trading_mode", "margin_mode")]
        try:
            own = chosen_venue(self._given.venue or "", "--venue", *market)
        except ValueError as error:
            if not self._met:
                raise
            self._venue, self._strange = "", str(error)
            return
        if own != self._venue:
            self._say(f"keeps locks of {own} in the bot at {self._bot.url}")
        self._venue, self._strange = own, ""
        if not self._met and not self._given.once:
            threading.Thread(target=self._listen, name="ews-drive-push", daemon=True).start()
        self._met = True

    def _listen(self) -> None:
        """Every message of risk is a reason to look now. Without push the looks go on."""
        while True:
            try:
                for _message in self._client.watch(kinds=["risk"]):
                    self._woken.set()
            except EwsError as fault:
                if fault.kind == "closed":
                    return
            time.sleep(LONGEST_WAIT)

    def _look(self) -> bool:
        """One look; whether everything could be judged. Raises BotAway, BotRefused."""
        pairs = self._bot.whitelist()
        present = self._bot.locks()
        # A pair that left the bot's list may come back between two looks: its lock stays while it is denied.
        locked = [lock.pair for lock in own_of(present) if lock.pair != EVERY_PAIR]
        asked = list(dict.fromkeys([*pairs, *locked])) or [self._some_pair]
        answers = self._answers(asked)
        found = verdict(answers, self._given.when_unknown)
        todo = plan(found, present, datetime.now(timezone.utc), self._lasts)
        if todo.add:
            # Looked at again: a bot whose clock is ahead takes a lock that has ended already.
            there = {(lock.pair, lock.reason) for lock in self._bot.lock(todo.add)}
            if missing := [pair for pair, reason, _ in todo.add if (pair, reason) not in there]:
                raise BotAway(f"{len(missing)} locks, of {missing[0]} first, are not there: are both clocks right?")
        for pair, reason, _until in todo.add:
            self._say(f"locked {'every pair' if pair == EVERY_PAIR else pair}: {reason}")
        named = {lock.id: lock for lock in present}
        # One request for each: what gets at risk meanwhile is looked for in between.
        self._more = len(todo.remove) > REMOVED_AT_ONCE
        for lock_id in sorted(todo.remove, key=lambda one: named[one].pair != EVERY_PAIR)[:REMOVED_AT_ONCE]:
            self._bot.unlock(lock_id)
            self._say(f"took back the lock of {named[lock_id].pair}: {named[lock_id].reason}")
        if found.unknown:
            fault = next((answer.problem for answer in answers.values() if answer.problem), found.unknown)
            self._say(f"nothing is known: {fault}", key=f"unknown {found.unknown}")
        if self._given.force_exit:
            self._close({pair for pair, answer in answers.items() if must_exit(answer)}, answers)
        return not found.unknown

    def _answers(self, pairs: list[str]) -> dict[str, Answer]:
        if self._strange:
            return {pair: no_answer("", pair, "request", self._strange) for pair in pairs}
        return dict(zip(pairs, self._client.can_trade_many([(self._venue, pair) for pair in pairs]), strict=True))

    def _close(self, pairs: set[str], answers: Mapping[str, Answer]) -> None:
        """Asks the bot to close its trades in these pairs, each once a minute, and none that it is closing."""
        for trade in self._bot.trades() if pairs else ():
            number, pair = trade.get("trade_id"), trade.get("pair")
            if pair not in pairs or not isinstance(number, int) or _closes(trade):
                continue
            now = time.monotonic()
            if now - self._exits.get(number, float("-inf")) < EXIT_AGAIN_SECONDS:
                continue
            self._exits[number] = now
            try:
                self._bot.force_exit(number)
            except BotAway as away:
                self._say(f"trade {number} in {pair} was not closed: {away}")
            else:
                self._say(f"closes trade {number} in {pair}: {answers[str(pair)].action}")

    def _say(self, text: str, key: str | None = None) -> None:
        """A line, unless it was the last one already."""
        if (key or text) != self._last_said:
            print(f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} {text}", flush=True)
        self._last_said = key or text


def _closes(trade: Mapping[str, Any]) -> bool:
    """Whether an order that closes it is open. A trade without readable orders is left alone: it may be closing."""
    side = "buy" if trade.get("is_short") else "sell"
    orders = trade.get("orders")
    if not isinstance(orders, list):
        return True
    open_ones = [one for one in orders if isinstance(one, Mapping) and one.get("is_open")]
    return any(one.get("ft_order_side") == side for one in open_ones)
