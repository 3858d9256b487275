# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""The body of an announcement as ordered blocks of text, from any of its forms.

Forms: Binance's node tree (`{"node": "root", "child": […]}`, as a JSON string or already decoded), HTML (a fragment
or a whole page), plain text, and Markdown whose block ends were lost ("FLOW/BTCIsolated Margin Pair: FLOW/BTC").
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from exchanges.announcements.text.markup import bounded_markup
from exchanges.announcements.types import BodyUnreadable

# Notices have a few thousand characters, the longest seen 40,000; the rest of a longer body is left out.
MAX_CHARACTERS = 100_000
MAX_MARKUP = 3_000_000
MAX_BLOCKS = 5_000
MAX_DEPTH = 200

BLOCK_TAGS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
SILENT_TAGS = frozenset(["script", "style", "noscript", "template", "svg", "head", "iframe"])
KINDS = {"li": "item", "td": "cell", "th": "cell", "tr": "row"} | {f"h{n}": "heading" for n in range(1, 7)}


@dataclass(frozen=True)
class Block:
    """The text of one block. kind: paragraph, heading, item, or row (the cells of a table row joined by " | ")."""

    kind: str
    text: str


def article_text(body: Any) -> str:
    """The text of a body, one line per block. Raises `BodyUnreadable` like `blocks`."""
    return "\n".join(block.text for block in blocks(body))


def blocks(body: Any) -> tuple[Block, ...]:
    """The blocks of a body in order; () for None and for an empty one.

    Raises:
        BodyUnreadable: the body is neither text nor a node tree.
    """
    if body is None:
        return ()
    if isinstance(body, dict | list):
        return _tidy(_from_tree(body))
    if not isinstance(body, str):
        raise BodyUnreadable(f"body is a {type(body).__name__}; expected text, HTML or a node tree")
    text = body[:MAX_MARKUP].replace("\x00", "")
    start = text.lstrip()[:2000]
    if start.startswith(("{", "[")) and '"node"' in start:
        return _tidy(_from_tree(_decoded(body)))
    if re.search(
        r"<(?:p|div|span|html|body|table|ul|ol|li|br|h[1-6]|strong|b|a|section|!doctype)\b", text[:20_000], re.I
    ):
        return _tidy(_from_html(text))
    return _tidy(Block("paragraph", line) for line in html.unescape(text[:MAX_CHARACTERS]).splitlines())


def _decoded(body: str) -> Any:
    if len(body) > MAX_MARKUP:
        raise BodyUnreadable(f"body is a node tree of {len(body)} characters; expected at most {MAX_MARKUP}")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise BodyUnreadable(f"body begins like a node tree but is no JSON: {fault}"[:300]) from None


def _from_tree(tree: Any) -> Iterator[Block]:
    if isinstance(tree, dict) and "node" not in tree and "child" not in tree:
        raise BodyUnreadable(f"body is an object with the keys {sorted(map(str, tree))[:5]}; expected a node tree")
    writer = _Writer()
    # An explicit stack: a hostile tree must not exhaust Python's own.
    stack: list[tuple[Any, int, bool]] = [(tree, 0, False)]
    while stack and not writer.full:
        node, depth, closing = stack.pop()
        if closing:
            writer.end(node)
            continue
        if isinstance(node, list):
            stack.extend((child, depth + 1, False) for child in reversed(node[:MAX_BLOCKS]))
            continue
        if isinstance(node, str):
            writer.text(node)
            continue
        if not isinstance(node, dict) or depth > MAX_DEPTH:
            continue
        text = node.get("text")
        if isinstance(text, str):
            writer.text(html.unescape(text))
        tag = node.get("tag")
        tag = tag.lower() if isinstance(tag, str) else ""
        if tag in SILENT_TAGS:
            continue
        if tag == "br":
            writer.line_end()
        if tag:
            writer.start(tag)
            stack.append((tag, depth, True))
        children = node.get("child")
        if isinstance(children, list):
            stack.extend((child, depth + 1, False) for child in reversed(children[:MAX_BLOCKS]))
    return iter(writer.finish())


def _from_html(text: str) -> Iterator[Block]:
    parser = _HtmlReader()
    text = bounded_markup(text)
    try:
        # Each piece is twice as long as the last: the parser reads an unfinished tag again from its start.
        start, size = 0, 50_000
        while start < len(text) and not parser.writer.full:
            parser.feed(text[start : start + size])
            start, size = start + size, 2 * size
        parser.close()
    except (AssertionError, ValueError) as fault:
        raise BodyUnreadable(f"body is HTML that cannot be parsed: {fault}"[:300]) from None
    return iter(parser.writer.finish())


class _HtmlReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.writer = _Writer()
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT_TAGS:
            self._silent.append(tag)
        elif tag == "br":
            self.writer.line_end()
        else:
            # The start of the body ends a head that was never closed.
            if tag == "body":
                self._silent.clear()
            self.writer.start(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT_TAGS:
            if tag in self._silent:
                while self._silent and self._silent.pop() != tag:
                    continue
        else:
            self.writer.end(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.writer.text(data)


class _Writer:
    """Collects the text between block borders. The cells of a table row become one block."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._buffer: list[str] = []
        self._cells: list[str] | None = None
        self._kind = "paragraph"
        self._size = 0

    @property
    def full(self) -> bool:
        return self._size >= MAX_CHARACTERS or len(self._blocks) >= MAX_BLOCKS

    def text(self, text: str) -> None:
        if not self.full:
            self._buffer.append(text)
            self._size += len(text)

    def line_end(self) -> None:
        self._buffer.append("\n")

    def start(self, tag: str) -> None:
        if tag not in BLOCK_TAGS:
            return
        if tag == "tr":
            self._flush()
            self._cells = []
        elif self._cells is not None:
            # Paragraphs inside a cell do not split it.
            self._buffer.append(" ")
        else:
            self._flush()
        self._kind = KINDS.get(tag, self._kind if tag in ("p", "div") and self._kind == "item" else "paragraph")

    def end(self, tag: str) -> None:
        if tag not in BLOCK_TAGS:
            return
        if self._cells is not None and tag in ("td", "th"):
            self._cells.append(" ".join("".join(self._buffer).split()))
            self._buffer.clear()
        elif self._cells is not None and tag in ("tr", "table"):
            rest = " ".join("".join(self._buffer).split())
            cells = [cell for cell in [*self._cells, rest] if cell]
            self._buffer.clear()
            self._cells = None
            if cells:
                self._blocks.append(Block("row", " | ".join(cells)))
            self._kind = "paragraph"
        elif self._cells is None:
            self._flush()
            self._kind = "paragraph"

    def _flush(self) -> None:
        text = "".join(self._buffer)
        self._buffer.clear()
        for line in text.split("\n"):
            if line.strip():
                self._blocks.append(Block(self._kind, line))

    def finish(self) -> list[Block]:
        if self._cells:
            self._buffer.insert(0, " | ".join(self._cells) + " ")
        self._cells = None
        self._flush()
        return self._blocks


# Positions where a block ended and its break was lost. None of them occurs in ordinary writing.
_LOST_BREAKS = re.compile(
    r"""(?<=[A-Z0-9]{3})(?=[A-Z][a-z]{3})|(?<=[A-Z0-9]{2})(?=(?:Isolated|Cross|Spot|Margin|Futures|Perpetual|Delisted|Trading|Pairs?|Deposits?|Withdrawals?)\b)
      | (?<=[a-z\)）”"’][.:!?])(?=[A-Z\d“"])(?![A-Za-z]*\.[a-z]|[A-Za-z]+[ ]\()
      | (?<=[a-z])(?=\d{4}[-/]\d{1,2}[-/]\d{1,2})
      | (?<=[a-z\)])(?=(?:At|From|After|Starting|Users|Binance|Deposits|Withdrawals|Trading|Please|During|Note|If|On|The|All)\s[A-Z0-9a-z])
      | (?<=\))(?=[A-Z][A-Za-z0-9])
      | (?<=[a-z])(?=[A-Z]{2,12}[A-Z0-9]*/[A-Z]{2,6}\b)
      | (?<=[ ]Network)(?=[A-Za-rt-z0-9])|(?<=[ ]Networks)(?=[A-Za-z0-9])|(?<=[ ]Smart[ ]Chain)(?=\w)|(?<=[ ]Chain)(?=[A-Z])
      | (?<=[a-z\)])(?=[1-9]\.[ ]?[A-Z])|(?<=[.\)])[ ](?=[1-9]\.[ ]?[A-Z][a-z])
    """,
    re.X,
)


def _tidy(found: Iterator[Block] | Any) -> tuple[Block, ...]:
    """The blocks with single blanks, split at lost breaks, without empty ones and cut at the limits."""
    result: list[Block] = []
    size = 0
    for block in found:
        text = " ".join(block.text.replace("\u200b", "").replace("\ufeff", "").split())
        if not text:
            continue
        pieces = [text] if block.kind == "row" else _LOST_BREAKS.sub("\n", text).split("\n")
        for piece in pieces:
            piece = piece.strip()
            if piece:
                result.append(Block(block.kind, piece))
        size += len(text)
        if size > MAX_CHARACTERS or len(result) > MAX_BLOCKS:
            break
    return tuple(result)
