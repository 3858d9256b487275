"""The tables of networks and protocols, which admins extend, and the hacks that were seen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from crypto_ews.conf.token_names import WrongName, currency_name
from crypto_ews.ui.display import badge, moment
from crypto_ews.ui.model_admin import AuditedAdmin, ReadOnlyAdmin
from defillama.hacks.detect import amount_text
from defillama.hacks.models import Network, Origin, ProtocolToken, SeenHack
from events import clock
from markets.identity_store import known_identity


class _NamesForm(forms.ModelForm):
    """Names of tokens are validated; spaces around commas are removed."""

    def clean_coin(self) -> str:
        typed = str(self.cleaned_data["coin"]).strip()
        return self._spelled(typed) if typed else ""

    def clean_tokens(self) -> list[str]:
        return [self._spelled(token) for token in self._trimmed("tokens")]

    def clean_aliases(self) -> list[str]:
        return self._trimmed("aliases")

    def clean_canonical_bridges(self) -> list[str]:
        return self._trimmed("canonical_bridges")

    @staticmethod
    def _spelled(name: str) -> str:
        """The name as typed; it is resolved to an asset when a hack is drafted."""
        try:
            return currency_name(name, known_identity().assets)
        except WrongName as wrong:
            raise forms.ValidationError(str(wrong)) from None

    def _trimmed(self, field: str) -> list[str]:
        return [name for name in (str(item).strip() for item in self.cleaned_data[field] or ()) if name]


class _TableAdmin(AuditedAdmin):
    form = _NamesForm
    list_filter = (("origin", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_per_page = 200

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        # A row that an admin has saved overrides the shipped one.
        obj.origin = Origin.ADMIN
        super().save_model(request, obj, form, change)


@admin.register(Network)
class NetworkAdmin(_TableAdmin):
    """Changes apply from the next poll on, to open hacks too. To switch a shipped row off, empty its coin."""

    list_display = ("name", "coin", "canonical_bridges", "origin", "note")
    search_fields = ("name", "coin", "aliases")


@admin.register(ProtocolToken)
class ProtocolTokenAdmin(_TableAdmin):
    """Changes apply from the next poll on, to open hacks too. To switch a shipped row off, empty its tokens."""

    list_display = ("name", "tokens", "aliases", "origin", "note")
    search_fields = ("name", "tokens", "aliases")


@admin.register(SeenHack)
class SeenHackAdmin(ReadOnlyAdmin):
    list_display = ("name", "day", "amount", "bridge_hack", "condition", "first_seen")
    list_filter = (("state", ChoicesDropdownFilter), "bridge_hack")
    search_fields = ("name",)

    @display(description="Amount", ordering="amount_usd")
    def amount(self, hack: SeenHack) -> str:
        return amount_text(hack.amount_usd)

    @display(description="State", ordering="state")
    def condition(self, hack: SeenHack) -> SafeString:
        return badge(hack.get_state_display(), "red" if hack.state == SeenHack.State.REPORTED else "grey")

    @display(description="First seen", ordering="first_seen_at")
    def first_seen(self, hack: SeenHack) -> SafeString:
        return moment(hack.first_seen_at, clock.now())
