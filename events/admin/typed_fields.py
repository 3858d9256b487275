"""Fields of admins' forms. What is refused is refused with what was expected and, where it is clear, what was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, cast

from django import forms
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from events import clock

# Of a form's list of tokens and pairs: more are typed by nobody, and each unknown one is compared with every name.
MOST_WORDS = 50
LONGEST_WORDS = 4000
LONGEST_NOTE = 2000
NONE = "none"
"""What is typed for an end or a date that is called off without a new one."""
# Beyond these, sums of times leave what Python and PostgreSQL can hold.
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_WRITTEN = "%Y-%m-%d %H:%M"
_WRONG_TIME = "expected a time in 24 hours and UTC such as 2026-12-31 18:30"
# How people write times elsewhere. Month and day in either order: where both can be read, neither is suggested.
_DAYS = (
    "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y",
    "%B %d, %Y",
)  # fmt: skip
_TIMES = ("", " %H:%M", " %H.%M", " %I:%M %p", " %I %p", " %I:%M%p", " %I%p")
_ELSEWHERE = tuple(f"{day}{time}" for day in _DAYS for time in _TIMES)
# As cards write a day of this year or the next.
_WITHOUT_YEAR = tuple(f"%Y {day}{time}" for day in ("%d %b", "%d %B") for time in ("", " %H:%M"))
# Python reads more as ISO 8601: of 18.30 it makes 18 hours and 0.3 seconds.
_READ = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?)?", re.ASCII | re.I)


def text_field(label: str, expected: str = "a text", lines: int = 1, **options: Any) -> forms.CharField:
    """expected: what an empty field is refused with."""
    widget = UnfoldAdminTextInputWidget() if lines == 1 else UnfoldAdminTextareaWidget(attrs={"rows": lines})
    messages = {
        "required": f"is required: expected {expected}",
        "max_length": "had %(show_value)d characters, expected at most %(limit_value)d",
    }
    return forms.CharField(label=label, widget=widget, error_messages=messages, **options)


def link_field() -> forms.URLField:
    return forms.URLField(
        label="Link",
        required=False,
        assume_scheme="https",
        max_length=2000,
        widget=UnfoldAdminTextInputWidget(),
        error_messages={
            "invalid": "expected the address of a page such as https://www.binance.com/en/support/announcement",
            "max_length": "had %(show_value)d characters, expected at most %(limit_value)d",
        },
    )


class ChoiceField(forms.ChoiceField):
    def validate(self, value: Any) -> None:
        if value and not self.valid_value(value):
            raise forms.ValidationError(_not_one_of(str(value), list(cast(Any, self.choices))), code="invalid_choice")
        super().validate(value)


class VenuesField(forms.MultipleChoiceField):
    def validate(self, value: Any) -> None:
        if wrong := next((one for one in value if not self.valid_value(one)), None):
            raise forms.ValidationError(_not_one_of(str(wrong), list(cast(Any, self.choices))), code="invalid_choice")
        super().validate(value)


def choice_field(label: str, choices: Any, **options: Any) -> ChoiceField:
    messages = {"required": "is required: expected one of the list"}
    return ChoiceField(
        label=label, choices=choices, widget=UnfoldAdminSelectWidget(), error_messages=messages, **options
    )


def venues_field(choices: Any, help_text: str) -> VenuesField:
    widget = UnfoldAdminCheckboxSelectMultipleWidget()
    return VenuesField(label="Venues", choices=choices, required=False, widget=widget, help_text=help_text)


class TimeField(forms.DateTimeField):
    def to_python(self, value: Any) -> datetime | None:
        # Pages and cards write "UTC" behind times.
        typed = re.sub(r"\s*UTC$", "", value.strip(), flags=re.I) if isinstance(value, str) else value
        try:
            if isinstance(typed, str) and typed and not _READ.fullmatch(typed):
                raise forms.ValidationError(_WRONG_TIME)
            at: datetime | None = super().to_python(typed)
            return at and at.astimezone(UTC)
        except (forms.ValidationError, OverflowError):
            meant = _did_you_mean(_meant_time(str(typed)))
            raise forms.ValidationError(f"{_WRONG_TIME}{meant}", "invalid") from None


def time_field(label: str, help_text: str, required: bool = False, kind: type[TimeField] = TimeField) -> TimeField:
    """A time of day in 24 hours and UTC, as text: a browser's own field shows the hours of its user's country."""
    shown = {"placeholder": "2026-12-31 18:30", "autocomplete": "off", "class": " ".join(INPUT_CLASSES)}
    return kind(
        label=f"{label} (UTC)",
        help_text=help_text,
        required=required,
        widget=forms.DateTimeInput(format=_WRITTEN, attrs=shown),
        error_messages={"required": f"is required: {_WRONG_TIME}"},
        validators=[_check_year],
    )


class EndField(TimeField):
    """A time, or `NONE`: nobody knows one any more."""

    def to_python(self, value: Any) -> Any:
        typed = value.strip().lower() if isinstance(value, str) else ""
        return NONE if typed == NONE else super().to_python(value)

    def run_validators(self, value: Any) -> None:
        if value != NONE:
            super().run_validators(value)


def check_future(at: datetime, now: datetime) -> datetime:
    """Raises ValidationError for a time that is past, with its next one: a year is typed wrongly in January."""
    if at > now:
        return at
    try:
        near = next((again for more in (0, 1) if (again := at.replace(year=now.year + more)) > now), None)
    except ValueError:
        near = None
    what = f"was {at:{_WRITTEN}} UTC, expected a time in the future (it is {now:{_WRITTEN}})"
    raise forms.ValidationError(f"{what}{_did_you_mean(f'{near:{_WRITTEN}}' if near else '')}")


def check_words(text: str) -> str:
    """The text if it is no longer than people type. Raises ValidationError."""
    if (count := len(text.replace(",", " ").replace(";", " ").split())) > MOST_WORDS:
        raise forms.ValidationError(f"were {count} names, expected at most {MOST_WORDS} at a time")
    return text


def worded(choices: Any) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ")) for value in choices.values]


def _check_year(at: datetime) -> None:
    if not _FIRST <= at < _LAST:
        # A year before 1000 is written with its zeros.
        was = at.isoformat(" ", "minutes")[:16]
        raise forms.ValidationError(f"was {was} UTC, expected a year from {_FIRST.year} to {_LAST.year}")


def _not_one_of(value: str, choices: Sequence[tuple[Any, Any]]) -> str:
    """As people read the choices; the nearest may be near by its name or by its value."""
    read = {str(shown): str(key) for key, shown in choices if key}
    near = get_close_matches(value.lower().replace("_", " "), {name.lower(): name for name in read}, n=1, cutoff=0.5)
    meant = next((name for name in read if [name.lower()] == near), "")
    return f"was {value[:60]}, expected one of {', '.join(read)}{_did_you_mean(meant)}"


def _meant_time(text: str) -> str:
    words, now = " ".join(text.split()), clock.now()
    found = {at for written in _ELSEWHERE if (at := _read(words, written))}
    years = [
        [at for written in _WITHOUT_YEAR if (at := _read(f"{year} {words}", written)) and at > now]
        for year in (now.year, now.year + 1)
    ]
    found |= set(next(filter(None, years), ()))
    return f"{found.pop():{_WRITTEN}}" if len(found) == 1 else ""


def _read(text: str, written: str) -> datetime | None:
    try:
        return datetime.strptime(text, written).replace(tzinfo=UTC)
    except ValueError:
        return None


def _did_you_mean(meant: str) -> str:
    return f"; did you mean {meant}?" if meant else ""
