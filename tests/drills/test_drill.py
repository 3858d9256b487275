"""A drill in a process of its own: what it shows, and that the production has nothing of it.

The whole crises and the kills are marked long; here the first half minute of one is played.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import requests
from django.test import Client

from alerts.models import Alert
from events.models import TokenRisk
from tests.alerts.factories import make_effect, make_event, tell
from tests.drills.digest import digest, drill_databases, heard, production_url
from tests.support.daemon_process import ROOT, clean_environment, eventually
from tests.upstreams import UpstreamServer
from tests.upstreams.teams import Card, TeamsSink

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


@contextmanager
def drill(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "drill", *arguments],
        cwd=ROOT,
        env=clean_environment({"DATABASE_URL": production_url(), **environment}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


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


def link(card: Card, title: str) -> str:
    return next(str(action["url"]) for action in card.content["actions"] if action["title"].startswith(title))


@pytest.mark.long
def test_a_drill_reaches_its_receiver_alone_and_is_acknowledged_from_its_card(
    server: UpstreamServer, production: None, tmp_path: Path
) -> None:
    """Its own database has it; the production's tables, views, sequences and listeners have nothing of it."""
    chosen, other = TeamsSink(server, path="/teams/chosen"), TeamsSink(server, path="/teams/other")
    channels = [
        {"name": "phone", "kind": "teams", "url": chosen.url},
        {"name": "desk", "kind": "teams", "url": other.url},
    ]
    before = digest()
    page = tmp_path / "report.html"
    arguments = ("--speed", "1e9", "--minutes", "0.5", "--receiver", "phone", "--wait", "30", "--report", str(page))
    environment = {"ALERT_CHANNELS": json.dumps(channels), "CEX_WEBHOOK_URL": other.url}
    with heard() as payloads, drill("delisting", *arguments, **environment) as process:
        eventually(lambda: chosen.cards, 30, "the drill's card")
        databases = drill_databases()
        marked = rows_of(databases)
        card = chosen.cards[0]
        answer = acknowledge(link(card, "Acknowledge"), "Ann of the desk")
        event_page = requests.get(link(card, "Event #"), timeout=10)
        out, err = process.communicate(timeout=60)
        code = process.returncode
    assert "Ann of the desk has acknowledged event" in answer.text
    # A link of a drill does nothing on the pages of the production.
    assert Client().get(urlsplit(link(card, "Silence")).path).status_code == 404
    assert event_page.status_code == 200 and "DRILL · " in event_page.text
    assert digest() == before
    assert payloads == []
    assert other.cards == [] and chosen.faults == []
    assert all(card.text.startswith("DRILL · ") for card in chosen.cards)
    assert marked and all(
        mark == "DRILL delisting" and title.startswith("DRILL · ") and number > 10**12 for mark, title, number in marked
    )
    assert re.search(r"to the alert +[\d.]+ s\n", out), out + err
    assert re.search(r"to acknowledge +[\d.]+ s, by Ann of the desk", out)
    assert re.search(r"binance ICX/USDT: before, open; blocked after [\d.]+ s", out)
    # OKX's pair is hit later: this beginning proves nothing about it, and says so.
    assert "okx ICX/USDT: before, open; blocked after never" in out
    assert "FAILED" in out and code == 1
    assert "DRILL · delisting is over" in chosen.cards[-1].text and "by Ann of the desk" in chosen.cards[-1].text
    report = page.read_text()
    assert "by Ann of the desk" in report and "DRILL · delisting" in report


def rows_of(databases: set[str]) -> list[tuple[str, str, int]]:
    """(mark, title, number) of the events of the one drill that runs."""
    (name,) = databases
    session = psycopg2.connect(urlunsplit(urlsplit(production_url())._replace(path=f"/{name}")))
    try:
        with session.cursor() as cursor:
            cursor.execute("SELECT drill, title, id FROM events_event WHERE category <> 'operations'")
            return [(str(mark), str(title), int(number)) for mark, title, number in cursor.fetchall()]
    finally:
        session.close()
