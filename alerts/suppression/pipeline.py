"""The alert pipeline: small stages, each of which decides one thing about an alert draft and names its decision.

1. A stage is a function of a draft and a moment that returns a `StageResult`. Stages run in the order of `STAGES`, in
   the transaction that writes the event, until one does not send.
2. Whatever the disposition, the alert becomes a row with its decisions: a suppressed alert can be seen, and why.
3. Deferred alerts are released by `alerts.reminders` once the cause is gone and the event is still open.

The channel is decided before, by `alerts.routes`. When an alert is sent, and with which others in one card, is decided
afterwards by the dispatcher (`alerts.delivery.batches`, `alerts.delivery.rate_limit`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import F

from alerts.models import Acknowledgement
from alerts.rendering.summary import is_over
from alerts.suppression import flap_detection
from alerts.suppression.inhibition import inhibitor_of
from alerts.suppression.silences import matching
from alerts.verdicts import FLAPS, RENOTIFICATIONS, AlertDraft, Disposition, StageResult, SuppressionReason
from events.enums import AlertReason

Stage = Callable[[AlertDraft, datetime], StageResult]


def dedup(draft: AlertDraft, now: datetime) -> StageResult:
    """Flap detection. The same alert twice is refused by a constraint of the table."""
    if draft.reason in RENOTIFICATIONS or draft.reason == AlertReason.REMINDER:
        return StageResult("dedup", "new")
    past = flap_detection.history(draft.event.natural_key, now)
    flaps = flap_detection.evaluate_flapping(draft.reason, draft.severity, draft.event.pk, past, draft.event.life)
    match flaps.decision:
        case "damped":
            return StageResult("dedup", "damped", flaps.reason, Disposition.DEFER, SuppressionReason.FLAPPING)
        case "untold":
            return StageResult(
                "dedup", "untold", flaps.reason, Disposition.SUPPRESS, SuppressionReason.OPENING_NOT_SENT
            )
        case "flaps":
            return StageResult("dedup", "flaps", flaps.reason, card_facts={FLAPS: flaps.times})
    return StageResult("dedup", flaps.decision, flaps.reason)


def silence(draft: AlertDraft, now: datetime) -> StageResult:
    """Silences made by people."""
    match = matching(draft.event, draft.effects, draft.reason, now)
    if match is None:
        return StageResult("mute", "heard")
    # The end of an event is sent when the silence is over (`alerts.suppression.release`): readers of its opening card
    # must learn of it.
    disposition = Disposition.DEFER if is_over(draft.event) else Disposition.SILENCE
    return StageResult("mute", "silenced", str(match), disposition, SuppressionReason.SILENCE, silence_id=match.pk)


def inhibit(draft: AlertDraft, _now: datetime) -> StageResult:
    """Inhibition by an open event that explains this one."""
    if draft.reason == AlertReason.CLOSED:
        # If the opening was delivered, the resolution is delivered too.
        return StageResult("inhibit", "free")
    by = inhibitor_of(draft.event, draft.effects)
    if by is None:
        return StageResult("inhibit", "free")
    return StageResult("inhibit", by.reason, by.why, Disposition.DEFER, by.reason, inhibitor_id=by.event_id)


def acknowledge(draft: AlertDraft, _now: datetime) -> StageResult:
    """Re-notifications of an acknowledged event are suppressed; updates are not."""
    if draft.reason not in RENOTIFICATIONS:
        return StageResult("acknowledge", "news")
    if not is_acknowledged(draft.event.pk):
        return StageResult("acknowledge", "nobody")
    return StageResult(
        "acknowledge",
        "in_hand",
        "acknowledged",
        Disposition.SUPPRESS,
        SuppressionReason.ACKNOWLEDGED,
    )


STAGES: tuple[Stage, ...] = (dedup, silence, inhibit, acknowledge)


def is_acknowledged(event_id: int) -> bool:
    """Whether the event, in its current life, is acknowledged."""
    return Acknowledgement.objects.filter(event_id=event_id, life=F("event__life"), ended_at=None).exists()


def evaluate_pipeline(draft: AlertDraft, now: datetime) -> list[StageResult]:
    """The stage results in order. If a stage does not send the alert, its result is the last one."""
    results = []
    for stage in STAGES:
        results.append(stage(draft, now))
        if results[-1].disposition != Disposition.SEND:
            break
    return results
