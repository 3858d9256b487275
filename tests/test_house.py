"""The rules of the house that import-linter does not know: folders, small modules, circles, lazy imports, words."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import is_typeddict

import pytest
from django.apps import apps

import events.facts

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "crypto_ews", "markets", "events", "exchanges", "streams", "defillama", "volatility", "liquidity", "orderbooks",
    "alerts",
)  # fmt: skip
MOST_IN_A_FOLDER, LEAST_LINES, MOST_LINES = 20, 40, 400
# Django looks these up by name, and so do uvicorn and `manage.py`.
DJANGO = {"apps", "admin", "models", "urls", "asgi", "wsgi", "settings", "manage"}
# Words that end like one, and the field's names of two packages.
NO_GERUND = {"string", "ring", "rendering", "recording"}


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of ours by its path from the root."""
    files = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8")) for file in sorted(files)}


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def names() -> dict[str, str]:
    return {dotted(path): path for path in sources()}


def statements(tree: ast.AST, lazy: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports of a module: those that run when it is loaded, or those inside functions. Type checking is neither."""
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        node, inside = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom) and inside == lazy:
            yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        stack += [(child, inside) for child in ast.iter_child_nodes(node)]


def imported(found: Iterable[ast.Import | ast.ImportFrom]) -> set[str]:
    """The modules of ours that the statements load. A name out of a package means its module where there is one."""
    known, result = names(), set()
    for node in found:
        if isinstance(node, ast.Import):
            result |= {alias.name for alias in node.names} & known.keys()
        elif node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                result |= {inner if inner in known else node.module} & known.keys()
    return result


@cache
def graph() -> dict[str, set[str]]:
    return {dotted(path): imported(statements(tree, lazy=False)) - {dotted(path)} for path, tree in sources().items()}


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that reach each other (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group: list[str] = []
            while not group or group[-1] != node:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for node in edges:
        if node not in index:
            visit(node)
    return found


def test_no_folder_has_more_than_twenty_modules() -> None:
    tracked = [Path(path) for path in sources()]
    tracked += [
        file.relative_to(ROOT) for top in ("tests", "benchmarks", "demo") for file in (ROOT / top).rglob("*.py")
    ]
    counted = Counter(str(path.parent) for path in tracked if path.name != "__init__.py")
    assert {folder: count for folder, count in counted.items() if count > MOST_IN_A_FOLDER} == {}


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circles(graph()) == []
    # The check can fail.
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_a_small_module_has_more_than_one_reader() -> None:
    readers: dict[str, set[str]] = defaultdict(set)
    for path, tree in sources().items():
        for module in imported([*statements(tree, lazy=False), *statements(tree, lazy=True)]):
            readers[module].add(path)
    small = [
        f"{path}: {lines} lines, {len(readers[dotted(path)])} importer"
        for path in sources()
        if (lines := len((ROOT / path).read_text(encoding="utf-8").splitlines())) < LEAST_LINES
        and len(readers[dotted(path)]) < 2
        and Path(path).stem not in DJANGO | {"__init__"}
        and not {"management", "templatetags", "models", "admin"} & set(Path(path).parts)
    ]
    assert small == []


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    lines = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_no_module_is_named_by_a_gerund() -> None:
    parts = {part for path in sources() for part in Path(path).with_suffix("").parts}
    assert {part for part in parts if part.endswith("ing") and part not in NO_GERUND} == set()


def test_nothing_is_imported_late_but_by_apps_and_commands() -> None:
    late = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        if Path(path).name != "apps.py" and "management" not in Path(path).parts
        for node in statements(tree, lazy=True)
        if imported([node])
    ]
    assert late == []


def test_a_module_that_calls_itself_pure_is_held_to_it() -> None:
    """By the contract "pure" of import-linter; and none of them asks for the time."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (pure,) = (contract["source_modules"] for contract in contracts if contract["name"] == "pure")
    for path, tree in sources().items():
        name = dotted(path)
        named = any(name == module or name.startswith(f"{module}.") for module in pure)
        if re.search(r"\bpure\b", ast.get_docstring(tree) or "", re.IGNORECASE):
            assert named, f"{path} calls itself pure, and is not in the contract"
        if named:
            text = (ROOT / path).read_text(encoding="utf-8")
            assert not re.search(r"\b(?:datetime\.now|time\.time|timezone\.now|time\.monotonic)\(", text), path


# ------------------------------------------------------------------------------------------------------------- words


def split(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def defined(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def unused_words() -> dict[str, str]:
    """Words that docs/glossary.md takes out of use, with the terms that stand for them."""
    words: dict[str, str] = {}
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and not cells[0].startswith(("term", "---")):
            words |= {word.strip(): cells[0] for word in cells[2].split(",") if word.strip()}
    return words


@cache
def contracts() -> frozenset[str]:
    """Names that are columns, stored facts, or known outside: they keep the words that they were released with."""
    columns = {name for model in apps.get_models() for field in model._meta.get_fields() for name in (field.name,)}
    tables = {model.__name__ for model in apps.get_models()}
    facts = {key for kind in vars(events.facts).values() if is_typeddict(kind) for key in kind.__annotations__}
    return frozenset(columns | tables | facts | KEPT_NAMES)


# Payload keys and variables that are read by others, as identifiers of ours must be spelled like them.
KEPT_NAMES = {"in_hand", "further_channels", "news_lookback_days", "okx_news_dict_url", "binance_news_dict_url"}


@pytest.mark.parametrize("app", APPS)
def test_words_out_of_use_are_in_no_identifier(app: str) -> None:
    unused = unused_words()
    assert len(unused) > 60
    found = sorted(
        {
            (path, name, word, unused[word])
            for path, tree in sources().items()
            if path.startswith(f"{app}/")
            for _, name in defined(tree)
            if name not in contracts()
            for word in split(name) & unused.keys()
        }
    )
    assert found == [], f"{len(found)} identifiers:\n" + "\n".join(f"{p}: {n} ({w}: say {t})" for p, n, w, t in found)


# -------------------------------------------------------------------------------------------------------------- first

_FIRST = """
import importlib, sys
from pathlib import Path
import django
from django.conf import settings
# The admin's tables, without its autodiscover, which imports nearly everything in an order that works.
plain = {"django.contrib.admin": "django.contrib.admin.apps.SimpleAdminConfig"}
settings.INSTALLED_APPS = [plain.get(app, app) for app in settings.INSTALLED_APPS if not app.startswith("unfold")]
django.setup()
count = 0
for app in sys.argv[1:]:
    files = sorted(Path(app).rglob("*.py"))
    names = [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]
    # Models and counters can be made once in a process, and what the admin shows needs the admin.
    kept = tuple(name for name in names if name.rpartition(".")[2] in ("models", "apps", "metrics", "admin"))
    kept += tuple(name for name in names if ".models." in name or ".admin." in name or "settings" in name)
    for name in names:
        if name.startswith(kept) or ".management" in name:
            continue
        for loaded in list(sys.modules):
            if loaded.startswith(app + ".") and not loaded.startswith(kept):
                del sys.modules[loaded]
                parent, _, child = loaded.rpartition(".")
                if parent in sys.modules:
                    vars(sys.modules[parent]).pop(child, None)
        try:
            importlib.import_module(name)
            count += 1
        except ImportError as error:
            print(f"{name}: {error}")
print(count, file=sys.stderr)
"""


@pytest.mark.long
def test_any_module_of_an_app_may_be_imported_first() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "crypto_ews.settings", "EWS_ENV_FILE": ""}
    asked = [sys.executable, "-c", _FIRST, *(app for app in APPS if app != "crypto_ews")]
    done = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-2000:]
    assert int(done.stderr.split()[-1]) > 200
