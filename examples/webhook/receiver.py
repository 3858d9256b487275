"""A receiver of the signed `risk` messages of CRYPTO_EWS: keeps what they say, and answers "may this token be opened?".

    python receiver.py --port 9000 --secret whsec_…

POST /            what CRYPTO_EWS sends
GET  /may-open    ?token=BTC&venue=BINANCE answers "yes" (200), or why not (409). Without `venue`, or with one that
                  is not known, it says yes only where nothing forbids it on any venue of the channel.

Standard library only, Python 3.10 or newer. Nothing that is missing, late, forged, repeated or out of order makes it
say yes: it says yes only while the newest state is complete, fresh and less than 30 s old. A token view knows tokens.
Whether one pair may be traded (its listing, its quote currency) only `GET /can-trade` knows.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SILENCE_SECONDS = 30.0
"""After so long without a message nothing may be opened. One comes at least every 10 s."""
MOST_SKEW_SECONDS = 30
"""How far the sender's clock may be from this one, transport included: whatever is older was kept back, or recorded."""
MOST_BYTES = 32 * 1024 * 1024
READ_SECONDS = 5.0
ACTIONS = ("none", "watch", "avoid_new", "reduce_only", "exit", "halt")
OPENING = ("none", "watch")
EVERYWHERE = "*"
# What a pair has and no token: BTC/USDT, BTC-USDT, BTC_USDT, BTC/USDT:USDT.
PAIR_SIGNS = frozenset("/-_:")
# What is wrong with these on one market of an exchange holds on all of them.
WHOLE_EXCHANGE = {"depeg", "wallet_suspension", "exchange_halt"}


class Refused(Exception):
    """status: what the sender is told. 409 makes it send a snapshot."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def key_of(secret: str) -> bytes:
    """The bytes that sign. Raises ValueError for a secret that signs nothing."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    if len(key) < 16:
        raise ValueError("the secret was shorter than 16 bytes, expected the one of the channel")
    return key


def verified(key: bytes, headers: Message | Mapping[str, str], body: bytes, now: float) -> dict[str, Any]:
    """The message of a request. Raises Refused for one that is not signed by us, or not of now.

    Its `late_by` is how many seconds ago it was sent, as far as the two clocks say so.
    """
    number, sent = headers.get("webhook-id") or "", headers.get("webhook-timestamp") or ""
    signed = hmac.new(key, f"{number}.{sent}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(signed).decode()
    if not hmac.compare_digest((headers.get("webhook-signature") or "").encode(), expected.encode()):
        raise Refused(401, "not signed with the secret of this channel")
    if not sent.isdecimal() or abs(now - int(sent)) > MOST_SKEW_SECONDS:
        raise Refused(400, f"sent at {sent}, and it is {now:.0f} here: too old, or one of the clocks is wrong")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "no JSON") from None
    if not isinstance(message, dict) or message.get("id") != number:
        raise Refused(400, "the body is of another message than the headers")
    # The timestamp is of whole seconds.
    return {**message, "late_by": max(now - int(sent) - 1.0, 0.0)}


@dataclass(frozen=True)
class Answer:
    may_open: bool
    why: str


def awake() -> float:
    """Seconds that count on while the machine sleeps, where the system has such a clock: what was known is old then."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class State:
    """What the newest messages say. Threads may share it. silence: seconds after which nothing may be opened.

    monotonic: gives seconds.
    """

    def __init__(self, silence: float = SILENCE_SECONDS, monotonic: Callable[[], float] = awake) -> None:
        self._monotonic, self._longest = monotonic, silence
        self._lock = threading.Lock()
        self._rows: dict[str, dict[str, Any]] = {}
        self._stream, self._sequence = "", -1
        self._complete = False
        self._heard_at = float("-inf")
        self._status, self._hidden = "unknown", ""
        self._covers: frozenset[str] = frozenset()
        self._venues: tuple[str, ...] = ()

    def take(self, message: Mapping[str, Any]) -> None:
        """Learn from a verified message. Raises Refused: what it says is not taken, and is no sign of life."""
        if message.get("type") != "risk":
            return
        try:
            sequence, stream, kind = int(message["sequence"]), str(message["stream"]), str(message["kind"])
            status, stale = str(message["status"]), list(message["stale_sources"])
            least = str(message["filter"]["min_action"])
            venues = () if message["filter"]["unknown"] else tuple(map(str, message["filter"]["venues"]))
            covers = frozenset(map(str, message["filter"]["covers"]))
            late_by = float(message.get("late_by", 0.0))
            member = {"snapshot": "tokens", "risk": "changed"}.get(kind)
            rows = {str(row["token"]): dict(row) for row in (message[member] if member else ())}
            removed = [str(token) for token in message["removed"]] if kind == "risk" else []
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Refused(400, "a risk message without what it must have") from None
        with self._lock:
            if sequence <= self._sequence:
                if stream == self._stream:
                    raise Refused(200, "known already")
                raise Refused(409, "older than what is known")
            follows = stream == self._stream and sequence == self._sequence + 1
            if kind == "snapshot":
                self._rows, self._complete = rows, True
            elif not follows or not self._complete:
                self._complete = False
                raise Refused(409, "a message is missing before this one; a snapshot, please")
            elif kind == "risk":
                self._rows = {token: row for token, row in self._rows.items() if token not in removed} | rows
            elif kind != "heartbeat":
                self._complete = False
                raise Refused(409, f"the kind {kind} is not known here")
            self._stream, self._sequence = stream, sequence
            # What was long on its way is as old as it is.
            self._heard_at = self._monotonic() - late_by
            self._venues, self._covers = venues, covers
            self._status = "stale" if status == "fresh" and stale else status
            self._hidden = least if least not in ("", *OPENING, "avoid_new") else ""

    def may_open(self, token: str, venue: str | None = None) -> bool:
        """Whether positions in a token may be opened, on a venue or anywhere. Raises nothing."""
        return self.answer(token, venue).may_open

    def answer(self, token: str, venue: str | None = None) -> Answer:
        """As `may_open`, with why. Raises nothing: whatever goes wrong is a no."""
        try:
            return self._answer(token.strip().upper(), venue)
        except Exception as error:  # noqa: BLE001  (an exception may be taken for a yes)
            return Answer(False, f"{type(error).__name__} in the receiver")

    def _answer(self, token: str, venue: str | None) -> Answer:
        with self._lock:
            silence = self._monotonic() - self._heard_at
            if not self._complete:
                return Answer(False, "no complete picture: a message is missing, and no snapshot came yet")
            if not 0 <= silence <= self._longest:
                return Answer(False, f"nothing came for {silence:.0f} s")
            if self._status != "fresh":
                return Answer(False, f"CRYPTO_EWS says that its own picture is {self._status}")
            if self._hidden:
                return Answer(False, f"the channel sends nothing milder than {self._hidden}: not all is known here")
            if not PAIR_SIGNS.isdisjoint(token):
                return Answer(False, f"{token}: expected a token such as BTC, and no pair")
            if venue and self._venues and venue not in self._covers and venue not in self._venues:
                return Answer(False, f"the channel says nothing of {venue}")
            venue = self._known(venue)
            for name in (token, EVERYWHERE):
                action = action_at(self._rows[name], venue) if name in self._rows else "none"
                if action not in OPENING:
                    return Answer(False, f"{name}: {action}")
            return Answer(True, "nothing is known against it") if token else Answer(False, "no token was named")

    def _known(self, venue: str | None) -> str | None:
        """A venue or an exchange as it is; None, anywhere, for one that is not known by this name."""
        exchanges = {known.partition("_")[0].lower() for known in self._covers}
        return venue if venue in self._covers or venue in exchanges else None


def action_at(row: Mapping[str, Any], venue: str | None) -> str:
    """The strictest action of a row, on a venue or, without one, anywhere; one that is not known here is `halt`."""
    found = [row["action"]]
    if venue:
        wide = not WHOLE_EXCHANGE.isdisjoint(row["categories"])
        exchange = venue.upper().partition("_")[0]
        found = [row["asset_action"] or "none"]
        for place, action in row["venue_actions"].items():
            if place == venue.upper() or (place.partition("_")[0] == exchange and (wide or venue != venue.upper())):
                found.append(action)
    return str(max((one if one in ACTIONS else "halt" for one in found), key=ACTIONS.index))


class Handler(BaseHTTPRequestHandler):
    timeout = READ_SECONDS
    protocol_version = "HTTP/1.1"
    state: State
    key: bytes

    def do_POST(self) -> None:
        try:
            length = self.headers.get("content-length") or ""
            if not length.isdecimal() or int(length) > MOST_BYTES:
                raise Refused(413, f"content-length was {length!r}, expected at most {MOST_BYTES}")
            body = self.rfile.read(int(length))
            if len(body) < int(length):
                raise Refused(400, "the body was cut off")
            self.state.take(verified(self.key, self.headers, body, time.time()))
        except Refused as refused:
            self._say(refused.status, str(refused))
        else:
            self._say(200, "taken")

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != "/may-open":
            self._say(404, "expected /may-open?token=BTC")
            return
        asked = parse_qs(parts.query)
        answer = self.state.answer(asked.get("token", [""])[0], asked.get("venue", [None])[0])
        self._say(200 if answer.may_open else 409, "yes" if answer.may_open else f"no: {answer.why}")

    def _say(self, status: int, text: str) -> None:
        body = text.encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if status not in (200, 409):
            # What is left of a body that was not read must not be taken for the next request.
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """One line per message would fill the log."""


def server(host: str, port: int, secret: str, state: State | None = None) -> ThreadingHTTPServer:
    """A receiver that listens already; `serve_forever` makes it answer."""
    made = type("Receiver", (Handler,), {"state": state or State(), "key": key_of(secret)})
    return ThreadingHTTPServer((host, port), made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--secret", default=os.environ.get("EWS_WEBHOOK_SECRET", ""), help="or EWS_WEBHOOK_SECRET")
    parser.add_argument("--silence", type=float, default=SILENCE_SECONDS, help="seconds, at least 12")
    given = parser.parse_args()
    with server(given.host, given.port, given.secret, State(given.silence)) as made:
        print(f"listening on http://{given.host}:{made.server_port}/", flush=True)
        made.serve_forever()


if __name__ == "__main__":
    main()
