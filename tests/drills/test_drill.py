"""A drill in a process of its own: what it shows, and that the production has nothing of it.

The whole crises and the kills are marked long; here the first half minute of one is played.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import requests

from alerts.models import Alert
from events.database.dedicated import dedicated_connection
from events.models import Event, TokenRisk
from tests.alerts.factories import make_effect, make_event, tell
from tests.drills.digest import digest, drill_databases, heard, production_url
from tests.support.daemon_process import ROOT, clean_environment, eventually
from tests.upstreams import UpstreamServer
from tests.upstreams.teams import TeamsSink

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def production() -> Iterator[None]:
    """A production at work: an open event, its alert, and a row of the view."""
    event = make_event(title="Binance Will Delist LUNA")
    make_effect(event, "LUNA")
    tell(event)
    assert TokenRisk.objects.filter(token="LUNA").exists() and Alert.objects.exists()
    yield
    assert drill_databases() == set()


def drill(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "drill", *arguments],
        cwd=ROOT,
        env=clean_environment({"DATABASE_URL": production_url(), **environment}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def acknowledge(url: str, name: str) -> requests.Response:
    """As a person with a phone: open the link, type a name, confirm."""
    with requests.Session() as browser:
        page = browser.get(url, timeout=10)
        assert page.status_code == 200, page.text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        seen = re.search(r'name="seen" value="(\d+)"', page.text)
        assert token and seen and "DRILL" in unescape(page.text)
        typed = {"csrfmiddlewaretoken": token[1], "seen": seen[1], "name": name, "note": ""}
        return browser.post(url, typed, timeout=10)


def link(sink: TeamsSink, act: str) -> str:
    actions = sink.cards[0].content["actions"]
    return next(str(action["url"]) for action in actions if action["title"] == act)


def test_a_drill_reaches_its_receiver_alone_and_is_acknowledged_from_its_card(
    server: UpstreamServer, production: None, tmp_path: Path
) -> None:
    """Its own database has it; the production's tables, views, sequences and listeners have nothing of it."""
    chosen, other = TeamsSink(server, path="/teams/chosen"), TeamsSink(server, path="/teams/other")
    channels = [{"name": "phone", "kind": "teams", "url": chosen.url}, {"name": "desk", "kind": "teams", "url": other.url}]
    before = digest()
    page = tmp_path / "report.html"
    with heard() as payloads:
        process = drill(
            "delisting", "--speed", "1e9", "--minutes", "0.5", "--receiver", "phone", "--wait", "30",
            "--report", str(page), ALERT_CHANNELS=json.dumps(channels), CEX_WEBHOOK_URL=other.url,
        )  # fmt: skip
        eventually(lambda: chosen.cards, 30, "the drill's card")
        databases = drill_databases()
        marked = rows_of(databases)
        # A link of a drill is not one of the production: this process has the production's key.
        answer = acknowledge(link(chosen, "Acknowledge"), "Ann of the desk")
        out, err = process.communicate(timeout=60)
    assert "Ann of the desk has acknowledged event" in answer.text
    assert digest() == before
    assert payloads == []
    assert other.cards == [] and chosen.faults == []
    assert len(databases) == 1
    assert all(card.content["body"][0]["items"][0]["text"].startswith("DRILL · ") for card in chosen.cards) or all(
        card.text.lstrip().startswith("DRILL · ") for card in chosen.cards
    )
    assert marked and all(row[0] == "DRILL delisting" and row[1].startswith("DRILL · ") and row[2] > 10**12 for row in marked)
    assert re.search(r"to the alert +[\d.]+ s\n", out), out + err
    assert re.search(r"to acknowledge +[\d.]+ s, by Ann of the desk", out)
    # OKX's pair falls a minute later: this beginning proves nothing about it, and says so.
    assert re.search(r"binance ICX/USDT: before, open; blocked after [\d.]+ s", out)
    assert "okx ICX/USDT: before, open; blocked after never" in out and "FAILED" in out
    assert process.returncode == 1
    assert "by Ann of the desk" in page.read_text() and "DRILL · delisting" in page.read_text()


def rows_of(databases: set[str]) -> list[tuple[str, str, int]]:
    """(mark, title, number) of the events of the drill, read while it runs."""
    session = dedicated_connection("tests")
    session.close()
    (name,) = databases
    import psycopg2

    found = psycopg2.connect(production_url().rpartition("/")[0] + f"/{name}")
    try:
        with found.cursor() as cursor:
            cursor.execute("SELECT drill, title, id FROM events_event WHERE category <> 'operations'")
            return [(str(mark), str(title), int(number)) for mark, title, number in cursor.fetchall()]
    finally:
        found.close()


def test_nobody_acknowledges_and_the_report_says_so(production: None) -> None:
    """Told by the report alone; a receiver that there is not is refused before anything is made."""
    out, err = drill("delisting", "--receiver", "nobody").communicate(timeout=30)
    assert (out, err.strip()) == (
        "", "CommandError: there is no receiver 'nobody', expected one of: none; without --receiver the cards are printed here",
    )  # fmt: skip
    assert Event.objects.count() == 1
