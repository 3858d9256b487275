"""Tokens of the API in the admin (made, shown once, revoked; nobody edits them), and what was done with them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from alerts.audit import actor_of
from api.models import ApiAct, ApiToken, Scope
from api.tokens.store import check, make_token, revoke
from crypto_ews.ui.display import badge, chips, moment
from crypto_ews.ui.model_admin import DayRangeFilter, ReadOnlyAdmin
from events import clock


class TokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    days = forms.FloatField(
        required=False, label="Days", help_text="Until it expires. Empty: never.", widget=UnfoldAdminDecimalFieldWidget
    )

    class Meta:
        model = ApiToken
        fields = ("name", "scopes")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "name" in values and "scopes" in values and "days" in values:
            try:
                check(values["name"], values["scopes"], values["days"])
            except ValueError as error:
                raise forms.ValidationError(str(error)) from None
        return values


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Superusers alone make and revoke tokens: a token may do more than its maker could."""

    list_display = ("name", "shown", "may", "state", "made", "used")
    search_fields = ("name", "shown")
    ordering = ("name",)
    actions = ("revoke_tokens",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "scopes", "days")
        return ("name", "shown", "may", "state", "made", "created_by", "used")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        return super().get_form(request, obj, change, **options) if obj else TokenForm

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(self.get_fields(request, obj)) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        values = form.cleaned_data
        request.new_token = make_token(  # type: ignore[attr-defined]
            obj.name, values["scopes"], clock.now(), actor_of(request), values["days"]
        )
        # The row that was made is the one that the admin's log is about.
        obj.__dict__.update(ApiToken.objects.get(name=obj.name).__dict__)

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """The answer to the form itself: a message would be kept in a cookie, and an address in the history."""
        context = {
            **self.admin_site.each_context(request),
            "title": "New API token",
            "name": obj.name,
            "scopes": obj.scopes,
            "token": request.__dict__.pop("new_token"),
        }
        response = TemplateResponse(request, "admin/api/new_token.html", context)
        add_never_cache_headers(response)
        return response

    @admin.action(description="Revoke the selected tokens", permissions=["revoke"])
    def revoke_tokens(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        now, actor = clock.now(), actor_of(request)
        count = sum(revoke(token, now, actor) for token in queryset)
        messages.success(request, f"{count} revoked: nobody gets in with them any more, within a second.")

    @display(description="May")
    def may(self, token: ApiToken) -> SafeString:
        return chips(token.scopes)

    @display(description="State")
    def state(self, token: ApiToken) -> SafeString:
        condition = token.condition(clock.now())
        return badge(condition, "green" if condition.startswith("valid") else "grey")

    @display(description="Made", ordering="created_at")
    def made(self, token: ApiToken) -> SafeString:
        return moment(token.created_at, clock.now())

    @display(description="Last used", ordering="last_used_at")
    def used(self, token: ApiToken) -> SafeString:
        return moment(token.last_used_at, clock.now())


@admin.register(ApiAct)
class ApiActAdmin(ReadOnlyAdmin):
    """What was written through the API, and what was refused."""

    list_display = ("when", "by", "did", "outcome", "result", "address")
    list_display_links = ("when",)
    list_filter = (("at", DayRangeFilter),)
    list_fullwidth = True
    search_fields = ("by", "path", "result")
    fields = ("at", "by", "did", "what", "outcome", "result", "made", "address", "idempotency_key")
    readonly_fields = fields

    @display(description="When", ordering="at")
    def when(self, act: ApiAct) -> SafeString:
        return moment(act.at, clock.now())

    @display(description="Request")
    def did(self, act: ApiAct) -> str:
        return f"{act.method} {act.path}"

    @display(description="Answer", ordering="status")
    def outcome(self, act: ApiAct) -> SafeString:
        return badge(str(act.status), "green" if act.status < 300 else "amber")
