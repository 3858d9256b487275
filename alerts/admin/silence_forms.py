"""The forms of silences: typed as people write, refused with what was expected, and shown before they hide anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from alerts.models import Silence
from alerts.suppression.silences import silences_of
from events.admin.event_forms import EventForm
from events.admin.event_list import OTHER_SOURCES
from events.admin.typed_fields import choice_field, text_field, time_field
from events.enums import Category
from events.models import Effect
from markets.identity_store import known_identity
from markets.names import WrongName, typed_name
from markets.venues import exchange_names

LONGEST_SILENCE_HOURS = 24 * 90
_HOURS = f"expected a number from 1 to {LONGEST_SILENCE_HOURS}"
_WRONG_HOURS = ("invalid", "min_value", "max_value", "required")
_FIELDS = ("token", "category", "source", "exchange", "lets_worse_through", "until", "reason")
_CATEGORIES = [("", "every category"), *((value, value.replace("_", " ")) for value in Category.values)]


def _one_of(typed: str, known: Sequence[str], what: str) -> str:
    """The typed name if it is one of the known ones, whatever its case. Raises ValidationError with the nearest."""
    found = next((name for name in known if name.upper() == typed.upper()), None)
    if found is None:
        near = get_close_matches(typed.upper(), [name.upper() for name in known], n=1, cutoff=0.5)
        meant = next((f"; did you mean {name}?" for name in known if [name.upper()] == near), "")
        raise forms.ValidationError(f"was {typed}, expected {what}: {', '.join(known)}{meant}")
    return found


class SilenceForm(EventForm):
    """A silence by token, category, source and exchange; an empty field matches everything."""

    token = text_field("Token", required=False, max_length=64, help_text="Empty: every token.")
    category = choice_field("Category", _CATEGORIES, required=False)
    source = text_field("Source", required=False, max_length=32, help_text="Empty: every source.")
    exchange = text_field(
        "Exchange", required=False, max_length=32, help_text="As in tickers; BINANCE includes all of its markets."
    )
    lets_worse_through = forms.BooleanField(
        label="Still send alerts of events that get worse or turn",
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
    )
    until = time_field("Until", "At most 90 days from now.", required=True)
    reason = text_field("Reason", "why, in a few words", max_length=200)

    def __init__(self, *args: Any, silence: Silence | None = None, **kwargs: Any) -> None:
        """silence: the stored one that is changed, as it is now."""
        self.silence = silence
        stored = {name: getattr(silence, name) for name in _FIELDS} if silence else {}
        self._stored = tuple(stored.values())
        if stored:
            stored["until"] = stored["until"].replace(second=0, microsecond=0)
        super().__init__(*args, initial=stored, **kwargs)

    def about(self) -> Sequence[object]:
        return (self.silence.pk, *self._stored) if self.silence else ()

    def before(self, name: str) -> str | None:
        return self.shown(name, self.initial[name]) if self.silence else None

    def is_recorded(self, name: str) -> bool:
        return name in self.changed_data and name in _FIELDS if self.silence else super().is_recorded(name)

    def clean_token(self) -> str:
        """The asset that the typed name means now; empty: every asset."""
        typed = str(self.cleaned_data["token"]).strip()
        if not typed:
            return ""
        try:
            found = typed_name(typed, known_identity(), self.now)
        except WrongName as wrong:
            raise forms.ValidationError(str(wrong)) from None
        if not found.known and not Effect.objects.filter(token=found.asset).exists():
            raise forms.ValidationError(f"expected a token of a list or of an event: {found.note}")
        return found.asset

    def clean_source(self) -> str:
        typed = str(self.cleaned_data["source"]).strip()
        return _one_of(typed, [*exchange_names(), *OTHER_SOURCES], "a source") if typed else ""

    def clean_exchange(self) -> str:
        typed = str(self.cleaned_data["exchange"]).strip()
        name = typed.partition("_")[0]
        known = [exchange.upper() for exchange in exchange_names()]
        if "_" in typed:
            # It would match nothing: alerts are of exchanges, whichever of their markets they name.
            exchange = _one_of(name, known, "an exchange")
            raise forms.ValidationError(f"was {typed}, expected an exchange: {exchange} silences all of its markets")
        return _one_of(typed, known, "an exchange") if typed else ""

    def clean_until(self) -> datetime:
        at: datetime = self.cleaned_data["until"]
        if "until" not in self.changed_data:
            return at
        self._in_future("until")
        if at > self.now + timedelta(hours=LONGEST_SILENCE_HOURS):
            longest = self.now + timedelta(hours=LONGEST_SILENCE_HOURS)
            raise forms.ValidationError(f"was {at:%Y-%m-%d %H:%M} UTC, expected at latest {longest:%Y-%m-%d %H:%M} UTC")
        return at

    def made(self, silence: Silence) -> Silence:
        """The silence with the typed values, unsaved."""
        for name, value in self.orders().items():
            # As it is shown an end has no seconds; where nobody has changed it, it keeps them.
            if name != "until" or self.silence is None or name in self.changed_data:
                setattr(silence, name, value)
        return silence


class SilenceEventForm(EventForm):
    """Silence alerts similar to those of one event, for some hours."""

    hours = forms.IntegerField(
        label="Hours",
        min_value=1,
        max_value=LONGEST_SILENCE_HOURS,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(_WRONG_HOURS, _HOURS),
    )
    reason = text_field("Reason", "why, in a few words", max_length=200)

    def until(self) -> datetime:
        return self.now + timedelta(hours=self.cleaned_data["hours"])

    def made(self, by: str) -> list[Silence]:
        assert self.event is not None
        return silences_of(self.event, self.event.effects.all(), self.until(), self.cleaned_data["reason"], by)
