"""Receivers that admins add. Address and secret are write-only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget

from alerts import audit, outbox
from alerts.audit import Act, actor_of
from alerts.models import AddedReceiver, ChannelState
from alerts.receivers import configured_receivers
from alerts.suppression import transitions
from crypto_ews.conf import get_config
from crypto_ews.conf.channels import BASE_CHANNELS, check_name, check_target, risk_filter
from crypto_ews.ui.display import badge, chips, moment
from crypto_ews.ui.model_admin import AuditedAdmin
from events import clock


class ReceiverForm(forms.ModelForm):
    follows = forms.MultipleChoiceField(
        choices=[(channel, channel) for channel in BASE_CHANNELS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The channels whose alerts it gets as well. None: escalations alone, of what nobody has acknowledged "
        "after ALERT_ESCALATE_AFTER_MINUTES, and their ends.",
    )
    target = forms.CharField(
        label="Address",
        required=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
        help_text="email: addresses separated by commas; every other kind: a URL, see docs/alerts.md. It is never "
        "shown; leave it empty to keep the stored one.",
    )
    secret = forms.CharField(
        label="Signing secret",
        required=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
        help_text="webhook: signs every request. slack: the bot's token. telegram, pagerduty, opsgenie: checks the "
        "acknowledgements that come back. It is never shown; leave it empty to keep the stored one.",
    )

    class Meta:
        model = AddedReceiver
        fields = ("name", "kind", "follows", "risk", "risk_venues", "risk_min_action", "enabled")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        try:
            check_name(name)
        except ValueError as error:
            raise forms.ValidationError(f"expected {error}") from None
        if name in configured_receivers(get_config()):
            raise forms.ValidationError("expected a name that ALERT_CHANNELS does not have")
        return name

    def clean(self) -> dict[str, Any]:
        """Check what was typed together with what is stored. No message repeats either."""
        values = super().clean() or self.cleaned_data
        kind = values.get("kind")
        if not kind:
            return values
        stored = self.instance.receiver() if self.instance.pk and self.instance.kind == kind else None
        target = values.get("target") or (stored.target if stored else "")
        secret = values.get("secret") or (stored.secret if stored else "")
        if not target:
            self.add_error("target", "expected an address")
            return values
        if kind == "email" and not (get_config().mail_server and get_config().mail_from):
            self.add_error("kind", "expected EMAIL_URL and EMAIL_FROM to be set before a receiver by e-mail")
        try:
            check_target(kind, target, secret)
        except ValueError as error:
            self.add_error("target", f"expected {error}")
        self.instance.set_secrets(target, secret)
        self._check_risk(kind, values)
        return values

    def _check_risk(self, kind: str, values: dict[str, Any]) -> None:
        if not values.get("risk"):
            return
        if kind != "webhook":
            self.add_error("risk", "expected the kind webhook: risk messages are for programs")
        try:
            risk_filter({"venues": values.get("risk_venues") or [], "min_action": values.get("risk_min_action") or ""})
        except ValueError as error:
            self.add_error("risk_venues", f"expected {error}")


def _gets(receiver: AddedReceiver, risk: str) -> list[str]:
    return [*receiver.follows, *([risk] if receiver.risk else [])] or ["escalations alone"]


@admin.register(AddedReceiver)
class AddedReceiverAdmin(AuditedAdmin):
    form = ReceiverForm
    list_display = ("name", "kind", "gets", "condition", "made_by", "changed")
    fields = ("name", "kind", "target", "secret", "follows", "risk", "risk_venues", "risk_min_action", "enabled")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Alerts are stored under the name.
        return ("name",) if obj else ()

    @method_decorator(sensitive_post_parameters("target", "secret"))
    def changeform_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        return super().changeform_view(request, *arguments, **options)

    def save_model(self, request: HttpRequest, obj: AddedReceiver, form: Any, change: bool) -> None:
        if not change:
            obj.made_by = request.user.get_username()
        super().save_model(request, obj, form, change)
        act = Act.RECEIVER_CHANGED if change else Act.RECEIVER_ADDED
        self._note(request, act, obj, f"; changed: {', '.join(form.changed_data)}" if change else "")
        now = clock.now()
        if not obj.enabled:
            transitions.cancel_for(obj.name, now)
            return
        # A channel that was suspended for its former address is tried with the new one at once.
        ChannelState.objects.filter(pk=obj.name, suspended_at__isnull=False).update(probe_at=now)
        outbox.wake([obj.name])

    def delete_model(self, request: HttpRequest, obj: AddedReceiver) -> None:
        self._note(request, Act.RECEIVER_REMOVED, obj)
        transitions.cancel_for(obj.name, clock.now())
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for receiver in queryset:
            self.delete_model(request, receiver)

    @staticmethod
    def _note(request: HttpRequest, act: Act, receiver: AddedReceiver, more: str = "") -> None:
        state = "on" if receiver.enabled else "off"
        gets = ", ".join(_gets(receiver, "risk messages"))
        what = f"{receiver.name}: {receiver.kind}, follows {gets}, {state}{more}"
        audit.record(act, actor_of(request), clock.now(), what)

    @display(description="Follows")
    def gets(self, receiver: AddedReceiver) -> SafeString:
        return chips(_gets(receiver, "risk"))

    @display(description="State")
    def condition(self, receiver: AddedReceiver) -> SafeString:
        if not receiver.receiver().target:
            return badge("enter the address again", "red")
        return badge("on", "green") if receiver.enabled else badge("off", "grey")

    @display(description="Changed", ordering="changed_at")
    def changed(self, receiver: AddedReceiver) -> SafeString:
        return moment(receiver.changed_at, clock.now())
