"""A notice, and its body in every form that exchanges send: HTML, Markdown, a tree of nodes, a layout table."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from exchanges.announcements.text.blocks import blocks
from exchanges.announcements.text.writer import Block


@dataclass(frozen=True)
class Notice:
    """An announcement as `explain` reads it."""

    exchange: str
    title: str
    body: Any
    released_at: datetime | None


def with_texts(notice: Notice, change: Callable[[str], str], title: bool = True) -> Notice:
    """The notice with a change in every text of it; tags and addresses stay."""
    return replace(notice, title=change(notice.title) if title else notice.title, body=_in_body(notice.body, change))


def _in_body(body: Any, change: Callable[[str], str]) -> Any:
    if body is None:
        return None
    return markup([_changed(block, change) for block in blocks(body)])


def _changed(block: Block, change: Callable[[str], str]) -> Block:
    cells = tuple(map(change, block.cells))
    headings = tuple(map(change, block.headings))
    return replace(block, text=" | ".join(cells) if cells else change(block.text), cells=cells, headings=headings)


def runs(found: Sequence[Block]) -> Iterator[list[Block]]:
    """Neighbours of one kind, and of one table."""
    run: list[Block] = []
    for block in found:
        if run and (block.kind, block.headings) != (run[-1].kind, run[-1].headings):
            yield run
            run = []
        run.append(block)
    if run:
        yield run


def markup(found: Sequence[Block], escape: Callable[[str], str] = html.escape) -> str:
    """Blocks as HTML. escape: makes the text of a block markup."""
    pieces = []
    for run in runs(found):
        kind = run[0].kind
        if kind == "item":
            pieces.append("<ul>" + "".join(f"<li>{_linked(block, escape)}</li>" for block in run) + "</ul>")
        elif kind == "row":
            head = "".join(f"<th>{escape(name)}</th>" for name in run[0].headings)
            body = "".join(
                "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in block.cells) + "</tr>" for block in run
            )
            pieces.append(f"<table>{f'<tr>{head}</tr>' if head else ''}{body}</table>")
        else:
            tag = "h3" if kind == "heading" else "p"
            pieces.extend(f"<{tag}>{_linked(block, escape)}</{tag}>" for block in run)
    return "\n".join(pieces)


def _linked(block: Block, escape: Callable[[str], str]) -> str:
    return f'<a href="/x">{escape(block.text)}</a>' if block.link else escape(block.text)


def _node(tag: str, *children: Any) -> dict[str, Any]:
    return {
        "node": "element",
        "tag": tag,
        "child": [{"node": "text", "text": child} if isinstance(child, str) else child for child in children],
    }


def as_tree(notice: Notice) -> Notice:
    """The body as a tree of nodes."""
    nodes = []
    for run in runs(blocks(notice.body)):
        if run[0].kind == "item":
            nodes.append(_node("ul", *(_node("li", _node("p", block.text)) for block in run)))
        elif run[0].kind == "row":
            head = [_node("tr", *(_node("th", name) for name in run[0].headings))] if run[0].headings else []
            nodes.append(
                _node("table", *head, *(_node("tr", *(_node("td", cell) for cell in block.cells)) for block in run))
            )
        else:
            nodes.extend(_node("h3" if block.kind == "heading" else "p", block.text) for block in run)
    return replace(notice, body={"node": "root", "child": nodes})


def as_markdown(notice: Notice) -> Notice:
    """The body as Markdown with its tables and items."""
    lines: list[str] = []
    for run in runs(blocks(notice.body)):
        if run[0].kind == "row":
            width = max(len(block.cells) for block in run)
            names = [*run[0].headings, *[""] * width][:width]
            lines += ["", f"| {' | '.join(names)} |", "|" + " --- |" * width]
            lines += [f"| {' | '.join([*block.cells, *[''] * width][:width])} |" for block in run] + [""]
        else:
            mark = {"item": "- ", "heading": "### "}.get(run[0].kind, "")
            lines += [f"{mark}{block.text}\n" for block in run]
    return replace(notice, body="\n".join(lines))


def as_lines(notice: Notice) -> Notice:
    """The body as one paragraph with line ends, as editors paste it."""
    if any(block.kind in ("row", "heading") for block in blocks(notice.body)):
        return notice
    return replace(
        notice, body="<div>" + "<br>".join(html.escape(block.text) for block in blocks(notice.body)) + "</div>"
    )


def in_a_layout_table(notice: Notice) -> Notice:
    """The body in one cell of a table that only places it, as in a mail."""
    inner = markup(blocks(notice.body))
    return replace(
        notice,
        body=f'<table width="600"><tbody><tr><td><table><tr><td>{inner}</td></tr></table></td></tr></tbody></table>',
    )


def wrapped(notice: Notice) -> Notice:
    """The source of the markup with a line end at every fourth blank."""
    words = markup(blocks(notice.body)).split(" ")
    return replace(
        notice, body="".join(word + ("\n    " if number % 4 == 3 else " ") for number, word in enumerate(words))
    )
