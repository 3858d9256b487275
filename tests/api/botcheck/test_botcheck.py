"""`manage.py botcheck` against the running server: what it prints, what it leaves, and when it fails."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection

from alerts.models import AuditEntry
from api.botcheck.adapters import lists
from api.botcheck.adapters.registry import ADAPTERS
from api.botcheck.faults import FAULTS
from api.botcheck.outcomes import Checked, Opens, Row, conclusion
from api.botcheck.proxy import FaultProxy
from api.management.commands.botcheck import words_of
from api.models import ApiToken
from events.models import Event
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.doc_blocks import PAGES, block, table
from tests.upstreams import Reply, Request, UpstreamServer

ALLOW = "/bots/freqtrade/allow"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bots that wait less long for an answer that never comes."""
    monkeypatch.setattr("api.botcheck.simulated.READ_TIMEOUT", 0.2)
    monkeypatch.setattr("api.botcheck.simulated._CLIENT_TIMEOUT", 0.3)
    monkeypatch.setattr("api.botcheck.simulated._PUSH_SECONDS", 0.2)


@pytest.fixture
def upstream(db: None) -> Iterator[UpstreamServer]:
    """What stands where our pages should be; the database says that ETH/BTC is denied."""
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    with UpstreamServer() as server:
        yield server


def botcheck(*arguments: str) -> str:
    out = StringIO()
    call_command("botcheck", *arguments, stdout=out)
    return out.getvalue()


def failed(*arguments: str) -> tuple[int, str]:
    """The exit code, and what is said."""
    with pytest.raises(CommandError) as error:
        botcheck(*arguments)
    return error.value.returncode, str(error.value)


def as_json(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(botcheck(*arguments, "--json"))
    return found


def test_the_page_shows_what_the_command_prints(api_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    _, script, command, *arguments = block("botcheck.sh").split()
    assert (script, command) == ("manage.py", "botcheck")
    shown = botcheck(*arguments, f"--url={api_url}")
    assert shown.strip() == block("botcheck.txt", url=api_url).strip()

    # An adapter that reads something else is not taken for one that is right.
    broken = replace(ADAPTERS["freqtrade-allow"], asks=("/api/v1/risk?venue={venue}",))
    monkeypatch.setitem(ADAPTERS, "freqtrade-allow", broken)
    code, text = failed("freqtrade-allow", f"--url={api_url}")
    assert code == 2 and "could not be asked: /api/v1/risk" in text

    # Nobody is denied: nothing can be tried, and nothing is said to be right.
    Event.objects.all().delete()
    monkeypatch.setattr("api.botcheck.examination.pairs_of", lambda venue: (None, "BTC/USDT", 1))
    out = StringIO()
    with pytest.raises(CommandError, match="nothing was tried, so that nothing is proven: lists") as error:
        call_command("botcheck", "lists", f"--url={api_url}", stdout=out)
    assert error.value.returncode == 2
    assert "denied now: no pair, so that nothing can be tried" in out.getvalue()
    assert {line.rpartition("| ")[2] for line in out.getvalue().splitlines()[6:]} == {"not asked"}

    made = ApiToken.objects.filter(name__startswith="botcheck ")
    assert made.count() == 6 and all(token.revoked_at for token in made)
    assert AuditEntry.objects.filter(what__contains="botcheck", by="manage.py botcheck").count() == 12


def doctored(fault: str | None) -> Callable[[Request], Reply]:
    """A door of ours that serves the denied pair: always, or while one fault is played."""

    def answer(request: Request) -> Reply:
        # What is rewritten is asked for as it is.
        is_played = fault is None or "accept-encoding" not in request.headers
        pairs = ["BTC/USDT", "ETH/BTC"] if is_played else ["BTC/USDT"]
        return Reply({"pairs": pairs, "refresh_period": 15, "status": "fresh"})

    return answer


@pytest.mark.parametrize(
    ("fault", "broken"), [("clock_skew", "clock_skew"), (None, "no fault, slow_drip, clock_skew"), ("lines", "")]
)
def test_a_door_that_serves_a_denied_pair_ends_with_one(
    upstream: UpstreamServer, fault: str | None, broken: str
) -> None:
    if fault == "lines":
        upstream.route("/bots/allow.txt", Reply("ETH/BTC\n#end 1 BINANCE fresh 2026-11-30T12:00:00Z\n"))
        code, text = failed("lists", f"--url={upstream.url('')}", "--json")
        assert text == "BROKEN: a denied pair becomes tradable: lists under no fault, clock_skew"
    else:
        upstream.route(ALLOW, doctored(fault))
        code, text = failed("freqtrade-allow", f"--url={upstream.url('')}")
        assert text == f"BROKEN: a denied pair becomes tradable: freqtrade-allow under {broken}"
    assert code == 1
    assert all(ApiToken.objects.values_list("revoked_at", flat=True))


def test_a_pair_that_was_allowed_meanwhile_breaks_no_promise(
    upstream: UpstreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.route(ALLOW, doctored(None))
    said = iter([("ETH/BTC", "BTC/USDT", 3), ("XYZ/USDT", "BTC/USDT", 3)])
    monkeypatch.setattr("api.botcheck.examination.pairs_of", lambda venue: next(said))
    code, text = failed("freqtrade-allow", f"--url={upstream.url('')}")
    assert code == 2 and "ETH/BTC was denied at the beginning, and is not what is denied now" in text


@pytest.mark.long
def test_the_script_of_the_page_and_every_verdict_are_what_the_words_say(
    api_url: str, token_of: Callable[..., str]
) -> None:
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    found = {one["name"]: one for one in as_json(f"--url={api_url}")["adapters"]}
    for name, adapter in ADAPTERS.items():
        opens = {row["fault"]: row["opens"] for row in found[name]["faults"]}
        for fault, (at_start, running) in words_of(adapter).items():
            if opens[fault]["was_asked"]:
                assert bool(opens[fault]["at_start"]) == ("at risk" in at_start), (name, fault)
                assert bool(opens[fault]["known"]) == ("opens pairs that are at risk" in running), (name, fault)
                assert bool(opens[fault]["meanwhile"]) == ("at risk" in running), (name, fault)
    client = found["ccxt"]
    assert (client["now"], client["broken"]) == ("ETH/BTC may not be opened; BTC/USDT may be opened", [])
    notes = {row["fault"]: row["opens"]["note"] for row in client["faults"]}
    assert (notes["401"], notes["stale_leader"], notes["dead"]) == ("credentials", "unknown", "timeout")

    assert table(lists.WORDS) in (PAGES / "lists.md").read_text(encoding="utf-8")
    script = block("lists-safe.sh").replace("--max-time 3", "--max-time 0.5")
    with FaultProxy(api_url) as proxy:
        variables = {**os.environ, "EWS": proxy.url, "PAIRS_TOKEN": token_of("pairs")}
        for played in (None, *FAULTS):
            all_is_fresh()
            proxy.fault = played
            ran = subprocess.run(["sh", "-c", script], env=variables, capture_output=True, text=True, timeout=20)
            word = lists.WORDS[played or "clock_skew"][0]
            if word == lists.AS_EVER:
                assert (ran.returncode, ran.stdout) == (0, "BTC/USDT\n"), played
            else:
                assert (ran.returncode == 0, ran.stdout) == (word == lists.NO_NAME, ""), played


def test_what_cannot_be_asked_ends_with_two(upstream: UpstreamServer, monkeypatch: pytest.MonkeyPatch) -> None:
    url = upstream.url("")
    for arguments, words in (
        (["freqtrade"], "NAME was 'freqtrade', expected one of freqtrade-allow, "),
        (["lists", "--venue=NYSE"], "--venue was 'NYSE', expected one of BINANCE, BINANCE_USDM, OKX"),
        (["freqtrade-allow", "--url=http://127.0.0.1:1"], "http://127.0.0.1:1 could not be asked: "),
        (["freqtrade-allow", "--url=nothing"], "target_url was 'nothing', expected http://HOST:PORT"),
        (["lists", "--url=https://ews.example"], "target_url was 'https://ews.example', expected http://HOST:PORT"),
        (["lists", f"--url={url}/ews"], "/ews', expected http://HOST:PORT"),
        # Another program is there.
        (["freqtrade-allow", f"--url={url}"], f"{url} could not be asked: {ALLOW}?venue=BINANCE was answered with "),
        (["freqtrade-push", f"--url={url}"], f"{url} could not be asked: the WebSocket for freqtrade: server rejected"),
        (["lists", f"--url={url}"], f"{url} could not be asked: /bots/allow.txt?venue=BINANCE was not answered with"),
        (["ccxt", f"--url={url}"], f"{url} could not be asked: can_trade was not answered: "),
    ):
        code, text = failed(*arguments)
        assert (code, words in text) == (2, True), (arguments, text)
    assert all(ApiToken.objects.values_list("revoked_at", flat=True))
    # Bots to whom we speak are described, and not asked.
    adapter = as_json("webhook", f"--url={url}")["adapters"][0]
    assert {row["opens_denied"] for row in adapter["faults"]} == {None}
    assert botcheck("webhook").endswith("nothing is promised here: the words say what can happen\n")
    # What needs httpx is not said to be right without it.
    monkeypatch.setattr("api.botcheck.simulated.client_class", lambda: None)
    assert failed("ccxt") == (2, "nothing was tried, so that nothing is proven: ccxt")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE markets_instrument SET live = false")
    code, text = failed("lists")
    assert (code, text.partition("; ")[2]) == (2, "none is yet, the daemon has read no list")

    def gone(venue: str) -> None:
        raise DatabaseError("no route")

    monkeypatch.setattr("api.botcheck.examination.pairs_of", gone)
    assert failed("lists") == (2, "the database could not be asked: no route")


def test_every_adapter_has_words_for_every_fault() -> None:
    assert {name: tuple(words_of(adapter)) for name, adapter in ADAPTERS.items()} == dict.fromkeys(ADAPTERS, FAULTS)


def test_a_promise_that_is_broken_is_named() -> None:
    rows = (
        Row("401", "stops", "keeps its list", Opens(None, False, True)),
        Row("500_json", "blocks nothing", "blocks nothing", Opens(True, True, True)),
        Row("empty", "stops", "opens nothing", Opens(None, False, False)),
    )
    found = Checked("freqtrade-block", "freqtrade", True, "2 pairs are on the list", rows)
    assert found.broken == ["401", "500_json"]
    last = "BROKEN: a denied pair becomes tradable: freqtrade-block under 401, 500_json"
    assert conclusion([found]) == last
    assert replace(found, promise=False).broken == []
    assert [row.opens.text for row in rows] == ["YES, if denied meanwhile", "YES, at start and while running", "no"]
    assert found.as_text().splitlines()[3] == "none     | 2 pairs are on the list"
    right, untried = (
        replace(found, name=name, rows=(Row("401", "", "", opens),))
        for name, opens in (("right", Opens(False)), ("untried", Opens(was_asked=False)))
    )
    assert conclusion([right, untried]) == "no adapter opens what it promises not to open; not asked: untried"
