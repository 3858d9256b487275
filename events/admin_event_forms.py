"""The forms through which admins act on events. They check what people type; the lifecycle decides what is possible."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from events.kinds import Action, Category, Priority, RiskLevel, TradingStatus
from events.models import Effect, Event
from markets.venues import venue_choices

EFFECT_FIELDS: Mapping[str, Any] = {
    "action": Action,
    "risk_level": RiskLevel,
    "trading_status": TradingStatus,
}


def _text(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=UnfoldAdminTextInputWidget(), **options)


def _choice(label: str, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget(), **options)


def _time(label: str, help_text: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(
        format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": " ".join(INPUT_CLASSES)}
    )
    return forms.DateTimeField(label=f"{label} (UTC)", help_text=help_text, required=False, widget=widget)


def _words(choices: Any) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ")) for value in choices.values]


class EventForm(forms.Form):
    """A form about one event at a moment. `now` is aware UTC."""

    def __init__(self, *args: Any, event: Event | None, now: datetime, **kwargs: Any) -> None:
        self.event, self.now = event, now
        super().__init__(*args, **kwargs)

    def _in_future(self, name: str) -> datetime | None:
        at: datetime | None = self.cleaned_data.get(name)
        if at is not None and at <= self.now:
            raise forms.ValidationError(f"was {at:%Y-%m-%d %H:%M} UTC, expected a time in the future")
        return at


class CloseForm(EventForm):
    reason = _text("Reason", max_length=120, help_text="Shown on the card that tells of the closing.")
    suppress_until = _time("Do not open again before", "Keeps the source from opening it again. Empty: for 30 days.")

    def clean_suppress_until(self) -> datetime | None:
        return self._in_future("suppress_until")


class FalseAlarmForm(CloseForm):
    suppress_until = _time("Do not open again before", "Empty: for ever, until somebody lifts the suppression.")


class ReopenForm(EventForm):
    reason = _text("Reason", max_length=120)
    valid_until = _time("Open until", "Empty: as before, or for seven days where that is past.")

    def clean_valid_until(self) -> datetime | None:
        return self._in_future("valid_until")


class UnpinForm(EventForm):
    """Which corrections are to be given up."""

    pins = forms.MultipleChoiceField(
        label="Give up the corrections of",
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="What the source says holds again from its next poll on.",
    )

    def __init__(self, *args: Any, event: Event, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, event=event, now=now, **kwargs)
        pins = self.fields["pins"]
        assert isinstance(pins, forms.MultipleChoiceField)
        pins.choices = [(name, name.replace("_", " ")) for name in event.pinned if name != "reopened_against"]


class CorrectForm(EventForm):
    """Fields of the event, and per token what holds for it. Only what was changed is corrected, and pinned."""

    title = forms.CharField(label="Title", widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))
    category = _choice("Category", _words(Category))
    priority = _choice("Priority", _words(Priority), help_text="Only high events are in the view and alerted.")
    valid_until = _time("Open until", "Empty: open-ended.")
    url = forms.URLField(label="Link", required=False, assume_scheme="https", widget=UnfoldAdminTextInputWidget())

    def __init__(self, *args: Any, event: Event, effects: Sequence[Effect], now: datetime, **kwargs: Any):
        until = event.valid_until.replace(second=0, microsecond=0) if event.valid_until else None
        initial = {
            "title": event.title,
            "category": event.category,
            "priority": event.priority,
            "valid_until": until,
            "url": event.url,
        }
        super().__init__(*args, event=event, now=now, initial=initial, **kwargs)
        self.tokens = sorted({effect.token for effect in effects})
        for number, token in enumerate(self.tokens):
            for name, choices in EFFECT_FIELDS.items():
                present = sorted({getattr(effect, name) for effect in effects if effect.token == token})
                leave = f"leave: {', '.join(present).replace('_', ' ')}"
                self.fields[f"effect-{number}-{name}"] = _choice(
                    f"{name.replace('_', ' ')} of {token}", [("", leave), *_words(choices)], required=False
                )

    def clean_valid_until(self) -> datetime | None:
        return self._in_future("valid_until") if "valid_until" in self.changed_data else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.changed_data:
            raise forms.ValidationError("Nothing was changed, so there is nothing to correct.")
        return cleaned

    def event_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields]

    def effect_rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Token → its fields, for the page."""
        return [
            (token, [self[f"effect-{number}-{name}"] for name in EFFECT_FIELDS])
            for number, token in enumerate(self.tokens)
        ]

    def corrected_fields(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.base_fields if name in self.changed_data}

    def corrected_effects(self) -> dict[str, dict[str, str]]:
        corrected = {
            token: {
                name: value for name in EFFECT_FIELDS if (value := self.cleaned_data.get(f"effect-{number}-{name}"))
            }
            for number, token in enumerate(self.tokens)
        }
        return {token: values for token, values in corrected.items() if values}


class ManualEventForm(EventForm):
    """Block tokens now, by hand."""

    tokens = _text("Tokens", help_text="Separated by spaces or commas, e.g. LUNA, UST.")
    title = _text("Title", max_length=300, help_text="What the card says first.")
    action = _choice("What bots shall do", _words(Action), initial=Action.HALT.value)
    risk_level = _choice("Risk", _words(RiskLevel), initial=RiskLevel.HIGH.value)
    trading_status = _choice("Trading status", _words(TradingStatus), initial=TradingStatus.TRADING.value)
    category = _choice("Category", _words(Category), initial=Category.MANUAL.value)
    venues = forms.MultipleChoiceField(
        label="Venues",
        choices=venue_choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="None: everywhere, the coin itself is concerned.",
    )
    valid_until = _time("Open until", "Empty: until somebody closes it.")
    note = forms.CharField(label="Note", required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))
    url = forms.URLField(label="Link", required=False, assume_scheme="https", widget=UnfoldAdminTextInputWidget())

    def clean_tokens(self) -> list[str]:
        tokens = list(dict.fromkeys(re.findall(r"[^\s,;]+", self.cleaned_data["tokens"].upper())))
        if not tokens:
            raise forms.ValidationError("expected at least one token")
        for token in tokens:
            if len(token) > 64:
                raise forms.ValidationError(f"{token[:20]}… is too long for a token (64 characters at most)")
        return tokens

    def clean_valid_until(self) -> datetime | None:
        return self._in_future("valid_until")
