"""OKX's lists of announcements in their three shapes: the documented API, the help center's sections, the home JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bs4 import Tag

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from exchanges.announcements.sites.base import ListedArticle, ListPage
from exchanges.announcements.text.markup import parsed_page
from exchanges.wire import BadRow, data_of, milliseconds

_SLUG = re.compile(r"^[^\s/?#\x00-\x1f]{1,300}$")


def parse_announcements(payload: Payload, article_base_url: str) -> ListPage:
    """GET /api/v5/support/announcements (`data[].details[]`), or the older home JSON (`data.notices[]`).

    https://www.okx.com/docs-v5/en/#announcement-get-announcements: 20 rows a page, newest first; edits do not move a
    row. A page beyond the end has no rows. Raises SchemaDrift, or what `okx_data` raises; a row that cannot be read is
    a BadRow.
    """
    answer = json_body(payload)
    data = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(data, dict) and "notices" in data:
        return _page(
            payload, "data.notices", _rows(payload, "data.notices", data["notices"]), _notice, article_base_url
        )
    rows: list[Any] = []
    for part in data_of(answer, payload):
        details = part.get("details") if isinstance(part, dict) else None
        rows.extend(_rows(payload, "data[].details", details))
    return _page(payload, "data[].details[]", rows, _announcement, article_base_url)


def parse_section(payload: Payload, section: str, article_base_url: str) -> ListPage:
    """A section's page of the help center, by the list in its embedded state (`sectionData.articleList.items[]`).

    Raises SchemaDrift where there is none.
    """
    items = next(_lists(app_state(payload)), None)
    if items is None:
        raise SchemaDrift(payload.source, "appState", "a state with articleList.items", payload.body[:200])

    def listed(row: dict[str, Any]) -> tuple[str, datetime | None, str]:
        return _slug(row.get("slug"), "slug"), _published(row.get("publishTime")), section

    return _page(payload, "articleList.items[]", items, listed, article_base_url)


def app_state(payload: Payload) -> Any:
    """The state that pages of OKX's help center embed as `appState`; None where there is none that can be read."""
    script = parsed_page(payload.body).find("script", id="appState")
    if not isinstance(script, Tag):
        return None
    try:
        return json.loads(script.get_text())
    except ValueError:
        return None


def clean(text: str) -> str:
    # PostgreSQL stores no NUL, and lone surrogates cannot be encoded.
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()


def _lists(state: Any) -> Iterator[list[Any]]:
    """Every article list anywhere in a state: its place in there moves with the site's releases."""
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


def _announcement(row: dict[str, Any]) -> tuple[str, datetime | None, str]:
    # pTime is when it went out; businessPTime is what the page shows, rounded to hours or whole days at times.
    released = _time(row.get("pTime"), "pTime") or _time(row.get("businessPTime"), "businessPTime")
    return _slug_of(row.get("url"), "url"), released, str(row.get("annType") or "")[:100]


def _notice(row: dict[str, Any]) -> tuple[str, datetime | None, str]:
    released = _time(row.get("publishDate"), "publishDate") or _time(row.get("startTime"), "startTime")
    return _slug_of(row.get("link") or row.get("shareLink"), "link"), released, str(row.get("sectionSlug") or "")[:100]


def _page(
    payload: Payload,
    field: str,
    rows: list[Any],
    listed: Callable[[dict[str, Any]], tuple[str, datetime | None, str]],
    article_base_url: str,
) -> ListPage:
    good: dict[str, ListedArticle] = {}
    bad: list[BadRow] = []
    for row in rows:
        excerpt = json.dumps(row, ensure_ascii=True, default=str)[:500]
        title = row.get("title") if isinstance(row, dict) else None
        try:
            if not isinstance(row, dict):
                raise ValueError(f"a row was {type(row).__name__}, expected an object")
            if not isinstance(title, str) or not clean(title):
                raise ValueError(f"title was {title!r:.80}, expected a text")
            slug, released, catalogue = listed(row)
        except ValueError as error:
            bad.append(BadRow(excerpt[:200], clean(str(title or ""))[:300], str(error), excerpt))
            continue
        url = row.get("url") or row.get("shareLink")
        shown = url if isinstance(url, str) and url.startswith("https://") else article_base_url + slug
        good.setdefault(slug, ListedArticle(slug, clean(title), released, clean(shown), clean(catalogue)))
    if not good and bad:
        raise SchemaDrift(payload.source, field, "rows with title and address", bad[0].excerpt)
    # The home page's notices have no types.
    names = None if listed is _notice else frozenset(row.catalogue for row in good.values())
    return ListPage(tuple(good.values()), tuple(bad), names)


def _slug_of(address: Any, field: str) -> str:
    """An article's identity: the last part of its address. Titles repeat, and the API gives no id."""
    if not isinstance(address, str):
        raise ValueError(f"{field} was {address!r:.80}, expected an address")
    return _slug(urlsplit(address).path.rstrip("/").rpartition("/")[2], field)


def _slug(value: Any, field: str) -> str:
    if not isinstance(value, str) or not _SLUG.match(value):
        raise ValueError(f"{field} was {value!r:.80}, expected an address that ends in the article's name")
    return clean(value)


def _time(value: Any, field: str) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        return milliseconds(value)
    except ValueError as error:
        raise ValueError(f"{field} {error}") from None


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
