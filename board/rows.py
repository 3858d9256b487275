"""The rows of the board: one for each open event of high priority, in the words of its card, ready to be encoded."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.db.models import Case, Max, When
from django.urls import reverse

from alerts.models import Acknowledgement, Silence
from alerts.rendering.cards.digest_card import line_of
from alerts.rendering.cards.heading import action_word, names_text
from alerts.rendering.message import DigestLine, Message
from alerts.rendering.phrases import source_label
from alerts.rendering.places import pair_text, venue_text, where_text
from alerts.rendering.summary import EventSummary, summarize
from alerts.suppression import acknowledgements, silences
from crypto_ews.conf import get_config
from crypto_ews.ui.text import label
from events.enums import EVERYTHING, Action, AlertReason, Priority, Scope, Status
from events.models import Effect, Event, plain_events
from markets.instruments import listed_instruments
from markets.watch import WatchLists
from markets.watch_store import effective_watch_lists

logger = logging.getLogger(__name__)

Row = dict[str, Any]
"""A row as JSON has it; times are aware datetimes."""

MOST_ROWS = 3_000
"""More open events of high priority than a desk has ever had; the worst are kept, of these the newest, and the board
says so."""
_NAMES = 4
_PAIRS = 40
_PLAIN = ("id", "life", "revision", "category", "source", "title", "url", "opened_at", "updated_at", "published_at")


def open_rows(now: datetime) -> dict[int, Row]:
    """The rows of all open events of high priority, by event."""
    strictest = Max("effects__action")
    # An event without an action may be a source that sees nothing: it comes right behind what must be left.
    group = Case(When(strictest__in=(Action.HALT, Action.EXIT), then=2), When(strictest=None, then=1), default=0)
    ordered = _shown().annotate(strictest=strictest, group=group)
    events = ordered.order_by("-group", "-strictest", "-opened_at", "-pk")[:MOST_ROWS]
    return _rows(list(events.prefetch_related("effects")), now)


def rows_of(event_ids: Collection[int], now: datetime) -> dict[int, Row]:
    """The rows of these events, as far as they are on the board now."""
    return _rows(list(_shown().filter(pk__in=event_ids).prefetch_related("effects")), now)


def _shown() -> Any:
    return plain_events().filter(status=Status.OPEN, priority=Priority.HIGH)


def _rows(events: Sequence[Event], now: datetime) -> dict[int, Row]:
    tickers = {ticker for event in events for effect in event.effects.all() for ticker in effect.tickers}
    watch, instruments = effective_watch_lists(get_config(), now), listed_instruments(tickers)
    taken = {
        one.event_id: one
        for one in acknowledgements.of_this_life().filter(event__in=[event.pk for event in events], ended_at=None)
    }
    found: dict[int, Row] = {}
    for event in events:
        effects = list(event.effects.all())
        try:
            summary = summarize(event, effects, watch, (AlertReason.OPENED,), {}, listed=instruments)
            line = line_of(summary, Message(summary, now, ""))
            found[event.pk] = row_of(event, effects, summary, line, taken.get(event.pk), watch)
        except DatabaseError:
            raise
        except Exception:
            # One event that somebody wrote by hand must not take the board from everybody.
            logger.exception("event %s cannot be put into words for the board", event.pk)
            found[event.pk] = plain_row(event, effects, taken.get(event.pk))
    in_force = silences.in_force(now)
    names = silences.names_at(now)
    for event in events:
        one = (
            silences.match(in_force, event, list(event.effects.all()), AlertReason.UPDATED, names) if in_force else None
        )
        found[event.pk]["silenced"] = {"until": one.until, "by": one.made_by} if one else None
    return found


def silences_now(now: datetime) -> list[tuple[int, datetime]]:
    """What tells whether other rows are silenced than before."""
    return list(Silence.objects.filter(until__gt=now).order_by("pk").values_list("pk", "until"))


def plain_row(event: Event, effects: Sequence[Effect], taken: Acknowledgement | None) -> Row:
    """The row of an event that cannot be put into words: what is stored of it."""
    cells = cells_of(effects)
    action = max((effect.action for effect in effects), key=rank_of, default=None)
    return {
        **_stored(event, taken),
        "action": action,
        "word": action_word(action),
        "rank": rank_of(action, urgent=action is None),
        "urgent": action is None,
        "what": event.title,
        "where": "",
        "tokens": sorted({cell["token"] for cell in cells}),
        "others": [],
        "cells": cells,
        "pairs": [],
        "deadline": min((effect.trading_ends_at for effect in effects if effect.trading_ends_at), default=None),
        "deadline_is": "by",
        "dates": [],
        "why": f"This event cannot be put into words: look at it in the admin. “{event.title}”",
        "watched": False,
    }


def _stored(event: Event, taken: Acknowledgement | None) -> Row:
    """What of a row is as it is stored."""
    return {
        **{name: getattr(event, name if name != "id" else "pk") for name in _PLAIN},
        "kind": label(event.category),
        "from": source_label(event.source),
        "ack": {"by": taken.by, "at": taken.at, "note": taken.note} if taken else None,
        "page": reverse("board:event", args=[event.pk]),
        "runbook": reverse("runbook-page", args=[event.category]),
    }


def row_of(
    event: Event,
    effects: Iterable[Effect],
    summary: EventSummary,
    line: DigestLine,
    taken: Acknowledgement | None,
    watch: WatchLists,
) -> Row:
    """One row. rank: of the action, the stricter the higher; a grave outage has one, what demands nothing has -1.

    tokens: ours, or all where none is ours; others: the rest.
    """
    action = line.action if line.action else None
    names = line.under_action or line.named
    cells = cells_of(effects)
    # Of a notice that names twelve coins, the two that are ours.
    ours = {token.token for token in summary.at_risk} | ({EVERYTHING} if summary.stored.everything else set())
    tokens = sorted({cell["token"] for cell in cells} & ours or {cell["token"] for cell in cells})
    return {
        **_stored(event, taken),
        "action": action,
        "word": _word(line),
        "rank": rank_of(action, line.urgent),
        "urgent": line.urgent,
        "what": names_text(names, _NAMES) if names else line.title,
        "where": where_text(line.venues) if line.venues else "",
        "tokens": tokens,
        "others": sorted({cell["token"] for cell in cells} - set(tokens)),
        "cells": cells,
        "pairs": list(summary.our_pairs[:200]),
        "deadline": line.deadline,
        "deadline_is": line.deadline_is,
        "dates": [{"at": date.at, "what": date.what} for date in summary.dates],
        "why": line.why,
        "watched": any(watch.currency(effect.token) for effect in effects),
    }


def _word(line: DigestLine) -> str:
    """What to do; of a grave outage, that nobody sees something."""
    if line.action:
        return action_word(line.action)
    return line.heading.partition(" · ")[0] if line.urgent else "LOOK"


def rank_of(action: str | None, urgent: bool = False) -> float:
    """What cannot be seen may be an exit: a grave outage comes right behind those that are."""
    if action:
        return Action(action).severity
    return Action.EXIT.severity - 0.5 if urgent else -1


def cells_of(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    """What holds for each token on each venue, for groups and the matrix. venue "": everywhere.

    pairs: the names of single pairs that alone are meant; empty: the coin itself.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for effect in effects:
        single = effect.scope == Scope.PAIRS
        venues: Iterable[str] = [effect.venue] if effect.venue else _venues_of(effect.tickers)
        for venue in venues:
            before = found.get((effect.token, venue))
            if before is None or rank_of(effect.action) > rank_of(before["action"]):
                names = [pair_text(ticker, {effect.token}) for ticker in effect.tickers if single]
                found[effect.token, venue] = {
                    "token": effect.token,
                    "venue": venue,
                    "place": venue_text(venue) if venue else "everywhere",
                    "action": effect.action,
                    "ends": effect.trading_ends_at,
                    "pairs": list(dict.fromkeys(names))[:_PAIRS],
                }
    return [found[key] for key in sorted(found)]


def _venues_of(tickers: Sequence[str]) -> list[str]:
    return sorted({ticker.rpartition(":")[0] for ticker in tickers}) or [""]


def tokens_of(rows: Mapping[int, Row]) -> set[str]:
    return {token for row in rows.values() for token in row["tokens"] if token != EVERYTHING}
