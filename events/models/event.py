"""The polymorphic event and its effects: the source of `token_risk_view` and of the alerts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Upper
from polymorphic.models import PolymorphicModel

from events.enums import (
    EVERYTHING,
    Action,
    Category,
    CloseKind,
    Priority,
    RiskLevel,
    Scope,
    Status,
    TradingStatus,
    max_length,
)


def _token_list(**options: Any) -> Any:
    return ArrayField(models.TextField(), default=list, blank=True, **options)


class Event(PolymorphicModel):
    """Something that puts a token or its trading at risk. Written only by `events.lifecycle`. Times are UTC."""

    source = models.CharField(max_length=32)
    category = models.CharField(max_length=max_length(Category), choices=Category)
    priority = models.CharField(max_length=8, choices=Priority)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    natural_key = models.CharField(max_length=400, help_text="Identifies the event when its source is read again.")
    title = models.TextField()
    url = models.TextField(blank=True)
    network_tokens = _token_list(help_text="Coins of networks that are named but not hit; not in the view.")
    important_dates = models.JSONField(default=list, blank=True, help_text="[{at, what, tickers}], earliest first.")
    next_important_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(
        null=True, blank=True, help_text="`expire` closes the event after this; empty: open-ended."
    )
    step_due_at = models.DateTimeField(null=True, blank=True, help_text="When the next scheduled transition is due.")
    reminded_until = models.DateTimeField(null=True, blank=True, help_text="Dates up to here have had their reminder.")
    published_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(help_text="When the answer that first showed the event was received.")
    opened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=200, blank=True)
    close_kind = models.CharField(
        max_length=16, choices=CloseKind, blank=True, default="", db_default="", help_text="Who closed it."
    )
    false_alarm = models.BooleanField(default=False)
    life = models.PositiveIntegerField(
        default=1,
        db_default=1,
        help_text="Counts its openings: alerts, acknowledgements and corrections of an earlier life do not count.",
    )
    told_since_life = models.PositiveIntegerField(
        default=1,
        db_default=1,
        help_text="Repeats are counted from this life on: an episode that resumes within a day counts as one.",
    )
    earlier_lives = models.JSONField(
        default=list,
        blank=True,
        db_default=Value([], models.JSONField()),
        help_text="[{life, opened_at, closed_at, close_reason, close_kind, false_alarm, pinned}], earliest first.",
    )
    expiry_by_rule = models.BooleanField(
        null=True,
        blank=True,
        help_text="`valid_until` follows from the retention rules; off: the source named it; "
        "empty: written by an earlier release, determined at the next step.",
    )
    rules_digest = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="Digest of the rules applied last."
    )
    revision = models.PositiveIntegerField(default=1, help_text="Counts the updates that change a card.")
    facts = models.JSONField(default=dict, blank=True)
    pinned = models.JSONField(
        default=dict, blank=True, help_text="Fields corrected by an admin; polls do not overwrite them."
    )
    draft_digest = models.CharField(max_length=64, blank=True, help_text="Digest of the last recorded draft.")
    payload = models.ForeignKey(
        "events.PayloadBody", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["natural_key"], condition=Q(status=Status.OPEN), name="event_open_natural_key"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="event_status_known"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="event_priority_known"),
            models.CheckConstraint(
                condition=Q(status=Status.OPEN, closed_at=None) | Q(status=Status.CLOSED, closed_at__isnull=False),
                name="event_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(status=Status.OPEN, priority=Priority.HIGH), name="event_open_high"
            ),
            models.Index(fields=["step_due_at"], condition=Q(status=Status.OPEN), name="event_open_step_due"),
            models.Index(fields=["natural_key", "-id"], name="event_natural_key"),
            models.Index(fields=["-opened_at", "-id"], name="event_newest"),
            models.Index(fields=["source", "category", "-opened_at"], name="event_source_category"),
            models.Index(
                fields=["source", "-closed_at"],
                condition=Q(close_kind__in=[CloseKind.MANUAL, CloseKind.RETRACTED]),
                name="event_may_return",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"


def plain_events() -> models.QuerySet[Event]:
    """Events as rows of the base table, without polymorphism's query per subclass."""
    return cast("models.QuerySet[Event]", Event.objects.non_polymorphic())


class Effect(models.Model):
    """What an event does to one token. An event may have several effects on one token, at different times."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="effects")
    token = models.CharField(
        max_length=64, db_index=True, help_text="Asset, upper case; `*`: everything that the venue trades."
    )
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.ASSET)
    venue = models.CharField(
        max_length=32, blank=True, help_text="As in tickers, e.g. BINANCE or BINANCE_USDM; empty: everywhere."
    )
    tickers = _token_list(help_text="Affected instruments as VENUE:SYMBOL.")
    trading_status = models.CharField(
        max_length=max_length(TradingStatus), choices=TradingStatus, default=TradingStatus.TRADING
    )
    action = models.CharField(
        max_length=max_length(Action),
        choices=Action,
        help_text="Applies to the instruments; the token of a pairs effect is at `watch` at most.",
    )
    risk_level = models.CharField(max_length=16, choices=RiskLevel, default=RiskLevel.HIGH)
    trading_ends_at = models.DateTimeField(null=True, blank=True)
    in_force_at = models.DateTimeField(
        null=True, blank=True, help_text="When the announced state begins; for a delisting the end of trading."
    )
    open = models.BooleanField(
        default=True, db_default=False, editable=False, help_text="The event is open; set by a trigger."
    )
    declared = models.JSONField(
        default=dict,
        blank=True,
        help_text="Set by the source itself: stage, action, risk_level, trading_status, in_force_status. "
        "The rest follows from rules and clock.",
    )

    class Meta:
        ordering = ("event", "token", "trading_ends_at", "id")
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="effect_scope_known"),
            models.CheckConstraint(condition=Q(action__in=Action.values), name="effect_action_known"),
            models.CheckConstraint(condition=Q(trading_status__in=TradingStatus.values), name="effect_status_known"),
            models.CheckConstraint(condition=Q(risk_level__in=RiskLevel.values), name="effect_risk_known"),
        ]
        indexes = [
            GinIndex(fields=["tickers"], name="effect_tickers"),
            # `can_trade` reads only effects of open events, however many are closed.
            models.Index(Upper("token"), condition=Q(open=True), name="effect_open_token"),
            GinIndex(fields=["tickers"], fastupdate=False, condition=Q(open=True), name="effect_open_tickers"),
        ]

    def __str__(self) -> str:
        return f"{self.token} {self.action}"


def of_tokens(effects: Iterable[Effect]) -> list[Effect]:
    """The effects on tokens, which people are notified of; without the one on everything that a venue trades."""
    return [effect for effect in effects if effect.token != EVERYTHING]


class ManualEvent(Event):
    """An event that an admin opened."""

    opened_by = models.CharField(max_length=150)
    note = models.TextField(blank=True)


class OperationsEvent(Event):
    """A fault of the monitoring itself: a stale source or a changed payload schema."""

    subject = models.CharField(max_length=64, help_text="The source concerned.")
