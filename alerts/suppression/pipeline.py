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
from alerts.verdicts import FLAPS, RENOTIFICATIONS, Candidate, Disposition, StageResult, SuppressionReason
from events.enums import AlertReason

Stage = Callable[[Candidate, datetime], StageResult]


def dedup(candidate: Candidate, now: datetime) -> StageResult:
    """The same alert twice is kept out by a constraint of the table; here it is the same news again and again."""
    if candidate.reason in RENOTIFICATIONS or candidate.reason == AlertReason.REMINDER:
        return StageResult("dedup", "new")
    told = flap_detection.history(candidate.event.natural_key, now)
    damping = flap_detection.judge(candidate.reason, candidate.severity, candidate.event.pk, told, candidate.event.life)
    match damping.decision:
        case "damped":
            return StageResult("dedup", "damped", damping.reason, Disposition.HOLD, SuppressionReason.FLAPPING)
        case "untold":
            return StageResult("dedup", "untold", damping.reason, Disposition.MUTE, SuppressionReason.UNTOLD)
        case "flaps":
            return StageResult("dedup", "flaps", damping.reason, says={FLAPS: damping.times})
    return StageResult("dedup", "new" if damping.decision == "first" else damping.decision, damping.reason)


def mute(candidate: Candidate, now: datetime) -> StageResult:
    silence = matching(candidate.event, candidate.effects, candidate.reason, now)
    if silence is None:
        return StageResult("mute", "heard")
    # The end of an event is told when the silence is over (`alerts.suppression.release`): whoever heard of it must hear
    # that.
    fate = Disposition.HOLD if is_over(candidate.event) else Disposition.SILENCE
    return StageResult("mute", "silenced", str(silence), fate, SuppressionReason.SILENCE, silence_id=silence.pk)


def inhibit(candidate: Candidate, _now: datetime) -> StageResult:
    if candidate.reason == AlertReason.CLOSED:
        # Who was told of the beginning is told of the end.
        return StageResult("inhibit", "free")
    by = inhibitor_of(candidate.event, candidate.effects)
    if by is None:
        return StageResult("inhibit", "free")
    why = f"{by.title} (event {by.event_id})"
    return StageResult("inhibit", by.mute, why, Disposition.HOLD, by.mute, inhibitor_id=by.event_id)


def acknowledge(candidate: Candidate, _now: datetime) -> StageResult:
    """Whoever has taken an event in hand is still told what is new about it."""
    if candidate.reason not in RENOTIFICATIONS:
        return StageResult("acknowledge", "news")
    if not in_hand(candidate.event.pk):
        return StageResult("acknowledge", "nobody")
    return StageResult(
        "acknowledge", "in_hand", "somebody has it in hand", Disposition.MUTE, SuppressionReason.ACKNOWLEDGED
    )


STAGES: tuple[Stage, ...] = (dedup, mute, inhibit, acknowledge)


def in_hand(event_id: int) -> bool:
    return Acknowledgement.objects.filter(event_id=event_id, life=F("event__life"), ended_at=None).exists()


def judge(candidate: Candidate, now: datetime) -> list[StageResult]:
    """The verdicts of the stages in order; the last one is that which does not let it pass, if there is one."""
    verdicts = []
    for stage in STAGES:
        verdicts.append(stage(candidate, now))
        if verdicts[-1].fate != Disposition.PASS:
            break
    return verdicts
