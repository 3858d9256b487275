# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Collects the text between the borders of blocks while a body is read from its start to its end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from exchanges.announcements.text.tables import Cell, is_label, rows_of

# Notices have a few thousand characters, the longest seen 40,000; the rest of a longer body is left out.
MAX_CHARACTERS = 100_000
MAX_BLOCKS = 5_000
# A whole page has a few thousand.
MAX_TAGS = 50_000
MAX_SPAN = 200
MAX_NESTED = 20

BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p "
    "pre section summary table tbody td tfoot th thead title tr ul".split()
)
KINDS = {"li": "item", "dt": "term", "dd": "meaning"} | {f"h{n}": "heading" for n in range(1, 7)}
_CONTAINERS = frozenset("div section aside nav footer ul ol article table dl form".split())
# What a page puts around an article: names of classes, ids and roles.
_APART = re.compile(
    r"(?:^|[\s_-])(?:related|recommend(?:s|ed|ations?)?|breadcrumbs?|nav(?:bar|igation)?|footer|contentinfo|sidebar|shar(?:e|ing)|promo(?:s|tions?)?|banners?|cookies?|"
    r"pagination|pager|see-also|read-?(?:more|next)|more-(?:articles|news|posts)|subscribe|newsletter)(?:$|[\s_-])",
    re.I,
)


# Not frozen, which takes three times as long to make, and a page has hundreds.
@dataclass(unsafe_hash=True)
class Block:
    """The text of one block. kind: paragraph, heading, item, or row (the cells of a table row joined by " | ").

    cells, headings: of a row, its cells and the headings of their columns (none where the table has none).
    link: all of the text is the text of links. apart: the page marks it as navigation, footer or further reading.
    """

    kind: str
    text: str
    cells: tuple[str, ...] = field(default=(), compare=False)
    headings: tuple[str, ...] = field(default=(), compare=False)
    link: bool = field(default=False, compare=False)
    apart: bool = field(default=False, compare=False)

    def with_text(self, text: str) -> Block:
        if text == self.text:
            return self
        return Block(self.kind, text, self.cells, self.headings, self.link, self.apart)


def row_block(cells: Sequence[str], headings: Sequence[str] = ()) -> Block:
    return Block("row", " | ".join(cells), tuple(cells), tuple(headings))


@dataclass
class _Table:
    """A table that is open. outer: the blocks that it stands among."""

    outer: list[Block]
    rows: list[tuple[list[Cell], list[list[Block]]]] = field(default_factory=list)
    open_cell: Cell | None = None


class Writer:
    """Text, tags and line ends go in, blocks come out. A row of a table becomes one block."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._buffer: list[tuple[str, bool]] = []
        self._tables: list[_Table] = []
        self._kind = "paragraph"
        self._size = 0
        self._count = 0
        self._tags = 0
        self._links = 0
        self._apart: tuple[str, int] | None = None
        # The definition lists that are open: the blocks that each stands among, and how many came before it.
        self._lists: list[tuple[list[Block], int]] = []

    @property
    def full(self) -> bool:
        return self._size >= MAX_CHARACTERS or self._count >= MAX_BLOCKS or self._tags >= MAX_TAGS

    def text(self, text: str) -> None:
        if not self.full:
            self._buffer.append((text, self._links > 0))
            self._size += len(text)

    def line_end(self) -> None:
        self._buffer.append(("\n", False))

    def start(self, tag: str, attributes: Mapping[str, Any] | None = None) -> None:
        if tag == "a":
            self._links += 1
            return
        self._tags += 1
        if tag not in BLOCK_TAGS or self._tags > MAX_TAGS:
            return
        if tag in ("td", "th"):
            self._cell_start(tag, attributes or {})
        elif tag == "tr":
            self._cell_end()
            self._flush()
            if not self._tables or self._tables[-1].open_cell is not None:
                self._tables.append(_Table(self._blocks))
            self._tables[-1].rows.append(([], []))
        elif tag == "table":
            self._flush()
            if len(self._tables) < MAX_NESTED:
                self._tables.append(_Table(self._blocks))
        else:
            self._flush()
            # Each list that ends goes through all blocks inside it.
            if tag == "dl" and len(self._lists) < MAX_NESTED:
                self._lists.append((self._blocks, len(self._blocks)))
        # After the flush: what stands before the container is not apart.
        self._note_apart(tag, attributes)
        self._kind = KINDS.get(tag, self._kind if tag in ("p", "div") and self._kind == "item" else "paragraph")

    def end(self, tag: str) -> None:
        if tag == "a":
            self._links = max(0, self._links - 1)
            return
        if tag not in BLOCK_TAGS or self._tags > MAX_TAGS:
            return
        if tag in ("td", "th"):
            self._cell_end()
        elif tag == "tr":
            self._cell_end(rest=True)
        elif tag == "table" and self._tables:
            self._table_end()
        else:
            self._flush()
            if tag == "dl" and self._lists:
                self._list_end()
        self._kind = "paragraph"
        if self._apart and self._apart[0] == tag:
            self._apart = (tag, self._apart[1] - 1) if self._apart[1] > 1 else None

    def finish(self) -> list[Block]:
        while self._tables:
            self._table_end()
        self._flush()
        while self._lists:
            self._list_end()
        return self._blocks

    def _note_apart(self, tag: str, attributes: Mapping[str, Any] | None) -> None:
        if self._apart:
            if self._apart[0] == tag:
                self._apart = (tag, self._apart[1] + 1)
        elif tag in _CONTAINERS:
            named = " ".join(str((attributes or {}).get(name) or "")[:200] for name in ("class", "id", "role"))
            if tag in ("nav", "footer") or _APART.search(named):
                self._apart = (tag, 1)

    def _cell_start(self, tag: str, attributes: Mapping[str, Any]) -> None:
        self._cell_end()
        self._flush()
        if not self._tables:
            self._tables.append(_Table(self._blocks))
        table = self._tables[-1]
        if not table.rows:
            table.rows.append(([], []))
        table.open_cell = Cell("", tag == "th", _span(attributes.get("colspan")), _span(attributes.get("rowspan")))
        self._blocks = []

    def _cell_end(self, rest: bool = False) -> None:
        """Ends the open cell. rest: text of the row outside of its cells becomes a cell."""
        if not self._tables:
            self._flush()
            return
        table = self._tables[-1]
        if table.open_cell is not None:
            self._flush()
            cell, blocks = table.open_cell, self._blocks
            self._blocks, table.open_cell = table.outer, None
        elif rest and table.rows and any(text.strip() for text, _ in self._buffer):
            self._blocks = []
            self._flush()
            cell, blocks = Cell(""), self._blocks
            self._blocks = table.outer
        else:
            return
        cells, contents = table.rows[-1]
        cells.append(replace(cell, text=_joined(blocks)))
        contents.append(blocks)

    def _table_end(self) -> None:
        self._cell_end(rest=True)
        table = self._tables.pop()
        self._blocks = table.outer
        alone = len(table.rows) == 1 and len(table.rows[0][1]) == 1 and len(table.rows[0][1][0]) > 1
        if alone or any(_is_layout(content) for _, contents in table.rows for content in contents):
            # The table only places what is in it.
            for cells, contents in table.rows:
                if alone or any(map(_is_layout, contents)):
                    self._blocks.extend(block for content in contents for block in content)
                else:
                    self._rows([cells], contents)
            return
        self._rows([cells for cells, _ in table.rows], [content for _, contents in table.rows for content in contents])

    def _rows(self, rows: list[list[Cell]], contents: list[list[Block]]) -> None:
        parts = [block for content in contents for block in content]
        link, apart = bool(parts) and all(block.link for block in parts), bool(self._apart)
        for row in rows_of(rows):
            self._blocks.append(replace(row_block(row.cells, row.headings), link=link, apart=apart))

    def _list_end(self) -> None:
        blocks, before = self._lists.pop()
        blocks[before:] = _defined(blocks[before:])

    def _flush(self) -> None:
        if not self._buffer:
            return
        lines: list[list[tuple[str, bool]]] = [[]]
        for text, linked in self._buffer:
            first, *others = text.split("\n")
            lines[-1].append((first, linked))
            lines.extend([(other, linked)] for other in others)
        self._buffer.clear()
        for line in lines:
            joined = "".join(text for text, _ in line)
            if joined.strip():
                link = all(linked for text, linked in line if text.strip())
                self._blocks.append(Block(self._kind, joined, link=link, apart=self._apart is not None))
                self._count += 1


def _span(value: Any) -> int:
    text = str(value or "").strip()
    return min(int(text), MAX_SPAN) if text.isdecimal() and len(text) < 5 else 1


def _defined(blocks: Sequence[Block]) -> list[Block]:
    """A definition list as rows: a term that is a label is the heading of what it says, any other term its subject."""
    if any(block.kind not in ("term", "meaning") for block in blocks):
        return [replace(block, kind="item") if block.kind in ("term", "meaning") else block for block in blocks]
    groups: list[list[Block]] = []
    for block in blocks:
        if block.kind == "term" or not groups:
            groups.append([])
        groups[-1].append(block)
    apart = bool(blocks) and blocks[0].apart
    labels = [group[0].text.strip().rstrip(":：") for group in groups]
    if not all(map(is_label, labels)):
        rows = [row_block([_joined([block]) for block in group]) for group in groups]
    else:
        rows, names, cells = [], list[str](), list[str]()
        for label, group in zip(labels, groups, strict=True):
            if label in names:
                rows.append(row_block(cells, names))
                names, cells = [], []
            names.append(label)
            cells.append(_joined([replace(block, kind="item") for block in group[1:]]))
        rows.append(row_block(cells, names))
    return [replace(row, apart=apart) for row in rows]


def _joined(blocks: Sequence[Block]) -> str:
    """The text of a cell: its paragraphs with blanks, the items of a list with commas."""
    text = ""
    for number, block in enumerate(blocks):
        both = number and block.kind == "item" and blocks[number - 1].kind == "item"
        text += (", " if both and not text.rstrip().endswith((",", ";")) else " ") + block.text
    return " ".join(text.split())


def _is_layout(content: Sequence[Block]) -> bool:
    """A cell that holds a table, a heading above text, or many paragraphs: a piece of the page, not a value."""
    if any(block.kind == "row" for block in content):
        return True
    return len(content) > 2 and sum(len(block.text) for block in content) > 300
