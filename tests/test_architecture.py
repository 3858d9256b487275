"""Imports point one way, and what must be registered is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.core.checks import run_checks

from events import registry
from events.apps import alert_policy_is_registered

ROOT = Path(__file__).resolve().parent.parent
LATER = ("defillama", "volatility", "liquidity", "orderbooks")
# What each app may import of the others. `exchanges.quotes` is all that the later sources may see of exchanges.
ALLOWED = {
    "crypto_ews": {"events", "exchanges", "alerts", "markets"},
    "markets": {"crypto_ews"},
    "events": {"crypto_ews", "markets"},
    "exchanges": {"crypto_ews", "markets", "events"},
    "alerts": {"crypto_ews", "markets", "events"},
    "streams": {"crypto_ews", "markets", "events"},
    **{
        app: {"crypto_ews", "markets", "events", "exchanges", "streams"}
        for app in ("defillama", "volatility", "liquidity", "orderbooks")
    },
}
# The composition root wires the apps together: urls, the admin's face. Everything else of it imports none of them.
ROOT_MODULES = {"urls.py", "theme.py", "admin.py", "admin_site.py"}


def imported_apps(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names & set(ALLOWED)


@pytest.mark.parametrize("app", sorted(ALLOWED))
def test_imports_point_one_way(app: str) -> None:
    wrong = []
    files = [file for file in (ROOT / app).rglob("*.py") if "__pycache__" not in file.parts]
    assert files
    for file in files:
        allowed = ALLOWED[app] | {app}
        if app == "crypto_ews" and file.name not in ROOT_MODULES and "management" not in file.parts:
            allowed = {app}
        wrong += [f"{file.relative_to(ROOT)} imports {name}" for name in imported_apps(file) - allowed]
    assert wrong == []


@pytest.mark.parametrize("app", LATER)
def test_later_sources_see_nothing_of_exchanges_but_its_quotes(app: str) -> None:
    for file in (ROOT / app).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("exchanges"):
                assert node.module == "exchanges.quotes", f"{file.relative_to(ROOT)} imports {node.module}"


def test_no_source_touches_django_or_the_network_in_its_pure_modules() -> None:
    pure = [
        "types",
        "text/blocks",
        "text/dates",
        "classification/classify",
        "classification/rules",
        "reader",
        "extraction/body",
    ]
    for name in pure:
        file = ROOT / "exchanges" / "announcements" / f"{name}.py"
        text = file.read_text()
        for forbidden in ("django", "requests", "datetime.now", "time.time"):
            assert forbidden not in text, f"{file.name} mentions {forbidden}"


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
        ours = not {".git", ".venv", ".data"} & set(file.relative_to(ROOT).parts)
        if ours and file.is_file() and file.suffix in {".py", ".md", ".toml", ".txt", ".yml", ".sh", ""}:
            text = file.read_text(errors="ignore")
            assert not any(host in text for host in hosts), file


def test_nobody_asks_the_machines_clock_but_the_guard() -> None:
    """A clock that was set must not decide what is due, silenced or fresh: `events.clock.now` does."""
    # `markets` stands below the clock and is told the time; the command compares the clocks.
    may = {"events/clock.py", "events/management/commands/confirmclock.py"}
    found = [
        str(path.relative_to(ROOT))
        for app in ALLOWED.keys() - {"crypto_ews", "markets"}
        for path in sorted((ROOT / app).rglob("*.py"))
        if "timezone.now(" in path.read_text() and str(path.relative_to(ROOT)) not in may
    ]
    assert found == []
