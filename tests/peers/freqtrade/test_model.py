"""The model of RemotePairList that `manage.py botcheck` decides by, against the real one on the same answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from api.botcheck.faults import FAULTS, reply_of
from api.botcheck.freqtrade_model import BotStops, Fetched, RemoteList
from tests.peers.freqtrade.bot import PairLists
from tests.support.peers import Peer

MARKETS = ["BTC/USDT", "ETH/USDT", "SOL/USDT", "XYZ/USDT"]
JSON = "application/json"
GOOD = Fetched(JSON, b'{"pairs": ["BTC/USDT", "SOL/USDT"], "refresh_period": 15}')


def of_json(value: Any, content_type: str | None = JSON) -> Fetched:
    return Fetched(content_type, json.dumps(value).encode())


def faults() -> Iterator[tuple[str, Fetched]]:
    for fault in FAULTS:
        reply = reply_of(fault, "/bots/freqtrade/allow")
        if reply is not None:
            yield fault, Fetched(reply.content_type.decode(), reply.body)


ANSWERS: dict[str, Fetched | None] = {
    **dict(faults()),
    "nothing came": None,
    "half of it": Fetched(JSON, GOOD.body[:25]),
    "a problem": of_json({"status": 401}, "application/problem+json"),
    "{}": of_json({}),
    "[]": of_json([]),
    "null": of_json(None),
    "a number": of_json(5),
    "no pairs": of_json({"pairs": []}),
    "null for pairs": of_json({"pairs": None}),
    "text for pairs": of_json({"pairs": "BTC/USDT"}),
    "an object for pairs": of_json({"pairs": {"ETH/USDT": 1}}),
    "a number for pairs": of_json({"pairs": 5}),
    "numbers as pairs": of_json({"pairs": [5]}),
    "null among pairs": of_json({"pairs": ["BTC/USDT", None]}),
    "nothing": of_json({"pairs": ["EWS/NOTHING"]}),
    "everything": of_json({"pairs": [".*"]}),
    "a pattern": of_json({"pairs": ["(btc|eth)/.*", "SOL/USDT", "SOL/.*"]}),
    "a part of a name": of_json({"pairs": ["BTC", "ETH/USD", "^SOL/USDT$"]}),
    "no pattern": of_json({"pairs": ["BTC/USDT", "*/USDT"]}),
    "a pair that is unknown": of_json({"pairs": ["DOGE/USDT", "ETH/USDT"]}),
    "escaped": of_json({"pairs": ["BTC\\/USDT", "XYZ/USDT"]}),
    "a period as text": of_json({"pairs": ["ETH/USDT"], "refresh_period": "15"}),
    "a period that is none": of_json({"pairs": ["ETH/USDT"], "refresh_period": "soon"}),
    "null as the period": of_json({"pairs": ["ETH/USDT"], "refresh_period": None}),
    "a type with a charset": Fetched("application/json; charset=utf-8", GOOD.body),
    "another case of the type": Fetched("Application/JSON", GOOD.body),
    "no type": Fetched(None, GOOD.body),
    "text": Fetched("text/plain", GOOD.body),
    "UTF-16": Fetched(JSON, GOOD.body.decode().encode("utf-16")),
    "with a mark of UTF-8": Fetched(JSON, b"\xef\xbb\xbf" + GOOD.body),
    "bytes that are no text": Fetched(JSON, b'{"pairs": ["BTC/USDT", "\xff\xfe"]}'),
    "NaN": Fetched(JSON, b'{"pairs": ["ETH/USDT"], "at": NaN}'),
}  # fmt: skip


class Played:
    """A server that gives the answer that is set; None: it closes without one."""

    def __init__(self) -> None:
        self.answer: Fetched | None = GOOD
        played = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = played.answer
                if found is None:
                    self.close_connection = True
                    return
                self.send_response_only(200)
                if found.content_type is not None:
                    self.send_header("Content-Type", found.content_type)
                self.send_header("Content-Length", str(len(found.body)))
                self.end_headers()
                self.wfile.write(found.body)

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    played = Played()
    yield played
    played.server.shutdown()
    played.server.server_close()


def real(peer: Peer, played: Played, mode: str, keep: bool, answers: list[Fetched | None]) -> list[list[str] | None]:
    """The whitelist after each answer; None where the bot stops there."""
    config = {
        "pairlists": [
            {"method": "StaticPairList"},
            {"method": "RemotePairList", "mode": mode, "keep_pairlist_on_failure": keep, "refresh_period": 15,
             "read_timeout": 3, "pairlist_url": f"http://127.0.0.1:{played.server.server_port}/"},
        ]
    }  # fmt: skip
    found: list[list[str] | None] = []
    for number, answer in enumerate(answers):
        played.answer = answer
        told = {"do": "refresh", "after": 4000} if number else {"do": "start", "markets": MARKETS, "config": config}
        heard = peer.ask(told)
        found.append(None if heard["error"] else heard["pairs"])
        if heard["error"]:
            break
    return found


def modelled(mode: str, keep: bool, answers: list[Fetched | None]) -> list[list[str] | None]:
    model = RemoteList(mode, keep, MARKETS)
    found: list[list[str] | None] = []
    for answer in answers:
        try:
            model.refresh(answer)
        except BotStops:
            return [*found, None]
        found.append(model.passes(MARKETS))
    return found


@pytest.mark.parametrize("keep", [False, True], ids=["forget", "keep"])
@pytest.mark.parametrize("mode", ["whitelist", "blacklist"])
def test_the_model_does_what_freqtrade_does(lists: PairLists, played: Played, mode: str, keep: bool) -> None:
    for name, answer in ANSWERS.items():
        for answers in ([answer, GOOD], [GOOD, answer, answer, GOOD]):
            assert modelled(mode, keep, answers) == real(lists, played, mode, keep, answers), (name, len(answers))
