"""Reference data in the admin: watch lists, assets with their names, instruments, quote assets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, FieldTextFilter
from unfold.decorators import display

from crypto_ews.conf import Config, get_config
from crypto_ews.conf.token_names import currency_name
from crypto_ews.ui.display import badge, moment
from crypto_ews.ui.model_admin import AuditedAdmin, ReadOnlyAdmin
from markets.admin_search import TokenSearchMixin
from markets.identity_store import known_identity
from markets.models import Asset, AssetName, Instrument, QuoteAsset, WatchListEntry
from markets.names import TypedName, WrongName, typed_name
from markets.venues import venue_choices
from markets.watch import configured_watch_lists
from markets.watch_store import typed_watch_lists


def watch_list_rows(config: Config) -> list[dict[str, Any]]:
    """Per list: the effective currencies, and what admins added to and removed from the configured list.

    notes: about names that mean another asset now, and names that no list has.
    """
    identity, at = known_identity(), timezone.now()
    configured, effective = configured_watch_lists(config), typed_watch_lists(config, identity, at)

    def note(name: str, stablecoins: bool) -> str:
        try:
            return typed_name(name, identity, at, stablecoins).note
        except WrongName as wrong:
            # An entry from a release that did not validate names.
            return str(wrong)

    def notes(names: Iterable[str], stablecoins: bool = False) -> list[str]:
        return [text for name in sorted(names) if (text := note(name, stablecoins))]

    rows = []
    for title, variable, attribute in (
        ("Spot currencies", "SPOT_CURRENCIES", "spot"),
        ("Futures currencies", "USDM_CURRENCIES", "usdm"),
        ("Quote assets that count", "BASE_CURRENCIES", "quotes"),
    ):
        was, now = getattr(configured, attribute), getattr(effective, attribute)
        rows.append(
            {
                "title": title,
                "variable": variable,
                "currencies": sorted(now),
                "added": sorted(now - was),
                "taken": sorted(was - now),
                "notes": notes(now),
            }
        )
    for title, variable, names in (
        ("Stablecoins whose peg is watched", "STABLECOINS", config.stablecoins),
        ("Currencies whose market depth is watched", "CURRENCY_NAMES", tuple(config.currency_names)),
    ):
        rows.append(
            {
                "title": title,
                "variable": variable,
                "currencies": sorted(names),
                "added": [],
                "taken": [],
                "notes": notes(names, stablecoins=True),
            }
        )
    return rows


class CodeForm(forms.ModelForm):
    """Normalises a code before it is compared: `flm` beside `FLM` is a duplicate."""

    def clean_code(self) -> str:
        try:
            return currency_name(self.cleaned_data["code"], stablecoin=True)
        except WrongName as wrong:
            raise forms.ValidationError(str(wrong)) from None


class WatchListEntryForm(forms.ModelForm):
    """Stores the name as it was typed, since its meaning may change; `name` is its meaning now."""

    name: TypedName | None = None

    def clean_currency(self) -> str:
        try:
            self.name = typed_name(self.cleaned_data["currency"], known_identity(), timezone.now())
        except WrongName as wrong:
            raise forms.ValidationError(str(wrong)) from None
        return self.name.name


@admin.register(WatchListEntry)
class WatchListEntryAdmin(AuditedAdmin):
    """Changes to the configured lists. The page shows the effective lists above."""

    form = WatchListEntryForm
    list_display = ("currency", "watch_list", "effect", "note")
    list_filter = (("watch_list", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_before_template = "admin/markets/effective_watch_lists.html"
    search_fields = ("currency",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"watch_lists": watch_list_rows(get_config()), **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: WatchListEntry, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.name is not None and form.name.note:
            messages.add_message(request, messages.INFO if form.name.known else messages.WARNING, f"{form.name.note}.")

    @display(description="Change", ordering="watched")
    def effect(self, entry: WatchListEntry) -> SafeString:
        return badge("added", "green") if entry.watched else badge("removed", "red")


class AssetNameInline(TabularInline):
    model = AssetName
    extra = 0
    fields = ("venue", "name", "multiplier", "valid_from", "valid_to", "origin")


@admin.register(Asset)
class AssetAdmin(AuditedAdmin):
    form = CodeForm
    list_display = ("code", "name", "kind", "reviewed", "note")
    list_filter = (("kind", ChoicesDropdownFilter), "reviewed")
    list_filter_submit = True
    show_full_result_count = False
    search_fields = ("code", "name", "names__name")
    inlines = (AssetNameInline,)


@admin.register(AssetName)
class AssetNameAdmin(AuditedAdmin):
    list_display = ("name", "venue", "asset", "multiplier", "valid_from", "valid_to", "origin")
    list_select_related = ("asset",)
    list_filter = (("venue", FieldTextFilter),)
    list_filter_submit = True
    show_full_result_count = False
    search_fields = ("name", "asset__code")
    autocomplete_fields = ("asset",)


class VenueFilter(DropdownFilter):
    title = "venue"
    parameter_name = "venue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return venue_choices()

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(venue=self.value()) if self.value() else queryset


@admin.register(Instrument)
class InstrumentAdmin(TokenSearchMixin, ReadOnlyAdmin):
    list_display = ("symbol", "venue", "token", "quote", "trades", "contract_type", "ends", "first_seen", "last_seen")
    list_filter = (VenueFilter, "live", ("status", FieldTextFilter), ("quote", FieldTextFilter))
    list_fullwidth = True
    search_fields = ("symbol", "token__iexact")

    @display(description="Status", ordering="status")
    def trades(self, instrument: Instrument) -> SafeString:
        return badge(instrument.status.lower(), "green" if instrument.live else "red")

    @display(description="Ends", ordering="ends_at")
    def ends(self, instrument: Instrument) -> SafeString:
        return moment(instrument.ends_at, timezone.now())

    @display(description="First seen", ordering="first_seen_at")
    def first_seen(self, instrument: Instrument) -> SafeString:
        return moment(instrument.first_seen_at, timezone.now())

    @display(description="Last seen", ordering="last_seen_at")
    def last_seen(self, instrument: Instrument) -> SafeString:
        return moment(instrument.last_seen_at, timezone.now())


@admin.register(QuoteAsset)
class QuoteAssetAdmin(AuditedAdmin):
    form = CodeForm
    list_display = ("code", "note")
    search_fields = ("code",)
