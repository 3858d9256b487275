"""Volatility events, and the stored prices with which a daemon starts again."""

from __future__ import annotations

from django.db import models

from events.models import Event


class VolatilityEvent(Event):
    """A token whose price moved further than a rolling window allows. The fields are those of the last alert."""

    direction = models.CharField(max_length=4, choices=[("up", "up"), ("down", "down")])
    move = models.FloatField(help_text="Signed fraction of the extreme of the widest window broken.")


class PricedPairName(models.Model):
    """The number of a pair in the stored minutes: its primary key."""

    name = models.CharField(max_length=100, unique=True, help_text="VENUE:SYMBOL")

    def __str__(self) -> str:
        return self.name


class PriceMinute(models.Model):
    """The prices of all pairs in one reading a minute: two little-endian arrays of equal length.

    A row per pair and minute would be six million rows a day.
    """

    at = models.DateTimeField(primary_key=True, help_text="When the prices were received.")
    pairs = models.BinaryField(help_text="Primary keys of the pairs, 32-bit integers.")
    prices = models.BinaryField(help_text="USD, 64-bit floats.")

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
