"""The runbook of the cards as web pages: `docs/cards`, rendered. No account is needed; nothing in it is secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from crypto_ews.conf import PROJECT_ROOT

PAGES = PROJECT_ROOT / "docs" / "cards"
_INDEX = "README"
_SIBLING = re.compile(r"(\w+)\.md")


@cache
def page(name: str) -> tuple[str, SafeString]:
    """(title, HTML) of a page of `docs/cards`, by the name of its file. Raises KeyError where there is none."""
    file = PAGES / f"{name}.md"
    if not re.fullmatch(r"\w+", name) or not file.is_file():
        raise KeyError(name)
    text = file.read_text(encoding="utf-8")
    # Markup of its own would be written into the page as it is; these pages have none.
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for inline in tokens:
        if inline.children:
            inline.children = list(_linked(inline.children, at_index=name == _INDEX))
    title = text.partition("\n")[0].removeprefix("# ")
    return title, mark_safe(markdown.renderer.render(tokens, markdown.options, {}))


def _linked(tokens: list[Token], at_index: bool) -> Iterator[Token]:
    """The tokens of a line with links to the pages that are served. Of a link to another file only the text is left."""
    top, served = "./" if at_index else "../", True
    for token in tokens:
        if token.type == "link_open":
            link = str(token.attrs["href"])
            found = _SIBLING.fullmatch(link)
            served = found is not None or link.startswith("https://")
            if found is not None:
                token.attrs["href"] = top if found[1] == _INDEX else f"{top}{found[1]}/"
        if served or token.type not in ("link_open", "link_close"):
            yield token


def runbook(request: HttpRequest, name: str = _INDEX) -> HttpResponse:
    """`/runbook/`, `/runbook/<category>/`."""
    try:
        title, body = page(name)
    except KeyError:
        raise Http404(f"there is no runbook page {name!r}") from None
    return render(request, "crypto_ews/runbook.html", {"title": title, "body": body})
