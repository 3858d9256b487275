"""Recorded payloads as the upstreams of a replay: selects the answer to a request at a moment of virtual time.

An archive may come from another configuration: hosts are not compared, and a parameter that only one of two URLs has
does not make them different. Where a source has many items (articles, currencies, pages of a list), the item that a URL
*names* counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from events.upstream.archive_file import RecordedPayload
from events.upstream.client import MAX_DEADLINE_S

# Each URL of these sources is an item: none answers for another.
ITEM_SOURCES = (".article", ".market_pairs")
# A request's deadline: two answers of one round in a row are no further apart.
_ROUND_ANSWERS_WITHIN = timedelta(seconds=MAX_DEADLINE_S)
_PAGE_PARAMETERS = frozenset({"page", "pageno", "pagenumber"})
# How much is requested, as against what.
_SIZE_PARAMETERS = frozenset({"pagesize", "size", "limit", "start", "perpage"})
_NAMES_AN_ITEM = 6  # letters; shorter parts of a URL are words such as "spot"


@dataclass(frozen=True)
class Asked:
    """What a URL requests: path and parameters, without host, page and page size."""

    path: str
    query: frozenset[tuple[str, str]]
    page: int = 1

    @property
    def names(self) -> frozenset[str]:
        """Possible names of the requested item: values of parameters, or else the last part of the path."""
        parts = {value for _, value in self.query} or {self.path.rstrip("/").rpartition("/")[2]}
        return frozenset(part for part in parts if len(part) >= _NAMES_AN_ITEM)

    def contradicts(self, other: Asked) -> bool:
        """Whether a parameter that both have differs."""
        mine, others = dict(self.query), dict(other.query)
        return any(others.get(name, value) != value for name, value in mine.items())


def asked_for(url: str, params: Mapping[str, str] | None = None) -> Asked:
    """The request of a URL with additional parameters."""
    return _asked(url, tuple(sorted((params or {}).items())))


@lru_cache(maxsize=10_000)
def _asked(url: str, params: tuple[tuple[str, str], ...]) -> Asked:
    parts = urlsplit(url)
    named = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(params)
    pages = [value for name, value in named.items() if name.lower() in _PAGE_PARAMETERS and value.isdigit()]
    query = frozenset(
        (name, value) for name, value in named.items() if name.lower() not in _PAGE_PARAMETERS | _SIZE_PARAMETERS
    )
    return Asked(parts.path, query, int(pages[0]) if pages else 1)


def best_match(source: str, asked: Asked, recorded: Collection[Asked]) -> Asked | None:
    """The recorded request of `source` whose answer fits; None where none does."""
    if asked in recorded:
        return asked
    same_page = [other for other in recorded if other.page == asked.page and not other.contradicts(asked)]
    alike = [
        other
        for other in same_page
        if other.path == asked.path and (other.query <= asked.query or asked.query <= other.query)
    ]
    if alike:
        return max(alike, key=lambda other: (len(other.query & asked.query), sorted(other.query)))
    if source.endswith(ITEM_SOURCES):
        same_page = [other for other in same_page if other.names & asked.names]
    return same_page[0] if asked.page == 1 and len(same_page) == 1 else None


@dataclass
class Seen:
    """The last payload that one reader was given, by source and request."""

    last: dict[tuple[str, Asked], RecordedPayload] = field(default_factory=dict)

    def has(self, payload: RecordedPayload) -> bool:
        return self.last.get((payload.source, asked_for(payload.url))) is payload


class Timeline:
    """Reads recorded payloads once, and keeps only the latest of each URL and those that a round needs next."""

    def __init__(self, payloads: Iterator[RecordedPayload]) -> None:
        self._payloads = payloads
        self._ahead: deque[RecordedPayload] = deque()
        self._latest: dict[str, dict[Asked, RecordedPayload]] = {}
        self._present: RecordedPayload | None = None

    @property
    def sources(self) -> Collection[str]:
        """The sources of the payloads so far."""
        return self._latest.keys()

    def advance(self) -> tuple[RecordedPayload, RecordedPayload | None] | None:
        """The next payload and the one of its URL before it; None at the end."""
        payload = self._ahead.popleft() if self._ahead else next(self._payloads, None)
        if payload is None:
            return None
        self._present = payload
        of_source = self._latest.setdefault(payload.source, {})
        asked = asked_for(payload.url)
        previous = of_source.get(asked)
        of_source[asked] = payload
        return payload, previous

    def is_latest(self, payload: RecordedPayload) -> bool:
        return self._latest.get(payload.source, {}).get(asked_for(payload.url)) is payload

    def answer(self, source: str, asked: Asked, at: datetime, seen: Seen) -> RecordedPayload | None:
        """The answer to a request that a reader makes at `at`.

        The latest payload of the URL, unless the reader has it. Else the next one, if it was received within the
        deadline of a request: a round requests one URL after another, and the archive has the answers in that order.
        Else the latest again; None where nothing is recorded.
        """
        latest = self._latest.get(source, {})
        coming = self._coming(source, at)
        url = best_match(source, asked, latest.keys() | coming.keys())
        if url is None:
            return None
        known = latest.get(url)
        if known is None or seen.has(known):
            known = coming.get(url, known)
        if known is not None:
            seen.last[(source, url)] = known
        return known

    def _coming(self, source: str, at: datetime) -> dict[Asked, RecordedPayload]:
        """The next payload of each URL, up to a deadline from `at` or to the next round, whichever is sooner."""
        until = at + _ROUND_ANSWERS_WITHIN
        while not self._ahead or self._ahead[-1].received_at <= until:
            payload = next(self._payloads, None)
            if payload is None:
                break
            self._ahead.append(payload)
        coming: dict[Asked, RecordedPayload] = {}
        for payload in self._ahead:
            if payload.received_at > until or self._begins_next_round(payload):
                break
            if payload.source == source:
                coming.setdefault(asked_for(payload.url), payload)
        return coming

    def _begins_next_round(self, payload: RecordedPayload) -> bool:
        present = self._present
        return present is not None and (payload.source, payload.url) == (present.source, present.url)
