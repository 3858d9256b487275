"""Strings that a pattern is slow on if it is slow at all, made from the pattern itself."""

from __future__ import annotations

import ast
import functools
import gc
import importlib
import pkgutil
import random
import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import exchanges.announcements as package

# The stubs of the standard library have neither.
tokens: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

SEED = 16
# A gap of fewer characters costs a constant.
UNBOUNDED = 1_000
COMMON = (" ", "a", "A", "1", "A, ", "aA1 ")
_CATEGORIES = {
    tokens.CATEGORY_DIGIT: "1", tokens.CATEGORY_NOT_DIGIT: "a", tokens.CATEGORY_SPACE: " ",
    tokens.CATEGORY_NOT_SPACE: "a", tokens.CATEGORY_WORD: "a", tokens.CATEGORY_NOT_WORD: "-",
}  # fmt: skip
_SEARCHES = {"search", "finditer", "findall", "sub", "subn", "split", "scanner"}
_CONTAINERS = (dict, list, tuple, set, frozenset, MappingProxyType, functools._lru_cache_wrapper)


def modules() -> list[ModuleType]:
    names = [found.name for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return [importlib.import_module(name) for name in names]


def patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern of the parser by "module:name": in tables, caches and objects too, and those written inline."""
    found: dict[str, re.Pattern[str]] = {}
    known: set[tuple[str, int]] = set()

    def add(name: str, pattern: re.Pattern[Any]) -> None:
        if isinstance(pattern.pattern, str) and (pattern.pattern, pattern.flags) not in known:
            known.add((pattern.pattern, pattern.flags))
            found[name if name not in found else f"{name} {len(found)}"] = pattern

    for module in modules():
        short = module.__name__.removeprefix(package.__name__ + ".")
        for name, value in vars(module).items():
            for pattern in _inside(value):
                add(f"{short}:{name}", pattern)
        for function, text, flags in _inline(Path(str(module.__file__))):
            add(f"{short}:{function} {text[:40]}", re.compile(text, flags))
    return found


def _inside(value: Any) -> Iterator[re.Pattern[Any]]:
    """Patterns that a value holds: of its own, or of what it consists of."""
    stack, seen = [value], set()
    while stack:
        one = stack.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, re.Pattern):
            yield one
        elif isinstance(one, _CONTAINERS) or type(one).__module__.startswith((package.__name__, "markets.")):
            stack += [part for part in gc.get_referents(one) if not isinstance(part, type | ModuleType)]
        elif isinstance(one, type) and one.__module__.startswith(package.__name__):
            stack += list(vars(one).values())


def _inline(path: Path) -> Iterator[tuple[str, str, int]]:
    """Texts of patterns in calls such as re.search(r"…", text, re.I)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                named = ast.unparse(node)
                yield ast.unparse(node.func), first.value, re.I if re.search(r"\bre\.(?:I|IGNORECASE)\b", named) else 0


def only_anchored() -> set[str]:
    """ "module:name" of the patterns that are never searched for: each of their uses begins at a given place."""
    found = set()
    for module in modules():
        short = module.__name__.removeprefix(package.__name__ + ".")
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                uses = set(re.findall(rf"\b{re.escape(name)}\.(\w+)", text))
                if uses and not uses & _SEARCHES and len(re.findall(rf"\b{re.escape(name)}\b(?!\.)", text)) == 1:
                    found.add(f"{short}:{name}")
    return found


def attacks(pattern: re.Pattern[str], rounds: int = 1) -> list[tuple[str, str, str]]:
    """(beginning, piece, end): the piece is to be repeated."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.TEMPLATE if hasattr(re, "TEMPLATE") else pattern.flags)
    made = [("", piece, "\x00") for piece in COMMON]
    chance = random.Random(SEED)
    for _ in range(rounds):
        made.append(("", _sample(tree, chance) or " ", "\x00"))
        for before, body in _repeats(tree, chance, ""):
            made += [("", body or " ", "\x00"), (before, body or " ", "\x00"), ("", (before + body) or " ", "\x00")]
    return list(dict.fromkeys(made))


def _repeats(tree: Any, chance: random.Random, before: str) -> Iterator[tuple[str, str]]:
    """(what stands before, what is repeated) for every repetition without a small bound."""
    for kind, value in tree:
        if kind in (tokens.MAX_REPEAT, tokens.MIN_REPEAT, tokens.POSSESSIVE_REPEAT):
            if value[1] >= UNBOUNDED:
                yield before, _sample(value[2], chance)
            yield from _repeats(value[2], chance, before)
        elif kind is tokens.SUBPATTERN:
            yield from _repeats(value[3], chance, before)
        elif kind is tokens.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, chance, before)
        elif kind in (tokens.ASSERT, tokens.ASSERT_NOT):
            yield from _repeats(value[1], chance, before)
        before += _sample([(kind, value)], chance)


def _sample(tree: Any, chance: random.Random) -> str:
    """A text that the pattern matches, more or less."""
    text = ""
    for kind, value in tree:
        if kind is tokens.LITERAL:
            text += chr(value)
        elif kind is tokens.NOT_LITERAL:
            text += "a" if value != ord("a") else "b"
        elif kind is tokens.ANY:
            text += "a"
        elif kind is tokens.IN:
            text += _of_class(value, chance)
        elif kind is tokens.BRANCH:
            text += _sample(chance.choice(value[1]), chance)
        elif kind is tokens.SUBPATTERN:
            text += _sample(value[3], chance)
        elif kind in (tokens.MAX_REPEAT, tokens.MIN_REPEAT, tokens.POSSESSIVE_REPEAT):
            text += "".join(_sample(value[2], chance) for _ in range(min(max(value[0], 1), 20)))
        elif kind is tokens.ATOMIC_GROUP:
            text += _sample(value, chance)
    return text


def _of_class(items: Any, chance: random.Random) -> str:
    if items[0][0] is tokens.NEGATE:
        taken = re.compile("[" + "".join(_escaped(item) for item in items[1:]) + "]")
        return next((one for one in "aA1 -/\u4e00" if not taken.match(one)), "\x01")
    kind, value = chance.choice(items)
    if kind is tokens.RANGE:
        return chr(value[0])
    return chr(value) if kind is tokens.LITERAL else _CATEGORIES.get(value, "a")


def _escaped(item: tuple[Any, Any]) -> str:
    kind, value = item
    if kind is tokens.LITERAL:
        return re.escape(chr(value))
    if kind is tokens.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return {"1": r"\d", " ": r"\s", "a": r"\w", "-": r"\W"}[_CATEGORIES.get(value, "a")]
