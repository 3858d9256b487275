"""The payload archive: every answer of an upstream is kept, each body once per content."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from events import pacing
from events.archive_file import RecordedPayload
from events.http import HttpClient, Payload
from events.kinds import Status
from events.models import Event, PayloadBody, PayloadPoll

# More would make one answer of an upstream crowd out a day of others; 20 MB is what the client lets through.
_COMPRESSION_LEVEL = 6


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
        self.last_digest: str | None = None

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        """The answer of `url`. Raises UpstreamError."""
        pacing.wait_for(source, url)
        payload = self._client.get(url, source=source, params=params)
        self.clock_skew = payload.clock_skew
        self.last_digest = keep(payload)
        return payload


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


def prune(now: datetime, keep_days: float, max_bytes: float, batch: int = 1000) -> int:
    """Drop polls older than `keep_days` and, beyond `max_bytes` of bodies, the oldest ones; number of polls dropped.

    The body that told an open event is its evidence and stays until it closes; other references to a body are set to
    null when it goes.
    """
    dropped = 0
    oldest = now - timedelta(days=keep_days)
    while True:
        ids = list(PayloadPoll.objects.filter(received_at__lt=oldest).values_list("pk", flat=True)[:batch])
        if not ids:
            break
        with transaction.atomic():
            dropped += PayloadPoll.objects.filter(pk__in=ids).delete()[0]
    evidence = Event.objects.filter(status=Status.OPEN, payload__isnull=False).values("payload_id")
    spare = PayloadBody.objects.exclude(pk__in=evidence)
    spare.filter(polls=None, first_seen_at__lt=oldest).delete()
    total = PayloadBody.objects.aggregate(total=Sum("stored_size"))["total"] or 0
    while total > max_bytes:
        bodies = list(spare.order_by("first_seen_at").values_list("pk", "stored_size")[:100])
        if not bodies:
            break
        with transaction.atomic():
            PayloadBody.objects.filter(pk__in=[pk for pk, _ in bodies]).delete()
        total -= sum(size for _, size in bodies)
        dropped += len(bodies)
    return dropped
