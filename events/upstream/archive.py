"""The payload archive: every answer of an upstream is kept, each body once per content."""

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

# More would make one answer of an upstream crowd out a day of others; 20 MB is what the client lets through.
_COMPRESSION_LEVEL = 6
# Each takes its polls with it.
_BODIES_AT_ONCE = 100


def keep_body(body: bytes, received_at: datetime) -> str:
    """Store a body unless it is known; its sha256."""
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


def keep(payload: Payload) -> str:
    """Store a poll and, unless it is known, its body; the body's sha256."""
    digest = keep_body(payload.body, payload.received_at)
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
    """Asks upstreams and keeps every answer before anybody parses it: a surprise can be looked at afterwards."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self.clock_skew: float | None = None

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        """The answer of `url`. Raises UpstreamError."""
        rate_limit.wait_for(source, url)
        payload = self._client.get(url, source=source, params=params)
        self.clock_skew = payload.clock_skew
        return replace(payload, archived_as=keep(payload))


def recorded_payloads(
    start: datetime | None = None, end: datetime | None = None, sources: Collection[str] = ()
) -> Iterator[RecordedPayload]:
    """Archived answers in the order of their arrival, those with start ≤ received_at ≤ end and of these sources."""
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
    """Drop polls older than `keep_days` and, beyond `max_bytes` of bodies, the oldest ones; number of polls dropped.

    The body that told an open event is its evidence and stays until it closes; other references to a body are set to
    null when it goes. Nothing but keys and sizes is read, and each batch is a transaction of its own: whoever is killed
    in between goes on where he was.
    """
    oldest = now - timedelta(days=keep_days)
    dropped = delete_in_batches(PayloadPoll.objects.filter(received_at__lt=oldest).order_by("received_at"), batch)
    evidence = Event.objects.filter(status=Status.OPEN, payload=OuterRef("pk"))
    spare = PayloadBody.objects.filter(~Exists(evidence)).order_by("first_seen_at", "pk")
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
