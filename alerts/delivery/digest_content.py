"""From a digest row to what it says now: a line for each of the alerts that it lists, as their events stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.deferral import deferral_of
from alerts.delivery.former_life import end_of_former_life
from alerts.delivery.stored import Read, read_for
from alerts.models import Alert
from alerts.rendering.message import Digest, DigestLine
from alerts.rendering.phrases import action_text
from alerts.rendering.subjects import subject
from crypto_ews.conf import get_config
from events.models import Event


def load_digest(digest: Alert, read: Read | None = None, now: datetime | None = None) -> Digest:
    """The digest with its members in the order in which they would have been told.

    read: what is stored of its members, where it was read already. now: of its own making unless it is given.
    """
    read = read or read_for([digest], get_config())
    members = Alert.objects.filter(digest=digest.pk).order_by("-urgency", "queued_at", "id")
    lines = [
        _line(member, event, read, now or digest.queued_at)
        for member in members
        if (event := read.events.get(member.event_id or 0)) is not None
    ]
    kind = digest.detail.get("digest", {}).get("kind", "digest")
    return Digest(kind, _title(kind, lines), tuple(lines))


def _title(kind: str, lines: Sequence[DigestLine]) -> str:
    if kind == "market":
        return f"{len({token for line in lines for token in line.tokens})} tokens are moving"
    return f"{len(lines)} events at once"


def _line(member: Alert, event: Event, read: Read, now: datetime) -> DigestLine:
    reasons = (*member.detail.get("said", ()), member.reason)
    summary = read.summary(event, reasons, member.detail, deferral_of(member, now))
    ended = end_of_former_life(member, event)
    over = summary.over or bool(ended)
    return DigestLine(
        event_id=event.pk,
        reasons=reasons,
        category=event.category,
        title=event.title,
        tokens=tuple(sorted({line.token for line in (*summary.at_risk, *summary.other_tokens)})),
        action=None if over else summary.action,
        status=event.status,
        subjects=tuple(dict.fromkeys(subject(line) for line in summary.at_risk)),
        order="" if over or not summary.action else action_text(summary),
        ended=ended or summary.ended,
        deferred=summary.deferred,
    )
