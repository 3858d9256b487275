"""The stored order books: a row per pair and minute, and the whale orders. Both tables are partitioned by day."""

from __future__ import annotations

from typing import Any

from django.db import models

from orderbooks.records import BANDS_PERCENT


class RealField(models.FloatField):
    """PostgreSQL's `real`: seven digits are enough for shares, at half the size."""

    def db_type(self, connection: Any) -> str:
        return "real"


class BookMinute(models.Model):
    """The state of one book at the end of a minute, by exchange time; empty where it is unknown.

    Prices and depth are in the quote asset, sizes in the base asset. Rows are written by COPY
    (`orderbooks.storage.writer`), never by `save`; `orderbooks.fields` has the same columns.
    """

    venue = models.TextField()
    symbol = models.TextField(help_text="As in the venue's stream.")
    minute = models.DateTimeField(help_text="Start of the minute.")
    partial = models.BooleanField(help_text="Out of sync within the minute, or not seen in full.")
    mid = models.FloatField(null=True)
    best_bid = models.FloatField(null=True)
    best_bid_size = models.FloatField(null=True)
    best_ask = models.FloatField(null=True)
    best_ask_size = models.FloatField(null=True)
    spread = models.FloatField(null=True, help_text="Best ask minus best bid, in the quote asset.")
    micro_price = models.FloatField(null=True)
    bid_levels = models.IntegerField(null=True)
    ask_levels = models.IntegerField(null=True)
    order_flow_imbalance = models.FloatField(help_text="In base units, summed over the minute.")
    updates = models.IntegerField()
    trades = models.IntegerField()
    buy_volume = models.FloatField(help_text="Bought by takers, in base units.")
    sell_volume = models.FloatField()
    last_update_at = models.DateTimeField(null=True, help_text="Exchange time of the last update.")
    bias_0_1, bias_0_5, bias_1, bias_2, bias_4 = (
        RealField(null=True, help_text=f"(bid − ask) / (bid + ask) within ±{percent:g} % of the mid.")
        for percent in BANDS_PERCENT
    )
    bid_depth_0_1, bid_depth_0_5, bid_depth_1, bid_depth_2, bid_depth_4 = (
        models.FloatField(null=True) for _ in BANDS_PERCENT
    )
    ask_depth_0_1, ask_depth_0_5, ask_depth_1, ask_depth_2, ask_depth_4 = (
        models.FloatField(null=True) for _ in BANDS_PERCENT
    )
    bid_coverage_0_1, bid_coverage_0_5, bid_coverage_1, bid_coverage_2, bid_coverage_4 = (
        RealField(null=True, help_text="Share of the band that the known book covers.") for _ in BANDS_PERCENT
    )
    ask_coverage_0_1, ask_coverage_0_5, ask_coverage_1, ask_coverage_2, ask_coverage_4 = (
        RealField(null=True) for _ in BANDS_PERCENT
    )

    class Meta:
        ordering = ("-minute", "venue", "symbol")
        constraints = [models.UniqueConstraint(fields=["venue", "symbol", "minute"], name="bookminute_once")]
        indexes = [models.Index(fields=["minute"], name="bookminute_minute")]
        verbose_name = "minute row"

    def __str__(self) -> str:
        return f"{self.venue}:{self.symbol} {self.minute:%Y-%m-%d %H:%M}"


class WhaleOrder(models.Model):
    """A new or grown level of an unusual size. Prices in the quote asset, sizes in the base asset."""

    venue = models.TextField()
    symbol = models.TextField(help_text="As in the venue's stream.")
    at = models.DateTimeField(help_text="Exchange time of the update that placed it.")
    is_bid = models.BooleanField()
    price = models.FloatField()
    size = models.FloatField(help_text="The added size.")
    level_size = models.FloatField(help_text="Size of the level then.")
    mid = models.FloatField()
    distance = RealField(help_text="Distance from the mid, as a share of it.")
    sigmas = RealField(null=True, help_text="Distance of its logarithmic size from the mean, in standard deviations.")
    score = models.SmallIntegerField(help_text="0 to 6.")
    received_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(
        null=True, help_text="When its level was gone or less than half; empty: still open, or the book was lost."
    )
    possible_spoof = models.BooleanField(
        null=True, help_text="Gone within seconds without a trade against it; empty: unknown."
    )

    class Meta:
        ordering = ("-at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["venue", "symbol", "at", "is_bid", "price", "size"], name="whaleorder_once")
        ]
        indexes = [
            models.Index(fields=["-at"], name="whaleorder_at"),
            models.Index(fields=["score", "-at"], name="whaleorder_score"),
        ]
        verbose_name = "whale order"

    def __str__(self) -> str:
        return f"{self.venue}:{self.symbol} {'bid' if self.is_bid else 'ask'} {self.size:g} at {self.price:g}"
