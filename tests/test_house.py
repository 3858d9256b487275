"""The rules of the house that import-linter does not know: folders, small modules, circles, lazy imports, words."""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, is_typeddict

import pytest
from django.apps import apps

import events.facts
from crypto_ews.settings import _OUR_APPS

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "crypto_ews", "markets", "events", "exchanges", "streams", "defillama", "volatility", "liquidity", "orderbooks",
    "trades", "alerts", "drills", "api", "board",
)  # fmt: skip
NO_APPS = {"tests", "demo", "benchmarks", "migrations"}
MOST_IN_A_FOLDER, LEAST_LINES, MOST_LINES = 20, 40, 400
# Django looks these up by name, and so do uvicorn and `manage.py`.
DJANGO = {"apps", "admin", "models", "urls", "asgi", "wsgi", "settings", "manage", "formats"}
# Words that end like one, and the field's names of two packages and of the first line of a card.
NO_GERUND = {"string", "ring", "rendering", "recording", "heading"}


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
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            stack += [(child, inside) for child in node.orelse]
            continue
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        stack += [(child, inside) for child in ast.iter_child_nodes(node)]


def imported(found: Iterable[ast.Import | ast.ImportFrom], known: Container[str]) -> set[str]:
    """The modules of ours that the statements load. A name out of a package means its module where there is one."""
    result: set[str] = set()
    for node in found:
        if isinstance(node, ast.Import):
            result |= {alias.name for alias in node.names}
        else:
            assert node.module and not node.level, f"{ast.unparse(node)}: ruff's TID252 refuses relative imports"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            result |= {name if name in known else node.module for name in inner}
    return {name for name in result if name in known}


def loaded_by_name(tree: ast.AST) -> Iterator[int]:
    """Lines that import a module of ours without a statement: `importlib.import_module("alerts.…")` and its like."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and re.search(
            r"(?:^|\.)(?:import_module|__import__|import_string|resolve_name|find_spec)$", ast.unparse(node.func)
        ):
            first = node.args[0] if node.args else None
            # A name that is not written out may be any of ours.
            if not isinstance(first, ast.Constant) or str(first.value).partition(".")[0] in APPS:
                yield node.lineno


def packages(name: str) -> list[str]:
    """The packages whose `__init__` runs before a module does, the outermost first."""
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def with_packages(edges: dict[str, set[str]]) -> dict[str, set[str]]:
    """The modules that are really loaded: besides those that are named, the packages that they lie in."""
    return {
        name: {*others, *(package for other in others for package in packages(other) if package in edges)}
        - {name, *(set(packages(name)) - others)}
        for name, others in edges.items()
    }


@cache
def graph() -> dict[str, set[str]]:
    known = names()
    return with_packages(
        {
            dotted(path): imported(statements(tree, lazy=False), known) - {dotted(path)}
            for path, tree in sources().items()
        }
    )


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


def import_contracts() -> dict[str, Any]:
    """What `make lint` holds, and its root packages, by name."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return {contract["name"]: contract for contract in tool["contracts"]} | {"roots": tool["root_packages"]}


def test_every_app_and_every_module_of_exchanges_is_under_contract() -> None:
    """A folder that no contract knows could import anything."""
    contracts = import_contracts()
    folders = {file.parent.name for file in ROOT.glob("*/__init__.py")} | {"crypto_ews"}
    assert set(APPS) == {"crypto_ews", *_OUR_APPS} == set(contracts["roots"]) == folders - NO_APPS
    layered = {name for layer in contracts["apps point one way"]["layers"] for name in layer.split(" | ")}
    assert {name.partition(".")[0] for name in layered} == set(APPS)
    inside = {name.split(".")[1] for name in names() if name.startswith("exchanges.")}
    forbidden = {name.split(".")[1] for name in contracts["later sources see quotes only"]["forbidden_modules"]}
    assert forbidden == inside - {"quotes", "management"}


def test_of_crypto_ews_only_the_composition_root_imports_apps() -> None:
    root = {name for name, others in graph().items() if name.startswith("crypto_ews.") and ".management." not in name
            for other in others if not other.startswith("crypto_ews")}  # fmt: skip
    assert root <= {"crypto_ews.asgi", "crypto_ews.urls", "crypto_ews.ui.theme"}


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
    # p/__init__ imports p.x, which imports q: whoever loads p.y from q comes back to q.
    assert circles(with_packages({"p": {"p.x"}, "p.x": {"q"}, "p.y": set(), "q": {"p.y"}})) == [["p", "p.x", "q"]]
    assert circles(with_packages({"p": {"p.x"}, "p.x": {"p.y"}, "p.y": set(), "q": {"p.y"}})) == []


def test_the_readers_of_imports_and_names_miss_none() -> None:
    source = """
if TYPE_CHECKING:
    import a
else:
    import b
if not TYPE_CHECKING:
    import c
try:
    import d as told
except ImportError as untold:
    from e import f, g
def late(*, hand):
    import h
    import_module("alerts.outbox")
    importlib.import_module(name)
    importlib.import_module("json")
    match value:
        case [fate, *hears] | {"a": lapse, **news}: ...
"""
    tree = ast.parse(source)
    known = {"a", "b", "c", "d", "e", "e.f", "h"}
    assert imported(statements(tree, lazy=False), known) == {"b", "c", "d", "e", "e.f"}
    assert imported(statements(tree, lazy=True), known) == {"h"}
    assert [source.splitlines()[line - 1].strip() for line in loaded_by_name(tree)] == [
        'import_module("alerts.outbox")',
        "importlib.import_module(name)",
    ]
    found = {name for _, name in defined(tree)}
    assert found == {"told", "untold", "late", "hand", "fate", "hears", "lapse", "news"}
    assert split("readNotice_GIVE_BACK") == {"read", "notice", "give", "back", "readnotice", "noticegive", "giveback"}


def test_a_small_module_has_more_than_one_reader() -> None:
    readers: dict[str, set[str]] = defaultdict(set)
    for path, tree in sources().items():
        for module in imported([*statements(tree, lazy=False), *statements(tree, lazy=True)], names()):
            readers[module].add(path)
    small = [
        f"{path}: {lines} lines, {len(readers[dotted(path)])} importer"
        for path in sources()
        if (lines := len((ROOT / path).read_text(encoding="utf-8").splitlines())) < LEAST_LINES
        and len(readers[dotted(path)]) < 2
        and Path(path).stem not in DJANGO | {"__init__"}
        and not {"management", "templatetags", "models", "admin", "adapters"} & set(Path(path).parts)
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
        if imported([node], names())
    ]
    assert late == []
    by_name = {
        f"{path}:{line}"
        for path, tree in sources().items()
        if Path(path).name != "apps.py" and "management" not in Path(path).parts
        for line in loaded_by_name(tree)
    }
    assert by_name == set()


def test_a_module_that_calls_itself_pure_is_held_to_it() -> None:
    """By the contract "pure" of import-linter; and none of them asks for the time."""
    pure = import_contracts()["pure"]["source_modules"]
    for path, tree in sources().items():
        name = dotted(path)
        named = any(name == module or name.startswith(f"{module}.") for module in pure)
        if re.search(r"\bpure\b", ast.get_docstring(tree) or "", re.IGNORECASE):
            assert named, f"{path} calls itself pure, and is not in the contract"
        if named:
            text = (ROOT / path).read_text(encoding="utf-8")
            assert not re.search(
                r"\b(?:(?:datetime|timezone|clock)\.now|utcnow|today|time\.\w+|monotonic\w*|perf_counter\w*)\(", text
            ), path


# ------------------------------------------------------------------------------------------------------------- words


def split(name: str) -> set[str]:
    """The words of an identifier, and each two that follow each other as one: `give_back` is `giveback` too."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    return {*words, *(first + second for first, second in itertools.pairwise(words))}


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
        elif isinstance(node, ast.alias) and node.asname:
            yield node.lineno, node.asname
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.lineno, node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.lineno, node.rest


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
            for name in [*(name for _, name in defined(tree)), *Path(path).with_suffix("").parts]
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
    once = ("models", "apps", "admin")
    kept = tuple(
        name for name in names if (last := name.rpartition(".")[2]) in once or last.endswith("metrics")
    )
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
