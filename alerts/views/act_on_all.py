"""The page of a digest's link: lists its events as they are now, and acts on all of them or on those that are ticked.

The link is bound to the events that the card listed. It works once: what was left out then has links of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from alerts import audit
from alerts.models import Alert, Silence
from alerts.rendering.cards.digest_card import in_order, line_of
from alerts.rendering.links import DigestLink, set_mark
from alerts.rendering.message import DigestLine, Message
from alerts.rendering.phrases import source_label
from alerts.rendering.summary import summarize
from alerts.suppression import digest_acts, silences
from alerts.suppression.digest_acts import Listed, TooManySilences
from alerts.views.page import USED_JUST_NOW, ActForm, HoursForm, known_name, link_page, remember_name, used_text
from crypto_ews.conf import get_config
from crypto_ews.ui.text import label, utc_text
from events.enums import AlertReason
from events.models import Event
from markets.instruments import listed_instruments
from markets.watch_store import effective_watch_lists

_SEEN = re.compile(r"\d{1,18}\.\d{1,9}( \d{1,18}\.\d{1,9})*")
_GONE = "The list of this link has been deleted. Use a newer card or the events' pages."
_OTHERS = "This link is not valid: its card listed other events."
_CHANGED = "They have changed since this page was opened. Check them again, then confirm."
_TICKED_AND_ALL = "{ticked} are ticked, and the button for all was pressed. Press the one that you mean."
_NONE_TICKED = "Tick the events that you mean."


class _AllForm(ActForm):
    """only: the button for those that are ticked. seen: the revisions that the page showed, "7.2 9.1"; nobody confirms
    events that they have not seen."""

    seen = forms.CharField(required=False, max_length=8000, widget=forms.HiddenInput)

    def __init__(self, *given: Any, offered: Collection[int], **named: Any) -> None:
        super().__init__(*given, **named)
        self._offered = set(offered)

    def ticked(self) -> set[int]:
        values = self.data.getlist("event") if hasattr(self.data, "getlist") else []
        return {int(value) for value in values if re.fullmatch(r"[0-9]{1,18}", value)} & self._offered

    def meant(self) -> set[int]:
        return self.ticked() or self._offered

    def clean_seen(self) -> dict[int, int] | None:
        text = self.cleaned_data["seen"]
        if not text:
            return None
        if not _SEEN.fullmatch(text):
            raise ValidationError("Open the link again.")
        return {int(event_id): int(revision) for event_id, revision in (one.split(".") for one in text.split(" "))}

    def clean(self) -> dict[str, Any] | None:
        ticked = self.ticked()
        if "only" in self.data and not ticked:
            raise ValidationError(_NONE_TICKED)
        if "only" not in self.data and ticked and ticked != self._offered:
            raise ValidationError(_TICKED_AND_ALL.format(ticked=f"{len(ticked)} of {len(self._offered)}"))
        return super().clean()


class _SilenceAllForm(_AllForm, HoursForm):
    """Both."""


@dataclass(frozen=True)
class _Row:
    """An event on the page. hides: what would be silenced for it."""

    event_id: int
    event: Event | None
    heading: str
    skipped: str
    ticked: bool
    hides: str = ""


def act_on_all(request: HttpRequest, link: DigestLink, now: datetime) -> HttpResponse:
    digest = Alert.objects.filter(pk=link.digest_id, reason=AlertReason.DIGEST, channel=link.channel).first()
    if digest is None:
        return _page(request, link, [], 404, refused=_GONE)
    event_ids = digest.listed_events()
    if set_mark(event_ids) != link.events:
        return _page(request, link, [], 404, refused=_OTHERS)
    found = digest_acts.listed(event_ids, link.act == "acknowledge")
    if entry := audit.used_by(link):
        return _page(request, link, _rows(found, now), 410, refused=used_text(entry))
    offered = [row for row in found if not row.skipped]
    if not offered:
        return _page(request, link, _rows(found, now), 410, refused=_nothing_left(link))
    form = _form(request, link, offered)
    if request.method == "POST" and form.is_valid():
        return _act(request, link, found, form, now)
    return _asked(request, link, found, form, 200 if request.method != "POST" else 400, now)


def _form(request: HttpRequest, link: DigestLink, offered: Sequence[Listed], again: bool = False) -> _AllForm:
    """again: keep what was typed, with the events' present revisions."""
    kind = _SilenceAllForm if link.act == "silence" else _AllForm
    seen = " ".join(f"{row.event_id}.{row.event.revision}" for row in offered if row.event is not None)
    given = request.POST.copy() if request.method == "POST" else None
    if given is not None and again:
        given["seen"] = seen
    form = kind(
        given,
        initial={"name": known_name(request), "seen": seen},
        label_suffix="",
        offered=[row.event_id for row in offered],
    )
    if request.user.is_authenticated:
        # A user who is logged in acts under the account's name.
        del form.fields["name"]
    return form


def _act(
    request: HttpRequest, link: DigestLink, found: Sequence[Listed], form: _AllForm, now: datetime
) -> HttpResponse:
    typed, meant, lasts = form.cleaned_data, form.meant(), ""
    actor = audit.actor_of(request, typed.get("name", ""), link)
    try:
        if link.act == "acknowledge":
            done = digest_acts.acknowledge_all(meant, typed["seen"], actor, typed["note"], now)
        else:
            until = now + timedelta(hours=typed["hours"])
            reason = typed["note"] or f"from the card of {len(meant)} events"
            lasts = f" until {utc_text(until)}"
            done = digest_acts.silence_all(meant, typed["seen"], until, reason, actor, now)
    except TooManySilences as fault:
        form.add_error(None, f"{fault}. Tick fewer events.")
        return _asked(request, link, found, form, 400, now)
    except IntegrityError:
        if audit.used_by(link) is None:
            raise
        return _page(request, link, _rows(found, now), 410, refused=USED_JUST_NOW)
    acted = [row for row in done if not row.skipped]
    if not acted:
        if entry := audit.used_by(link):
            return _page(request, link, _rows(done, now), 410, refused=used_text(entry))
        return _again(request, link, found, now)
    left = [row for row in done if row.skipped] + [row for row in found if row.event_id not in meant and row.skipped]
    not_meant = len(found) - len(acted) - len(left)
    said = f"{actor.by} has {'acknowledged' if link.act == 'acknowledge' else 'silenced alerts like those of'} "
    said += f"{len(acted)} event{'s' if len(acted) > 1 else ''}{lasts}."
    if not_meant:
        said += f" {not_meant} {'was' if not_meant == 1 else 'were'} not ticked: each has a page, and often a link."
    response = _page(request, link, _rows(left, now), 200, done=said, acted=[row.event_id for row in acted])
    if name := typed.get("name"):
        remember_name(response, name)
    return response


def _again(request: HttpRequest, link: DigestLink, before: Sequence[Listed], now: datetime) -> HttpResponse:
    """Nothing was done: all that was meant is over, acknowledged or changed. What is left is shown as it is now."""
    found = digest_acts.listed([row.event_id for row in before], link.act == "acknowledge")
    offered = [row for row in found if not row.skipped]
    if not offered:
        return _page(request, link, _rows(found, now), 410, refused=_nothing_left(link))
    return _asked(request, link, found, _form(request, link, offered, again=True), 409, now, changed=_CHANGED)


def _asked(
    request: HttpRequest,
    link: DigestLink,
    found: Sequence[Listed],
    form: _AllForm,
    status: int,
    now: datetime,
    **context: Any,
) -> HttpResponse:
    """The question of the page, what happens then, and the buttons."""
    events = [row.event for row in found if row.event is not None and not row.skipped]
    many = f"{len(events)} events" if len(events) > 1 else "1 event"
    shown: dict[str, Any] = {"form": form, "count": len(events), "skipped": len(found) - len(events), **context}
    if link.act == "acknowledge":
        shown |= {
            "question": f"Acknowledge {many}?",
            "meaning": "You are shown as the responder. Repeats and escalation stop; updates still arrive. Of an "
            "event that gets worse the acknowledgement is cleared.",
            "button": "Acknowledge",
        }
        return _page(request, link, _rows(found, now, form.ticked()), status, **shown)
    hides: dict[int, str] = {}
    try:
        made = digest_acts.silences_of_all(events, now + timedelta(hours=1), "", "")
        hides = {event_id: ", ".join(one.what for one in several) for event_id, several in made.items()}
        shown["hides"] = _hidden_text(made, now)
    except TooManySilences as fault:
        shown["hides"] = f"{fault}. Tick fewer events."
    shown |= {
        "question": f"Silence alerts like those of {many}?",
        "meaning": "Matching alerts are recorded but not sent, on any channel. Alerts that get worse are still sent.",
        "button": "Silence",
    }
    return _page(request, link, _rows(found, now, form.ticked(), hides), status, **shown)


def _hidden_text(made: Mapping[int, Sequence[Silence]], now: datetime) -> str:
    hidden = silences.would_hide(list({id(one): one for several in made.values() for one in several}.values()), now)
    events = "1 open event" if hidden.open == 1 else f"{hidden.open} open events"
    waiting = "1 alert that waits" if hidden.waiting == 1 else f"{hidden.waiting or 'no'} alerts that wait"
    return f"Now that hides updates of {events}, and {waiting}."


def _nothing_left(link: DigestLink) -> str:
    return f"There is nothing left to {link.act} here."


def _rows(
    found: Sequence[Listed], now: datetime, ticked: Collection[int] = (), hides: Mapping[int, str] | None = None
) -> list[_Row]:
    """What can be done first, in the order of the card; what was left out after it."""
    lines = lines_of([row.event for row in found if row.event is not None], now)
    place = {line.event_id: number for number, line in enumerate(in_order(list(lines.values()), now))}
    ordered = sorted(found, key=lambda row: (bool(row.skipped), place.get(row.event_id, len(place))))
    return [
        _Row(
            row.event_id,
            row.event,
            lines[row.event_id].heading if row.event_id in lines else "",
            row.skipped,
            row.event_id in ticked,
            (hides or {}).get(row.event_id, ""),
        )
        for row in ordered
    ]


def lines_of(events: Sequence[Event], now: datetime) -> dict[int, DigestLine]:
    """What each event demands now, in the words of its card."""
    tickers = {ticker for event in events for effect in event.effects.all() for ticker in effect.tickers}
    watch, instruments = effective_watch_lists(get_config(), now), listed_instruments(tickers)
    lines: dict[int, DigestLine] = {}
    for event in events:
        effects = list(event.effects.all())
        summary = summarize(event, effects, watch, (AlertReason.OPENED,), {}, listed=instruments)
        lines[event.pk] = line_of(summary, Message(summary, now, ""))
    return lines


def _page(request: HttpRequest, link: DigestLink, rows: Sequence[_Row], status: int, **context: Any) -> HttpResponse:
    about = [f"{label(row.event.category)} · {source_label(row.event.source)} · " if row.event else "" for row in rows]
    shown = {"rows": list(zip(rows, about, strict=True)), "act": link.act, **context}
    return link_page(request, "alerts/act_on_all.html", status, shown)
