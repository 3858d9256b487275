"""OKX's announcement site: the documented API, with the help center's pages and the older home JSON as fallbacks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from crypto_ews.conf import Config
from events.updater import Stopping
from events.upstream import rate_limit
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift, UpstreamError
from exchanges.announcements.sites.base import Get, ListedArticle, ListPage
from exchanges.announcements.sites.okx_article import parse_article
from exchanges.announcements.sites.okx_lists import parse_announcements, parse_section
from exchanges.announcements.types import Article
from exchanges.wire import BadRow

logger = logging.getLogger(__name__)

LIST_SOURCE, ARTICLE_SOURCE = "okx.announcements", "okx.article"
# Documented: 5 requests in 2 s per IP address.
rate_limit.limit(LIST_SOURCE, requests=5, seconds=2.0)

_SECTIONS = {"delistings": "announcements-delistings", "news": "announcements-latest-announcements"}
_HOME_PATH = "/v2/support/home/web"


class OkxSite:
    """OKX's announcement lists (delistings, and all types) and articles."""

    exchange = "okx"
    lists: Sequence[str] = tuple(_SECTIONS)

    def __init__(self, config: Config) -> None:
        self._config = config
        self._list_urls = {"delistings": config.okx_delist_url, "news": config.okx_news_dict_url}
        self._ways: tuple[Callable[[Get, str, int], ListPage], ...] = (self._api, self._section, self._home)
        # By list, the way of its first page. The later pages come the same way: page sizes differ between the ways.
        self._chosen: dict[str, int] = {}

    def page(self, get: Get, list_name: str, number: int) -> ListPage:
        if number > 1:
            return self._ways[self._chosen.get(list_name, 0)](get, list_name, number)
        first_error: UpstreamError | None = None
        for place, way in enumerate(self._ways):
            try:
                page = way(get, list_name, number)
                if not page.rows:
                    raise SchemaDrift(LIST_SOURCE, f"list {list_name}", "announcements; it is never empty", "none")
            except Stopping:
                raise
            except UpstreamError as error:
                if isinstance(error, RetryableError) and error.after is not None:
                    # OKX asked us to wait: further requests would make the ban longer.
                    raise
                first_error = first_error or error
                continue
            self._chosen[list_name] = place
            return _with_fault(page, list_name, first_error) if first_error else page
        assert first_error is not None
        raise first_error

    def asked(self, list_name: str) -> str:
        # The three ways have pages of different sizes.
        return f"{self._chosen.get(list_name, 0)} {self._list_urls[list_name]}"

    def article(self, get: Get, row: ListedArticle) -> Article:
        url = self._config.okx_article_base_url + quote(row.article_id, safe="%")
        return parse_article(get(ARTICLE_SOURCE, url, None), row)

    def _api(self, get: Get, list_name: str, number: int) -> ListPage:
        parts = urlsplit(self._list_urls[list_name])
        parameters = {**dict(parse_qsl(parts.query, keep_blank_values=True)), "page": str(number)}
        url = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        return parse_announcements(get(LIST_SOURCE, url, parameters), self._config.okx_article_base_url)

    def _section(self, get: Get, list_name: str, number: int) -> ListPage:
        section = _SECTIONS[list_name]
        url = f"{self._config.okx_article_base_url}section/{section}" + (f"/page/{number}" if number > 1 else "")
        return parse_section(get(LIST_SOURCE, url, None), section, self._config.okx_article_base_url)

    def _home(self, get: Get, list_name: str, number: int) -> ListPage:
        url = self._config.okx_base_trading_url.rstrip("/") + _HOME_PATH
        if number > 1:
            # It has the latest notices only: pagination beyond them must not count as complete.
            raise PermanentError(LIST_SOURCE, url, "the home page's list has no further pages")
        return parse_announcements(get(LIST_SOURCE, url, None), self._config.okx_article_base_url)


def _with_fault(page: ListPage, list_name: str, error: UpstreamError) -> ListPage:
    """A page that a fallback gave. A transient error is only logged; a lasting one is quarantined too."""
    logger.warning("%s: list %s was read by a fallback: %s", LIST_SOURCE, list_name, error)
    if isinstance(error, RetryableError):
        return page
    fault = BadRow(f"list:{list_name}", f"the list {list_name}, read by a fallback", str(error), "")
    return replace(page, bad_rows=(*page.bad_rows, fault))
