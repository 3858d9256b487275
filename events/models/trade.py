"""What `can_trade` reads beside events: the sources that an answer needs, and an operator's setting."""

from __future__ import annotations

from django.db import models


class VenueSource(models.Model):
    """A source that answers about a venue need. `events.daemon.trade_tables` copies it from the registry."""

    class Role(models.TextChoices):
        ANNOUNCEMENTS = "announcements"
        INSTRUMENTS = "instruments"
        STATUS = "status"
        PEGS = "pegs", "pegs: of pairs with a stablecoin"
        HACKS = "hacks"

    venue = models.CharField(max_length=32, help_text="As in tickers.")
    source = models.CharField(max_length=64)
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        db_table = "venue_source"
        constraints = [models.UniqueConstraint(fields=["venue", "source", "role"], name="venue_source_once")]

    def __str__(self) -> str:
        return f"{self.venue}: {self.source} ({self.role})"


class TradeSetting(models.Model):
    """One row: settings that `can_trade` reads, copied when the daemon starts. Without the row they are off."""

    only_row = models.BooleanField(primary_key=True, default=True)
    trade_listed = models.BooleanField(default=False, help_text="EWS_TRADE_LISTED")

    class Meta:
        db_table = "trade_setting"
        constraints = [models.CheckConstraint(condition=models.Q(only_row=True), name="trade_setting_only_row")]

    def __str__(self) -> str:
        return f"trade listed: {self.trade_listed}"
