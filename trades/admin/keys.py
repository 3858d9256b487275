"""Event keys in the admin: read when they are typed, and saved after a look at what they would have done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.safestring import SafeString
from unfold.decorators import display

from crypto_ews.conf import get_config
from crypto_ews.ui.display import NOTHING, badge, moment
from crypto_ews.ui.model_admin import AuditedAdmin
from events import clock
from trades.daily.outcomes import key_statistics
from trades.live.preview import preview
from trades.models import VolumeEventKey
from trades.volume.keys import UnreadableKey, parse_key
from trades.volume.statistics import MoveStatistics


class VolumeEventKeyForm(forms.ModelForm):
    """The first press shows how often the key would have fired, and saves nothing; the second one saves it."""

    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = VolumeEventKey
        fields = ("text", "enabled", "note")

    def clean_text(self) -> str:
        try:
            return str(parse_key(self.cleaned_data["text"]))
        except UnreadableKey as fault:
            raise forms.ValidationError(f"It is no event key: {fault}.") from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        text = cleaned.get("text")
        if text is None or not cleaned.get("enabled") or text == self.data.get("previewed"):
            return cleaned
        if text == self.initial.get("text") and self.initial.get("enabled"):
            return cleaned
        # What is shown again is what was looked at.
        self.data = {**self.data.dict(), "previewed": text} if isinstance(self.data, QueryDict) else self.data
        try:
            said = str(preview(parse_key(text), clock.now()))
        except DatabaseError as error:
            said = f"How often it would have fired is not known: {str(error).strip().splitlines()[0]}."
        raise forms.ValidationError(f"{said} Nothing is saved yet: save again to observe it.")


@admin.register(VolumeEventKey)
class VolumeEventKeyAdmin(AuditedAdmin):
    form = VolumeEventKeyForm
    list_display = ("text", "state", "moves", "note", "added")
    fields = ("text", "enabled", "note", "previewed")
    search_fields = ("text", "note")

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> Any:
        configured = get_config().volume_event_keys
        said = f"VOLUME_EVENT_KEYS has {len(configured)} more." if configured else "VOLUME_EVENT_KEYS has none."
        if not configured and not VolumeEventKey.objects.filter(enabled=True).exists():
            said += " The ladder by rank is observed."
        return super().changelist_view(request, {**(extra_context or {}), "subtitle": said})

    @display(description="State")
    def state(self, row: VolumeEventKey) -> SafeString | str:
        if row.fault:
            return badge(f"cannot be read: {row.fault}", "danger")
        return badge("observed", "success") if row.enabled else NOTHING

    def get_queryset(self, request: HttpRequest) -> QuerySet[VolumeEventKey]:
        self._statistics: dict[str, MoveStatistics] | None = None
        return super().get_queryset(request)

    @display(description="Moves after one timeframe")
    def moves(self, row: VolumeEventKey) -> SafeString | str:
        """Read once for all rows of a page."""
        if self._statistics is None:
            self._statistics = key_statistics()
        found = self._statistics.get(row.text)
        if found is None:
            return NOTHING
        interval = "" if found.low is None or found.high is None else f", {found.low:+.2%} to {found.high:+.2%} by days"
        return f"{found.mean:+.2%}{interval}; {found.n:,} on {found.days} days"

    @display(description="Added", ordering="added_at")
    def added(self, row: VolumeEventKey) -> SafeString:
        return moment(row.added_at, clock.now())
