"""The fenced blocks and tables of docs/bots/*.md, so that tests run what the pages show, character for character.

A block has its name in the line before it: `<!-- block: freqtrade-allow.json -->`. tests/api/bots/test_docs_bots.py
holds that each has a name and that a test asks for it by `block("freqtrade-allow.json")`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from api.botcheck.adapters.base import Words
from api.botcheck.faults import MEANING

PAGES = Path(__file__).parents[2] / "docs" / "bots"
URL, TOKEN, VENUE = "http://127.0.0.1:8000", "ews_YOUR_TOKEN", "BINANCE"
"""The placeholders. A test puts its own in their places, and changes nothing else."""
_MARK = re.compile(r"<!-- block: (\S+) -->")
_FENCE = re.compile(r"( *)(```+(?!.*`)|~~~+)(.*)")
_UNREAD = re.compile(r" *>.*(```|~~~)|.*<pre\b")
_PLACEHOLDER = re.compile(r"\b(?:[a-z]+_)?YOUR_\w+|<(?:your|the|my)[ _-][^<>]*>", re.IGNORECASE)
PLACEHOLDERS = {TOKEN, "YOUR_KEY", "YOUR_SECRET"}
"""YOUR_KEY and YOUR_SECRET are an exchange's: whatever they are, no test has a real one."""


def parse(text: str, page: str) -> tuple[dict[str, str], list[str]]:
    """(blocks by name, what is wrong) of a page. A block that is indented loses its indentation."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    lines = text.splitlines()
    number = 0
    in_list = False
    while number < len(lines):
        line = lines[number]
        fence = _FENCE.match(line)
        number += 1
        if fence is None:
            in_list = bool(re.match(r" *([-*+]|\d+[.)]) ", line)) or (in_list and (not line or line.startswith(" ")))
            is_code = line.startswith(("    ", "\t")) and not in_list and not (lines[number - 2].strip() and number > 1)
            if is_code or _UNREAD.match(line):
                wrong.append(f"{page}: {line.strip()!r} is a block without a fence, which nobody runs")
            continue
        mark = _MARK.fullmatch(lines[number - 2].strip()) if number > 1 else None
        body: list[str] = []
        # What ends it is as long or longer.
        ends = re.compile(rf" *{re.escape(fence[2])}{fence[2][0]}* *")
        while number < len(lines) and not ends.fullmatch(lines[number]):
            body.append(lines[number].removeprefix(fence[1]))
            number += 1
        if number == len(lines):
            wrong.append(f"{page}: the block that begins with {(body or [''])[0]!r} has no end")
        number += 1
        if mark is None:
            wrong.append(f"{page}: the block that begins with {(body or [''])[0]!r} has no name")
            continue
        if mark[1] in found:
            wrong.append(f"{page}: two blocks are named {mark[1]}")
            continue
        found[mark[1]] = "\n".join(body) + "\n"
        others = set(_PLACEHOLDER.findall(found[mark[1]])) - PLACEHOLDERS
        wrong += [
            f"{page}: the block {mark[1]} has the placeholder {one}, which nobody fills" for one in sorted(others)
        ]
    return found, wrong


@cache
def pages() -> tuple[dict[str, str], list[str]]:
    """(blocks by name, what is wrong) of all pages. Names are unique among them."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    for page in sorted(PAGES.glob("*.md")):
        blocks, faults = parse(page.read_text(encoding="utf-8"), page.name)
        wrong += faults + [f"{page.name}: another page has a block {name} too" for name in blocks.keys() & found.keys()]
        found |= blocks
    return found, wrong


def block(name: str, *, url: str = URL, token: str = TOKEN, venue: str = VENUE) -> str:
    """The text of a block with a newline at its end. url, token, venue: what stands in the places of the placeholders.

    Raises LookupError for a name that no page has, ValueError for a value whose placeholder the block lacks.
    """
    found = pages()[0]
    if name not in found:
        raise LookupError(f"no page of docs/bots has a block {name!r}, expected one of {', '.join(sorted(found))}")
    text = found[name]
    for placeholder, value in ((VENUE, venue), (URL, url), (TOKEN, token)):
        if value == placeholder:
            continue
        if not re.search(rf"{re.escape(placeholder)}(?!\w)", text):
            raise ValueError(f"the block {name!r} has no {placeholder}, expected it where {value!r} is to stand")
        text = re.sub(rf"{re.escape(placeholder)}(?!\w)", value.replace("\\", r"\\"), text)
    return text


def table(words: Words) -> str:
    """What a bot does at each fault, as its page has it."""
    lines = ["| fault | at start | while running |", "| --- | --- | --- |"]
    lines += [
        f"| `{fault}`: {MEANING[fault]} | {at_start} | {running} |" for fault, (at_start, running) in words.items()
    ]
    return "\n".join(lines)
