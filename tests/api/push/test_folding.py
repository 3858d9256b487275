"""Whatever happens, who folds what a stream says holds exactly the view; no event is missed."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction

from api.push.subscription import Subscription
from events import clock
from events.lifecycle import close_event
from events.models import Event
from tests.api.push.clients import SseReader
from tests.api.push.conftest import Served
from tests.api.support import manual_event

TOKENS = [f"COIN{number}" for number in range(6)]
FILTERS = ("", "&assets=COIN0,COIN1,COIN2", "&venues=okx")
SECONDS = 6.0


class _Undone(Exception):
    """A transaction that is rolled back."""


def _write(seed: int, ends: float) -> None:
    """Opens and closes events, in transactions that are short or long, some of which are rolled back."""
    chance = random.Random(seed)
    mine: list[int] = []
    try:
        while time.monotonic() < ends:
            try:
                with transaction.atomic():
                    for _ in range(chance.randint(1, 3)):
                        if mine and chance.random() < 0.5:
                            close_event(mine.pop(), clock.database_now(), by="test", reason="over")
                        else:
                            venues = chance.choice([(), (), ("OKX",), ("BINANCE",)])
                            event = manual_event(
                                chance.choice(TOKENS), venues=venues, title=f"{seed} {time.monotonic()}"
                            )
                            mine.append(event.pk)
                    time.sleep(chance.choice([0, 0, 0, 0.05, 0.3]))
                    if chance.random() < 0.15:
                        raise _Undone
            except _Undone:
                known = set(Event.objects.filter(pk__in=mine, status="open").values_list("pk", flat=True))
                mine = [one for one in mine if one in known]
            time.sleep(chance.choice([0, 0.02, 0.2]))
    finally:
        connections.close_all()


class _Folding:
    """A reader that comes and goes, between two processes."""

    def __init__(self, seed: int, urls: list[str], token: str, asked: str) -> None:
        self._chance, self._urls, self._token, self._asked = random.Random(seed), urls, token, asked
        self.rows: dict[str, Any] = {}
        self.numbers: set[int] = set()
        self.resyncs: list[str] = []
        self.last_id = ""

    def read(self, over: threading.Event) -> None:
        while not over.is_set():
            sent = {"Last-Event-ID": self.last_id} if self.last_id else {}
            path = f"/api/v1/stream?kinds=risk,event{self._asked}"
            try:
                with SseReader(self._chance.choice(self._urls), path, self._token, sent) as stream:
                    for _ in range(self._chance.randint(1, 12)):
                        if over.is_set():
                            break
                        self.take(stream.next(0.5))
            except TimeoutError:
                continue

    def settle(self) -> None:
        """Come back once more, and take what comes until nothing does."""
        sent = {"Last-Event-ID": self.last_id}
        with SseReader(self._urls[0], f"/api/v1/stream?kinds=risk,event{self._asked}", self._token, sent) as stream:
            ends = time.monotonic() + 1.5
            try:
                while time.monotonic() < ends:
                    self.take(stream.next(1.0))
            except TimeoutError:
                pass

    def take(self, body: dict[str, Any]) -> None:
        if body["kind"] == "resync":
            self.resyncs.append(body["why"])
        if body["kind"] == "snapshot":
            self.rows.clear()
        if body["kind"] == "event":
            self.numbers.add(body["n"])
        self.rows |= {row["token"]: row for row in body.get("tokens", []) + body.get("changed", [])}
        for token in body.get("removed", []):
            self.rows.pop(token, None)
        self.last_id = body["id"]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_a_folded_stream_is_the_view_however_its_reader_comes_and_goes(
    served: Served, api_url: str, token_of: Callable[..., str], seed: int
) -> None:
    token, over = token_of(), threading.Event()
    with connection.cursor() as cursor:
        # The ledger outlives a test.
        cursor.execute("SELECT COALESCE(max(n), 0) FROM ledger")
        (begins,) = cursor.fetchone()
    readers = [_Folding(seed * 10 + n, [served.url, api_url], token, FILTERS[n % 3]) for n in range(6)]
    for reader in readers:
        with SseReader(served.url, f"/api/v1/stream?kinds=risk,event{reader._asked}", token) as stream:
            reader.take(stream.until("snapshot"))
    with ThreadPoolExecutor(16) as pool:
        reading = [pool.submit(reader.read, over) for reader in readers]
        ends = time.monotonic() + SECONDS
        writing = [pool.submit(_write, seed * 100 + n, ends) for n in range(4)]
        for one in writing:
            one.result()
        over.set()
        for one in reading:
            one.result()
        for one in [pool.submit(reader.settle) for reader in readers]:
            one.result()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(view)::text FROM token_risk_view AS view")
        view = {json.loads(text)["token"]: text for (text,) in cursor.fetchall()}
        cursor.execute("SELECT n FROM ledger WHERE kind LIKE 'event.%%' AND n > %s", [begins])
        numbers = {n for (n,) in cursor.fetchall()}
    asked = {
        "": Subscription(),
        FILTERS[1]: Subscription(assets=frozenset({"COIN0", "COIN1", "COIN2"})),
        FILTERS[2]: Subscription(venues=frozenset({"OKX"}), exchanges=frozenset({"OKX"})),
    }
    for reader in readers:
        expected = {name: json.loads(text) for name, text in view.items() if asked[reader._asked].takes(text.encode())}
        assert reader.rows == expected, (reader._asked, reader.resyncs)
        if not reader._asked:
            assert not reader.resyncs
            assert {n for n in reader.numbers if n > begins} == numbers
