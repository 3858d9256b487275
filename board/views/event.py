"""The page of one event: what it demands, its story, its notice, prices around it, and what its coins did before."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from alerts.models import Acknowledgement
from alerts.rendering.cards.digest_card import line_of
from alerts.rendering.cards.heading import action_word
from alerts.rendering.message import Message
from alerts.rendering.places import pair_text, venue_text
from alerts.rendering.summary import summarize
from alerts.suppression import acknowledgements, silences
from board.access import for_staff
from board.prices import chart_of
from board.rows import plain_row, row_of
from board.state import encoded
from board.timeline import timeline
from board.views.page import embedded
from crypto_ews.conf import get_config
from crypto_ews.ui.text import words
from events import clock
from events.enums import EVERYTHING, AlertReason, Scope, Status
from events.models import Effect, Event, plain_events
from exchanges.admin.frames import frames_context
from exchanges.announcements.archived import stored_article
from exchanges.models import SeenArticle
from markets.instruments import listed_instruments
from markets.watch_store import effective_watch_lists

logger = logging.getLogger(__name__)

_EARLIER = 12


@for_staff
@require_GET
def event_page(request: HttpRequest, event_id: int) -> HttpResponse:
    """404 for a number that no event has."""
    event = plain_events().filter(pk=event_id).prefetch_related("effects").first()
    if event is None:
        raise Http404(f"event {event_id} does not exist")
    now = clock.now()
    effects = list(event.effects.all())
    watch = effective_watch_lists(get_config(), now)
    tickers = {ticker for effect in effects for ticker in effect.tickers}
    taken = acknowledgements.of_this_life().filter(event_id=event.pk, ended_at=None).first()
    try:
        summary = summarize(event, effects, watch, (AlertReason.OPENED,), {}, listed=listed_instruments(tickers))
        line = line_of(summary, Message(summary, now, ""))
        row, heading = row_of(event, effects, summary, line, taken, watch), line.heading
    except DatabaseError:
        raise
    except Exception:
        logger.exception("event %s cannot be put into words for its page", event.pk)
        row, heading = plain_row(event, effects, taken), event.title
    context = {
        "event": event,
        "now": now,
        "seen": state_of(event, taken),
        "open": event.status == Status.OPEN,
        "row": {**row, "number": str(event.pk)},
        "silenced": silences.matching(event, effects, AlertReason.UPDATED, now)
        if event.status == Status.OPEN
        else None,
        "cells": [_cell(effect) for effect in effects],
        "heading": heading,
        "why": row["why"],
        "taken": taken,
        "steps": timeline(event, request.user.has_perm("alerts.view_auditentry")),
        "earlier": earlier_events(effects, event.pk),
        "notice": notice_of(event, now),
        "chart": embedded(encoded(chart_of(event, effects, now))),
        "admin": reverse("admin:events_event_change", args=[event.pk]),
        "may_acknowledge": request.user.has_perm("alerts.add_acknowledgement"),
        "may_silence": request.user.has_perm("alerts.add_silence"),
    }
    return render(request, "board/event.html", context)


@for_staff
@require_GET
def event_state(request: HttpRequest, event_id: int) -> HttpResponse:
    """`{"state": …}`: differs from the page's where the page no longer holds. 404 for a number that no event has."""
    event = plain_events().filter(pk=event_id).first()
    if event is None:
        return JsonResponse({"state": "deleted"}, status=404)
    taken = acknowledgements.of_this_life().filter(event_id=event.pk, ended_at=None).first()
    return JsonResponse({"state": state_of(event, taken)})


def state_of(event: Event, taken: Acknowledgement | None) -> str:
    """What changes with everything that the page of an event shows of the event itself and of who has it."""
    return f"{event.life}.{event.revision}.{event.status}.{event.updated_at.timestamp()}.{taken.pk if taken else ''}"


def _cell(effect: Effect) -> dict[str, Any]:
    return {
        "token": effect.token,
        "place": venue_text(effect.venue) if effect.venue else "everywhere",
        "action": effect.action,
        "word": action_word(effect.action),
        "status": words(effect.trading_status),
        "ends": effect.trading_ends_at,
        "pairs": ", ".join(pair_text(ticker, {effect.token}) for ticker in effect.tickers[:40])
        if effect.scope == Scope.PAIRS
        else "",
    }


def earlier_events(effects: list[Effect], event_id: int) -> list[dict[str, Any]]:
    """What else happened to the coins of an event, the newest first."""
    tokens = {effect.token for effect in effects} - {EVERYTHING}
    ids = Effect.objects.filter(token__in=tokens).exclude(event_id=event_id).values("event_id")
    rows = plain_events().filter(pk__in=ids).only("pk", "title", "category", "status", "opened_at", "closed_at",
                                                  "false_alarm", "close_reason", "priority")  # fmt: skip
    return [
        {"event": row, "page": reverse("board:event", args=[row.pk])} for row in rows.order_by("-opened_at")[:_EARLIER]
    ]


def notice_of(event: Event, now: datetime) -> dict[str, Any] | None:
    """How the notice of an event was read, clause by clause; None where no notice is known."""
    row = SeenArticle.objects.filter(event_id=event.pk).order_by("pk").first()
    return None if row is None else frames_context(stored_article(row, get_config(), now), now)
