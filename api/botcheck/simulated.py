"""Bots as they read: each asks through the fault proxy what its adapter asks, and decides as the bot does."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple, Protocol

import requests
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from api.botcheck.freqtrade_model import BotStops, Fetched, RemoteList
from api.botcheck.outcomes import Opens
from api.botcheck.proxy import FaultProxy
from api.bots.patterns import NOTHING

READ_TIMEOUT = 3.0
"""Seconds; as the configurations in docs/bots/freqtrade.md have it."""
_GOOD_TIMEOUT = 20.0
"""Seconds for what is read without a fault, on a machine that is busy."""
_CLIENT_TIMEOUT = 2.0
_PUSH_SECONDS = 1.0
"""How long a consumer is listened to after a fault has come."""


@dataclass(frozen=True)
class Case:
    """What is asked about. denied, allowed: pairs in the spelling of ccxt, None where the venue has none now.

    pairs, read: tokens with these scopes.
    """

    venue: str
    denied: str | None
    allowed: str | None
    pairs: str
    read: str

    @property
    def markets(self) -> list[str]:
        return [pair for pair in (self.denied, self.allowed) if pair is not None]


class Now(NamedTuple):
    """What a bot reads without a fault. opens: whether it would open the pair that is denied."""

    text: str
    opens: bool


class Bot(Protocol):
    """One adapter's bot."""

    def now(self) -> Now:
        """What it reads without a fault. Raises OSError where it gets no answer."""

    def under(self, fault: str) -> Opens:
        """What it does under a fault, started then and running before."""


class NotAsked:
    """A bot to whom we speak, or that cannot be played here. why: says which."""

    def __init__(self, why: str) -> None:
        self._why = why

    def now(self) -> Now:
        return Now(self._why, False)

    def under(self, fault: str) -> Opens:
        return Opens(note=self._why, was_asked=False)


class FreqtradeList:
    """freqtrade with a RemotePairList behind a static list of both pairs."""

    def __init__(self, proxy: FaultProxy, case: Case, path: str, mode: str, keep: bool) -> None:
        """path: with its query. mode, keep: as of `RemoteList`."""
        self._proxy, self._case, self._path, self._mode, self._keep = proxy, case, path, mode, keep

    def now(self) -> Now:
        fetched = self.good()
        passed = self.passes(fetched) or []
        what = f"{counted(_pairs_of(fetched))} on the list"
        return Now(f"{what}; {self._spelt(passed)} may be opened", self._case.denied in passed)

    def good(self) -> Fetched:
        """An answer without a fault. Raises OSError where it is no list."""
        fetched = self.fetch()
        if fetched is None or not _pairs_of(fetched):
            what = "nothing" if fetched is None else fetched.body[:200].decode("utf-8", "replace").strip()
            raise OSError(f"{self._path} was answered with {what}, expected a list of pairs")
        return fetched

    def under(self, fault: str) -> Opens:
        good = self.good()
        with played(self._proxy, fault):
            bad = self.fetch()
        was_allowed = [re.escape(pair) for pair in self._case.markets] if self._mode == "whitelist" else [NOTHING]
        other = Fetched("application/json", json.dumps({"pairs": was_allowed, "refresh_period": 15}).encode())
        return Opens(self._opens(bad), self._opens(good, bad), self._opens(other, bad))

    def passes(self, *answers: Fetched | None) -> list[str] | None:
        """The pairs after these answers, the first of them at start; None where the bot stops."""
        bot = RemoteList(self._mode, self._keep, self._case.markets)
        try:
            for answer in answers:
                bot.refresh(answer)
        except BotStops:
            return None
        return bot.passes(self._case.markets)

    def fetch(self) -> Fetched | None:
        """One request as freqtrade makes it, under the present fault; without one there is time for it."""
        headers = {"Authorization": f"Bearer {self._case.pairs}"}
        # The real one waits for the last byte, however slowly they come. Nobody waits for that here.
        before, self._proxy.drip_seconds = self._proxy.drip_seconds, 0.0
        try:
            with requests.Session() as session:
                session.trust_env = False
                seconds = READ_TIMEOUT if self._proxy.fault else _GOOD_TIMEOUT
                answer = session.get(self._proxy.url + self._path, headers=headers, timeout=seconds)
                return Fetched(answer.headers.get("content-type"), answer.content)
        except requests.exceptions.RequestException:
            return None
        finally:
            self._proxy.drip_seconds = before

    def _opens(self, *answers: Fetched | None) -> bool | None:
        passed = self.passes(*answers)
        return None if passed is None else self._case.denied in passed

    def _spelt(self, pairs: list[str]) -> str:
        return " and ".join(pairs) or f"none of {', '.join(self._case.markets)}"


def _pairs_of(fetched: Fetched) -> list[str]:
    """The pairs of an answer, none where it is no list of ours: we never send an empty one."""
    try:
        found = json.loads(fetched.body)
    except ValueError:
        return []
    pairs = found.get("pairs") if isinstance(found, dict) else None
    return pairs if isinstance(pairs, list) and "application/json" in str(fetched.content_type) else []


class PlainList:
    """A script that fetches what may be opened, one pair a line, and opens nothing where that fails or is cut short."""

    def __init__(self, proxy: FaultProxy, case: Case, path: str) -> None:
        self._proxy, self._case, self._path = proxy, case, path

    def now(self) -> Now:
        with played(self._proxy, None):
            pairs = self._pairs()
        if pairs is None:
            raise OSError(f"{self._path} was not answered with a list of pairs")
        return Now(f"{counted(pairs)} on the list", self._case.denied in pairs)

    def under(self, fault: str) -> Opens:
        with played(self._proxy, fault):
            pairs = self._pairs() or []
        opens = self._case.denied in pairs
        return Opens(opens, opens, opens)

    def _pairs(self) -> list[str] | None:
        """As `curl --fail --max-time`, and a look at the last line: None where one of them fails."""
        headers = {"Authorization": f"Bearer {self._case.pairs}"}
        ends = threading.Timer(READ_TIMEOUT, self._proxy.cut)
        ends.start()
        try:
            with requests.Session() as session:
                session.trust_env = False
                url = self._proxy.url + self._path
                answer = session.get(url, headers=headers, timeout=READ_TIMEOUT)
        except requests.exceptions.RequestException:
            return None
        finally:
            ends.cancel()
            ends.join()
        if answer.status_code != 200:
            return None
        *names, last = answer.text.splitlines() or [""]
        return names if last.startswith("#end ") else None


class FreqtradePush:
    """freqtrade as a consumer of our list, with the list of what may be opened behind it."""

    def __init__(self, proxy: FaultProxy, case: Case, allow: FreqtradeList) -> None:
        self._proxy, self._case, self._allow = proxy, case, allow

    def now(self) -> Now:
        with played(self._proxy, None), self._connected() as connection:
            pairs = self._listened(connection, [], first=True)
        if not pairs:
            raise OSError("the WebSocket for freqtrade sent no list of pairs")
        behind = self._allow.now()
        return Now(f"{counted(pairs)} pushed; {behind.text}", behind.opens and self._case.denied in pairs)

    def under(self, fault: str) -> Opens:
        started: list[str] = []
        good = self._allow.good()
        with self._connected() as connection:
            before = self._listened(connection, [], first=True)
            if not before:
                raise OSError("the WebSocket for freqtrade sent no list of pairs")
            with played(self._proxy, fault):
                bad = self._allow.fetch()
                pushed = self._listened(connection, before)
                with suppress(OSError, EOFError), self._connected() as other:
                    started = self._listened(other, [])
            self._proxy.cut()
        both = self._case.markets
        everything = Fetched("application/json", json.dumps({"pairs": [re.escape(pair) for pair in both]}).encode())
        meanwhile = both if pushed == before else pushed
        return Opens(self._opens(started, bad), self._opens(pushed, good, bad), self._opens(meanwhile, everything, bad))

    def _opens(self, pushed: list[str], *answers: Fetched | None) -> bool | None:
        passed = self._allow.passes(*answers)
        return None if passed is None else self._case.denied in passed and self._case.denied in pushed

    @contextmanager
    def _connected(self) -> Iterator[ClientConnection]:
        """A connection that has asked for the list. Raises OSError."""
        url = f"ws://127.0.0.1:{self._proxy.port}/api/v1/message/ws?token={self._case.pairs}&venue={self._case.venue}"
        timeout = READ_TIMEOUT if self._proxy.fault else _GOOD_TIMEOUT
        try:
            with connect(url, compression=None, proxy=None, open_timeout=timeout, close_timeout=0.2) as connection:
                for message in ({"type": "subscribe", "data": ["whitelist"]}, {"type": "whitelist", "data": None}):
                    connection.send(json.dumps(message))
                yield connection
        except WebSocketException as error:
            raise OSError(f"the WebSocket for freqtrade: {error}") from error

    def _listened(self, connection: ClientConnection, before: list[str], first: bool = False) -> list[str]:
        """What is in freqtrade's memory a while later: the last list that was not empty. first: the first is enough."""
        found = before
        with suppress(TimeoutError, OSError, EOFError, WebSocketException):
            # On a market where much happens, a list may follow a list without end.
            ends = time.monotonic() + (_GOOD_TIMEOUT if first else 3 * _PUSH_SECONDS)
            while time.monotonic() < ends:
                try:
                    message = json.loads(connection.recv(_GOOD_TIMEOUT if first else _PUSH_SECONDS))
                except ValueError:
                    continue
                if isinstance(message, dict) and message.get("type") == "whitelist" and message.get("data"):
                    found = message["data"]
                    if first:
                        break
        return found


class AskingClient:
    """A bot that asks ews-client before it opens, with `fail="closed"`."""

    def __init__(self, proxy: FaultProxy, case: Case, client_of: Callable[..., Any]) -> None:
        self._proxy, self._case, self._client_of = proxy, case, client_of
        self._found: dict[str, Opens] = {}
        """Several adapters ask just so: once is enough."""

    def now(self) -> Now:
        with played(self._proxy, None), self._client(_GOOD_TIMEOUT) as client:
            answers = [client.can_trade(self._case.venue, pair) for pair in self._case.markets]
        for answer in answers:
            if answer.fault:
                raise OSError(f"can_trade was not answered: {answer.problem}")
        may = [f"{pair} {'may' if answer.may_open else 'may not'} be opened"
               for pair, answer in zip(self._case.markets, answers, strict=True)]  # fmt: skip
        return Now("; ".join(may), self._case.denied is not None and bool(answers[0].may_open))

    def under(self, fault: str) -> Opens:
        if fault not in self._found:
            self._found[fault] = self._under(fault)
        return self._found[fault]

    def _under(self, fault: str) -> Opens:
        with self._client() as running:
            with played(self._proxy, None):
                for pair in self._case.markets:
                    running.can_trade(self._case.venue, pair)
            with played(self._proxy, fault):
                later = running.can_trade(self._case.venue, self._case.denied)
                with self._client() as started:
                    first = started.can_trade(self._case.venue, self._case.denied)
        # Nothing is remembered under fail="closed": what was allowed before is asked anew.
        return Opens(first.may_open, later.may_open, later.may_open, note=str(later.fault or later.status))

    def _client(self, timeout: float | None = None) -> Any:
        seconds = _CLIENT_TIMEOUT if timeout is None else timeout
        return self._client_of(self._proxy.url, self._case.read, fail="closed", timeout=seconds)


def counted(pairs: list[str]) -> str:
    """How many pairs a list has, for a sentence: the pair that does not exist says that there is none."""
    count = len([pair for pair in pairs if pair != NOTHING])
    return "1 pair is" if count == 1 else f"{count} pairs are"


@contextmanager
def played(proxy: FaultProxy, fault: str | None) -> Iterator[None]:
    """While this holds, the proxy plays a fault."""
    proxy.fault = fault
    try:
        yield
    finally:
        proxy.fault = None


def client_class() -> Callable[..., Any] | None:
    """ews-client's Client; None where it, or its httpx, is not installed."""
    try:
        found: Callable[..., Any] = import_module("ews_client").Client
    except ImportError:
        return None
    return found
