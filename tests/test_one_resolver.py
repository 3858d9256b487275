"""Names are resolved in one place (`markets.identity`): no second way to know what a name means exists."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "crypto_ews",
    "markets",
    "events",
    "exchanges",
    "streams",
    "defillama",
    "volatility",
    "liquidity",
    "orderbooks",
    "alerts",
    "api",
)
# The table of names is read and written here alone; its admin edits it as it stands.
TABLE_OF_NAMES = {"markets/models.py", "markets/identity_store.py", "markets/instruments.py", "markets/admin.py"}
# (markets/instruments.py asks for the version of the table, which tells whether to read it again.)
# What configuration says is resolved as of a moment here; nobody else may take the names for assets.
NAMES_OF_PEOPLE = {"spot_currencies", "usdm_currencies", "stablecoins", "currency_names"}
WHERE_THEY_ARE_RESOLVED = {
    "crypto_ews/conf/watch.py", "markets/watch.py", "markets/watch_store.py", "liquidity/updaters.py",
    "markets/admin.py",
}  # fmt: skip


NAMES = [str(file.relative_to(ROOT)) for app in APPS for file in sorted((ROOT / app).rglob("*.py"))]


@cache
def sources() -> dict[str, ast.Module]:
    """Read by the process that runs these tests, not by all that collect them."""
    return {name: ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in NAMES}


def test_the_table_of_names_is_read_in_one_place() -> None:
    found = {
        name
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "markets.models"
        and any(alias.name == "AssetName" for alias in node.names)
    }
    assert found <= TABLE_OF_NAMES
    readers = {
        name
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and isinstance(node.value, ast.Name)
        and node.value.id == "AssetName"
    }
    assert readers == {"markets/identity_store.py"}


def test_names_that_people_configured_are_used_by_nobody_unresolved() -> None:
    users = {
        (name, node.attr)
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in NAMES_OF_PEOPLE
    }
    assert {name for name, _ in users} <= WHERE_THEY_ARE_RESOLVED, users


def test_every_round_takes_the_watch_lists_as_of_its_own_moment() -> None:
    """Only sending, and what bots read, which happen now, may leave the moment out."""
    without = {
        name
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "effective_watch_lists"
        and len(node.args) + len(node.keywords) < 2
    }
    assert without <= {"alerts/delivery/context.py", "markets/watch_store.py"}


def test_live_tickers_exist_once_and_a_watch_list_judges_no_symbol() -> None:
    defined = [
        (name, node.name)
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_") in ("live_tickers", "tickers_of")
    ]
    assert sorted(defined) == [
        ("markets/identity_store.py", "live_tickers"),
        ("markets/identity_store.py", "tickers_of"),
    ]
    methods = {node.name for node in ast.walk(sources()["markets/watch.py"]) if isinstance(node, ast.FunctionDef)}
    assert not methods & {"ticker", "with_assets"}
    by_token = [
        name
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "Instrument.objects.filter"
        and {keyword.arg for keyword in node.keywords} & {"token", "token__in"}
        and "live" in {keyword.arg for keyword in node.keywords}
    ]
    assert by_token == [], "the tokens of rows are those of when they were stored"


@pytest.mark.parametrize("name", [name for name in NAMES if "admin" in name and not name.startswith("crypto_ews")])
def test_no_form_makes_a_token_of_what_was_typed_by_writing_it_in_capitals(name: str) -> None:
    for node in ast.walk(sources()[name]):
        if isinstance(node, ast.FunctionDef) and node.name.startswith(("clean_token", "clean_c")):
            called = {getattr(call.func, "attr", "") for call in ast.walk(node) if isinstance(call, ast.Call)}
            assert "upper" not in called, f"{name}: {node.name}"


def test_priority_is_judged_by_one_rule() -> None:
    """Notices, lists and tags ask one module; a halt of a whole exchange acts on watched coins only."""
    defined = {
        name
        for name, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "priority" in node.name and name.startswith("exchanges/")
    }
    assert defined == {"exchanges/announcements/priority.py"}
    drafts = [
        (name, ast.unparse(keyword.value))
        for name, tree in sources().items()
        if name.startswith("exchanges/") and name not in ("exchanges/halts/detect.py", "exchanges/halts/maintenance.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "EventDraft"
        for keyword in node.keywords
        if keyword.arg == "priority"
    ]
    assert len(drafts) >= 3 and all(value.startswith("effects_priority(") for _, value in drafts), drafts
