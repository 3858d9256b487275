"""Articles out of the archive: an upstream's stored answer, read again by the site of its exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from crypto_ews.conf import Config
from events.models import Event, PayloadBody, Review
from events.upstream.archive import body_bytes
from events.upstream.client import Payload
from events.upstream.errors import UpstreamError
from exchanges.announcements.context import listed, released, title_only
from exchanges.announcements.detect import article_key
from exchanges.announcements.sites.base import AnnouncementSite, Get
from exchanges.announcements.types import Article, BodyUnreadable
from exchanges.models import SeenArticle

_sites: dict[str, Callable[[Config], AnnouncementSite]] = {}


def register_site(exchange: str, site: Callable[[Config], AnnouncementSite]) -> None:
    """Make the articles of an exchange readable out of the archive. site: makes its site of a configuration."""
    _sites[exchange] = site


def archived_article(site: AnnouncementSite, body: PayloadBody, row: SeenArticle, now: datetime) -> Article | None:
    """The article in an archived answer; None where that is another answer, such as a list."""
    try:
        article = site.article(_answering(body_bytes(body), now), listed(row))
    except (UpstreamError, BodyUnreadable):
        return None
    return replace(article, released_at=released(row) or article.released_at)


def stored_article(row: SeenArticle, config: Config, now: datetime) -> Article:
    """A seen article with its body from the archive; its title alone where that is gone, or was never read."""
    for digest in _answers(row):
        body = PayloadBody.objects.filter(pk=digest).first()
        if body is None or row.exchange not in _sites:
            continue
        article = archived_article(_sites[row.exchange](config), body, row, now)
        if article is not None and article.body:
            return article
    return replace(title_only(row.exchange, listed(row)), released_at=released(row))


def _answers(row: SeenArticle) -> Iterator[str]:
    """The archived answers that may have the article, the latest first: an article refers to its first one."""
    key = article_key(row.exchange, row.article_id)
    # The answer of a follow-up's event is another article's.
    yield from (
        Event.objects.filter(natural_key=key)
        .exclude(payload=None)
        .order_by("-id")
        .values_list("payload_id", flat=True)[:3]
    )
    yield from Review.objects.filter(natural_key=key).exclude(payload=None).values_list("payload_id", flat=True)[:1]
    if row.payload_id:
        yield row.payload_id


def _answering(body: bytes, at: datetime) -> Get:
    """A `Get` that gives an archived answer to every request."""

    def get(source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        return Payload(source, url, 200, {}, body, at, 0.0, None)

    return get
