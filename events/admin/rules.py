"""Rules that an admin can change, and suppressed keys."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from crypto_ews.ui.display import badge, moment
from crypto_ews.ui.model_admin import AuditedAdmin
from crypto_ews.ui.text import words
from events import clock
from events.models import ActionRule, KeySuppression, RetentionRule


@admin.register(ActionRule)
class ActionRuleAdmin(AuditedAdmin):
    """What a category means at a stage. A change applies to open events at their next step or poll."""

    list_display = ("name", "at_stage", "do", "status", "risk", "lead_hours")
    list_filter = (("category", ChoicesDropdownFilter), ("action", ChoicesDropdownFilter))
    list_filter_submit = True
    list_per_page = 100

    @display(description="Category", ordering="category")
    def name(self, rule: ActionRule) -> str:
        return words(rule.category)

    @display(description="Stage")
    def at_stage(self, rule: ActionRule) -> str:
        return words(rule.stage)

    @display(description="Action", ordering="action")
    def do(self, rule: ActionRule) -> SafeString:
        return badge(rule.action)

    @display(description="Trading status", ordering="trading_status")
    def status(self, rule: ActionRule) -> SafeString:
        return badge(rule.trading_status)

    @display(description="Risk", ordering="risk_level")
    def risk(self, rule: ActionRule) -> SafeString:
        return badge(rule.risk_level)


@admin.register(RetentionRule)
class RetentionRuleAdmin(AuditedAdmin):
    list_display = ("name", "undated_days", "dated_days")

    @display(description="Category", ordering="category")
    def name(self, rule: RetentionRule) -> str:
        return words(rule.category)


@admin.register(KeySuppression)
class KeySuppressionAdmin(AuditedAdmin):
    """Created when an admin closes an event; without it the key may open again."""

    list_display = ("natural_key", "until_when", "reason", "made_by", "made")
    search_fields = ("natural_key", "reason")
    ordering = ("-made_at",)
    fields = ("natural_key", "until", "reason", "made_by", "made_at")
    readonly_fields = ("natural_key", "reason", "made_by", "made_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @display(description="Until", ordering="until")
    def until_when(self, suppression: KeySuppression) -> SafeString:
        return moment(suppression.until, clock.now()) if suppression.until else badge("for ever", "amber")

    @display(description="Made", ordering="made_at")
    def made(self, suppression: KeySuppression) -> SafeString:
        return moment(suppression.made_at, clock.now())
