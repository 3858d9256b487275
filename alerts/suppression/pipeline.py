"""What an alert passes before it is queued: small stages, each of which judges one thing and names its decision.

1. A stage is a function of a candidate and a moment that gives a verdict. They run in the order of `STAGES`, in the
   transaction that writes the event, until one does not let the candidate pass.
2. Whatever they decide, the alert becomes a row with its decisions: what was not told can be seen, and why.
3. What is held back is told by `alerts.reminders` when its cause has gone, if it still matters then.

Where it goes (`alerts.routes`) is decided before, for each channel; when it is sent, and with what others in one card,
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
    """The same alert twice is kept out by a constraint of the table; here it is the same news again and again."""
    if draft.reason in RENOTIFICATIONS or draft.reason == AlertReason.REMINDER:
        return StageResult("dedup", "new")
    told = flap_detection.history(draft.event.natural_key, now)
    flaps = flap_detection.evaluate_flapping(draft.reason, draft.severity, draft.event.pk, told, draft.event.life)
    match flaps.decision:
        case "damped":
            return StageResult("dedup", "damped", flaps.reason, Disposition.DEFER, SuppressionReason.FLAPPING)
        case "untold":
            return StageResult(
                "dedup", "untold", flaps.reason, Disposition.SUPPRESS, SuppressionReason.OPENING_NOT_SENT
            )
        case "flaps":
            return StageResult("dedup", "flaps", flaps.reason, card_facts={FLAPS: flaps.times})
    return StageResult("dedup", "new" if flaps.decision == "first" else flaps.decision, flaps.reason)


def silence(draft: AlertDraft, now: datetime) -> StageResult:
    silence = matching(draft.event, draft.effects, draft.reason, now)
    if silence is None:
        return StageResult("mute", "heard")
    # The end of an event is told when the silence is over (`alerts.suppression.release`): whoever heard of it must hear
    # that.
    disposition = Disposition.DEFER if is_over(draft.event) else Disposition.SILENCE
    return StageResult("mute", "silenced", str(silence), disposition, SuppressionReason.SILENCE, silence_id=silence.pk)


def inhibit(draft: AlertDraft, _now: datetime) -> StageResult:
    if draft.reason == AlertReason.CLOSED:
        # Who was told of the beginning is told of the end.
        return StageResult("inhibit", "free")
    by = inhibitor_of(draft.event, draft.effects)
    if by is None:
        return StageResult("inhibit", "free")
    why = f"{by.title} (event {by.event_id})"
    return StageResult("inhibit", by.reason, why, Disposition.DEFER, by.reason, inhibitor_id=by.event_id)


def acknowledge(draft: AlertDraft, _now: datetime) -> StageResult:
    """Whoever has taken an event in hand is still told what is new about it."""
    if draft.reason not in RENOTIFICATIONS:
        return StageResult("acknowledge", "news")
    if not is_acknowledged(draft.event.pk):
        return StageResult("acknowledge", "nobody")
    return StageResult(
        "acknowledge",
        "in_hand",
        "somebody has it in hand",
        Disposition.SUPPRESS,
        SuppressionReason.ACKNOWLEDGED,
    )


STAGES: tuple[Stage, ...] = (dedup, silence, inhibit, acknowledge)


def is_acknowledged(event_id: int) -> bool:
    return Acknowledgement.objects.filter(event_id=event_id, life=F("event__life"), ended_at=None).exists()


def evaluate_pipeline(draft: AlertDraft, now: datetime) -> list[StageResult]:
    """The verdicts of the stages in order; the last one is that which does not let it pass, if there is one."""
    results = []
    for stage in STAGES:
        results.append(stage(draft, now))
        if results[-1].disposition != Disposition.SEND:
            break
    return results
