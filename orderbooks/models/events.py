"""Whale and depth-drop events."""

from __future__ import annotations

from django.db import models

from events.models import Event


class WhaleEvent(Event):
    """A whale on one side of a pair, or one that keeps coming back. The fields have the values at the opening."""

    side = models.CharField(max_length=3, choices=[("bid", "bid"), ("ask", "ask")])
    price = models.FloatField(help_text="In the quote asset.")
    size = models.FloatField(help_text="In the base asset.")
    score = models.SmallIntegerField()


class DepthDropEvent(Event):
    """A pair whose book has thinned out. Amounts are in the quote asset: the thinner side within 1 % of the mid."""

    depth = models.FloatField(help_text="At the opening, or at the last alert.")
    median = models.FloatField(help_text="Median of the 24 hours before.")
