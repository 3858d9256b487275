"""Silences: matching alerts are stored but not sent until the silence expires."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Case, Count, Prefetch, Q, When

from alerts import audit, notices
from alerts.audit import Act, Actor
from alerts.models import Alert, Silence
from alerts.suppression import transitions
from alerts.verdicts import WORSENINGS
from events.enums import AlertReason, Priority, Status
from events.models import Effect, of_tokens, plain_events
from markets.identity_store import known_identity
from markets.watch import every_name

if TYPE_CHECKING:
    from events.models import Event

MOST_TOKENS = 20
_SHOWN, _AT_ONCE = 20, 1000

NamesOf = Callable[[str], frozenset[str]]


def matching(event: Event, effects: Sequence[Effect], reason: str, now: datetime) -> Silence | None:
    """A silence in force that matches an alert, or None."""
    return match(in_force(now), event, effects, reason, names_at(now))


def match(
    silences: Iterable[Silence],
    event: Event,
    effects: Sequence[Effect],
    reason: str,
    names_of: NamesOf = lambda token: frozenset({token.upper()}),
) -> Silence | None:
    """The first of the silences that matches an alert. Pure. names_of: a silence's token → every name of its asset.

    Silences of tokens or exchanges must together cover every effect of the event, else one token's silence would hide
    an update of another. An asset-scope effect is on no single exchange.
    """
    fitting = [
        silence
        for silence in silences
        if silence.category in ("", event.category)
        and silence.source in ("", event.source)
        and not (silence.lets_worse_through and reason in WORSENINGS)
    ]
    unrestricted = next((silence for silence in fitting if not silence.token and not silence.exchange), None)
    effects = of_tokens(effects)
    if unrestricted is not None or not effects:
        return unrestricted
    found = [next((silence for silence in fitting if _covers(silence, effect, names_of)), None) for effect in effects]
    return found[0] if all(found) else None


def effective_reason(alert: Alert) -> str:
    """The reason of an alert for matching: that the event got worse, if the alert supersedes one of that reason."""
    reasons = (*alert.detail.get("said", ()), alert.reason)
    return next((reason for reason in reasons if reason in WORSENINGS), alert.reason)


def in_force(now: datetime) -> list[Silence]:
    """The silences that have not expired, the longest first."""
    return list(Silence.objects.filter(until__gt=now).order_by("-until"))


def names_at(now: datetime) -> NamesOf:
    """Maps a silence's token to every name of its asset now: a silence of FTM still matches after its renaming to S."""
    # Asked for each silence and each effect: what is known is read once, and not before there is a token to compare.
    known = cache(known_identity)
    return cache(lambda token: every_name([token.upper()], known(), now))


def silence_waiting(made: Sequence[Silence], now: datetime) -> int:
    """Silence the alerts that wait and match by one of these silences, each by the one in force that matches it; the
    number silenced."""
    silences, names_of = in_force(now), names_at(now)
    events = plain_events().filter(_could_match(made, names_of))
    waiting = Alert.objects.filter(state=Alert.State.PENDING, event__in=events).values("event_id")
    effects: dict[int, list[Effect]] = {}
    for effect in Effect.objects.filter(event__in=waiting):
        effects.setdefault(effect.event_id, []).append(effect)

    def find(alert: Alert) -> Silence | None:
        event = alert.event
        if event is None:
            return None
        return match(silences, event, effects.get(event.pk, []), effective_reason(alert), names_of)

    return transitions.silence_waiting(find, events, now)


@dataclass(frozen=True)
class Hidden:
    """What silences would hide: open events whose updates nobody would get, and how many alerts that wait now.

    events: the newest of the `open` ones.
    """

    events: tuple[Event, ...]
    open: int
    waiting: int

    @property
    def more(self) -> int:
        return self.open - len(self.events)


def would_hide(made: Sequence[Silence], now: datetime) -> Hidden:
    """What these silences would hide beside those in force, and together with them. Changes nothing.

    Decided by `match`, as alerts are: a silence of one token may hide an event that names two, where the other one is
    silenced already. Read in portions, and only what the silences may match: anybody with a link asks for it.
    """
    names_of = names_at(now)
    others = [silence for silence in in_force(now) if silence.pk not in {silence.pk for silence in made}]
    could = plain_events().filter(_could_match(made, names_of))
    waiting: dict[int, dict[bool, int]] = {}
    worse = Q(reason__in=WORSENINGS) | Q(detail__said__has_any_keys=sorted(WORSENINGS))
    alerts: Any = Alert.objects.filter(state=Alert.State.PENDING, event__in=could).order_by()
    alerts = alerts.annotate(worse=Case(When(worse, then=True), default=False))
    for event_id, is_worse, count in alerts.values_list("event_id", "worse").annotate(Count("pk")):
        waiting.setdefault(event_id, {})[is_worse] = count
    current = set(could.filter(status=Status.OPEN, priority=Priority.HIGH).values_list("pk", flat=True))
    shown: list[Event] = []
    hidden_open = hidden_waiting = 0
    concerned = sorted(current | waiting.keys(), reverse=True)
    for start in range(0, len(concerned), _AT_ONCE):
        events = (
            plain_events()
            .filter(pk__in=concerned[start : start + _AT_ONCE])
            .only("category", "source", "title")
            .order_by("-pk")
        )
        for event in events.prefetch_related(Prefetch("effects", Effect.objects.only("event_id", "token", "venue"))):
            effects = list(event.effects.all())
            hides = {
                is_worse: match([*others, *made], event, effects, reason, names_of) is not None
                and match(others, event, effects, reason, names_of) is None
                for is_worse, reason in ((False, AlertReason.UPDATED.value), (True, AlertReason.WORSE.value))
            }
            hidden_waiting += sum(count for is_worse, count in waiting.get(event.pk, {}).items() if hides[is_worse])
            if event.pk in current and hides[False]:
                hidden_open += 1
                shown += [event] if len(shown) < _SHOWN else []
    return Hidden(tuple(shown), hidden_open, hidden_waiting)


def _could_match(made: Iterable[Silence], names_of: NamesOf) -> Q:
    """Of an event: whether one of the silences may match it, for the database; `match` decides."""
    tokens_of: dict[tuple[str, str, str], set[str]] = {}
    for silence in made:
        tokens_of.setdefault((silence.category, silence.source, silence.exchange), set()).add(silence.token)
    found = Q(pk__in=[])
    for (category, source, exchange), tokens in tokens_of.items():
        one = Q(pk__isnull=False)
        one &= Q(category=category) if category else Q()
        one &= Q(source=source) if source else Q()
        effects = Q(venue__istartswith=exchange) if exchange else Q()
        effects &= Q(token__in={name for token in tokens for name in names_of(token)}) if "" not in tokens else Q()
        found |= one & Q(pk__in=Effect.objects.filter(effects).values("event_id")) if effects else one
    return found


def put_in_force(silence: Silence, actor: Actor, now: datetime, changed: str = "") -> None:
    """Save a silence that a person made or changed; the matching alerts that wait are silenced with it.

    changed: what it was and what is changed, for the audit. Raises DatabaseError where it was deleted meanwhile, and
    IntegrityError where the actor's link was used before.
    """
    strict = "" if silence.lets_worse_through else ", also what gets worse"
    with transaction.atomic():
        silence.save(force_update=bool(changed))
        silence_waiting([silence], now)
        if changed:
            _let_go(silence, now)
        act = Act.SILENCE_CHANGED if changed else Act.SILENCED
        audit.record(act, actor, now, changed or f"{silence}{strict}: {silence.reason}")
        if silence.until > now:
            notices.silenced([silence], actor.by, now, verb="Silence changed" if changed else "Silenced")


def _let_go(silence: Silence, now: datetime) -> None:
    """What a changed silence hid and hides no more is no longer its own: a repeat is due as if it had been deleted."""
    hidden = Alert.objects.filter(silence=silence, state=Alert.State.SILENCED, event__status=Status.OPEN)
    in_time, names_of = in_force(now), names_at(now)
    let_go = []
    for alert in hidden.select_related("event").prefetch_related("event__effects"):
        event, reason = alert.event, effective_reason(alert)
        if event is not None and match(in_time, event, list(event.effects.all()), reason, names_of) is None:
            let_go.append(alert.pk)
    Alert.objects.filter(pk__in=let_go).update(silence=None)


def end_now(ids: Collection[int], actor: Actor, now: datetime, delete: bool = False) -> int:
    """End silences early, or delete them, expired ones too; returns how many: of two persons the first one does it.

    The next `release_due` sends the ends of events that they deferred.
    """
    with transaction.atomic():
        found = list(Silence.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        early = [silence for silence in found if silence.until > now]
        ended = found if delete else early
        for silence in ended:
            audit.record(Act.SILENCE_ENDED, actor, now, f"deleted: {silence}" if delete else str(silence))
        if early:
            notices.silence_ended(early, actor.by, now)
        rows = Silence.objects.filter(pk__in=[silence.pk for silence in ended])
        if delete:
            rows.delete()
        else:
            rows.update(until=now, posted=False)
    return len(ended)


def _covers(silence: Silence, effect: Effect, names_of: NamesOf) -> bool:
    exchange = effect.venue.partition("_")[0].upper()
    of_token = not silence.token or effect.token.upper() in names_of(silence.token)
    return of_token and silence.exchange.upper() in ("", exchange)


def tokens_to_silence(effects: Iterable[Effect]) -> list[str]:
    """The tokens that a silence of an event would name; empty if there are more than `MOST_TOKENS`."""
    tokens = sorted({effect.token for effect in of_tokens(effects)})
    return tokens if len(tokens) <= MOST_TOKENS else []


def silence_event(
    event: Event, effects: Iterable[Effect], until: datetime, reason: str, actor: Actor, now: datetime
) -> list[Silence]:
    """Silence similar alerts: of the event's category, per token; if it names no tokens, of its source."""
    made = silences_of(event, effects, until, reason, actor.by)
    with transaction.atomic():
        for silence in made:
            silence.save()
        silence_waiting(made, now)
        audit.record(Act.SILENCED, actor, now, f"{'; '.join(map(str, made))}: {reason}", event.pk)
        notices.silenced(made, actor.by, now, notices.channels_of(event))
    return made


def silences_of(event: Event, effects: Iterable[Effect], until: datetime, reason: str, by: str) -> list[Silence]:
    """The unsaved silences of `silence_event`."""
    tokens = tokens_to_silence(effects)
    return [
        Silence(
            token=token,
            category=event.category,
            source="" if token else event.source,
            until=until,
            reason=reason[:200],
            made_by=by[:150],
        )
        for token in tokens or [""]
    ]
