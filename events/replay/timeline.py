"""Recorded payloads as the upstreams of a replay: which one answers a request at a moment of virtual time.

An archive may come from another configuration: hosts are not compared, and a parameter that only one side knows does
not part two URLs. What a URL *names* counts where a source holds many things (articles, currencies, pages of a list).
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

# Each URL of these is a thing of its own: one never stands in for another.
ITEM_SOURCES = (".article", ".market_pairs")
# A request's deadline: longer after the one before it no answer of the same round can come.
_ROUND_ANSWERS_WITHIN = timedelta(seconds=MAX_DEADLINE_S)
_PAGE_PARAMETERS = frozenset({"page", "pageno", "pagenumber"})
# How much is asked for, as against what.
_SIZE_PARAMETERS = frozenset({"pagesize", "size", "limit", "start", "perpage"})
_NAMES_AN_ITEM = 6  # letters; shorter parts of a URL are words such as "spot"


@dataclass(frozen=True)
class Asked:
    """What a URL asks for: its path and parameters, without its host, its page and the page's size."""

    path: str
    query: frozenset[tuple[str, str]]
    page: int = 1

    @property
    def names(self) -> frozenset[str]:
        """What may name the thing that is asked for: parameters' values, or else the last part of the path."""
        parts = {value for _, value in self.query} or {self.path.rstrip("/").rpartition("/")[2]}
        return frozenset(part for part in parts if len(part) >= _NAMES_AN_ITEM)

    def contradicts(self, other: Asked) -> bool:
        """Whether a parameter of both has another value in each."""
        mine, others = dict(self.query), dict(other.query)
        return any(others.get(name, value) != value for name, value in mine.items())


def asked_for(url: str, params: Mapping[str, str] | None = None) -> Asked:
    """A URL with further parameters, taken apart."""
    return _asked(url, tuple(sorted((params or {}).items())))


@lru_cache(maxsize=10_000)
def _asked(url: str, params: tuple[tuple[str, str], ...]) -> Asked:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(params)
    pages = [value for name, value in query.items() if name.lower() in _PAGE_PARAMETERS and value.isdigit()]
    kept = frozenset(
        (name, value) for name, value in query.items() if name.lower() not in _PAGE_PARAMETERS | _SIZE_PARAMETERS
    )
    return Asked(parts.path, kept, int(pages[0]) if pages else 1)


def best_match(source: str, asked: Asked, recorded: Collection[Asked]) -> Asked | None:
    """The recorded URL of `source` that answers a request, None where none does."""
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
    """What one reader was given last, by source and URL."""

    last: dict[tuple[str, Asked], RecordedPayload] = field(default_factory=dict)

    def has(self, payload: RecordedPayload) -> bool:
        return self.last.get((payload.source, asked_for(payload.url))) is payload


class Timeline:
    """Walks through recorded payloads once, keeping the latest of each URL and no more than it needs."""

    def __init__(self, payloads: Iterator[RecordedPayload]) -> None:
        self._payloads = payloads
        self._ahead: deque[RecordedPayload] = deque()
        self._latest: dict[str, dict[Asked, RecordedPayload]] = {}
        self._present: RecordedPayload | None = None

    @property
    def sources(self) -> Collection[str]:
        """Those that answers of were met so far."""
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
        """What answers a request that a reader makes at `at`.

        The latest payload of the URL, where the reader does not know it. Else what came next, if it came within a
        request's deadline: a round asks one URL after another, and the archive has its answers in that order. Else
        the latest again; None where nothing is recorded.
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
