"""The crises from beginning to end, and drills that are killed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crypto_ews.conf import Config, parse_config
from drills import schedule
from drills.crises import CRISIS_BY_NAME
from tests.alerts.factories import make_effect, make_event, tell
from tests.drills.digest import digest, drill_databases, heard, production_url
from tests.support.daemon_process import ROOT, clean_environment, eventually
from tests.upstreams import UpstreamServer

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

LIMITS = {"delisting": 60, "usdc": 100, "luna": 200}
"""Seconds to the first card: two polls of its source, and what a busy machine takes."""


@pytest.fixture
def before() -> dict[str, str]:
    """The digest of a production at work."""
    event = make_event(title="Binance Will Delist LUNA")
    make_effect(event, "LUNA")
    tell(event)
    return digest()


@pytest.fixture
def no_memory() -> Iterator[None]:
    """As a daemon that has just begun."""
    schedule._cleaned.clear()
    yield
    schedule._cleaned.clear()


def start(*arguments: str, output: Path, **environment: str) -> subprocess.Popen[bytes]:
    with output.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "manage.py", "drill", *arguments],
            cwd=ROOT,
            env=clean_environment({"DATABASE_URL": production_url(), **environment}),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


@pytest.mark.parametrize("name", CRISIS_BY_NAME)
def test_a_crisis_is_played_to_its_end_and_passes(name: str, before: dict[str, str], tmp_path: Path) -> None:
    output = tmp_path / "out"
    with heard() as payloads:
        process = start(name, "--speed", "1e9", output=output)
        try:
            code = process.wait(400)
        finally:
            process.kill()
            process.wait()
    text = output.read_text()
    assert code == 0 and f"DRILL · {name} · " in text and "PASSED" in text, text[-3000:]
    assert digest() == before and payloads == [] and drill_databases() == set()
    # Nobody was asked, and it says so.
    assert re.search(r"to acknowledge +nobody acknowledged", text)
    cards = [line for line in text.splitlines() if re.match(r"┃ \[\w+\] ", line)]
    assert len(cards) >= 5 and all("] DRILL · " in line for line in cards)
    assert not re.search(r"DRILL · DRILL|Sources that failed|not accepted:", text)
    # Their sources are always there, so no card tells of one that is silent or stuck.
    assert not re.search(r"^┃ \[\w+\] DRILL · (BLIND|.*not seen)", text, re.MULTILINE)
    first = re.search(r"to the alert +([\d.]+) s", text)
    assert first and 0 < float(first[1]) <= LIMITS[name]


def test_a_drill_that_is_killed_leaves_nothing_that_the_daemon_does_not_drop(
    before: dict[str, str], no_memory: None, tmp_path: Path
) -> None:
    output, data = tmp_path / "out", tmp_path / "data"
    config = parse_config({"EWS_DATA_DIR": str(data)})
    now = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    process = start("luna", "--speed", "20", output=output)
    try:
        eventually(lambda: "] DRILL · " in output.read_text(), 60, "a card in the middle of the crisis")
        # A daemon that starts now spares it.
        schedule.run(config, now)
        assert len(drill_databases()) == 1 and process.poll() is None
    finally:
        process.kill()
        process.wait()
    schedule._cleaned.clear()
    # The server notices within moments that the process is gone.
    eventually(lambda: cleaned(config, now), 20, "it is gone")
    assert digest() == before
    assert not data.exists()


def cleaned(config: Config, now: datetime) -> bool:
    """A look of the daemon ten minutes later; whether all is gone."""
    schedule._cleaned.clear()
    schedule.run(config, now)
    return not drill_databases()


def test_the_daemon_starts_the_drill_of_its_time_once(
    no_memory: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own, whose words and report lie in the data folder."""
    environment = {
        "EWS_DATA_DIR": str(tmp_path),
        "DRILL_AT": "tue 07:30",
        "DRILL_CRISIS": "usdc",
        "DRILL_RECEIVER": "desk",
    }
    for name, value in (environment | {"DATABASE_URL": production_url()}).items():
        monkeypatch.setenv(name, value)
    config = parse_config(environment)
    now = datetime(2026, 12, 1, 7, 30, 20, tzinfo=UTC)
    assert schedule.run(config, now.replace(minute=29)) is False
    assert schedule.run(config, now) is True
    assert schedule.run(config, now) is False
    (child,) = schedule._children
    assert child.wait(30) == 2
    log = tmp_path / "drills" / "2026-12-01T0730-usdc.log"
    assert "there is no receiver 'desk'" in log.read_text()


def test_the_incidents_of_a_service_that_pages_end_with_the_drill(
    server: UpstreamServer, before: dict[str, str], tmp_path: Path
) -> None:
    """Its keys are none of the production's, so that no real incident becomes one of the drill."""
    server.route("/v2/enqueue", 202)
    pager = {"name": "pager", "kind": "pagerduty", "url": server.url(f"/v2/enqueue?routing_key={'0a' * 16}")}
    environment = {"ALERT_CHANNELS": json.dumps([pager])}
    output = tmp_path / "out"
    process = start(
        "delisting", "--speed", "1e9", "--minutes", "1", "--receiver", "pager", output=output, **environment
    )
    try:
        assert process.wait(60) == 1, output.read_text()
    finally:
        process.kill()
        process.wait()
    sent = [json.loads(request.body) for request in server.requests_to("/v2/enqueue")]
    opened = {step["dedup_key"] for step in sent if step["event_action"] == "trigger"}
    resolved = {step["dedup_key"] for step in sent if step["event_action"] == "resolve"}
    assert opened and opened <= resolved
    assert all(int(key.removeprefix("ews-event-")) > 10**12 for key in opened)
    assert all(step["payload"]["summary"].startswith("DRILL · ") for step in sent if step["event_action"] == "trigger")
    assert digest() == before
