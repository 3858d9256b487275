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
from html.parser import HTMLParser
from typing import Any

from exchanges.announcements.text.markdown import lines_of
from exchanges.announcements.text.markup import bounded_markup
from exchanges.announcements.text.normalise import remembered_alone, visible
from exchanges.announcements.text.writer import MAX_BLOCKS, MAX_CHARACTERS, Block, Writer
from exchanges.announcements.types import BodyUnreadable

MAX_MARKUP = 3_000_000
MAX_DEPTH = 200

SILENT_TAGS = frozenset(["script", "style", "noscript", "template", "svg", "head", "iframe"])
__all__ = ["MAX_BLOCKS", "MAX_CHARACTERS", "Block", "BodyUnreadable", "article_text", "blocks"]


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
        r"<(?:p|div|span|html|body|table|t[rdh]|ul|ol|li|d[lt]|br|hr|h[1-6]|strong|b|i|em|a|font|center|section|article|main|nav|footer|header|!doctype)\b",
        text[:20_000],
        re.I,
    ):
        return _tidy(_from_html(text))
    return _tidy(lines_of(html.unescape(text[:MAX_CHARACTERS])))


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
    writer = Writer()
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
            attributes = node.get("attr")
            writer.start(tag, attributes if isinstance(attributes, dict) else None)
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
        self.writer = Writer()
        self._silent: list[str] = []
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT_TAGS:
            self._silent.append(tag)
        elif tag == "br":
            self.writer.line_end()
        else:
            # The start of the body ends a head that was never closed.
            if tag == "body":
                self._silent.clear()
            if tag == "pre":
                self._verbatim += 1
            self.writer.start(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT_TAGS:
            if tag in self._silent:
                while self._silent and self._silent.pop() != tag:
                    continue
        else:
            if tag == "pre":
                self._verbatim = max(0, self._verbatim - 1)
            self.writer.end(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # A line end of the source is a blank to a reader.
            self.writer.text(data if self._verbatim else data.replace("\n", " "))


# Positions where a block ended and its break was lost. None of them occurs in ordinary writing. Each pattern begins with
# the letter after the break: few letters of a text are such, and before most of them is a blank.
_LOST_BREAKS = re.compile(
    r"""[A-Z\d“"](?<=[A-Za-z0-9).:!?].)(?:
        (?<=[A-Z0-9]{3}[A-Z])(?=[a-z]{3})(?!(?:hains?|waps?|oins?|erse|ers|cans?|orld|ash|ates?|inks?|ends?|takes?|unks?|cash|ools?|lay|ade)\b)
      | (?<=[A-Z0-9]{2}[A-Z])(?=(?:(?<=I)solated|(?<=C)ross|(?<=S)pot|(?<=M)argin|(?<=F)utures|(?<=P)erpetual|(?<=D)elisted|(?<=T)rading|(?<=P)airs?|(?<=D)eposits?|(?<=W)ithdrawals?)\b)
      | (?<=[a-z\)）”"’][.:!?].)(?!(?<=[A-Z])[A-Za-z]*(?:\.[a-z]|[ ]\())
      | (?<=[a-z]\d)(?=\d{3}[-/]\d{1,2}[-/]\d{1,2})
      | (?<=[a-z\)][A-Z])(?=(?:(?<=A)t|(?<=F)rom|(?<=A)fter|(?<=S)tarting|(?<=U)sers|(?<=B)inance|(?<=D)eposits|(?<=W)ithdrawals|(?<=T)rading|(?<=P)lease|(?<=D)uring|(?<=N)ote|(?<=I)f|(?<=O)n|(?<=T)he|(?<=A)ll)\s[A-Z0-9a-z])
      | (?<=\)[A-Z])(?=[A-Za-z0-9])
      | (?<=[a-z]{2}[A-Z])(?=[A-Z]{1,11}[A-Z0-9]*/[A-Z]{2,6}\b)
      | (?<=[a-z\)][1-9])(?=\.[ ]?[A-Z])
    )""",
    re.X,
)
_LOST_AFTER_NETWORKS = re.compile(
    r"(?<= Network)(?=[A-Za-rt-z0-9])|(?<= Networks)(?=[A-Za-z0-9])|(?<= Smart Chain)(?=\w)|(?<= Chain)(?=[A-Z])"
)
_LOST_BEFORE_DIGITS = re.compile(r"([.)]) (?=[1-9]\. ?[A-Z][a-z])")


@remembered_alone
def _pieces(text: str) -> tuple[str, ...]:
    """A text in pieces, cut where its breaks were lost."""
    # Functions: a template is read again for each text.
    text = _LOST_BREAKS.sub(lambda found: f"\n{found[0]}", text)
    text = _LOST_BEFORE_DIGITS.sub(lambda found: f"{found[1]}\n", text)
    if " Network" in text or " Chain" in text:
        text = _LOST_AFTER_NETWORKS.sub("\n", text)
    return tuple(piece for line in text.split("\n") if (piece := line.strip()))


def _tidy(found: Iterator[Block] | Any) -> tuple[Block, ...]:
    """The blocks with single blanks, split at lost breaks, without empty ones and cut at the limits."""
    result: list[Block] = []
    size = 0
    for block in found:
        text = " ".join(visible(block.text).split())
        if not text:
            continue
        pieces = (text,) if block.kind == "row" else _pieces(text)
        result.extend(map(block.with_text, pieces))
        size += len(text)
        if size > MAX_CHARACTERS or len(result) > MAX_BLOCKS:
            break
    return tuple(result)
