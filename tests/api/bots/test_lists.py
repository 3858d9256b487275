"""The lists that bots fetch: what may be opened, in their spelling, and never a list where nobody knows."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.core.management import call_command

from api.bots.lists import allow
from api.bots.tradable import tradable_of
from api.problems import Problem
from api.runtime import Runtime
from api.tokens.callers import Callers
from api.tokens.secret import digest_of, new_token
from crypto_ews.logs import masked
from events import clock
from events.models import Heartbeat
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.daemon_process import eventually
from tests.support.doc_blocks import block

DOORS = ("freqtrade/allow", "freqtrade/block", "pairs.csv", "allow.txt", "block.txt")

Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(api_url: str, token_of: Callable[..., str]) -> Iterator[Ask]:
    """Fetches a list as a bot does, with its token in the URL."""
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    token = token_of("pairs")
    with httpx.Client(base_url=f"{api_url}/bots/", trust_env=False) as client:

        def fetch(path: str, venue: str = "BINANCE", **more: Any) -> httpx.Response:
            return client.get(path, params={"venue": venue, "key": token, **more})

        yield fetch


def what_may_be_opened_and_what_may_not_in_every_form(ask: Ask) -> None:
    answer = ask("freqtrade/allow")
    assert answer.headers["content-type"] == "application/json" and "x-age-ms" in answer.headers
    body = answer.json()
    assert (body["pairs"], body["refresh_period"], body["status"]) == (["BTC/USDT"], 15, "fresh")
    blocked = ask("freqtrade/block").json()["pairs"]
    assert {"ETH/BTC", "XYZ/USDT"} <= set(blocked)
    fits = [re.compile(entry, re.IGNORECASE).fullmatch for entry in blocked]
    for pair, expected in (("BTC/USDT", False), ("ETH/USDT", True), ("1000ETH/USDT", True), ("SOL/ETH", True)):
        assert any(fit(pair) for fit in fits) is expected, pair
    table = list(csv.DictReader(io.StringIO(ask("pairs.csv", spelling="nautilus").text)))
    assert [(row["pair"], row["may_open"], row["may_close"], row["action"]) for row in table] == [
        ("BTCUSDT.BINANCE", "true", "true", "none"),
        ("ETHBTC.BINANCE", "false", "true", "exit"),
        ("XYZUSDT.BINANCE", "false", "true", "none"),
        ("#end", "false", "false", ""),
    ]
    assert table[-1]["symbol"] == "3" and table[-1]["status"] == "fresh" and table[-1]["as_of"].endswith("Z")
    *pairs, last = ask("allow.txt").text.splitlines()
    assert pairs == ["BTC/USDT"] and re.fullmatch(r"#end 1 BINANCE fresh \S+Z", last)
    *pairs, last = ask("block.txt", spelling="native").text.splitlines()
    assert pairs == ["ETHBTC", "XYZUSDT"] and last.startswith("#end 2 BINANCE fresh ")


def no_token_of_a_url_stands_in_a_log_or_an_answer(
    api_url: str, known: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    tokens = [*known, new_token(), new_token()[:-4]]
    with httpx.Client(base_url=f"{api_url}/bots/", trust_env=False) as client:
        told = [
            client.get(f"{path}?venue={venue}&key={token}").text
            for token in tokens
            for path in ("freqtrade/allow", "allow.txt", "nowhere")
            for venue in ("BINANCE", token)
        ]
    ours = [masked(record.getMessage()) for record in caplog.records if not record.name.startswith("http")]
    assert told and not [text for text in (*told, *ours) for token in tokens if token[4:] in text]


def a_venue_is_named_as_programs_name_it(ask: Ask) -> None:
    for venue in ("BINANCE_USDM", "binanceusdm", "Binance Futures", "binance_usdm"):
        assert ask("freqtrade/allow", venue).json()["pairs"] == ["BTC/USDT:USDT"], venue
    assert ask("freqtrade/allow", "OKX").json()["pairs"] == ["BTC/USDT"]
    # Margin trades the spot list, and has verdicts of its own.
    assert ask("freqtrade/allow", "binance_margin").json()["venue"] == "BINANCE_MARGIN"
    assert ask("allow.txt", "BINANCE_MARGIN").text.startswith("BTC/USDT\n#end 1 BINANCE_MARGIN fresh")
    # Nobody reads a list of options: not one pair, and no empty list.
    assert ask("freqtrade/allow", "BINANCE_OPTIONS").json()["pairs"] == ["EWS/NOTHING"]
    assert ask("freqtrade/block", "BINANCE_OPTIONS").json()["pairs"] == [".*"]


def while_the_daemon_is_silent_nothing_is_allowed_and_everything_blocked(ask: Ask) -> None:
    assert ask("freqtrade/allow").json()["status"] == "fresh"
    Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(seconds=13))
    eventually(lambda: ask("freqtrade/allow").json()["status"] == "unknown", 5, "the silence")
    answer = ask("freqtrade/allow")
    assert (answer.status_code, answer.json()["pairs"]) == (200, ["EWS/NOTHING"])
    answer = ask("freqtrade/block")
    assert (answer.status_code, answer.json()["pairs"]) == (200, [".*"])
    table = list(csv.DictReader(io.StringIO(ask("pairs.csv").text)))
    assert {(row["may_open"], row["status"]) for row in table} == {("false", "unknown")} and len(table) == 4
    assert ask("allow.txt").text.startswith("#end 0 BINANCE unknown ")
    assert ask("block.txt").text.splitlines()[:2] == ["*", "BTC/USDT"]


def every_refusal_is_text(api_url: str, reads: str, other: str) -> None:
    accept = "application/json"
    reader = {"Authorization": f"Bearer {reads}", "Accept": accept}

    client = httpx.Client(trust_env=False)

    def refused(path: str, status: int, method: str = "GET", headers: dict[str, str] = reader, **more: Any) -> str:
        answer = client.request(method, f"{api_url}/bots/{path}", headers=headers, **more)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/plain; charset=utf-8"), path
        assert int(answer.headers["content-length"]) == len(answer.content) > 0
        return answer.text

    for door in DOORS:
        assert "one market, such as BINANCE" in refused(door, 422)
        assert "binance is each of BINANCE, BINANCE_COINM" in refused(f"{door}?venue=binance", 422)
        refused(f"{door}?venue=GATE", 422)
        refused(f"{door}?venue=OKX&venue=OKX", 422)
        refused(f"{door}?venue=OKX&stake=USDT", 422)
        refused(f"{door}?venue=OKX", 405, "POST")
        refused(f"{door}?venue=OKX", 401, headers={"Accept": accept})
        refused(f"{door}?venue=OKX&key=ews_{'A1' * 21}x", 401, headers={"Accept": accept})
    refused("pairs.csv?venue=OKX&spelling=ftx", 422)
    refused("allow.txt?venue=OKX", 413, "POST", content=b"x" * 1_000_001)
    refused("freqtrade", 404)
    refused("freqtrade/allow/", 404)
    assert "lacks the scope" in refused("allow.txt?venue=OKX", 403, headers={"Authorization": f"Bearer {other}"})
    # Whoever guesses tokens is told to wait, as text as well.
    for _ in range(40):
        url = f"{api_url}/bots/freqtrade/allow?venue=OKX&key={new_token()}"
        answer = client.get(url, headers={"Accept": accept})
        if answer.status_code != 401:
            break
    assert (answer.status_code, answer.headers["content-type"]) == (429, "text/plain; charset=utf-8")
    client.close()


def the_commands_of_the_page_give_lists(api_url: str) -> None:
    said = io.StringIO()
    python, *command = block("lists-token.sh").split()
    assert (python, command[0]) == (".venv/bin/python", "manage.py")
    call_command(*command[1:], stdout=said)
    (token,) = re.findall(r"^ews_\S+$", said.getvalue(), re.MULTILINE)
    variables = {**os.environ, "EWS": api_url, "PAIRS_TOKEN": token}
    allow, table = (
        subprocess.run(["bash", "-c", text], env=variables, capture_output=True, text=True, timeout=20).stdout
        for text in (block("lists-allow.sh"), block("lists-csv.sh"))
    )
    assert json.loads(allow)["pairs"] == ["BTC/USDT"]
    head, row, last = table.splitlines()
    assert head.startswith("pair,symbol,may_open,")
    assert row.startswith("BTCUSDT-PERP.BINANCE,BTCUSDT,true,true,none,fresh,")
    assert last.startswith("#end,1,false,false,,fresh,")


def test_the_lists_as_bots_fetch_them(
    api_url: str, ask: Ask, token_of: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """Together: what takes longest is to empty the database after each test."""
    pairs, reads = token_of("pairs", name="more"), token_of(name="reads")
    what_may_be_opened_and_what_may_not_in_every_form(ask)
    a_venue_is_named_as_programs_name_it(ask)
    the_commands_of_the_page_give_lists(api_url)
    no_token_of_a_url_stands_in_a_log_or_an_answer(api_url, [pairs, reads], caplog)
    while_the_daemon_is_silent_nothing_is_allowed_and_everything_blocked(ask)
    every_refusal_is_text(api_url, reads, token_of("act", name="acts"))


def test_a_token_that_was_just_made_is_known_to_the_first_fetch() -> None:
    """freqtrade does not start when its first list is refused."""
    token = new_token()
    row = {"id": 1, "name": "new", "sha256": digest_of(token), "scopes": ["pairs"], "expires_at": None}
    callers = Callers(100.0)
    callers.directory.loaded = True

    async def fetch(_statement: str, _digest: str) -> Any:
        return row

    caller = asyncio.run(callers.of_url(token, {"client": ("127.0.0.1", 1)}, datetime.now(UTC), 0.0, True, fetch))
    assert caller.name == "new" and caller.pairs_alone


def test_before_the_venues_are_known_no_stranger_fills_the_memory_with_some(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime, sent = Runtime(), list[Any]()

    async def send(message: Any) -> None:
        sent.append(message)

    async def nothing_more() -> Any:
        return {}

    def fetched() -> None:
        asyncio.run(allow(runtime, {"query_string": b"venue=ANYTHING", "headers": []}, nothing_more, send))

    fetched()
    assert sent[0]["status"] == 200 and b'"EWS/NOTHING"' in sent[1]["body"]
    assert not tradable_of(runtime)._venues
    # Nothing can be written at once: as where this process is stopped while it writes.
    monkeypatch.setattr("api.bots.lists._AGED_SECONDS", 0.0)
    with pytest.raises(Problem, match="had aged"):
        fetched()
    assert len(sent) == 2
