"""The interface of an exchange's announcement site. Another exchange is one module that implements it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol

import msgspec

from events.upstream.client import Payload
from exchanges.announcements.types import Article
from exchanges.wire import BadRow, milliseconds

Get = Callable[[str, str, Mapping[str, str] | None], Payload]
"""Asks an upstream: (source, url, query parameters) → payload; raises UpstreamError."""
Title = Annotated[str, msgspec.Meta(pattern=r"[^\s\0]")]
"""The title of a row: a text that is not blank."""
Milliseconds = int | float | str | None
"""A time of a row in epoch milliseconds, as number or text; `milliseconds` reads it."""


def time_of(value: Any, field: str) -> datetime | None:
    """`milliseconds`, with the name of the field in its ValueError."""
    try:
        return milliseconds(value)
    except ValueError as error:
        raise ValueError(f"{field} {error}") from None


class LastAnswer:
    """A `Get` that remembers the archive key of the latest answer: of the page or article, or of what was unusable."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self.archived_as: str | None = None

    def __call__(self, source: str, url: str, params: Mapping[str, str] | None) -> Payload:
        payload = self._get(source, url, params)
        self.archived_as = payload.archived_as
        return payload


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
    # The list as it names itself: its catalogues, or the types of its rows. None: this shape has no names.
    names: frozenset[str] | None = None


class AnnouncementSite(Protocol):
    """Where an exchange publishes. lists: `delistings`, and `news` with notices of every kind. Pages count from 1."""

    exchange: str
    lists: Sequence[str]

    def page(self, get: Get, list_name: str, number: int) -> ListPage:
        """One page of a list. Raises UpstreamError; SchemaDrift where its shape is unknown."""
        ...

    def asked(self, list_name: str) -> str:
        """The request of a list as text, its page size included: another one may have rows of another number."""
        ...

    def article(self, get: Get, row: ListedArticle) -> Article:
        """One article with its body. Raises UpstreamError where none of the site's addresses has it."""
        ...
