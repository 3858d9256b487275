"""Depegs as events, and the stored state of coins and currencies."""

from __future__ import annotations

from django.db import models

from events.models import Event


class DepegEvent(Event):
    """A stablecoin off its peg: on all venues ("global", by DeFiLlama's id) or on one exchange (by symbol)."""

    coin = models.CharField(max_length=64, help_text="DeFiLlama's id, or the symbol on an exchange.")
    symbol = models.CharField(max_length=64)
    on_venue = models.CharField(max_length=32, help_text="global, or the exchange's venue as in tickers.")
    currency = models.CharField(max_length=16, help_text="The currency of its peg.")


class PeggedCoin(models.Model):
    """A coin's first sighting on a venue and its present state. One row per coin and venue."""

    venue = models.CharField(max_length=32, default="global", help_text="global, or as in tickers.")
    coin = models.CharField(max_length=64, help_text="DeFiLlama's id, or the symbol on an exchange.")
    symbol = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=16)
    fixed_peg = models.BooleanField(
        default=True,
        help_text="Off: the peg is not watched. Set off for coins first seen over 3 % above their peg.",
    )
    first_seen_at = models.DateTimeField()
    first_deviation = models.FloatField(help_text="Signed fraction of the peg when the coin was first seen.")
    standing = models.CharField(max_length=32, blank=True, help_text="The verdict of the last reading.")
    price = models.FloatField(help_text="US dollars.")
    peg = models.FloatField(help_text="US dollars for one unit of the currency.")
    supply = models.FloatField(null=True, blank=True, help_text="In units of the peg.")
    read_at = models.DateTimeField()

    class Meta:
        ordering = ("venue", "symbol", "coin")
        constraints = [models.UniqueConstraint(fields=["venue", "coin"], name="pegged_coin_once")]

    def __str__(self) -> str:
        return f"{self.symbol} ({self.venue}:{self.coin})"


class CurrencyRate(models.Model):
    """The newest daily rate of a currency."""

    currency = models.CharField(max_length=16, unique=True)
    per_dollar = models.FloatField(help_text="Units for one US dollar.")
    dated = models.DateTimeField(help_text="The day of the rate.")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("currency",)

    def __str__(self) -> str:
        return f"{self.currency} {self.per_dollar:g}"
