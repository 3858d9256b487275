"""The interface behind which every exchange stands; a further exchange is one module that implements it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from events.upstream.client import Payload
from exchanges.announcements.types import Article
from exchanges.wire import BadRow

Get = Callable[[str, str, Mapping[str, str] | None], Payload]
"""Asks an upstream: (source, url, query parameters) → payload; raises UpstreamError."""


@dataclass(frozen=True)
class ListedArticle:
    """A row of an announcement list."""

    article_id: str
    title: str
    released_at: datetime | None
    url: str
    catalogue: str = ""


@dataclass(frozen=True)
class ListPage:
    """One page of a list, newest first within each catalogue."""

    rows: Sequence[ListedArticle]
    bad_rows: Sequence[BadRow] = ()
    # What the list calls itself: names of its catalogues, types of its rows. None: this shape has no names.
    names: frozenset[str] | None = None


class AnnouncementSite(Protocol):
    """Where an exchange publishes. `lists`: `delistings`, and `news` of every kind; pages count from 1."""

    exchange: str
    lists: Sequence[str]

    def page(self, get: Get, list_name: str, number: int) -> ListPage:
        """One page of a list; raises UpstreamError, SchemaDrift where its shape is unknown."""
        ...

    def asked(self, list_name: str) -> str:
        """What a list is asked for with, its page size included."""
        ...

    def article(self, get: Get, row: ListedArticle) -> Article:
        """One article with its body; raises UpstreamError where no way leads to it."""
        ...
