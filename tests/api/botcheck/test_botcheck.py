"""`manage.py botcheck` against the running server: what it prints, what it leaves, and when it fails."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from alerts.models import AuditEntry
from api.botcheck.adapters.registry import ADAPTERS
from api.botcheck.faults import FAULTS
from api.botcheck.outcomes import Checked, Opens, Row, conclusion
from api.models import ApiToken
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.doc_blocks import block


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bots that wait less long for an answer that never comes."""
    monkeypatch.setattr("api.botcheck.simulated.READ_TIMEOUT", 0.3)
    monkeypatch.setattr("api.botcheck.simulated._CLIENT_TIMEOUT", 0.3)
    monkeypatch.setattr("api.botcheck.simulated._PUSH_SECONDS", 0.3)


def botcheck(*arguments: str) -> str:
    out = StringIO()
    call_command("botcheck", *arguments, stdout=out)
    return out.getvalue()


def as_json(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(botcheck(*arguments, "--json"))
    return found


def test_allow_opens_nothing_that_is_denied(api_url: str, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    text = botcheck("freqtrade-allow", f"--url={api_url}")
    first, _, name, head, line, none, *rows, _, last = text.rstrip().splitlines()
    assert first == f"{api_url}, BINANCE: 3 pairs; denied now: ETH/BTC; allowed now: BTC/USDT"
    assert name == "freqtrade-allow (freqtrade: RemotePairList, the pairs that may be opened)"
    assert re.split(r" +\| ", head) == ["fault", "at start", "while running", "opens the denied pair?"]
    assert set(line) == {"-", "+"} and none.endswith("| 1 pairs are on the list; BTC/USDT may be opened")
    assert [row.split()[0] for row in rows[:12]] == list(FAULTS)
    assert {row.rpartition("|")[2].strip() for row in rows[:12]} == {"no"}
    assert last == "no adapter opens what it promises not to open"

    # An adapter that reads something else is not taken for one that is right.
    broken = replace(ADAPTERS["freqtrade-allow"], name="freqtrade-allow", asks=("/api/v1/risk?venue={venue}",))
    monkeypatch.setitem(ADAPTERS, "freqtrade-allow", broken)
    with pytest.raises(CommandError, match="could not be asked: /api/v1/risk"):
        botcheck("freqtrade-allow", f"--url={api_url}")

    made = ApiToken.objects.filter(name__startswith="botcheck ")
    assert made.count() == 4 and all(token.revoked_at for token in made)
    assert AuditEntry.objects.filter(what__contains="botcheck", by="manage.py botcheck").count() == 8


def test_the_page_shows_what_the_command_prints(api_url: str, impatient: None) -> None:
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    _, script, command, *arguments = block("botcheck.sh").split()
    assert (script, command) == ("manage.py", "botcheck")
    shown = botcheck(*arguments, f"--url={api_url}")
    assert shown.strip() == block("botcheck.txt", url=api_url).strip()


@pytest.mark.long
def test_a_bot_that_asks_the_client_opens_nothing_that_is_denied(api_url: str, impatient: None) -> None:
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    adapter = as_json("ccxt", f"--url={api_url}")["adapters"][0]
    assert (adapter["now"], adapter["broken"]) == ("ETH/BTC may not be opened; BTC/USDT may be opened", [])
    assert [row["opens"]["known"] for row in adapter["faults"]] == [False] * 12
    notes = {row["fault"]: row["opens"]["note"] for row in adapter["faults"]}
    assert (notes["401"], notes["stale_leader"], notes["dead"]) == ("credentials", "unknown", "timeout")


def test_what_cannot_be_asked_ends_with_two(api_url: str, impatient: None) -> None:
    quiet_market()
    for arguments, words in (
        (["freqtrade"], "NAME was 'freqtrade', expected one of freqtrade-allow, "),
        (["lists", "--venue=NYSE"], "--venue was 'NYSE', expected a market whose instruments are known"),
        (["freqtrade-allow", "--url=http://127.0.0.1:1"], "http://127.0.0.1:1 could not be asked: "),
        (["freqtrade-allow", "--url=nothing"], "target_url was 'nothing', expected http://HOST:PORT"),
    ):
        with pytest.raises(CommandError, match=re.escape(words)) as failed:
            botcheck(*arguments)
        assert failed.value.returncode == 2, arguments
    assert all(ApiToken.objects.values_list("revoked_at", flat=True))
    # Bots to whom we speak are described, and not asked.
    adapter = as_json("webhook", f"--url={api_url}")["adapters"][0]
    assert {row["opens_denied"] for row in adapter["faults"]} == {None}


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
