"""Registry of what other apps add to this app's pages: panels on an event's page, figures on the overview.

The events app knows neither alerts nor exchanges; their admin modules register here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from events.models import Event


@dataclass(frozen=True)
class EventPanel:
    """A section of an event's page.

    template: rendered with `event`, `now`, `request` and what `context` returns.
    permission: needed to see the panel.
    """

    title: str
    template: str
    permission: str
    context: Callable[[Event, HttpRequest], Mapping[str, Any]]


@dataclass(frozen=True)
class OverviewPanel:
    """A section of the overview, rendered with `now`, `request` and what `context` returns as `panel`."""

    title: str
    template: str
    permission: str
    context: Callable[[HttpRequest, datetime], Mapping[str, Any]]


@dataclass(frozen=True)
class Figure:
    """A number on the overview, and the page behind it. tone: "bad", "warn" or "" (neutral)."""

    label: str
    value: object
    url: str
    tone: str = ""


@dataclass(frozen=True)
class FigureSource:
    permission: str
    figures: Callable[[datetime], list[Figure]]


@dataclass(frozen=True)
class Audit:
    """Where people's acts on events are written and read.

    write: (request, name of the act, event id, what was typed, number of its confirmation); in the transaction of the
    act. Raises IntegrityError where an act was done under this number before.
    read: event id → its entries, the newest first.
    done: number of a confirmation → the event of what was done under it, or None.
    """

    write: Callable[[HttpRequest, str, int, str, str], object]
    read: Callable[[int], Sequence[Any]]
    done: Callable[[str], int | None]


_panels: list[EventPanel] = []
_overview: list[OverviewPanel] = []
_figures: list[FigureSource] = []
_audits: list[Audit] = []
_cards: list[Callable[[int], Sequence[str]]] = []


def register_audit(audit: Audit) -> None:
    _audits.append(audit)


def write_audit(request: HttpRequest, act: str, event_id: int, what: str, once: str) -> None:
    """Write that the user did this to an event. Raises IntegrityError where it was done under this number before."""
    for audit in _audits:
        audit.write(request, act, event_id, what, once)


def done_before(once: str) -> int | None:
    """The event of what was done under this number of a confirmation, or None."""
    found = (audit.done(once) for audit in _audits if once)
    return next((event_id for event_id in found if event_id is not None), None)


def audit_of(event_id: int) -> list[Any]:
    """What people did to an event, the newest first."""
    return [entry for audit in _audits for entry in audit.read(event_id)]


def register_cards(sentences: Callable[[int], Sequence[str]]) -> None:
    """sentences: event id → who gets which card of the act that this transaction has just done."""
    _cards.append(sentences)


def cards_of(event_id: int) -> list[str]:
    """Who gets which card of the act that this transaction has just done to an event."""
    return [sentence for sentences in _cards for sentence in sentences(event_id)]


def register_event_panel(panel: EventPanel) -> None:
    _panels.append(panel)


def register_overview_panel(panel: OverviewPanel) -> None:
    _overview.append(panel)


def register_figures(source: FigureSource) -> None:
    _figures.append(source)


def event_panels(request: HttpRequest) -> list[EventPanel]:
    """The panels that the user may see."""
    return [panel for panel in _panels if request.user.has_perm(panel.permission)]


def overview_panels(request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    """The panels that the user may see, each with its context."""
    return [
        {"panel": panel, "context": panel.context(request, now)}
        for panel in _overview
        if request.user.has_perm(panel.permission)
    ]


def figures(request: HttpRequest, now: datetime) -> list[Figure]:
    """The figures that the user may see."""
    return [figure for source in _figures if request.user.has_perm(source.permission) for figure in source.figures(now)]
