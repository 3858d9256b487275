"""The stored volumes: minutes, and the coarser bars of the time before them.

Rows are written by COPY (`trades.storage`), never by `save`. Minutes and five-minute bars are partitioned by day.
Volumes are in the quote currency, exact. `instrument_id` is a `TradedInstrument` without a constraint, which would be
looked up for each row.
"""

from __future__ import annotations

from typing import Any

from django.db import models


class ExactField(models.DecimalField):
    """PostgreSQL's `numeric` without a scale: every digit that a venue writes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "max_digits": None, "decimal_places": None})

    def db_type(self, connection: Any) -> str:
        return "numeric"

    def check(self, **_options: Any) -> list[Any]:
        # Django's own check asks for the scale.
        return []


class MinuteBar(models.Model):
    """One minute of trades of one instrument, as `trades.records.TradeMinute` describes it."""

    pk = models.CompositePrimaryKey("instrument_id", "minute")
    instrument_id = models.IntegerField()
    minute = models.DateTimeField(help_text="Start of the minute, by the exchange's clock.")
    open = ExactField(null=True)
    high = ExactField(null=True)
    low = ExactField(null=True)
    close = ExactField(null=True)
    n_trades = models.IntegerField(null=True, help_text="Raw trades; empty where the venue's candles do not tell.")
    n_buys = models.IntegerField(null=True, help_text="Those whose taker bought; empty where that is unknown.")
    volume = ExactField()
    buy_volume = ExactField(null=True)
    complete = models.BooleanField(help_text="No trade since the row before was missed.")
    source = models.TextField(help_text="stream, kline or mixed.")
    first_id = models.BigIntegerField(null=True)
    last_id = models.BigIntegerField(null=True)
    revision = models.SmallIntegerField()

    class Meta:
        ordering = ("-minute", "instrument_id")
        verbose_name = "minute of trades"

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.minute:%Y-%m-%d %H:%M}"


class _Bar(models.Model):
    pk = models.CompositePrimaryKey("instrument_id", "open_at")
    instrument_id = models.IntegerField()
    open_at = models.DateTimeField(help_text="Its start, by the exchange's clock.")
    open = ExactField()
    high = ExactField()
    low = ExactField()
    close = ExactField()
    n_trades = models.IntegerField(null=True)
    volume = ExactField()
    buy_volume = ExactField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.open_at:%Y-%m-%d %H:%M}"


class FiveMinuteBar(_Bar):
    """Five minutes of one instrument, as its venue counted them."""

    class Meta:
        ordering = ("-open_at", "instrument_id")
        verbose_name = "five-minute bar"


class HourBar(_Bar):
    """An hour of one instrument, as its venue counted it."""

    class Meta:
        ordering = ("-open_at", "instrument_id")
        verbose_name = "hourly bar"
