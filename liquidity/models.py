"""The low-liquidity event, and the last reading of every watched currency."""

from __future__ import annotations

from django.db import models

from events.models import Event


class LowLiquidity(Event):
    """A currency whose deepest usable market is too thin. Amounts are USD."""

    depth_usd = models.FloatField(help_text="Of the deepest market: the smaller side within 2 % of the price.")
    market = models.CharField(max_length=250, help_text="The deepest market.")
    volume_24h_usd = models.FloatField(null=True, blank=True)


class TokenLiquidity(models.Model):
    """The state of a currency after its last reading. Amounts are USD."""

    token = models.CharField(max_length=64, primary_key=True)
    read_at = models.DateTimeField(help_text="When the last reading was received.")
    depth_usd = models.FloatField()
    market = models.CharField(max_length=250)
    volume_24h_usd = models.FloatField(null=True, blank=True)
    low_in_a_row = models.PositiveIntegerField(default=0, help_text="Consecutive readings below the threshold.")
    clear_in_a_row = models.PositiveIntegerField(default=0, help_text="Consecutive readings above 1.5 × the threshold.")
    alerted_depth_usd = models.FloatField(null=True, blank=True, help_text="Depth at the last alert.")
    lowest_depth_usd = models.FloatField(null=True, blank=True, help_text="Lowest depth since the event opened.")

    class Meta:
        ordering = ("depth_usd", "token")
        verbose_name = "market liquidity"
        verbose_name_plural = "market liquidity"

    def __str__(self) -> str:
        return f"{self.token}: {self.depth_usd:,.0f} USD on {self.market}"
