"""Unmanaged models over the views of contract 6, for the admin and the ORM. The SQL is in migrations/events/."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class TokenRisk(models.Model):
    """A row of `token_risk_view`: one token at risk."""

    token = models.TextField(primary_key=True)
    risk_level = models.TextField()
    action = models.TextField()
    trading_status = models.TextField()
    trading_ends_at = models.DateTimeField(null=True)
    next_important_at = models.DateTimeField(null=True)
    venues = ArrayField(models.TextField())
    categories = ArrayField(models.TextField())
    sources = ArrayField(models.TextField())
    tickers = ArrayField(models.TextField())
    event_ids = ArrayField(models.BigIntegerField())
    first_seen_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    reasons = models.JSONField()
    asset_action = models.TextField(null=True)
    venue_actions = models.JSONField()

    class Meta:
        managed = False
        db_table = "token_risk_view"
        verbose_name = "token at risk"
        verbose_name_plural = "tokens at risk"

    def __str__(self) -> str:
        return self.token


class InstrumentRisk(models.Model):
    """A row of `instrument_risk_view`: one instrument at risk."""

    ticker = models.TextField(primary_key=True, help_text="exchange:symbol")
    exchange = models.TextField()
    symbol = models.TextField()
    token = models.TextField()
    trading_status = models.TextField()
    action = models.TextField()
    trading_ends_at = models.DateTimeField(null=True)
    event_ids = ArrayField(models.BigIntegerField())

    class Meta:
        managed = False
        db_table = "instrument_risk_view"
        verbose_name = "instrument at risk"
        verbose_name_plural = "instruments at risk"

    def __str__(self) -> str:
        return f"{self.exchange}:{self.symbol}"


class TokenRiskStatus(models.Model):
    """The row of `token_risk_view_status`: how far the view can be trusted."""

    refreshed_at = models.DateTimeField(primary_key=True)
    seq = models.BigIntegerField()
    open_events = models.BigIntegerField()
    heartbeat_at = models.DateTimeField(null=True)
    stale_sources = ArrayField(models.TextField())

    class Meta:
        managed = False
        db_table = "token_risk_view_status"

    def __str__(self) -> str:
        return f"refreshed at {self.refreshed_at}"
