"""The forms of admins' actions on events. They validate the input; the lifecycle decides what is possible."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from events.admin.typed_fields import (
    LONGEST_NOTE,
    LONGEST_WORDS,
    check_future,
    check_words,
    choice_field,
    link_field,
    text_field,
    time_field,
    venues_field,
    worded,
)
from events.enums import Action, Category, RiskLevel, TradingStatus
from events.lifecycle import REOPENED_AGAINST, TokenPreview, preview_manual_event
from events.models import Event
from markets.identity_store import known_identity
from markets.names import TypedName, WrongName
from markets.typed_pairs import TypedPair, typed_words
from markets.venues import venue_choices

_CONFIRMED = re.compile(r"(?P<once>[\w-]{12})\.(?P<digest>[0-9a-f]{64})\.(?P<sent>[0-9a-f]{64})")
_NOT_TYPED = ("confirmed", "csrfmiddlewaretoken")


class EventForm(forms.Form):
    """A form about one event at a moment. `now` is aware UTC."""

    # What was previewed, and a number that is used once: what is changed after the preview, or what it is about, is
    # previewed again before it is saved, and what is sent twice is done once.
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, event: Event | None, now: datetime, **kwargs: Any) -> None:
        self.event, self.now = event, now
        super().__init__(*args, **kwargs)

    def orders(self) -> dict[str, Any]:
        """The typed values without the confirmation."""
        return {name: value for name, value in self.cleaned_data.items() if name != "confirmed"}

    def wrong_fields(self) -> list[forms.BoundField]:
        """What was refused, for the top of the page: on a phone the field itself stands screens below."""
        return [self[name] for name in self.errors if name in self.fields]

    def digest(self) -> str:
        """A digest of the typed values, of what they mean, and of what they are about as it is now."""
        return hashlib.sha256(repr((self.about(), sorted(self.orders().items()))).encode()).hexdigest()

    def about(self) -> Sequence[object]:
        """What the preview depends on beside what is typed."""
        event = self.event
        return (event.pk, event.status, event.life, event.revision) if event else ()

    @property
    def once(self) -> str:
        """The number of the confirmation that was sent, "" where none was: an act is done once under it.

        Also "" where something else is typed by now: who goes back in the browser and changes it means another act.
        """
        found = _CONFIRMED.fullmatch(self.data.get("confirmed") or "")
        return found["once"] if found and found["sent"] == self._sent() else ""

    def is_confirmed(self) -> bool:
        found = _CONFIRMED.fullmatch(self.cleaned_data["confirmed"])
        return bool(self.once) and found is not None and found["digest"] == self.digest()

    def _sent(self) -> str:
        """A digest of what was sent, as it was typed: it can be compared when the act is done, too."""
        data: Any = self.data
        typed = {name: data.getlist(name) if hasattr(data, "getlist") else [data[name]] for name in data}
        given = sorted((name, values) for name, values in typed.items() if any(values) and name not in _NOT_TYPED)
        return hashlib.sha256(repr(given).encode()).hexdigest()

    def show_confirmation(self) -> None:
        """Carry the confirmation of the present input: a bound form shows the submitted values."""
        shown = {name: self[name].value() for name in self.fields}
        self.data = {**shown, "confirmed": f"{secrets.token_urlsafe(9)}.{self.digest()}.{self._sent()}"}

    def in_words(self) -> str:
        """What was ordered, for the audit, in the words of the page; of what was corrected also what it was before."""
        names = [name for name in self.fields if name in self.cleaned_data and self.is_recorded(name)]
        return "; ".join(map(self._recorded, names))

    def is_recorded(self, name: str) -> bool:
        """Whether a field is part of what was ordered."""
        return name != "confirmed" and bool(self.cleaned_data[name])

    def before(self, name: str) -> str | None:
        """What a field corrects, as it was; None where it corrects nothing."""
        return None

    def shown(self, name: str, value: Any) -> str:
        """A value of a field, as the page shows it."""
        if isinstance(value, datetime):
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if value in (None, ""):
            return ""
        words = {str(key): str(said) for key, said in getattr(self.fields[name], "choices", ())}
        return ", ".join(words.get(str(one), str(one)) for one in (value if isinstance(value, list) else [value]))

    def _recorded(self, name: str) -> str:
        label, before = str(self.fields[name].label or name), self.before(name)
        now = self.shown(name, self.cleaned_data[name])
        was = f" (was {before or 'none'})" if before is not None else ""
        return f"{label[:1].upper()}{label[1:]} = {now or 'none'}{was}"

    def _in_future(self, name: str) -> datetime | None:
        at: datetime | None = self.cleaned_data.get(name)
        return check_future(at, self.now) if at is not None else None


class CloseForm(EventForm):
    reason = text_field("Reason", "why, in a few words", max_length=120, help_text="Shown on the card of the closing.")
    suppress_until = time_field("Do not open again before", "No source opens it before this. Empty: for 30 days.")

    def clean_suppress_until(self) -> datetime | None:
        return self._in_future("suppress_until")


class FalseAlarmForm(CloseForm):
    suppress_until = time_field("Do not open again before", "Empty: for ever, until somebody deletes the suppression.")


class ReopenForm(EventForm):
    reason = text_field("Reason", "why, in a few words", max_length=120)
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


class ManualEventForm(EventForm):
    """Open a manual event: block tokens or single pairs now."""

    # Programs name what they mean; a person's unlisted name is a slip of the finger until they say otherwise.
    takes_unlisted = True

    tokens = text_field(
        "Tokens or pairs",
        "a currency or a pair, e.g. LUNA or ETH/USDC",
        max_length=LONGEST_WORDS,
        help_text="Separated by spaces or commas, e.g. LUNA, ETH/USDC.",
    )
    title = text_field("Title", "the title of the card", max_length=300, help_text="The title of the card.")
    action = choice_field("Action for bots", worded(Action), initial=Action.HALT.value)
    risk_level = choice_field("Risk", worded(RiskLevel), initial=RiskLevel.HIGH.value)
    trading_status = choice_field("Trading status", worded(TradingStatus), initial=TradingStatus.TRADING.value)
    category = choice_field("Category", worded(Category), initial=Category.MANUAL.value)
    venues = venues_field(venue_choices, "None: everywhere; the coin itself is affected.")
    valid_until = time_field("Open until", "Empty: until somebody closes it.")
    note = text_field("Note", "who said so, and where", lines=3, required=False, max_length=LONGEST_NOTE)
    url = link_field()

    def clean_tokens(self) -> list[str]:
        """The text as typed; `clean` resolves it, because that needs the venues."""
        return [check_words(self.cleaned_data["tokens"])]

    def clean(self) -> dict[str, Any]:
        """Sets `names` and the values `tokens` (assets) and `pairs`."""
        cleaned = super().clean() or self.cleaned_data
        unlisted = bool(cleaned.pop("unlisted", self.takes_unlisted))
        if "tokens" not in cleaned or "venues" not in cleaned:
            return cleaned
        try:
            typed = typed_words(cleaned["tokens"][0], known_identity(), self.now, cleaned["venues"])
        except WrongName as wrong:
            self.add_error("tokens", str(wrong))
            return cleaned
        self.names: list[TypedName | TypedPair] = [*typed.names, *typed.pairs]
        unknown = [name.note for name in typed.names if not name.known]
        if not self.names:
            self.add_error("tokens", "expected at least one token or pair, e.g. LUNA or ETH/USDC")
        elif unknown and not unlisted:
            how = "If the name is right, tick “Block names that no list knows”."
            self.add_error("tokens", f"expected a currency of a list: {'; '.join(unknown)}. {how}".replace("?.", "?"))
        cleaned["tokens"] = [name.asset for name in typed.names]
        cleaned["pairs"] = [(pair.asset, ticker) for pair in typed.pairs for ticker in pair.tickers]
        return cleaned

    def is_recorded(self, name: str) -> bool:
        return name == "tokens" or super().is_recorded(name)

    def shown(self, name: str, value: Any) -> str:
        # As it was typed: what it was resolved to is on the page of the event.
        return str(self[name].value()) if name == "tokens" else super().shown(name, value)

    def preview(self) -> list[TokenPreview]:
        """The rows that bots would read. Raises LifecycleError."""
        names = ("tokens", "venues", "action", "risk_level", "trading_status", "category", "pairs")
        return preview_manual_event(
            self.now, **{name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        )

    def clean_valid_until(self) -> datetime | None:
        return self._in_future("valid_until")


class BlockForm(ManualEventForm):
    """A manual event by an admin: refused where no list knows the names, and with the reason for it."""

    takes_unlisted = False

    unlisted = forms.BooleanField(
        label="Block names that no list knows", required=False, help_text="Names are then taken as they are typed."
    )
    field_order = ("tokens", "unlisted", "title", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        note.label, note.required, note.help_text = "Reason", True, "Who said so, and where. Shown on the card."
