"""Silences: what people do not want to hear of for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from alerts import audit, notices
from alerts.audit import Act, Actor
from alerts.models import Alert, Silence
from alerts.suppression import transitions
from events.enums import AlertReason
from events.models import Effect, of_tokens
from markets.identity_store import known_identity
from markets.watch import every_name

if TYPE_CHECKING:
    from events.models import Event

WORSE = frozenset({AlertReason.WORSE, AlertReason.TURNED})
MOST_TOKENS = 20

NamesOf = Callable[[str], frozenset[str]]


def matching(event: Event, effects: Sequence[Effect], reason: str, now: datetime) -> Silence | None:
    """A silence that holds for an alert, or None."""
    return match(in_force(now), event, effects, reason, names_at(now))


def match(
    silences: Iterable[Silence],
    event: Event,
    effects: Sequence[Effect],
    reason: str,
    names_of: NamesOf = lambda token: frozenset({token.upper()}),
) -> Silence | None:
    """The first of the silences that hold for an alert. Pure. names_of: a silence's token → every name of its asset.

    Those of tokens or exchanges must together cover all that the event concerns, else one token's silence hid
    another's news. An effect on a coin itself is on no single exchange.
    """
    fitting = [
        silence
        for silence in silences
        if silence.category in ("", event.category)
        and silence.source in ("", event.source)
        and not (silence.lets_worse_through and reason in WORSE)
    ]
    whole = next((silence for silence in fitting if not silence.token and not silence.exchange), None)
    effects = of_tokens(effects)
    if whole is not None or not effects:
        return whole
    found = [next((silence for silence in fitting if _covers(silence, effect, names_of)), None) for effect in effects]
    return found[0] if all(found) else None


def effective_reason(alert: Alert) -> str:
    """Why an alert is told, where it speaks for earlier ones too: that it got worse, if one of them said so."""
    said = (*alert.detail.get("said", ()), alert.reason)
    return next((reason for reason in said if reason in WORSE), alert.reason)


def in_force(now: datetime) -> list[Silence]:
    """Those whose time is not over, the longest first."""
    return list(Silence.objects.filter(until__gt=now).order_by("-until"))


def names_at(now: datetime) -> NamesOf:
    """Every name of what a silence's token means now: one of FTM goes on holding when it is S."""
    return lambda token: every_name([token.upper()], known_identity(), now)


def silence_waiting(made: Silence, now: datetime) -> int:
    """Silence what was queued before `made` was and still waits; how many."""
    silences, names_of = in_force(now), names_at(now)
    effects: dict[int, list[Effect]] = {}
    waiting = Alert.objects.filter(state=Alert.State.PENDING, event__isnull=False).values("event_id")
    for effect in Effect.objects.filter(event__in=waiting):
        effects.setdefault(effect.event_id, []).append(effect)

    def matches(alert: Alert) -> bool:
        event = alert.event
        return (
            event is not None
            and match(silences, event, effects.get(event.pk, []), effective_reason(alert), names_of) is not None
        )

    return transitions.silence_waiting(made.pk, str(made), matches, now)


def end_now(standing: Sequence[Silence], actor: Actor, now: datetime, delete: bool = False) -> None:
    """End silences before their time; what they hid of what is over by now is told by the next `settle`.

    delete: take them away altogether, also those whose time is over.
    """
    with transaction.atomic():
        early = [silence for silence in standing if silence.until > now]
        for silence in standing:
            audit.record(Act.SILENCE_ENDED, actor, now, f"deleted: {silence}" if delete else str(silence))
        if early:
            notices.silence_ended(early, actor.by, now)
        ids = [silence.pk for silence in standing]
        if not delete:
            Silence.objects.filter(pk__in=ids).update(until=now, posted=False)


def _covers(silence: Silence, effect: Effect, names_of: NamesOf) -> bool:
    exchange = effect.venue.partition("_")[0].upper()
    of_token = not silence.token or effect.token.upper() in names_of(silence.token)
    return of_token and silence.exchange.upper() in ("", exchange)


def tokens_to_silence(effects: Iterable[Effect]) -> list[str]:
    """What a silence of the event's kind would name: its tokens, or none where there are too many to name."""
    tokens = sorted({effect.token for effect in of_tokens(effects)})
    return tokens if len(tokens) <= MOST_TOKENS else []


def silence_event(
    event: Event, effects: Iterable[Effect], until: datetime, reason: str, actor: Actor, now: datetime
) -> list[Silence]:
    """Silence alerts like this one: of its category, for each of its tokens; of its source where it names none."""
    tokens = tokens_to_silence(effects)
    made = [
        Silence(
            token=token,
            category=event.category,
            source="" if token else event.source,
            until=until,
            reason=reason[:200],
            made_by=actor.by[:150],
        )
        for token in tokens or [""]
    ]
    with transaction.atomic():
        for silence in made:
            silence.save()
        silence_waiting(made[0], now)
        audit.record(Act.SILENCED, actor, now, f"{'; '.join(map(str, made))}: {reason}", event.pk)
        notices.silenced(made, actor.by, now, notices.channels_of(event))
    return made
