"""OKX's lists of announcements in three shapes: the documented API, sections of the help center, the home JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from bs4 import Tag

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from events.upstream.rows import row_of
from events.upstream.text import storable
from exchanges.announcements.sites.base import ListedArticle, ListPage, Milliseconds, Title, time_of
from exchanges.announcements.text.markup import parsed_page
from exchanges.wire import BadRow, data_of

_SLUG = re.compile(r"^[^\s/?#\x00-\x1f]{1,300}$")


class _Row(msgspec.Struct, kw_only=True):
    """A row of any of the three lists. `Any`: a fallback for another field, which must not make its row unusable."""

    title: Title
    url: Any = None
    shareLink: Any = None

    def listed(self) -> tuple[str, datetime | None, str]:
        """(article id, release, catalogue). Raises ValueError that names the field."""
        raise NotImplementedError


class _Announcement(_Row, kw_only=True):
    """`details[]` of the API. Times in epoch milliseconds.

    pTime is the time of publication; businessPTime, shown on the page, is sometimes rounded to hours or days.
    """

    pTime: Milliseconds = None
    businessPTime: Any = None
    annType: Any = None

    def listed(self) -> tuple[str, datetime | None, str]:
        released = _time(self.pTime, "pTime") or _time(self.businessPTime, "businessPTime")
        return _slug_of(self.url, "url"), released, str(self.annType or "")[:100]


class _Notice(_Row, kw_only=True):
    """`notices[]` of the home JSON. Times in epoch milliseconds."""

    link: Any = None
    publishDate: Milliseconds = None
    startTime: Any = None
    sectionSlug: Any = None

    def listed(self) -> tuple[str, datetime | None, str]:
        released = _time(self.publishDate, "publishDate") or _time(self.startTime, "startTime")
        return _slug_of(self.link or self.shareLink, "link"), released, str(self.sectionSlug or "")[:100]


class _SectionItem(_Row, kw_only=True):
    """`articleList.items[]` of the help center. Its catalogue is the section of the page."""

    slug: Any = None
    publishTime: Any = None

    def listed(self) -> tuple[str, datetime | None, str]:
        return _slug(self.slug, "slug"), _published(self.publishTime), ""


def parse_announcements(payload: Payload, article_base_url: str) -> ListPage:
    """GET /api/v5/support/announcements (`data[].details[]`), or the older home JSON (`data.notices[]`).

    https://www.okx.com/docs-v5/en/#announcement-get-announcements: 20 rows a page, newest first; edits do not move a
    row. A page beyond the end has no rows. A row that cannot be read becomes a BadRow. Raises SchemaDrift, and what
    `okx_data` raises.
    """
    answer = json_body(payload)
    data = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(data, dict) and "notices" in data:
        notices = _rows(payload, "data.notices", data["notices"])
        return _page(payload, "data.notices", notices, _Notice, article_base_url)
    rows: list[Any] = []
    for part in data_of(answer, payload):
        details = part.get("details") if isinstance(part, dict) else None
        rows.extend(_rows(payload, "data[].details", details))
    return _page(payload, "data[].details[]", rows, _Announcement, article_base_url)


def parse_section(payload: Payload, section: str, article_base_url: str) -> ListPage:
    """A section page of the help center, from the list in its embedded state (`sectionData.articleList.items[]`).

    Raises SchemaDrift where the state has no list.
    """
    items = next(_lists(app_state(payload)), None)
    if items is None:
        raise SchemaDrift(payload.source, "appState", "a state with articleList.items", payload.body[:200])
    return _page(payload, "articleList.items[]", items, _SectionItem, article_base_url, section)


def app_state(payload: Payload) -> Any:
    """The state that pages of OKX's help center embed as `appState`; None where there is none, or it is no JSON."""
    script = parsed_page(payload.body).find("script", id="appState")
    if not isinstance(script, Tag):
        return None
    try:
        return json.loads(script.get_text())
    except ValueError:
        return None


def _lists(state: Any) -> Iterator[list[Any]]:
    """Every article list, anywhere in a state: its position changes with the site's releases."""
    stack = [state]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            found = node.get("articleList")
            if isinstance(found, dict) and isinstance(found.get("items"), list):
                yield found["items"]
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _rows(payload: Payload, field: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise SchemaDrift(payload.source, field, "a list of announcements", value)
    return value


def _page(
    payload: Payload, field: str, items: list[Any], kind: type[_Row], article_base_url: str, section: str = ""
) -> ListPage:
    """A page from the items of its list. section: the catalogue of rows without one."""
    good: dict[str, ListedArticle] = {}
    bad: list[BadRow] = []
    for item in items:
        try:
            row = row_of(item, kind)
            slug, released, catalogue = row.listed()
        except ValueError as error:
            excerpt = json.dumps(item, ensure_ascii=True, default=str)[:500]
            title = str(item.get("title") or "") if isinstance(item, dict) else ""
            bad.append(BadRow(excerpt[:200], storable(title)[:300], str(error), excerpt))
            continue
        url = row.url or row.shareLink
        address = url if isinstance(url, str) and url.startswith("https://") else article_base_url + slug
        good.setdefault(
            slug,
            ListedArticle(slug, storable(row.title), released, storable(address), storable(catalogue or section)),
        )
    if not good and bad:
        raise SchemaDrift(payload.source, field, "rows with title and address", bad[0].excerpt)
    # The home page's notices have no types.
    names = None if kind is _Notice else frozenset(row.catalogue for row in good.values())
    return ListPage(tuple(good.values()), tuple(bad), names)


def _slug_of(address: Any, field: str) -> str:
    """The id of an article: the last part of its address. Titles repeat, and the API gives no id."""
    if not isinstance(address, str):
        raise ValueError(f"{field} was {address!r:.80}, expected an address")
    return _slug(urlsplit(address).path.rstrip("/").rpartition("/")[2], field)


def _slug(value: Any, field: str) -> str:
    if not isinstance(value, str) or not _SLUG.match(value):
        raise ValueError(f"{field} was {value!r:.80}, expected an address that ends in the article's name")
    return storable(value)


def _time(value: Any, field: str) -> datetime | None:
    if value in (None, ""):
        return None
    return time_of(value, field)


def _published(value: Any) -> datetime | None:
    """`publishTime` of the help center: ISO 8601 with an offset ("2025-04-17T19:13+08:00")."""
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"publishTime was {value!r:.80}, expected ISO 8601") from None
    if moment.tzinfo is None:
        raise ValueError(f"publishTime was {value!r:.80}, expected a time with an offset")
    return moment.astimezone(UTC)
