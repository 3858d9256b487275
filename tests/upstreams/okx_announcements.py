"""OKX's announcements in the shapes of the captures (`captures/announcements/okx`), and a site that serves them."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.upstreams.server import UpstreamServer
from tests.upstreams.steps import Reply
from tests.upstreams.wire import Request

API_PATH = "/api/v5/support/announcements"
HOME_PATH = "/v2/support/home/web"
HELP_PATH = "/help/"
PAGE_SIZE, SECTION_SIZE = 20, 15
DELISTINGS = "announcements-delistings"


@dataclass(frozen=True)
class OkxArticle:
    """An announcement. `blocks` are paragraphs, or tables as tuples of rows; `released_at` is aware."""

    title: str
    released_at: datetime
    blocks: tuple[str | tuple[tuple[str, ...], ...], ...] = ()
    ann_type: str = DELISTINGS
    slug: str = ""

    def __post_init__(self) -> None:
        made = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")
        object.__setattr__(self, "slug", self.slug or made)

    @property
    def api_row(self) -> dict[str, str]:
        milliseconds = round(self.released_at.timestamp() * 1000)
        shown = self.released_at.replace(minute=0, second=0, microsecond=0)
        return {
            "annType": self.ann_type,
            "title": self.title,
            "url": f"https://www.okx.com/help/{self.slug}",
            "pTime": str(milliseconds),
            "businessPTime": str(round(shown.timestamp() * 1000)),
        }

    @property
    def publish_time(self) -> str:
        return self.released_at.astimezone(timezone(timedelta(hours=8))).strftime("%Y-%m-%dT%H:%M+08:00")

    @property
    def rich_text(self) -> dict[str, Any]:
        return {"nodeType": "document", "data": {}, "content": [_node(block) for block in self.blocks]}

    def page(self, with_body_in_state: bool = True) -> str:
        """The article's page, its body in the embedded state or only in the HTML."""
        post: dict[str, Any] = {"slug": self.slug, "title": self.title, "publishTime": self.publish_time}
        if with_body_in_state:
            post["richTextContent"] = self.rich_text
        body = "".join(_html(block) for block in self.blocks)
        return _document(
            {"serverSideProps": {"currentPost": post}},
            f"<article><div><h1>{html.escape(self.title)}</h1></div><div>{body}</div></article>",
        )


def delisting(title: str, released_at: datetime, groups: dict[str, str], slug: str = "") -> OkxArticle:
    """A delisting of spot pairs as OKX writes it: `groups` maps a pair to its time, "October 3, 2026, 08:00"."""
    rows = (("Spot trading pairs", "Delisting time"), *((pair, f"{at} UTC") for pair, at in groups.items()))
    intro = "We will delist the following spot trading pairs according to the schedule below:"
    return OkxArticle(title, released_at, (intro, rows), slug=slug)


class OkxAnnouncementSite:
    """The API, the help center's sections, the home JSON and the articles, over articles that may change."""

    def __init__(self, server: UpstreamServer, articles: Iterable[OkxArticle] = (), *, in_state: bool = True) -> None:
        self._lock = threading.Lock()
        self._articles = list(articles)
        self._in_state = in_state
        self.api = server.route(API_PATH, self._list)
        self.home = server.route(HOME_PATH, self._home)
        server.route(HELP_PATH + "*", self._show)
        server.route(HELP_PATH + "section/*", self._section)

    @property
    def articles(self) -> list[OkxArticle]:
        """Newest first."""
        with self._lock:
            return sorted(self._articles, key=lambda article: article.released_at, reverse=True)

    def publish(self, article: OkxArticle) -> OkxArticle:
        with self._lock:
            self._articles.append(article)
        return article

    def edit(self, slug: str, **changes: Any) -> OkxArticle:
        """Change an article, which stays where it is."""
        with self._lock:
            index = next(i for i, article in enumerate(self._articles) if article.slug == slug)
            self._articles[index] = replace(self._articles[index], **changes)
            return self._articles[index]

    def _list(self, request: Request) -> dict[str, Any]:
        wanted, number = request.query.get("annType"), int(request.query.get("page", "1"))
        rows = [article.api_row for article in self.articles if wanted in (None, article.ann_type)]
        pages = -(-len(rows) // PAGE_SIZE)
        shown = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        return {"code": "0", "msg": "", "data": [{"details": shown, "totalPage": str(pages)}]}

    def _home(self, _request: Request) -> dict[str, Any]:
        notices = [
            {"link": f"/en/help/{row.slug}", "title": row.title, "publishDate": int(row.api_row["pTime"])}
            for row in self.articles[:10]
        ]
        return {"code": 0, "msg": "", "data": {"notices": notices}}

    def _section(self, request: Request) -> Any:
        found = re.fullmatch(rf"{HELP_PATH}section/([a-z-]+)(?:/page/(\d+))?", request.path)
        if not found:
            return 404
        number = int(found[2] or 1)
        rows = [row for row in self.articles if found[1] in (row.ann_type, "announcements-latest-announcements")]
        items = [
            {"slug": row.slug, "title": row.title, "publishTime": row.publish_time}
            for row in rows[(number - 1) * SECTION_SIZE : number * SECTION_SIZE]
        ]
        listed = {"total": len(rows), "skip": (number - 1) * SECTION_SIZE, "limit": SECTION_SIZE, "items": items}
        return Reply(_document({"initialProps": {"sectionData": {"articleList": listed}}}, "<main></main>"))

    def _show(self, request: Request) -> Any:
        slug = request.path.removeprefix(HELP_PATH)
        article = next((article for article in self.articles if article.slug == slug), None)
        return Reply(article.page(self._in_state)) if article else 404


def _document(context: dict[str, Any], body: str) -> str:
    state = json.dumps({"appContext": context}).replace("</", "<\\/")
    script = f'<script data-id="__app_data_for_ssr__" type="application/json" id="appState">{state}</script>'
    return f'<!DOCTYPE html><html lang="en"><head>{script}</head><body>{body}</body></html>'


def _text(value: str) -> dict[str, Any]:
    return {"nodeType": "text", "value": value, "marks": [], "data": {}}


def _wrapped(kind: str, *content: dict[str, Any]) -> dict[str, Any]:
    return {"nodeType": kind, "data": {}, "content": list(content)}


def _node(block: str | tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    if isinstance(block, str):
        return _wrapped("paragraph", _text(block))
    rows = (
        _wrapped("table-row", *(_wrapped("table-cell", _wrapped("paragraph", _text(cell))) for cell in row))
        for row in block
    )
    return _wrapped("table", *rows)


def _html(block: str | tuple[tuple[str, ...], ...]) -> str:
    if isinstance(block, str):
        return f"<p>{html.escape(block)}</p>"
    rows = "".join("<tr>" + "".join(f"<td><p>{html.escape(cell)}</p></td>" for cell in row) + "</tr>" for row in block)
    return f"<table><tbody>{rows}</tbody></table>"
