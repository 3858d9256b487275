"""The forms of admins' actions on events. They validate the input; the lifecycle decides what is possible."""

from __future__ import annotations

import hashlib
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

from events.enums import Action, Category, Priority, RiskLevel, Scope, TradingStatus
from events.lifecycle import REOPENED_AGAINST, TokenPreview, preview_manual_event
from events.models import Effect, Event
from markets.identity_store import known_identity, live_tickers
from markets.names import TypedName, WrongName, typed_names
from markets.typed_pairs import TypedPair, typed_tickers, typed_words
from markets.venues import venue_choices

EFFECT_FIELDS: Mapping[str, Any] = {
    "action": Action,
    "risk_level": RiskLevel,
    "trading_status": TradingStatus,
}

EVERYWHERE = "*"
# Fields of a correction that correct nothing.
_NO_CORRECTIONS = frozenset({"reason", "confirmed"})


def _text(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=UnfoldAdminTextInputWidget(), **options)


def _choice(label: str, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget(), **options)


def time_field(label: str, help_text: str, required: bool = False) -> forms.DateTimeField:
    """A time of day in 24 hours and UTC, as text: a browser's own field shows the hours of its user's country."""
    shown = {"placeholder": "2026-12-31 18:30", "autocomplete": "off", "class": " ".join(INPUT_CLASSES)}
    return forms.DateTimeField(
        label=f"{label} (UTC)",
        help_text=help_text,
        required=required,
        widget=forms.DateTimeInput(format="%Y-%m-%d %H:%M", attrs=shown),
        error_messages={"invalid": "expected a time in 24 hours and UTC such as 2026-12-31 18:30"},
    )


def _words(choices: Any) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ")) for value in choices.values]


class EventForm(forms.Form):
    """A form about one event at a moment. `now` is aware UTC."""

    # Digest of the previewed input: what is changed after the preview is previewed again before it is saved.
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, event: Event | None, now: datetime, **kwargs: Any) -> None:
        self.event, self.now = event, now
        super().__init__(*args, **kwargs)

    def orders(self) -> dict[str, Any]:
        """The typed values without the confirmation."""
        return {name: value for name, value in self.cleaned_data.items() if name != "confirmed"}

    def digest(self) -> str:
        """A digest of the typed values and of what they mean."""
        about = self.event.pk if self.event else 0
        return hashlib.sha256(repr((about, sorted(self.orders().items()))).encode()).hexdigest()

    def is_confirmed(self) -> bool:
        return bool(self.cleaned_data["confirmed"] == self.digest())

    def show_confirmation(self) -> None:
        """Carry the confirmation of the present input: a bound form shows the submitted values."""
        self.data = {**{name: self[name].value() for name in self.fields}, "confirmed": self.digest()}

    def _in_future(self, name: str) -> datetime | None:
        at: datetime | None = self.cleaned_data.get(name)
        if at is not None and at <= self.now:
            raise forms.ValidationError(f"was {at:%Y-%m-%d %H:%M} UTC, expected a time in the future")
        return at


class CloseForm(EventForm):
    reason = _text("Reason", max_length=120, help_text="Shown on the card of the closing.")
    suppress_until = time_field("Do not open again before", "No source opens it before this. Empty: for 30 days.")

    def clean_suppress_until(self) -> datetime | None:
        return self._in_future("suppress_until")


class FalseAlarmForm(CloseForm):
    suppress_until = time_field("Do not open again before", "Empty: for ever, until somebody deletes the suppression.")


class ReopenForm(EventForm):
    reason = _text("Reason", max_length=120)
    valid_until = time_field("Open until", "Empty: as before, or for seven days if that is past.")

    def clean_valid_until(self) -> datetime | None:
        return self._in_future("valid_until")


class UnpinForm(EventForm):
    """The pinned fields to unpin."""

    pins = forms.MultipleChoiceField(
        label="Unpin fields",
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="The source's values apply again from its next poll.",
    )

    def __init__(self, *args: Any, event: Event, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, event=event, now=now, **kwargs)
        pins = self.fields["pins"]
        assert isinstance(pins, forms.MultipleChoiceField)
        pins.choices = [(name, name.replace("_", " ")) for name in event.pinned if name != REOPENED_AGAINST]


class CorrectForm(EventForm):
    """Fields of the event and, per token, of its effects. Only changed fields are corrected and pinned."""

    title = forms.CharField(label="Title", widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))
    category = _choice("Category", _words(Category))
    priority = _choice("Priority", _words(Priority), help_text="Only high events are in the view and alerted.")
    valid_until = time_field("Open until", "Empty: open-ended.")
    url = forms.URLField(label="Link", required=False, assume_scheme="https", widget=UnfoldAdminTextInputWidget())
    reason = _text("Reason", max_length=120, help_text="Why the source is wrong. Kept in the audit.")

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
        self.rows = {token: [effect for effect in effects if effect.token == token] for token in self.tokens}
        self.places: dict[str, dict[str, Any]] = {}
        for number, token in enumerate(self.tokens):
            for name, choices in EFFECT_FIELDS.items():
                present = sorted({getattr(effect, name) for effect in effects if effect.token == token})
                leave = f"leave: {', '.join(present).replace('_', ' ')}"
                self.fields[f"effect-{number}-{name}"] = _choice(
                    f"{name.replace('_', ' ')} of {token}", [("", leave), *_words(choices)], required=False
                )
            self._place_fields(number, token)

    def _place_fields(self, number: int, token: str) -> None:
        """When and where the effects of a token hold; empty: left. Where it has several, only the time can be typed."""
        rows = self.rows[token]
        ends = next((f"{row.trading_ends_at:%Y-%m-%d %H:%M}" for row in rows if row.trading_ends_at), "none")
        self.fields[f"effect-{number}-ends"] = time_field(f"Trading of {token} ends", f"Empty: as it is, {ends}.")
        if len(rows) == 1:
            leave = f"leave: {rows[0].venue or 'everywhere'}"
            places = [("", leave), (EVERYWHERE, "everywhere"), *venue_choices()]
            self.fields[f"effect-{number}-venue"] = _choice(f"venue of {token}", places, required=False)
            pairs = _text(f"pairs of {token}", required=False, help_text="Empty: as they are.")
            pairs.widget.attrs["placeholder"] = " ".join(rows[0].tickers[:3])
            self.fields[f"effect-{number}-pairs"] = pairs

    def _places(self, number: int, token: str) -> dict[str, Any]:
        """The typed end, venue and pairs of a token, as `correct_event` takes them. Adds errors to the form."""
        places: dict[str, Any] = {}
        ends = self.cleaned_data.get(f"effect-{number}-ends")
        if ends is not None:
            places = {"trading_ends_at": ends.isoformat(), "in_force_at": ends.isoformat()}
        venue = self.cleaned_data.get(f"effect-{number}-venue") or ""
        text = self.cleaned_data.get(f"effect-{number}-pairs") or ""
        if not venue and not text:
            return places
        (row,) = self.rows[token]
        where = venue or row.venue
        on = [] if where in ("", EVERYWHERE) else [where]
        if not text:
            if row.scope == Scope.PAIRS:
                self.add_error(f"effect-{number}-pairs", "expected the pairs of the other venue too, e.g. ETH/USDC")
            tickers = live_tickers(token, known_identity(), self.now, "".join(on))
            scope = Scope.VENUE if on else Scope.ASSET
            return {**places, "scope": scope.value, "venue": "".join(on), "tickers": list(tickers)}
        try:
            typed = typed_tickers(text, known_identity(), self.now, on)
        except WrongName as wrong:
            self.add_error(f"effect-{number}-pairs", str(wrong))
            return places
        other = next((pair.name for pair in typed if pair.asset != token), "")
        tickers = tuple(ticker for pair in typed for ticker in pair.tickers)
        venues = sorted({ticker.partition(":")[0] for ticker in tickers})
        if other:
            self.add_error(f"effect-{number}-pairs", f"{other} is no pair of {token}, expected pairs of {token}")
        elif len(venues) != 1:
            self.add_error(
                f"effect-{number}-venue", f"the pairs are on {', '.join(venues) or 'no venue'}, expected one venue"
            )
        return {**places, "scope": Scope.PAIRS.value, "venue": "".join(venues[:1]), "tickers": sorted(tickers)}

    def clean_valid_until(self) -> datetime | None:
        return self._in_future("valid_until") if "valid_until" in self.changed_data else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not set(self.changed_data) - _NO_CORRECTIONS:
            raise forms.ValidationError("Nothing was changed.")
        self.places = {token: self._places(number, token) for number, token in enumerate(self.tokens)}
        return cleaned

    def event_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields if name != "confirmed"]

    def effect_rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Token → its fields, for the page."""
        return [
            (token, [self[name] for name in self.fields if name.startswith(f"effect-{number}-")])
            for number, token in enumerate(self.tokens)
        ]

    def corrected_fields(self) -> dict[str, Any]:
        changed = [name for name in self.base_fields if name in self.changed_data and name not in _NO_CORRECTIONS]
        return {name: self.cleaned_data[name] for name in changed}

    def corrected_effects(self) -> dict[str, dict[str, Any]]:
        corrected = {
            token: {
                **{
                    name: value for name in EFFECT_FIELDS if (value := self.cleaned_data.get(f"effect-{number}-{name}"))
                },
                **self.places.get(token, {}),
            }
            for number, token in enumerate(self.tokens)
        }
        return {token: values for token, values in corrected.items() if values}


class ManualEventForm(EventForm):
    """Open a manual event: block tokens now."""

    tokens = _text("Tokens", help_text="Separated by spaces or commas, e.g. LUNA, UST.")
    title = _text("Title", max_length=300, help_text="The title of the card.")
    action = _choice("Action for bots", _words(Action), initial=Action.HALT.value)
    risk_level = _choice("Risk", _words(RiskLevel), initial=RiskLevel.HIGH.value)
    trading_status = _choice("Trading status", _words(TradingStatus), initial=TradingStatus.TRADING.value)
    category = _choice("Category", _words(Category), initial=Category.MANUAL.value)
    venues = forms.MultipleChoiceField(
        label="Venues",
        choices=venue_choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="None: everywhere; the coin itself is affected.",
    )
    valid_until = time_field("Open until", "Empty: until somebody closes it.")
    note = forms.CharField(label="Note", required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))
    url = forms.URLField(label="Link", required=False, assume_scheme="https", widget=UnfoldAdminTextInputWidget())

    def clean_tokens(self) -> list[str]:
        """The assets of the names at `now`; sets `names`."""
        try:
            names = typed_names(self.cleaned_data["tokens"], known_identity(), self.now)
        except WrongName as wrong:
            raise forms.ValidationError(str(wrong)) from None
        self.names: list[TypedName | TypedPair] = [*names]
        if not names:
            raise forms.ValidationError("expected at least one token")
        return [name.asset for name in names]

    def preview(self) -> list[TokenPreview]:
        """The rows that bots would read. Raises LifecycleError."""
        names = ("tokens", "venues", "action", "risk_level", "trading_status", "category", "pairs")
        return preview_manual_event(
            self.now, **{name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        )

    def clean_valid_until(self) -> datetime | None:
        return self._in_future("valid_until")


class BlockForm(ManualEventForm):
    """A manual event by an admin: tokens or single pairs, refused where no list knows them, and why it is made."""

    unlisted = forms.BooleanField(
        label="Block names that no list knows", required=False, help_text="Names are then taken as they are typed."
    )
    field_order = ("tokens", "unlisted", "title", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tokens, note = self.fields["tokens"], self.fields["note"]
        tokens.label, tokens.help_text = "Tokens or pairs", "Separated by spaces or commas, e.g. LUNA, ETH/USDC."
        note.label, note.required, note.help_text = "Reason", True, "Who said so, and where. Shown on the card."

    def clean_tokens(self) -> list[str]:
        """The text as typed; `clean` resolves it, because that needs the venues."""
        return [str(self.cleaned_data["tokens"])]

    def clean(self) -> dict[str, Any]:
        """Sets `names` and the values `tokens` (assets) and `pairs`."""
        cleaned = super().clean() or self.cleaned_data
        unlisted = bool(cleaned.pop("unlisted", False))
        if "tokens" not in cleaned or "venues" not in cleaned:
            return cleaned
        try:
            typed = typed_words(cleaned["tokens"][0], known_identity(), self.now, cleaned["venues"])
        except WrongName as wrong:
            self.add_error("tokens", str(wrong))
            return cleaned
        self.names = [*typed.names, *typed.pairs]
        unknown = [name.note for name in typed.names if not name.known]
        if not self.names:
            self.add_error("tokens", "expected at least one token or pair, e.g. LUNA or ETH/USDC")
        elif unknown and not unlisted:
            how = "expected a currency of a list; if the name is right, tick “Block names that no list knows”"
            self.add_error("tokens", f"{'; '.join(unknown)}: {how}")
        cleaned["tokens"] = [name.asset for name in typed.names]
        cleaned["pairs"] = [(pair.asset, ticker) for pair in typed.pairs for ticker in pair.tickers]
        return cleaned
