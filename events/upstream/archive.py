"""The payload archive: stores every answer of an upstream, and equal bodies once."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Sum

from events.database.delete import BATCH, delete_by_key, delete_in_batches
from events.enums import Status
from events.models import Event, PayloadBody, PayloadPoll, QuarantinedItem
from events.upstream import rate_limit
from events.upstream.archive_file import RecordedPayload
from events.upstream.client import HttpClient, Payload

_COMPRESSION_LEVEL = 6
# The polls of a body are deleted with it.
_BODIES_AT_ONCE = 100


def store_body(body: bytes, received_at: datetime) -> str:
    """Store a body unless it is known; returns its sha256."""
    digest = hashlib.sha256(body).hexdigest()
    if not PayloadBody.objects.filter(pk=digest).exists():
        compressed = zlib.compress(body, _COMPRESSION_LEVEL)
        PayloadBody.objects.bulk_create(
            [
                PayloadBody(
                    sha256=digest,
                    compressed=compressed,
                    size=len(body),
                    stored_size=len(compressed),
                    first_seen_at=received_at,
                )
            ],
            ignore_conflicts=True,
        )
    return digest


def store(payload: Payload) -> str:
    """Store a poll and, unless it is known, its body; returns the body's sha256."""
    digest = store_body(payload.body, payload.received_at)
    PayloadPoll.objects.create(
        source=payload.source,
        url=payload.url,
        received_at=payload.received_at,
        status=payload.status,
        duration_ms=round(payload.duration * 1000),
        body_id=digest,
    )
    return digest


def body_bytes(body: PayloadBody) -> bytes:
    """The bytes as they were received."""
    return zlib.decompress(bytes(body.compressed))


class ArchivingFetcher:
    """A `Fetcher` for the network that stores every answer before it is parsed, as evidence of surprises."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self.clock_skew: float | None = None

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        """The answer of `url`, with its key in the archive. Raises UpstreamError."""
        rate_limit.wait_for(source, url)
        payload = self._client.get(url, source=source, params=params)
        self.clock_skew = payload.clock_skew
        return replace(payload, archived_as=store(payload))


def recorded_payloads(
    start: datetime | None = None, end: datetime | None = None, sources: Collection[str] = ()
) -> Iterator[RecordedPayload]:
    """Archived answers in order of arrival, with start ≤ received_at ≤ end; of these sources, or of all."""
    polls = PayloadPoll.objects.exclude(body=None).select_related("body").order_by("received_at", "id")
    if start is not None:
        polls = polls.filter(received_at__gte=start)
    if end is not None:
        polls = polls.filter(received_at__lte=end)
    if sources:
        polls = polls.filter(source__in=sources)
    for poll in polls.iterator(chunk_size=50):
        if poll.body is not None:
            yield RecordedPayload(poll.source, poll.received_at, poll.url, poll.status, body_bytes(poll.body))


def prune(now: datetime, keep_days: float, max_bytes: float, batch: int = BATCH) -> int:
    """Delete polls older than `keep_days` and, beyond `max_bytes` of bodies, the oldest; returns the number of rows.

    The body that an open event was made of is its evidence and stays until the event closes; other references to a
    deleted body become null. Only keys and sizes are read, and each batch is one transaction: after a crash the next
    run continues.
    """
    oldest = now - timedelta(days=keep_days)
    dropped = delete_in_batches(PayloadPoll.objects.filter(received_at__lt=oldest).order_by("received_at"), batch)
    referenced = Event.objects.filter(status=Status.OPEN, payload=OuterRef("pk"))
    spare = PayloadBody.objects.filter(~Exists(referenced)).order_by("first_seen_at", "pk")
    polled = PayloadPoll.objects.filter(body=OuterRef("pk"))
    delete_in_batches(spare.filter(~Exists(polled), first_seen_at__lt=oldest), batch)
    delete_in_batches(QuarantinedItem.objects.filter(resolved_at__lt=oldest).order_by("resolved_at"), batch)
    total = PayloadBody.objects.aggregate(total=Sum("stored_size"))["total"] or 0
    while total > max_bytes:
        bodies = list(spare.values_list("pk", "stored_size")[:_BODIES_AT_ONCE])
        if not bodies:
            break
        going: list[str] = []
        for key, size in bodies:
            if total <= max_bytes:
                break
            going.append(key)
            total -= size
        dropped += delete_by_key(PayloadBody, going)
    return dropped
