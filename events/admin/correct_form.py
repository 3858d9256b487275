"""The form of a correction: fields of an event, the end, place and pairs of each of its effects, and its dates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms

from events.admin.event_forms import EventForm
from events.admin.typed_fields import (
    NONE,
    EndField,
    check_words,
    choice_field,
    link_field,
    text_field,
    time_field,
    worded,
)
from events.drafts import ImportantDate
from events.enums import Action, Category, Priority, RiskLevel, Scope, TradingStatus
from events.lifecycle import date_key, source_key, subject_of
from events.models import Effect, Event
from markets.identity_store import known_identity, live_tickers
from markets.names import WrongName
from markets.typed_pairs import typed_tickers
from markets.venues import venue_choices

EFFECT_FIELDS: Mapping[str, Any] = {
    "action": Action,
    "risk_level": RiskLevel,
    "trading_status": TradingStatus,
}
EVERYWHERE = "*"
ALL_PAIRS = "all"
_LONGEST_TITLE = 300
# Six fields each; Django takes no form of more than 1,000 fields.
MOST_EFFECTS = 60
# Pairs that the audit names of what an effect was on before.
_NAMED = 10
_WRITTEN = "%Y-%m-%d %H:%M"
# Fields of a correction that correct nothing.
_NO_CORRECTIONS = frozenset({"reason", "confirmed", "seen"})


class CorrectForm(EventForm):
    """Fields of the event, of its effects and of its dates. Only changed ones are corrected and pinned.

    The form carries what it showed (`seen`): what the source has changed since is not taken for a correction, and what
    is typed for an effect is for that effect, whichever others the event has by now.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput())
    title = text_field("Title", "the title of the card", lines=2)
    category = choice_field("Category", worded(Category))
    priority = choice_field("Priority", worded(Priority), help_text="Only high events are in the view and alerted.")
    valid_until = time_field("Open until", "Empty: open-ended.")
    url = link_field()
    reason = text_field(
        "Reason", "why the source is wrong", max_length=120, help_text="Why the source is wrong. Kept in the audit."
    )

    def __init__(
        self, *args: Any, event: Event, effects: Sequence[Effect], now: datetime, only: str = "", **kwargs: Any
    ) -> None:
        """only: a token, where the others' effects are left out."""
        rows: dict[str, list[Effect]] = {}
        for effect in sorted(effects, key=lambda effect: (effect.token, effect.venue, effect.pk)):
            rows.setdefault(source_key(effect, event.pinned), []).append(effect)
        self.labels = {key: _label(key, rows) for key in rows}
        # One token, where the address names it; else as many as a page can hold.
        self.only = only
        chosen = [key for key in rows if not only or key.split(" ", 1)[0] == only]
        self.rows = {key: rows[key] for key in chosen[:MOST_EFFECTS]}
        self.left_out = len(rows) - len(self.rows)
        ends = {effect.trading_ends_at for effect in effects}
        # The others are ends of trading, which are typed with the effects.
        self.dates = {date_key(date): date for date in _dates(event) if date.at not in ends}
        shown: dict[str, Any] = {
            "title": event.title.strip(),
            "category": event.category,
            "priority": event.priority,
            "valid_until": f"{event.valid_until:{_WRITTEN}}" if event.valid_until else "",
            "url": event.url,
            "effects": list(self.rows),
            "dates": list(self.dates)[:MOST_EFFECTS],
        }
        super().__init__(*args, event=event, now=now, **kwargs)
        seen = _seen(str(self.data.get("seen") or ""), shown) if self.is_bound else shown
        fields = {name: seen[name] for name in self.base_fields if name in seen}
        self.initial = {**fields, "valid_until": _time(seen["valid_until"]), "seen": json.dumps(seen)}
        # What the source has added since is not in what was typed: the next page has it.
        self.keys = seen["effects"][:MOST_EFFECTS]
        self.date_keys = seen["dates"][:MOST_EFFECTS]
        self.places: dict[str, dict[str, Any]] = {}
        for number, key in enumerate(self.keys):
            if key in self.rows:
                self._add_effect(number, key)
        for number, key in enumerate(self.date_keys):
            if key in self.dates:
                date = self.dates[key]
                now_at = f"Empty: as it is, {date.at:%Y-%m-%d %H:%M}. {NONE}: without a new one."
                self.fields[f"date-{number}"] = time_field(date.what.capitalize() or "Date", now_at, kind=EndField)

    def _add_effect(self, number: int, key: str) -> None:
        """The fields of the effects of one key; empty: left. Several at different times keep their times and places."""
        rows, label = self.rows[key], self.labels[key]
        for name, choices in EFFECT_FIELDS.items():
            present = sorted({getattr(row, name) for row in rows})
            leave = f"leave: {', '.join(present).replace('_', ' ')}"
            self.fields[f"effect-{number}-{name}"] = choice_field(
                f"{name.replace('_', ' ')} of {label}", [("", leave), *worded(choices)], required=False
            )
        if len({(row.trading_ends_at, row.in_force_at) for row in rows}) == 1:
            row = rows[0]
            begins = row.in_force_at if row.trading_ends_at is None else None
            at = begins or row.trading_ends_at
            as_it_is = f"Empty: as it is, {f'{at:%Y-%m-%d %H:%M}' if at else 'none'}. {NONE}: without a new one."
            what = f"{label} in force from" if begins else f"Trading of {label} ends"
            self.fields[f"effect-{number}-ends"] = time_field(what, as_it_is, kind=EndField)
        if len(rows) == 1:
            places = [("", f"leave: {row.venue or 'everywhere'}"), (EVERYWHERE, "everywhere"), *venue_choices()]
            self.fields[f"effect-{number}-venue"] = choice_field(f"venue of {label}", places, required=False)
            help_text = f"Empty: as they are. {ALL_PAIRS}: every pair there."
            pairs = text_field(f"pairs of {label}", required=False, max_length=4000, help_text=help_text)
            pairs.widget.attrs["placeholder"] = " ".join(row.tickers[:3])
            self.fields[f"effect-{number}-pairs"] = pairs

    def _times(self, number: int, key: str) -> dict[str, Any]:
        at = self.cleaned_data.get(f"effect-{number}-ends")
        if at is None:
            return {}
        row, typed = self.rows[key][0], None if at == NONE else at.isoformat()
        if row.trading_ends_at is None and row.in_force_at is not None:
            return {"in_force_at": typed}
        apart = row.in_force_at not in (None, row.trading_ends_at)
        return {"trading_ends_at": typed} if apart else {"trading_ends_at": typed, "in_force_at": typed}

    def _where(self, number: int, key: str) -> dict[str, Any]:
        """The typed venue and pairs of an effect, as `correct_event` takes them. Adds errors to the form."""
        venue = self.cleaned_data.get(f"effect-{number}-venue") or ""
        text = (self.cleaned_data.get(f"effect-{number}-pairs") or "").strip()
        if not venue and not text:
            return {}
        (row,) = self.rows[key]
        field = f"effect-{number}-pairs"
        where = venue or row.venue
        on = [] if where in ("", EVERYWHERE) else [where]
        if not text and row.scope == Scope.PAIRS:
            self.add_error(field, f"expected the pairs there too, e.g. {row.token}/USDC, or {ALL_PAIRS}")
            return {}
        if not text or text.lower() == ALL_PAIRS:
            tickers = live_tickers(row.token, known_identity(), self.now, "".join(on))
            scope = Scope.VENUE if on else Scope.ASSET
            return {"scope": scope.value, "venue": "".join(on), "tickers": list(tickers)}
        try:
            typed = typed_tickers(check_words(text), known_identity(), self.now, on)
        except WrongName as wrong:
            self.add_error(field, str(wrong))
            return {}
        except forms.ValidationError as error:
            self.add_error(field, error)
            return {}
        other = next((pair.name for pair in typed if pair.asset != row.token), "")
        found = sorted({ticker for pair in typed for ticker in pair.tickers})
        venues = sorted({ticker.partition(":")[0] for ticker in found})
        if other:
            self.add_error(field, f"{other} is no pair of {row.token}, expected pairs of {row.token}")
        elif len(venues) != 1:
            what = f"the pairs are on {', '.join(venues) or 'no venue'}, expected one venue"
            self.add_error(f"effect-{number}-venue", what)
        return {"scope": Scope.PAIRS.value, "venue": "".join(venues[:1]), "tickers": found}

    def clean_seen(self) -> str:
        """What the form showed, also where the browser did not say."""
        return str(self.initial["seen"])

    def clean_title(self) -> str:
        # A field of two lines, for long titles: a title has one.
        title = " ".join(str(self.cleaned_data["title"]).split())
        if "title" in self.changed_data and len(title) > _LONGEST_TITLE:
            raise forms.ValidationError(f"had {len(title)} characters, expected at most {_LONGEST_TITLE}")
        return title

    def clean_valid_until(self) -> datetime | None:
        return self._in_future("valid_until") if "valid_until" in self.changed_data else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = {name.rsplit("-", 1)[0] for name in self.data if name.startswith("effect-") and self.data.get(name)}
        gone = [key for number, key in enumerate(self.keys) if key not in self.rows and f"effect-{number}" in typed]
        gone += [
            key for number, key in enumerate(self.date_keys)
            if key not in self.dates and self.data.get(f"date-{number}")
        ]  # fmt: skip
        if gone:
            raise forms.ValidationError(f"The event has changed since: {', '.join(gone)} is not there any more.")
        if not self.errors and not set(self.changed_data) - _NO_CORRECTIONS:
            raise forms.ValidationError("Nothing was changed: expected another value in one of the fields.")
        self.places = {
            key: {**self._times(number, key), **self._where(number, key)}
            for number, key in enumerate(self.keys)
            if key in self.rows
        }
        return cleaned

    def event_fields(self) -> list[forms.BoundField]:
        names = [name for name in self.base_fields if name not in ("confirmed", "seen")]
        return [self[name] for name in [*names, *(name for name in self.fields if name.startswith("date-"))]]

    def effect_rows(self) -> list[tuple[str, list[tuple[str, forms.BoundField]]]]:
        """What an effect is on → its fields with short labels, for the page."""
        return [
            (
                label,
                [
                    (_short(bound, label), bound)
                    for name, bound in self._bound()
                    if name.startswith(f"effect-{number}-")
                ],
            )
            for number, key in enumerate(self.keys)
            if key in self.rows
            for label in [self.labels[key]]
        ]

    def _bound(self) -> list[tuple[str, forms.BoundField]]:
        return [(name, self[name]) for name in self.fields]

    def is_recorded(self, name: str) -> bool:
        return name == "reason" or (name in self.changed_data and name not in _NO_CORRECTIONS)

    def before(self, name: str) -> str | None:
        if name in self.base_fields:
            return None if name == "reason" else self.shown(name, self.initial[name])
        kind, number, *rest = name.split("-")
        if kind == "date":
            return _as_text(self.dates[self.date_keys[int(number)]].at)
        rows = self.rows[self.keys[int(number)]]
        if rest == ["venue"]:
            return rows[0].venue or "everywhere"
        if rest == ["pairs"]:
            return " ".join([*rows[0].tickers[:_NAMED], *(["…"] if len(rows[0].tickers) > _NAMED else [])])
        if rest == ["ends"]:
            return _as_text(rows[0].trading_ends_at or rows[0].in_force_at)
        return ", ".join(sorted({getattr(row, rest[0]) for row in rows})).replace("_", " ")

    def corrected_fields(self) -> dict[str, Any]:
        changed = [name for name in self.base_fields if name in self.changed_data and name not in _NO_CORRECTIONS]
        return {name: self.cleaned_data[name] for name in changed}

    def corrected_effects(self) -> dict[str, dict[str, Any]]:
        """Token, or the key of an effect where the token has several → the corrected values."""
        found = {}
        for number, key in enumerate(self.keys):
            typed = {name: self.cleaned_data.get(f"effect-{number}-{name}") for name in EFFECT_FIELDS}
            values = {**{name: value for name, value in typed.items() if value}, **self.places.get(key, {})}
            if values:
                row = self.rows[key][0]
                found[row.token if self.labels[key] == row.token else key] = values
        return found

    def corrected_dates(self) -> dict[str, datetime | None]:
        return {
            key: None if at == NONE else at
            for number, key in enumerate(self.date_keys)
            if (at := self.cleaned_data.get(f"date-{number}")) is not None
        }


def _label(key: str, rows: Mapping[str, Sequence[Effect]]) -> str:
    """The token; where it has several effects, what this one is on."""
    row = rows[key][0]
    return row.token if sum(other[0].token == row.token for other in rows.values()) == 1 else subject_of(row)


def _short(field: forms.BoundField, label: str) -> str:
    """The label of a field of an effect below the effect's own."""
    short = str(field.label).replace(f" of {label}", "").replace(f"{label} ", "")
    return short[:1].upper() + short[1:]


def _as_text(value: object) -> str:
    return f"{value:{_WRITTEN}} UTC" if isinstance(value, datetime) else str(value or "")


def _time(text: str) -> datetime | None:
    return datetime.strptime(text, _WRITTEN).replace(tzinfo=UTC) if text else None


def _dates(event: Event) -> list[ImportantDate]:
    return list(map(ImportantDate.from_json, event.important_dates))


def _seen(text: str, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What the form showed when it was typed into; what it shows now where the browser sends nothing of the kind."""
    try:
        seen = json.loads(text)
    except ValueError:
        return dict(shown)
    if not isinstance(seen, dict) or seen.keys() != shown.keys():
        return dict(shown)
    lists = [seen.pop(name) for name in ("effects", "dates")]
    if not all(isinstance(value, str) for value in seen.values()):
        return dict(shown)
    try:
        _time(seen["valid_until"])
    except ValueError:
        return dict(shown)
    if not all(isinstance(keys, list) and all(isinstance(key, str) for key in keys) for keys in lists):
        return dict(shown)
    return {**seen, "effects": lists[0], "dates": lists[1]}
