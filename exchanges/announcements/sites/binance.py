"""Binance's announcement site: lists and articles of its CMS, with the article's page as a fallback."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import msgspec
from bs4 import Tag

from crypto_ews.conf import Config
from events.upstream.client import Payload, json_body
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift, UpstreamError, is_not_found
from events.upstream.rows import row_of
from events.upstream.text import encodable, storable
from exchanges.announcements.sites.base import Get, ListedArticle, ListPage, Milliseconds, Title, time_of
from exchanges.announcements.text.markup import parsed_page
from exchanges.announcements.types import Article
from exchanges.wire import BadRow, milliseconds

LIST_SOURCE, ARTICLE_SOURCE = "binance.announcements", "binance.article"
_CODE = r"^[A-Za-z0-9_-]{1,200}$"


class _Row(msgspec.Struct):
    """A row of `catalogs[].articles[]`. releaseDate: epoch milliseconds."""

    code: Annotated[str, msgspec.Meta(pattern=_CODE)]
    title: Title
    releaseDate: Milliseconds = None


class BinanceSite:
    """Binance's announcement lists (all catalogues, and the catalogue Delisting) and articles."""

    exchange = "binance"

    def __init__(self, config: Config) -> None:
        self._config = config
        self._list_urls = {"news": config.binance_news_dict_url, "delistings": config.binance_delist_url}
        self.lists: Sequence[str] = tuple(self._list_urls)

    def page(self, get: Get, list_name: str, number: int) -> ListPage:
        url, parameters = _with_page(self._list_urls[list_name], number)
        payload = get(LIST_SOURCE, url, parameters)
        return parse_list(payload, self._config.binance_article_base_url)

    def asked(self, list_name: str) -> str:
        return self._list_urls[list_name]

    def article(self, get: Get, row: ListedArticle) -> Article:
        """From the detail query, else from the state embedded in the page, else from the page's HTML."""
        payload = None
        try:
            payload = get(ARTICLE_SOURCE, self._config.binance_article_detail_url + row.article_id, None)
            return parse_detail(payload, row)
        except UpstreamError as error:
            if isinstance(error, RetryableError) and error.after:
                raise
            first_error = error
        # An answer without the article means that there is none; a 404 may only mean that the address has changed.
        answered = payload is not None and is_not_found(first_error)
        try:
            payload = get(ARTICLE_SOURCE, self._config.binance_article_base_url + row.article_id, None)
            return parse_page(payload, row)
        except UpstreamError as error:
            # The detail query is the one that should have worked: its error is the more useful one.
            if is_not_found(first_error) and not answered and not is_not_found(error):
                raise error from first_error
            raise first_error from error


def _with_page(url: str, number: int) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    parameters["pageNo"] = str(number)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), parameters


def _drift(payload: Payload, field: str, expected: str, found: Any) -> SchemaDrift:
    return SchemaDrift(payload.source, field, expected, f"{type(found).__name__} {str(found)[:120]}")


def parse_list(payload: Payload, article_base_url: str) -> ListPage:
    """A page of the list in both its shapes: `data.catalogs[].articles[]`, or `catalogs[]` at the top as in pages.

    In a page beyond the end `catalogs` is empty or null. A row that cannot be read becomes a BadRow. Raises SchemaDrift
    for another shape, and where no row can be read.
    """
    answer = json_body(payload)
    if not isinstance(answer, dict):
        raise _drift(payload, "(top)", "an object", answer)
    data = answer.get("data", answer)
    if not isinstance(data, dict) or "catalogs" not in data:
        raise _drift(payload, "data.catalogs", "a list of catalogues", data)
    catalogues = data["catalogs"]
    if catalogues is None:
        catalogues = []
    if not isinstance(catalogues, list):
        raise _drift(payload, "data.catalogs", "a list of catalogues", catalogues)
    rows: dict[str, ListedArticle] = {}
    bad_rows: list[BadRow] = []
    names: set[str] = set()
    for catalogue in catalogues:
        if not isinstance(catalogue, dict) or not isinstance(catalogue.get("articles"), list | None):
            raise _drift(payload, "data.catalogs[].articles", "a list of articles", catalogue)
        name = encodable(str(catalogue.get("catalogName") or ""))[:100]
        names.add(name)
        for row in catalogue.get("articles") or []:
            listed = _listed_article(row, name, article_base_url)
            if isinstance(listed, BadRow):
                bad_rows.append(listed)
            else:
                rows.setdefault(listed.article_id, listed)
    if not rows and bad_rows:
        raise _drift(payload, "data.catalogs[].articles[]", "rows with code and title", bad_rows[0].excerpt)
    return ListPage(tuple(rows.values()), tuple(bad_rows), frozenset(names))


def _listed_article(item: Any, catalogue: str, article_base_url: str) -> ListedArticle | BadRow:
    try:
        row = row_of(item, _Row)
        released_at = time_of(row.releaseDate, "releaseDate")
    except ValueError as error:
        return _bad_row(item, str(error))
    return ListedArticle(row.code, storable(row.title), released_at, article_base_url + row.code, catalogue)


def _bad_row(item: Any, error: str) -> BadRow:
    """The row for quarantine under its code, or where that is unusable under its number and title."""
    excerpt = json.dumps(item, ensure_ascii=True, default=str)[:500]
    if not isinstance(item, dict):
        return BadRow(excerpt[:100], "", error, excerpt)
    code, title = item.get("code"), str(item.get("title") or "")[:300]
    key = code if isinstance(code, str) and re.match(_CODE, code) else f"{item.get('id')}:{title}"[:200]
    return BadRow(key, title, error, excerpt)


def parse_detail(payload: Payload, row: ListedArticle) -> Article:
    """The answer of the detail query: `data` with `title` and `body`, a node tree (HTML until August 2020) in a string.

    Raises SchemaDrift; PermanentError where the article does not exist.
    """
    answer = json_body(payload)
    detail = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(answer, dict) and "data" in answer and detail is None and answer.get("success") is not False:
        raise PermanentError(payload.source, payload.url, "it has no article with this code", not_found=True)
    if not isinstance(detail, dict):
        raise _drift(payload, "data", "the article as an object", answer)
    return _article_of(detail, payload, row, "data")


def _article_of(detail: Mapping[str, Any], payload: Payload, row: ListedArticle, where: str) -> Article:
    title, body = detail.get("title"), detail.get("body")
    if not isinstance(title, str) or not storable(title):
        raise _drift(payload, f"{where}.title", "a text", title)
    if isinstance(body, dict):
        body = json.dumps(body)
    if not isinstance(body, str) or not storable(body):
        raise _drift(payload, f"{where}.body", "a text that is not empty", body)
    try:
        published_at = milliseconds(detail.get("publishDate") or detail.get("releaseDate"))
    except ValueError as error:
        raise _drift(payload, f"{where}.publishDate", str(error), detail.get("publishDate")) from None
    return Article(
        exchange="binance",
        article_id=row.article_id,
        title=storable(title),
        body=storable(body),
        released_at=row.released_at or published_at,
        url=row.url,
        catalogue=row.catalogue,
    )


def parse_page(payload: Payload, row: ListedArticle) -> Article:
    """The article of a page: from the embedded state `__APP_DATA`, else from heading and text. Raises SchemaDrift."""
    soup = parsed_page(payload.body)
    script = soup.find("script", id="__APP_DATA")
    if isinstance(script, Tag):
        detail = _find_article(script.get_text(), row.article_id)
        if detail is not None:
            return _article_of(detail, payload, row, "__APP_DATA.articleDetail")
    for unwanted in soup.find_all(["script", "style", "nav", "header", "footer", "noscript"]):
        unwanted.decompose()
    heading = soup.find("h1")
    content = soup.find("article") or soup.find("main") or soup.find(id="support_article") or soup.body
    text = content.get_text(" ", strip=True) if isinstance(content, Tag) else ""
    if not isinstance(heading, Tag) or not storable(heading.get_text()) or len(text) < 80:
        raise SchemaDrift(payload.source, "page", "an article with a heading", soup.get_text(" ", strip=True)[:160])
    return Article(
        exchange="binance",
        article_id=row.article_id,
        title=storable(heading.get_text(" ", strip=True)),
        body=storable(str(content)),
        released_at=row.released_at,
        url=row.url,
        catalogue=row.catalogue,
    )


def _find_article(text: str, code: str) -> Mapping[str, Any] | None:
    """The article with this code, anywhere in the page's state: its position changes with every release of the site."""
    try:
        state = json.loads(text)
    except ValueError:
        return None
    stack, seen = [state], 0
    best: Mapping[str, Any] | None = None
    while stack and seen < 200_000:
        node = stack.pop()
        seen += 1
        if isinstance(node, dict):
            if isinstance(node.get("body"), str) and isinstance(node.get("title"), str):
                if node.get("code") == code:
                    return node
                best = best or (node if "code" not in node else None)
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return best
