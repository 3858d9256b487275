"""What must be registered is, and nobody asks the machine for its clock. Imports are judged by `make lint`."""

from __future__ import annotations

from pathlib import Path

from django.core.checks import run_checks

from events import registry
from events.apps import alert_policy_is_registered

ROOT = Path(__file__).resolve().parent.parent


def test_a_missing_alert_policy_is_a_failed_system_check() -> None:
    before = registry.alert_policy()
    assert before is not None and alert_policy_is_registered() == []
    registry._policy.clear()
    try:
        assert [error.id for error in run_checks() if error.id == "events.E001"] == ["events.E001"]
    finally:
        registry.register_alert_policy(before)


def test_no_registry_host_is_named_anywhere() -> None:
    hosts = ("pypi" + ".org", "files.python" + "hosted", "registry." + "npmjs", "deb." + "debian.org")
    for file in ROOT.rglob("*"):
        ours = not {".git", ".venv", ".peers", ".data"} & set(file.relative_to(ROOT).parts)
        if ours and file.is_file() and file.suffix in {".py", ".md", ".toml", ".txt", ".yml", ".sh", ""}:
            text = file.read_text(errors="ignore")
            assert not any(host in text for host in hosts), file


def test_nobody_asks_the_machines_clock_but_the_guard() -> None:
    """A clock that was set must not decide what is due, silenced or fresh: `events.clock.now` does."""
    # `markets` stands below the clock and is told the time; the command compares the clocks.
    may = {"events/clock.py", "events/management/commands/confirmclock.py"}
    found = [
        str(path.relative_to(ROOT))
        for app in ("events", "exchanges", "streams", "alerts", "defillama", "volatility", "liquidity", "orderbooks")
        for path in sorted((ROOT / app).rglob("*.py"))
        if "timezone.now(" in path.read_text() and str(path.relative_to(ROOT)) not in may
    ]
    assert found == []
