"""The form of a decision on a review: what the notice names is offered, and everything may be typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from events.admin.typed_fields import time_field
from events.models import Review
from exchanges.announcements.decided import CATEGORIES, MARKETS, EventDecision, typed_ticker
from exchanges.venues import venue_name
from markets.identity_store import known_identity
from markets.names import WrongName, typed_names

ENTIRE_MARKET = "*"
_PAIR = re.compile(r"[A-Z0-9_]{2,32}:[^\s:]{1,64}|[^\s:]{2,64}")


class DecisionForm(forms.Form):
    """A decision on the event that a notice is. dates: those that its text names; `now` is aware UTC.

    notes: on typed names, such as one that no list knows.
    """

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput())
    category = forms.ChoiceField(
        label="It is",
        choices=[(category, title) for category, (title, _) in CATEGORIES.items()],
        widget=UnfoldAdminSelectWidget(),
    )
    tickers = forms.MultipleChoiceField(
        label="Pairs and contracts", required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )
    tokens = forms.MultipleChoiceField(
        label="Coins, with all of their pairs on the market",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    extra_tickers = forms.CharField(
        label="Further pairs",
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Separated by blanks or commas: FOO/USDT, or with the venue, BINANCE_USDM:FOOUSDT.",
    )
    extra_tokens = forms.CharField(
        label="Further coins",
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Separated by blanks or commas. * is everything on the market, for a halt of trading.",
    )
    market = forms.ChoiceField(
        label="Market of coins and of pairs without a venue",
        choices=[(market, market) for market in MARKETS],
        widget=UnfoldAdminSelectWidget(),
    )
    date = forms.ChoiceField(label="When (UTC)", widget=UnfoldAdminRadioSelectWidget(), required=False)
    other_date = time_field(
        "Another time",
        "In place of the one above. Without any, a halt and closed wallets are in force at once, and the others are "
        "announced.",
    )

    def __init__(self, data: Any, review: Review, dates: Sequence[datetime], now: datetime) -> None:
        self.review, self.now = review, now
        self.notes: list[str] = []
        initial = {
            "digest": review.digest,
            "tickers": review.tickers,
            # A coin whose pairs are named goes on trading in its other pairs, unless somebody reads otherwise.
            "tokens": [] if review.tickers else review.tokens,
            "market": "spot",
            "date": dates[0].isoformat() if len(dates) == 1 else "",
        }
        super().__init__(data, initial=initial)
        self._offer("tickers", [(ticker, ticker) for ticker in review.tickers])
        self._offer("tokens", [(token, token) for token in review.tokens])
        known = [(at.isoformat(), f"{at:%Y-%m-%d %H:%M}") for at in dates]
        self._offer("date", [("", "not known, or now"), *known])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        if not choices:
            del self.fields[name]

    def clean_extra_tokens(self) -> list[str]:
        text = self.cleaned_data["extra_tokens"].strip()
        if text == ENTIRE_MARKET:
            return [ENTIRE_MARKET]
        try:
            names = typed_names(text, known_identity(), self.now)
        except WrongName as wrong:
            raise forms.ValidationError(str(wrong)) from None
        self.notes = [name.note for name in names if name.note]
        return [name.asset for name in names]

    def clean_extra_tickers(self) -> list[str]:
        text = re.sub(r"\s*/\s*", "/", self.cleaned_data["extra_tickers"].upper())
        words = [word for word in re.split(r"[\s,;]+", text) if word]
        # A notice is about its own exchange: what is typed for another one would be blocked here, and not there.
        venues = [venue_name(self.review.source, market) for market in MARKETS]
        for word in words:
            if not _PAIR.fullmatch(word):
                raise forms.ValidationError(f"{word[:60]} is no pair; expected one such as FOO/USDT")
            venue, colon, symbol = word.partition(":")
            if colon and venue not in venues:
                near = get_close_matches(venue, venues, n=1, cutoff=0.6)
                meant = f"; did you mean {near[0]}:{symbol}?" if near else ""
                what = f"{word[:60]} names {venue}, expected a venue of the notice: {', '.join(venues)}{meant}"
                raise forms.ValidationError(what)
        return words

    def decision(self) -> EventDecision:
        """What was chosen and typed; the form is valid."""
        chosen = self.cleaned_data
        extra = chosen["extra_tokens"]
        entire = extra == [ENTIRE_MARKET]
        typed = [typed_ticker(self.review.source, chosen["market"], word) for word in chosen["extra_tickers"]]
        at = chosen["other_date"] or (datetime.fromisoformat(chosen["date"]) if chosen.get("date") else None)
        return EventDecision(
            category=chosen["category"],
            tokens=tuple(dict.fromkeys([*chosen.get("tokens", ()), *(() if entire else extra)])),
            tickers=tuple(dict.fromkeys([*chosen.get("tickers", ()), *typed])),
            market=chosen["market"],
            at=at.astimezone(UTC) if at else None,
            entire_market=entire,
        )
