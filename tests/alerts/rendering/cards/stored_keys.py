"""The keys of facts that the updaters, corrections and manual blocks store, read from their source.

`events.facts` declares most of them; what a detector adds beside these, for people, is found here as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
APPS = ("events", "exchanges", "defillama", "volatility", "liquidity", "orderbooks", "trades")
# Values of `facts=` that hold no key of their own: another event's facts, or a variable that is read where it is made.
_PASSED_ON = ("facts", ".facts", "_with_follow_up(", "{}")


@cache
def modules() -> dict[str, ast.Module]:
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(files)}


def stored_keys(tree: ast.AST) -> Iterator[str]:
    """The keys that a module stores in facts; of one that is made when it runs its beginning and a star."""
    for node in ast.walk(tree):
        passed = isinstance(node, ast.keyword) and node.arg == "facts"
        if passed or (isinstance(node, ast.Assign | ast.AnnAssign) and _is_facts(node)):
            yield from _keys(node.value)  # type: ignore[attr-defined]
        elif isinstance(node, ast.FunctionDef) and _is_kind(node.returns):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return):
                    yield from _keys(inner.value)
        elif isinstance(node, ast.Call) and _is_kind(node.func):
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)


def unread(tree: ast.AST) -> Iterator[str]:
    """Values of `facts=` that this reader does not understand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "facts":
            text = ast.unparse(node.value)
            understood = isinstance(node.value, ast.Dict | ast.IfExp) or _is_kind(getattr(node.value, "func", None))
            if not understood and not text.endswith(_PASSED_ON) and not text.startswith(_PASSED_ON):
                yield text


def _is_kind(node: ast.AST | None) -> bool:
    """Whether an expression is a kind of facts: `HackFacts`, and `InstrumentFact` is none."""
    return node is not None and ast.unparse(node).rpartition(".")[2].endswith("Facts")


def _is_facts(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if isinstance(node, ast.AnnAssign) and _is_kind(node.annotation):
        return True
    return any(ast.unparse(target) in ("facts", "counts") or _subscript(target) is not None for target in targets)


def _subscript(target: ast.AST) -> str | None:
    """The key of `facts["key"] = …`."""
    if isinstance(target, ast.Subscript) and ast.unparse(target.value) == "facts":
        return _key(target.slice)
    return None


def _keys(value: ast.AST | None) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from _keys(value.body)
        yield from _keys(value.orelse)
    elif isinstance(value, ast.Dict):
        yield from (_key(key) for key in value.keys if key is not None)


def _key(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        first = node.values[0]
        return f"{first.value}*" if isinstance(first, ast.Constant) and isinstance(first.value, str) else "*"
    assert isinstance(node, ast.Constant), f"a key of facts that is no text: {ast.unparse(node)}"
    return str(node.value)


def subscripts(tree: ast.AST) -> Iterator[str]:
    """The keys of `facts["key"] = …`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from (key for target in node.targets if (key := _subscript(target)) is not None)
