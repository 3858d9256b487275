"""Whales and vanishing liquidity as events."""

from __future__ import annotations

from django.db import models

from events.models import Event


class WhaleEvent(Event):
    """A whale that stands on one side of a pair, or keeps coming back. The fields are those of when it was opened."""

    side = models.CharField(max_length=3, choices=[("bid", "bid"), ("ask", "ask")])
    price = models.FloatField(help_text="In the quote asset.")
    size = models.FloatField(help_text="In the base asset.")
    score = models.SmallIntegerField()


class DepthDropEvent(Event):
    """A pair whose book has thinned out. Amounts in the quote asset, of the thinner side within 1 % of the mid."""

    depth = models.FloatField(help_text="When it was opened, or told last.")
    median = models.FloatField(help_text="Of the 24 hours before.")
