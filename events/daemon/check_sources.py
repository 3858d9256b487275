"""Polls every configured upstream once, through each source's client, and records nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from django.db import transaction

from crypto_ews.conf import Config
from events import registry
from events.upstream.client import HttpClient, Payload
from events.upstream.errors import UpstreamError, redact_url

# Enough to reach every list of a source, without reading all pages of a site.
_REQUESTS_PER_SOURCE = 3
_PAGE_PARAMETERS = frozenset({"page", "pageno", "pagenumber"})


class AskedEnough(UpstreamError):
    """A request that the check skips; not a failure."""


@dataclass(frozen=True)
class Answer:
    """One request and its result. error is empty where an answer came; seconds is its duration, size in bytes."""

    source: str
    url: str
    status: int | None
    seconds: float
    size: int
    error: str = ""


@dataclass
class Checked:
    """A source, its requests, and the items and drafts that its parsers and detection made of the answers."""

    name: str
    answers: list[Answer] = field(default_factory=list)
    items: int = 0
    drafts: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors


class CheckingFetcher:
    """A `Fetcher` that requests each URL once, at most a few per source, and notes the answers."""

    def __init__(self, client: HttpClient, checked: Checked) -> None:
        self._client, self._checked = client, checked
        self._asked: set[tuple[str, str]] = set()
        self._count: dict[str, int] = {}
        self.clock_skew: float | None = None

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        """The answer of `url`. Raises UpstreamError; AskedEnough for a request that the check skips."""
        key = (source, _without_page(url, params))
        if key in self._asked or self._count.get(source, 0) == _REQUESTS_PER_SOURCE:
            raise AskedEnough(source, url, "not requested by a check")
        self._asked.add(key)
        self._count[source] = self._count.get(source, 0) + 1
        started = time.monotonic()
        shown = redact_url(url)
        try:
            payload = self._client.get(url, source=source, params=params)
        except UpstreamError as error:
            seconds = time.monotonic() - started
            self._checked.answers.append(Answer(source, shown, None, seconds, 0, error.message))
            raise
        self.clock_skew = payload.clock_skew
        shown = redact_url(payload.url)
        self._checked.answers.append(Answer(source, shown, payload.status, payload.duration, len(payload.body)))
        return payload


def _without_page(url: str, params: Mapping[str, str] | None) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | dict(params or {})
    parameters = sorted((name, value) for name, value in query.items() if name.lower() not in _PAGE_PARAMETERS)
    return f"{parts.netloc}{parts.path}?{parameters}"


def check_source(
    name: str,
    factory: registry.UpdaterFactory,
    config: Config,
    client: HttpClient,
    now: Callable[[], datetime],
) -> Checked:
    """One round of a source without recording; rows that it writes on the way are rolled back."""
    checked = Checked(name)
    updater = factory(config, CheckingFetcher(client, checked), now)
    faults: Sequence[UpstreamError] = ()
    with transaction.atomic():
        try:
            cycle = updater.cycle()
            checked.items, checked.drafts, faults = cycle.items, len(cycle.drafts), cycle.failures
        except UpstreamError as error:
            faults = (error,)
        finally:
            transaction.set_rollback(True)
    checked.errors = [str(error) for error in faults if not isinstance(error, AskedEnough)]
    return checked
