"""Binance announcements in the shapes of the captures, made from parameters, and a site that serves them.

Shapes: `captures/announcements/binance` (list of one catalogue and detail, October 2026; the page's state with all
catalogues, September 2023; HTML bodies, before August 2020). `…` in paths is `/bapi/composite/v1/public/cms/article`.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from tests.upstreams.server import UpstreamServer
from tests.upstreams.steps import Reply
from tests.upstreams.wire import Request

LIST_PATH = "/bapi/composite/v1/public/cms/article/list/query"
DETAIL_PATH = "/bapi/composite/v1/public/cms/article/detail/query"
PAGE_PATH = "/en/support/announcement/"
# Any other size is answered with 20 rows.
PAGE_SIZES = (1, 2, 5, 10, 15, 20, 50)
CATALOGS = {
    48: "New Cryptocurrency Listing",
    49: "Latest Binance News",
    93: "Latest Activities",
    50: "New Fiat Listings",
    161: "Delisting",
    157: "Wallet Maintenance Updates",
    51: "API Updates",
    128: "Crypto Airdrop",
}

Node = dict[str, Any]


def text(value: str) -> Node:
    return {"node": "text", "text": value}


def element(tag: str, *children: Node | str, **attributes: str) -> Node:
    node: Node = {"node": "element", "tag": tag}
    if attributes:
        node["attr"] = attributes
    return node | {"child": [text(child) if isinstance(child, str) else child for child in children]}


def strong(value: str) -> Node:
    return element("strong", value)


def paragraph(*inlines: Node | str) -> Node:
    return element("p", *inlines)


def bullets(*items: Node | str | Sequence[Node | str]) -> Node:
    """A list; an item of several inlines is given as a sequence."""
    return element("ul", *(element("li", *([item] if isinstance(item, str | dict) else item)) for item in items))


def table(*rows: Sequence[str]) -> Node:
    """A table as the editor writes it: a paragraph in every cell, no head."""
    return element("table", element("tbody", *(element("tr", *(_cell(cell) for cell in row)) for row in rows)))


def _cell(value: str) -> Node:
    return element("td", paragraph(value), colspan="1", rowspan="1")


@dataclass(frozen=True)
class Article:
    """An announcement. `blocks` are nodes (a plain string is a paragraph); `released_at` is aware.

    `code` and `id` follow from title and release unless given.
    """

    title: str
    released_at: datetime
    blocks: tuple[Node | str, ...] = ()
    catalog_id: int = 161
    code: str = ""
    id: int = 0

    def __post_init__(self) -> None:
        digest = hashlib.sha256(f"{self.title}|{self.released_at.isoformat()}".encode()).hexdigest()
        object.__setattr__(self, "code", self.code or digest[:32])
        object.__setattr__(self, "id", self.id or 200_000 + int(digest[32:37], 16))

    @property
    def release_ms(self) -> int:
        return round(self.released_at.timestamp() * 1000)

    @property
    def nodes(self) -> list[Node]:
        return [paragraph(block) if isinstance(block, str) else block for block in self.blocks]

    def body_tree(self) -> str:
        """The body as the CMS has it since August 2020: a node tree in a JSON string."""
        return json.dumps({"node": "root", "child": self.nodes}, ensure_ascii=False, separators=(",", ":"))

    def body_html(self) -> str:
        """The body as HTML, the CMS's older form and what a browser shows."""
        return "\n".join(node_html(node) for node in self.nodes)


def removal_notice(day: str, groups: dict[str, Sequence[str]], released_at: datetime) -> Article:
    """A removal of spot pairs: `groups` maps a UTC time ("2026-10-02 03:00") to the pairs that leave then."""
    items: list[Sequence[Node | str]] = [
        ["At ", strong(f"{at} (UTC): {', '.join(pairs)}")] for at, pairs in groups.items()
    ]
    return Article(
        f"Notice of Removal of Spot Trading Pairs - {day}",
        released_at,
        (
            paragraph(strong("Dear users,")),
            "After its latest review Binance will remove and cease trading on the following spot trading pairs:",
            bullets(*items),
            "The delisting of a pair does not affect the availability of the tokens on Binance Spot.",
            paragraph(released_at.strftime("%Y-%m-%d")),
        ),
    )


def node_html(node: Node) -> str:
    """One node of a body as HTML."""
    if node["node"] == "text":
        return html.escape(node["text"], quote=False)
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in node.get("attr", {}).items())
    return f"<{node['tag']}{attributes}>{''.join(map(node_html, node.get('child', [])))}</{node['tag']}>"


def _envelope(data: Any) -> dict[str, Any]:
    return {"code": "000000", "message": None, "messageDetail": None, "data": data, "success": True}


def _catalog(catalog_id: int, rows: Sequence[Article], total: int, *, with_id: bool) -> dict[str, Any]:
    articles = [
        ({"id": row.id} if with_id else {})
        | {"code": row.code, "title": row.title, "type": 1, "releaseDate": row.release_ms}
        for row in rows
    ]
    return {
        "catalogId": catalog_id,
        "parentCatalogId": None,
        "catalogName": CATALOGS.get(catalog_id, f"Catalogue {catalog_id}"),
        "description": None,
        "catalogType": 1,
        "total": total,
        "articles": articles,
        "catalogs": [],
    }


def page_of(articles: Sequence[Article], page_no: int, page_size: int) -> Sequence[Article]:
    """The rows of a page; a size that the CMS does not know is 20."""
    size = page_size if page_size in PAGE_SIZES else 20
    return articles[(page_no - 1) * size : page_no * size]


def catalog_list(
    articles: Iterable[Article], catalog_id: int = 161, page_no: int = 1, page_size: int = 20, *, with_id: bool = False
) -> dict[str, Any]:
    """The answer of `…/list/query?type=1&catalogId=…`: one catalogue. The articles stand in the order given."""
    rows = [item for item in articles if item.catalog_id == catalog_id]
    shown = page_of(rows, page_no, page_size)
    return _envelope({"catalogs": [_catalog(catalog_id, shown, len(rows), with_id=with_id)]})


def all_catalogs_list(articles: Iterable[Article], page_no: int = 1, page_size: int = 20) -> dict[str, Any]:
    """The older answer without `catalogId`: every catalogue with its page, rows with `id`."""
    items = list(articles)
    groups = {number: [item for item in items if item.catalog_id == number] for number in CATALOGS}
    return _envelope(
        {
            "catalogs": [
                _catalog(number, page_of(rows, page_no, page_size), len(rows), with_id=True)
                for number, rows in groups.items()
            ]
        }
    )


def detail_fields(article: Article, *, body: Literal["tree", "html"] = "tree") -> dict[str, Any]:
    """`articleDetail` of a page and `data` of a detail answer."""
    return {
        "id": article.id,
        "code": article.code,
        "title": article.title,
        "body": article.body_tree() if body == "tree" else article.body_html(),
        "publishDate": article.release_ms,
        "articleType": 1,
        "firstCatalogId": article.catalog_id,
        "firstCatalogName": CATALOGS.get(article.catalog_id, ""),
        "secondCatalogId": None,
        "thirdCatalogId": None,
        "seoTitle": article.title,
    }


def article_detail(article: Article, *, body: Literal["tree", "html"] = "tree") -> dict[str, Any]:
    """The answer of `…/detail/query?articleCode=…`."""
    return _envelope(detail_fields(article, body=body))


def app_data_page(article: Article, others: Iterable[Article] = ()) -> str:
    """An article's page with its state embedded as `__APP_DATA`; `others` fill the catalogues beside it."""
    route = {
        "articleDetail": detail_fields(article),
        "catalogs": all_catalogs_list(others)["data"]["catalogs"],
        "isNeedEnForDefault": False,
    }
    state = {
        "ssr": True,
        "appState": {"error": {"error": None}, "loader": {"dataByRouteId": {"1659": {"locale": "en"}, "2a3f": route}}},
        "pageData": {"shuviInitialState": {}},
    }
    # A script ends at the first "</script", also within a string.
    embedded = json.dumps(state, ensure_ascii=False).replace("</", "<\\/")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(article.title)} | Binance Support</title></head>\n<body>"
        f'<script id="__APP_DATA" type="application/json">{embedded}</script></body></html>'
    )


def html_page(article: Article) -> str:
    """An article's page without embedded state: heading, date and body as HTML."""
    title = html.escape(article.title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title} | Binance Support</title></head>'
        f"\n<body><header><nav>Buy Crypto Markets Trade</nav></header><main><article><h1>{title}</h1>\n"
        f'<div>{article.released_at:%Y-%m-%d %H:%M}</div>\n<div id="support_article">{article.body_html()}</div>'
        "</article></main><footer>Community About Us</footer></body></html>"
    )


class AnnouncementSite:
    """List, details and pages over articles that may change while the server runs.

    `page` chooses how article pages look; `body` the form of the details' body. An edit does not move an article.
    """

    def __init__(
        self,
        server: UpstreamServer,
        articles: Iterable[Article] = (),
        *,
        page: Literal["app_data", "html"] = "app_data",
        body: Literal["tree", "html"] = "tree",
        with_id: bool = False,
    ) -> None:
        self.server = server
        self._page = page
        self._body: Literal["tree", "html"] = body
        self._with_id = with_id
        self._lock = threading.Lock()
        self._articles: list[tuple[float, Article]] = []
        for article in articles:
            self.publish(article)
        server.route(LIST_PATH, self._list)
        server.route(DETAIL_PATH, self._detail)
        server.route(PAGE_PATH + "*", self._show)

    @property
    def articles(self) -> list[Article]:
        """What is public by now, newest first."""
        with self._lock:
            shown = [article for at, article in self._articles if at <= self.server.elapsed]
        return sorted(shown, key=lambda article: article.release_ms, reverse=True)

    def list_url(self, catalog_id: int | None = 161, page_size: int = 50) -> str:
        """The list's URL; without a catalogue the older one."""
        catalog = "" if catalog_id is None else f"&catalogId={catalog_id}"
        return self.server.url(f"{LIST_PATH}?type=1{catalog}&pageNo=1&pageSize={page_size}")

    def publish(self, article: Article, at: float = 0.0) -> Article:
        """Add an article, to appear `at` seconds after the server's start."""
        with self._lock:
            self._articles.append((at, article))
        return article

    def edit(self, code: str, **changes: Any) -> Article:
        """Change fields of the article with this code, which stays where it is."""
        with self._lock:
            index = next(i for i, (_, article) in enumerate(self._articles) if article.code == code)
            at, article = self._articles[index]
            changed = replace(article, **changes)
            self._articles[index] = (at, changed)
        return changed

    def withdraw(self, code: str) -> None:
        """Take an article away."""
        with self._lock:
            self._articles = [(at, article) for at, article in self._articles if article.code != code]

    def _find(self, code: str) -> Article | None:
        return next((article for article in self.articles if article.code == code), None)

    def _list(self, request: Request) -> dict[str, Any]:
        query = request.query
        page_no, page_size = (_number(query.get("pageNo"), 1), _number(query.get("pageSize"), 20))
        if "catalogId" not in query:
            return all_catalogs_list(self.articles, page_no, page_size)
        return catalog_list(self.articles, _number(query["catalogId"], 0), page_no, page_size, with_id=self._with_id)

    def _detail(self, request: Request) -> Any:
        article = self._find(request.query.get("articleCode", ""))
        return _envelope(None) if article is None else article_detail(article, body=self._body)

    def _show(self, request: Request) -> Any:
        # Pages are linked as `<code>` and as `<title-in-words>-<code>`.
        article = self._find(re.split(r"[/-]", request.path)[-1])
        if article is None:
            return Reply("<!DOCTYPE html><html><body><h1>404</h1></body></html>", 404)
        return app_data_page(article, self.articles) if self._page == "app_data" else html_page(article)


def announcement_site(server: UpstreamServer, articles: Iterable[Article] = (), **options: Any) -> AnnouncementSite:
    """Serve these articles: list with paging, details and pages. Options as of AnnouncementSite."""
    return AnnouncementSite(server, articles, **options)


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.isdigit() and int(value) > 0 else default
