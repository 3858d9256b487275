"""Rules that an admin can change, and admins' suppressions."""

from __future__ import annotations

from django.db import models

from events.enums import Action, Category, RiskLevel, Stage, TradingStatus, max_length


class ActionRule(models.Model):
    """What a category of event means at a stage. `events.lifecycle.default_rules` adds the shipped rows."""

    category = models.CharField(max_length=max_length(Category), choices=Category)
    stage = models.CharField(max_length=16, choices=Stage)
    action = models.CharField(max_length=max_length(Action), choices=Action)
    trading_status = models.CharField(max_length=max_length(TradingStatus), choices=TradingStatus)
    risk_level = models.CharField(max_length=16, choices=RiskLevel)
    lead_hours = models.FloatField(default=0, help_text="For the stage `near`: hours before the effect is in force.")

    class Meta:
        ordering = ("category", "id")
        constraints = [models.UniqueConstraint(fields=["category", "stage"], name="action_rule_once")]

    def __str__(self) -> str:
        return f"{self.category}, {self.stage}: {self.action}"


class RetentionRule(models.Model):
    """How long an event of a category stays open when nothing else closes it."""

    category = models.CharField(max_length=max_length(Category), choices=Category, unique=True)
    undated_days = models.FloatField(help_text="Days open after the release of an event without a date.")
    dated_days = models.FloatField(help_text="Days open after the last important date.")

    class Meta:
        ordering = ("category",)

    def __str__(self) -> str:
        return f"{self.category}: {self.undated_days:g} days undated, {self.dated_days:g} after the last date"


class KeySuppression(models.Model):
    """A natural key whose event an admin closed, and that must not open again until a time."""

    natural_key = models.CharField(max_length=400, unique=True)
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: for ever.")
    reason = models.CharField(max_length=200)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.natural_key} until {self.until or 'further notice'}"
