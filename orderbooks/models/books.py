"""What is kept of order books: a row per pair and minute, and the whale orders. Partitioned by day, without events."""

from __future__ import annotations

from typing import Any

from django.db import models

from orderbooks.records import BANDS_PERCENT


class RealField(models.FloatField):
    """Seven digits are enough for shares, at half the size."""

    def db_type(self, connection: Any) -> str:
        return "real"


class BookMinute(models.Model):
    """One minute of one book, as it stood at the minute's end by exchange time; empty where nothing true is known.

    Prices in the quote asset, sizes in the base asset, depth in the quote asset. Written by COPY
    (`orderbooks.storage.writer`), never by `save`.
    """

    venue = models.TextField()
    symbol = models.TextField(help_text="As the venue's stream writes it.")
    minute = models.DateTimeField(help_text="Its start.")
    partial = models.BooleanField(help_text="Out of sync within the minute, or the minute was not seen whole.")
    mid = models.FloatField(null=True)
    best_bid = models.FloatField(null=True)
    best_bid_size = models.FloatField(null=True)
    best_ask = models.FloatField(null=True)
    best_ask_size = models.FloatField(null=True)
    spread = models.FloatField(null=True, help_text="Best ask less best bid, in the quote asset.")
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
        RealField(null=True, help_text="Which part of the band the known book reaches.") for _ in BANDS_PERCENT
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
    symbol = models.TextField(help_text="As the venue's stream writes it.")
    at = models.DateTimeField(help_text="Exchange time of the update that brought it.")
    is_bid = models.BooleanField()
    price = models.FloatField()
    size = models.FloatField(help_text="What was added.")
    level_size = models.FloatField(help_text="What stood there then.")
    mid = models.FloatField()
    distance = RealField(help_text="From the mid, as a share of it.")
    sigmas = RealField(null=True, help_text="Distance of its logarithmic size from the mean, in standard deviations.")
    score = models.SmallIntegerField(help_text="0 to 6.")
    received_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(
        null=True, help_text="When its level was gone or less than half; empty: stands, or the book was lost."
    )
    possible_spoof = models.BooleanField(
        null=True, help_text="Gone within seconds though nobody traded against it; empty: cannot be told."
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
