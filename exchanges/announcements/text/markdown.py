"""Plain text and Markdown as blocks: headings, items, rows of tables, and lines without their marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exchanges.announcements.text.tables import Cell, rows_of
from exchanges.announcements.text.writer import Block, row_block

# The marks that may close a heading are stripped, not matched: a lazy text before them is quadratic in their number.
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?P<text>.*)$")
_ITEM = re.compile(r"\s*(?:[-*+–—·]\s+|[•◦▪●‣・○■□◆◇▶►※]\s*|\d{1,2}[.)]\s+(?=\S))(?P<text>.*)$")
_RULE = re.compile(r"\s*(?:[-*_=]\s*){3,}$")
# Blanks are taken whole: two runs of them with nothing sure between could else share them in every way.
_BORDER = re.compile(r"\s*+\|?\s*+:?-{2,}+:?\s*+(?:\|\s*+:?-{2,}+:?\s*+)*+\|?\s*$")
_LINK = re.compile(r"!?\[(?P<text>[^\[\]]{0,300})\]\((?:[^()\s]{1,1000})(?:\s+\"[^\"]{0,200}\")?\)")
_MARKS = re.compile(
    r"(?<!\*)\*{2,3}(?=[^\s*])|(?<=[^\s*])\*{2,3}(?!\*)|(?<![\w_])__(?=[^\s_])|(?<=[^\s_])__(?![\w_])|`{1,3}|~~"
)
_ITALIC = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]{1,200})(?<=\S)\*(?![\w*])")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|/~>])")


def lines_of(text: str) -> Iterator[Block]:
    """The blocks of a text, one a line; a line that goes on in the next one, in lower case, is one with it."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        table = _table_at(lines, at)
        if table:
            rows, at = table
            for row in rows_of(rows):
                yield row_block(row.cells, row.headings)
            continue
        at += 1
        if not line[:1].isalpha() and _RULE.match(line):
            continue
        while at < len(lines) and _goes_on(line, lines[at]):
            line = f"{line.rstrip()} {lines[at].lstrip()}"
            at += 1
        yield _block(line)


def _block(line: str) -> Block:
    kind = "paragraph"
    if ">" in line:
        line = re.sub(r"^\s{0,3}>\s?", "", line)
    # Most lines begin with a letter, and are neither.
    if not line[:1].isalpha():
        heading, item = _HEADING.match(line), _ITEM.match(line)
        if heading:
            kind, line = "heading", heading["text"].rstrip().rstrip("#").rstrip()
        elif item and line.lstrip()[:1] not in "0123456789":
            kind, line = "item", item["text"]
    link = "](" in line and _LINK.sub("", line).strip(" *_.") == "" and _LINK.search(line) is not None
    return Block(kind, plain(line), link=link)


def plain(line: str) -> str:
    """A line without the marks of Markdown: bold, italic, code, the addresses of links, escapes."""
    if "](" in line:
        line = _LINK.sub(lambda found: found["text"], line)
    if "*" in line or "_" in line or "`" in line or "~" in line:
        line = _ITALIC.sub(r"\1", _MARKS.sub("", line))
    return _ESCAPED.sub(r"\1", line) if "\\" in line else line


def _table_at(lines: list[str], at: int) -> tuple[list[list[Cell]], int] | None:
    """The table that begins at a line, with the number of the line after it; None where none begins."""
    line = lines[at]
    if "|" in line and at + 1 < len(lines) and "-" in lines[at + 1] and _BORDER.match(lines[at + 1]):
        rows = [[Cell(text, header=True) for text in _cells(line)]]
        at += 2
        while at < len(lines) and "|" in lines[at]:
            rows.append([Cell(text) for text in _cells(lines[at])])
            at += 1
        return rows, at
    if _is_tabular(line) and at + 1 < len(lines) and _is_tabular(lines[at + 1]):
        mark = "\t" if "\t" in line.strip() else "|"
        rows = []
        while at < len(lines) and mark in lines[at].strip():
            if not _BORDER.match(lines[at]):
                rows.append([Cell(text) for text in _cells(lines[at], mark)])
            at += 1
        return rows, at
    return None


def _is_tabular(line: str) -> bool:
    stripped = line.strip()
    return "\t" in stripped or (stripped.startswith("|") and stripped.endswith("|") and stripped.count("|") > 2)


def _cells(line: str, mark: str = "|") -> list[str]:
    # An escaped bar does not end a cell.
    line = line.strip().replace("\\|", "\x00")
    if mark == "|":
        line = line.removeprefix("|").removesuffix("|")
    return [" ".join(plain(cell).replace("\x00", "|").split()) for cell in line.split(mark)]


def _goes_on(line: str, following: str) -> bool:
    """A sentence that the source breaks for its width."""
    following = following.strip()
    return (
        len(line.strip()) >= 40
        and line.rstrip()[-1:] not in ".!?:;|。！？："
        and following[:1].islower()
        and not _ITEM.match(following)
        and len(line) < 3_000
    )
