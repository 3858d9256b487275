"""An OKX article from its page: from the post in the embedded state, else from the HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from bs4 import Tag

from events.upstream.client import Payload
from events.upstream.errors import SchemaDrift
from events.upstream.text import storable
from exchanges.announcements.sites.base import ListedArticle
from exchanges.announcements.sites.okx_lists import app_state
from exchanges.announcements.text.markup import parsed_page
from exchanges.announcements.types import Article

# Node types of the rich text, and their HTML elements.
_ELEMENTS = {
    "paragraph": "p", "unordered-list": "ul", "ordered-list": "ol", "list-item": "li", "blockquote": "blockquote",
    "table": "table", "table-row": "tr", "table-cell": "td", "table-header-cell": "th",
    **{f"heading-{level}": f"h{level}" for level in range(1, 7)},
}  # fmt: skip
_MAX_DEPTH = 100
# A notice is longer; a shorter text is the rest of a page that scripts fill.
_SHORTEST_TEXT = 60


def parse_article(payload: Payload, row: ListedArticle) -> Article:
    """The article of a page. Raises SchemaDrift where the page has none, or another one."""
    post = _post(payload, row.article_id)
    title = post.get("title") if post else None
    body = _body_of(post) if post else None
    if body is None:
        body, heading = _from_html(payload)
        title = title or heading
    if not isinstance(title, str) or not storable(title):
        raise SchemaDrift(payload.source, "currentPost.title", "a text", title)
    return Article(
        exchange="okx",
        article_id=row.article_id,
        title=storable(title),
        body=storable(body),
        released_at=row.released_at,
        url=row.url,
        catalogue=row.catalogue,
    )


def _post(payload: Payload, slug: str) -> Mapping[str, Any] | None:
    """The current post, anywhere in the state; None where there is none. Raises SchemaDrift for another article's."""
    stack: list[Any] = [app_state(payload)]
    others: list[str] = []
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            post = node.get("currentPost")
            if isinstance(post, dict):
                if post.get("slug") == slug:
                    return post
                others.append(str(post.get("slug")))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    if others:
        raise SchemaDrift(payload.source, "currentPost.slug", f"the article {slug[:100]}", others[0])
    return None


def _body_of(post: Mapping[str, Any]) -> str | None:
    """The body as HTML or text; None where the state lacks it, or refers to content outside of the state."""
    rich = post.get("richTextContent")
    if isinstance(rich, dict):
        parts: list[str] = []
        return "".join(parts) if _render(rich, parts, 0) and any(parts) else None
    content = post.get("content")
    if not isinstance(content, str) or len(storable(content)) < _SHORTEST_TEXT:
        return None
    # Posts before rich text are HTML, or Markdown in which only spaces are written as entities.
    return content if "</" in content else html.unescape(content)


def _render(node: Any, parts: list[str], depth: int) -> bool:
    """Append a node of rich text as HTML; False where it embeds content outside of the state, such as a table."""
    if not isinstance(node, dict) or depth > _MAX_DEPTH:
        return False
    kind = str(node.get("nodeType"))
    if kind == "text":
        parts.append(html.escape(str(node.get("value") or "")).replace("\n", "<br/>"))
        return True
    if kind.startswith("embedded-entry"):
        return False
    element = _ELEMENTS.get(kind)
    if element:
        parts.append(f"<{element}>")
    content = node.get("content") or []
    complete = isinstance(content, list) and all(_render(child, parts, depth + 1) for child in content)
    if element:
        parts.append(f"</{element}>")
    return complete


def _from_html(payload: Payload) -> tuple[str, str]:
    """(body, heading) of the page's article. Raises SchemaDrift where it has no heading or no text."""
    soup = parsed_page(payload.body)
    article = soup.find("article")
    heading = article.find("h1") if isinstance(article, Tag) else None
    if not isinstance(article, Tag) or not isinstance(heading, Tag):
        raise SchemaDrift(payload.source, "page", "an article with a heading", soup.get_text(" ", strip=True)[:160])
    title = heading.get_text(" ", strip=True)
    for unwanted in article.find_all(["script", "style", "h1"]):
        unwanted.decompose()
    if len(article.get_text(" ", strip=True)) < _SHORTEST_TEXT:
        raise SchemaDrift(payload.source, "page", "an article with a text", article.get_text(" ", strip=True))
    return str(article), title
